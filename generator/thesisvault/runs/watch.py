"""Watching a workspace: a build after each batch of saves, until it is stopped.

Each build is a run of its own, over a session of its own, that locks the workspace, looks at the files and builds what
it then reads. What is kept between two of them is how the files looked, what was wrong, and libraries that are loaded.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from msgspec import Struct, field

from thesisvault.errors import DEBUG, DiskError, Finding, LockedError, Place, ThesisvaultError, UsageError
from thesisvault.interrupts import was_interrupted
from thesisvault.runs.build import SAID_BETTER, build_vault
from thesisvault.runs.news import key_of
from thesisvault.runs.refresh import refresh_prices
from thesisvault.runs.report import Progress, Report
from thesisvault.runs.saves import Seen, differ, look, look_at_code, places_of, wait
from thesisvault.runs.steps.needing import has_local
from thesisvault.session import Session
from thesisvault.workspace import SETTINGS_FILE, Workspace, whats_missing, workspace_at

_COMMAND = "watch"
_AGAIN_AFTER = 0.5
"""Seconds after which a workspace that another run holds is tried again."""


class Attempt(Struct):
    """One try to build.

    Attributes:
        report: What it did and found; of one that failed, why.
        now: Its moment.
        cache: The folder of caches.
        status: 0 where the vault was built, else the exit status of what stopped it.
        bug: The error that nobody foresaw, if one stopped it.
        seconds: How long it took.
        changed: Paths of the files that had changed, relative to the workspace; of the first one, none.
        fresh: The errors to tell: all of an attempt that failed, else those that did not stand before.
        mended: Errors that stood before and no longer do. Only a build that was made can know.
    """

    report: Report
    now: dt.datetime
    cache: Path
    status: int = 0
    bug: Exception | None = None
    seconds: float = 0.0
    changed: list[str] = field(default_factory=list)
    fresh: list[Finding] = field(default_factory=list)
    mended: list[Finding] = field(default_factory=list)


class Watch:
    """Builds a workspace now, and again whenever what it is made from was saved.

    Args:
        root: The folder of the workspace.
        now: Tells the moment.
        tell: Is told once what an attempt waits for.
        as_of: The last day of data; by default that of the settings, or the last finished session of each build.
        offline: Fetch nothing from a network.
        executor: Who makes the notes: see `executors.choice`.
        progress: Gives what is told where a build stands.
    """

    def __init__(
        self,
        root: Path,
        now: Callable[[], dt.datetime],
        tell: Callable[[Finding], None],
        *,
        as_of: dt.date | None,
        offline: bool,
        executor: str,
        progress: Callable[[], AbstractContextManager[Progress]],
    ) -> None:
        self._root, self._now, self._tell = root, now, tell
        self._as_of, self._offline, self._executor, self._progress = as_of, offline, executor, progress
        self._code = look_at_code()
        self._places = places_of(Session(root, now()))
        self._seen: Seen | None = None
        self._changed: list[str] = []
        self._are_prices_due = True
        self._were_there: tuple[Path, ...] = ()
        self._missing: tuple[Path, ...] = ()
        self._standing: dict[str, Finding] = {}
        self.is_building = False
        """Whether a build is under way, which an interruption would cut short."""

    def attempts(self) -> Iterator[Attempt]:
        """Yield each attempt to build, the first one at once, without an end.

        Raises:
            KeyboardInterrupt: It was interrupted; every file is whole.
            UsageError: The program itself has changed since it was started.
        """
        while True:
            if look_at_code() != self._code:
                # What is in memory would be taken for what lies on the disk.
                raise UsageError("thesisvault has changed since this watch began.", "Start it again: thesisvault watch")
            begun = time.monotonic()
            attempt = self._attempt()
            attempt.seconds, attempt.changed = time.monotonic() - begun, self._changed
            self._compare(attempt)
            yield attempt
            del attempt
            gc.collect()  # a run ends with many circles, and with files that are open as long as they stand
            wait(self._places, self._seen or {}, self._missing)

    def _attempt(self) -> Attempt:
        """Return what came of a try to build, which waits as long as another run holds the workspace."""
        is_told = False
        while True:
            session = Session(self._root, self._now())
            attempt = Attempt(Report(_COMMAND), session.now, workspace_at(self._root).cache)
            try:
                with self._held(session), self._progress() as progress:
                    self.is_building = True
                    attempt.report = self._built(session, progress)
                self.is_building = False
                return attempt
            except LockedError as taken:
                if not is_told:
                    said = f"{taken.findings[0].problem} The build waits for it."
                    self._tell(Finding(said, level="info", code="waiting"))
                is_told = True
            except Exception as problem:  # noqa: BLE001 - whatever it is, the watch goes on
                _note(attempt, problem)
                self.is_building = False
                return attempt
            self.is_building = False
            time.sleep(_AGAIN_AFTER)

    def _held(self, session: Session) -> AbstractContextManager[None]:
        """Return the lock of the workspace; nothing where the workspace is gone and a lock would make it again."""
        return session.locked(_COMMAND) if self._root.is_dir() else nullcontext()

    def _built(self, session: Session, progress: Progress) -> Report:
        """Build what lies in the workspace now, with the prices of files that have changed."""
        self._look(session)
        if session.has_sound_settings:
            self._refuse_missing(session.workspace)
        session.sound_library(self._as_of)
        fetched = Report("refresh")
        is_due = self._are_prices_due and has_local(session.settings)
        with session.store(create=True) if is_due else nullcontext():
            if is_due:
                fetched = refresh_prices(session, as_of=self._as_of, offline=True, progress=progress)
            report = build_vault(
                session,
                as_of=self._as_of,
                offline=self._offline,
                progress=progress,
                command=_COMMAND,
                executor=self._executor,
            )
        self._are_prices_due = False
        self._were_there = tuple(each for each in _needed(session.workspace) if each.is_dir())
        report.figures |= fetched.figures
        report.add(*(each for each in fetched.findings if each.code not in SAID_BETTER), stage="prices")
        report.whole |= fetched.whole
        return report

    def _look(self, session: Session) -> None:
        """Look at what the build will rest on, before it reads any of it."""
        before, settings = self._seen, str(self._root / SETTINGS_FILE)
        seen = look(self._places, before or {})
        # Settings that cannot be read name no folders. They are read after the look, and the look is the older one.
        places = places_of(session) if session.has_sound_settings else self._places
        if places != self._places:
            read = {settings: seen[settings]} if settings in seen else {}
            seen = {**look(places, before or {}), **read}
        changed = [] if before is None else differ(before, seen)
        self._are_prices_due |= any(map(places.are_prices, changed))
        self._changed = [session.workspace.shown(Path(path)) for path in changed]
        self._seen, self._places = seen, places

    def _refuse_missing(self, workspace: Workspace) -> None:
        """Refuse to build without a folder that was there: all that lay in it would count as deleted.

        Raises:
            DiskError: One is missing.
        """
        there = (*self._were_there, self._root, workspace.data)
        self._missing = tuple(each for each in (self._root, *_needed(workspace)) if each in there and not each.is_dir())
        for folder in self._missing[:1]:
            problem = f"the folder {whats_missing(folder)}; nothing is built until it is back."
            hint = f"Put it back, or name another in {SETTINGS_FILE}"
            may_miss = folder not in (self._root, workspace.data)
            hint += "; to build without it, run thesisvault build." if may_miss else "."
            raise DiskError(Finding(problem, Place(workspace.shown(folder)), hint, code="no-folder"))

    def _compare(self, attempt: Attempt) -> None:
        """Find out which errors are to be told, and which stand no longer."""
        errors = {key_of(each): each for each in attempt.report.ordered() if each.level == "error"}
        if attempt.status:
            attempt.fresh = list(errors.values())
            self._standing |= errors
            return
        attempt.fresh = [each for key, each in errors.items() if key not in self._standing]
        attempt.mended = [each for key, each in self._standing.items() if key not in errors]
        self._standing = errors


def _needed(workspace: Workspace) -> tuple[Path, ...]:
    return workspace.data, workspace.data / "theses", workspace.vault


def _note(attempt: Attempt, problem: Exception) -> None:
    """Note in an attempt what stopped it.

    Raises:
        KeyboardInterrupt: It was interrupted, and the error only wraps that.
    """
    if was_interrupted(problem):
        raise KeyboardInterrupt from problem
    if isinstance(problem, ThesisvaultError) and problem.exit_status != ThesisvaultError.exit_status:
        attempt.report.add(*problem.findings)
        attempt.status = problem.exit_status
    elif isinstance(problem, OSError):
        place = Place(str(problem.filename)) if problem.filename else None
        attempt.report.add(Finding(f"{problem.strerror or problem}.", place, "Fix it.", code="disk"))
        attempt.status = DiskError.exit_status
    elif os.environ.get(DEBUG):
        raise problem
    else:
        attempt.bug, attempt.status = problem, ThesisvaultError.exit_status
