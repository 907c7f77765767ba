"""What commands take: their common options, the moment of the run, and the session that they open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from typer.core import TyperCommand

from thesisvault.cli.output import is_quiet
from thesisvault.errors import STRICT, UsageError, did_you_mean
from thesisvault.workspace import find_root

if TYPE_CHECKING:
    from thesisvault.session import Session

Where = Annotated[
    Path,
    typer.Option(
        "--workspace", "-w", metavar="DIR", help="The workspace; by default the one around the current folder."
    ),
]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Use no data after this day (YYYY-MM-DD).")]
Offline = Annotated[bool, typer.Option("--offline", help="Use stored prices only; no network.")]
Dry = Annotated[bool, typer.Option("--dry", help="Show the lines that would change; write nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Strict = Annotated[
    str,
    typer.Option(
        "--strict",
        metavar="[LIST]",
        callback=lambda text: strict_words(text),
        help="Exit 1 on any warning, or on those of a list: --strict=stale,contradicted,quarantine,edits,links.",
    ),
]
By = Annotated[
    str,
    typer.Option(
        "--executor",
        metavar="WHO",
        callback=lambda text: executor_word(text),
        help="Where notes are made: inline, processes (all cores of this machine), dask://HOST:PORT, "
        "or auto: processes where there are enough notes.",
    ),
]
All = Annotated[bool, typer.Option("--all", help="List every warning, known ones too.")]
HERE = Path()

opened_root: ContextVar[Path | None] = ContextVar("opened_root", default=None)
"""The workspace that the command works on, for the report of a bug."""


Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors, new warnings and answers.")]


def with_quiet(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the option `--quiet`, by which `say` knows what to leave out."""

    @wraps(command)
    def called(*args: Any, quiet: bool = False, **named: Any) -> None:
        is_quiet.set(quiet)
        command(*args, **named)

    asked = signature(command, eval_str=True)
    further = Parameter("quiet", Parameter.KEYWORD_ONLY, default=False, annotation=Quiet)
    called.__signature__ = asked.replace(parameters=[*asked.parameters.values(), further])  # type: ignore[attr-defined]
    called.__annotations__ = {**get_type_hints(command, include_extras=True), "quiet": Quiet}
    return called


class Command(TyperCommand):
    """A command whose `--strict` may stand alone, for everything, or with a list."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give a bare `--strict` its value; a list after a blank is taken as well."""
        if "--strict" in args:
            at = args.index("--strict")
            listed = args[at + 1 :][:1]
            is_list = bool(listed) and set(listed[0].split(",")) <= {*STRICT, "all"}
            args[at : at + 1 + is_list] = [f"--strict={listed[0] if is_list else 'all'}"]
        return super().parse_args(ctx, args)


def strict_words(text: str) -> str:
    """Return the words of `--strict`, `all` replaced by each of them.

    Raises:
        UsageError: One of them is not known.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in (*STRICT, "all"):
            hint = did_you_mean(word, (*STRICT, "all")) or f"Known are {', '.join(STRICT)} and all."
            raise UsageError(f'--strict: "{word}" is not known.', hint=hint)
    return ",".join(STRICT if "all" in words else words)


def executor_word(text: str) -> str:
    """Return the name of an executor; see `runs.executors.choice`.

    Raises:
        UsageError: It is none.
    """
    from thesisvault.runs.executors import choice

    return choice.executor_word(text)


def now() -> dt.datetime:
    """Return the moment of the run. Nothing else in the package reads a clock."""
    return dt.datetime.now(dt.UTC)


def day(text: str | None, option: str = "--as-of") -> dt.date | None:
    """Return the day that an option names; None if it was left out.

    Raises:
        UsageError: It is not a day.
    """
    if text is None:
        return None
    from thesisvault.scalars import parse_date

    try:
        return parse_date(text)
    except ValueError as problem:
        raise UsageError(f"{option}: {problem}.") from None


def open_session(workspace: Path) -> Session:
    """Return a session on the workspace that a folder is in.

    Raises:
        UsageError: There is none.
    """
    return session_at(find_root(workspace))


def session_at(root: Path) -> Session:
    """Return a session on the workspace in a folder."""
    from thesisvault.session import Session

    opened_root.set(root)
    return Session(root, now())
