"""What `run` does around the run itself: it remembers how it ended, logs it, calls the hooks and keeps the time."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import typer

from thesisvault.cli.options import now
from thesisvault.cli.output import say
from thesisvault.errors import DiskError, Finding, ThesisvaultError, TimeOverError
from thesisvault.interrupts import press, pressable, was_interrupted
from thesisvault.workspace import workspace_at

if TYPE_CHECKING:
    from thesisvault.runs.report import Report
    from thesisvault.runs.result import RunResult
    from thesisvault.session import Session

_INTERRUPTED = 130
_GRACE = 30.0
"""Seconds that a run has to end by itself once its time is over."""
_REFUSED = (3, 5)
_TRIED_AGAIN = dt.timedelta(hours=12)
"""Within this time after a failure, a call of the schedule tries the same session again."""
_UNASKED = ("rate-limited", "not-asked")


class Attempt:
    """One run, while it is on.

    Attributes:
        session: The run.
        report: What it did; None as long as it has not come to that.
        before: The run before it, which failed and which it tries again; None: it is not of a schedule, or a first try.
    """

    def __init__(self, session: Session, before: RunResult | None = None) -> None:
        self.session = session
        self.before = before
        self.report: Report | None = None

    def result(self, status: int, told: str, problems: tuple[Finding, ...]) -> RunResult:
        """Return how the run ended.

        Args:
            status: Its exit status.
            told: Why it failed, in one line; empty: what it did.
            problems: What it failed with, if it did.
        """
        from thesisvault.runs.report import summary
        from thesisvault.runs.result import Event, RunResult, recall, wait_after
        from thesisvault.structs import replace

        report, ended = self.report, now()
        found = report.findings if report else []
        wrong = [str(each) for each in (*problems, *found) if each.level == "error"]
        if status == 5:
            wrong += [str(each) for each in found if each.code == "nothing-new"]
        said_last = told or (summary(report) if report else "")
        result = RunResult(
            self.session.now,
            ended,
            status,
            said_last,
            tuple(wrong),
            tuple(report.written) if report else (),
            tuple(report.removed) if report else (),
            (report.events or ()) if report else (),
        )
        updates: dict[str, object] = {"as_of": report.as_of} if report else {}
        if not result.is_good:
            why = wrong[0] if wrong else said_last
            updates["events"] = (*result.events, Event("failed", "", f"the run failed: {why}"))
        if status in _REFUSED or any(each.code in _UNASKED for each in found):
            before = recall(workspace_at(self.session.root)).last
            refusals = (before.refusals if before else 0) + 1
            updates |= {"refusals": refusals, "again_at": ended + wait_after(refusals)}
        return replace(result, **updates)  # type: ignore[arg-type]


@contextmanager
def remembered(session: Session, *, by_schedule: bool = False) -> Iterator[Attempt]:
    """Keep how the body ended, log it and call the hooks; end the body once the time of a run is over.

    Args:
        session: The run.
        by_schedule: A schedule calls it, so a failure that its last try has told already is not told again.

    Raises:
        TimeOverError: It was.
    """
    attempt, ended, told = Attempt(session, _failed_before(session) if by_schedule else None), 0, ""
    problems: tuple[Finding, ...] = ()
    failure: BaseException | None = None

    def keep(status: int, told: str, problems: tuple[Finding, ...]) -> RunResult:
        from thesisvault.runs.log import log_run
        from thesisvault.runs.result import remember

        workspace, result = workspace_at(session.root), attempt.result(status, told, problems)
        standing = attempt.report.standing if attempt.report and result.is_good else None
        remember(workspace, result, standing)
        log_run(workspace.cache, result)
        return result

    def finish(result: RunResult) -> RunResult:
        from thesisvault.runs.telling import tell_home
        from thesisvault.structs import replace

        # The run has ended as it did, whether or not the home note can tell.
        with suppress(ThesisvaultError, OSError):
            told = tell_home(session)
            if told and failure is not None:
                failure.add_note(told)  # what the run did write, for what is said at its end
            if told and result.is_good and told not in result.written:
                return replace(result, written=(*result.written, told))
        return result

    def out_of_time() -> None:
        over = _time_over(session)
        keep(over.exit_status, f"error: {over}", over.findings)

    try:
        with _limited(session, out_of_time):
            yield attempt
    except BaseException as problem:
        failure, (ended, told) = problem, _end(problem)
        problems = problem.findings if isinstance(problem, ThesisvaultError) else ()
        raise
    finally:
        _call_hooks(attempt, finish(keep(ended, told, problems)))


def _failed_before(session: Session) -> RunResult | None:
    """Return the last run, where it failed so lately that another one is a further try of the same session."""
    from thesisvault.runs.result import recall

    last = recall(workspace_at(session.root)).last
    return last if last and not last.is_good and abs(session.now - last.began) < _TRIED_AGAIN else None


@contextmanager
def _limited(session: Session, last_word: Callable[[], None]) -> Iterator[None]:
    """End the body, as Ctrl-C would, once a run has taken as long as the settings allow.

    Args:
        session: The run.
        last_word: Is called before the process ends where the body hangs and does not hear of it.

    Raises:
        TimeOverError: The time was over.
    """
    done, over, limit = threading.Event(), threading.Event(), session.settings.run_limit

    def watch() -> None:
        if done.wait(limit):
            return
        over.set()
        with suppress(OSError, ValueError):
            press()
        if not done.wait(_GRACE):
            last_word()
            os._exit(TimeOverError.exit_status)

    try:
        with pressable():
            threading.Thread(target=watch, name="time limit", daemon=True).start()
            yield
    except BaseException as problem:
        if over.is_set() and (isinstance(problem, KeyboardInterrupt | typer.Abort) or was_interrupted(problem)):
            raise _time_over(session) from None
        raise
    finally:
        done.set()


def _time_over(session: Session) -> TimeOverError:
    from thesisvault.market.refresh.pace import in_short

    limit = session.settings.run_limit
    problem = f"the run took longer than its run_limit of {in_short(limit)} and was ended; what was written is whole."
    hint = f"If it needs that long, allow more in thesisvault.yaml: `run_limit: {in_short(2 * limit)}`"
    return TimeOverError(Finding(problem, hint=hint, code="time-over"))


def _call_hooks(attempt: Attempt, result: RunResult) -> None:
    """Call the commands of the settings that a run is a reason for; what goes wrong is told and changes nothing."""
    from thesisvault.runs import hooks
    from thesisvault.runs.log import log_lines

    session = attempt.session
    root = session.root
    if os.environ.get(hooks.INSIDE) or result.status == _INTERRUPTED:
        return
    is_told = attempt.before is not None and attempt.before.status == result.status
    reasons = {"on_failure": not result.is_good and not is_told, "on_change": bool(result.written or result.removed)}
    consent = hooks.consent_of(root)
    # Settings that cannot be read are a failure, too, and the command to tell of it is known from the last consent.
    commands = dict(consent.commands) if not session.has_sound_settings else hooks.commands_in(session.settings)
    called = [name for name in hooks.NAMES if reasons[name] and name in commands]
    if not called:
        return
    if not hooks.is_allowed(root, commands):
        found = [hooks.not_allowed(called)]
    else:
        report = _report(attempt, result)
        found = [bad for name in called if (bad := hooks.call_hook(root, name, commands[name], report))]
    for each in found:
        say(f"{each.level}: {each}", err=True)
    if found:
        log_lines(workspace_at(root).cache, [str(each) for each in found])


def _report(attempt: Attempt, result: RunResult) -> bytes:
    """Return the report that a hook gets: that of the run as `--json` prints it, and how the run ended."""
    from thesisvault.runs.report import Report

    report = attempt.report or Report("run")
    body = {**report.body(), "version": 1, "workspace": str(attempt.session.root), **result.as_json()}
    if attempt.report is None:
        body["findings"] = [Finding(line).as_json() for line in result.wrong]
    return json.dumps(body, indent=1, default=str).encode()


def _end(problem: BaseException) -> tuple[int, str]:
    """Return the exit status that an error leads to, and its first sentence."""
    if isinstance(problem, typer.Exit):
        return problem.exit_code, ""
    is_over = isinstance(problem, TimeOverError)  # which is told by an interruption, too
    if not is_over and (isinstance(problem, KeyboardInterrupt | typer.Abort) or was_interrupted(problem)):
        return _INTERRUPTED, "interrupted"
    if isinstance(problem, ThesisvaultError):
        return problem.exit_status, f"error: {problem.findings[0]}" if problem.findings else ""
    if isinstance(problem, OSError):
        return DiskError.exit_status, f"error: {problem.strerror or problem}"
    return ThesisvaultError.exit_status, f"error: internal error (bug): {type(problem).__name__}"
