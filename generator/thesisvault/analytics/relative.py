"""Two series against each other. They are joined on common sessions and never filled."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from thesisvault.analytics.bounds import SLACK_DAYS
from thesisvault.analytics.gaps import Block, session_index
from thesisvault.analytics.returns import daily_returns, window_return
from thesisvault.analytics.windows import returns_inside
from thesisvault.scalars import Window

MIN_COMMON_RETURNS = 20
"""Fewer common returns than this make no correlation worth a cell in a matrix."""


def joined(*series: pd.Series) -> pd.DataFrame:
    """Return the series as columns 0, 1, ... on the sessions for which all of them have a value.

    >>> days = pd.date_range("2026-01-01", periods=3)
    >>> joined(pd.Series([1.0, 2.0, 3.0], index=days), pd.Series([5.0, np.nan, 7.0], index=days)).values.tolist()
    [[1.0, 5.0], [3.0, 7.0]]
    """
    frame: pd.DataFrame = pd.concat(
        [one.astype(np.float64) for one in series], axis=1, join="inner", keys=range(len(series))
    )
    return frame.dropna().sort_index()


def ratio(a: pd.Series, b: pd.Series) -> pd.Series:
    """Return a / b on common sessions; NaN where b is 0.

    >>> days = pd.date_range("2026-01-01", periods=2)
    >>> ratio(pd.Series([3.0, 4.0], index=days), pd.Series([2.0, 0.0], index=days)).tolist()
    [1.5, nan]
    """
    both = joined(a, b)
    return both[0] / both[1].where(both[1] != 0)


def relative_strength(a: pd.Series, b: pd.Series) -> pd.Series:
    """Return the ratio of a to b, set to 1 at their first common session.

    >>> days = pd.date_range("2026-01-01", periods=2)
    >>> relative_strength(pd.Series([2.0, 3.0], index=days), pd.Series([4.0, 4.0], index=days)).tolist()
    [1.0, 1.5]
    """
    line = ratio(a, b).dropna()
    return line / line.iloc[0] if len(line) else line


def spread(a: pd.Series, b: pd.Series, window: Window, period_days: int = 1, as_of: dt.date | None = None) -> pd.Series:
    """Return the return of a less that of b over the window, as a fraction, both between the same two sessions.

    >>> from thesisvault.scalars import parse_window
    >>> days = pd.date_range("2026-01-01", periods=2)
    >>> up, flat = pd.Series([100.0, 110.0], index=days), pd.Series([50.0, 50.0], index=days)
    >>> spread(up, flat, parse_window("1d")).round(9).tolist()
    [nan, 0.1]
    """
    returns = window_return(joined(a, b), window, period_days, as_of)
    return returns[0] - returns[1]


def correlation(
    a: pd.Series,
    b: pd.Series,
    window: Window,
    min_observations: int = 3,
    period_days: int = 1,
    as_of: dt.date | None = None,
) -> pd.Series:
    """Return Pearson's correlation of the daily returns of a and b inside the window, at each common session.

    Returns are taken from one common session to the next. NaN with fewer than `min_observations` of them, or where one
    of the two does not move.

    On the same sessions this is what ffn 1.4.1 and quantstats 0.0.86 (root of `r_squared`) give. On different ones it
    is ffn's, of merged prices; quantstats fills the benchmark backwards, from prices yet to come, and finds 0.06 for
    bitcoin and SPY over the year to February 2026, where common sessions have 0.43.

    >>> from thesisvault.scalars import parse_window
    >>> level = pd.Series([100.0, 101.0, 99.0, 104.0], index=pd.date_range("2026-01-01", periods=4))
    >>> correlation(level, level * 2, parse_window("3d")).round(9).tolist()
    [nan, nan, nan, 1.0]
    """
    index, of_a, of_b, together = _moments(a, b, window, min_observations, period_days, as_of)
    with np.errstate(invalid="ignore"):
        values = np.clip(together / np.sqrt(of_a * of_b), -1, 1)
    return pd.Series(values, index=index)


def beta(
    a: pd.Series,
    b: pd.Series,
    window: Window,
    min_observations: int = 3,
    period_days: int = 1,
    as_of: dt.date | None = None,
) -> pd.Series:
    """Return the slope of the daily returns of a on those of b inside the window, at each common session.

    Covariance over variance, in which sample and population cancel; as in quantstats 0.0.86 (`greeks`) on the same
    sessions, see `correlation` for different ones. Its `rolling_greeks` counts the first close as a return of nought
    and so begins one session earlier.

    >>> from thesisvault.scalars import parse_window
    >>> days = pd.date_range("2026-01-01", periods=4)
    >>> market = pd.Series([100.0, 101.0, 99.99, 102.9897], index=days)
    >>> twice = pd.Series([100.0, 102.0, 99.96, 105.9576], index=days)
    >>> beta(twice, market, parse_window("3d")).round(6).tolist()
    [nan, nan, nan, 2.0]
    """
    index, _, of_b, together = _moments(a, b, window, min_observations, period_days, as_of)
    return pd.Series(together / of_b, index=index)


def correlation_matrix(
    levels: pd.DataFrame, window: Window, period_days: int = 1, as_of: dt.date | None = None
) -> pd.DataFrame:
    """Return the correlations of the members' daily returns inside the window, as seen from the newest session.

    Each pair is measured on its own common sessions up to the frame's last, and needs 20 common returns, else NaN. A
    pair whose last common session is more than a week older than the frame's newest is NaN too: it has ended.

    >>> from thesisvault.scalars import parse_window
    >>> days = pd.date_range("2026-01-01", periods=30)
    >>> wave = pd.Series(100 + np.sin(np.arange(30.0)), index=days)
    >>> correlation_matrix(pd.DataFrame({"A": wave, "B": 10_000 / wave}), parse_window(25)).round(2).values.tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    known = levels.notna().to_numpy()
    out = np.full((levels.shape[1], levels.shape[1]), np.nan)
    # Columns that know the same sessions are measured together: the pairs of patterns are far fewer than of columns.
    alike: dict[bytes, list[int]] = {}
    for column in range(levels.shape[1]):
        alike.setdefault(known[:, column].tobytes(), []).append(column)
    groups = list(alike.values())
    for place, one in enumerate(groups):
        for other in groups[place:]:
            columns = np.asarray(one if one is other else one + other)
            common = np.flatnonzero(known[:, one[0]] & known[:, other[0]])
            if not common.size or (levels.index[-1] - levels.index[common[-1]]).days > SLACK_DAYS:
                continue
            matrix = _correlations(levels.iloc[common, columns], window, period_days, as_of)
            if one is other:
                out[np.ix_(columns, columns)] = matrix
            else:
                across = matrix[: len(one), len(one) :]
                out[np.ix_(np.asarray(one), np.asarray(other))] = across
                out[np.ix_(np.asarray(other), np.asarray(one))] = across.T
    return pd.DataFrame(out, index=levels.columns, columns=levels.columns)


def _correlations(levels: pd.DataFrame, window: Window, period_days: int, as_of: dt.date | None) -> Block:
    """Return the matrix of columns without gaps, from the last window."""
    size = levels.shape[1]
    found = returns_inside(session_index(levels), window, period_days, as_of)
    first, last = int(found.base[-1]), int(found.end[-1])
    unknown = np.full((size, size), np.nan)
    if first < 0 or last - first + 1 < MIN_COMMON_RETURNS:
        return unknown
    returns = daily_returns(levels).to_numpy(dtype=np.float64)[first : last + 1]
    off = returns - returns.mean(axis=0)
    lengths = np.sqrt((off**2).sum(axis=0))
    moves = lengths > 1e-12
    scaled = np.divide(off, lengths, out=np.full(off.shape, np.nan), where=moves)
    matrix: Block = np.clip(scaled.T @ scaled, -1, 1)
    np.fill_diagonal(matrix, np.where(moves, 1.0, np.nan))
    return matrix


def _moments(
    a: pd.Series, b: pd.Series, window: Window, min_observations: int, period_days: int, as_of: dt.date | None
) -> tuple[pd.DatetimeIndex, Block, Block, Block]:
    """Return sessions, and the sums of squares of a, of b, and of products, about the window's means."""
    both = joined(a, b)
    index = session_index(both)
    returns = daily_returns(both).fillna(0.0).to_numpy(dtype=np.float64)
    found = returns_inside(index, window, period_days, as_of)
    x, y = returns[:, 0], returns[:, 1]
    # Sums of returns stay near nought, so differences of running sums lose nothing that shows.
    sums = np.zeros((len(index) + 1, 5))
    np.cumsum(np.column_stack([x, y, x * x, y * y, x * y]), axis=0, out=sums[1:])
    n = found.end - found.base + 1
    enough = found.known & (n >= max(min_observations, 2))
    inner = sums[found.end + 1] - sums[found.base]
    with np.errstate(divide="ignore", invalid="ignore"):
        of_a = inner[:, 2] - inner[:, 0] ** 2 / n
        of_b = inner[:, 3] - inner[:, 1] ** 2 / n
        together = inner[:, 4] - inner[:, 0] * inner[:, 1] / n
    still = (of_a <= 1e-13 * sums[found.end + 1, 2]) | (of_b <= 1e-13 * sums[found.end + 1, 3])
    unknown = ~enough | still
    for values in (of_a, of_b, together):
        values[unknown] = np.nan
    return index, of_a, of_b, together
