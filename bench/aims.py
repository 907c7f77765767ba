"""The table of aims: what nothing, an edit, a day and everything cost, each beside a yardstick of the same run.

    python bench/aims.py [--only WORDS] [--write]

Yardstick and ours take turns, so that a noisy machine hits both alike. Compared are medians of processor time, user and
system, of whole processes; of a single chart, of drawing and writing it. `--only` measures the cases whose names hold
some words; `--write` puts what was measured into the tables of README.md and docs/reference/performance.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cases import CASES, Case, UnmeasuredError
from processes import ROOT

BEGIN, END = "<!-- aims: written by bench/aims.py -->", "<!-- end of aims -->"
PAGES = (ROOT / "README.md", ROOT / "docs/reference/performance.md")
HEAD = ("| Case | Beside | Ratio | Aim | | Measured |", "| --- | --- | ---: | ---: | --- | --- |")


@dataclass(frozen=True)
class Result:
    """What was measured for one case, in milliseconds of processor time."""

    case: Case
    yardstick: float
    ours: float

    @property
    def ratio(self) -> float:
        """Ours by yardstick."""
        return self.ours / self.yardstick

    @property
    def is_reached(self) -> bool:
        """Whether the ratio, as it is shown, is within the aim."""
        return round(self.ratio, 2) <= self.case.aim


def measured(case: Case) -> Result:
    """Take all turns of a case."""
    turns = [case.turn(n) for n in range(case.turns)]
    yardstick, ours = (statistics.median(column) for column in zip(*turns, strict=True))
    return Result(case, yardstick, ours)


def row(result: Result) -> str:
    """Return a row of the table on a terminal."""
    case = result.case
    reached = "reached" if result.is_reached else "missed"
    return (
        f"{case.name:<54}{case.yardstick:<34}{result.yardstick:>9.0f}{result.ours:>9.0f}"
        f"{result.ratio:>8.2f}{case.aim:>7g}  {reached}"
    )


def machine() -> str:
    """Return on what this was measured."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def row_of_page(result: Result) -> str:
    """Return a row of the table in Markdown."""
    case, day = result.case, dt.datetime.now().astimezone().date()
    said = "reached" if result.is_reached else "missed"
    return f"| {case.name} | {case.yardstick} | {result.ratio:.2f} | {case.aim:g} | {said} | {day} |"


def put(path: Path, results: list[Result]) -> None:
    """Put the rows of what was measured between the two comments of a page; others stay as they are.

    Rows are known by the names of their cases, and a new one comes last.
    """
    page = path.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path}: {BEGIN} or {END} is missing. Put both on lines of their own.")
    rows = {line.split(" | ")[0]: line for line in old.splitlines()[3:] if line.startswith("|")}
    for each in results:
        line = row_of_page(each)
        rows[line.split(" | ")[0]] = line
    reached = sum("| reached |" in line for line in rows.values())
    told = f"{reached} of {len(rows)} aims are reached; not measured: {len(CASES) - len(rows)}; on {machine()}."
    lines = [begin, *HEAD, *rows.values(), "", told]
    path.write_text("\n".join([before + lines[0], *lines[1:], end]) + after, encoding="utf-8", newline="\n")


def main() -> None:
    """Print the table of aims."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="the name of a case, or words of some")
    parser.add_argument("--write", action="store_true", help="put it into README and documentation")
    asked = parser.parse_args()
    named = {each.__name__.replace("_", " "): each for each in CASES}
    chosen = [named[asked.only]] if asked.only in named else [named[name] for name in named if asked.only in name]
    if not chosen:
        parser.error(f"no case is called {asked.only}. Take words of one of these: {', '.join(named)}")
    print(f"{'case':<54}{'yardstick':<34}{'its ms':>9}{'ours':>9}{'ratio':>8}{'aim':>7}", flush=True)
    results, begun = [], time.monotonic()
    for prepare in chosen:
        with tempfile.TemporaryDirectory(prefix="thesisvault-aims-") as folder:
            try:
                results.append(measured(prepare(Path(folder))))
                print(row(results[-1]), flush=True)
            except UnmeasuredError as why:
                print(f"{prepare.__name__.replace('_', ' '):<54}not measured: {why}", flush=True)
    reached = sum(each.is_reached for each in results)
    today = dt.datetime.now().astimezone().date()
    print(f"{reached} of {len(results)} reached; {today}, {machine()}; took {(time.monotonic() - begun) / 60:.0f} min")
    for path in PAGES if asked.write else ():
        put(path, results)


if __name__ == "__main__":
    main()
