"""Series continued backwards: by the next link of a chain, or by what was stored under a former name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from thesisvault.analytics.bounds import SLACK_DAYS
from thesisvault.analytics.windows import slack_days
from thesisvault.market.line import Line
from thesisvault.market.reading.series import FullSeries, continued_backwards
from thesisvault.market.records import SeriesView

if TYPE_CHECKING:
    Level = pd.Series[float]

Splits = Sequence[tuple[int, float]]
_ONE_DAY = dt.timedelta(days=1)


def chained(name: str, views: Sequence[SeriesView], absent: Sequence[str]) -> SeriesView:
    """Return a chain as one series: the first link, continued backwards by the returns of the others in their order.

    Args:
        name: The chain as it was asked for.
        views: The links that have values.
        absent: Why each link before the first of `views` has none; empty if it is the chain's own first.
    """
    head = views[0]
    level, observed, borrowed, period = head.level, head.observed, None, head.period_days
    notes, early = list(head.notes), list(head.early)
    if absent:
        borrowed = head.last + _ONE_DAY
        notes.append(f"all of it is {head.name}, as {'; '.join(absent)}")
    for older in views[1:]:
        period = max(period, older.period_days)
        joined, own_from = continued_backwards(
            level, older.level, keep_scale=head.basis != "total", slack=slack_days(period)
        )
        if own_from is None:
            if older.first < level.index[0].date():
                early.append((level.index[0].date(), f"{name}: not continued with {older.name}, for want of a link"))
            continue
        if observed is not None or older.observed is not None:
            known = _days_of(older.level, older.observed)[: len(joined) - len(level)]
            observed = pd.DatetimeIndex(known.append(_days_of(level, observed)))
        level, borrowed = joined, borrowed or own_from
        price = ", price return only" if older.basis == "price" and head.basis == "total" else ""
        foreign = f", in {older.currency}" if older.currency != head.currency and head.basis != "value" else ""
        early.append((own_from, f"{name}: before {own_from} continued with {older.name}{foreign}{price}"))
        early += [*((own_from, note) for note in older.notes), *older.early]
    return replace(
        head,
        name=name,
        levels=Line.of(level),
        first=level.index[0].date(),
        period_days=period if borrowed else head.period_days,
        notes=tuple(dict.fromkeys(notes)),
        early=tuple(dict.fromkeys(early)),
        observed=observed,
    )


def _days_of(level: Level, observed: pd.DatetimeIndex | None) -> pd.DatetimeIndex:
    if observed is not None:
        return observed
    assert isinstance(level.index, pd.DatetimeIndex)  # noqa: S101 - every series of the market has one
    return level.index


def under_former_name(own: FullSeries, former: FullSeries, name: str, splits: Splits, paid: float) -> FullSeries:
    """Return a series continued backwards by what was stored before it was renamed: the same security, so by closes.

    Where both have a session, closes are scaled by their ratio on the first such, which a later split explains. Else
    by the splits after the last close under the old name, if that is at most 7 days older than the first of its own.

    Args:
        own: The series under its name of now.
        former: What is stored under the old name.
        name: The old name.
        splits: Day number and ratio of splits of the series and its newer names.
        paid: Dividend that went ex on the first session of its own.
    """
    begins = own.level.index[0]
    older = former.level[former.level.index < begins]
    if older.empty:
        return own
    first, last = begins.date(), older.index[-1].date()
    price = ", price return only" if former.basis == "price" and own.basis == "total" else ""
    said = (first, f"before {first} under its old name {name}{price}")
    factor = _factor(own, former, splits)
    if former.currency != own.currency or factor is None:
        why = "in another currency" if former.currency != own.currency else f"they end {last}, too early to be joined"
        return replace(own, notes=(*own.notes, (first, f"without its prices under the old name {name}: {why}")))
    close = own.close
    if close is not None and former.close is not None:
        close = pd.concat([former.close[former.close.index < close.index[0]] * factor, close])
    early = (*own.early, said, *((first, note) for _, note in former.notes), *former.early)
    closes = own.closes if close is own.close or close is None else Line.of(close)
    if closes is not None and own.levels is own.closes:
        return replace(own, levels=closes, closes=closes, early=early)
    return replace(own, levels=Line.of(_level(own, former, factor, paid)), closes=closes, early=early)


def _factor(own: FullSeries, former: FullSeries, splits: Splits) -> float | None:
    """Return what old closes are multiplied by to stand beside new ones; None if that is not known."""
    if own.close is None or former.close is None:
        joined = len(own.level.index.intersection(former.level.index))
        return 1.0 if joined else None
    common = own.close.index.intersection(former.close.index)
    if len(common):
        return float(own.close[common[0]] / former.close[common[0]])
    if own.close.index[0] - former.close.index[-1] > pd.Timedelta(days=SLACK_DAYS):
        return None
    ended = int(former.close.index[-1].to_numpy().astype("datetime64[D]").astype(np.int64))
    return float(np.prod([1 / ratio for day, ratio in splits if day > ended]))


def _level(own: FullSeries, former: FullSeries, factor: float, paid: float) -> Level:
    joined, join = continued_backwards(own.level, former.level)
    if join is not None or own.close is None or former.close is None:
        return joined
    before = float(former.close[former.close.index < own.close.index[0]].iloc[-1]) * factor - paid
    seam = float(own.close.iloc[0]) / before
    older = former.level[former.level.index < own.level.index[0]]
    scale = float(older.iloc[-1]) * seam / float(own.level[own.close.index[0]])
    whole: Level = pd.concat([older, own.level * scale])
    return whole
