"""Commands that write into definitions as a person would: add, log, review, claim, close."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from thesisvault.cli.options import HERE, Dry, Json, Offline, Where, day, open_session
from thesisvault.cli.output import finish, say
from thesisvault.errors import UsageError

if TYPE_CHECKING:
    from thesisvault.editing.edit import Edit
    from thesisvault.editing.rendering import Node

ThesisName = Annotated[str, typer.Argument(metavar="THESIS", help="Its id, title or alias.")]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day (YYYY-MM-DD); by default today.")]
SourceName = Annotated[
    str | None,
    typer.Option("--source", metavar="URL", help="A web address, or the id of a source of the thesis."),
]


def tell(command: str, edit: Callable[[], Edit], *, json: bool) -> None:
    """Make an edit and print what it changed; of a file that is left alone, what to put into it by hand.

    Raises:
        typer.Exit: As JSON was asked for, the error is in it.
    """
    from thesisvault.editing.edit import UneditedError
    from thesisvault.runs.report import Report

    try:
        made = edit()
    except UneditedError as problem:
        if json:
            report = Report(command, figures={"file": problem.shown, "paste": problem.paste})
            report.add(*problem.findings)
            say(report.as_json())
            raise typer.Exit(problem.exit_status) from None
        say(f"{problem.shown} is left as it is. Put this into it by hand:\n\n{problem.paste}\n")
        raise
    report = Report(command, dry=made.dry, written=[made.shown])
    report.add(*made.remarks)
    if json:
        report.figures["diff"] = made.diff
    else:
        say(made.diff)
    finish(report, json=json)


def log(
    thesis: ThesisName,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What it says; the first line is its title.")],
    *,
    on: On = None,
    source: SourceName = None,
    workspace: Where = HERE,
    dry: Dry = False,
    json: Json = False,
) -> None:
    """Add a dated update to a thesis."""
    from thesisvault.editing import theses

    session = open_session(workspace)
    when = day(on, "--on") or session.now.date()
    tell("log", lambda: theses.log(session, thesis, text, on=when, source=source, dry=dry), json=json)


def review(thesis: ThesisName, *, on: On = None, workspace: Where = HERE, dry: Dry = False, json: Json = False) -> None:
    """Record a review of a thesis; the next one is counted from that day."""
    from thesisvault.editing import theses

    session = open_session(workspace)
    when = day(on, "--on") or session.now.date()
    tell("review", lambda: theses.review(session, thesis, on=when, dry=dry), json=json)


def close(
    thesis: ThesisName,
    *,
    on: On = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; it becomes an update of that day.")] = None,
    workspace: Where = HERE,
    dry: Dry = False,
    json: Json = False,
) -> None:
    """Close a thesis."""
    from thesisvault.editing import theses

    session = open_session(workspace)
    when = day(on, "--on") or session.now.date()
    tell("close", lambda: theses.close(session, thesis, on=when, reason=reason, dry=dry), json=json)


def _figure(option: str, says: str) -> object:
    return typer.Option(option, metavar="FIGURE", help=says)


def claim(
    thesis: ThesisName,
    says: Annotated[str, typer.Argument(metavar="TEXT", help="The claim in words.")],
    *,
    check: Annotated[str, typer.Option("--check", metavar="EXPRESSION", help="What computes the figure.")],
    expect: Annotated[str | None, _figure("--expect", "The figure that was said, as in 43pp.")] = None,
    within: Annotated[str | None, _figure("--within", "Its tolerance.")] = None,
    at_least: Annotated[str | None, _figure("--at-least", "The figure is this or more.")] = None,
    at_most: Annotated[str | None, _figure("--at-most", "The figure is this or less.")] = None,
    between: Annotated[
        tuple[str, str] | None, typer.Option("--between", metavar="LOW HIGH", help="The figure lies between two.")
    ] = None,
    truth: Annotated[
        bool | None, typer.Option("--true/--false", help="The condition holds, or does not.", show_default=False)
    ] = None,
    date: Annotated[str | None, typer.Option("--date", metavar="DATE", help="The day that was said.")] = None,
    count: Annotated[int | None, typer.Option("--count", metavar="N", help="The whole number that was said.")] = None,
    word: Annotated[str | None, typer.Option("--word", metavar="WORD", help="The word that was said.")] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="DATE",
            help="The day at which it is judged; by default the close before its source, else today.",
        ),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who said so.")] = None,
    source: SourceName = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A remark on it.")] = None,
    workspace: Where = HERE,
    dry: Dry = False,
    json: Json = False,
) -> None:
    """Add a claim to a thesis: what was said, and the expression that checks it."""
    from thesisvault.editing import theses
    from thesisvault.editing.rendering import typed

    texts = {"expect": expect, "within": within, "at_least": at_least, "at_most": at_most, "date": date, "word": word}
    expected: dict[str, Node] = {
        key: typed(text, f"--{key.replace('_', '-')}") for key, text in texts.items() if text is not None
    }
    if between is not None:
        expected["between"] = [typed(each, "--between") for each in between]
    if truth is not None:
        expected["truth"] = truth
    if count is not None:
        expected["count"] = str(count)
    if not expected.keys() - {"within"}:
        raise UsageError("the claim expects nothing.", hint="Say what was claimed, as in: --expect 43pp")
    session, when = open_session(workspace), day(on, "--on")

    def edit() -> Edit:
        return theses.claim(session, thesis, says, check, expected, on=when, source=source, by=by, note=note, dry=dry)

    tell("claim", edit, json=json)


def add(
    ticker: Annotated[str, typer.Argument(metavar="TICKER", help="As Yahoo Finance writes it, or fred:SERIES.")],
    *,
    name: Annotated[str | None, typer.Option("--name", help="Its full name.")] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", help="stock, etf, index, fund, macro, crypto, currency or commodity."),
    ] = None,
    exchange: Annotated[str | None, typer.Option("--exchange", metavar="MIC", help="Exchange, or 24/7.")] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Currency of its prices, as in EUR.")] = None,
    short: Annotated[str | None, typer.Option("--short", help="A short name for tables and charts.")] = None,
    what: Annotated[str | None, typer.Option("--what", metavar="TEXT", help="What it is, in a sentence.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="Unit of a macro series, as in %.")] = None,
    workspace: Where = HERE,
    offline: Offline = False,
    dry: Dry = False,
    json: Json = False,
) -> None:
    """Add an instrument; the source is asked for what you leave out."""
    from thesisvault.editing.listing import add_instrument
    from thesisvault.runs.steps.fetching import providers_of

    session = open_session(workspace)
    texts = {"name": name, "kind": kind, "exchange": exchange, "currency": currency}
    texts |= {"short": short, "what": what, "unit": unit}
    given = {key: text for key, text in texts.items() if text is not None}

    def edit() -> Edit:
        return add_instrument(session, ticker, given, () if offline else providers_of(session), dry=dry)

    tell("add", edit, json=json)
