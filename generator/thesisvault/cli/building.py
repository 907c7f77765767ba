"""Commands of every day: refresh, build, run, check."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from thesisvault.cli.options import HERE, All, AsOf, By, Json, Offline, Strict, Where, day, open_session
from thesisvault.cli.output import finish, say
from thesisvault.cli.progress import progress_bar
from thesisvault.cli.running import Attempt, remembered
from thesisvault.cli.scheduling import is_due
from thesisvault.cli.steady import Steady
from thesisvault.interrupts import ended_by_others


def refresh(
    tickers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TICKER]...", help="What to refresh; by default all that definitions use."),
    ] = None,
    *,
    workspace: Where = HERE,
    csv: Annotated[
        Path | None,
        typer.Option(
            "--csv", metavar="DIR", help="Read prices from this folder instead of the providers in the settings."
        ),
    ] = None,
    as_of: AsOf = None,
    json: Json = False,
    strict: Strict = "",
    everything: All = False,
) -> None:
    """Fetch missing prices and macro series."""
    from thesisvault.runs.refresh import refresh_prices

    named = tuple(tickers or ())
    session, began = open_session(workspace), monotonic()
    with progress_bar() as progress:
        report = refresh_prices(session, as_of=day(as_of), tickers=named, csv=csv, progress=progress)
    report.seconds = monotonic() - began
    finish(report, json=json, strict=strict, session=session, everything=everything)


def build(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Ids or titles of the notes to write; by default all."),
    ] = None,
    *,
    workspace: Where = HERE,
    as_of: AsOf = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; show what would change and exit 4 if anything would.")
    ] = False,
    offline: Offline = False,
    clean: Annotated[bool, typer.Option("--clean", help="Make every note anew.")] = False,
    executor: By = "auto",
    json: Json = False,
    strict: Strict = "",
    everything: All = False,
) -> None:
    """Write the vault from definitions and stored prices; series never seen before are fetched first."""
    from thesisvault.runs.build import build_vault

    session, last = open_session(workspace), day(as_of)
    steady = Steady(session)
    session.before = steady.look
    with progress_bar() as progress:
        report = build_vault(
            session,
            as_of=last,
            names=tuple(names or ()),
            dry=check,
            offline=offline,
            progress=progress,
            clean=clean,
            executor=executor,
        )
    if check and not json:
        for path in sorted(report.written):
            say(f"would write {path}")
        for path in sorted(report.removed):
            say(f"would move to .trash {path}")
    finish(report, json=json, strict=strict, session=session, everything=everything, steady=steady, as_of=last)
    if check and (report.written or report.removed):
        raise typer.Exit(4)


def run(
    *,
    workspace: Where = HERE,
    due: Annotated[
        str | None,
        typer.Option("--due", metavar="TIME", help="Run only if one is due by this rule, as in close+45m."),
    ] = None,
    as_of: AsOf = None,
    offline: Offline = False,
    executor: By = "auto",
    json: Json = False,
    strict: Strict = "",
    everything: All = False,
) -> None:
    """Refresh prices, build the vault and check it."""
    from thesisvault.runs.run import run_workspace

    session, last = open_session(workspace), day(as_of)
    if due is not None and not is_due(session, due, json=json):
        return
    # A run of another day, or without prices of today, does not stand for the one that is due.
    is_run = not (last or offline)
    keeping = remembered(session, by_schedule=due is not None) if is_run else nullcontext(Attempt(session))
    with ended_by_others(), keeping as attempt:
        with progress_bar() as progress:
            report = run_workspace(
                session, as_of=last, offline=offline, progress=progress, executor=executor, is_run=is_run
            )
        attempt.report = report
        finish(report, json=json, strict=strict, session=session, everything=everything)


def check(
    *,
    workspace: Where = HERE,
    json: Json = False,
    strict: Strict = "",
) -> None:
    """Check definitions and vault; exit 1 for any finding in a generated note."""
    from thesisvault.runs.check import check_workspace

    session = open_session(workspace)
    steady = Steady(session)
    steady.look()
    report = check_workspace(session)
    finish(report, json=json, strict=strict, session=session, everything=True, steady=steady)
    if report.count("error"):
        raise typer.Exit(2 if report.figures.get("definitions") == "invalid" else 1)
