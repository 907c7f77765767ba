"""Levels of several series at once: on common sessions, over a window, and how far back they reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from thesisvault.analytics.bounds import MONTH_DAYS, Pace
from thesisvault.analytics.windows import spans
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import say
from thesisvault.errors import ThesisvaultError
from thesisvault.language.evaluate import Scope
from thesisvault.language.text import Text
from thesisvault.language.tracks.calendars import Timed
from thesisvault.language.tracks.joining import meet
from thesisvault.market.records import SeriesView
from thesisvault.scalars import Window

if TYPE_CHECKING:
    import pandas as pd

_DAY = "datetime64[D]"
_BASES = {"total": "total return", "price": "price return", "value": "value"}


class Unavailable(ThesisvaultError):  # noqa: N818 - it reads as what happened
    """Something cannot be drawn or computed from the stored data; its text says why."""


def levels(names: Sequence[str], context: Context) -> tuple[pd.DataFrame, str]:
    """Return levels of several names on their common sessions, one column per name, and the kind of return they are.

    Beside a macro series they are those of its weeks, months or quarters.

    Raises:
        Unavailable: One of them has no prices, or they have no common session.
    """
    import pandas as pd

    views = []
    for name in names:
        view = context.series(name)
        if isinstance(view, str):
            raise Unavailable(view)
        views.append(view)
    period = max((view.period_days for view in views), default=1)
    if period == 1:
        frame = pd.concat({name: view.level for name, view in zip(names, views, strict=True)}, axis=1, join="inner")
    else:
        frame = _by_period(names, views, context.scope)
    frame = frame.dropna()
    if frame.empty:
        raise Unavailable(f"{', '.join(names)} have no common session")
    frame.attrs["period_days"] = period
    return frame, " and ".join(dict.fromkeys(_BASES[view.basis] for view in views))


def _by_period(names: Sequence[str], views: Sequence[SeriesView], scope: Scope) -> pd.DataFrame:
    import pandas as pd

    calendars = scope.memory.calendars
    timed = []
    for view in views:
        known = calendars.of(view.levels.days)
        of = known if view.observed is None else scope.calendar_of(view.observed)
        timed.append(Timed(known, of, Pace(view.period_days)))
    # A week is drawn at its publication, as prices beside it are spoken of; a month or a quarter is long over by then.
    of_months = max(view.period_days for view in views) >= MONTH_DAYS
    when, rows = meet(timed, calendars, at_the_end=of_months)
    assert when is not None  # noqa: S101 - there is at least one name
    values = [
        view.levels.values if own is None else view.levels.values[own] for view, own in zip(views, rows, strict=True)
    ]
    index = pd.DatetimeIndex((when.dated if of_months else when.calendar).days.astype(_DAY).astype("datetime64[ns]"))
    return pd.DataFrame(dict(zip(names, values, strict=True)), index=index)


def sliced(frame: pd.DataFrame, window: Window, context: Context) -> pd.DataFrame:
    """Return the rows of a window seen from its last session, the base row first.

    Raises:
        Unavailable: The window is not covered, or holds a single session.
    """
    import pandas as pd

    index, names = frame.index, ", ".join(map(str, frame.columns))
    if frame.empty:
        raise Unavailable(f"{names}: nothing is known")
    assert isinstance(index, pd.DatetimeIndex)  # noqa: S101 - series of the market
    found = spans(index, window, frame.attrs.get("period_days", 1), context.as_of)
    base, end = int(found.base[-1]), int(found.end[-1])
    if base < 0:
        raise Unavailable(f"{names}: {found.reason}")
    if base == end:
        raise Unavailable(f"{names}: nothing follows {index[base].date()}, the first session of {window.label}")
    return frame.iloc[base : end + 1]


def above_zero(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the same levels, from which returns can be made.

    Raises:
        Unavailable: A level is zero or less, as a rate may be.
    """
    for name in frame.columns:
        if (low := frame[name].min()) <= 0:
            day: dt.date = frame.index[int(frame[name].argmin())].date()
            raise Unavailable(f"{name} is {low:g} on {day}, and a return needs levels above zero")
    return frame


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
    first = int(whole.index.searchsorted(shown.index[0])) - before
    day: dt.date = whole.index[max(first, 0)].date()
    return day


def early_notes(names: Iterable[str], begin: dt.date | None, context: Context) -> list[str]:
    """Return what a reader must know of series that are shown from a day on: borrowed or thinner history."""
    views = [view for name in names if not isinstance(view := context.series(name), str)]
    return [text for view in views for until, text in view.early if begin is not None and begin < until]


def note_line(notes: Iterable[str]) -> tuple[Text, ...]:
    """Return notes as one small line, each once, or nothing."""
    words = "; ".join(dict.fromkeys(notes))
    return (say(f"{words}.", emphasis=True),) if words else ()
