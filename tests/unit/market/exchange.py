"""A market in memory whose source answers as a real one does: split-adjusted as of the moment it is asked."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field

from thesisvault.market.bars import Bars, day_number
from thesisvault.market.sources.provider import NothingNew
from thesisvault.structs import replace


@dataclass
class Listing:
    """What was traded: closes as they were on the day, cash per share as it was paid, new shares per old one."""

    closes: dict[dt.date, float] = field(default_factory=dict)
    dividends: dict[dt.date, float] = field(default_factory=dict)
    splits: dict[dt.date, float] = field(default_factory=dict)

    def factor(self, day: dt.date, today: dt.date) -> float:
        """What a price of that day is multiplied by to be one of today's shares."""
        return math.prod(1 / ratio for ex, ratio in sorted(self.splits.items()) if day < ex <= today)

    def seen(self, today: dt.date) -> Bars:
        """Everything, as a source shows it on a day."""
        days = sorted(day for day in self.closes if day <= today)
        paid = sorted(day for day in self.dividends if day <= today)
        closes = tuple(self.closes[day] * self.factor(day, today) for day in days)
        return Bars(
            tuple(map(day_number, days)),
            closes,
            "split_adjusted",
            open=closes,
            volume=tuple(1000.0 / self.factor(day, today) for day in days),
            dividends=tuple((day_number(d), self.dividends[d] * self.factor(d, today)) for d in paid),
            splits=tuple((day_number(d), s) for d, s in sorted(self.splits.items()) if d <= today),
            currency="USD",
        )


@dataclass
class Exchange:
    """A source over listings. `fault` spoils its answers until it is taken back."""

    listings: dict[str, Listing] = field(default_factory=dict)
    today: dt.date = dt.date(2020, 1, 1)
    fault: str = ""
    asked: list[tuple[str, dt.date | None]] = field(default_factory=list)
    name: str = "exchange"
    label: str = "exchange"
    basis: str = "split_adjusted"
    remote: bool = True

    def fetch(self, instrument, start, end):
        self.asked.append((instrument.ticker, start))
        bars = self.listings[instrument.ticker].seen(self.today)
        first = -(10**9) if start is None else day_number(start)
        places = [i for i, day in enumerate(bars.days) if first <= day <= day_number(end)]
        bars = replace(
            bars,
            days=tuple(bars.days[i] for i in places),
            close=tuple(bars.close[i] for i in places),
            open=tuple(bars.open[i] for i in places),
            volume=tuple(bars.volume[i] for i in places),
            dividends=tuple(a for a in bars.dividends if a[0] >= first),
            splits=tuple(a for a in bars.splits if a[0] >= first),
        )
        if not bars.days:
            raise NothingNew("nothing new")
        return spoiled(bars, self.fault)


def spoiled(bars: Bars, fault: str) -> Bars:
    """Bars as a source sends them on a bad day."""
    days, closes = list(bars.days), list(bars.close)
    if fault == "no close":
        closes[-1] = math.nan
    elif fault == "zero":
        closes[-1] = 0.0
    elif fault == "negative":
        closes[len(closes) // 2] *= -1
    elif fault == "twice":
        return replace(_with(bars, days[-1], closes[-1]), open=None, volume=None)
    elif fault == "two closes":
        return replace(_with(bars, days[-1], closes[-1] * 1.01), open=None, volume=None)
    elif fault == "disorder":
        days[-1], days[0] = days[0], days[-1]
        closes[-1], closes[0] = closes[0], closes[-1]
    elif fault == "glitch at the end":
        closes[-1] *= 100
    elif fault == "glitch inside":
        closes[len(closes) // 2] /= 100
    elif fault == "all in pence":
        closes = [close * 100 for close in closes]
    elif fault == "another past":
        closes[0] *= 1.02
    elif fault == "future":
        return replace(_with(bars, days[-1] + 400, closes[-1]), open=None, volume=None)
    elif fault == "other currency":
        return replace(bars, currency="EUR")
    return replace(bars, days=tuple(days), close=tuple(closes))


FAULTS = (
    "no close",
    "zero",
    "negative",
    "twice",
    "two closes",
    "disorder",
    "glitch at the end",
    "glitch inside",
    "all in pence",
    "another past",
    "future",
    "other currency",
)


def _with(bars: Bars, day: int, close: float) -> Bars:
    return replace(bars, days=(*bars.days, day), close=(*bars.close, close))
