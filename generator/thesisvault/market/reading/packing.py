"""What a series, a basket, or a chain is made of, as an entry of the file of kept series, and back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any

from thesisvault.analytics.baskets import BasketLevel
from thesisvault.analytics.bounds import Ints
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.line import Line
from thesisvault.market.reading.baskets import BasketSeries
from thesisvault.market.reading.kept import Array, Entry
from thesisvault.market.reading.series import FullSeries
from thesisvault.market.records import SeriesView
from thesisvault.structs import replace

_OF_HEAD = "head"
Notes = tuple[tuple[dt.date, str], ...]


class _Packer:
    """Takes arrays in and says at which place each of them lies."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []

    def line(self, line: Line | None) -> list[int] | None:
        """Return the places of days and values."""
        return None if line is None else [self.place(line.days), self.place(line.values)]

    def days(self, days: Ints | None) -> int | None:
        """Return the place of days."""
        return None if days is None else self.place(days)

    def place(self, array: Array) -> int:
        """Return the place of an array of one dimension."""
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
        observed=None if observed is None else arrays[observed],
        missing=tuple(number_day(day) for day in missing),
    )


def packed_basket(basket: BasketSeries) -> Entry:
    """Return a basket as an entry."""
    packer, built = _Packer(), basket.built
    series = _packed(packer, basket.full)
    arrays = [packer.place(each) for each in (built.set_on, built.weights.ravel(), built.gains.ravel())]
    rates = [(ticker, list(rates)) for ticker, rates in basket.rates.items()]
    return packer.entry(series, built.members, arrays, rates)


def unpacked_basket(entry: Entry) -> BasketSeries:
    """Return the basket that an entry holds."""
    series, members, places, rates = json.loads(entry.text)
    full = _unpacked(entry.arrays, series)

    def unpack() -> BasketLevel:
        set_on, weights, gains = (entry.arrays[place] for place in places)
        levels, width = full.levels, len(members)
        weights, gains = weights.reshape(len(set_on), width), gains.reshape(len(levels), width)
        return BasketLevel(tuple(members), levels.days, levels.values, set_on, weights, gains)

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
        observed=None if observed is None else entry.arrays[observed],
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


def _dated(notes: Notes) -> list[tuple[int, str]]:
    return [(day_number(day), text) for day, text in notes]


def _undated(notes: Iterable[tuple[int, str]]) -> Notes:
    return tuple((number_day(day), text) for day, text in notes)
