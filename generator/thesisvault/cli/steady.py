"""Keeps what a run said that found nothing to do, so that the next one need not look again."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import thesisvault
from thesisvault import instant
from thesisvault.errors import ThesisvaultError
from thesisvault.workspace import SETTINGS_FILE, packaged

if TYPE_CHECKING:
    from thesisvault.runs.report import Report
    from thesisvault.session import Session


@dataclass
class _Settled:
    """An answer that only lacks what was printed and the exit status."""

    cache: str
    since: int
    until: int
    roots: instant.Roots
    seen: bytes


_settled: list[_Settled] = []


class Steady:
    """What a run rests on, as it is before the run looks at any of it.

    Args:
        session: The run.
    """

    def __init__(self, session: Session) -> None:
        _settled.clear()
        self._session = session
        self._roots: instant.Roots = []
        self._seen = b""

    def look(self) -> None:
        """Look at all that the run rests on, before the run does."""
        self._roots = _roots(self._session)
        self._seen = _listed(self._roots)

    def settle(self, report: Report, as_of: dt.date | None) -> None:
        """Have the answer of this run kept, if another run would give the same.

        Args:
            report: What the run did and found; all that it told was told before.
            as_of: The last day of data as given on the command line.
        """
        did_something = report.written or report.removed or "series" in report.figures
        begun = int(self._session.now.timestamp() * 10**9)
        if did_something or not self._seen or instant.newest(self._seen) > begun - instant.TICK:
            return
        # A check depends on the day alone, and looks at no price.
        is_given = bool(as_of or self._session.settings.as_of or report.command == "check")
        try:
            until = until_of(self._session, is_given=is_given)
        except ThesisvaultError:
            return  # the run itself is over, and all is told
        if _listed(self._roots) != self._seen:
            return
        cache = self._session.workspace.cache
        roots = [*self._roots, ("cache", str(cache))]
        if seen := _listed(roots):
            _settled.append(_Settled(str(cache), int(self._session.now.timestamp()), until, roots, seen))


def forget() -> None:
    """Have no answer kept of what was settled so far."""
    _settled.clear()


def keep(status: int, said: instant.Said) -> None:
    """Keep the answer of the run that has just ended, if it was settled.

    Args:
        status: Its exit status.
        said: What it printed.
    """
    with suppress(OSError):  # the current folder may be gone
        for each in _settled if instant.can_tell() else ():
            asked = instant.question(sys.argv[1:])
            instant.keep(each.cache, asked, each.since, each.until, each.roots, each.seen, status, said)
    forget()


def _roots(session: Session) -> instant.Roots:
    here, package = session.workspace, Path(thesisvault.__file__).parent
    from thesisvault.vault.obsidian import USUAL, config_folders
    from thesisvault.vault.write import TRASH

    folders = [here.vault / USUAL, *config_folders(here.vault)]
    # A hidden folder becomes one of Obsidian's once files come into it.
    hidden = [each for each in here.vault.glob(".*") if each.is_dir() and each not in folders and each.name != TRASH]
    libraries = Path(sys.modules["typer"].__file__ or "").parent.parent
    return [
        ("one", str(here.root / SETTINGS_FILE)),
        ("tree", str(here.data)),
        ("tree", str(here.templates)),
        ("tree", str(here.vault)),
        *(("one", str(folder / "types.json")) for folder in dict.fromkeys(folders)),
        *(("one", str(folder)) for folder in sorted(hidden)),
        ("code", str(package)),
        ("code", str(packaged("templates"))),
        # A library that comes, goes or changes its version changes the list of what is installed.
        ("one", str(libraries)),
    ]


def _listed(roots: instant.Roots) -> bytes:
    """Return the listing of what a run rests on; nothing where it would not show every change."""
    try:
        return instant.listing(roots)
    except instant.UnclearError:
        return b""


def until_of(session: Session, *, is_given: bool) -> int:
    """Return the second since 1970 at which the answer ends: with the day, or once another session is over."""
    from thesisvault.market.sessions import Sessions

    first = session.now
    last = first.replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    if not is_given and session.workspace.store.is_file():
        benchmark = session.library.instruments.get(session.settings.benchmark)
        exchange = benchmark.exchange if benchmark else "XNYS"
        with session.store(create=False) as store:
            sessions = Sessions(store)
            newest = sessions.last_finished_session(exchange, first)
            is_over = sessions.last_finished_session(exchange, last) != newest
            while is_over and last - first > dt.timedelta(seconds=1):
                middle = first + (last - first) / 2
                if sessions.last_finished_session(exchange, middle) == newest:
                    first = middle
                else:
                    last = middle
    return int(last.timestamp())
