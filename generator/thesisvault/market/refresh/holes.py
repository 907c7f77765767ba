"""Sessions of the last months of which a series has no bar, so that they are asked for again."""

from __future__ import annotations

import datetime as dt

from thesisvault.market.bars import day_number, number_day
from thesisvault.market.records import Instrument
from thesisvault.market.sessions import Sessions
from thesisvault.market.store.entries import Feed
from thesisvault.market.store.store import Store

REACH = dt.timedelta(days=90)
"""A source that has not filled a hole after so long is not going to."""


def first_hole(store: Store, sessions: Sessions, instrument: Instrument, feed: Feed) -> dt.date | None:
    """Return the first session of the last months without a bar though there are bars before and after it, or None."""
    if instrument.kind == "macro" or instrument.frequency != "daily":
        return None
    start = max(feed.first, feed.last - REACH)
    days, _ = store.closes(feed.name, feed.basis, start)
    known = [day for day in days if day >= day_number(start)]
    before = [day for day in days if day < day_number(start)][-1:]
    holes = [day for day in sessions.without_bar(instrument.exchange, before + known) if day >= day_number(start)]
    return number_day(holes[0]) if holes else None
