"""The way out: runs the command line and turns whatever is raised into a message and an exit status."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import signal
import sys
import threading
from collections.abc import Iterable

import typer

from thesisvault.cli.app import EXITS, app
from thesisvault.cli.bugs import STATUS as BUG
from thesisvault.cli.bugs import report_bug
from thesisvault.cli.options import opened_root
from thesisvault.cli.output import flush, is_quiet, said, say
from thesisvault.cli.steady import forget, keep
from thesisvault.errors import DEBUG, DiskError, Finding, ThesisvaultError, TimeOverError
from thesisvault.interrupts import heard, was_interrupted
from thesisvault.words import plural

__all__ = ["EXITS", "app", "main"]

_USAGE, _NO_DATA, _NO_SCHEDULER, _INTERRUPTED = 2, 3, 69, 130


def main() -> None:
    """Run the command line and end the process with the documented exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that cannot show a title shows its escapes
            stream.reconfigure(errors="backslashreplace")
    opened_root.set(None)  # a program may call this more than once
    said.clear()
    is_quiet.set(False)
    forget()
    with heard():
        status = _status()
        if status == _INTERRUPTED:  # typer ends with it too, and without a word
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # one more, while Python ends, would end in a traceback
            with contextlib.suppress(OSError):
                say("interrupted; what was written is whole, the rest is as it was.", err=True)
        try:
            flush()
        except OSError as problem:
            status = DiskError.exit_status
            forget()  # what could not be said is no answer
            with contextlib.suppress(OSError):
                _failed(problem)
        keep(status, said)
    raise SystemExit(status)


def _status() -> int:
    """Run the command line and return the exit status; what cannot even be complained of ends as a full disk does."""
    try:
        return _ran()
    except OSError:
        with contextlib.suppress(OSError):  # the standard error takes nothing; the standard output may hold something
            flush()
        return DiskError.exit_status


def _ran() -> int:
    try:
        ended_with = _asked_for(sys.argv[1:2])(prog_name="thesisvault", standalone_mode=False)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.TyperException as problem:
        context = getattr(problem, "ctx", None)
        command = context.command_path if context else "thesisvault"
        say(f"error: {problem.format_message()} See {command} --help.", err=True)
        return _USAGE
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    except TimeOverError as problem:  # before what only looks like Ctrl-C: it is told in the same way
        return _failed(problem)
    except Exception as problem:  # noqa: BLE001 - the last place where an error can become a sentence
        return _INTERRUPTED if was_interrupted(problem) else _failed(problem)
    return ended_with if isinstance(ended_with, int) else 0


def _asked_for(words: list[str]) -> typer.Typer:
    """Return the command line with the command alone that its first word calls; whole for any other word.

    To set up all commands takes longer than many a command; help and completion, which tell of all, begin otherwise.
    """
    called = [each for each in app.registered_commands if [each.name] == words]
    if not called:
        return app
    alone = copy.copy(app)
    alone.registered_commands, alone.registered_groups = called, []
    return alone


def _failed(problem: Exception) -> int:
    if isinstance(problem, ThesisvaultError) and problem.exit_status != BUG:
        return _complain(problem.findings, problem.exit_status, getattr(problem, "__notes__", ()))
    if isinstance(problem, OSError):
        where = f"{problem.filename}: " if problem.filename else ""
        say(f"error: {where}{problem.strerror or problem}. Fix it and rerun.", err=True)
        return DiskError.exit_status
    if os.environ.get(DEBUG):
        raise problem
    return report_bug(problem)


def _complain(findings: Iterable[Finding], status: int, written: Iterable[str] = ()) -> int:
    found = list(findings)
    for each in found:
        say(f"error: {each}", err=True)
    if status in (_USAGE, _NO_DATA, _NO_SCHEDULER):
        counted = f"{plural(len(found), 'error')}. " if len(found) > 1 else ""
        but = "".join(f" but {each}, which tells of the failure" for each in written)
        say(f"{counted}Nothing was written{but}.", err=True)
    return status
