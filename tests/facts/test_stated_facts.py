"""Figures that were checked by hand once, computed by the tool itself from the real prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.facts.conftest import Facts
from thesisvault.blocks.claims import ClaimsBlock
from thesisvault.blocks.core.block import walk
from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, figures_in
from thesisvault.blocks.core.judging import Verdict, judge
from thesisvault.blocks.episodes import EpisodesBlock
from thesisvault.blocks.updates import UpdateRow, UpdatesBlock
from thesisvault.language.text import Figure, Mention, Plain
from thesisvault.language.tracks.track import Track

STREAK = "streak(ret('IWM', '1d') > ret('SPY', '1d'))"

SHOWN = [
    ("2026-01-14", "ret('^GSPC', '1d') | pct(2)", "−0.53%"),
    ("2026-01-14", "count(ret('sp500', '1d') > 0) | int", "312"),
    ("2026-01-14", "session_kind('sp500', '^GSPC')", "rotation"),
    ("2026-01-15", STREAK, "10"),
    ("2026-01-22", STREAK, "14"),
    ("2026-01-23", STREAK, "0"),
    ("2008-06-06", STREAK, "13"),
    ("2026-02-27", "breadth(abs(ret('sp500', 'ytd')) >= 0.20) | share", "25%"),
    ("2026-02-27", "count(ret('sp500', 'ytd') >= 0.20) | int", "90"),
    ("2026-02-27", "count(ret('sp500', 'ytd') <= -0.20) | int", "35"),
    ("2026-02-27", "breadth(ret('sp500', 'ytd') > ret('SPY', 'ytd')) | share", "66%"),
    ("2026-02-27", "ret('XLE', 'ytd') | pct", "+25.1%"),
    ("2026-02-27", "ret('IGV', 'ytd') | pct", "−22.8%"),
    ("2026-02-27", "ret('IWM', 'ytd') | pct", "+6.2%"),
    ("2026-02-27", "ret('QQQ', 'ytd') | pct", "−1.1%"),
    ("2026-02-27", "ret('XLE', '2022') | pct", "+64.3%"),
    ("2026-02-27", "ret('XLE', '2022', basis='price') | pct", "+57.6%"),
    ("2026-02-27", "ret('IWM', '2022') | pct", "−20.5%"),
    ("2026-02-27", "ret('QQQ', '2022') | pct", "−32.6%"),
    ("2026-02-04", "spread('XLE', 'IGV', 'ytd') | pp", "+38.8pp"),
    ("2026-02-05", "spread('XLE', 'IGV', 'ytd') | pp", "+41.4pp"),
    ("2026-02-06", "spread('XLE', 'IGV', 'ytd') | pp", "+41.1pp"),
    ("2026-02-26", "ret('MAGS', 'ytd') | pct", "−5.6%"),
    # The lead of energy after the election of 2016 was largest on one day and over on another.
    ("2026-02-27", "peak(ratio('XLE', 'QQQ'), '2016-11-08..2017-05-31') | date", "5 Dec 2016"),
    ("2026-02-27", "spread('XLE', 'QQQ', '2016-11-08..2017-01-26') | pp", "+1.2pp"),
    ("2026-02-27", "spread('XLE', 'QQQ', '2016-11-08..2017-01-27') | pp", "−0.1pp"),
    ("2026-02-27", "ret('SPY', '2018-09-20..2018-12-24') | pct", "−19.3%"),
]


@pytest.mark.parametrize(("on", "expression", "shown"), SHOWN, ids=[f"{e} {d}" for d, e, _ in SHOWN])
def test_a_stated_fact(facts: Facts, on: str, expression: str, shown: str) -> None:
    assert facts.at(on).figure(expression).text == shown


ANNUAL = {
    "NVDA": ("+125.5%", "−50.3%", "+239.0%", "+171.3%", "+38.9%"),
    "TSLA": ("+49.8%", "−65.0%", "+101.7%", "+62.5%", "+11.4%"),
    "SPY": ("+28.7%", "−18.2%", "+26.2%", "+24.9%", "+17.7%"),
}


@pytest.mark.parametrize("ticker", ANNUAL)
def test_annual_returns_from_2021_to_2025(facts: Facts, ticker: str) -> None:
    shown = [facts.at("2026-02-27").figure(f"ret('{ticker}', '{year}')") for year in range(2021, 2026)]
    assert tuple(f.text for f in shown) == ANNUAL[ticker]
    assert all(not f.number.stale for f in shown)


def test_members_are_counted_with_their_number(facts: Facts) -> None:
    number = facts.at("2026-01-14").number("breadth(ret('sp500', '1d') > 0)")
    assert number.value == pytest.approx(312 / 501)
    assert "501 of 503" in " ".join(number.notes)


def test_price_and_total_return_of_the_same_year_differ(facts: Facts) -> None:
    scope = facts.at("2026-02-27")
    assert scope.number("ret('XLE', '2022')").returns == {"total"}
    assert scope.number("ret('XLE', '2022', basis='price')").returns == {"price"}
    assert scope.number("ret('^GSPC', '2022')").returns == {"price"}


def history_of(value: Track) -> pd.Series:
    assert value.calendar is not None
    return pd.Series(value.whole(), index=pd.DatetimeIndex(value.calendar.days.astype("datetime64[D]")))


def test_a_streak_of_ten_was_no_record_and_one_of_fourteen_was(facts: Facts) -> None:
    history = history_of(facts.at("2026-02-27").value(STREAK))
    assert history[: dt.datetime(2026, 1, 15)].max() == 13  # type: ignore[index, misc]
    assert history.max() == 14
    assert str(history.idxmax().date()) == "2026-01-22"  # type: ignore[union-attr]


def test_the_close_of_28_october_was_above_that_of_the_29th(facts: Facts) -> None:
    later, earlier = (facts.at(f"2025-10-{d}").number("close('^GSPC')").value for d in (29, 28))
    assert later < earlier  # type: ignore[operator]
    assert facts.at("2025-10-29").number("peak('^GSPC', 'max')").value == dt.date(2025, 10, 28)


# Claims ----------------------------------------------------------------------------------------------------------


def _blocks(facts: Facts, kind: type) -> list:
    sections = facts.library.definitions["sector-rotation"].model.sections
    return [body for each in sections for _, body in walk(each.blocks) if isinstance(body, kind)]


@pytest.fixture(scope="module")
def forty(facts: Facts) -> Filled:
    (grid,) = [block for block in _blocks(facts, ClaimsBlock) if block.check]
    return grid.fill(facts.context("sector-rotation", "2026-02-27"))


def _cell(verdict: Verdict) -> tuple[str, str]:
    name, column = verdict.label
    assert isinstance(name, Mention)
    assert isinstance(column, Plain)
    return name.name, column.text.strip()


def test_of_forty_cells_33_are_confirmed(forty: Filled) -> None:
    assert (forty.parts["total"], forty.parts["confirmed"]) == (40, 33)
    assert forty.parts["check"].untested == ()  # type: ignore[attr-defined]


def test_the_cells_that_are_near_or_contradicted_are_these_seven(forty: Filled) -> None:
    wrong = {_cell(v): (v.outcome, v.computed.text) for v in forty.parts["verdicts"] if v.outcome != "confirmed"}  # type: ignore[attr-defined]
    assert wrong == {
        ("META", "2025"): ("near", "+13.1%"),
        ("SPY", "2025"): ("near", "+17.7%"),
        ("TSLA", "2021"): ("contradicted", "+49.8%"),
        ("TSLA", "2024"): ("contradicted", "+62.5%"),
        ("TSLA", "2025"): ("contradicted", "+11.4%"),
        ("GOOGL", "2024"): ("contradicted", "+36.0%"),
        ("GOOGL", "2025"): ("contradicted", "+66.0%"),
    }


def test_the_claims_on_past_rotations_count_apart_four_of_22_confirmed_three_near(facts: Facts, root: Path) -> None:
    context = facts.context("sector-rotation", "2026-02-27")
    (block,) = _blocks(facts, EpisodesBlock)
    outcomes = [v.outcome for item in block.fill(context).parts["items"] for v in item.verdicts]
    assert (len(outcomes), outcomes.count("confirmed"), outcomes.count("near")) == (22, 4, 3)
    said = " ".join((root / "data/theses/sector-rotation.yaml").read_text(encoding="utf-8").split())
    assert "The 22 claims told with the past rotations count apart: four hold, three are near." in said


def test_the_25_percent_of_2025_are_the_basket_reset_monthly_and_not_the_fund(facts: Facts) -> None:
    at = facts.at("2026-01-06")
    assert round(at.number("ret('magnificent-seven', '2025')").value, 3) == 0.254  # type: ignore[arg-type]
    assert round(at.number("ret('MAGS', '2025')").value, 3) == 0.23  # type: ignore[arg-type]


def test_all_five_rotations_that_ended_gave_ground_in_the_next_six_months(facts: Facts) -> None:
    (block,) = _blocks(facts, EpisodesBlock)
    table = block.fill(facts.context("sector-rotation", "2026-02-27")).parts["table"]
    after = [row[4][0].number.value for row in table.rows if hasattr(row[4][0], "number")]  # type: ignore[attr-defined]
    assert len(after) == 5
    assert all(each < 0 for each in after)


def test_every_cell_shows_the_computed_figure_beside_the_claimed_one(forty: Filled) -> None:
    rows = forty.parts["table"].rows  # type: ignore[attr-defined]
    assert [len(row) for row in rows] == [6] * 8
    texts = ["".join(p if isinstance(p, str) else p.text for p in cell) for row in rows for cell in row[1:]]
    assert "+65% → +49.8%" in texts
    assert all(" → " in text for text in texts)


def _claims(facts: Facts) -> list[Claim]:
    return list(facts.library.definitions["sector-rotation"].model.claims)


def _judged(facts: Facts, claim: Claim, on: str = "2026-02-27") -> Verdict:
    return judge(claim, facts.context("sector-rotation", on))


@pytest.mark.parametrize(
    ("on", "outcome", "shown"),
    [
        ("2026-02-04", "near", "+38.8pp"),
        ("2026-02-05", "confirmed", "+41.4pp"),
        ("2026-02-06", "confirmed", "+41.1pp"),
    ],
)
def test_about_43pp_is_confirmed_within_3pp_on_the_papers_day_and_near_the_day_before(
    facts: Facts, on: str, outcome: str, shown: str
) -> None:
    claim = next(c for c in _claims(facts) if c.expect and c.expect.text == "43pp")
    assert claim.within
    assert claim.within.text == "3pp"
    verdict = _judged(facts, claim.model_copy(update={"on": dt.date.fromisoformat(on)}))
    assert (verdict.outcome, verdict.computed.text, str(verdict.on)) == (outcome, shown, on)


REPEATED: dict[str, tuple[Callable[[Claim], bool], str, str]] = {
    "longest streak since 1990": (lambda c: "high(streak(" in c.check, "contradicted", "no"),
    "eleven months of lead": (lambda c: c.count == 11, "contradicted", "3"),
    "record on 29 October": (lambda c: c.on == dt.date(2025, 10, 29) and c.truth is True, "contradicted", "no"),
    "a rotation, not a sell-off": (lambda c: c.word == "rotation", "confirmed", "rotation"),
}


@pytest.mark.parametrize("which", REPEATED)
def test_a_repeated_claim_gets_its_verdict(facts: Facts, which: str) -> None:
    wanted, outcome, shown = REPEATED[which]
    (claim,) = filter(wanted, _claims(facts))
    verdict = _judged(facts, claim)
    assert (verdict.outcome, verdict.computed.text) == (outcome, shown)


def test_a_claim_of_a_later_day_is_untested_yet(facts: Facts) -> None:
    claim = next(c for c in _claims(facts) if c.on == dt.date(2026, 2, 5))
    verdict = _judged(facts, claim, on="2026-02-04")
    assert verdict.outcome == "untested"
    assert verdict.why == "5 Feb 2026 lies after 4 Feb 2026"


# Updates ---------------------------------------------------------------------------------------------------------


def _update(facts: Facts, context: Context) -> UpdateRow:
    rows = UpdatesBlock().fill(context).parts["rows"]
    (row,) = [r for r in rows if r.on == "27 Feb"]  # type: ignore[attr-defined]
    return row


@pytest.mark.parametrize("built", ["2026-02-27", "2026-07-01"])
def test_the_update_of_27_february_shows_the_closes_of_the_26th(facts: Facts, built: str) -> None:
    context = facts.context("sector-rotation", "2026-02-27")
    if built > "2026-02-27":
        market = facts.market
        later = type(market)(market.store, market.instruments, market.baskets, last_day=dt.date.fromisoformat(built))
        context = Context(
            type(context.scope)(later, facts.library.universes, context.scope.names, facts.library.labels),
            facts.library,
            "sector-rotation",
            context.definition,
        )
    row = _update(facts, context)
    shown = {f.label: f for f in figures_in(row.blocks)}
    assert shown["return of MAGS, ytd"].text == "−5.6%"
    assert shown["return of MAGS, ytd"].number.on == dt.date(2026, 2, 26)
    table = next(b for b in row.blocks if b.kind == "table")
    (sectors,) = [r for r in table.parts["table"].rows if r[0] == ("Sectors up this year",)]
    assert "".join(p.text if isinstance(p, Figure) else p for p in sectors[2]) == "7 of 11"
    assert not any(f.number.stale for f in figures_in(row.blocks))


def test_the_update_is_hidden_on_the_day_before(facts: Facts) -> None:
    rows = UpdatesBlock().fill(facts.context("sector-rotation", "2026-02-26")).parts["rows"]
    assert [r.on for r in rows] == ["15 Jan", "14 Jan"]  # type: ignore[attr-defined]
