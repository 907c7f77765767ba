"""What a block may see while it is filled: its scope, its own definition, and the library of the others.

The definitions layer lies above this one, so what a definition offers to blocks is stated here as protocols.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Protocol

from msgspec import Struct, field

from thesisvault.errors import Finding, ThesisvaultError
from thesisvault.language import kinds
from thesisvault.language.evaluate import Scope
from thesisvault.language.parse import ExpressionError
from thesisvault.language.text import Figure, Text
from thesisvault.language.tracks.track import Track
from thesisvault.language.values import Number
from thesisvault.market.reading.market import MissingSeries, UnknownName
from thesisvault.market.records import SeriesView, plain_name
from thesisvault.patterns import regex
from thesisvault.scalars import SINCE_OPENED, Window, parse_window
from thesisvault.structs import replace
from thesisvault.written import place_of

_SERIES_IN = regex(r"(?<![\w^])[\w^][\w.=^-]*(?=:| ends)")
"""What may be a series in the reason for a missing number: `WALCL ends ...`, `TUR: no prices ...`."""


class BlockError(ThesisvaultError):
    """Something typed in a definition that cannot be filled.

    Attributes:
        problem: What was found and what was expected.
        text: The text it stands in, by which its place is found again.
        nth: Which `{{` of the text, from 0.
    """

    exit_status = 2

    def __init__(self, problem: str, text: str, nth: int = 0) -> None:
        super().__init__(Finding(problem, place_of(text, nth if "{{" in text else None), code="expression"))
        self.problem, self.text, self.nth = problem, text, nth


class Definition(Protocol):
    """What a thesis or concept offers to blocks, besides the fields of its model."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def model(self) -> Any:
        """What was written: title, status, summary, drivers, scenarios, signals, claims, updates, sources."""

    @property
    def names(self) -> Mapping[str, str]:
        """`buy`, `sell`, `benchmark` and `over`, as far as it has them."""

    def side_name(self, side: str) -> str:
        """Return the name of a side in words, or an empty text."""


class Library(Protocol):
    """What all definitions together offer to blocks."""

    @property
    def definitions(self) -> Mapping[str, Any]:
        """Theses and concepts by id."""

    @property
    def episodes(self) -> Mapping[str, Any]:
        """Historical rotations by id."""

    @property
    def labels(self) -> Mapping[str, str]:
        """How each series is called in tables."""

    @property
    def shorts(self) -> Mapping[str, str]:
        """Short names for crowded charts."""

    @property
    def baskets(self) -> Mapping[str, Any]:
        """Own indices by id."""

    def episode_names(self, episode: str) -> Mapping[str, str]:
        """Return what `buy`, `sell` and `over` stand for in an episode."""

    def members(self, basket: str) -> tuple[str, ...]:
        """Return the tickers of a basket, or an empty tuple."""


class Context(Struct, frozen=True):
    """What a block may see.

    Attributes:
        scope: Expressions on the market up to the note's last day.
        library: The other definitions.
        definition: Its own definition, if it stands in a thesis or concept.
        taken: File names of charts in this note, so that each is used once.
        called: How `buy` and `sell` are called in words, where the definition does not say it.
    """

    scope: Scope
    library: Library
    owner: str
    definition: Any = None
    taken: dict[str, str] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_of(self) -> dt.date:
        """The last day of the market that is seen."""
        return self.scope.market.as_of

    def frozen(self, day: dt.date) -> Context:
        """Return the context as it was on an earlier day."""
        return self if day >= self.as_of else replace(self, scope=self.scope.frozen(self.scope.market.until(day)))

    def for_definition(self, definition: Definition) -> Context:
        """Return the context with the names of another definition: `buy`, `sell`, `benchmark`, `over`."""
        kept = {name: of for name, of in self.scope.names.items() if name not in ("buy", "sell", SINCE_OPENED)}
        return replace(
            self,
            scope=replace(self.scope, names={**kept, **definition.names}),
            definition=definition,
            called={},
        )

    def where(self, **names: str) -> Context:
        """Return the context with further names, such as `row` and `column`."""
        return replace(self, scope=self.scope.where(**names))

    def named(self, reason: str) -> str:
        """Return why something is not known with the short names of series in place of their ids."""

        def named(found: re.Match[str]) -> str:
            short = self.short(found[0])
            return found[0] if reason[: found.end()].endswith(short) else short

        return _SERIES_IN.sub(named, reason)

    def label(self, name: str) -> str:
        """Return how a series is called in a table or at the end of a line."""
        name = plain_name(name)
        return self.library.labels.get(name, name)

    def short(self, name: str) -> str:
        """Return the short name of a series, for crowded charts."""
        return self.library.shorts.get(plain_name(name)) or self.label(name)

    # Expressions, with the text they stand in kept for messages -------------------------------------------------

    def text(self, source: str) -> Text:
        """Return a person's text with its live expressions filled in."""
        try:
            return self.scope.text(source)
        except ExpressionError as problem:
            raise BlockError(problem.problem, source, problem.nth) from None

    def figure(self, source: str) -> Figure:
        """Return the newest value of an expression, formatted by its filter or its kind."""
        try:
            return self.scope.figure(source)
        except ExpressionError as problem:
            raise BlockError(problem.problem, source) from None

    def value(self, source: str) -> Track:
        """Return what an expression is worth at every session."""
        try:
            return self.scope.value(source)
        except ExpressionError as problem:
            raise BlockError(problem.problem, source) from None

    def condition(self, source: str) -> Track:
        """Return a condition with its whole history."""
        try:
            return self.scope.condition(source)
        except ExpressionError as problem:
            raise BlockError(problem.problem, source) from None

    def number(self, source: str) -> Number:
        """Return the newest value of an expression."""
        try:
            return self.scope.number(source)
        except ExpressionError as problem:
            raise BlockError(problem.problem, source) from None

    def call(self, function: str, *args: str) -> Figure:
        """Return the figure of a function of names and windows, such as `call("ret", "XLE", "ytd")`."""
        quoted = ", ".join(f"'{arg}'" for arg in args)
        try:
            return self.scope.figure(f"{function}({quoted})")
        except ExpressionError as problem:
            written = [arg for arg in args if place_of(arg)]
            to_blame = [arg for arg in written if re.search(rf"(?<!\w){re.escape(arg)}(?!\w)", problem.problem)]
            raise BlockError(problem.problem, next(iter(to_blame + written), f"{function}({quoted})")) from None

    # Series ------------------------------------------------------------------------------------------------------

    def resolve(self, name: str) -> str:
        """Return the series behind a name: `buy` and `sell` stand for the sides of the definition."""
        return self.scope.names.get(name, name)

    def is_rate(self, name: str) -> bool:
        """Return whether a series is a rate in per cent, such as a yield, which changes by points and has no return."""
        return self.scope.nature(self.resolve(name)).level == kinds.RATE

    def series(self, name: str) -> SeriesView | str:
        """Return a series, or the reason why there is none."""
        try:
            return self.scope.market.series(self.resolve(name))
        except (MissingSeries, UnknownName) as problem:
            return str(problem)

    def window(self, window: Window) -> Window:
        """Return a window as it is here: `since opened` by the day on which the thesis was opened.

        Raises:
            BlockError: There is no thesis, or it does not say when.
        """
        if window.kind != "opened":
            return window
        try:
            return parse_window(self.scope.opened())
        except ExpressionError as problem:
            raise BlockError(problem.problem, window.text) from None

    @property
    def main_window(self) -> Window:
        """The window of the definition, the running year where it has none."""
        over = self.scope.names.get("over", "ytd")
        life = self.life
        return life if life and over == self.scope.names.get(SINCE_OPENED) else parse_window(over)

    @property
    def life(self) -> Window | None:
        """The window since the definition was opened, see `Scope.opened`; None if it does not say when."""
        return parse_window(self.scope.opened()) if self.scope.names.get(SINCE_OPENED) else None
