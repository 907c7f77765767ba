"""The command `why`."""

from __future__ import annotations

from typing import Annotated

import typer

from thesisvault.cli.options import HERE, AsOf, Json, Offline, Where, day, open_session
from thesisvault.cli.output import say
from thesisvault.cli.progress import progress_bar
from thesisvault.errors import UsageError


def why(
    note: Annotated[
        str | None,
        typer.Argument(metavar="[NOTE]", help="Its title, id, ticker, name, or path in the vault."),
    ] = None,
    *,
    workspace: Where = HERE,
    inputs: Annotated[bool, typer.Option("--inputs", help="List what the note depends on.")] = False,
    next_: Annotated[
        bool,
        typer.Option("--next", help="Say what the next build would write and why; write nothing."),
    ] = False,
    as_of: AsOf = None,
    offline: Offline = False,
    json: Json = False,
) -> None:
    """Say why a note was last written: what had changed, figure by figure."""
    from thesisvault.runs.why import next_build, why_written

    if inputs and next_:
        raise UsageError("--inputs and --next exclude one another; give one of them.")
    if as_of and not next_:
        raise UsageError("--as-of goes with --next.")
    if note is None and not next_:
        raise UsageError("no note was named.", hint="Name one, as in: thesisvault why Home; or ask for all: --next")
    session = open_session(workspace)
    if next_ or note is None:
        with progress_bar() as progress:
            found = next_build(session, note, as_of=day(as_of), offline=offline, progress=progress)
        told = found.report.as_json() if json else "\n".join(found.lines())
    else:
        answer = why_written(session, note, inputs=inputs)
        told = answer.as_json() if json else "\n".join(answer.lines())
    say(told)
