"""The clock: whether the moment of a run can be believed, which decides what sessions are over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from thesisvault.errors import Finding
from thesisvault.market.store.store import Store
from thesisvault.runs.news import read_said
from thesisvault.session import Session
from thesisvault.words import day_in_words

_FAR = dt.timedelta(days=45)
_AHEAD = dt.timedelta(days=1)
"""The day in the east is so far ahead of the one in Greenwich."""


def doubts(session: Session, store: Store, as_of: dt.date | None) -> Iterator[Finding]:
    """Yield what speaks against the clock; nothing where the last day of data was given and no clock is asked.

    Args:
        session: The run.
        store: Whose newest price the clock must not precede; macro series may hold forecasts.
        as_of: The last day of data as given on the command line.
    """
    if as_of or session.settings.as_of:
        return
    today = session.now.date()
    said = f"the clock says {day_in_words(today)}"
    instruments, _ = session.library.records
    prices = [name for name, each in instruments.items() if each.kind != "macro"]
    stored = ((feed.last, name) for name, feeds in store.feeds(prices).items() for feed in feeds.values())
    newest, name = max(stored, default=(dt.date.min, ""))
    ran = read_said(session.workspace.cache).ran
    if newest > today + _AHEAD:
        problem = f"{said}, before the newest stored bar: {name} of {day_in_words(newest)}."
        hint = f"Set the clock, or look at the bar: thesisvault prices {name}"
    elif ran is not None and ran.date() > today + _AHEAD:
        problem, hint = f"{said}, before the last run on {day_in_words(ran.date())}.", "Set the clock if it is wrong."
    elif ran is not None and session.now - ran > _FAR:
        days = (session.now - ran).days
        problem = f"{said}, {days} days after the last run on {day_in_words(ran.date())}."
        hint = "Set the clock if it is wrong."
    else:
        return
    yield Finding(problem, hint=hint, level="warning", code="clock")
