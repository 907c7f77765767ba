"""Series in another currency: a name such as `SAP.DE@USD` is SAP.DE, each close converted at that day's rate.

Definitions never write such a name. A thesis has one currency, and what `buy`, `sell` and `benchmark` stand for in it
is named so wherever that is not the currency in which it is quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from thesisvault.market.line import Line
from thesisvault.market.reading.currency import Step, converted, pair_of, route
from thesisvault.market.reading.series import FullSeries, rows_until
from thesisvault.market.records import Instrument, MissingSeries, SeriesView

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd


def way_of(view: SeriesView, currency: str, instruments: Mapping[str, Instrument]) -> tuple[Step, ...]:
    """Return how a series is converted; nothing where it needs no conversion, or has no currency, as a yield."""
    if view.basis == "value" or not view.currency:
        return ()
    return route(view.currency, currency, instruments)


def converted_view(
    view: SeriesView,
    currency: str,
    way: tuple[Step, ...],
    read: Callable[[str], FullSeries | None],
    last_day: dt.date,
) -> SeriesView:
    """Return a series in another currency, on the days on which it and every rate have a value.

    Args:
        view: The series as it is quoted.
        currency: The currency that it is wanted in.
        way: How it is converted.
        read: Gives the series of a rate, or None if nothing is stored of it.
        last_day: The last day that is seen.

    Raises:
        MissingSeries: Nothing is stored of a rate, or the two have no day in common.
    """
    rates: dict[str, pd.Series[float]] = {}
    for step in way:
        full = read(step.rate.ticker)
        if full is None:
            raise MissingSeries(view.name, _without_rate(view, currency, step))
        rates[step.rate.ticker] = full.level.iloc[: rows_until(full.level.index, last_day)]
    level = converted(view.level, way, rates)
    if level.empty:
        names = " and ".join(rates)
        raise MissingSeries(view.name, f"it has no session on which its exchange rate {names} has a value too")
    close = None if view.close is None else converted(view.close, way, rates)
    note = f"{view.name} converted from {view.currency} to {currency} at {' and '.join(rates)}"
    return replace(
        view,
        levels=Line.of(level),
        closes=None if close is None or close.empty else Line.of(close),
        currency=currency,
        first=level.index[0].date(),
        last=level.index[-1].date(),
        notes=(*view.notes, note),
    )


def _without_rate(view: SeriesView, currency: str, step: Step) -> str:
    of, into = pair_of(step.rate) or ("", "")
    return (
        f"it must be converted from {view.currency} to {currency}, and nothing is stored of the exchange rate "
        f"{step.rate.ticker}: run thesisvault refresh, define an instrument with kind: currency, price_of: {of}, "
        f"currency: {into}, or write currency: local in the thesis"
    )
