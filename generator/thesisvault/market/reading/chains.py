"""Series continued backwards: by the next link of a chain, or by what was stored under a former name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from thesisvault.analytics.bounds import SLACK_DAYS, Ints, slack_days
from thesisvault.analytics.relative import common_rows
from thesisvault.market.line import Line
from thesisvault.market.reading.series import FullSeries, continued_backwards
from thesisvault.market.records import SeriesView
from thesisvault.structs import replace

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
    levels, observed, borrowed, period = head.levels, head.observed, None, head.period_days
    notes, early = list(head.notes), list(head.early)
    if absent:
        borrowed = head.last + _ONE_DAY
        notes.append(f"all of it is {head.name}, as {'; '.join(absent)}")
    for older in views[1:]:
        period = max(period, older.period_days)
        joined, own_from = continued_backwards(
            levels, older.levels, keep_scale=head.basis != "total", slack=slack_days(period)
        )
        if own_from is None:
            if older.first < levels.first:
                early.append((levels.first, f"{name}: not continued with {older.name}, for want of a link"))
            continue
        if observed is not None or older.observed is not None:
            known = _days_of(older.levels, older.observed)[: len(joined) - len(levels)]
            observed = np.concatenate([known, _days_of(levels, observed)])
        levels, borrowed = joined, borrowed or own_from
        price = ", price return only" if older.basis == "price" and head.basis == "total" else ""
        foreign = f", in {older.currency}" if older.currency != head.currency and head.basis != "value" else ""
        early.append((own_from, f"{name}: before {own_from} continued with {older.name}{foreign}{price}"))
        early += [*((own_from, note) for note in older.notes), *older.early]
    return replace(
        head,
        name=name,
        levels=levels,
        first=levels.first,
        period_days=period if borrowed else head.period_days,
        notes=tuple(dict.fromkeys(notes)),
        early=tuple(dict.fromkeys(early)),
        observed=observed,
    )


def _days_of(levels: Line, observed: Ints | None) -> Ints:
    return levels.days if observed is None else observed


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
    older = _before(former.levels, own.levels)
    if not len(older):
        return own
    first, last = own.levels.first, older.last
    price = ", price return only" if former.basis == "price" and own.basis == "total" else ""
    said = (first, f"before {first} under its old name {name}{price}")
    factor = _factor(own, former, splits)
    if former.currency != own.currency or factor is None:
        why = "in another currency" if former.currency != own.currency else f"they end {last}, too early to be joined"
        return replace(own, notes=(*own.notes, (first, f"without its prices under the old name {name}: {why}")))
    closes = own.closes
    if closes is not None and former.closes is not None:
        closes = _before(former.closes, closes).times(factor).then(closes)
    early = (*own.early, said, *((first, note) for _, note in former.notes), *former.early)
    if closes is not None and own.levels is own.closes:
        return replace(own, levels=closes, closes=closes, early=early)
    return replace(own, levels=_level(own, former, factor, paid), closes=closes, early=early)


def _factor(own: FullSeries, former: FullSeries, splits: Splits) -> float | None:
    """Return what old closes are multiplied by to stand beside new ones; None if that is not known."""
    if own.closes is None or former.closes is None:
        return 1.0 if len(common_rows(own.levels.days, former.levels.days)[0]) else None
    rows, others = common_rows(own.closes.days, former.closes.days)
    if len(rows):
        return float(own.closes.values[rows[0]] / former.closes.values[others[0]])
    ended = int(former.closes.days[-1])
    if own.closes.days[0] - ended > SLACK_DAYS:
        return None
    return float(np.prod([1 / ratio for day, ratio in splits if day > ended]))


def _level(own: FullSeries, former: FullSeries, factor: float, paid: float) -> Line:
    joined, join = continued_backwards(own.levels, former.levels)
    if join is not None or own.closes is None or former.closes is None:
        return joined
    before = float(_before(former.closes, own.closes).values[-1]) * factor - paid
    seam = float(own.closes.values[0]) / before
    older = _before(former.levels, own.levels)
    beginning = own.levels.rows_before(int(own.closes.days[0]))
    scale = float(older.values[-1]) * seam / float(own.levels.values[beginning])
    return older.then(own.levels.times(scale))


def _before(line: Line, later: Line) -> Line:
    """Return the values of a line before the first of another."""
    return line.upto(line.rows_before(int(later.days[0])))
