"""A basket of real tickers, worked out again in plain Python from the files themselves."""

from __future__ import annotations

import csv
import datetime as dt

import pytest

from tests.unit.analytics.frames import Basket as Built
from tests.unit.analytics.frames import contributions, drifted_weights, level_of
from tests.unit.market.samples import put, stock
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Basket
from thesisvault.market.store.store import Store
from thesisvault.scalars import parse_window

LAST, BASE = dt.date(2026, 2, 27), dt.date(2018, 1, 2)
# VRT and GEV were listed in 2018 and 2024; GULF lived from 27 May to 12 June 2020.
EARLY = {"XOM": 0.55, "VRT": 0.25, "GULF": 0.20}
LATER = {"XOM": 0.40, "VRT": 0.30, "GEV": 0.30}
SINCE = dt.date(2023, 1, 1)
CAP = 0.45


def closes(folder, ticker):
    with (folder / "prices" / f"{ticker}.csv").open(newline="") as file:
        return {dt.date.fromisoformat(row["Date"]): float(row["Close"]) for row in csv.DictReader(file)}


def capped(shares):
    """Shares of one above the cap are handed out one step at a time."""
    whole = sum(shares.values())
    weights = {name: share / whole for name, share in shares.items()}
    if CAP * len(weights) <= 1:
        return dict.fromkeys(weights, 1 / len(weights))
    full = set()
    while any(weights[name] > CAP + 1e-12 for name in weights):
        full |= {name for name in weights if weights[name] > CAP}
        free = sum(weights[name] for name in weights if name not in full)
        left = 1 - CAP * len(full)
        weights = {name: CAP if name in full else weights[name] * left / free for name in weights}
    return weights


@pytest.fixture(scope="module")
def by_hand(market_folder):
    """For each session: the level, what each member is of it, and the points that each has given since the start."""
    prices = {ticker: closes(market_folder, ticker) for ticker in ("XOM", "VRT", "GULF", "GEV")}
    days = sorted({day for rows in prices.values() for day in rows if BASE <= day <= LAST})
    known, money, points, pages = {}, {}, {}, []
    for place, day in enumerate(days):
        for ticker, rows in prices.items():
            if day in rows:
                if ticker in money:
                    gain = money[ticker] * (rows[day] / known[ticker][1] - 1)
                    money[ticker] += gain
                    points[ticker] = points.get(ticker, 0.0) + gain
                known[ticker] = (day, rows[day])
        total = sum(money.values()) if pages else 100.0
        after = days[place + 1] if place + 1 < len(days) else None
        first_of_all = not pages
        sets = after is not None and ((day.year, day.month) != (after.year, after.month) or day < SINCE <= after)
        before = {ticker: held / total for ticker, held in money.items()}
        if sets or first_of_all:
            asked = EARLY if after and after < SINCE else LATER
            fresh = {t: w for t, w in asked.items() if t in known and (day - known[t][0]).days <= 7}
            money = {ticker: total * weight for ticker, weight in capped(fresh).items()}
        pages.append((day, total, before or {t: m / total for t, m in money.items()}, dict(points)))
    return pages


@pytest.fixture(scope="module")
def market(market_folder, tmp_path_factory):
    known = {ticker: stock(ticker) for ticker in ("XOM", "VRT", "GULF", "GEV")}
    members = tuple((ticker, None) for ticker in known)
    dated = ((BASE, tuple(EARLY.items())), (SINCE, tuple(LATER.items())))
    basket = Basket("b", "B", members, "dated", dated, "monthly", BASE, cap=CAP)
    with Store(tmp_path_factory.mktemp("basket") / "store.sqlite") as store:
        for ticker in known:
            put(store, ticker, closes(market_folder, ticker), "adjusted")
        yield Market(store, known, {"b": basket}, last_day=LAST, benchmark="XOM")


def test_the_level_is_that_of_plain_arithmetic(market, by_hand):
    level = level_of(market.series("b"))
    assert [stamp.date() for stamp in level.index] == [day for day, *_ in by_hand]
    assert level.tolist() == pytest.approx([total for _, total, *_ in by_hand], rel=1e-9)


def test_so_are_the_weights_of_every_session(market, by_hand):
    names = ["XOM", "VRT", "GULF", "GEV"]
    drifted = drifted_weights(Built(market.basket("b")), names)
    for row, (_, _, weights, _) in enumerate(by_hand):
        assert drifted.iloc[row].tolist() == pytest.approx([weights.get(name, 0.0) for name in names], abs=1e-9)
    # Each of them was held at some time, and the one that died left.
    assert (drifted.max() > 0.15).all()
    assert drifted.loc["2020-07-01":, "GULF"].eq(0).all()
    assert drifted.loc["2020-06-15":"2020-06-30", "GULF"].gt(0).all()


@pytest.mark.parametrize("window", ["max", "2020", "2023", "ytd", "since 2020-05-28", "2020-06-01..2020-07-15"])
def test_so_is_what_each_member_gave(market, by_hand, window):
    names = ["XOM", "VRT", "GULF", "GEV"]
    first, last = {
        "max": (BASE, LAST),
        "2020": (dt.date(2019, 12, 31), dt.date(2020, 12, 31)),
        "2023": (dt.date(2022, 12, 30), dt.date(2023, 12, 29)),
        "ytd": (dt.date(2025, 12, 31), LAST),
        "since 2020-05-28": (dt.date(2020, 5, 28), LAST),
        "2020-06-01..2020-07-15": (dt.date(2020, 6, 1), dt.date(2020, 7, 15)),
    }[window]
    pages = {day: (total, points) for day, total, _, points in by_hand}
    base, (end, points) = pages[first], pages[last]
    wanted = [(points.get(name, 0.0) - base[1].get(name, 0.0)) / base[0] for name in names]
    got = contributions(Built(market.basket("b")), names, parse_window(window), LAST).iloc[-1]
    assert got.tolist() == pytest.approx(wanted, abs=1e-9)
    assert got.sum() == pytest.approx(end / base[0] - 1, abs=1e-12)


def test_late_members_are_named_to_windows_that_begin_before_them(market):
    early = dict(market.series("b").early)
    assert early[dt.date(2018, 8, 2)] == "VRT has prices from 2018-08-02 only"
    assert early[dt.date(2024, 3, 27)] == "GEV has prices from 2024-03-27 only"
