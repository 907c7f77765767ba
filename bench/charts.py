"""Charts: what one line chart costs, against the naive way with pyplot.

    python bench/charts.py [--rounds N]

Both draw the same lines on 1200 by 675 pixels and return PNG bytes, taking turns in one process so that a noisy machine
hits both alike. Figures are medians of CPU time in milliseconds; the ratio is the one to set goals by.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from thesisvault.charts.draw import draw
from thesisvault.charts.specs import Line, RebasedChart

CASES = {"2 lines, 90 days": (2, 62), "2 lines, 5 years": (2, 1260), "5 lines, 20 years": (5, 5040)}


def lines(count: int, sessions: int) -> tuple[Line, ...]:
    """Return random walks of so many sessions, always the same."""
    rng = np.random.default_rng(7)
    days = pd.bdate_range(end="2026-02-27", periods=sessions)
    walks = np.exp(np.cumsum(rng.normal(0.0003, 0.012, (count, sessions)), axis=1))
    return tuple(Line(f"LINE{i}", pd.Series(walk, index=days)) for i, walk in enumerate(walks))


def naive(chart: RebasedChart) -> bytes:
    """Return the chart as most programs draw it: pyplot, tight_layout, savefig."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 4.5), dpi=150)
    for line in chart.lines:
        level = (line.values / line.values.iloc[0] - 1) * 100
        axes.plot(level.index, level.to_numpy(), label=line.name, linewidth=2)
        axes.annotate(f"{line.name} {level.iloc[-1]:+.1f}%", (level.index[-1], level.iloc[-1]))
    axes.set_title(chart.title)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    out = io.BytesIO()
    figure.savefig(out, dpi=150, transparent=True)
    plt.close(figure)
    return out.getvalue()


def ours(chart: RebasedChart) -> bytes:
    """Return the chart as thesisvault draws it, stamp and fingerprint included."""
    return draw(chart, recipe="bench", as_of=dt.date(2026, 2, 27))


def cpu(work: Callable[[RebasedChart], bytes], chart: RebasedChart) -> tuple[float, int]:
    """Return milliseconds of CPU time of one drawing, and its kilobytes."""
    start = time.process_time()
    size = len(work(chart))
    return (time.process_time() - start) * 1000, size // 1024


def main() -> None:
    """Print one row a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="drawings of each kind and case (15)")
    rounds = parser.parse_args().rounds
    print(f"{'case':<20}{'naive ms':>10}{'ours ms':>10}{'ratio':>8}{'naive KB':>10}{'ours KB':>9}")
    for name, (count, sessions) in CASES.items():
        chart = RebasedChart("Bench", lines(count, sessions), "total return · to 2026-02-27", pair=count == 2)
        naive(chart), ours(chart)
        turns = [(cpu(naive, chart), cpu(ours, chart)) for _ in range(rounds)]
        slow, fast = (statistics.median(turn[k][0] for turn in turns) for k in (0, 1))
        sizes = turns[0][0][1], turns[0][1][1]
        print(f"{name:<20}{slow:>10.1f}{fast:>10.1f}{fast / slow:>8.2f}{sizes[0]:>10}{sizes[1]:>9}")


if __name__ == "__main__":
    main()
