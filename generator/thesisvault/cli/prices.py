"""The command `prices`."""

from __future__ import annotations

from typing import Annotated

import typer

from thesisvault.cli.options import HERE, Json, Strict, Where, open_session
from thesisvault.cli.output import finish, say, say_json
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
    accept: Annotated[bool, typer.Option("--accept", help="Accept the prices held for review.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Reject the prices held for review.")] = False,
    add_dividend: Annotated[
        tuple[str, float] | None,
        typer.Option("--add-dividend", metavar="DAY AMOUNT", help="Add a dividend by its ex-date, or change it."),
    ] = None,
    drop_dividend: Annotated[
        str | None, typer.Option("--drop-dividend", metavar="DAY", help="Drop the dividend of an ex-date.")
    ] = None,
    add_split: Annotated[
        tuple[str, str] | None,
        typer.Option("--add-split", metavar="DAY NEW:OLD", help="Add a split; all closes before it are divided by it."),
    ] = None,
    drop_split: Annotated[
        str | None, typer.Option("--drop-split", metavar="DAY", help="Drop a split; closes before it are as before.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record; needed to add or drop.")] = "",
    json: Json = False,
    strict: Strict = "",
) -> None:
    """Show, export or audit stored prices, settle what is held for review, and correct dividends and splits."""
    from thesisvault.runs import prices as stored

    session, named = open_session(workspace), tuple(tickers or ())
    by_hand = {
        "--add-dividend": add_dividend,
        "--drop-dividend": drop_dividend,
        "--add-split": add_split,
        "--drop-split": drop_split,
    }
    changes = {option: given for option, given in by_hand.items() if given is not None}
    if csv + verify + accept + reject + len(changes) > 1:
        options = ", ".join(["--csv", "--verify", "--accept", "--reject", *list(by_hand)[:-1]])
        raise UsageError(f"{options} and --drop-split exclude one another; give one of them.")
    if reason and not changes:
        raise UsageError("--reason goes with --add-dividend, --drop-dividend, --add-split or --drop-split.")
    if (accept or reject) and not named:
        raise UsageError("--accept and --reject need the series: thesisvault prices --accept XLE")
    if csv and len(named) != 1:
        raise UsageError("--csv needs one series: thesisvault prices XLE --csv")
    if verify:
        report = stored.audit_prices(session)
        finish(report, json=json, strict=strict)
        if report.count("error"):
            raise typer.Exit(1)
    elif changes:
        (option, given), *_ = changes.items()
        day, *value = given if isinstance(given, tuple) else (given,)
        finish(stored.change_prices(session, named, option, day, value[0] if value else None, reason), json=json)
    elif accept or reject:
        finish(stored.settle_prices(session, named, take=accept), json=json, strict=strict)
    elif csv and json:
        raise UsageError("--csv and --json exclude one another; give one of them.")
    elif json:
        say_json("prices", {"series": stored.described(session, named)})
    elif csv:
        say(stored.export_prices(session, named[0]), nl=False)
    elif named:
        say("\n\n".join(stored.show_prices(session, each, rows=rows) for each in named))
    else:
        say(stored.list_prices(session))
