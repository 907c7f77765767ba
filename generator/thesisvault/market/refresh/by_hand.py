"""Dividends and splits that a person adds or drops; what they change of stored bars is kept in a correction."""

from __future__ import annotations

import datetime as dt

from thesisvault.market.bars import Bars, day_number, number_day, rescaled
from thesisvault.market.records import MarketError
from thesisvault.market.store.entries import Feed
from thesisvault.market.store.store import Store
from thesisvault.structs import replace

_SOURCE = "by hand"
_SHOWN = 3


class Impossible(MarketError):  # noqa: N818 - it reads as what happened
    """What a person wants to add or drop cannot be."""


def add_dividend(store: Store, name: str, day: dt.date, amount: float, reason: str, now: dt.datetime) -> None:
    """Store a dividend, in place of the one of that day.

    Raises:
        Impossible: There are no closes that it could belong to, no bar of that day, or it leaves nothing of the close
            before.
    """
    feed, bars = _stored(store, name)
    if not feed.dividends_known:
        raise Impossible(f"the dividends of {name} are not known, so one of them would be taken for all")
    if not feed.first < day <= feed.last:
        raise Impossible(f"{day} is not between the second and the last stored day of {name}, which is {feed.last}")
    number = day_number(day)
    if number not in bars.days:
        following = number_day(min(d for d in bars.days if d > number))
        raise Impossible(f"no bar of {name} is stored on {day}; shares trade without a dividend on {following} first")
    before = max((d, c) for d, c in zip(bars.days, bars.close, strict=True) if d < number)[1]
    if amount >= before:
        raise Impossible(f"a dividend of {amount:g} leaves nothing of the close before, {before:.6g}")
    _decide_dividend(store, feed, number, amount, reason, now)


def drop_dividend(store: Store, name: str, day: dt.date, reason: str, now: dt.datetime) -> None:
    """Take a stored dividend away for good.

    Raises:
        Impossible: None is stored on that day.
    """
    feed, bars = _stored(store, name)
    number, paid = day_number(day), dict(bars.dividends or ())
    if number not in paid:
        raise Impossible(f"no dividend of {name} is stored on {day}{_near(number, paid)}")
    _decide_dividend(store, feed, number, 0.0, reason, now)


def add_split(store: Store, name: str, day: dt.date, ratio: float, reason: str, now: dt.datetime) -> None:
    """Store a split that the source does not list, and bring all closes before it on its basis.

    Raises:
        Impossible: One is stored on that day, or no close lies before it.
    """
    feed, bars = _stored(store, name)
    number, splits = day_number(day), dict(bars.splits)
    if number in splits:
        raise Impossible(f"a split of {splits[number]:g} for 1 of {name} is stored on {day} already")
    if not feed.first < day <= now.date():
        raise Impossible(f"{day} does not lie between the first stored day of {name}, {feed.first}, and today")
    _decide_split(store, feed, bars, (number, ratio), ratio, reason, now)


def drop_split(store: Store, name: str, day: dt.date, reason: str, now: dt.datetime) -> None:
    """Take a split away for good, and bring all closes before it back on the basis that they had.

    Raises:
        Impossible: None is stored on that day, and none waits in quarantine.
    """
    feed, bars = _stored(store, name)
    number, splits = day_number(day), dict(bars.splits)
    if number in splits:
        _decide_split(store, feed, bars, (number, 1 / splits[number]), -splits[number], reason, now)
        return
    waiting = {d: ratio for each in store.ledger.quarantined([name]) for d, ratio in each.bars.splits}
    if number not in waiting:
        raise Impossible(f"no split of {name} is stored on {day}{_near(number, splits)}")
    with store.writing():
        store.decisions.decide(name, "split", number, -waiting[number], reason, now)


def _stored(store: Store, name: str) -> tuple[Feed, Bars]:
    feed = store.feeds([name]).get(name, {}).get("split_adjusted")
    bars = store.bars(name, "split_adjusted")
    if feed is None or bars is None:
        raise Impossible(f"no closes of {name} are stored that dividends and splits could belong to")
    return feed, bars


def _near(day: int, known: dict[int, float]) -> str:
    nearest = sorted(sorted(known, key=lambda other: abs(other - day))[:_SHOWN])
    return f"; the nearest are of {', '.join(str(number_day(d)) for d in nearest)}" if nearest else ""


def _decide_dividend(store: Store, feed: Feed, day: int, amount: float, reason: str, now: dt.datetime) -> None:
    paid = Bars((), (), "split_adjusted", dividends=((day, amount),))
    _write(store, feed, paid, f"a dividend was {'added' if amount else 'dropped'}", reason, now)
    with store.writing():
        store.decisions.decide(feed.name, "dividend", day, amount, reason, now)


def _decide_split(
    store: Store, feed: Feed, bars: Bars, applied: tuple[int, float], value: float, reason: str, now: dt.datetime
) -> None:
    day = applied[0]
    changed = replace(rescaled(bars, [applied]), splits=((day, max(value, 0.0)),))
    _write(store, feed, changed, f"a split was {'added' if value > 0 else 'dropped'}", reason, now)
    with store.writing():
        store.decisions.decide(feed.name, "split", day, value, reason, now)


def _write(store: Store, feed: Feed, bars: Bars, what: str, reason: str, now: dt.datetime) -> None:
    with store.writing():
        store.merge(
            feed.name,
            bars,
            source=feed.source if bars.days else _SOURCE,
            fetched=dt.datetime.fromisoformat(feed.fetched) if bars.days else now,
            currency=feed.currency,
            dividends_known=feed.dividends_known,
            reason=f"{what} by hand: {reason}",
        )
