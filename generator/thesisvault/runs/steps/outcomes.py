"""What a report says of a fetch: how series ended, those alike in the same words."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from thesisvault.errors import Finding, did_you_mean
from thesisvault.market.bars import Remark
from thesisvault.market.refresh.outcome import Outcome, Result
from thesisvault.market.refresh.snapshots import SnapshotOutcome
from thesisvault.words import day_in_words, plural

_ENDED_WELL: tuple[Result, ...] = ("added", "up to date")

_NAMED = 5
"""So many series of which a source says the same are named."""

_ALIKE: dict[Result, str] = {
    "stale": "series end early",
    "unknown symbol": "series known to no source",
    "quarantined": "series newly held for review (thesisvault prices TICKER, then --accept or --reject)",
    "failed": "series failed",
    "rate limited": "series were refused",
    "not asked": "series were not asked for",
}
"""What series that ended so have in common, after their count."""


def outcome_findings(outcomes: Iterable[Outcome], known: Iterable[str], told: Container[str] = ()) -> Iterator[Finding]:
    """Yield what a report says of a refresh, a finding for each series that needs a word.

    Args:
        outcomes: How the refresh of each series ended.
        known: Tickers that a mistyped one may be meant for.
        told: Reasons that the report gives already.
    """
    outcomes = list(outcomes)
    yield from _remarks(outcomes, told)
    for outcome in outcomes:
        name = outcome.name
        for reason in outcome.corrected:
            yield Finding(f"{name}: stored bars were corrected: {reason}.", level="info", code="corrected")
        for what in outcome.refused:
            yield Finding(f"{name}: {what} was refused.", level="info", code="refused-bars")
        for doubt in outcome.doubts:
            yield Finding(f"{name}: {doubt}.", level="info", code="unconfirmed")
        if outcome.result not in _ENDED_WELL and outcome.detail not in told:
            yield _ended(outcome, known)


def nothing_new(outcomes: Sequence[Outcome]) -> Finding | None:
    """Return what a report says where no bar came, although most series lack one that is due; else None.

    A series that has died lacks one for good; that is no reason to doubt a run in which all others are up to date.
    """
    behind = sum(each.result not in _ENDED_WELL for each in outcomes)
    some = any(each.added or each.result == "quarantined" for each in outcomes)
    if some or 2 * behind <= len(outcomes):
        return None
    problem = f"nothing new came: {behind} of {plural(len(outcomes), 'series')} lack a bar that is due."
    return Finding(problem, level="warning", code="nothing-new")


def snapshot_findings(outcomes: Iterable[SnapshotOutcome]) -> Iterator[Finding]:
    """Yield what a report says of fundamentals that did not come."""
    for each in outcomes:
        if each.detail:
            alike = f"series have no new fundamentals ({each.detail})"
            problem = f"{each.name}: no new fundamentals: {each.detail}."
            code = "no-fundamentals"
            yield Finding(problem, level="info", code=code, subject=each.name, alike=alike, short=each.name)


def _remarks(outcomes: Iterable[Outcome], told: Container[str]) -> Iterator[Finding]:
    """Yield what sources have to say of their answers; series of which the same is said share a line."""
    alike: dict[Remark, list[str]] = {}
    for outcome in outcomes:
        for remark in (each for each in outcome.remarks if each.text not in told):
            alike.setdefault(remark, []).append(outcome.name)
    for remark, names in alike.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        problem = f"{', '.join(names[:_NAMED])}{more}: {remark.text}."
        yield Finding(problem, level=remark.level, code=remark.code)


def _ended(outcome: Outcome, known: Iterable[str]) -> Finding:
    name, result, last = outcome.name, outcome.result, outcome.last
    problem, hint = f"{name}: {outcome.detail or result}", ""
    if last and result != "stale":
        problem += f"; the newest stored day is {last}"
    if result == "quarantined":
        problem += ". The new bars are held for review"
        hint = f"See what waits: thesisvault prices {name}; then --accept or --reject."
    if result == "unknown symbol" and last is None:
        hint = did_you_mean(name, (each for each in known if each != name))
    alike = _ALIKE[result]
    # Where the reason names the series, each has its own.
    if result in ("failed", "rate limited", "not asked") and outcome.detail and name not in outcome.detail:
        alike += f" ({outcome.detail})"
    return Finding(
        f"{problem}.",
        hint=hint,
        level="warning",
        code=result.replace(" ", "-"),
        subject=name,
        alike=alike,
        short=f"{name} ({day_in_words(last)})" if result == "stale" and last else name,
    )
