"""Commands that change what becomes of a note: restore, prune, adopt, rename."""

from __future__ import annotations

from typing import Annotated

import typer

from thesisvault.cli.options import HERE, AsOf, Json, Where, day, open_session
from thesisvault.cli.output import finish


def restore(
    target: Annotated[str, typer.Argument(metavar="NOTE[#REGION]", help="A deleted note, or a removed region.")],
    *,
    workspace: Where = HERE,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Restore a note that was deleted, or a region that was removed from one."""
    from thesisvault.runs.lifecycle import restore as worker

    session = open_session(workspace)
    finish(worker.restore(session, target, as_of=day(as_of)), json=json, session=session)


def prune(*, workspace: Where = HERE, json: Json = False) -> None:
    """Move notes whose definition is gone to the vault's .trash."""
    from thesisvault.runs.lifecycle import prune as worker

    finish(worker.prune(open_session(workspace)), json=json)


def adopt(
    note: Annotated[str, typer.Argument(metavar="NOTE", help="Its name, or its path in the vault.")],
    *,
    workspace: Where = HERE,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Turn a damaged note, or one of your own, into the note of its definition; its text stays."""
    from thesisvault.runs.lifecycle import adopt as worker

    session = open_session(workspace)
    finish(worker.adopt(session, note, as_of=day(as_of)), json=json, session=session)


def rename(
    note: Annotated[str, typer.Argument(metavar="NOTE", help="Its title, id, ticker, name, or path in the vault.")],
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="[NEW]",
            help="Its new name, by default the one that its title gives; or the id of the definition "
            "that a note gets whose own definition is gone.",
        ),
    ] = None,
    *,
    workspace: Where = HERE,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Rename the file of a note and every link to it in the vault, or give a note to another definition."""
    from thesisvault.runs.lifecycle import rename as worker

    session = open_session(workspace)
    finish(worker.rename(session, note, new, as_of=day(as_of)), json=json, session=session)
