"""The kernels at every session of series of pandas, as the tests ask for them; NaN is a session that a series lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from thesisvault.analytics import across, baskets, episodes, kernels, relative, returns, rotation
from thesisvault.analytics.baskets import BasketLevel
from thesisvault.analytics.bounds import Ints, Mode, Pace, bounds, number_of, why_unknown
from thesisvault.analytics.kernels import Floats, Kernel
from thesisvault.market.records import SeriesView
from thesisvault.scalars import Window


def numbers(index: pd.Index) -> Ints:
    """Days as the product counts them."""
    return np.asarray(index, dtype="datetime64[D]").astype(np.int64)


def by_day(days: Ints, values: Floats) -> pd.Series:
    """Values of the product as a series."""
    return pd.Series(values, index=pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[ns]")))


def level_of(view: SeriesView) -> pd.Series:
    """The levels of a series of the market."""
    return by_day(view.levels.days, view.levels.values)


def close_of(view: SeriesView) -> pd.Series | None:
    """Its closes."""
    return None if view.closes is None else by_day(view.closes.days, view.closes.values)


@dataclass(frozen=True)
class Spans:
    """First and last row of a window at each session, -1 where unknown, and why the last one has none."""

    base: Ints
    end: Ints
    reason: str

    @property
    def known(self) -> np.ndarray:
        return self.base >= 0


def _seen(index: pd.Index, window: Window, mode: Mode, period_days: int, as_of: dt.date | None) -> Spans:
    days = numbers(index)
    pace = Pace(period_days) if as_of is None else Pace(period_days, number_of(as_of))
    if not len(days):
        return Spans(days, days, why_unknown(days, -1, window, pace, mode))
    base, end = bounds(days, np.arange(len(days)), window, pace, mode)
    return Spans(base, end, "" if base[-1] >= 0 else why_unknown(days, len(days) - 1, window, pace, mode))


def spans(index: pd.Index, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> Spans:
    return _seen(index, window, "span", period_days, as_of)


def inside(index: pd.Index, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> Spans:
    return _seen(index, window, "inside", period_days, as_of)


def returns_inside(index: pd.Index, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> Spans:
    return _seen(index, window, "returns", period_days, as_of)


# One series, or each column of a frame by itself ----------------------------------------------------------------------


def _each(levels: pd.Series | pd.DataFrame, work: Callable[[Ints, Floats], Floats]) -> pd.Series | pd.DataFrame:
    if isinstance(levels, pd.DataFrame):
        return levels.apply(lambda column: _each(column, work))
    known = levels.dropna()
    values = known.to_numpy(dtype=np.float64)
    return pd.Series(work(numbers(known.index), values), index=known.index, dtype=np.float64).reindex(levels.index)


def _by_window(mode: Mode, kernel_of: Callable[[Ints], Kernel]):
    def measure(levels, window: Window, as_of: dt.date | None = None):
        def work(days: Ints, values: Floats) -> Floats:
            out = np.full(len(days), np.nan)
            if len(days):
                pace = Pace() if as_of is None else Pace(1, number_of(as_of))
                base, end = bounds(days, np.arange(len(days)), window, pace, mode)
                rows = np.flatnonzero(base >= 0)
                if rows.size:
                    out[rows] = kernel_of(days)(values, base[rows], end[rows])
            return out

        return _each(levels, work)

    return measure


def _peak_day(days: Ints) -> Kernel:
    return lambda values, base, end: days[kernels.row_of_highest(values, base, end)].astype(np.float64)


window_return = _by_window("span", lambda _: kernels.returned)
window_change = _by_window("span", lambda _: kernels.changed)
volatility = _by_window("span", lambda _: kernels.volatility)
drawdown = _by_window("span", lambda _: kernels.drawdown)
peak_day = _by_window("span", _peak_day)
sma = _by_window("inside", lambda _: kernels.mean)
highest = _by_window("inside", lambda _: kernels.highest)
lowest = _by_window("inside", lambda _: kernels.lowest)
zscore = _by_window("inside", lambda _: kernels.zscore)


def daily_returns(levels):
    def work(_: Ints, values: Floats) -> Floats:
        return np.append(np.full(min(len(values), 1), np.nan), kernels.growth(values[1:], values[:-1]))

    return _each(levels, work)


def ema(levels, n: int):
    return _each(levels, lambda _, values: kernels.exponential(values, n))


def mean_of_last(levels, n: int):
    return _each(levels, lambda _, values: kernels.mean_of_last(values, n))


def total_return_index(close: pd.Series, dividends: pd.Series | None = None) -> pd.Series:
    paid = pd.Series(dtype=np.float64, index=pd.DatetimeIndex([])) if dividends is None else dividends.dropna()
    on, cash = numbers(paid.index), paid.to_numpy(dtype=np.float64)
    return _each(close, lambda days, values: returns.total_return(days, values, on, cash))


def streak(condition: pd.Series) -> pd.Series:
    return pd.Series(across.streak(condition.to_numpy(dtype=np.float64)), index=condition.index)


def flips(condition: pd.Series) -> pd.Series:
    return pd.Series(across.flips(condition.to_numpy(dtype=np.float64)), index=condition.index)


# Several series -------------------------------------------------------------------------------------------------------


def _reduced(reduce: Callable[[Floats], Floats]):
    return lambda frame: pd.Series(reduce(frame.to_numpy(dtype=np.float64)), index=frame.index)


share_true = _reduced(across.share_true)
count_true = _reduced(across.count_true)
dispersion = _reduced(across.dispersion)


def joined(a: pd.Series, b: pd.Series) -> pd.DataFrame:
    a, b = a.dropna(), b.dropna()
    rows, others = relative.common_rows(numbers(a.index), numbers(b.index))
    return pd.DataFrame({0: a.to_numpy()[rows], 1: b.to_numpy()[others]}, index=a.index[rows], dtype=np.float64)


def spread(a: pd.Series, b: pd.Series, window: Window) -> pd.Series:
    both = window_return(joined(a, b), window)
    return both[0] - both[1]


def _pair(kernel: Kernel):
    def measure(a: pd.Series, b: pd.Series, window: Window) -> pd.Series:
        both = joined(a, b)
        out = np.full(len(both), np.nan)
        if len(both):
            found = spans(both.index, window)
            rows = np.flatnonzero(found.known)
            if rows.size:
                out[rows] = kernel(both.to_numpy(), found.base[rows], found.end[rows])
        return pd.Series(out, index=both.index)

    return measure


correlation = _pair(kernels.correlation)
beta = _pair(kernels.beta)


def correlation_matrix(frame: pd.DataFrame, window: Window) -> pd.DataFrame:
    found = relative.correlation_matrix(numbers(frame.index), frame.to_numpy(dtype=np.float64), window)
    return pd.DataFrame(found, index=frame.columns, columns=frame.columns)


def widest_spread(buy: pd.Series, sell: pd.Series, start: dt.date, end: dt.date) -> episodes.WidestSpread | None:
    both = joined(buy, sell)
    return episodes.widest_spread(numbers(both.index), both[0].to_numpy(), both[1].to_numpy(), start, end)


def weekly(levels: pd.Series) -> pd.Series:
    known = levels.dropna()
    return known.iloc[rotation.weekly(numbers(known.index))]


def rotation_path(level: pd.Series, benchmark: pd.Series) -> pd.DataFrame:
    both = joined(level, benchmark)
    return _path(rotation.rotation_path(numbers(both.index), (both[0] / both[1]).to_numpy()))


def rotation_tails(frame: pd.DataFrame, benchmark: pd.Series, weeks: int) -> dict[str, pd.DataFrame]:
    def plain(level: pd.Series) -> tuple[Ints, Floats]:
        known = level.dropna()
        return numbers(known.index), known.to_numpy()

    found = rotation.rotation_tails({name: plain(frame[name]) for name in frame}, plain(benchmark), weeks)
    return {name: _path(path) for name, path in found.items()}


def _path(path: rotation.Path) -> pd.DataFrame:
    return pd.DataFrame({"x": by_day(path.days, path.x), "y": by_day(path.days, path.y)})


# Baskets --------------------------------------------------------------------------------------------------------------


class Basket:
    """A basket of the product with its parts as series and frames."""

    def __init__(self, built: BasketLevel) -> None:
        self.built = built
        self.level = by_day(built.days, built.level)
        self.weights = self._frame(built.set_on, built.weights)
        self.gains = self._frame(built.days, built.gains)

    def _frame(self, days: Ints, values: Floats) -> pd.DataFrame:
        return pd.DataFrame(values, index=by_day(days, np.zeros(len(days))).index, columns=list(self.built.members))

    def until(self, rows: int) -> Basket:
        return Basket(self.built.until(rows))

    def held_on(self, rows: int) -> list[str]:
        return self.built.held_on(rows)


def basket_level(frame: pd.DataFrame, *args, **named) -> Basket:
    values = frame.to_numpy(dtype=np.float64)
    return Basket(baskets.basket_level(list(frame), numbers(frame.index), values, *args, **named))


def contributions(basket: Basket, names: list[str], window: Window, as_of: dt.date | None = None) -> pd.DataFrame:
    """What members gave to the return over a window: their points inside it over the level at its base."""
    found = spans(basket.level.index, window, 1, as_of)
    gains, level = basket.gains[names].to_numpy(), basket.level.to_numpy()
    out = np.full(gains.shape, np.nan)
    base, end = found.base[found.known], found.end[found.known]
    out[found.known] = (gains[end] - gains[base]) / level[base][:, None]
    return pd.DataFrame(out, index=basket.level.index, columns=names)


def drifted_weights(basket: Basket, names: list[str]) -> pd.DataFrame:
    built = basket.built
    settings = built.days.searchsorted(built.set_on)
    columns = {}
    for name in names:
        at = built.members.index(name)
        columns[name] = across.drifted(built.level, built.gains[:, at], settings, built.weights[:, at])
    return pd.DataFrame(columns, index=basket.level.index)
