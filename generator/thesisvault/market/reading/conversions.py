"""Series in another currency: a name such as `SAP.DE@USD` is SAP.DE, each close converted at that day's rate.

Definitions never write such a name. A thesis has one currency, and what `buy`, `sell` and `benchmark` stand for in it
is named so wherever that is not the currency in which it is quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from thesisvault.market.reading.currency import Step, converted, pair_of, route
from thesisvault.market.reading.series import FullSeries
from thesisvault.market.records import Instrument, MissingSeries, SeriesView
from thesisvault.structs import replace

if TYPE_CHECKING:
    import datetime as dt

    from thesisvault.market.line import Line


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
    rates: dict[str, Line] = {}
    for step in way:
        full = read(step.rate.ticker)
        if full is None:
            raise MissingSeries(view.name, _without_rate(view, currency, step))
        rates[step.rate.ticker] = full.levels.until(last_day)
    levels = converted(view.levels, way, rates)
    if not len(levels):
        names = " and ".join(rates)
        raise MissingSeries(view.name, f"it has no session on which its exchange rate {names} has a value too")
    closes = None if view.closes is None else converted(view.closes, way, rates)
    note = f"{view.name} converted from {view.currency} to {currency} at {' and '.join(rates)}"
    return replace(
        view,
        levels=levels,
        closes=None if closes is None or not len(closes) else closes,
        currency=currency,
        first=levels.first,
        last=levels.last,
        notes=(*view.notes, note),
    )


def _without_rate(view: SeriesView, currency: str, step: Step) -> str:
    of, into = pair_of(step.rate) or ("", "")
    return (
        f"it must be converted from {view.currency} to {currency}, and nothing is stored of the exchange rate "
        f"{step.rate.ticker}: run thesisvault refresh, define an instrument with kind: currency, price_of: {of}, "
        f"currency: {into}, or write currency: local in the thesis"
    )
