"""Numbers of the analytics against computations of others, on real prices.

Two kinds of oracle. Figures of quantstats 0.0.86 and ffn 1.4.1 are written down here as those programs printed them
once for the bundled sample: they bring scipy, seaborn and scikit-learn along, which is too much for a test run. All
else is computed beside, from lists, with the standard library or a few lines of numpy that know nothing of `generator`.

Quantstats and ffn agree with one another, and with us, wherever all three answer the same question. Where they do not
is shown by the tests below, each with what those programs make of it.
"""

from __future__ import annotations

import bisect
import calendar
import csv
import datetime as dt
import itertools
import lzma
import math
import statistics
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.unit.analytics import frames
from tests.unit.analytics.frames import inside, returns_inside, rotation_path, spans, widest_spread
from tests.unit.analytics.samples import holed, prices, walk
from thesisvault.scalars import parse_window

INDEX = "^GSPC"
NAN = math.nan


@cache
def sample() -> dict[str, dict[dt.date, float]]:
    """The bundled sample, read with the standard library alone."""
    packed = (ROOT / "generator" / "thesisvault" / "market" / "sources" / "bundled" / "sample.csv.xz").read_bytes()
    rows = list(csv.reader(lzma.decompress(packed).decode("ascii").splitlines()))
    table = [(dt.date.fromisoformat(row[0]), row[1:]) for row in rows[1:]]
    return {
        name: {day: float(cells[place]) for day, cells in table if cells[place]}
        for place, name in enumerate(rows[0][1:])
    }


def series(name: str, start: str = "1990-01-01", end: str = "2022-12-31") -> pd.Series:
    kept = {d: c for d, c in sample()[name].items() if start <= str(d) <= end}
    return pd.Series(list(kept.values()), index=pd.DatetimeIndex(pd.to_datetime(list(kept))))


def dates(level: pd.Series) -> list[dt.date]:
    return [stamp.date() for stamp in level.index]


# --- quantstats and ffn ---------------------------------------------------------------------------------------------

# What both print for the closes of a stretch, its first and last day included: volatility, deepest drawdown, drawdown
# on the last day, beta to the index and correlation with it.
PRINTED = {
    ("AAPL", "2021-12-28..2022-12-28"): (0.3550776177, -0.303490473, -0.303490473, 1.3063621235, 0.8851170542),
    ("AAPL", "2007-10-09..2009-03-09"): (0.5505082252, -0.6086383119, -0.5840751731, 0.9815810509, 0.677663198),
    ("AAPL", "2019-12-31..2020-12-31"): (0.4664967704, -0.3142767963, -0.0292628234, 1.1232816882, 0.8290668643),
    ("AAPL", "max"): (0.4341527811, -0.8180987203, -0.303490473, 1.154127689, 0.4863712949),
    ("XOM", "2021-12-28..2022-12-28"): (0.3503721883, -0.2050863553, -0.050795403, 0.539383529, 0.370363757),
    ("XOM", "2007-10-09..2009-03-09"): (0.4670299114, -0.3372688999, -0.3062419916, 1.0161892232, 0.8269541592),
    ("XOM", "2019-12-31..2020-12-31"): (0.5283621614, -0.5500504006, -0.3721959304, 1.094769873, 0.7134123935),
    ("XOM", "max"): (0.2499209952, -0.6239594488, -0.050795403, 0.8248954793, 0.6038830564),
}


@pytest.mark.parametrize(("name", "text"), PRINTED, ids=[" ".join(key) for key in PRINTED])
def test_risk_of_a_stretch_is_what_quantstats_and_ffn_print(name, text):
    window, level, index = parse_window(text), series(name), series(INDEX)
    start, end = (str(window.start), str(window.end)) if text != "max" else ("1990", "2023")
    got = (
        frames.volatility(level, window).iloc[-1],
        frames.drawdown(series(name, start, end), parse_window("max")).min(),
        frames.drawdown(level, window).iloc[-1],
        frames.beta(level, index, window).iloc[-1],
        frames.correlation(level, index, window).iloc[-1],
    )
    assert got == pytest.approx(PRINTED[name, text], abs=1e-9)


def test_a_year_back_is_the_same_stretch_named_by_its_end():
    level, window = series("AAPL"), parse_window("1y")
    stated = PRINTED["AAPL", "2021-12-28..2022-12-28"]
    assert frames.volatility(level, window).iloc[-1] == pytest.approx(stated[0], abs=1e-9)
    assert frames.beta(level, series(INDEX), window).iloc[-1] == pytest.approx(stated[3], abs=1e-9)
    assert frames.correlation(level, series(INDEX), window).iloc[-1] == pytest.approx(stated[4], abs=1e-9)


# quantstats.stats.rolling_volatility(AAPL, 60), rolling_greeks(AAPL, ^GSPC, 250) and to_drawdown_series(AAPL).
ROLLING = {
    "1990-03-28": (0.4021008578, NAN, -0.0265780731),
    "1998-08-31": (0.5598950918, 0.9231718125, -0.5468451243),
    "2008-10-10": (0.6661883062, 1.2104505297, -0.5156610617),
    "2020-03-16": (0.6015444438, 1.2338497454, -0.2597540421),
    "2022-12-28": (0.4043913893, 1.3063126242, -0.303490473),
}


def test_rolling_risk_is_what_quantstats_prints_on_the_same_day():
    level, index = series("AAPL"), series(INDEX)
    got = pd.DataFrame(
        {
            "vol": frames.volatility(level, parse_window(60)),
            "beta": frames.beta(level, index, parse_window(250)),
            "drawdown": frames.drawdown(level, parse_window("max")),
        }
    )
    for day, wanted in ROLLING.items():
        assert got.loc[day].tolist() == pytest.approx(wanted, abs=1e-9, nan_ok=True)
    # Begun on the same session, and the whole history of drawdowns, all 8,313 of them.
    assert got["vol"].first_valid_index() == pd.Timestamp("1990-03-28")
    assert got["drawdown"].sum() == pytest.approx(-2370.4362465853815, rel=1e-12)


def test_quantstats_counts_the_first_close_of_rolling_beta_as_a_return_of_nought_and_we_do_not():
    # It has a first rolling beta over 250 sessions on 1990-12-26, from 249 returns and a nought in place of the first.
    first = frames.beta(series("AAPL"), series(INDEX), parse_window(250)).first_valid_index()
    assert first == pd.Timestamp("1990-12-27")


def test_a_hole_in_closes_is_bridged_by_one_return_as_in_ffn():
    level = series("AAPL", "2021-12-28")
    level.iloc[10::7] = NAN
    got = frames.volatility(level, parse_window("max"))
    # ffn 1.4.1 bridges the hole; quantstats 0.0.86 drops the returns on both sides of it and prints 0.34345367712.
    assert got.iloc[-1] == pytest.approx(0.38792012017426547, abs=1e-12)
    assert got[level.isna()].isna().all()


def test_a_price_below_one_is_a_price():
    level = series("AAPL", "1990-01-01", "1995-12-31") / 10
    # ffn's figure; quantstats 0.0.86 takes any series below 1 for returns and prints a drawdown of 0.
    assert frames.drawdown(level, parse_window("max")).min() == pytest.approx(-0.6806883365200764, abs=1e-12)


def test_two_calendars_are_joined_before_returns_are_taken(market_folder):
    bitcoin, stocks = prices(market_folder, "BTC-USD"), prices(market_folder, "SPY")
    window = parse_window("2025-02-27..2026-02-27")
    # ffn 1.4.1, returns of the merged prices. quantstats 0.0.86 fills SPY backwards over weekends from the Monday to
    # come and prints 0.0556; a frame of both with its gaps gives 0.4348, the weekend's move of bitcoin left out.
    got = frames.correlation(bitcoin, stocks, window)
    assert got.iloc[-1] == pytest.approx(0.43201412302168374, abs=1e-12)
    common = sorted(set(bitcoin.index) & set(stocks.index))
    assert got.index.tolist() == common


# --- windows ---------------------------------------------------------------------------------------------------------


def months_back(day: dt.date, months: int) -> dt.date:
    year, month = day.year, day.month - months
    while month < 1:
        year, month = year - 1, month + 12
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def first_day(text: str, today: dt.date) -> dt.date:
    """The day on or before which the base lies, by the words of the design and nothing else."""
    number, unit = text[:-1], text[-1]
    if text == "ytd":
        return dt.date(today.year - 1, 12, 31)
    if text == "mtd":
        return today - dt.timedelta(days=today.day)
    if unit in "dw":
        return today - dt.timedelta(days=int(number) * (7 if unit == "w" else 1))
    return months_back(today, int(number) * (12 if unit == "y" else 1))


FIXED = {
    "2022": ("2021-12-31", "2022-12-31"),
    "2008": ("2007-12-31", "2008-12-31"),
    "2018Q4": ("2018-09-30", "2018-12-31"),
    "2020-02": ("2020-01-31", "2020-02-29"),
    "2000-03-24..2002-10-09": ("2000-03-24", "2002-10-09"),
    "2001-09-16..2001-09-18": ("2001-09-16", "2001-09-18"),
}
MOVING = ("1d", "5d", "10d", "2", "200", "11d", "90d", "180d", "2w", "1m", "3m", "6m", "1y", "5y", "mtd", "ytd")
TEXTS = (*MOVING, *FIXED, "since 2001-09-11", "since 2020-02-29", "max")
Bounds = tuple[int, int]


def counts_sessions(text: str) -> bool:
    return text in ("2", "200", "1d", "5d", "10d")


def bounds(days: list[dt.date], row: int, text: str) -> Bounds | None:
    """Base and end of a window as seen from a session, one session at a time."""
    today = days[row]

    def last_by(day: dt.date) -> int | None:
        place = bisect.bisect_right(days[: row + 1], day) - 1
        return place if place >= 0 and (day - days[place]).days <= 7 else None

    if text == "max":
        return 0, row
    if counts_sessions(text):
        back = row - int(text.removesuffix("d"))
        return (back, row) if back >= 0 else None
    if text in FIXED:
        first, last = map(dt.date.fromisoformat, FIXED[text])
        if today < last:
            return None
        base, end = last_by(first), last_by(last)
        return None if base is None or end is None or end <= base else (base, end)
    if text.startswith("since "):
        start = dt.date.fromisoformat(text.removeprefix("since "))
        base = last_by(start) if today >= start else None
    else:
        base = last_by(first_day(text, today))
    return None if base is None else (base, row)


def looked_at(days: list[dt.date]) -> list[int]:
    """Rows here and there over three decades, with ends of months, leap days and the first sessions of all."""
    odd = [
        row for row, day in enumerate(days) if (day.month, day.day) == (2, 29) or (day.day == 31 and day.year % 5 == 0)
    ]
    return sorted({*range(0, len(days), 173), 1, 9, 21, 30, 252, 253, *odd, len(days) - 1})


def held(text: str, found: Bounds) -> Bounds:
    """First and last row inside a window: the base belongs to it only where its day was named, and to `max`."""
    base, end = found
    if text == "max" or text.startswith("since ") or ".." in text:
        return base, end
    return base + 1, end


@pytest.mark.parametrize("text", TEXTS)
def test_a_window_on_real_sessions_is_that_of_the_rule_applied_to_one_session_alone(text):
    level, window = series("XOM"), parse_window(int(text) if text in ("2", "200") else text)
    days, closes = dates(level), level.tolist()
    got = (spans(level.index, window), inside(level.index, window), returns_inside(level.index, window))
    moved = frames.window_return(level, window)
    some = 0
    for row in looked_at(days):
        found = bounds(days, row, text)
        shown = [(int(each.base[row]), int(each.end[row])) for each in got]
        if found is None:
            assert shown[0] == (-1, -1)
            assert math.isnan(moved.iloc[row])
            continue
        base, end = found
        some += 1
        assert shown[0] == found
        if base < end:
            assert shown[1:] == [held(text, found), (base + 1, end)]
        assert moved.iloc[row] == pytest.approx(closes[end] / closes[base] - 1, abs=1e-12)
    assert some or text == "2022", "the sample ends on 2022-12-28"


def test_a_year_that_is_not_over_is_unknown_on_its_last_session_but_one():
    level = series("XOM")
    assert spans(level.index, parse_window("2022")).reason == "use ytd: 2022 is not over"
    assert frames.window_return(level, parse_window("2022")).isna().all()


# --- statistics inside a window --------------------------------------------------------------------------------------


def deviation(values: list[float]) -> float:
    return float(np.std(np.array(values), ddof=1)) if len(values) > 1 else NAN


def moves(closes: list[float]) -> list[float]:
    return [after / before - 1 for before, after in itertools.pairwise(closes)]


@pytest.mark.parametrize("text", TEXTS)
def test_statistics_of_real_closes_are_those_of_the_closes_inside_the_window(text):
    level, window = series("JPM"), parse_window(int(text) if text in ("2", "200") else text)
    days, closes = dates(level), level.tolist()
    got = pd.DataFrame(
        {
            "vol": frames.volatility(level, window),
            "drawdown": frames.drawdown(level, window),
            "sma": frames.sma(level, window),
            "z": frames.zscore(level, window),
            "high": frames.highest(level, window),
            "low": frames.lowest(level, window),
        }
    )
    counted = counts_sessions(text)
    for row in looked_at(days):
        found = bounds(days, row, text)
        # A bare number of closes needs no close before them, a return over as many does.
        within = (row - window.count + 1, row) if counted and row + 1 >= window.count else None
        if found is not None and found[0] < found[1] and not counted:
            within = held(text, found)
        if within is None:
            assert got.iloc[row].isna().all() or (found is not None and found[0] == found[1])
            continue
        values = closes[within[0] : within[1] + 1]
        spread = deviation(values)
        off = values[-1] - math.fsum(values) / len(values)
        wanted = {
            "vol": NAN if found is None else deviation(moves(closes[found[0] : found[1] + 1])) * math.sqrt(252),
            "drawdown": NAN if found is None else closes[found[1]] / max(closes[found[0] : found[1] + 1]) - 1,
            "sma": math.fsum(values) / len(values),
            "z": off / spread if spread > 0 else NAN,
            "high": max(values),
            "low": min(values),
        }
        # Windows are summed some hundred at a time, which leaves 1e-8 of a deviation where returns were equal.
        assert got.iloc[row].to_dict() == pytest.approx(wanted, rel=1e-8, abs=2e-8, nan_ok=True), days[row]


@pytest.mark.parametrize("text", [t for t in TEXTS if t not in ("1d", "2", "2001-09-16..2001-09-18")])
def test_rolling_correlation_and_beta_are_those_of_the_covariance_matrix(text):
    window = parse_window(int(text) if text == "200" else text)
    one, other = series("XOM"), series("MTUM")
    days = sorted(sample()["XOM"].keys() & sample()["MTUM"].keys())
    pairs = np.array([(sample()["XOM"][d], sample()["MTUM"][d]) for d in days])
    steps = pairs[1:] / pairs[:-1] - 1
    got = frames.correlation(one, other, window), frames.beta(one, other, window)
    assert dates(got[0]) == days
    for row in looked_at(days):
        found = bounds(days, row, text)
        inner = steps[:0] if found is None else steps[found[0] : found[1]]
        if len(inner) < 3:
            assert math.isnan(got[0].iloc[row])
            assert math.isnan(got[1].iloc[row])
            continue
        matrix = np.cov(inner.T)
        assert got[0].iloc[row] == pytest.approx(np.corrcoef(inner.T)[0, 1], abs=1e-9)
        assert got[1].iloc[row] == pytest.approx(matrix[0, 1] / matrix[1, 1], abs=1e-9)


@pytest.mark.parametrize("text", ["1y", "2018-06-29..2022-12-28", "max"])
def test_a_matrix_of_real_members_holds_the_correlation_of_every_pair(text):
    names = ["XOM", "JPM", "MSFT", "MTUM", INDEX]
    frame = pd.DataFrame({name: series(name) for name in names}).dropna()
    days = dates(frame)
    got = frames.correlation_matrix(frame, parse_window(text))
    for a, b in itertools.product(names, names):
        found = bounds(days, len(days) - 1, text) if text not in FIXED and ".." not in text else None
        if found is None:
            window = parse_window(text)
            found = bisect.bisect_right(days, window.start) - 1, bisect.bisect_right(days, window.end) - 1
        kept = days[found[0] : found[1] + 1]
        left, right = ([sample()[name][d] for d in kept] for name in (a, b))
        assert got.loc[a, b] == pytest.approx(statistics.correlation(moves(left), moves(right)), abs=1e-9)
    assert (got.to_numpy() == got.to_numpy().T).all()


def test_an_exponential_mean_is_the_recursion_from_the_first_close():
    level = series("PEP")
    for n in (1, 4, 50):
        mean, wanted = level.iloc[0], []
        for row, close in enumerate(level.tolist()):
            mean += (close - mean) * 2 / (n + 1)
            wanted.append(mean if row >= n - 1 else NAN)
        assert frames.ema(level, n).tolist() == pytest.approx(wanted, rel=1e-10, nan_ok=True)


# --- total return ----------------------------------------------------------------------------------------------------


def adjusted_backwards(raw: list[float], cash: list[float], ratio: list[float]) -> tuple[list[float], list[float]]:
    """Closes on today's shares, and adjusted closes, from prices as traded; from the newest bar to the oldest."""
    closes, adjusted = [], []
    shares, kept = 1.0, 1.0
    for day in reversed(range(len(raw))):
        closes.append(raw[day] / shares)
        adjusted.append(raw[day] / shares * kept)
        if day:
            # On the evening before the ex-date the price held what is paid out, in shares of before the split.
            paid = cash[day] * ratio[day]
            kept *= (raw[day - 1] - paid) / raw[day - 1]
        shares *= ratio[day]
    return closes[::-1], adjusted[::-1]


def test_the_oracle_itself_reproduces_the_worked_example_of_yahoo():
    closes, adjusted = adjusted_backwards([46.99, 48.30, 24.96, 24.53], [0, 0, 0, 0.08], [1, 1, 2, 1])
    assert [round(each, 2) for each in adjusted] == [23.42, 24.07, 24.88, 24.53]
    assert closes[:2] == pytest.approx([23.495, 24.15])


bars = st.tuples(
    st.floats(0.5, 2000), st.sampled_from([0.0, 0.0, 0.001, 0.02, 0.4]), st.sampled_from([1, 1, 1, 2, 20, 0.1])
)


@given(st.lists(bars, min_size=2, max_size=60))
def test_total_return_between_any_two_days_is_the_quotient_of_their_adjusted_closes(path):
    raw = [price for price, _, _ in path]
    ratio = [1.0, *(float(split) for _, _, split in path[1:])]
    # Cash as a share of the close before, so that it is a dividend and not more than the share was worth.
    cash = [0.0, *(raw[day - 1] * path[day][1] / ratio[day] for day in range(1, len(path)))]
    closes, adjusted = adjusted_backwards(raw, cash, ratio)
    days = pd.bdate_range("2024-01-01", periods=len(raw))
    later = [math.prod(ratio[day + 1 :]) for day in range(len(raw))]
    paid = pd.Series([c / f for c, f in zip(cash, later, strict=True)], index=days)
    level = frames.total_return_index(pd.Series(closes, index=days), paid[paid > 0])
    wanted = [100 * each / adjusted[0] for each in adjusted]
    assert level.tolist() == pytest.approx(wanted, rel=1e-9)


# --- many members ----------------------------------------------------------------------------------------------------


def test_dispersion_and_breadth_of_real_sessions_leave_out_who_is_not_listed():
    frame = pd.DataFrame({name: series(name) for name in sample()}).loc["2013-10-01":"2014-03-31"]
    daily = frames.daily_returns(frame)
    up = (daily > 0).astype(float).where(daily.notna())
    days = [stamp.date() for stamp in frame.index]
    got = pd.DataFrame(
        {
            "dispersion": frames.dispersion(daily),
            "share": frames.share_true(up),
            "count": frames.count_true(up),
        }
    )
    members = set()
    for before, day in itertools.pairwise(days):
        moved = {n: c[day] / c[before] - 1 for n, c in sample().items() if day in c and before in c}
        members.add(len(moved))
        rose = sum(move > 0 for move in moved.values())
        wanted = {
            "dispersion": statistics.stdev(moved.values()),
            "share": rose / len(moved),
            "count": rose,
        }
        assert got.loc[str(day)].to_dict() == pytest.approx(wanted, abs=1e-12)
    assert len(members) > 1, "members were listed on the way"


# --- rotation and episodes -------------------------------------------------------------------------------------------


def test_rotation_coordinates_of_real_prices_are_those_of_the_written_formula():
    closes, index = sample()["XOM"], sample()[INDEX]
    weeks: dict[tuple[int, int], dt.date] = {}
    for day in sorted(closes.keys() & index.keys()):
        weeks[day.isocalendar()[:2]] = day
    lasts = list(weeks.values())
    ratio = [closes[day] / index[day] for day in lasts]
    trend = [100 * ratio[n] / statistics.fmean(ratio[n - 13 : n + 1]) for n in range(13, len(ratio))]
    smooth = [trend[0]]
    for each in trend[1:]:
        smooth.append(0.4 * each + 0.6 * smooth[-1])
    # The first three smoothed values are still those of the start; five of the others make the first momentum.
    x, at = smooth[3:], lasts[16:]
    wanted = {at[n]: (x[n], 100 * x[n] / statistics.fmean(x[n - 4 : n + 1])) for n in range(4, len(x))}
    path = rotation_path(series("XOM"), series(INDEX))
    assert dates(path["x"]) == list(wanted)
    assert path.to_numpy() == pytest.approx(np.array(list(wanted.values())), rel=1e-10)


def test_figures_of_a_real_rotation_are_those_of_plain_arithmetic():
    buy, sell = sample()["XOM"], sample()["MSFT"]
    start, end = dt.date(2000, 3, 25), dt.date(2002, 10, 9)
    got = widest_spread(series("XOM"), series("MSFT"), start, end)
    assert got is not None
    days = sorted(buy.keys() & sell.keys())
    first, last = (max(d for d in days if d <= limit) for limit in (start, end))
    assert first == dt.date(2000, 3, 24)
    apart = {d: buy[d] / buy[first] - sell[d] / sell[first] for d in days if first <= d <= last}
    assert got.last_close == last == end
    assert got.spread == pytest.approx(max(apart.values()), abs=1e-12)
    assert got.day == max(apart, key=lambda day: apart[day])


# --- what holds for any level ----------------------------------------------------------------------------------------

seeds = st.integers(0, 10_000)
texts = st.sampled_from(["5d", "20", "90d", "3m", "ytd", "max", "2019-09-02..2019-12-31"])


@given(seeds, texts, st.floats(1e-3, 1e6))
def test_scaling_a_level_changes_neither_its_returns_nor_its_risk(seed, text, factor):
    level, other, window = holed(walk(250, seed), seed), walk(250, seed + 1), parse_window(text)
    for measure in (frames.window_return, frames.volatility, frames.drawdown, frames.zscore):
        pd.testing.assert_series_equal(measure(level * factor, window), measure(level, window), rtol=1e-6, atol=1e-9)
    for measure in (frames.correlation, frames.beta):
        scaled = measure(level * factor, other, window)
        pd.testing.assert_series_equal(scaled, measure(level, other, window), rtol=1e-6, atol=1e-9)


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=60), texts)
def test_a_drawdown_lies_between_all_and_nothing_and_is_never_deeper_than_the_deepest(values, text):
    level = pd.Series(values, index=pd.bdate_range("2019-08-01", periods=len(values)))
    seen = frames.drawdown(level, parse_window(text)).dropna()
    assert ((seen >= -1) & (seen <= 0)).all()
    deepest = frames.drawdown(level, parse_window("max")).cummin()
    assert (deepest.diff().dropna() <= 0).all()
    assert (seen >= deepest[seen.index] - 1e-12).all()


@given(seeds, texts)
def test_correlation_is_symmetric_and_beta_turns_round_by_the_ratio_of_variances(seed, text):
    one, other, window = holed(walk(250, seed), seed), holed(walk(250, seed + 1), seed + 2), parse_window(text)
    there, back = frames.correlation(one, other, window), frames.correlation(other, one, window)
    pd.testing.assert_series_equal(there, back, check_names=False)
    known = there.dropna()
    assert known.abs().max() <= 1
    product = frames.beta(one, other, window) * frames.beta(other, one, window)
    assert product.dropna().tolist() == pytest.approx((known**2).tolist(), rel=1e-6, abs=1e-9)


@given(seeds, texts)
def test_beta_of_a_series_with_itself_is_one_and_doubles_with_its_returns(seed, text):
    level, window = walk(250, seed), parse_window(text)
    twice = 100 * (1 + 2 * level.pct_change(fill_method=None).fillna(0)).cumprod()
    own = frames.beta(level, level, window).dropna()
    assume(len(own))
    assert own.tolist() == pytest.approx([1.0] * len(own), abs=1e-9)
    double = frames.beta(twice, level, window).dropna()
    assert double.tolist() == pytest.approx([2.0] * len(double), abs=1e-6)


@given(seeds, texts)
def test_a_gap_is_never_filled_and_costs_nothing_but_itself(seed, text):
    level, window = holed(walk(250, seed), seed, 0.2), parse_window(text)
    known = level.dropna()
    for measure in (
        frames.window_return,
        frames.volatility,
        frames.drawdown,
        frames.sma,
        frames.zscore,
        frames.highest,
    ):
        got = measure(level, window)
        assert got[level.isna()].isna().all()
        pd.testing.assert_series_equal(got[known.index], measure(known, window), check_freq=False)
    assert frames.total_return_index(level)[level.isna()].isna().all()


def test_no_member_of_a_real_universe_gets_a_value_on_a_day_it_did_not_trade(market_folder: Path):
    frame = pd.DataFrame({name: prices(market_folder, name) for name in ("XLE", "BTC-USD", "MAGS", "SPY", "KRE")})
    for made in (
        frames.daily_returns(frame),
        frames.window_return(frame, parse_window("1y")),
        frames.volatility(frame, parse_window("90d")),
        frames.drawdown(frame, parse_window("max")),
        frames.sma(frame, parse_window(200)),
    ):
        assert not (made.notna() & frame.isna()).to_numpy().any()
        assert made.notna().any().all()
