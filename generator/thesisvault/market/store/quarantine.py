"""Settling what is in quarantine: a person takes the bars into history, or drops them for good."""

from __future__ import annotations

import datetime as dt

from thesisvault.market.bars import day_number
from thesisvault.market.records import MarketError
from thesisvault.market.store.ledger import Quarantined
from thesisvault.market.store.store import Store
from thesisvault.structs import replace


class Unsettled(MarketError):  # noqa: N818 - it reads as what happened
    """What is held back cannot be taken as it is."""


def accept(store: Store, waiting: Quarantined, now: dt.datetime) -> None:
    """Store bars that were held back; what they change is kept in a correction.

    Raises:
        Unsettled: They are in another currency than older bars that would stay.
    """
    bars = waiting.bars
    feed = store.feeds([waiting.name]).get(waiting.name, {}).get(bars.basis)
    currency = bars.currency or (feed.currency if feed else "USD")
    if feed is not None and feed.currency != currency and bars.days[0] > day_number(feed.first):
        raise Unsettled(
            f"its bars before {waiting.days[0]} are in {feed.currency}, the new ones in {currency}; one series has one "
            "currency. Give the new one a ticker of its own, or reject the new bars"
        )
    with store.writing():
        store.merge(
            waiting.name,
            bars,
            source=waiting.source,
            fetched=now,
            currency=currency,
            dividends_known=waiting.dividends_known or (feed is not None and feed.dividends_known),
            reason=f"accepted by hand: {waiting.reason}",
        )
        store.confirm(waiting.name, bars.basis, bars.days[-1])
        store.ledger.take_back(waiting)
        store.ledger.release(waiting.name, bars.basis, waiting.source)
        _settled(store, waiting.name)


def reject(store: Store, waiting: Quarantined, now: dt.datetime) -> None:
    """Drop bars that were held back; a source that repeats what is wrong with them is not listened to."""
    with store.writing():
        store.ledger.reject(waiting, now)
        _settled(store, waiting.name)


def _settled(store: Store, name: str) -> None:
    status = store.statuses([name]).get(name)
    # Earlier versions wrote "held".
    if status is not None and status.status in ("quarantined", "held"):
        store.set_status(replace(status, status="", detail=""))
