"""Reading series: all of a workspace out of the market store, and out of the mapped file beside it, in turn.

    python bench/series.py [--rounds N]

The definitions and the market store are those of this repository (`make vault MARKET=DIR`). Every series that has bars
is read with its levels, then every basket; chains are those that proxies make. Processor time
is compared; what was read is compared too, value by value.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from thesisvault.market.reading.market import Market
from thesisvault.market.records import MissingSeries
from thesisvault.market.store.store import Store
from thesisvault.session import Session

ROOT = Path(__file__).resolve().parents[1]
LAST = dt.date(2026, 2, 27)
Values = dict[str, tuple[bytes, bytes]]


class Reading:
    """One reading of everything, and what its parts took in milliseconds of processor time."""

    def __init__(self, store: Store, session: Session, kept: Path | None) -> None:
        instruments, baskets = session.library.records
        names = sorted(store.feeds())
        begun = time.process_time()
        self.market = Market(store, instruments, baskets, last_day=LAST, implicit=names, kept=kept)
        self.market.late(names[:1])
        self.opened = since(begun)
        begun = time.process_time()
        self.market.late(names)
        self.series = since(begun)
        begun = time.process_time()
        lines = {}
        for name in [*baskets, *instruments]:
            with suppress(MissingSeries):
                lines[name] = self.market.series(name).levels
        self.derived = since(begun)
        self.values: Values = {name: (line.days.tobytes(), line.values.tobytes()) for name, line in lines.items()}
        self.count = len(names)


def since(begun: float) -> float:
    """Return the milliseconds of processor time since a moment."""
    return (time.process_time() - begun) * 1000


def median(readings: list[Reading], part: Callable[[Reading], float]) -> float:
    """Return the median of a part of several readings."""
    return statistics.median(map(part, readings))


def main() -> None:
    """Print one row a part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="readings of each kind (5)")
    rounds = parser.parse_args().rounds
    session = Session(ROOT, dt.datetime.combine(LAST, dt.time(22), tzinfo=dt.UTC))
    with tempfile.TemporaryDirectory() as folder, session.store(create=False) as store:
        file = Path(folder) / "series.map"
        first = Reading(store, session, file)
        begun = time.process_time()
        first.market.keep()
        written = since(begun)
        begun = time.process_time()
        store.digests()
        digests = since(begun)
        turns = [(Reading(store, session, None), Reading(store, session, file)) for _ in range(rounds)]
        size = file.stat().st_size / 1e6
    plain, kept = map(list, zip(*turns, strict=True))
    if any(one.values != other.values for one, other in turns):
        raise AssertionError("what was kept is not what is stored")
    print(f"{first.count} series; file {size:.0f} MB, written in {written:.0f} ms; their digests in {digests:.1f} ms")
    print(f"{'processor time':<36}{'store ms':>10}{'file ms':>10}{'ratio':>8}")
    parts: tuple[tuple[str, Callable[[Reading], float]], ...] = (
        ("opening, and one series", lambda each: each.opened),
        ("all series, each by itself", lambda each: each.series),
        ("baskets, chains and views of all", lambda each: each.derived),
    )
    for name, part in parts:
        one, other = median(plain, part), median(kept, part)
        print(f"{name:<36}{one:>10.1f}{other:>10.1f}{other / one:>8.2f}")


if __name__ == "__main__":
    main()
