"""What is said of an error that nobody foresaw, and where its traceback is kept."""

from __future__ import annotations

import os
import platform
import shlex
import sys
import traceback
from pathlib import Path

from thesisvault.cli.app import own_version
from thesisvault.cli.options import HERE, opened_root
from thesisvault.cli.output import say
from thesisvault.errors import DEBUG, ThesisvaultError
from thesisvault.workspace import find_root, workspace_at

STATUS = 70


def report_bug(bug: BaseException) -> int:
    """Say that there is a bug, keep its traceback in the workspace, and return the exit status."""
    text = " ".join(str(bug).split())
    say(f"error: internal error (bug): {type(bug).__name__}{f': {text}' if text else ''}.", err=True)
    say(_next_step(bug), err=True)
    return STATUS


def _next_step(bug: BaseException) -> str:
    root = opened_root.get() or _root_here()
    again = f"set {DEBUG}=1 and rerun to see the traceback"
    if root is None:
        return f"No workspace was found to keep the traceback in; please {again}, and report it with your command."
    path = workspace_at(root).last_error
    try:
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)  # nothing is written into what stands there, such as a pipe or a link
        path.write_text(_details(bug), encoding="utf-8", errors="backslashreplace")
    except OSError as problem:
        said = (problem.strerror or str(problem)).lower()
        return f"The traceback cannot be written to {path}: {said}; please {again}, and report it with your command."
    return f"Please report it with your command and the traceback in {path}."


def _root_here() -> Path | None:
    try:
        return find_root(HERE)
    except (ThesisvaultError, OSError):
        return None


def _details(bug: BaseException) -> str:
    system = f"Python {platform.python_version()} on {platform.platform()}"
    command = shlex.join([os.path.basename(sys.argv[0]), *sys.argv[1:]])  # noqa: PTH119 - only its name
    trace = "".join(traceback.format_exception(bug))
    return f"thesisvault {own_version()}, {system}\n{command}\n\n{trace}"
