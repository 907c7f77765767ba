"""Does what a page tells its reader to do, in a folder of its own, and compares what the page shows with what comes.

Only the fences of a page matter. `sh` holds commands. A comment above a fence says what else is done with it:

- `<!-- file: PATH -->`: it is saved.
- `<!-- append: PATH -->`: it is added to the end of a file.
- `<!-- change: PATH -->`: its second line is put in place of its first.
- `<!-- shows: ... -->`: it is the `output` of the commands before it, `REGION of NOTE`, or `the first N lines of FILE`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.docs.page import Fence, Page

# What sets up the tool itself; here it is set up already.
_SET_UP = ("make test", "python -m venv", ".venv/bin/", "source ")
_REGION = re.compile(r"(?P<region>[a-z0-9-]+) of (?P<note>.+\.md)")
_HEAD = re.compile(r"the first (?P<count>\d+) lines of (?P<file>.+)")
# Days of 2025 and 2026 without trading in New York, up to the last day of the files.
_CLOSED = (
    *("2025-05-26", "2025-06-19", "2025-07-04", "2025-09-01", "2025-11-27"),
    *("2025-12-25", "2026-01-01", "2026-01-19", "2026-02-16"),
)
_FIRST, _LAST = dt.date(2025, 5, 1), dt.date(2026, 2, 27)
# Close on the first day, growth a day, and size, length and beginning of a swing.
_PATHS = {
    "SPY": (550.0, 0.0007, 0.010, 19, 1.0),
    "XLE": (80.0, 0.0012, 0.030, 31, 4.0),
    "XLK": (210.0, 0.0008, 0.040, 23, 2.0),
    "IWM": (195.0, 0.0015, 0.035, 27, 3.5),
    "QQQ": (480.0, 0.0010, 0.020, 29, 2.5),
}


@dataclass
class _Walk:
    """Where the reader is, and what the last commands said and ended with."""

    folder: Path
    output: str = ""
    status: int = 0


def price_files(folder: Path) -> None:
    """Write a small file of made-up prices for each ticker of the tutorial."""
    folder.mkdir(exist_ok=True)
    days = [_FIRST + dt.timedelta(days=n) for n in range((_LAST - _FIRST).days + 1)]
    days = [day for day in days if day.weekday() < 5 and day.isoformat() not in _CLOSED]
    for ticker, (close, growth, size, length, begin) in _PATHS.items():
        lines = ["Date,Close,Dividends"]
        for n, day in enumerate(days):
            price = close * math.exp(growth * n + size * (math.sin(n / length + begin) - math.sin(begin)))
            lines.append(f"{day},{price:.2f},{close / 250 if n % 63 == 30 else 0:.2f}")
        (folder / f"{ticker}.csv").write_text("\n".join(lines) + "\n", "utf-8", newline="\n")


def walk(page: Page, folder: Path) -> Iterator[tuple[Fence, str]]:
    """Do what a page says; yield every result that it shows, with what really comes."""
    here = _Walk(folder)
    for fence in page.fences:
        shows_error = fence.value == "output" and ("error:" in fence.text or not fence.text)
        assert here.status == 0 or shows_error, f"{page}:{fence.first}: the commands before ended so: {here.output}"
        if fence.key == "shows":
            yield fence, _shown(here, fence.value)
            here.status = 0
        elif fence.key == "file":
            (here.folder / fence.value).parent.mkdir(parents=True, exist_ok=True)
            (here.folder / fence.value).write_text(fence.text, "utf-8", newline="\n")
        elif fence.key == "append":
            with (here.folder / fence.value).open("a", encoding="utf-8", newline="\n") as note:
                note.write("\n" + fence.text)
        elif fence.key == "change":
            old, new = (line[2:] for line in fence.text.splitlines())
            text = (here.folder / fence.value).read_text("utf-8")
            assert text.count(old) == 1, f"{page}:{fence.first}: {old!r} is not there once"
            (here.folder / fence.value).write_text(text.replace(old, new), "utf-8", newline="\n")
        elif fence.info == "sh":
            here.output = ""
            for line in fence.text.splitlines():
                _type(here, line)


def _type(here: _Walk, line: str) -> None:
    words = shlex.split(line, comments=True)
    if not words or line.startswith(_SET_UP):
        return
    if words == ["make", "demo"]:
        words = ["thesisvault", "demo", "demo"]
    if words[0] == "cd":
        here.folder /= words[1]
        return
    if words[0] == "mkdir":
        (here.folder / words[1]).mkdir()
        price_files(here.folder / words[1])
        return
    assert words[0] == "thesisvault", f"a reader cannot type this yet: {line}"
    command = shutil.which("thesisvault", path=str(Path(sys.executable).parent))
    assert command
    done = subprocess.run(
        [command, *words[1:]],
        cwd=here.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=900,
    )
    here.output += done.stdout
    here.status = here.status or done.returncode


def _shown(here: _Walk, what: str) -> str:
    if what == "output":
        return here.output
    if found := _REGION.fullmatch(what):
        note = (here.folder / found["note"]).read_text("utf-8")
        name = re.escape(found["region"])
        body = re.search(rf"^%% tv:begin {name} %%\n\n(.*?)\n%% tv:end {name} ", note, re.DOTALL | re.MULTILINE)
        assert body, f"{found['note']} has no region {found['region']}"
        return body[1]
    found = _HEAD.fullmatch(what)
    assert found, f"nothing is known of: {what}"
    lines = (here.folder / found["file"]).read_text("utf-8").splitlines(keepends=True)
    return "".join(lines[: int(found["count"])])


def renewed(page: Page) -> str:
    """Return the text of a page with every result that it shows as it really is."""
    with tempfile.TemporaryDirectory() as folder:
        results = list(walk(page, Path(folder)))
    lines = list(page.lines)
    for fence, text in reversed(results):
        lines[fence.first + 1 : fence.end - 1] = text.splitlines()
    return "\n".join(lines) + "\n"
