"""Charts: what line charts cost, against the naive way with pyplot.

    python bench/charts.py [--rounds N]

Both draw the same lines on 1200 by 900 pixels and return PNG bytes, taking turns so that a noisy machine hits both
alike. No chart is drawn twice: every round has other lines, another title and other figures. Figures are medians of
processor time in milliseconds, first with everything loaded, then as a whole process that draws two charts, with what
it has to load; the ratio is the one to set goals by.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from thesisvault.charts.draw import draw
from thesisvault.charts.specs import Line, RebasedChart, Values

CASES = {"2 lines, 90 days": (2, 62), "2 lines, 5 years": (2, 1260), "5 lines, 20 years": (5, 5040)}
NAMES = ["XLE", "IGV", "SPY", "QQQ", "GLD", "TLT", "IWM", "EEM", "SMH", "XLU", "KRE", "DBC"]
WHOLE = "process, 2 charts"
ALONE = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import charts; charts.alone({{!r}})"
LOADING = "import pandas, matplotlib.pyplot"


def chart_of(count: int, sessions: int, turn: int) -> RebasedChart:
    """Return a chart of random walks of so many sessions, always the same in the same turn."""
    rng = np.random.default_rng(turn)
    days = np.arange("1990-01-01", "2026-02-28", dtype="datetime64[D]")
    days = days[np.is_busday(days)][-sessions:]
    walks = np.exp(np.cumsum(rng.normal(0.0003, 0.012, (count, sessions)), axis=1))
    names = [str(name) for name in rng.choice(NAMES, count, replace=False)]
    title = f"{names[0]} against {names[1]} since {days[0]}, turn {turn}"
    numbers = days.astype(np.int64)
    lines = tuple(Line(name, Values(name, numbers, walk)) for name, walk in zip(names, walks, strict=True))
    return RebasedChart(title, lines, "total return · to 2026-02-27", pair=count == 2)


def naive(chart: RebasedChart) -> bytes:
    """Return the chart as most programs draw it: pyplot, tight_layout, savefig."""
    import matplotlib as mpl
    import pandas as pd

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 6), dpi=150)
    for line in chart.lines:
        level = pd.Series(line.values.values, index=pd.DatetimeIndex(line.values.days.astype("datetime64[D]")))
        level = (level / level.iloc[0] - 1) * 100
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


WAYS = {"naive": naive, "ours": ours}


def cpu(work: Callable[[RebasedChart], bytes], chart: RebasedChart) -> tuple[float, int]:
    """Return milliseconds of processor time of one drawing, and its kilobytes."""
    start = time.process_time()
    size = len(work(chart))
    return (time.process_time() - start) * 1000, size // 1024


def alone(way: str) -> None:
    """Draw two charts in a process of their own."""
    for turn in range(2):
        WAYS[way](chart_of(*CASES["2 lines, 5 years"], turn))


def whole(script: str) -> float:
    """Return milliseconds of processor time of a whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", script], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main() -> None:
    """Print one row a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="drawings of each kind and case (15)")
    rounds = parser.parse_args().rounds
    print(f"{'case':<20}{'naive ms':>10}{'ours ms':>10}{'ratio':>8}{'naive KB':>10}{'ours KB':>9}")
    for name, case in CASES.items():
        naive(chart_of(*case, 0)), ours(chart_of(*case, 0))
        charts = [chart_of(*case, turn) for turn in range(1, rounds + 1)]
        turns = [(cpu(naive, chart), cpu(ours, chart)) for chart in charts]
        slow, fast = (statistics.median(turn[k][0] for turn in turns) for k in (0, 1))
        sizes = [statistics.median(turn[k][1] for turn in turns) for k in (0, 1)]
        print(f"{name:<20}{slow:>10.1f}{fast:>10.1f}{fast / slow:>8.3f}{sizes[0]:>10.0f}{sizes[1]:>9.0f}")
    scripts = [*(ALONE.format(way) for way in WAYS), LOADING]
    rows = [[whole(script) for script in scripts] for _ in range(max(3, rounds // 3))]
    slow, fast, loading = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"{WHOLE:<20}{slow:>10.0f}{fast:>10.0f}{fast / slow:>8.3f}")
    print(f"{'against loading':<20}{loading:>10.0f}{fast:>10.0f}{fast / loading:>8.3f}    naive column: {LOADING}")


if __name__ == "__main__":
    main()
