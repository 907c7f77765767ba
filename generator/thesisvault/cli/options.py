"""What commands take: their common options, the moment of the run, and the session that they open."""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thesisvault.errors import UsageError
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
Offline = Annotated[bool, typer.Option("--offline", help="Touch no network; use stored prices only.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 if anything needs a look.")]
HERE = Path()

opened_root: ContextVar[Path | None] = ContextVar("opened_root", default=None)
"""The workspace that the command works on, for the report of a bug."""


def now() -> dt.datetime:
    """Return the moment of the run. Nothing else in the package reads a clock."""
    return dt.datetime.now(dt.UTC)


def day(text: str | None) -> dt.date | None:
    """Return the day that `--as-of` names; None if it was left out.

    Raises:
        UsageError: It is not a day.
    """
    if text is None:
        return None
    from thesisvault.scalars import parse_date

    try:
        return parse_date(text)
    except ValueError as problem:
        raise UsageError(f"--as-of: {problem}.") from None


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
