"""What commands print. A reader that goes away before the end, as `head` does, ends the printing and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from thesisvault.runs.report import Report


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text, to the standard error if asked for."""
    with _reader_may_leave():
        typer.echo(text, err=err, nl=nl)


def finish(report: Report, *, json: bool, strict: bool = False) -> None:
    """Print a report, and end with exit status 1 if something needs a look and `strict` was asked for."""
    from thesisvault.runs.report import print_report

    if json:
        say(report.as_json())
    else:
        with _reader_may_leave():
            print_report(report)
    if strict and report.needs_a_look:
        raise typer.Exit(1)


def flush() -> None:
    """Print what is buffered; what a reader who went away does not want goes nowhere."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            # The stream keeps what it could not print and would try again when Python ends, with a complaint.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def _reader_may_leave() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        flush()
