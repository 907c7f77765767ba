"""A small market, and what Yahoo and FRED would say of it at a moment that the test sets.

Closes are kept as they were traded. What is answered follows from them by the rule of adjusted prices: a close is
divided by each split up to the moment, and the adjusted close is scaled by `1 - dividend / close before` of each
dividend up to then. Numbers are rounded to single precision, as Yahoo's are.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from tests.loopback.proxy import Answer, Asked

CHART = "/v8/finance/chart/"
SUMMARY = "/v10/finance/quoteSummary/"
SERIES = "/ws/fundamentals-timeseries/v1/finance/timeseries/"
CRUMB = "a.crumb"
Tampering = Callable[[dict[str, Any]], None]


@dataclass
class Listing:
    """Something that is traded.

    Attributes:
        symbol: What Yahoo calls it.
        raw: Close as traded, by session.
        dividends, gains: Cash a share as paid on the ex-date.
        splits: New shares per old one, by the first day on the new basis.
        currency, exchange, zone, opens, closes: As Yahoo says; a session that closes at midnight lasts all day.
        type: Yahoo's word for what it is.
        name: Its full name, which Yahoo leaves out where it is empty.
        facts: What Yahoo says of it in `quoteSummary`, by module.
        quote: What Yahoo says of it in `quote`.
    """

    symbol: str
    raw: dict[dt.date, float]
    dividends: dict[dt.date, float] = field(default_factory=dict)
    gains: dict[dt.date, float] = field(default_factory=dict)
    splits: dict[dt.date, float] = field(default_factory=dict)
    currency: str = "USD"
    exchange: str = "NYQ"
    zone: str = "America/New_York"
    opens: dt.time = dt.time(9, 30)
    closes: dt.time = dt.time(16, 0)
    type: str = "EQUITY"
    name: str = ""
    facts: dict[str, dict[str, Any]] | None = None
    quote: dict[str, Any] = field(default_factory=dict)

    def opening(self, day: dt.date) -> int:
        """Return when the session of a day opens, in seconds since 1970."""
        return int(dt.datetime.combine(day, self.opens, ZoneInfo(self.zone)).timestamp())

    def closing(self, day: dt.date) -> int:
        """Return when it closes."""
        ends = day if self.closes > self.opens else day + dt.timedelta(days=1)
        return int(dt.datetime.combine(ends, self.closes, ZoneInfo(self.zone)).timestamp())

    def split_factor(self, day: dt.date, moment: int) -> float:
        """Return what a price as traded is multiplied by at a moment: 1 over each later split that has happened."""
        return math.prod(1 / s for ex, s in self.splits.items() if ex > day and self.opening(ex) <= moment)

    def bars(self, moment: int) -> list[tuple[dt.date, int, float, bool]]:
        """Return day, time, split-adjusted close and whether the session is over, of each session that has opened."""
        found = []
        before = math.nan
        for day in sorted(self.raw):
            opening, closing = self.opening(day), self.closing(day)
            if opening > moment:
                break
            price, is_over = self.raw[day], closing <= moment
            if not is_over and not math.isnan(before):
                # On its way from the close before; not where it will end.
                price = before + (price - before) * (moment - opening) / (closing - opening)
            found.append((day, opening if is_over else moment, price * self.split_factor(day, moment), is_over))
            before = self.raw[day]
        return found

    def events(self, paid: Mapping[dt.date, float], moment: int) -> dict[dt.date, float]:
        """Return what was paid up to a moment, on the basis of the shares of then."""
        return {
            day: amount * self.split_factor(day, moment)
            for day, amount in sorted(paid.items())
            if self.opening(day) <= moment
        }


@dataclass
class _Fault:
    where: str
    symbol: str | None
    left: float
    answer: Answer | None = None
    tampering: Tampering | None = None


@dataclass
class Exchange:
    """All listings and macro series, the moment, the faults that are switched on, and what was asked for.

    Attributes:
        moment: With a zone; nothing later is known.
        listings: By symbol.
        series: Of FRED: day, day of publication and value (None: missing) of each observation, by name.
        asked: Every request.
    """

    moment: dt.datetime
    listings: dict[str, Listing] = field(default_factory=dict)
    series: dict[str, list[tuple[dt.date, dt.date, float | None]]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    faults: list[_Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, *listings: Listing) -> None:
        """Add listings."""
        self.listings.update({listing.symbol: listing for listing in listings})

    def refuse(
        self,
        answer: Answer | int,
        symbol: str | None = None,
        *,
        times: float = math.inf,
        where: str = "bars",
    ) -> None:
        """Answer so, for one symbol or all, so many times or for ever.

        Args:
            answer: What to answer, or a status to answer with.
            symbol: None: all of them.
            times: How many requests.
            where: Which requests: `bars`, `zone` (the look-up of the time zone), `summary`, `quote`, `series`, `crumb`,
                `cookie`, `fred`, or `all`.
        """
        told = answer if isinstance(answer, Answer) else status(answer)
        self.faults.append(_Fault(where, symbol, times, answer=told))

    def tamper(self, tampering: Tampering, symbol: str | None = None, *, times: float = math.inf) -> None:
        """Change the bars that are answered, for one symbol or all, so many times or for ever."""
        self.faults.append(_Fault("bars", symbol, times, tampering=tampering))

    def mend(self) -> None:
        """Switch all faults off."""
        self.faults.clear()

    def count(self, symbol: str | None = None, where: str | None = "bars") -> int:
        """Return how many requests there were for a symbol (None: any) of a sort (None: any)."""
        with self.lock:
            sorts = [_sort(asked) for asked in self.asked]
        return sum(1 for sort, name in sorts if where in (None, sort) and symbol in (None, name))

    def symbols_asked(self) -> set[str]:
        """Return the symbols and series that bars or values were asked of."""
        with self.lock:
            return {name for sort, name in map(_sort, self.asked) if sort in ("bars", "fred") and name}

    def answer(self, asked: Asked) -> Answer:
        """Return what is answered to a request, faults included."""
        where, symbol = _sort(asked)
        tamperings: list[Tampering] = []
        with self.lock:
            self.asked.append(asked)
            for fault in self.faults:
                if fault.where not in (where, "all") or fault.symbol not in (None, symbol) or fault.left <= 0:
                    continue
                fault.left -= 1
                if fault.answer is not None:
                    return fault.answer
                if fault.tampering is not None:
                    tamperings.append(fault.tampering)
        return self._plain(where, symbol, asked.query, tamperings)

    def _plain(self, where: str, symbol: str, query: Mapping[str, str], tamperings: Iterable[Tampering]) -> Answer:
        if where == "fred":
            return self._fred(symbol, query)
        if where == "cookie":
            year = "Fri, 31-Dec-2100 23:59:59 GMT"
            return Answer(404, kind="text/html", headers=(("Set-Cookie", _COOKIE.format(year)),))
        if where == "crumb":
            return Answer(body=CRUMB.encode(), kind="text/plain")
        if where in ("summary", "quote") and query.get("crumb") != CRUMB:
            return _json({"finance": {"result": None, "error": _error("Unauthorized", "Invalid Crumb")}}, 401)
        listing = self.listings.get(symbol)
        if where in ("bars", "zone"):
            return self._chart(listing, query, tamperings)
        if where == "summary":
            return _summary(listing, symbol)
        if where == "quote":
            return _json({"quoteResponse": {"result": [listing.quote] if listing else [], "error": None}})
        if where == "series":
            return _json({"timeseries": {"result": [{"meta": {"symbol": [symbol]}}], "error": None}})
        return status(404)

    def _chart(self, listing: Listing | None, query: Mapping[str, str], tamperings: Iterable[Tampering]) -> Answer:
        if listing is None:
            return status(404)
        moment = int(self.moment.timestamp())
        bars = listing.bars(moment)
        if "range" in query:
            first, last = bars[-1][1] if query["range"] == "1d" and bars else 0, moment
        else:
            first, last = int(query["period1"]), int(query["period2"])
        if first > last:
            return _json(_chart_error("Bad Request", "Invalid input - start date cannot be after end date."), 400)
        if not bars or last < bars[0][1]:
            return _json(_chart_error("Bad Request", "Data doesn't exist for startDate, endDate"), 400)
        result = _result(listing, moment, first, last)
        for tampering in tamperings:
            tampering(result)
        return _json({"chart": {"result": [result], "error": None}})

    def _fred(self, name: str, query: Mapping[str, str]) -> Answer:
        if name not in self.series:
            return Answer(404, b"<!DOCTYPE html><title>Error</title>", "text/html")
        today = self.moment.date().isoformat()
        first, last = query.get("cosd", "0000"), query.get("coed", "9999")
        rows = [
            f"{day},{'' if value is None else value}"
            for day, published, value in self.series[name]
            if published.isoformat() <= today and first <= day.isoformat() <= last
        ]
        return Answer(body="\n".join((f"observation_date,{name}", *rows, "")).encode(), kind="text/csv")


_COOKIE = "A3=d=made-up; Expires={}; Max-Age=31557600; Domain=.yahoo.com; Path=/; SameSite=None; Secure; HttpOnly"


def _sort(asked: Asked) -> tuple[str, str]:
    """Return what sort of request it is, and of which symbol."""
    path, query = asked.path, asked.query
    if asked.host == "fred.stlouisfed.org":
        return "fred", query.get("id", "")
    if asked.host == "fc.yahoo.com":
        return "cookie", ""
    if path.endswith("/getcrumb"):
        return "crumb", ""
    for start, sort in ((CHART, "bars"), (SUMMARY, "summary"), (SERIES, "series")):
        if path.startswith(start):
            return "zone" if sort == "bars" and query.get("range") == "1d" else sort, path.removeprefix(start)
    return ("quote", query.get("symbols", "")) if path.startswith("/v7/finance/quote") else ("other", "")


def _result(listing: Listing, moment: int, first: int, last: int) -> dict[str, Any]:
    """Return what a chart holds of a listing between two moments, as Yahoo lays it out."""
    bars = listing.bars(moment)
    day, _, price, _ = bars[-1]
    offset = int(dt.datetime.fromtimestamp(moment, ZoneInfo(listing.zone)).utcoffset().total_seconds())
    period = {"timezone": "", "start": listing.opening(day), "end": listing.closing(day), "gmtoffset": offset}
    meta = {
        "currency": listing.currency,
        "symbol": listing.symbol,
        "exchangeName": listing.exchange,
        "fullExchangeName": listing.exchange,
        "instrumentType": listing.type,
        "firstTradeDate": bars[0][1],
        "regularMarketTime": min(moment, listing.closing(day)),
        "regularMarketPrice": single(price),
        "gmtoffset": offset,
        "timezone": "",
        "exchangeTimezoneName": listing.zone,
        "priceHint": 2,
        "currentTradingPeriod": {part: dict(period) for part in ("pre", "regular", "post")},
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }
    if listing.name:
        meta["longName"] = listing.name
    shown = [
        (when, close, close * factor)
        for (_, when, close, _), factor in zip(bars, _dividend_factors(listing, moment), strict=True)
        if first <= when < last
    ]
    if not shown:
        return {"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}}
    closes = [single(close) for _, close, _ in shown]
    quote = {
        "open": [single(close * 0.99) for close in closes],
        "high": [single(close * 1.02) for close in closes],
        "low": [single(close * 0.98) for close in closes],
        "close": closes,
        "volume": [1000 + n for n in range(len(shown))],
    }
    result: dict[str, Any] = {
        "meta": meta,
        "timestamp": [when for when, _, _ in shown],
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": [single(a) for _, _, a in shown]}]},
    }
    if events := _events(listing, moment, shown[0][0], last):
        result["events"] = events
    return result


def _dividend_factors(listing: Listing, moment: int) -> list[float]:
    bars = listing.bars(moment)
    paid = listing.events(listing.dividends, moment)
    for day, amount in listing.events(listing.gains, moment).items():
        paid[day] = paid.get(day, 0.0) + amount
    factors, factor = [1.0] * len(bars), 1.0
    for place in range(len(bars) - 1, 0, -1):
        factor *= 1 - paid.get(bars[place][0], 0.0) / bars[place - 1][2]
        factors[place - 1] = factor
    return factors


def _events(listing: Listing, moment: int, first: int, last: int) -> dict[str, Any]:
    def shown(paid: Mapping[dt.date, float]) -> dict[str, Any]:
        return {
            str(when): {"amount": single(amount), "date": when}
            for day, amount in listing.events(paid, moment).items()
            if first <= (when := listing.opening(day)) < last
        }

    splits = {
        str(when): {"date": when, "numerator": above, "denominator": below, "splitRatio": f"{above}:{below}"}
        for day, ratio in sorted(listing.splits.items())
        for above, below in (ratio.as_integer_ratio(),)
        if first <= (when := listing.opening(day)) < last and when <= moment
    }
    found = {"dividends": shown(listing.dividends), "capitalGains": shown(listing.gains), "splits": splits}
    return {name: events for name, events in found.items() if events}


def _summary(listing: Listing | None, symbol: str) -> Answer:
    if listing is None:
        why = f"Quote not found for symbol: {symbol}"
        return _json({"quoteSummary": {"result": None, "error": _error("Not Found", why)}}, 404)
    if listing.facts is None:
        why = "No fundamentals data found for any of the summaryTypes=financialData,quoteType"
        return _json({"quoteSummary": {"result": None, "error": _error("Not Found", why)}}, 404)
    return _json({"quoteSummary": {"result": [listing.facts], "error": None}})


def status(code: int) -> Answer:
    """Return what Yahoo sends with a status."""
    if code == 404:
        return _json(_chart_error("Not Found", "No data found, symbol may be delisted"), 404)
    text = "Too Many Requests\r\n" if code == 429 else f"<html>Error {code}</html>"
    return Answer(code, text.encode(), "text/html")


def single(number: float) -> float:
    """Return a number in single precision.

    >>> single(0.1)
    0.10000000149011612
    """
    return float(struct.unpack("f", struct.pack("f", number))[0])


def walk(start: float, days: Iterable[dt.date], seed: int = 0) -> dict[dt.date, float]:
    """Return made-up closes in cents that wander around a start: two waves and a drift, other ones for each seed."""
    return {
        day: round(start * math.exp(0.0003 * n + 0.05 * math.sin(n / 17 + seed) + 0.008 * math.sin(n * 2.3 + seed)), 2)
        for n, day in zip(itertools.count(), days, strict=False)
    }


def _json(content: Any, code: int = 200) -> Answer:
    return Answer(code, json.dumps(content).encode())


def _error(code: str, text: str) -> dict[str, str]:
    return {"code": code, "description": text}


def _chart_error(code: str, text: str) -> dict[str, Any]:
    return {"chart": {"result": None, "error": _error(code, text)}}
