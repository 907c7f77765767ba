"""Commands that make new things: init, demo, new, schema."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thesisvault.cli.options import HERE, Dry, Json, Where, now, open_session, session_at
from thesisvault.cli.output import finish, say, say_json
from thesisvault.cli.progress import progress_bar
from thesisvault.errors import UsageError
from thesisvault.words import plural


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder to make; it may exist if it is empty.")
    ] = Path(),
    *,
    example: Annotated[
        bool, typer.Option("--example", help="Copy the theses of the demo, over bundled prices to 2022.")
    ] = False,
    vault: Annotated[
        Path | None,
        typer.Option("--vault", metavar="PATH", help="A vault of your own that the notes go into, with --folder."),
    ] = None,
    corner: Annotated[
        str | None,
        typer.Option("--folder", metavar="NAME", help="The folder in that vault; nothing outside it is written."),
    ] = None,
    json: Json = False,
) -> None:
    """Make a new workspace with a small example of everything."""
    from thesisvault.runs.init import make_workspace

    lines = make_workspace(folder, now().date(), vault, corner, example=example)
    if json:
        say_json("init", {"workspace": str(folder.resolve()), "said": lines})
        return
    for line in lines:
        say(line, chat=True)


_WORTH_OPENING = {
    "Home": "all theses at a glance, those nearest to their exit first",
    "Theses/Tech to oil majors": "a thesis: long, short, bear case and exit signals",
    "Concepts/Sector rotation": "the theses side by side, and a fact check of claims",
}
"""Notes of the demo, and what each shows."""


def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to make.")] = Path("thesisvault-demo"),
    *,
    json: Json = False,
) -> None:
    """Make a workspace over bundled real prices and build its vault: no network is needed."""
    from thesisvault.runs.init import make_demo
    from thesisvault.runs.news import laid_out
    from thesisvault.runs.run import run_workspace

    root = make_demo(folder)
    session = session_at(root)
    if not json:
        say("Makes three theses and a concept over prices from 1990 to 2022, in about ten seconds.", chat=True)
    with progress_bar() as progress:
        report = run_workspace(session, as_of=None, offline=True, progress=progress, command="demo")
    finish(report, json=json, session=session, details=f"thesisvault build --all --workspace {folder}")
    if not json:
        lines = [("Next", f"Open {root / 'vault'} as a vault in Obsidian, or read its notes in any editor:")]
        lines += [("", f"{path:<27}{what}") for path, what in _WORTH_OPENING.items()]
        lines += [("", f"Edit the theses in {root / 'data' / 'theses'}, then: thesisvault build -w {folder}")]
        for line in laid_out(lines):
            say(line, chat=True)


def new(
    kind: Annotated[str, typer.Argument(metavar="thesis|concept|basket|episode|entity", help="What to make.")],
    name: Annotated[str, typer.Argument(help="Its title or name; its id is made of it.")],
    workspace: Where = HERE,
    *,
    start: Annotated[str | None, typer.Option("--start", metavar="DATE", help="Episode: its first close.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="DATE", help="Episode: its last day.")] = None,
    sell: Annotated[str | None, typer.Option("--sell", metavar="TICKERS", help="Episode: sold, with commas.")] = None,
    buy: Annotated[str | None, typer.Option("--buy", metavar="TICKERS", help="Episode: bought, with commas.")] = None,
    no_prices: Annotated[
        str | None, typer.Option("--no-prices", metavar="WHY", help="Episode: why it has no prices.")
    ] = None,
    of_kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="Entity: person, firm, institution, idea..."),
    ] = None,
    what: Annotated[str | None, typer.Option("--what", metavar="TEXT", help="What it is, in a sentence.")] = None,
    dry: Dry = False,
    json: Json = False,
) -> None:
    """Write a new definition: a thesis, concept or basket to fill in; an episode or entity into its list."""
    from thesisvault.cli.writing import tell
    from thesisvault.editing.listing import ENTITY_KEYS, EPISODE_KEYS, new_entity, new_episode
    from thesisvault.runs.init import new_definition

    session = open_session(workspace)
    texts = {"start": start, "end": end, "sell": sell, "buy": buy, "no_prices": no_prices}
    texts |= {"kind": of_kind, "what": what}
    given = {key: text for key, text in texts.items() if text is not None}
    listed = {"episode": EPISODE_KEYS, "entity": ENTITY_KEYS}
    for key in given:
        if key not in listed.get(kind, ()):
            goes = " or ".join(f"thesisvault new {each}" for each, keys in listed.items() if key in keys)
            raise UsageError(f"--{key.replace('_', '-')} goes with: {goes}")
    if kind in listed:
        make = new_episode if kind == "episode" else new_entity
        tell("new", lambda: make(session, name, given, dry=dry), json=json)
        return
    if json or dry:
        tell("new", lambda: new_definition(session, kind, name, dry=dry), json=json)
    else:
        say(f"Wrote {new_definition(session, kind, name).shown}.", chat=True)


def schema(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where to write; by default schema/ in the workspace.")
    ] = None,
    *,
    workspace: Where = HERE,
    check_only: Annotated[bool, typer.Option("--check", help="Write nothing; exit 4 if the files differ.")] = False,
    json: Json = False,
) -> None:
    """Write the JSON Schemas that editors use to complete and check definitions, with the names of the workspace."""
    from thesisvault.runs.schemas import library_at, write_schemas
    from thesisvault.workspace import find_root

    root = find_root(workspace)
    target = folder or root / "schema"
    changed = write_schemas(target, library_at(root), dry=check_only)
    if json:
        say_json("schema", {"folder": str(target), "written": changed, "dry_run": check_only})
    else:
        said = f"schema: {'would write' if check_only else 'wrote'} {plural(len(changed), 'file')} in {target}."
        say(said, chat=True)
    if check_only and changed:
        raise typer.Exit(4)
