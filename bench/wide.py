"""Wide and wild inputs: what bombs, five hundred members and a real universe cost, against the plain way.

    python bench/wide.py [--rounds N] [--market DIR]

Each case has its own yardstick, taken in turns with it: a definition of as many lines without any alias; as many
expressions that are sound; a window over one series, as often as there are members; one series of the universe read
alone, as often as it has members. The ratio is the one to set goals by: well below 1 where many series are read at
once; of the first two it only shows that nothing is unfolded or worked out. Figures are medians of elapsed
milliseconds. Without a folder of real prices the last case is left out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from thesisvault.analytics import kernels
from thesisvault.analytics.bounds import Pace, bounds
from thesisvault.definitions.reading.load import parse_tree
from thesisvault.language.check import Vocabulary, check_expression
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.sources.csv_folder import folder_providers
from thesisvault.market.store.store import Store
from thesisvault.scalars import parse_window

ROOT = Path(__file__).resolve().parents[1]
LAST = dt.date(2026, 2, 27)
NOW = dt.datetime(2026, 2, 28, 12, tzinfo=dt.UTC)
MEMBERS = 500
KERNELS = (kernels.volatility, kernels.drawdown, kernels.mean, kernels.highest, kernels.lowest, kernels.zscore)

Work = Callable[[], object]


def took(work: Work) -> float:
    """Return how many milliseconds a piece of work takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def bomb() -> tuple[Work, Work]:
    """Return reading a definition whose aliases would unfold to nine to the twelfth, and one without aliases."""
    lists = [["lol"] * 9] + [[f"*a{n}"] * 9 for n in range(11)]
    armed = "\n".join(f"a{n}: &a{n} [{', '.join(each)}]" for n, each in enumerate(lists))
    plain = "\n".join(f"a{n}: [{', '.join(['lol'] * 9)}]" for n in range(12))
    return lambda: parse_tree(armed, "a.yaml"), lambda: parse_tree(plain, "a.yaml")


def ways_out() -> tuple[Work, Work]:
    """Return checking expressions that would cost the machine dear if they were evaluated, and as many plain ones."""
    deep = "(" * 900 + "1" + ")" * 900
    dear = ["2 ** 99999999", "'x' * 300000000", "range(10**9)", "abs(" * 200 + "1" + ")" * 200, deep]
    plain = ["ret('X', 'ytd') + 1"] * len(dear)
    known = Vocabulary(frozenset({"X"}), frozenset())
    return lambda: [check_expression(each, known) for each in dear], lambda: [
        check_expression(each, known) for each in plain
    ]


def many_members() -> Iterator[tuple[str, Work, Work]]:
    """Yield each figure of risk over all members at once, and over one member as often as there are members."""
    rng = np.random.default_rng(0)
    values = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (2800, MEMBERS)), axis=0))
    days = np.flatnonzero(np.arange(7 * len(values)) % 7 < 5)[: len(values)]
    base, end = bounds(days, np.arange(len(days)), parse_window("90d"), Pace())
    base, end = base[base >= 0], end[base >= 0]
    for kernel in KERNELS:

        def alone(kernel: kernels.Kernel = kernel) -> None:
            for column in values.T.copy():
                kernel(column, base, end)

        yield kernel.__name__, lambda kernel=kernel: kernel(values, base, end), alone


def universe(folder: Path, stack: ExitStack) -> tuple[Work, Work]:
    """Return reading the levels of the first 120 members of a real universe at once, and one by one."""
    members = (folder / "universes" / "sp500.txt").read_text("utf-8").split()[:120]
    known = {ticker: Instrument(ticker, ticker, "stock") for ticker in members}
    temporary = stack.enter_context(tempfile.TemporaryDirectory())
    store = stack.enter_context(Store(Path(temporary) / "store.sqlite"))
    refresh(store, known, folder_providers(folder), end=LAST, now=NOW)
    return (
        lambda: Market(store, known, last_day=LAST).levels(members),
        lambda: [Market(store, known, last_day=LAST).series(ticker).levels for ticker in members],
    )


def main() -> None:
    """Print one row a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    named = os.environ.get("THESISVAULT_MARKET")
    parser.add_argument("--market", type=Path, default=Path(named) if named else ROOT.parent / "shared" / "market")
    asked = parser.parse_args()
    with ExitStack() as stack:
        cases = [("bomb of aliases", *bomb()), ("ways out", *ways_out()), *many_members()]
        if (asked.market / "prices").is_dir():
            cases.append(("real universe", *universe(asked.market, stack)))
        print(f"medians of {asked.rounds} rounds")
        print(f"{'case':<24}{'ms':>10}{'plain ms':>10}{'ratio':>8}")
        for name, work, plain in cases:
            spent = [(took(work), took(plain)) for _ in range(asked.rounds)]
            ours, theirs = (statistics.median(column) for column in zip(*spent, strict=True))
            ratio = statistics.median(a / b for a, b in spent)
            print(f"{name:<24}{ours:>10.1f}{theirs:>10.1f}{ratio:>8.2f}")


if __name__ == "__main__":
    main()
