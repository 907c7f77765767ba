"""The command line: words in, one call, words out.

This is the only file that asks what day it is. Every command imports its worker late, so that `--help` and a run with
nothing to do stay quick.
"""

from __future__ import annotations

import datetime as dt
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thesisvault.errors import Finding, ThesisvaultError, UsageError

if TYPE_CHECKING:
    from thesisvault.runs.report import Report

_EXITS = """Exit status: 0 done; 1 something needs a look (with --strict; check: any finding in a generated note);
2 wrong usage or invalid definitions, nothing written; 3 no data and no network, nothing written;
4 --check found differences; 70 a fault of ours; 74 files cannot be read or written; 75 another run holds
the lock; 130 interrupted."""

app = typer.Typer(
    name="thesisvault",
    help="Turns theses written in YAML and fresh market data into a vault of linked Markdown notes for Obsidian.",
    epilog=_EXITS,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

Where = Annotated[
    Path,
    typer.Option("--workspace", "-w", metavar="DIR", help="The workspace; by default the one this folder lies in."),
]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Use no data after this day (YYYY-MM-DD).")]
Offline = Annotated[bool, typer.Option("--offline", help="Touch no network; use stored prices only.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 if anything needs a look.")]
_HERE = Path()
_INTERRUPTED = 130


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    from thesisvault.scalars import parse_date

    try:
        return parse_date(text)
    except ValueError as problem:
        raise UsageError(f"--as-of: {problem}.") from None


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give a progress bar on a terminal and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        tasks: dict[str, Any] = {}

        def step(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield step


def _finish(report: Report, *, json: bool, strict: bool = False) -> None:
    from thesisvault.runs.report import print_report

    if json:
        typer.echo(report.as_json())
    else:
        print_report(report)
    if strict and report.needs_a_look:
        raise typer.Exit(1)


@app.command(epilog=_EXITS)
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

    for line in make_workspace(folder, _now().date(), vault, corner):
        typer.echo(line)


@app.command(epilog=_EXITS)
def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder to make.")] = Path("thesisvault-demo"),
    *,
    json: Json = False,
) -> None:
    """Make a workspace over bundled real prices and build its vault: no network is needed."""
    from thesisvault.runs.build import refresh_and_build
    from thesisvault.runs.init import make_demo

    root = make_demo(folder)
    with _progress() as progress:
        report = refresh_and_build(root, now=_now(), as_of=None, offline=True, progress=progress, command="demo")
    _finish(report, json=json)
    if not json:
        typer.echo(
            f"Open {root / 'vault'} in Obsidian and start at Home. The theses lie in {root / 'data' / 'theses'}."
        )


@app.command(epilog=_EXITS)
def new(
    kind: Annotated[str, typer.Argument(metavar="thesis|concept|basket", help="What to make.")],
    name: Annotated[str, typer.Argument(help="Its title; the file is named after it.")],
    workspace: Where = _HERE,
) -> None:
    """Write a new definition to fill in."""
    from thesisvault.runs.init import new_definition
    from thesisvault.workspace import find_root

    typer.echo(new_definition(find_root(workspace), kind, name, _now().date()))


@app.command(epilog=_EXITS)
def refresh(
    tickers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TICKER]...", help="What to refresh; by default all that definitions use."),
    ] = None,
    *,
    workspace: Where = _HERE,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", metavar="DIR", help="Read prices from this folder instead of the providers in the settings."
        ),
    ] = None,
    as_of: AsOf = None,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Fetch what is missing of prices and macro series."""
    from thesisvault.runs.refresh import refresh_prices
    from thesisvault.workspace import find_root

    with _progress() as progress:
        report = refresh_prices(
            find_root(workspace),
            now=_now(),
            as_of=_day(as_of),
            tickers=tuple(tickers or ()),
            csv=csv,
            progress=progress,
        )
    _finish(report, json=json, strict=strict)


@app.command(epilog=_EXITS)
def prices(
    tickers: Annotated[
        list[str] | None, typer.Argument(metavar="[TICKER]...", help="What to show; by default a line for each series.")
    ] = None,
    *,
    workspace: Where = _HERE,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=1, help="How many of the newest bars to print.")] = 10,
    csv: Annotated[bool, typer.Option("--csv", help="Print all that is stored of one series as CSV.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Audit the whole store; exit 1 for a damaged bar.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Take the bars in quarantine into history.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Drop the bars in quarantine for good.")] = False,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Show, export or audit stored prices, and settle what is in quarantine."""
    from thesisvault.runs import prices as stored
    from thesisvault.workspace import find_root

    root, named = find_root(workspace), tuple(tickers or ())
    if csv + verify + accept + reject > 1:
        raise UsageError("--csv, --verify, --accept and --reject exclude one another; give one of them.")
    if (accept or reject) and not named:
        raise UsageError("--accept and --reject need the series: thesisvault prices --accept XLE")
    if csv and len(named) != 1:
        raise UsageError("--csv needs one series: thesisvault prices XLE --csv")
    if verify:
        report = stored.audit_prices(root)
        _finish(report, json=json, strict=strict)
        if report.count("error"):
            raise typer.Exit(1)
    elif accept or reject:
        _finish(stored.settle_prices(root, named, take=accept, now=_now()), json=json, strict=strict)
    elif csv:
        typer.echo(stored.export_prices(root, named[0]), nl=False)
    elif named:
        typer.echo("\n\n".join(stored.show_prices(root, each, rows=rows, now=_now()) for each in named))
    else:
        typer.echo(stored.list_prices(root))


@app.command(epilog=_EXITS)
def build(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Ids or titles of the notes to write; by default all."),
    ] = None,
    *,
    workspace: Where = _HERE,
    as_of: AsOf = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; show what would change and exit 4 if anything would.")
    ] = False,
    offline: Offline = False,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Write the vault from definitions and stored prices; series never seen before are fetched first."""
    from thesisvault.runs.build import build_vault
    from thesisvault.workspace import find_root

    with _progress() as progress:
        report = build_vault(
            find_root(workspace),
            now=_now(),
            as_of=_day(as_of),
            names=tuple(names or ()),
            dry=check,
            offline=offline,
            progress=progress,
        )
    if check and not json:
        for path in sorted(report.written):
            typer.echo(f"would write {path}")
        for path in sorted(report.removed):
            typer.echo(f"would move to .trash {path}")
    _finish(report, json=json, strict=strict)
    if check and (report.written or report.removed):
        raise typer.Exit(4)


@app.command(epilog=_EXITS)
def run(
    *,
    workspace: Where = _HERE,
    as_of: AsOf = None,
    offline: Offline = False,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Refresh, build and check in one: what a scheduler calls."""
    from thesisvault.runs.build import refresh_and_build
    from thesisvault.workspace import find_root

    with _progress() as progress:
        report = refresh_and_build(
            find_root(workspace), now=_now(), as_of=_day(as_of), offline=offline, progress=progress, command="run"
        )
    _finish(report, json=json, strict=strict)


@app.command(epilog=_EXITS)
def check(
    *,
    workspace: Where = _HERE,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Check definitions and vault; exit 1 for any finding in a generated note."""
    from thesisvault.runs.check import check_workspace
    from thesisvault.workspace import find_root

    report = check_workspace(find_root(workspace))
    broken = [each for each in report.findings if each.level == "error"]
    _finish(report, json=json, strict=strict)
    if broken:
        raise typer.Exit(2 if report.figures.get("definitions") == "invalid" else 1)


@app.command(epilog=_EXITS)
def restore(
    target: Annotated[str, typer.Argument(metavar="NOTE[#REGION]", help="A deleted note, or a removed region.")],
    *,
    workspace: Where = _HERE,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Bring back a note that was deleted by hand, or a region that was removed from one."""
    from thesisvault.runs.lifecycle import life
    from thesisvault.workspace import find_root

    _finish(life.restore(find_root(workspace), target, now=_now(), as_of=_day(as_of)), json=json)


@app.command(epilog=_EXITS)
def prune(*, workspace: Where = _HERE, json: Json = False) -> None:
    """Move notes whose definition is gone to the vault's .trash."""
    from thesisvault.runs.lifecycle import life
    from thesisvault.workspace import find_root

    _finish(life.prune(find_root(workspace)), json=json)


@app.command(epilog=_EXITS)
def adopt(
    note: Annotated[str, typer.Argument(metavar="NOTE", help="Its name, or its path in the vault.")],
    *,
    workspace: Where = _HERE,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Make a damaged note, or one of your own, the note of its definition; all of its text stays."""
    from thesisvault.runs.lifecycle import life
    from thesisvault.workspace import find_root

    _finish(life.adopt(find_root(workspace), note, now=_now(), as_of=_day(as_of)), json=json)


@app.command(epilog=_EXITS)
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
    workspace: Where = _HERE,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Rename the file of a note and every link to it in the vault, or give a note to another definition."""
    from thesisvault.runs.lifecycle import life
    from thesisvault.workspace import find_root

    _finish(life.rename(find_root(workspace), note, new, now=_now(), as_of=_day(as_of)), json=json)


@app.command("eval", epilog=_EXITS)
def evaluate(
    expression: Annotated[
        str, typer.Argument(metavar="EXPR", help="An expression, such as \"ret('XLE', 'ytd') | pct\".")
    ],
    *,
    workspace: Where = _HERE,
    as_of: AsOf = None,
    thesis: Annotated[
        str | None,
        typer.Option("--in", metavar="ID", help="A thesis whose buy, sell, benchmark and over the expression may use."),
    ] = None,
    json: Json = False,
) -> None:
    """Print what an expression is worth: value, date, sources, and why if it is not known."""
    from thesisvault.runs.evaluate import evaluate_expression
    from thesisvault.workspace import find_root

    found = evaluate_expression(find_root(workspace), expression, now=_now(), as_of=_day(as_of), thesis=thesis)
    if json:
        import json as writer

        typer.echo(writer.dumps(found, indent=2, default=str))
        return
    for name, value in found.items():
        if value not in (None, "", []):
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            typer.echo(f"{name:8} {shown}")


@app.command(epilog=_EXITS)
def schema(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where to write; by default schema/ in the workspace.")
    ] = None,
    *,
    workspace: Where = _HERE,
    check_only: Annotated[bool, typer.Option("--check", help="Write nothing; exit 4 if the files differ.")] = False,
) -> None:
    """Write the JSON Schemas that editors use to complete and check definitions."""
    from thesisvault.runs.init import write_schemas
    from thesisvault.workspace import find_root

    target = folder or find_root(workspace) / "schema"
    changed = write_schemas(target, dry=check_only)
    typer.echo(f"schema: {len(changed)} {'would change' if check_only else 'written'}, in {target}.")
    if check_only and changed:
        raise typer.Exit(4)


def _complain(findings: tuple[Finding, ...], exit_status: int) -> int:
    for each in findings:
        typer.echo(f"error: {each}", err=True)
    if exit_status in (2, 3):
        typer.echo("Nothing was written.", err=True)
    return exit_status


def main() -> None:
    """Run the command line and end the process with the documented exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that cannot show a title shows its escapes
            stream.reconfigure(errors="backslashreplace")
    try:
        ended_with = app(standalone_mode=False)
        status = ended_with if isinstance(ended_with, int) else 0
    except typer.Exit as ended:
        status = ended.exit_code
    except ThesisvaultError as problem:
        status = _complain(problem.findings, problem.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        status = _INTERRUPTED
    except Exception as fault:  # noqa: BLE001 - the last place where a fault of ours can become a sentence
        status = _INTERRUPTED if _was_interrupted(fault) else _fault(fault)
    if status == _INTERRUPTED:  # typer ends with it too, and without a word
        typer.echo("interrupted; what was written is whole, the rest is as it was.", err=True)
    raise SystemExit(status)


def _was_interrupted(fault: BaseException) -> bool:
    """Return whether an error only wraps a Ctrl-C, as when it fell into the import of a library."""
    cause = fault.__cause__ or fault.__context__
    return cause is not None and (isinstance(cause, KeyboardInterrupt) or _was_interrupted(cause))


def _fault(fault: Exception) -> int:
    shown = getattr(fault, "format_message", None)
    if type(fault).__name__ == "NoArgsIsHelpError" and shown is not None:  # no words at all
        typer.echo(shown(), err=True)
        return 2
    if shown is not None:  # usage errors of the command-line library
        typer.echo(f"error: {shown()} See thesisvault --help.", err=True)
        return 2
    if isinstance(fault, OSError):
        typer.echo(f"error: {fault.filename or ''}: {fault.strerror or fault}. Mend it and run again.", err=True)
        return 74
    typer.echo(
        f"error: a fault of ours: {type(fault).__name__}: {fault}. Please report it with the command you ran.", err=True
    )
    import os

    if os.environ.get("THESISVAULT_DEBUG"):
        raise fault
    return 70
