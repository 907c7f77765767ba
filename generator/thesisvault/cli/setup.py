"""Commands that make new things: init, demo, new, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thesisvault.cli.options import HERE, Json, Where, now, open_session, session_at
from thesisvault.cli.output import finish, say
from thesisvault.cli.progress import progress_bar
from thesisvault.words import plural


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make; it may exist if it is empty.")],
    *,
    vault: Annotated[
        Path | None,
        typer.Option("--vault", metavar="PATH", help="A vault of your own that the notes go into, with --folder."),
    ] = None,
    corner: Annotated[
        str | None,
        typer.Option("--folder", metavar="NAME", help="The folder in that vault; nothing outside it is written."),
    ] = None,
) -> None:
    """Make a new, empty workspace with one thesis to start from."""
    from thesisvault.runs.init import make_workspace

    for line in make_workspace(folder, now().date(), vault, corner):
        say(line)


def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to make.")] = Path("thesisvault-demo"),
    *,
    json: Json = False,
) -> None:
    """Make a workspace over bundled real prices and build its vault: no network is needed."""
    from thesisvault.runs.init import make_demo
    from thesisvault.runs.run import run_workspace

    root = make_demo(folder)
    session = session_at(root)
    with progress_bar() as progress:
        report = run_workspace(session, as_of=None, offline=True, progress=progress, command="demo")
    finish(report, json=json, session=session)
    if not json:
        say(f"Open {root / 'vault'} in Obsidian and start at Home. The theses are in {root / 'data' / 'theses'}.")


def new(
    kind: Annotated[str, typer.Argument(metavar="thesis|concept|basket", help="What to make.")],
    name: Annotated[str, typer.Argument(help="Its title; the file is named after it.")],
    workspace: Where = HERE,
) -> None:
    """Write a new definition to fill in."""
    from thesisvault.runs.init import new_definition

    say(new_definition(open_session(workspace), kind, name))


def schema(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where to write; by default schema/ in the workspace.")
    ] = None,
    *,
    workspace: Where = HERE,
    check_only: Annotated[bool, typer.Option("--check", help="Write nothing; exit 4 if the files differ.")] = False,
) -> None:
    """Write the JSON Schemas that editors use to complete and check definitions."""
    from thesisvault.runs.init import write_schemas
    from thesisvault.workspace import find_root

    target = folder or find_root(workspace) / "schema"
    changed = write_schemas(target, dry=check_only)
    say(f"schema: {'would write' if check_only else 'wrote'} {plural(len(changed), 'file')} in {target}.")
    if check_only and changed:
        raise typer.Exit(4)
