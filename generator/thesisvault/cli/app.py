"""The commands, in the order in which `--help` lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from thesisvault.cli.building import build, check, refresh, run
from thesisvault.cli.evaluate import evaluate
from thesisvault.cli.notes import adopt, prune, rename, restore
from thesisvault.cli.options import Command, with_quiet
from thesisvault.cli.output import say
from thesisvault.cli.prices import prices
from thesisvault.cli.scheduling import schedule as schedule_commands
from thesisvault.cli.seeing import doctor, open_, status
from thesisvault.cli.setup import demo, init, new, schema
from thesisvault.cli.watch import watch
from thesisvault.cli.why import why
from thesisvault.cli.writing import add, claim, close, log, review

EXITS = """Exit status: 0 done; 1 warnings (with --strict; check: any finding in a generated note;
schedule status: anything wrong; doctor: something to do);
2 wrong usage or invalid definitions, nothing written; 3 no data and no network, nothing written;
4 --check found differences; 5 sessions were due and nothing new came, the vault was built from what is stored;
6 notes should have changed and did not;
69 the scheduler of --executor cannot be reached or was lost, nothing written;
70 internal error (bug); 74 files cannot be read or written; 75 another run holds the lock;
124 the run took longer than run_limit; 130 interrupted."""

HEAD = """Usage: thesisvault COMMAND [OPTIONS]...

Turns theses written in YAML and fresh market data into a vault of linked
Markdown notes for Obsidian.
"""
FOOT = """
thesisvault COMMAND --help has the details. --version prints the version.
Exit status: 0 done, 1 warnings, 2 wrong input; all are listed there."""

GROUPS: tuple[tuple[str, tuple[Callable[..., None], ...]], ...] = (
    ("Start a workspace", (init, demo, schema)),
    ("Write definitions", (new, add, log, review, claim, close)),
    ("Make the vault", (run, refresh, build, watch, check)),
    ("See status and health", (status, why, open_, doctor)),
    ("Look up figures", (evaluate, prices)),
    ("Restore and move notes", (restore, prune, adopt, rename)),
)
"""The commands, by what one wants to do."""
_NAMES = {evaluate: "eval", open_: "open"}


def name_of(command: Callable[..., None]) -> str:
    """Return the word by which a command is called."""
    return _NAMES.get(command, command.__name__)


def root_help() -> str:
    """Return the help of the whole: each command once, by what one wants to do; it fits a screen of 24 lines."""
    rows = [(wish, ", ".join(map(name_of, commands))) for wish, commands in GROUPS]
    rows.append(("Schedule runs", f"{schedule_commands.info.name} (install, show, status, remove)"))
    return "\n".join([HEAD, *(f"  {wish:<30}{names}" for wish, names in rows), FOOT])


class Root(TyperGroup):
    """The group of all commands, whose help fits one screen."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as it is called
        """Write the help."""
        formatter.write(root_help() + "\n")


app = typer.Typer(
    name="thesisvault",
    help="Turns theses written in YAML and fresh market data into a vault of linked Markdown notes for Obsidian.",
    cls=Root,
    invoke_without_command=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for _, listed in GROUPS:
    for command in listed:
        app.command(name_of(command), epilog=EXITS, cls=Command)(with_quiet(command))
app.add_typer(schedule_commands, epilog=EXITS)


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
        say(root_help(), err=True)
        raise typer.Exit(2)


def own_version() -> str:
    """Return the version of the installed package."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("thesisvault")
    except PackageNotFoundError:
        return "(not installed)"
