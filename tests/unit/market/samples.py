"""Small inputs that several tests of the market layer share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from thesisvault.market.bars import Bars, day_number
from thesisvault.market.records import Basis, Instrument
from thesisvault.market.store.store import Store

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
# Monday to Friday, twice; none of them is a holiday in New York.
DAYS = [dt.date(2026, 2, d) for d in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)]


def stock(ticker: str, **more: object) -> Instrument:
    return Instrument(ticker, ticker, "stock", **more)  # type: ignore[arg-type]


def bars(closes: dict[dt.date, float], basis: Basis = "split_adjusted", **more: object) -> Bars:
    days = sorted(closes)
    return Bars(tuple(map(day_number, days)), tuple(closes[d] for d in days), basis, **more)  # type: ignore[arg-type]


def put(
    store: Store,
    name: str,
    closes: dict[dt.date, float],
    basis: Basis = "split_adjusted",
    reason: str = "",
    **more: object,
) -> None:
    store.merge(name, bars(closes, basis, **more), source="test", fetched=NOW, currency="USD", reason=reason)


def write_csv(folder: Path, name: str, rows: dict[dt.date, float], head: str = "Date,Close") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    path.write_text("\n".join([head, *(f"{day},{value}" for day, value in rows.items())]) + "\n", encoding="utf-8")
    return path
