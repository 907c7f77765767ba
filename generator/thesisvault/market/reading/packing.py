"""What a series, a basket, or a chain is made of, as an entry of the file of kept series, and back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from thesisvault.market.bars import day_number, number_day
from thesisvault.market.line import Line
from thesisvault.market.reading.baskets import BasketSeries
from thesisvault.market.reading.kept import Array, Entry
from thesisvault.market.reading.series import FullSeries
from thesisvault.market.records import SeriesView

if TYPE_CHECKING:
    import pandas as pd

    from thesisvault.analytics.baskets import BasketLevel

_OF_HEAD = "head"
Notes = tuple[tuple[dt.date, str], ...]


class _Packer:
    """Takes arrays in and says at which place each of them lies."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []

    def line(self, line: Line | None) -> list[int] | None:
        """Return the places of days and values."""
        return None if line is None else [self._place(line.days), self._place(line.values)]

    def days(self, index: pd.Index | None) -> int | None:
        """Return the place of the days of an index."""
        return None if index is None else self._place(index.to_numpy().astype("datetime64[D]").astype(np.int64))

    def frame(self, frame: pd.DataFrame) -> list[int]:
        """Return the places of its days and of its values, and whether columns lie one after the other.

        Sums depend on how values lie in their last digit, so they have to lie as they did.
        """
        block = np.asarray(frame.to_numpy(), dtype=np.float64)
        by_column = bool(block.flags.f_contiguous and not block.flags.c_contiguous)
        days = frame.index.to_numpy().astype("datetime64[D]").astype(np.int64)
        return [self._place(days), self._place(block.ravel(order="F" if by_column else "C")), int(by_column)]

    def _place(self, array: Array) -> int:
        for place, other in enumerate(self.arrays):
            if other is array:
                return place
        self.arrays.append(array)
        return len(self.arrays) - 1

    def entry(self, *said: object) -> Entry:
        """Return all that was taken in, with what else there is to say."""
        return Entry(json.dumps(said), tuple(self.arrays))


def packed(full: FullSeries) -> Entry:
    """Return a series as an entry."""
    packer = _Packer()
    return packer.entry(*_packed(packer, full))


def _packed(packer: _Packer, full: FullSeries) -> tuple[object, ...]:
    lines = (packer.line(full.levels), packer.line(full.closes), packer.days(full.observed))
    missing = [day_number(day) for day in full.missing]
    return (*lines, full.basis, full.currency, full.source, _dated(full.notes), _dated(full.early), missing)


def unpacked(entry: Entry) -> FullSeries:
    """Return the series that an entry holds."""
    return _unpacked(entry.arrays, json.loads(entry.text))


def _unpacked(arrays: Sequence[Array], said: Sequence[Any]) -> FullSeries:
    levels, closes, observed, basis, currency, source, notes, early, missing = said
    level = _line(arrays, levels)
    assert level is not None  # noqa: S101 - every series has levels
    return FullSeries(
        levels=level,
        closes=level if closes == levels else _line(arrays, closes),
        basis=basis,
        currency=str(currency),
        source=str(source),
        notes=_undated(notes),
        early=_undated(early),
        observed=_index(arrays, observed),
        missing=tuple(number_day(day) for day in missing),
    )


def packed_basket(basket: BasketSeries) -> Entry:
    """Return a basket as an entry."""
    packer, built = _Packer(), basket.built
    series = _packed(packer, basket.full)
    weights, gains = packer.frame(built.weights), packer.frame(built.gains)
    rates = [(ticker, list(rates)) for ticker, rates in basket.rates.items()]
    return packer.entry(series, [str(each) for each in built.weights.columns], weights, gains, rates)


def unpacked_basket(entry: Entry) -> BasketSeries:
    """Return the basket that an entry holds."""
    series, names, weights, gains, rates = json.loads(entry.text)
    full = _unpacked(entry.arrays, series)

    def unpack() -> BasketLevel:
        import pandas as pd

        from thesisvault.analytics.baskets import BasketLevel

        gained = _frame(entry.arrays, gains, names)
        level = pd.Series(full.levels.values, index=gained.index)
        return BasketLevel(level, _frame(entry.arrays, weights, names), gained)

    return BasketSeries(full, {ticker: tuple(each) for ticker, each in rates}, unpack)


def packed_view(view: SeriesView, head: SeriesView) -> Entry:
    """Return as an entry what a chain or a conversion makes of the series that it begins with."""
    packer = _Packer()
    closes = _OF_HEAD if view.closes is head.closes else packer.line(view.closes)
    lines = (packer.line(view.levels), closes, packer.days(view.observed))
    early = [(day_number(day), text) for day, text in view.early]
    return packer.entry(view.name, *lines, view.period_days, view.currency, list(view.notes), early)


def unpacked_view(entry: Entry, head: SeriesView) -> SeriesView:
    """Return the chain or conversion that an entry holds.

    Args:
        entry: The entry.
        head: The series that it begins with.
    """
    name, levels, closes, observed, period, currency, notes, early = json.loads(entry.text)
    level = _line(entry.arrays, levels)
    assert level is not None  # noqa: S101 - every series has levels
    return replace(
        head,
        name=name,
        levels=level,
        closes=head.closes if closes == _OF_HEAD else _line(entry.arrays, closes),
        observed=_index(entry.arrays, observed),
        period_days=period,
        currency=currency,
        notes=tuple(notes),
        early=_undated(early),
        first=level.first,
        last=level.last,
    )


def _line(arrays: Sequence[Array], places: Sequence[int] | None) -> Line | None:
    if places is None:
        return None
    days, values = places
    return Line(arrays[days], arrays[values])


def _index(arrays: Sequence[Array], place: int | None) -> pd.DatetimeIndex | None:
    return None if place is None else _stamps(arrays[place])


def _stamps(days: Array) -> pd.DatetimeIndex:
    import pandas as pd

    return pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[ns]"))


def _frame(arrays: Sequence[Array], places: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    days, values, by_column = places
    block = arrays[values].reshape(len(arrays[days]), len(names), order="F" if by_column else "C")
    return pd.DataFrame(block, index=_stamps(arrays[days]), columns=list(names), copy=False)


def _dated(notes: Notes) -> list[tuple[int, str]]:
    return [(day_number(day), text) for day, text in notes]


def _undated(notes: Iterable[tuple[int, str]]) -> Notes:
    return tuple((number_day(day), text) for day, text in notes)
