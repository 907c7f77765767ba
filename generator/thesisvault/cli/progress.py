"""Progress of long work: a bar on a terminal, and now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from thesisvault.cli.output import is_quiet, say
from thesisvault.words import spelled

if TYPE_CHECKING:
    from rich.progress import TaskID

    from thesisvault.runs.report import Progress

EVERY = 30.0
"""Seconds between two lines where there is no terminal; work that is done earlier prints none."""


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Give what is called with the name of the work, how much is done, how much there is, and what is under way."""
    if is_quiet.get() or not (sys.stderr and sys.stderr.isatty()):
        yield Lines(lambda line: say(line, err=True, chat=True))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.table import Column

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        tasks: dict[str, TaskID] = {}

        def step(what: str, done: int, total: int, detail: str = "", /) -> None:
            shown = spelled(detail)
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total, detail=shown)
            bar.update(tasks[what], completed=done, total=total, detail=shown)

        yield step


class Lines:
    """Prints where long work stands, a line at most every half minute.

    Args:
        print_line: What prints a line.
        clock: Seconds that only go forward.
    """

    def __init__(self, print_line: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._print, self._clock, self._last = print_line, clock, clock()

    def __call__(self, what: str, done: int, total: int, detail: str = "", /) -> None:
        """Take where the work stands."""
        now = self._clock()
        if now - self._last >= EVERY:
            self._last = now
            self._print(f"{what}: {done} of {total}" + (f"; {detail}" if detail else ""))
