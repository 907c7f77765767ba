"""What the parts of an expression see: a market up to one day, names, and all that was worked out before."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TypeGuard

import numpy as np
from msgspec import Struct, field

from thesisvault.analytics.bounds import Mode, Pace, number_of
from thesisvault.analytics.kernels import Kernel
from thesisvault.analytics.single import One
from thesisvault.language import kinds
from thesisvault.language.kinds import Typed
from thesisvault.language.natures import OF_BASKET, Nature, converted_nature, nature_of
from thesisvault.language.parse import ExpressionError, Node, Plain
from thesisvault.language.tracks.calendars import Calendars
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.joining import joined
from thesisvault.language.tracks.track import Missing, Paired, Stored, Track
from thesisvault.language.tracks.windowed import Kernels, Windowed
from thesisvault.market.line import Line
from thesisvault.market.reading.market import Market, MissingSeries, UnknownName
from thesisvault.market.records import Instrument, SeriesView, plain_name, split_currency
from thesisvault.scalars import Window

MOST_TRACKS = 4_000
"""How many tracks are remembered at once; a build of a thousand notes has fewer."""
MOST_TRACK_BYTES = 150_000_000
"""How much their values at all sessions may take."""
_EACH = 64


class Tracks(dict[object, Track]):
    """What calls and series are worth, as far as it is remembered: the oldest is forgotten, and worked out anew."""

    def __setitem__(self, key: object, track: Track) -> None:
        super().__setitem__(key, track)
        if len(self) % _EACH == 0 and (len(self) > MOST_TRACKS or self._bytes() > MOST_TRACK_BYTES):
            for old in list(self)[: len(self) // 2]:
                del self[old]

    def _bytes(self) -> int:
        return sum(each.size for each in self.values())


class Memory(Struct, eq=False):
    """What all expressions on one store share; nothing is worked out twice.

    Attributes:
        calendars: The sessions of all series.
        tracks: What calls and series are worth, by last day, expression and names.
        markets: The market on earlier days.
        natures: What each series has, by last day and name; equal ones are the same object in `alike`.
        typed: The kinds of calls that name series, by the call and what the series have.
    """

    calendars: Calendars = field(default_factory=Calendars)
    tracks: Tracks = field(default_factory=Tracks)
    markets: dict[dt.date, Market] = field(default_factory=dict)
    natures: dict[tuple[dt.date, str], Nature] = field(default_factory=dict)
    alike: dict[Nature, Nature] = field(default_factory=dict)
    typed: dict[object, Typed] = field(default_factory=dict)


class Seen(ABC):
    """A market up to its last day, and what names stand for."""

    market: Market
    universes: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    memory: Memory

    @abstractmethod
    def track(self, node: Node) -> Track:
        """Return what an expression is worth over time."""

    @abstractmethod
    def on(self, market: Market) -> Seen:
        """Return the same names on another day's market."""

    @abstractmethod
    def plain(self, node: Node) -> Plain:
        """Return a constant, or the text behind a name; None for anything else."""

    def until(self, day: dt.date) -> Market:
        """Return the market on an earlier day."""
        known = self.memory.markets
        if day not in known:
            known[day] = self.market.until(day)
        return known[day]

    # Series ------------------------------------------------------------------------------------------------------

    def view(self, name: str) -> SeriesView | str:
        """Return a series of the market, or why there is none.

        Raises:
            ExpressionError: Nothing of that name is defined.
        """
        try:
            return self.market.series(name)
        except MissingSeries as problem:
            return str(problem)
        except UnknownName as problem:
            raise ExpressionError(str(problem)) from None

    def nature(self, name: str) -> Nature:
        """Return what a series or a universe has: by its stored bars, else by its definition."""
        key = (self.market.as_of, name)
        found = self.memory.natures.get(key)
        if found is None:
            new = self._nature(name)
            # Equal ones are the same object, by which what follows from them is kept.
            found = self.memory.natures[key] = self.memory.alike.setdefault(new, new)
        return found

    def _nature(self, name: str) -> Nature:
        if name in self.universes:
            return Nature(kinds.price(), kinds.LEVEL)
        view = self.view(name)
        if isinstance(view, str):
            base, currency = split_currency(name)
            head = base.split("|")[0].strip()
            if head in self.market.baskets:
                return OF_BASKET
            instrument = self.market.instruments.get(head) or Instrument(head, head, "stock")
            found = nature_of(instrument.kind, instrument.unit, instrument.currency)
            return converted_nature(found, currency) if currency else found
        found = nature_of("macro" if view.basis == "value" else view.kind, view.unit, view.currency)
        currency = split_currency(self.market.canonical(name))[1]
        return converted_nature(found, currency) if currency else found

    def series(self, name: str, basis: str = "total", *, nearest: bool = False) -> Track:
        """Return a series by its name: total-return levels, or closes for `price`.

        Args:
            name: A ticker, basket, chain or universe.
            basis: What the name means.
            nearest: A basket, which has no closes, and a chain, whose closes are borrowed from no other, mean their
                level also where closes are wanted.
        """
        asked = (self.market.as_of, "series", name, basis, nearest)
        known = self.memory.tracks
        found = known.get(asked)
        if found is None:
            name = self.market.canonical(name)
            key = (self.market.as_of, "series", name, basis, nearest)
            if key not in known:
                universe = name in self.universes
                known[key] = self._universe(name, basis) if universe else self._single(name, basis, nearest)
            found = known[asked] = known[key]
        return found

    def _single(self, name: str, basis: str, nearest: bool) -> Track:
        view, nature, name = self.view(name), self.nature(name), plain_name(name)
        level, close = Typed(nature.level), Typed(nature.close or nature.level)
        if isinstance(view, str):
            return Missing(view, level if basis == "total" else close, Facts(sources=(name,)), name)
        if view.basis == "value":
            return self.stored(view, view.levels, level, "", name)
        level_only = nearest and (view.kind == "basket" or "|" in name)
        if basis == "price" and not level_only:
            if view.closes is None:
                reason = f"{name}: only adjusted closes are known"
                if view.kind == "basket":
                    reason = f"{name}: a basket has no close; show its return"
                return Missing(reason, close, Facts(sources=(name,)), name)
            return self.stored(view, view.closes, close, "price", name)
        return self.stored(view, view.levels, level, view.basis, name)

    def stored(self, view: SeriesView, data: Line, typed: Typed, basis: str, name: str) -> Stored:
        """Return data of a series with its staleness, notes and source."""
        calendar = self.memory.calendars.of(data.days)
        observed = view.observed if view.basis == "value" else None
        dated = calendar if observed is None else self.memory.calendars.of(observed)
        # A basket that ends early does so because of its members, which are named with their own days.
        stale = view.stale_members or (((view.name, dated.day(-1)),) if view.last < view.expected else ())
        facts = Facts(
            stale=stale,
            notes=view.notes,
            sources=(view.name,),
            returns=frozenset({basis} if basis else ()),
            early=view.early,
            currencies=((view.name, view.currency),) if basis and view.basis != "value" and view.currency else (),
        )
        return Stored(
            data.values,
            calendar,
            typed,
            dated=dated,
            pace=Pace(view.period_days, number_of(self.market.over_until(name))),
            facts=facts,
            name=name,
        )

    def _universe(self, name: str, basis: str) -> Track:
        """Return the members of a universe as one column each, from where at least half of them have prices.

        Before that day the few that are old enough would pass for the whole: breadth over 20 of 500 is no breadth.
        Its note says how many have prices, unless all have them to the end.
        """
        members = self.universes[name]
        typed = Typed(kinds.LEVEL if basis == "total" else kinds.price(), wide=True)
        panel = self.market.levels(members) if basis == "total" else self.market.closes(members)
        if not panel.names:
            return Missing(f"no member of {name} has prices", typed, Facts(sources=(name,)), name)
        shown = panel.since(int(panel.first[(len(panel.first) - 1) // 2]))
        late = self._late(members)
        note = f"{name}: {len(panel.names)} of {len(members)} of today's members have prices{late}"
        notes = (note,) if late or len(panel.names) < len(members) else ()
        return Stored(
            shown.values,
            self.memory.calendars.of(shown.days),
            typed,
            pace=Pace(1, number_of(self.market.over_until(name))),
            facts=Facts(notes=notes, sources=(name,), returns=frozenset({basis})),
            name=name,
            columns=panel.names,
            begins=np.where(shown.gap == len(shown.days), shown.first, -1),
        )

    def _late(self, members: Sequence[str]) -> str:
        """Return the words on members that end early, which fall out of the count from then on."""
        late = self.market.late(members)
        if not late:
            return ""
        first, last = min(late.values()), max(late.values())
        when = f"on {first}" if first == last else f"between {first} and {last}"
        s = "s" if len(late) == 1 else ""
        return f", {len(late)} of which end{s} {when} and count{s} no longer"

    def joint(self, left: Track, right: Track, typed: Typed) -> Track:
        """Return two single series side by side on the sessions on which both have a value."""
        key = (self.market.as_of, "joint", id(left), id(right))
        found = self.memory.tracks.get(key)
        if found is None:
            found = self.memory.tracks[key] = _joint(left, right, typed, self.memory.calendars)
        return found

    # Windows -----------------------------------------------------------------------------------------------------

    def windowed(
        self,
        of: Track,
        window: Window,
        kernel: Kernel | Kernels,
        typed: Typed,
        mode: Mode,
        *,
        per_source: bool = False,
        notes: tuple[str, ...] = (),
        shows_base: bool = True,
        otherwise: str = "",
        one: One | None = None,
    ) -> Windowed:
        """Return what each window of a series gives.

        Args:
            of: The series.
            window: The window.
            kernel: The formula, or with `per_source` what gives it for values without gaps.
            typed: The kind of the result.
            mode: Which rows of a window the formula takes.
            per_source: See `kernel`.
            notes: What a reader must know of the function.
            shows_base: The window's base day goes with the number.
            otherwise: Why a value may be unknown although the window is known.
            one: The formula for the values of one window, where there is one.
        """
        give: Kernels = kernel if per_source else lambda _: kernel  # type: ignore[assignment, return-value]
        as_of = number_of(self.market.as_of)
        return Windowed(of, window, give, typed, mode, self.memory.calendars, as_of, notes, shows_base, otherwise, one)


def _joint(left: Track, right: Track, typed: Typed, calendars: Calendars) -> Track:
    if left.timed is None or right.timed is None:
        raise ExpressionError("expected a series, found a constant")
    for side in (left, right):
        if side.is_empty:
            return Missing(side.why(), typed, side.facts, side.name)
    both = joined(left.timed, right.timed, calendars, at_the_end=True)
    calendar, dated, pace = both.when.calendar, both.when.dated, both.when.pace
    name, facts = f"{left.name} and {right.name}", left.facts.and_(right.facts)
    if not len(calendar):
        return Missing(left.why() or right.why() or "no common session", typed, facts, name)
    if _is_whole(left) and _is_whole(right):
        both_rows = both.left, both.right
        return Paired(left, right, both_rows, calendar, typed, dated=dated, pace=pace, facts=facts, name=name)
    one, other = left.whole(), right.whole()
    one = one if both.left is None else one[both.left]
    other = other if both.right is None else other[both.right]
    known = ~(np.isnan(one) | np.isnan(other))
    if not known.all():
        one, other, calendar, dated = (
            one[known],
            other[known],
            calendars.of(calendar.days[known]),
            calendars.of(dated.days[known]),
        )
    if not len(calendar):
        return Missing(left.why() or right.why() or "no common session", typed, facts, name)
    # The sides are kept with it, so that their identities stay unique.
    known_sides = (
        Stored(one, calendar, left.typed, sides=(left,)),
        Stored(other, calendar, right.typed, sides=(right,)),
    )
    return Paired(*known_sides, (None, None), calendar, typed, dated=dated, pace=pace, facts=facts, name=name)


def _is_whole(side: Track) -> TypeGuard[Stored]:
    return isinstance(side, Stored) and not side.gaps
