"""What commands print. A reader that goes away before the end, as `head` does, ends the printing and nothing else."""

from __future__ import annotations

import json as jsons
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import typer

from thesisvault.errors import DiskError, Finding
from thesisvault.words import spelled

if TYPE_CHECKING:
    import datetime as dt

    from thesisvault.cli.steady import Steady
    from thesisvault.runs.news import Said
    from thesisvault.runs.report import Report
    from thesisvault.session import Session

NOTHING_NEW = 5
"""The exit status of a run for which sessions were due and that brought no new bar."""


BEHIND = 6
"""The exit status of a run after which notes do not bear the day that it had data for."""

_OUTPUT, _ERROR = "standard output", "standard error"

said: list[tuple[bool, str]] = []
"""What was printed by this command, in order: whether to the standard error, and the text."""

is_quiet: ContextVar[bool] = ContextVar("is_quiet", default=False)
"""Whether this command says only what needs a look, and what it was asked for."""


def say(text: str, *, err: bool = False, nl: bool = True, color: str = "", chat: bool = False) -> None:
    """Print a text; what would act on a terminal is spelled out.

    Args:
        text: The text.
        err: Whether it goes to the standard error.
        nl: Whether the line ends with it.
        color: The color of what stands before its first two blanks, on a terminal and not with `NO_COLOR`.
        chat: Whether it only tells that all went well, which is left out with `--quiet`.
    """
    if chat and is_quiet.get():
        return
    shown = spelled(text)
    said.append((err, shown + "\n" * nl))
    if color and not os.environ.get("NO_COLOR"):  # typer leaves colors out where there is no terminal
        first = shown.split("  ", 1)[0]
        shown = typer.style(first, fg=color) + shown.removeprefix(first)
    with _reader_may_leave(_ERROR if err else _OUTPUT):
        typer.echo(shown, err=err, nl=nl)


def line_of(finding: Finding) -> str:
    """Return the line of one finding, after its level."""
    return f"{finding.level}: {finding}"


def say_json(command: str, body: Mapping[str, object]) -> None:
    """Print an answer for programs, after its version and the name of the command."""
    from thesisvault.runs.report import JSON_VERSION

    say(jsons.dumps({"version": JSON_VERSION, "command": command, **body}, indent=2, default=str))


def finish(
    report: Report,
    *,
    json: bool,
    strict: str = "",
    session: Session | None = None,
    everything: bool | None = None,
    steady: Steady | None = None,
    as_of: dt.date | None = None,
    details: str = "",
) -> None:
    """Print a report: what was done in one line, what is new, what was known, and what to do next.

    Args:
        report: What was done and found.
        json: Whether to print all of it as JSON.
        strict: Words of `--strict` with commas between them: what ends the command with exit status 1.
        session: The run whose memory tells what is new, and keeps what is said now; left out, each finding is printed.
        everything: Whether to print each finding, known or new; left out, the command has no option for it.
        steady: What the run rests on, if a later run may repeat what this one says as long as that is the same.
        as_of: The last day of data as given on the command line.
        details: The command that lists everything; by default this one with `--all`, or a build.

    Raises:
        typer.Exit: A file could not be read or written, something needs a look, or nothing new came though it was due.
    """
    from thesisvault.runs import news
    from thesisvault.vault.changes import REFUSED

    before = news.read_said(session.workspace.cache) if session else news.Said()
    whole = json or session is None or bool(everything)
    if json:
        say(report.as_json())
    elif whole:
        _list(report)
    else:
        lister = report.command if everything is not None else "build"
        _digest(report, before, details or f"thesisvault {lister} --all")
    if session and report.whole and not report.dry:
        news.write_said(session.workspace.cache, before.after(report, session.now))
    if steady and (whole or all(each.level == "error" or before.knows(each) for each in report.findings)):
        steady.settle(report, as_of)
    if {each.code for each in report.findings} & {"no-folder", REFUSED}:
        raise typer.Exit(DiskError.exit_status)  # it had to do without files, or to leave some unwritten
    if report.behind:
        raise typer.Exit(BEHIND)
    if report.nothing_new:
        raise typer.Exit(NOTHING_NEW)
    if strict and news.needs_a_look(report, strict.split(",")):
        raise typer.Exit(1)


def _list(report: Report) -> None:
    """Print each finding, then what was done."""
    from thesisvault.runs.report import summary

    for each in report.ordered():
        say(line_of(each), err=True, chat=each.level == "info")
    say(summary(report), chat=True)


def _digest(report: Report, before: Said, details: str) -> None:
    """Print errors, what was done, and below it what is new, what was known and what to do next."""
    from thesisvault.runs import news
    from thesisvault.runs.report import summary

    for each in report.ordered():
        if each.level == "error":
            say(line_of(each), err=True)
    lines = list(news.told(report, before, details))
    say(summary(report, counted=not lines), chat=True)
    say_labeled(lines)


def say_labeled(lines: Iterable[tuple[str, str]]) -> None:
    """Print lines behind their labels: what is new to the standard error, so that a scheduler mails nothing else.

    What needs no look is left out with `--quiet`.
    """
    from thesisvault.runs.news import laid_out

    above = ""
    for label, line in lines:
        above = label or above
        is_old = above == "Known" or (label, line) == ("New", "nothing")
        for shown in laid_out([(label, line)]):
            say(shown, err=not is_old, chat=is_old or above == "Info")


def flush() -> None:
    """Print what is buffered; what a reader who went away does not want goes nowhere.

    Raises:
        OSError: An output takes no more, such as a file on a full disk. What it did not take is given up.
    """
    problems = []
    for name, stream in ((_OUTPUT, sys.stdout), (_ERROR, sys.stderr)):
        if stream is None:  # a program without a console may have neither
            continue
        try:
            stream.flush()
        except OSError as problem:
            # The stream keeps what it could not print and would try again when Python ends, with a complaint.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            if not isinstance(problem, BrokenPipeError):
                problems.append(OSError(problem.errno, problem.strerror, name))
    if problems:
        raise problems[0]


@contextmanager
def _reader_may_leave(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        flush()
        if not isinstance(problem, BrokenPipeError):  # of what is not buffered, nothing is left to flush
            raise OSError(problem.errno, problem.strerror, name) from None
