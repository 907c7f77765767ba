"""Levels of several series at once: on common sessions, over a window, and how far back they reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct

from thesisvault.analytics.bounds import MONTH_DAYS, Ints, Pace, bound, day_of, number_of, why_unknown
from thesisvault.analytics.kernels import Floats
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import say
from thesisvault.charts.specs import Values
from thesisvault.errors import ThesisvaultError
from thesisvault.language.evaluate import Scope
from thesisvault.language.text import Text
from thesisvault.language.tracks.calendars import Timed
from thesisvault.language.tracks.joining import meet
from thesisvault.market.records import SeriesView
from thesisvault.scalars import Window
from thesisvault.structs import replace

_BASES = {"total": "total return", "price": "price return", "value": "value"}


class Unavailable(ThesisvaultError):  # noqa: N818 - it reads as what happened
    """Something cannot be drawn or computed from the stored data; its text says why."""


class Levels(Struct, frozen=True, eq=False):
    """Levels of several series on their common sessions.

    Attributes:
        days: Day numbers of the sessions, counted from 1970-01-01, ascending.
        columns: The values of each series on them, by its name.
        period_days: Days between two values of the slowest: 1 daily, 7 weekly, 31 monthly.
    """

    days: Ints
    columns: Mapping[str, Floats]
    period_days: int = 1

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    def drawn(self, name: str) -> Values:
        """Return the values of one series as a chart takes them."""
        return Values(name, self.days, self.columns[name])

    @property
    def first(self) -> dt.date:
        """The first session."""
        return day_of(int(self.days[0]))

    @property
    def last(self) -> dt.date:
        """The last session."""
        return day_of(int(self.days[-1]))

    def rows(self, which: slice | Ints) -> Levels:
        """Return some of the sessions."""
        return replace(self, days=self.days[which], columns={name: of[which] for name, of in self.columns.items()})


def levels(names: Sequence[str], context: Context) -> tuple[Levels, str]:
    """Return levels of several names on their common sessions, and the kind of return they are.

    Beside a macro series they are those of its weeks, months or quarters.

    Raises:
        Unavailable: One of them has no prices, or they have no common session.
    """
    views: dict[str, SeriesView] = {}
    for name in names:
        view = context.series(name)
        if isinstance(view, str):
            raise Unavailable(view)
        views[name] = view
    found = _met(views, context.scope)
    if not len(found.days):
        raise Unavailable(f"{', '.join(names)} have no common session")
    return found, " and ".join(dict.fromkeys(_BASES[view.basis] for view in views.values()))


def _met(views: Mapping[str, SeriesView], scope: Scope) -> Levels:
    calendars = scope.memory.calendars
    timed = []
    for view in views.values():
        known = calendars.of(view.levels.days)
        of = known if view.observed is None else calendars.of(view.observed)
        timed.append(Timed(known, of, Pace(view.period_days)))
    # A week is drawn at its publication, as prices beside it are spoken of; a month or a quarter is long over by then.
    period = max(view.period_days for view in views.values())
    of_months = period >= MONTH_DAYS
    when, rows = meet(timed, calendars, at_the_end=of_months)
    assert when is not None  # noqa: S101 - there is at least one name
    columns = {
        name: view.levels.values if own is None else view.levels.values[own]
        for (name, view), own in zip(views.items(), rows, strict=True)
    }
    found = Levels((when.dated if of_months else when.calendar).days, columns, period)
    known_rows = np.flatnonzero(~np.isnan(np.column_stack([*columns.values()])).any(axis=1))
    return found if len(known_rows) == len(found.days) else found.rows(known_rows)


def sliced(found: Levels, window: Window, context: Context) -> Levels:
    """Return the rows of a window seen from its last session, the base row first.

    Raises:
        Unavailable: The window is not covered, or holds a single session.
    """
    days, names = found.days, ", ".join(found.columns)
    if not len(days):
        raise Unavailable(f"{names}: nothing is known")
    pace, row = Pace(found.period_days, number_of(context.as_of)), len(days) - 1
    base, end = bound(days, row, window, pace)
    if base < 0:
        raise Unavailable(f"{names}: {why_unknown(days, row, window, pace)}")
    if base == end:
        raise Unavailable(f"{names}: nothing follows {day_of(int(days[base]))}, the first session of {window.label}")
    return found.rows(slice(base, end + 1))


def above_zero(found: Levels) -> Levels:
    """Return the same levels, from which returns can be made.

    Raises:
        Unavailable: A level is zero or less, as a rate may be.
    """
    for name, values in found.columns.items():
        row = int(values.argmin())
        if (low := values[row]) <= 0:
            day = day_of(int(found.days[row]))
            raise Unavailable(f"{name} is {low:g} on {day}, and a return needs levels above zero")
    return found


def begins(names: Sequence[str], window: Window, context: Context, before: int = 0) -> dt.date | None:
    """Return the first session of several names over a window, or one that many sessions earlier.

    None where the window is not covered, and where no series has anything to say about its early history.
    """
    if not early_notes(names, dt.date.min, context):
        return None
    try:
        whole, _ = levels(names, context)
        shown = sliced(whole, window, context)
    except Unavailable:
        return None
    first = int(whole.days.searchsorted(shown.days[0])) - before
    return day_of(int(whole.days[max(first, 0)]))


def early_notes(names: Iterable[str], begin: dt.date | None, context: Context) -> list[str]:
    """Return what a reader must know of series that are shown from a day on: borrowed or thinner history."""
    views = [view for name in names if not isinstance(view := context.series(name), str)]
    return [text for view in views for until, text in view.early if begin is not None and begin < until]


def note_line(notes: Iterable[str]) -> tuple[Text, ...]:
    """Return notes as one small line, each once, or nothing."""
    words = "; ".join(dict.fromkeys(notes))
    return (say(f"{words}.", emphasis=True),) if words else ()
