"""The errors of the package and the findings that they carry.

Lowest layer. A finding is a value: a place, what was found, what was expected and what to do next. An error carries
findings and the exit status that the command line ends with. Whatever raises one has written nothing that it does not
name.

    ThesisvaultError          70  base of all others; one that reaches the command line is a bug
    ├── UsageError             2  wrong words on the command line, or a folder that is not a workspace
    ├── DefinitionError        2  YAML, expressions or templates that cannot be used
    ├── BlockError             2  something typed in a definition that cannot be filled, before its place is known
    ├── NoDataError            3  no stored prices and none to be had
    ├── DiskError             74  a file or folder that cannot be read or written
    ├── LockedError           75  another run holds the workspace
    └── TimeOverError        124  a run took longer than the settings allow

Layers above keep errors of their own below the base, such as those of expressions and of providers.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

Level = Literal["error", "warning", "info"]
Strict = Literal["stale", "contradicted", "quarantine", "edits", "links"]
STRICT: tuple[Strict, ...] = get_args(Strict)
"""What a run can be asked to be strict about."""


MOST_SHOWN = 1_000
"""The longest problem, and the longest hint, in characters; of a longer one the middle, or the end, is left out."""
_HALF = MOST_SHOWN // 2


@dataclass(frozen=True, order=True)
class Place:
    """A path relative to the workspace, with line and column counted from 1 (0: unknown)."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True)
class Finding:
    """One thing to know or to fix.

    Attributes:
        problem: What was found and what was expected, one sentence or two, starting with what was found.
        place: Where, if it has a place.
        hint: The next step, as a sentence of its own.
        level: `error` stops a stage, `warning` needs a look, `info` is only reported.
        code: A stable slug for programs, such as `unknown-ticker`.
        subject: What it is about, by which a later run knows it again though figures in its text have moved: a ticker,
            a claim. Left out, its text.
        alike: What it has in common with others, as it follows their count: `series end early`. Empty: it stands alone.
        short: How it is named among those alike, such as `WALCL (24 Dec 2025)`.
    """

    problem: str
    place: Place | None = None
    hint: str = ""
    level: Level = "error"
    code: str = ""
    subject: str = ""
    alike: str = ""
    short: str = ""

    def __post_init__(self) -> None:
        for name in ("problem", "hint", "subject", "alike", "short"):
            if type(text := getattr(self, name)) is not str:  # one that knows its place would hold its whole file
                object.__setattr__(self, name, str(text))
        if len(self.problem) > MOST_SHOWN:
            object.__setattr__(self, "problem", f"{self.problem[:_HALF]} … {self.problem[-_HALF:]}")
        if len(self.hint) > MOST_SHOWN:
            object.__setattr__(self, "hint", f"{self.hint[:_HALF]} …")

    def __str__(self) -> str:
        text = f"{self.place}: {self.problem}" if self.place else self.problem
        return f"{text} {self.hint}".rstrip()

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """Orders findings as a reader meets them: by file, line, column and text."""
        where = self.place or Place("")
        return (where.path, where.line, where.column, self.problem)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Finding:
        """Return a finding that was kept as JSON by `structs.as_plain`.

        Raises:
            TypeError, KeyError: It is something else.
        """
        place = kept["place"]
        return cls(**{**kept, "place": None if place is None else Place(**place)})

    def as_json(self) -> dict[str, str | int | None]:
        """Return it as answers for programs have it; see `runs.answers`."""
        return {
            "level": self.level,
            "code": self.code,
            "path": self.place.path if self.place else None,
            "line": self.place.line if self.place else None,
            "column": self.place.column if self.place else None,
            "problem": self.problem,
            "hint": self.hint,
        }

    def at(self, place: Place) -> Finding:
        """Return the same finding at another place."""
        return replace(self, place=place)


DEBUG = "THESISVAULT_DEBUG"
"""The variable of the environment under which no fault of ours is turned into a sentence."""


class ThesisvaultError(Exception):
    """Base of all errors that this package raises; their texts can be shown as they are.

    Args:
        findings: What is wrong; a bare string becomes a finding without a place.
        hint: The next step, used with a bare string.
    """

    exit_status: ClassVar[int] = 70

    def __init__(self, findings: Finding | str | Iterable[Finding], hint: str = "") -> None:
        if isinstance(findings, str):
            findings = Finding(findings, hint=hint)
        self.findings: tuple[Finding, ...] = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


class UsageError(ThesisvaultError):
    """Wrong words on the command line, or a folder that is not a workspace."""

    exit_status = 2


class DefinitionError(ThesisvaultError):
    """Definitions, expressions or templates that cannot be used; nothing was written."""

    exit_status = 2


class NoDataError(ThesisvaultError):
    """No stored prices for what is asked, and none to be had."""

    exit_status = 3


class DiskError(ThesisvaultError):
    """A file or folder that cannot be read or written."""

    exit_status = 74


class LockedError(ThesisvaultError):
    """Another run holds the workspace."""

    exit_status = 75


class TimeOverError(ThesisvaultError):
    """A run took longer than the settings allow, and was ended."""

    exit_status = 124


_MOST_MEANT = 100
"""A longer word is no slip of a known one, and comparing it with all of them takes too long."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word closest to a misspelt one, or None if none is close.

    >>> nearest("XLUU", ["XLU", "SPY"])
    'XLU'
    >>> nearest("sorces", ["sources", "sections"])
    'sources'
    >>> nearest("zzz", ["XLU"]) is None
    True
    """
    if len(word) > _MOST_MEANT:
        return None
    options = sorted(set(known))
    folded: dict[str, str] = {}
    for option in options:
        folded.setdefault(option.casefold(), option)
    if word.casefold() in folded:
        return folded[word.casefold()]
    hits = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[hits[0]] if hits else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `Did you mean "XLU"?`, or an empty text.

    >>> did_you_mean("XLUU", ["XLU"])
    'Did you mean "XLU"?'
    """
    hit = nearest(word, known)
    return f'Did you mean "{hit}"?' if hit else ""
