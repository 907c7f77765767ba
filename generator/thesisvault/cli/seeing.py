"""Commands that look: status, doctor, open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from thesisvault.cli.options import HERE, AsOf, Json, Offline, Where, day, open_session
from thesisvault.cli.output import say, say_json
from thesisvault.errors import Finding, Place, UsageError
from thesisvault.patterns import regex
from thesisvault.words import day_in_words, plural, spelled

if TYPE_CHECKING:
    from thesisvault.runs.result import RunResults
    from thesisvault.runs.status import Status

_INDENT = " " * 20
_WIDTH = 79
_OLDER = regex(r" \(† [^)]*\)")
"""What a note says behind a figure that rests on older data; in a table it would leave no room for the figure."""


def status(*, workspace: Where = HERE, as_of: AsOf = None, json: Json = False) -> None:
    """Show the theses at a glance: spreads, nearest exits, reviews due, claims that changed, and the data."""
    from thesisvault.runs.status import status_of

    found = status_of(open_session(workspace), day(as_of))
    if json:
        say_json("status", found.as_json())
        return
    say(f"As of {day_in_words(found.as_of)}. Long minus short; exit in usual daily moves.")
    if found.theses:
        say("")
    lines = _table(found)
    for line, color in lines:
        say(line, color=color)
    if any("†" in line for line, _ in lines):
        say("† stale")
    say("")
    overdue = [title for title, due in found.reviews.items() if due < found.as_of]
    for title, due in found.reviews.items():
        word = "overdue since" if title in overdue else "due"
        say(f"Review  {title}: {word} {day_in_words(due)}.", color="yellow" if title in overdue else "")
    for each in found.claims:
        say(f'Claim   {each.thesis}: "{each.says}" was {each.before}, is {each.now}.', color="yellow")
    for line, color in _runs(found.runs):
        say(line, color=color)
    say(f"Data    {found.data}." if found.data else "Data    complete.", color="yellow" if found.data else "")


def _runs(runs: RunResults) -> list[tuple[str, str]]:
    """Return when the last good run was, and the last one where that was another, each with its color."""
    from thesisvault.runs.log import CUT
    from thesisvault.schedule.status import in_zone

    if runs.last is None and runs.under_way is None:
        return []
    good = f"last good {in_zone(runs.last_good.ended, None)}" if runs.last_good else "none was good yet"
    lines = [(f"Run     {good}.", "")]
    if runs.under_way:
        lines.append((f"Run     {in_zone(runs.under_way, None)} did not end: it {CUT}.", "red"))
    elif runs.last and not runs.last.is_good:
        why = runs.last.wrong[0] if runs.last.wrong else runs.last.said.removeprefix("error: ")
        lines.append((f"Run     failed {in_zone(runs.last.ended, None)}: {why}", "red"))
    return lines


def _table(found: Status) -> list[tuple[str, str]]:
    """Return the lines of the table of theses, each with its color; none is wider than 79 columns."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    if not found.theses:
        return []
    table = Table(
        Column("Thesis", max_width=24),
        Column("Status"),
        Column("Opened", justify="right"),
        Column("YTD", justify="right"),
        Column("Exit in", justify="right"),
        Column("Nearest exit", ratio=1),
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        width=_WIDTH,
    )
    for column in table.columns:
        column.no_wrap = True
    for each in found.theses:
        words = "watchlist" if each.status == "watching" else each.status
        cells = (each.title, words, each.since_opened.text, each.ytd.text, each.exit_in_moves.text, each.exit.text)
        table.add_row(*(Text(spelled(_OLDER.sub("†", cell))) for cell in cells))
    page = StringIO()
    Console(file=page, width=_WIDTH, color_system=None, force_terminal=False).print(table)
    colors = ["", *("red" if each.exit.text.startswith("triggered") else "" for each in found.theses)]
    return list(zip((line.rstrip() for line in page.getvalue().splitlines()), colors, strict=True))


def doctor(*, workspace: Where = HERE, offline: Offline = False, json: Json = False) -> None:
    """Check everything that a run needs, from Python to the schedule, and say what to do.

    Exit with 1 if there is something to do. Each remote provider of the settings gets one small request.
    """
    from thesisvault.doctor.checked import Checked
    from thesisvault.doctor.examine import examine

    session, found = open_session(workspace), list[Checked]()
    for each in examine(session, offline=offline):
        found.append(each)
        fine = each.is_fine
        if not json:
            say(f"{'ok  ' if fine else 'todo'}  {each.about:<13} {each.found}", color=_color(fine), chat=fine)
            if each.todo:
                say(f"{_INDENT}{each.todo}")
    count = sum(not each.is_fine for each in found)
    if json:
        say_json("doctor", {"checks": [each.as_json() for each in found]})
    else:
        say(f"{plural(len(found), 'check')}, {count or 'nothing'} to do.", chat=True)
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
        body = {"path": f"{shown}/{path}" if path else shown, "uri": address.uri}
        say_json("open", {**body, "known": address.is_known, "opened": not (print_ or why_not)})
        return
    if print_ or why_not:
        say(address.uri)
    if why_not:
        say(f"info: {why_not}, so nothing was opened; open that address where Obsidian is.", err=True)
    if not address.is_known and not print_:
        said = "Obsidian does not know this vault; open it once by Open folder as vault:"
        say(f"info: {said} {vault.resolve()}", err=True)
