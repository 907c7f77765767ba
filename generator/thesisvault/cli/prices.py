"""The command `prices`."""

from __future__ import annotations

from typing import Annotated

import typer

from thesisvault.cli.options import HERE, Json, Strict, Where, open_session
from thesisvault.cli.output import finish, say
from thesisvault.errors import UsageError


def prices(
    tickers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TICKER]...", help="What to show; by default a line for each series."),
    ] = None,
    *,
    workspace: Where = HERE,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=1, help="How many of the newest bars to print.")] = 10,
    csv: Annotated[bool, typer.Option("--csv", help="Print all that is stored of one series as CSV.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Audit the whole store; exit 1 for a damaged bar.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Take the bars in quarantine into history.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Drop the bars in quarantine for good.")] = False,
    json: Json = False,
    strict: Strict = "",
) -> None:
    """Show, export or audit stored prices, and settle what is in quarantine."""
    from thesisvault.runs import prices as stored

    session, named = open_session(workspace), tuple(tickers or ())
    if csv + verify + accept + reject > 1:
        raise UsageError("--csv, --verify, --accept and --reject exclude one another; give one of them.")
    if (accept or reject) and not named:
        raise UsageError("--accept and --reject need the series: thesisvault prices --accept XLE")
    if csv and len(named) != 1:
        raise UsageError("--csv needs one series: thesisvault prices XLE --csv")
    if verify:
        report = stored.audit_prices(session)
        finish(report, json=json, strict=strict)
        if report.count("error"):
            raise typer.Exit(1)
    elif accept or reject:
        finish(stored.settle_prices(session, named, take=accept), json=json, strict=strict)
    elif csv:
        say(stored.export_prices(session, named[0]), nl=False)
    elif named:
        say("\n\n".join(stored.show_prices(session, each, rows=rows) for each in named))
    else:
        say(stored.list_prices(session))
