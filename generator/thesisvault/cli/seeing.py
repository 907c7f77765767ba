"""Commands that look: doctor, open."""

from __future__ import annotations

import json as jsons
from typing import Annotated

import typer

from thesisvault.cli.options import HERE, Json, Offline, Where, open_session
from thesisvault.cli.output import say
from thesisvault.errors import Finding, Place, UsageError

_INDENT = " " * 20


def doctor(*, workspace: Where = HERE, offline: Offline = False, json: Json = False) -> None:
    """Look at all that a run needs, from Python to the schedule; say what was found and what to do.

    Exit with 1 if there is something to do. Each remote provider of the settings gets one small request.
    """
    from thesisvault.doctor.checked import Checked
    from thesisvault.doctor.examine import examine

    session, found = open_session(workspace), list[Checked]()
    for each in examine(session, offline=offline):
        found.append(each)
        if not json:
            say(f"{'ok  ' if each.is_fine else 'todo'}  {each.about:<14}{each.found}", color=_color(each.is_fine))
            if each.todo:
                say(f"{_INDENT}{each.todo}")
    count = sum(not each.is_fine for each in found)
    if json:
        say(jsons.dumps({"command": "doctor", "checks": [each.as_json() for each in found]}, indent=2))
    else:
        say(f"doctor: {f'{count} to do' if count else 'nothing to do'}.")
    if count:
        raise typer.Exit(1)


def _color(is_fine: bool) -> str:
    return "green" if is_fine else "yellow"


def open_(
    note: Annotated[
        str | None,
        typer.Argument(metavar="[NOTE]", help="Its title, id, ticker, name, or path in the vault; else the vault."),
    ] = None,
    *,
    workspace: Where = HERE,
    editor: Annotated[bool, typer.Option("--editor", help="Open it in the editor of VISUAL or EDITOR.")] = False,
    print_: Annotated[bool, typer.Option("--print", help="Print the address; open nothing.")] = False,
    json: Json = False,
) -> None:
    """Open the vault or a note in Obsidian; without a desktop, print its address."""
    from thesisvault.cli.desktop import edit, launch, missing_desktop
    from thesisvault.runs.finding import find_note
    from thesisvault.vault.address import address_of, known_vaults

    if editor and (print_ or json):
        raise UsageError(f"--editor and {'--print' if print_ else '--json'} exclude one another; give one of them.")
    session = open_session(workspace)
    vault, shown = session.workspace.vault, session.workspace.shown(session.workspace.vault)
    if not vault.is_dir():
        raise UsageError(Finding("there is no vault yet.", Place(shown), "Build it: thesisvault build"))
    path = find_note(session, note) if note is not None else None
    if editor:
        edit(vault / path if path else vault)
        return
    address = address_of(vault, path, known_vaults())
    why_not = "" if print_ else missing_desktop() or launch(address.uri)
    if json:
        body = {"command": "open", "path": f"{shown}/{path}" if path else shown, "uri": address.uri}
        say(jsons.dumps({**body, "known": address.is_known, "opened": not (print_ or why_not)}, indent=2))
        return
    if print_ or why_not:
        say(address.uri)
    if why_not:
        say(f"info: {why_not}, so nothing was opened; open that address where Obsidian is.", err=True)
    if not address.is_known and not print_:
        said = "Obsidian does not know this vault; open it once by Open folder as vault:"
        say(f"info: {said} {vault.resolve()}", err=True)
