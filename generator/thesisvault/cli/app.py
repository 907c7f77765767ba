"""The commands, in the order in which `--help` lists them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from thesisvault.cli.building import build, check, refresh, run
from thesisvault.cli.evaluate import evaluate
from thesisvault.cli.notes import adopt, prune, rename, restore
from thesisvault.cli.options import Command
from thesisvault.cli.output import say
from thesisvault.cli.prices import prices
from thesisvault.cli.scheduling import schedule as schedule_commands
from thesisvault.cli.seeing import doctor, open_
from thesisvault.cli.setup import demo, init, new, schema
from thesisvault.cli.why import why
from thesisvault.cli.writing import add, claim, close, log, review

EXITS = """Exit status: 0 done; 1 something needs a look (with --strict; check: any finding in a generated note;
schedule status: anything wrong);
2 wrong usage or invalid definitions, nothing written; 3 no data and no network, nothing written;
4 --check found differences; 5 sessions were due and nothing new came, the vault was built from what is stored;
69 the scheduler of --executor cannot be reached or was lost, nothing written;
70 internal error (bug); 74 files cannot be read or written; 75 another run holds the lock; 130 interrupted."""

app = typer.Typer(
    name="thesisvault",
    help="Turns theses written in YAML and fresh market data into a vault of linked Markdown notes for Obsidian.",
    epilog=EXITS,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for command in (
    init,
    demo,
    new,
    add,
    log,
    review,
    claim,
    close,
    refresh,
    prices,
    build,
    run,
    check,
    why,
    doctor,
    restore,
    prune,
    adopt,
    rename,
):
    app.command(epilog=EXITS, cls=Command)(command)
app.add_typer(schedule_commands, epilog=EXITS)
app.command("open", epilog=EXITS, cls=Command)(open_)
app.command("eval", epilog=EXITS)(evaluate)
app.command(epilog=EXITS)(schema)


@app.callback()
def start(
    context: typer.Context,
    *,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Print the version, or the help where no command was given."""
    if show_version:
        say(f"thesisvault {own_version()}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        say(context.get_help(), err=True)
        raise typer.Exit(2)


def own_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("thesisvault")
    except PackageNotFoundError:
        return "(not installed)"
