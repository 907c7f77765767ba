"""A little market, made by hand and read through the real folder of files, store and refresh.

Its sessions are those of New York from 2024-12-30 to Friday, 2026-02-27. Every close is a plain formula of the number
of its session, so that a test can compute what it expects without the code under test.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from thesisvault.language import kinds
from thesisvault.language.check import Vocabulary
from thesisvault.language.evaluate import Scope
from thesisvault.language.natures import OF_BASKET, Nature, nature_of
from thesisvault.language.tracks.track import Track
from thesisvault.market.bars import Snapshot, day_number
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Basket, Instrument
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import folder_providers
from thesisvault.market.store.store import Store

Closes = dict[dt.date, float]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


FIRST, LAST = day("2024-12-30"), day("2026-02-27")
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HOLIDAYS = {
    day(each)
    for each in [
        "2025-01-01",
        "2025-01-09",
        "2025-01-20",
        "2025-02-17",
        "2025-04-18",
        "2025-05-26",
        "2025-06-19",
        "2025-07-04",
        "2025-09-01",
        "2025-11-27",
        "2025-12-25",
        "2026-01-01",
        "2026-01-19",
        "2026-02-16",
    ]
}
EVERY_DAY = [FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
SESSIONS = [each for each in EVERY_DAY if each.weekday() < 5 and each not in HOLIDAYS]
MISSING_DAY = day("2026-02-25")
SNAPSHOTS = ("2025-02-03", "2025-02-10", "2025-06-16", "2026-02-20")
PAID_ON, PAID = day("2025-06-16"), 4.0


def zigzag(start: float, step: float, swing: float) -> Closes:
    """A straight line with a swing up on every third session."""
    return {each: round(start + step * i + (swing if i % 3 == 0 else 0), 4) for i, each in enumerate(SESSIONS)}


def without(
    closes: Closes, *, before: str = "0001-01-01", after: str = "9999-12-31", gap: dt.date | None = None
) -> Closes:
    return {d: c for d, c in closes.items() if day(before) <= d <= day(after) and d != gap}


PLAIN: dict[str, Closes] = {
    "SPY": zigzag(500, 0.4, 2),
    "UP": zigzag(100, 0.3, 1),
    "DN": zigzag(200, -0.25, 1.5),
    "GAP": without(zigzag(50, 0.1, 0.5), gap=MISSING_DAY),
    "STALE": without(zigzag(80, 0.2, 0.7), after="2026-02-24"),
    "LATE": without(zigzag(30, 0.05, 0.4), before="2026-01-12"),
    "ENDED": without(zigzag(60, -0.05, 0.3), after="2025-12-31"),
    "EUR": zigzag(40, 0.1, 0.2),
    "^IDX": zigzag(6000, 5, 20),
    "BTC": {each: 90_000.0 + 10 * i for i, each in enumerate(EVERY_DAY)},
}
ADJUSTED: dict[str, Closes] = {"ADJ": zigzag(70, 0.2, 0.6), "OLD": zigzag(90, 0.15, 0.8)}
DIVIDENDS: dict[str, Closes] = {"UP": {PAID_ON: PAID}, **{t: {} for t in PLAIN if t != "UP"}}
MONTHS = [day(f"{year}-{month:02d}-01") for year in (2024, 2025, 2026) for month in range(1, 13)][:26]
MACRO: dict[str, Closes] = {
    "RATE": {each: 4.0 + 0.05 * i for i, each in enumerate(MONTHS)},
    "SIZE": {each: 6_500_000.0 + 1000 * i for i, each in enumerate(EVERY_DAY) if each.weekday() == 2},
    "ZED": {each: float(i % 2) for i, each in enumerate(SESSIONS)},
}
UNIVERSES = {"five": ("UP", "DN", "GAP", "LATE", "ENDED", "NONE"), "pair": ("UP", "DN"), "empty": ("NONE",)}
INSTRUMENTS = {
    **{t: Instrument(t, t, "stock") for t in ("UP", "DN", "GAP", "STALE", "LATE", "ENDED", "NONE", "ADJ", "OLD")},
    "SPY": Instrument("SPY", "S&P 500 fund", "etf"),
    "EUR": Instrument("EUR", "A European company", "stock", currency="EUR"),
    "^IDX": Instrument("^IDX", "The index", "index"),
    "BTC": Instrument("BTC", "Bitcoin", "crypto", exchange="24/7"),
    "PROXIED": Instrument("PROXIED", "Continued by another", "stock", proxies=("UP",)),
    "RATE": Instrument("RATE", "A rate", "macro", unit="%", scale=0.01, frequency="monthly", lag_days=10),
    "SIZE": Instrument("SIZE", "A balance sheet", "macro", unit="USD", scale=1e6, frequency="weekly", lag_days=1),
    "ZED": Instrument("ZED", "Nought and one", "macro", unit="index", lag_days=0),
}
PLAIN["PROXIED"] = without(zigzag(20, 0.02, 0.1), before="2025-09-02")
DIVIDENDS["PROXIED"] = {}
BASKETS = {
    "duo": Basket("duo", "Two of them", (("UP", None), ("DN", None))),
    "lame": Basket("lame", "One without prices", (("UP", None), ("NONE", None))),
}
VOCABULARY = Vocabulary(
    frozenset({*INSTRUMENTS, *BASKETS}),
    frozenset(UNIVERSES),
    natures={
        **{ticker: nature_of(each.kind, each.unit, each.currency) for ticker, each in INSTRUMENTS.items()},
        **dict.fromkeys(BASKETS, OF_BASKET),
        **dict.fromkeys(UNIVERSES, Nature(kinds.price("USD"), kinds.LEVEL)),
    },
)
NAMES = {"benchmark": "SPY", "over": "ytd"}


def write(folder: Path, files: Mapping[str, Closes], head: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        lines = [head.format(name), *(f"{d},{value!r}" for d, value in sorted(rows.items()))]
        (folder / f"{name.replace('^', '_')}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def little_market(folder: Path) -> Market:
    """Return the little market seen from its last day."""
    write(folder / "unadjusted", PLAIN, "Date,Close")
    write(folder / "prices", ADJUSTED, "Date,Close")
    write(folder / "dividends", DIVIDENDS, "Date,Dividends")
    write(folder / "fred", MACRO, "observation_date,{}")
    store = Store(folder / "market.db")
    refresh(store, INSTRUMENTS, folder_providers(folder), end=LAST, now=NOW)
    for n, on in enumerate(SNAPSHOTS):
        found = Snapshot({"forward_pe": 15.0 + n, "shares": 1e6 * (n + 1)}, "USD")
        store.ledger.keep_snapshot("UP", day_number(day(on)), found, "test", NOW)
    return Market(store, INSTRUMENTS, BASKETS, last_day=LAST)


def history(value: Track) -> pd.Series:
    """Return a whole history by session."""
    assert value.calendar is not None, "a constant has no history"
    return pd.Series(value.whole(), index=pd.DatetimeIndex(value.calendar.days.astype("datetime64[D]")))


def scope_on(market: Market, until: str | None = None, **names: str) -> Scope:
    """Return what expressions see, on the market's last day or an earlier one."""
    return Scope(market.until(day(until)) if until else market, UNIVERSES, {**NAMES, **names})
