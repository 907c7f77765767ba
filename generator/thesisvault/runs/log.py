"""The log of runs, for a person to read: one block a run, the newest last, in files of a bounded size.

2026-02-27 21:45 UTC  good, exit status 0, 12 s
As of 27 Feb 2026: wrote 31 files, 208 unchanged; no warnings.
wrote vault/Home.md
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from thesisvault.opening import other_kind
from thesisvault.runs.result import RunResult
from thesisvault.words import spelled

FILE = "run.log"
LARGEST = 200_000
"""The most bytes of one file, unless a single block is longer."""
OLD = 3
"""How many older files are kept: `run.log.1` is the newest of them."""
_MOST = 40
"""So many files that were written are named; of more their number."""
CUT = "was killed, or the machine stopped"
"""What became of a run that began and did not end."""
_ALONE = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def log_run(cache: Path, result: RunResult) -> None:
    """Add the block of a run to the log; where it cannot be written, or is a link or no file, it is left alone."""
    _append(cache, ["", *block_of(result)])


def log_cut(cache: Path, began: dt.datetime) -> None:
    """Add the block of a run that was cut off, as by a power cut."""
    _append(cache, ["", f"{began.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC  did not end", f"  it {CUT}"])


def log_lines(cache: Path, lines: Sequence[str]) -> None:
    """Add lines to the block of the run that was logged last."""
    _append(cache, [f"  {spelled(line)}" for line in lines])


def block_of(result: RunResult) -> Iterator[str]:
    """Yield the lines of a run: when and how it ended, what it said, what went wrong, what happened, what it wrote."""
    began, seconds = result.began.astimezone(dt.UTC), round((result.ended - result.began).total_seconds())
    word = "good" if result.is_good else "failed"
    yield f"{began:%Y-%m-%d %H:%M} UTC  {word}, exit status {result.status}, {seconds} s"
    told = (line.removeprefix("error: ") for line in (result.said, *result.wrong))
    yield from (f"  {spelled(line)}" for line in dict.fromkeys(filter(None, told)))
    yield from (f"  {spelled(each.says)}" for each in result.events if each.kind != "failed")
    if result.again_at:
        yield f"  sources refused; they are asked again from {result.again_at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC on"
    yield from _files("wrote", result.written)
    yield from _files("moved to .trash", result.removed)


def _append(cache: Path, lines: Sequence[str]) -> None:
    path, block = cache / FILE, ("\n".join(lines) + "\n").encode()
    with suppress(OSError):
        cache.mkdir(exist_ok=True)
        if path.is_symlink() or other_kind(path):
            return
        if path.exists() and path.stat().st_size + len(block) > LARGEST:
            _rotate(path)
        # One write to the end: the blocks of two runs at once do not mix.
        number = os.open(path, _ALONE, 0o666)
        try:
            os.write(number, block)
        finally:
            os.close(number)


def _files(verb: str, paths: Sequence[str]) -> Iterator[str]:
    yield from (f"  {verb} {spelled(path)}" for path in paths[:_MOST])
    if len(paths) > _MOST:
        yield f"  {verb} {len(paths) - _MOST} more"


def _rotate(path: Path) -> None:
    """Make room: each file takes the place of the next older one, and the oldest goes."""
    for number in range(OLD, 0, -1):
        newer = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
        with suppress(FileNotFoundError):
            newer.replace(path.with_name(f"{path.name}.{number}"))
