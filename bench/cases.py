"""The cases of the table of aims: what is measured, beside which yardstick, and in which workspace.

Every case prepares its workspace in a folder of its own and then takes turns: the yardstick, then ours, both in
milliseconds of processor time. A case that cannot be measured on a machine says why.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generated import AS_OF, generate
from processes import OURS, PYTHON, ROOT, run, spent

LAST_DAY = str(AS_OF)
DAYS = ("2026-02-20", "2026-02-23", "2026-02-24", "2026-02-25", "2026-02-26", LAST_DAY)
"""Sessions in New York, one after the other."""
NAIVE = "naive script over the same files"
LOADING = [PYTHON, "-c", "import pandas, matplotlib.pyplot"]
BARE = [PYTHON, "-c", "pass"]
SETTLING = 2.2
"""Seconds after which a file counts as settled: what is younger may change without a change of its times."""
PARTS = ("data", "vault", "thesisvault.yaml")
WITH_CHARTS = "data/theses/software-to-energy.yaml"
WIKILINK = r"!?\[\[[^\]\n]+\]\]"


class UnmeasuredError(Exception):
    """A case cannot be measured on this machine; the message says why."""


@dataclass(frozen=True)
class Case:
    """One row of the table of aims.

    Attributes:
        name: What is done.
        yardstick: What it is compared with.
        aim: The ratio to reach, ours by yardstick.
        turns: How often both are measured.
        turn: Takes the number of a turn, from 0, and returns the milliseconds of the yardstick and of ours.
    """

    name: str
    yardstick: str
    aim: float
    turns: int
    turn: Callable[[int], tuple[float, float]]


def settle(root: Path, words: list[str]) -> None:
    """Run a command until nothing is left to do or to look at again."""
    for _ in range(3):
        time.sleep(SETTLING)
        run(words, root, (0, 1))


def written(root: Path, since: float) -> list[str]:
    """Return the files of a vault that were written since a moment, by name."""
    return [path.name for path in (root / "vault").rglob("*.*") if path.stat().st_mtime > since]


# Nothing to do -----------------------------------------------------------------------------------------------------


def nothing_in_many(folder: Path, files: int = 13_000) -> Case:
    """Prepare a build with nothing to do in a vault of many files, beside ninja with as many targets."""
    ninja = Path(PYTHON).with_name("ninja")
    words = [str(ninja) if ninja.exists() else shutil.which("ninja") or ""]
    if not words[0]:
        raise UnmeasuredError("ninja is missing: pip install -e '.[bench]'")
    root, build = folder / "demo", [*OURS, "build", "--offline"]
    run([*OURS, "demo", str(root)], folder)
    fill(root / "vault", files - sum(path.is_file() for path in (root / "vault").rglob("*")))
    targets = folder / "ninja"
    targets.mkdir()
    rules = ["rule copy", "  command = cp $in $out"]
    for n in range(files):
        (targets / f"in{n}").write_text("x")
        rules.append(f"build out{n}: copy in{n}")
    (targets / "build.ninja").write_text("\n".join([*rules, ""]))
    run(words, targets)
    settle(root, build)
    return Case(
        f"nothing to do, {files:,} files",
        "ninja with as many targets",
        1.5,
        15,
        lambda _: (spent(words, targets), spent(build, root)),
    )


def nothing_here(folder: Path) -> Case:
    """Prepare a build of this repository's workspace with nothing to do."""
    root, build = repository(folder)
    settle(root, build)
    return Case(
        "nothing to do, this repository",
        "bare `python -c pass`",
        2.5,
        21,
        lambda _: (spent(BARE, root), spent(build, root)),
    )


def check_of_many(folder: Path, notes: int = 8000) -> Case:
    """Prepare a check of a vault in which nothing has changed since the last one."""
    ripgrep = shutil.which("rg")
    if not ripgrep:
        raise UnmeasuredError("ripgrep is missing: apt install ripgrep")
    root, check = folder / "demo", [*OURS, "check"]
    run([*OURS, "demo", str(root)], folder)
    fill(root / "vault", notes - len(list((root / "vault").rglob("*.md"))))
    words = [ripgrep, "-o", "--no-ignore", "--glob", "*.md", WIKILINK, "vault"]
    settle(root, check)
    return Case(
        f"`check` of {notes:,} notes, warm",
        "`rg -o` over them",
        2,
        15,
        lambda _: (spent(words, root), spent(check, root, (0, 1))),
    )


def fill(vault: Path, notes: int) -> None:
    """Write so many notes of a person into a vault, with links to one another."""
    chance = random.Random(20260227)
    words = ("market", "copper", "margin", "winter", "ledger", "signal", "letter", "cycle", "rate", "curve", "habit")
    for n in range(notes):
        path = vault / "Mine" / f"{n // 200}" / f"Note {n}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"# Note {n}"]
        for _ in range(chance.randrange(2, 14)):
            line = [chance.choice(words) for _ in range(chance.randrange(5, 60))]
            lines.append(" ".join([*line, f"[[Note {chance.randrange(notes)}]]"]))
        path.write_text("\n\n".join([*lines, ""]), encoding="utf-8")


# This repository ---------------------------------------------------------------------------------------------------


def repository(folder: Path) -> tuple[Path, list[str]]:
    """Return a copy of this repository's workspace, built, and the words that build it."""
    if not (ROOT / "data/market/store.sqlite").exists():
        raise UnmeasuredError("no stored prices: make vault MARKET=DIR")
    root = folder / "repository"
    root.mkdir()
    for part in PARTS:
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, root / part)
    build = [*OURS, "build", "--offline", "--as-of", LAST_DAY]
    run(build, root)
    return root, build


def edited_words(folder: Path) -> Case:
    """Prepare builds after one edit that changes a sentence of a thesis and none of its charts."""
    root, build = repository(folder)
    settle(root, build)
    edit = editor(root / WITH_CHARTS, r"(?m)^(summary: (?:>\n +)?)", count=1)
    charts = changed_pictures(root, build, edit)
    if charts:
        raise SystemExit(f"an edit of words redrew {charts}")

    def turn(n: int) -> tuple[float, float]:
        edit(f"Take {n}.")
        return spent(BARE, root), spent(build, root)

    return Case("one thesis edited, no chart", "bare `python -c pass`", 15, 9, turn)


def edited_charts(folder: Path) -> Case:
    """Prepare builds after one edit that changes two charts of a thesis."""
    root, build = repository(folder)
    settle(root, build)
    edit = editor(root / WITH_CHARTS, r"(?m)(^ +- \{(?:pair|ratio): .*?headline: \{positive: )")
    charts = changed_pictures(root, build, edit)
    if len(charts) != 2:
        raise SystemExit(f"an edit of two charts redrew {charts}")

    def turn(n: int) -> tuple[float, float]:
        edit(f"Take {n}.")
        return spent(LOADING, root), spent(build, root)

    return Case("one thesis edited, with its two charts", "importing pandas and matplotlib", 1, 7, turn)


def editor(path: Path, place: str, count: int = 0) -> Callable[[str], None]:
    """Return a function that puts some words at a place of a definition, instead of those of the last time."""
    text = path.read_text(encoding="utf-8")

    def edit(words: str) -> None:
        path.write_text(re.sub(place, rf"\g<1>{words} ", text, count=count), encoding="utf-8")

    return edit


def changed_pictures(root: Path, build: list[str], edit: Callable[[str], None]) -> list[str]:
    """Return the pictures that a build writes after an edit."""
    since = time.time()
    time.sleep(0.05)
    edit("Before the first take.")
    run(build, root)
    found = written(root, since)
    if not found:
        raise SystemExit("an edit changed no note")
    return [name for name in found if not name.endswith(".md")]


def new_day_here(folder: Path) -> Case:
    """Prepare builds of one session after the other."""
    root, build = repository(folder)
    run([*build[:-1], "2026-02-19"], root)

    def turn(n: int) -> tuple[float, float]:
        return spent(LOADING, root), spent([*build[:-1], DAYS[n]], root)

    return Case(
        "a new day, this repository, charts that moved redrawn", "importing pandas and matplotlib", 2, len(DAYS), turn
    )


# Charts and generated workspaces -----------------------------------------------------------------------------------


def chart(folder: Path) -> Case:
    """Prepare charts of two lines over five years, drawn in one process that has loaded everything."""
    import charts

    def drawn(way: str, number: int) -> float:
        made = charts.chart_of(*charts.CASES["2 lines, 5 years"], number)
        begun = time.process_time()
        (folder / f"{way}.png").write_bytes(charts.WAYS[way](made))
        return 1000 * (time.process_time() - begun)

    for way in charts.WAYS:
        drawn(way, 0)
    return Case(
        "a line chart, as a file",
        "naive pyplot chart",
        0.1,
        15,
        lambda n: (drawn("naive", n + 1), drawn("ours", n + 1)),
    )


def full_build(folder: Path) -> Case:
    """Prepare builds of a hundred generated theses from nothing, beside a naive script over the same files."""
    root, build = generated(folder, 100, 169)

    def turn(_: int) -> tuple[float, float]:
        for made in ("vault", ".thesisvault"):
            shutil.rmtree(root / made, ignore_errors=True)
        (root / "data/notes.yaml").unlink(missing_ok=True)
        return naive(root, folder), spent(build, root)

    return Case("full build, 100 theses, 169 charts", NAIVE, 0.15, 3, turn)


def new_day_of_many(folder: Path) -> Case:
    """Prepare builds of one day after the other of a thousand generated theses.

    The naive script makes everything anew each day. It runs over a part of the theses: what grows with them is taken as
    often as that part goes into all, what it loads and reads in any case once.
    """
    (folder / "part").mkdir()
    (folder / "none").mkdir()
    theses, part = 1000, 50
    few, none = (generated(folder / name, count, 2 * count)[0] for name, count in (("part", part), ("none", 0)))
    root, build = generated(folder, theses, 2 * theses)
    run(build, root)
    days = [AS_OF + dt.timedelta(n) for n in (3, 4, 5)]

    def turn(n: int) -> tuple[float, float]:
        fixed = naive(none, folder, days[n])
        whole = fixed + theses / part * (naive(few, folder, days[n]) - fixed)
        return whole, spent([*build, "--as-of", str(days[n])], root)

    return Case(f"a new day, {theses:,} theses and {2 * theses:,} charts", NAIVE, 0.1, len(days), turn)


def generated(folder: Path, theses: int, charts: int) -> tuple[Path, list[str]]:
    """Return a generated workspace whose prices are stored, and the words that build it."""
    root = folder / "generated"
    generate(root, theses, charts=charts, last=AS_OF + dt.timedelta(10))
    if theses:
        run([*OURS, "refresh", "--as-of", str(AS_OF + dt.timedelta(5))], root)
    return root, [*OURS, "build", "--offline"]


def naive(root: Path, folder: Path, day: dt.date = AS_OF) -> float:
    """Return what the naive script takes for a workspace, in milliseconds."""
    script = Path(__file__).with_name("naive.py")
    return spent([PYTHON, str(script), str(root), str(folder / "naive"), str(day)], root)


CASES: tuple[Callable[[Path], Case], ...] = (
    nothing_in_many,
    nothing_here,
    edited_words,
    edited_charts,
    new_day_here,
    full_build,
    chart,
    check_of_many,
    new_day_of_many,
)
