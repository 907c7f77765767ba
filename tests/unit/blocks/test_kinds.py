"""Each kind of block, filled on the little market: the numbers that it shows."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import statistics
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.blocks.conftest import EPISODES, World, block, heads, rows, small, words
from tests.unit.language.samples import PAID, PAID_ON, PLAIN, SESSIONS, day
from thesisvault.blocks.core.block import KINDS
from thesisvault.blocks.core.context import BlockError
from thesisvault.blocks.core.filled import charts_in, figures_in
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.charts import fonts
from thesisvault.charts.specs import FLOWS_MOST, LINES_MOST
from thesisvault.language.text import Figure, Mention
from thesisvault.words import NO_BREAK, short_day, unbroken


def moved(name: str, base: str, end: str = "2026-02-27") -> float:
    def close(on: str) -> float:
        return PLAIN[name][max(d for d in PLAIN[name] if d <= day(on))]

    return close(end) / close(base) - 1


def pct(value: float, digits: int = 1) -> str:
    return f"{value * 100:+.{digits}f}%".replace("-", "−")


def pp(value: float) -> str:
    return f"{value * 100:+.1f}pp".replace("-", "−") if abs(value) >= 0.0005 else "0.0pp"


YTD = "2025-12-31"
MTD = "2026-01-30"


def test_text(world: World) -> None:
    filled = world.fill("text", "UP {{ ret('UP', 'ytd') | pct }}, LATE {{ ret('LATE', 'ytd') | pct }}")
    assert words(filled.parts["text"]) == f"UP {pct(moved('UP', YTD))}, LATE n/a"  # type: ignore[arg-type]
    assert "12 Jan 2026" in small(filled)


def test_an_expression_that_fails_names_its_text(world: World) -> None:
    text = "The members: {{ ret('five', '1d') }}"
    with pytest.raises(BlockError) as caught:
        world.fill("text", text)
    assert caught.value.text == text


def test_quote_and_timeline(world: World) -> None:
    quote = world.fill(
        "quote", {"says": "It rose {{ ret('UP', 'ytd') | pct(0) }}", "by": "[[Somebody]]", "on": "2026-02-09"}
    )
    assert words(quote.parts["says"]) == "It rose +7%"  # type: ignore[arg-type]
    assert words(quote.parts["by"]) == "[[Somebody]], 9 Feb"  # type: ignore[arg-type]
    line = world.fill("timeline", [{"on": "2026-01-05", "event": "First"}, {"when": "Late", "event": "{{ buy }}"}])
    assert rows(line.parts["table"]) == [[f"5{NO_BREAK}Jan", "First"], ["Late", "UP"]]
    with pytest.raises(ValidationError):
        block("timeline", [{"event": "no date"}])


def test_returns(world: World) -> None:
    filled = world.fill("returns", {"of": ["buy", "SPY", "LATE"], "over": ["ytd", "mtd"], "against": "SPY"})
    assert heads(filled.parts["table"]) == ["Return", "YTD", "MTD"]
    up, up_leads, spy, late, late_leads = rows(filled.parts["table"])
    assert up == ["UP", pct(moved("UP", YTD)), pct(moved("UP", MTD))]
    leads = [pp(moved("UP", over) - moved("SPY", over)) for over in (YTD, MTD)]
    assert up_leads == ["vs SPY", *leads]
    assert spy[0] == "SPY"
    assert (late[1], late_leads[1]) == ("n/a", "n/a")
    assert late[2] == pct(moved("LATE", MTD))
    one = world.fill("returns", {"of": ["UP", "SPY"], "over": ["ytd"], "against": "SPY"}).parts["table"]
    assert heads(one) == ["Return", "YTD", "vs SPY"]
    assert [row[2] for row in rows(one)] == [leads[0], "–"]
    # Both windows begin where a reader expects, so no base day is named.
    assert small(filled).splitlines()[0] == "Total return to 27 Feb 2026."
    assert "n/a: LATE: the first close is 12 Jan 2026" in small(filled)


def test_price_returns_leave_the_dividend_out(world: World) -> None:
    total, price = (world.fill("returns", {"of": ["UP"], "over": ["2025"], "basis": b}) for b in ("total", "price"))
    plain = moved("UP", "2024-12-31", "2025-12-31")
    before = PLAIN["UP"][max(d for d in SESSIONS if d < PAID_ON)]
    assert rows(price.parts["table"])[0][1] == pct(plain)
    assert rows(total.parts["table"])[0][1] == pct((1 + plain) * before / (before - PAID) - 1)
    assert "Price return" in small(price)


def test_price_returns_are_set_against_price_returns(world: World) -> None:
    filled = world.fill("returns", {"of": ["UP"], "over": ["2025"], "basis": "price", "against": "SPY"})
    wanted = moved("UP", "2024-12-31", "2025-12-31") - moved("SPY", "2024-12-31", "2025-12-31")
    assert rows(filled.parts["table"])[0][2] == pp(wanted)


def test_on_a_weekend_the_small_line_names_the_last_session(world: World) -> None:
    filled = world.fill("returns", {"of": ["UP"], "over": ["ytd"]}, on="2026-02-22")
    assert "to 20 Feb 2026" in small(filled)


def test_two_base_days_of_one_window_are_both_named(world: World) -> None:
    body = {
        "columns": ["Now", "Then"],
        "rows": [["{{ ret('UP', 'ytd') }}", "{{ at(ret('UP', 'ytd'), '2025-06-30') }}"]],
    }
    line = words(world.fill("table", body).parts["caption"])  # type: ignore[arg-type]
    assert "YTD from 31 Dec 2025 or 31 Dec 2024" in line


def test_annual_returns(world: World) -> None:
    filled = world.fill("annual_returns", {"of": ["DN", "LATE"], "years": ["2025", "ytd"], "chart": "true"})
    assert heads(filled.parts["table"]) == ["Return", "2025", "YTD"]
    down, late = rows(filled.parts["table"])
    assert down == ["DN", pct(moved("DN", "2024-12-31", "2025-12-31")), pct(moved("DN", YTD))]
    assert late == ["LATE", "n/a", "n/a"]
    (chart,) = filled.charts
    assert chart.chart.groups[0][1] == pytest.approx((moved("DN", "2024-12-31", "2025-12-31"), moved("DN", YTD)))  # type: ignore[union-attr]
    assert chart.chart.groups[1][1] == (None, None)  # type: ignore[union-attr]


def test_table(world: World) -> None:
    body = {"columns": ["Name", "This year"], "rows": [["[[UP]]", "{{ ret(buy, over) | pct }}"]], "source": "paper"}
    filled = world.fill("table", body)
    assert rows(filled.parts["table"]) == [["[[UP]]", pct(moved("UP", YTD))]]
    assert filled.parts["table"].columns[1].align == "right"  # type: ignore[attr-defined]
    # One line below it: its own words, the days of its returns, who published it.
    captioned = world.fill("table", {**body, "caption": "As reported."})
    said = words(captioned.parts["caption"])  # type: ignore[arg-type]
    assert re.fullmatch(r"As reported\. Total return to 27 Feb 2026\. Source: .+\.", said)
    assert not captioned.lines
    with pytest.raises(ValidationError, match="row 1 has 1 cell for 2 columns"):
        block("table", {"columns": ["A", "B"], "rows": [["x"]]})


def test_compare(world: World) -> None:
    own = {"Then": "{{ ret(buy, over) | pct }} against {{ ret(benchmark, over) | pct }}"}
    known = [
        "status",
        "conviction",
        "age",
        "sell",
        "buy",
        "sell_return",
        "buy_return",
        "spread",
        "window",
        "kill",
        "summary",
    ]
    filled = world.fill("compare", {"of": ["up-not-down", "late-start"], "rows": [*known, own]})
    assert heads(filled.parts["table"]) == ["Point", "Up, not down", "A late start"]
    shown = {row[0]: row[1:] for row in rows(filled.parts["table"])}
    late = (moved("UP", MTD) + moved("SPY", MTD)) / 2
    assert shown["Status"] == ["active", "active"]
    assert shown["Conviction"] == ["4 of 5", "not stated"]
    assert shown["Age"] == ["56d", "not stated"]
    assert shown["Short"] == ["DN", "UP, SPY"]
    assert shown["Long"] == ["The risers (UP)", "LATE"]
    assert shown["Spread"] == [pp(moved("UP", YTD) - moved("DN", YTD)), pp(moved("LATE", MTD) - late)]
    assert shown["Short side"] == [pct(moved("DN", YTD)), pct(late)]
    assert shown["Window"] == ["YTD", "MTD"]
    assert shown["Summary"] == [f"UP made {pct(moved('UP', YTD))}.", "not stated"]
    assert shown["Then"][0] == f"{pct(moved('UP', YTD))} against {pct(moved('SPY', YTD))}"
    assert shown["Then"][1] == f"{pct(moved('LATE', MTD))} against {pct(moved('SPY', MTD))}"


def test_what_a_concept_does_not_say_is_not_stated(world: World) -> None:
    filled = world.fill(
        "compare", {"of": ["up-not-down", "the-idea"], "rows": ["sell", "buy_return", "spread", "kill"]}
    )
    assert [row[2] for row in rows(filled.parts["table"])] == ["not stated"] * 4


def test_a_column_without_sides_never_shows_those_of_the_note(world: World) -> None:
    body = {"of": ["late-start", "the-idea"], "rows": [{"Own": "{{ ret(buy, 'ytd') | pct }}"}]}
    try:
        filled = world.fill("compare", body)
    except BlockError:
        return
    assert rows(filled.parts["table"])[0][2] != pct(moved("UP", YTD))


@pytest.mark.parametrize(
    "body", [{"of": ["a", "a"]}, {"of": ["a"], "rows": ["spreadd"]}, {"of": ["a"], "rows": [{"A": "x", "B": "y"}]}]
)
def test_a_comparison_with_itself_or_of_unknown_rows_is_an_error(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        block("compare", body)


def test_scenarios_of_one(world: World) -> None:
    filled = world.fill("scenarios", {})
    assert rows(filled.parts["table"]) == [
        [f"Oil rises by 30{NO_BREAK}Jun", "widens: earnings"],
        ["Rates fall", "narrows"],
        [f"Only here (was due 31{NO_BREAK}Jan)", "reverses"],
    ]


def test_scenarios_of_several_are_joined_by_id_else_by_equal_words(world: World) -> None:
    filled = world.fill("scenarios", {"of": ["up-not-down", "late-start"]})
    assert rows(filled.parts["table"]) == [
        [f"Oil rises by 30{NO_BREAK}Jun", "widens: earnings", "reverses"],
        ["Rates fall", "narrows", "holds"],
        [f"Only here (was due 31{NO_BREAK}Jan)", "reverses", "not stated"],
    ]
    with pytest.raises(ValidationError):
        block("scenarios", {"of": ["late-start", "late-start"]})


def test_drivers_related_and_sources(world: World) -> None:
    drivers = rows(world.fill("drivers", {}).parts["table"])
    assert drivers == [["Drift", f"UP drifts by {pct(moved('UP', '2026-02-26'), 2)} a day"]]
    (related,) = world.fill("related", {}).parts["rows"]  # type: ignore[misc]
    assert related["note"] == (Mention("the-idea"),)
    assert words(related["why"]) == "explains SPY"
    sources = world.fill("sources", {}).parts["rows"]
    assert [row["source"].id for row in sources] == ["paper", "undated"]  # type: ignore[attr-defined]


def test_breadth(world: World) -> None:
    filled = world.fill("breadth", {"universe": "five", "over": ["1d", "ytd"], "moved": "3%", "index": "^IDX"})
    shown = {row[0]: row[1:] for row in rows(filled.parts["table"])}
    known = [moved(t, YTD) for t in ("UP", "DN", "GAP")]
    assert shown["Up"][1] == f"{sum(m > 0 for m in known) / 3 * 100:.0f}%"
    assert shown["Ahead of SPY"][1] == f"{sum(m > moved('SPY', YTD) for m in known) / 3 * 100:.0f}%"
    assert shown["Median return"][1] == pct(statistics.median(known))
    assert shown["Dispersion"][1] == f"{statistics.stdev(known) * 100:.1f}%"
    large = words(filled.parts["large"])  # type: ignore[arg-type]
    up, down = sum(m >= 0.03 for m in known), sum(m <= -0.03 for m in known)
    assert large.endswith(f"moved 3% or more (YTD): {up} up, {down} down.")
    assert "5 of 6 of today's members" in small(filled)
    last = [moved(t, "2026-02-26") for t in ("UP", "DN", "GAP", "LATE")]
    fell, most = moved("^IDX", "2026-02-26") < 0, sum(m > 0 for m in last) > 2
    kind = ("rotation" if most else "broad sell-off") if fell else ("healthy rally" if most else "narrow rally")
    today = words(filled.parts["day"])  # type: ignore[arg-type]
    moved_by = moved("^IDX", "2026-02-26")
    moved_by_words = f"{'rose' if moved_by > 0 else 'fell'} {abs(moved_by) * 100:.1f}%"
    assert today == f"27 Feb was a {kind}: the index (The index) {moved_by_words} and {shown['Up'][0]} of members rose."


def test_the_base_rate_counts_days_on_which_the_index_fell(world: World) -> None:
    filled = world.fill("breadth", {"universe": "pair", "index": "SPY"})
    days = list(zip(SESSIONS[-251:], SESSIONS[-250:], strict=False))
    fell = [(a, b) for a, b in days if PLAIN["SPY"][b] < PLAIN["SPY"][a]]
    rose = [1 for a, b in fell if all(PLAIN[t][b] > PLAIN[t][a] for t in ("UP", "DN"))]
    said = words(filled.parts["base_rate"])  # type: ignore[arg-type]
    part = f"{len(rose) / len(fell) * 100:.0f}%"
    assert said == f"Most members rose on {part} of the index's {len(fell)} down days in 250 sessions."


def test_constituents(world: World) -> None:
    filled = world.fill("constituents", {"of": "duo", "over": ["mtd"]})
    up, down = moved("UP", MTD), moved("DN", MTD)
    # Half each at the end of January, so each gives half of what it made, and weighs what became of its half.
    assert heads(filled.parts["table"]) == ["Member", "Weight", "MTD", "Points"]
    assert rows(filled.parts["table"]) == [
        ["UP", f"{(1 + up) / (2 + up + down) * 100:.0f}%", pct(up), pp(up / 2).removesuffix("pp")],
        ["DN", f"{(1 + down) / (2 + up + down) * 100:.0f}%", pct(down), pp(down / 2).removesuffix("pp")],
        ["Basket duo", "100%", pct((up + down) / 2), pp((up + down) / 2).removesuffix("pp")],
    ]


def test_correlation(world: World) -> None:
    filled = world.fill("correlation", {"of": "duo", "over": "1y", "chart": "false"})
    table = rows(filled.parts["table"])
    value = world.context().number("corr('UP', 'DN', '1y')").value
    assert table[0] == ["UP", "–", f"{value:.2f}"]
    assert f"a correlation of {value:.2f} over 1 year" in words(filled.parts["summary"])  # type: ignore[arg-type]
    assert len(world.fill("correlation", {"of": ["UP", "SPY"]}).charts) == 1
    assert "NONE: no prices are stored" in small(world.fill("correlation", {"of": ["UP", "NONE"]}))


def test_a_correlation_over_too_few_sessions_is_not_available(world: World) -> None:
    filled = world.fill("correlation", {"of": "duo", "over": "5d"})
    assert "nan" not in words(filled.parts["summary"])  # type: ignore[arg-type]
    assert "n/a" in small(filled)


def test_targets(world: World) -> None:
    body = {"on": "2026-01-07", "rows": {"UP": "+39%", "DN": "$120", "ADJ": "$100"}, "notes": {"UP": "high"}}
    filled = world.fill("targets", body)
    up, down, adjusted = rows(filled.parts["table"])
    since = moved("UP", "2026-01-07")
    assert up == ["UP", "+39%", pct(since), pct(1.39 / (1 + since) - 1, 0), "high"]
    assert down[3] == pct(120 / PLAIN["DN"][day("2026-02-27")] - 1)
    assert adjusted[3] == "n/a"
    assert "only adjusted closes" in small(filled)
    with pytest.raises(ValidationError, match=r"\+39% or \$253"):
        block("targets", {"on": "2026-01-07", "rows": {"UP": "39"}})


def test_flows(world: World) -> None:
    body = {"title": "Money in", "unit": "USD m", "rows": {"Jan": "10", "Feb": "-2.5"}, "notes": {"Feb": "out"}}
    filled = world.fill("flows", body)
    assert heads(filled.parts["table"]) == ["Period", "USD m", "Remark"]
    assert rows(filled.parts["table"]) == [["Jan", "+10", ""], ["Feb", "−2.5", "out"]]
    assert filled.charts[0].chart.values == (10.0, -2.5)  # type: ignore[union-attr]
    with pytest.raises(ValidationError, match="which is not a row"):
        block("flows", {**body, "notes": {"Mar": "x"}})


def test_more_bars_than_a_chart_can_show_are_refused_with_the_way_out() -> None:
    flows = {"title": "Money in", "unit": "m", "rows": {f"P{i}": "1" for i in range(FLOWS_MOST + 1)}}
    years = {"of": ["UP"] * (LINES_MOST + 1), "years": ["2025"], "chart": "true"}
    for kind, body in (("flows", flows), ("annual_returns", years)):
        with pytest.raises(ValidationError, match="write chart: false"):
            block(kind, body)
        block(kind, {**body, "chart": "false"})


def test_large_flows_keep_their_digits(world: World) -> None:
    filled = world.fill("flows", {"title": "Money in", "unit": "USD", "rows": {"Jan": "1234567"}})
    assert rows(filled.parts["table"])[0][1].replace(",", "") == "+1234567"


def test_fold_fills_what_it_holds(world: World) -> None:
    filled = world.fill("fold", {"title": "More of {{ buy }}", "blocks": [{"text": "{{ ret(buy, over) | pct }}"}]})
    assert words(filled.parts["title"]) == "More of UP"  # type: ignore[arg-type]
    assert [f.text for f in figures_in(filled)][-1] == pct(moved("UP", YTD))


# Signals -----------------------------------------------------------------------------------------------------------


def test_signals(world: World) -> None:
    filled = world.fill("signals", {})
    table = rows(filled.parts["table"])
    assert [row[0].partition(":")[0] for row in table] == ["Down recovers", "No data", "Supports"]  # exits first
    assert [row[0] for row in table] == ["Down recovers", "No data", "Supports: Up leads; it goes on"]
    assert [row[0][0].strong for row in filled.parts["table"].rows] == [True, True, False]  # type: ignore[attr-defined]
    assert "Bold signals close the trade. Room: change that flips a signal." in small(filled)
    recovers, unknown, leads = table
    left = moved("DN", "2025-12-29") - (moved("UP", "2025-12-29") + 0.10)
    assert recovers[1].startswith("clear")
    assert recovers[2] == pp(abs(left)).lstrip("+")
    assert unknown[1:] == ["unknown", "n/a"]
    assert "NONE: no prices are stored" in small(filled)
    ratio = world.context().number("ratio('UP', 'DN') / sma(ratio('UP', 'DN'), 20) - 1").value
    assert leads[1].startswith("yes")
    assert leads[2] == f"{abs(ratio) * 100:.1f}%"  # type: ignore[arg-type, operator]


def test_exit_signals_stand_by_nearness_and_the_nearest_is_named(world: World) -> None:
    far = {"name": "Far", "when": "ret('UP', '20d') < -9", "kills": "true"}
    near = {"name": "Near", "when": "ret('UP', '20d') < -0.5", "kills": "true"}
    filled = world.with_thesis(signals=[far, near]).fill("signals", {})
    assert [row[0] for row in rows(filled.parts["table"])] == ["Near", "Far"]
    said = words(filled.parts["nearest"])  # type: ignore[arg-type]
    assert said.startswith("Nearest: Near, ")
    assert said.endswith(" usual daily moves away.")
    fired = {"name": "Fired", "when": "ret('UP', '20d') > -9", "kills": "true"}
    assert world.with_thesis(signals=[far, fired]).fill("signals", {}).parts["nearest"] == ()


def test_flips_are_counted_within_a_year_and_dated(world: World) -> None:
    one = {"name": "Up day", "when": "ret('SPY', '1d') > 0"}
    filled = world.with_thesis(signals=[one]).fill("signals", {"changes": "true"})
    states = [PLAIN["SPY"][b] > PLAIN["SPY"][a] for a, b in itertools.pairwise(SESSIONS)]
    turned = [d for d, a, b in zip(SESSIONS[2:], states, states[1:], strict=False) if a != b]
    within = [d for d in turned if d > day("2025-02-27")]
    name, state, _, flips = rows(filled.parts["table"])[0]
    assert name == "Supports: Up day"
    assert state.endswith(f", since {unbroken(short_day(turned[-1], day('2026-02-27')))}")
    assert flips == str(len(within))


def test_a_kill_signal_with_a_leg_missing_today_is_neither_on_nor_off(world: World) -> None:
    one = {"name": "Kill", "when": "ret('STALE', '5d') < ret('UP', '5d') + 0.5", "kills": "true"}
    filled = world.with_thesis(signals=[one]).fill("signals", {})
    assert rows(filled.parts["table"])[0][1] == "unknown"


def test_a_tripped_kill_signal_stands_out(world: World) -> None:
    one = {"name": "Kill", "when": "ret('UP', 'ytd') > 0", "kills": "true"}
    changed = world.with_thesis(signals=[one])
    state = changed.fill("signals", {}).parts["table"].rows[0][1][0]  # type: ignore[attr-defined]
    assert (state.text, state.strong) == ("triggered", True)
    row = rows(changed.fill("compare", {"of": ["up-not-down"], "rows": ["kill"]}).parts["table"])[0]
    assert row[1] == "triggered: Kill"


def test_signals_of_several_name_their_thesis(world: World) -> None:
    names = [row[0] for row in rows(world.fill("signals", {"of": ["late-start", "up-not-down"]}).parts["table"])]
    assert names[0] == "A late start: Late falls"


def test_changes(world: World) -> None:
    turning = [d for d, before in zip(SESSIONS[2:], SESSIONS[1:], strict=False) if d > day("2026-02-01")]
    one = {"name": "Up day", "when": "ret('SPY', '1d') > 0"}
    changed = world.with_thesis(signals=[one])
    for on in turning[-4:]:
        place = SESSIONS.index(on)
        old, new = (PLAIN["SPY"][SESSIONS[i]] > PLAIN["SPY"][SESSIONS[i - 1]] for i in (place - 1, place))
        filled = changed.fill("changes", {"theses": ["up-not-down"]}, on=str(on))
        assert filled.parts["since"] == SESSIONS[place - 1]
        said = [words(row) for row in filled.parts["rows"]]  # type: ignore[attr-defined]
        turned = f"{'Now' if new else 'No longer'}: Up day"
        assert said == ([turned] if old != new else [])


@pytest.mark.parametrize("kind", ["pair", "ratio", "lines", "breadth"])
def test_a_headline_says_the_finding_for_the_sign_of_what_is_shown(world: World, kind: str) -> None:
    headline = {"positive": "{{ 'UP' }} is ahead", "negative": "UP is behind"}

    def titled(subject: Any) -> str:
        (chart,) = world.fill("chart", {kind: subject, "over": "1y", "headline": headline}).charts
        return chart.chart.title

    if kind == "breadth":
        titles = titled("ret('five', '1d') > -1"), titled("ret('five', '1d') > 5.0")
    else:
        titles = titled(["UP", "DN"]), titled(["DN", "UP"])
    assert titles == ("UP is ahead", "UP is behind")


def test_without_a_title_the_finding_is_made_of_names_and_sign(world: World) -> None:
    def title(body: dict[str, Any]) -> str:
        return world.fill("chart", body).charts[0].chart.title

    assert title({"pair": ["UP", "DN"], "over": "1y"}) == "UP leads DN"
    assert title({"pair": ["DN", "UP"], "over": "1y"}) == "UP leads DN"
    assert title({"pair": ["buy", "sell"], "over": "1y"}) == "The risers lead DN"
    assert title({"ratio": ["DN", "UP"], "over": "1y", "average": "20"}) == "UP leads DN, above trend"
    assert title({"lines": ["DN", "UP", "SPY"], "over": "1y"}) == "UP leads, DN lags"
    assert title({"annual": ["UP", "DN"], "years": ["2025"]}) == "UP led DN in 1 of 1 year"
    assert title({"breadth": "ret('five', '1d') > -1", "over": "90d"}) == "Breadth is broad: 100% of members"


def test_a_chart_says_measure_days_unit_tickers_and_source(world: World) -> None:
    chart = world.fill("chart", {"pair": ["buy", "sell"], "over": "90d"}).charts[0].chart
    assert chart.subtitle == "Total return since 28 Nov 2025, %"  # type: ignore[union-attr]
    assert chart.small.startswith("UP and DN, dividends reinvested, to 27 Feb 2026")
    past = world.fill("chart", {"pair": ["buy", "sell"], "over": "2025-03-03..2025-06-30"}).charts[0].chart
    assert past.subtitle == "Total return, 3 Mar 2025 to 30 Jun 2025, %"  # type: ignore[union-attr]


def test_a_pair_marks_the_day_on_which_the_thesis_of_its_sides_was_opened(world: World) -> None:
    def marks(body: dict[str, Any], definition: str) -> list[tuple[str, str]]:
        chart = world.fill("chart", body, definition=definition).charts[0].chart
        return [(str(mark.day), mark.label) for mark in chart.marks]  # type: ignore[union-attr]

    opened = [("2026-01-02", "Thesis opened")]
    assert marks({"pair": ["buy", "sell"], "over": "90d"}, "up-not-down") == opened
    assert marks({"pair": ["UP", "DN"], "over": "90d"}, "the-idea") == opened
    assert marks({"pair": ["DN", "UP"], "over": "90d"}, "the-idea") == []


def test_a_name_that_no_font_can_write_gives_way_to_the_ticker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_of_the_machine", lambda: ())
    fonts.key_of.cache_clear()
    side = world.library.definitions["up-not-down"].head.buy
    monkeypatch.setitem(side.__dict__, "name", "\u30c8\u30e8\u30bf")
    body = {"pair": ["buy", "sell"], "over": "90d", "title": "\u30c8\u30e8\u30bf {{ ret(buy, '90d') }}"}
    chart = world.fill("chart", body).charts[0].chart
    fonts.key_of.cache_clear()
    assert chart.lines[0].name == "UP"  # type: ignore[union-attr]
    assert chart.title == "UP leads DN"


def test_long_drawdowns_are_drawn_by_week_and_say_so(world: World) -> None:
    chart = world.fill("chart", {"drawdown": ["UP", "DN"], "over": "1y"}).charts[0].chart
    assert "weekly" not in chart.subtitle  # type: ignore[union-attr]


# Episodes ----------------------------------------------------------------------------------------------------------


def test_episodes(world: World) -> None:
    filled = world.fill("episodes", {"of": ["spring", "before"], "open": "spring"}, definition="the-idea")
    spring, before = rows(filled.parts["table"])
    up, down = (moved(t, "2025-03-03", "2025-06-30") for t in ("UP", "DN"))
    base = PLAIN["UP"][max(d for d in SESSIONS if d < PAID_ON)]
    up = (1 + up) * base / (base - PAID) - 1
    after = moved("UP", "2025-06-30", "2025-09-30") - moved("DN", "2025-06-30", "2025-09-30")
    assert spring == ["Mar 2025 to Jun 2025", "The spring of 2025", pp(up - down), "4 months", pp(after)]
    assert before == ["Jan 1973 to Oct 1974", "Before all prices", "no prices", "21 months", "no prices"]
    first, second = filled.parts["items"]  # type: ignore[misc]
    assert words(first.sides) == f"Long: Risers (UP) {pct(up)}. Short: DN {pct(down)}. "
    assert [v.outcome for v in first.verdicts] == ["confirmed", "contradicted"]
    assert first.judged == "1 of 2 claims confirmed"
    assert (first.open, second.open) == (True, False)
    assert first.chart.file == "chart-the-idea-episode-spring.png"
    assert (second.chart, words(second.missing)) == (None, "The files begin in 2024")
    assert len(filled.charts) == 1


@pytest.mark.parametrize(
    ("lengths", "sentence"),
    [
        ({"A": "3m"}, "What followed: the same over the 3 months after the end."),
        ({"A": "30d"}, "What followed: the same over the 1 month after the end."),
        ({"A": "2w"}, "What followed: the same over the 14 days after the end."),
        (
            {"A": "6m", "B": "3m", "C": "3m"},
            "What followed: the same over the 3 months after the end; 6 months after A.",
        ),
    ],
)
def test_the_line_below_past_rotations_says_over_how_long(world: World, lengths: dict[str, str], sentence: str) -> None:
    episodes = {
        title: EpisodeDefinition.model_validate({**EPISODES["spring"], "title": title, "aftermath": length})
        for title, length in lengths.items()
    }
    line = small(world.with_episodes(**episodes).fill("episodes", {})).splitlines()[0]
    assert line == f"Spread: total return, long minus short. {sentence}"


def test_nothing_is_said_of_what_followed_where_nothing_has_ended(world: World) -> None:
    assert "What followed" not in small(world.fill("episodes", {"of": ["lame", "before"]}))


def test_what_followed_is_not_said_before_it_is_over(world: World) -> None:
    filled = world.fill("episodes", {"of": ["spring"]}, on="2025-08-29")
    assert rows(filled.parts["table"])[0][4] == "not over"


@pytest.mark.parametrize(
    ("chart", "problem"),
    [
        ({"pair": ["UP", "SPY"]}, "pair: [UP, SPY] is not what the table compares; write pair: [buy, sell]"),
        ({"pair": ["sell", "buy"]}, "pair: [sell, buy] is not what the table compares; write pair: [buy, sell]"),
        (
            {"pair": ["buy", "sell"], "over": "2025-03-03..2025-09-30"},
            "over: 2025-03-03..2025-09-30 is not the episode, 2025-03-03..2025-06-30; leave over out",
        ),
    ],
)
def test_the_chart_of_an_episode_shows_the_sides_and_the_days_of_the_table(chart: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        EpisodeDefinition.model_validate({**EPISODES["spring"], "chart": chart})
    for fine in ({"pair": ["UP", "DN"]}, {"pair": ["buy", "sell"], "over": "2025-03-03..2025-06-30"}):
        EpisodeDefinition.model_validate({**EPISODES["spring"], "chart": fine})


def test_the_chart_of_an_episode_ends_at_the_spread_of_the_table(world: World) -> None:
    filled = world.fill("episodes", {"of": ["spring"]}, definition="up-not-down")
    chart = filled.charts[0].chart
    assert [line.name for line in chart.lines] == ["Risers", "DN"]  # type: ignore[union-attr]
    up, down = (line.values.values[-1] / line.values.values[0] - 1 for line in chart.lines)  # type: ignore[union-attr]
    assert rows(filled.parts["table"])[0][2] == pp(up - down)


def test_an_episode_that_goes_on_is_called_so(world: World) -> None:
    row = rows(world.fill("episodes", {"of": ["lame"]}).parts["table"])[0]
    assert row[0] == "since Sep 2025"
    assert row[3:] == ["ongoing", "ongoing"]


def test_an_episode_says_whose_prices_its_basket_lacks(world: World) -> None:
    assert "NONE" in small(world.fill("episodes", {"of": ["lame"]}))


@pytest.mark.parametrize(
    "fields", [{"end": "2025-03-03"}, {"sell": None}, {"start": "2025-13-01"}], ids=["order", "side", "day"]
)
def test_an_episode_that_is_not_whole_is_an_error(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EpisodeDefinition.model_validate({k: v for k, v in {**EPISODES["spring"], **fields}.items() if v})


# Updates -----------------------------------------------------------------------------------------------------------

LOG = [
    {
        "on": "2026-01-15",
        "title": "Old {{ ret(buy, 'ytd') | pct }}",
        "blocks": [{"text": "{{ ret(buy, 'mtd') | pct }}"}],
    },
    {
        "on": "2026-02-10",
        "data": "2026-02-06",
        "title": "New",
        "blocks": [{"text": "{{ ret(buy, 'ytd') | pct }}, now {{ now(ret(buy, 'ytd')) | pct }}"}],
    },
    {"on": "2027-01-01", "title": "Ahead"},
]


def test_updates_are_frozen_newest_first_and_never_ahead(world: World) -> None:
    changed = world.with_thesis(updates=LOG)
    for built in ("2026-02-10", "2026-02-20", None):
        new, old = changed.fill("updates", {}, on=built).parts["rows"]  # type: ignore[misc]
        assert (new.on, new.open, old.open) == ("10 Feb", True, False)
        assert words(old.title) == f"Old {pct(moved('UP', YTD, '2026-01-15'))}"
        today = moved("UP", YTD, built or "2026-02-27")
        assert words(new.blocks[0].parts["text"]) == f"{pct(moved('UP', YTD, '2026-02-06'))}, now {pct(today)}"
    assert [r.on for r in changed.fill("updates", {}, on="2026-02-09").parts["rows"]] == ["15 Jan"]  # type: ignore[attr-defined]


# Charts ------------------------------------------------------------------------------------------------------------


def test_a_pair_starts_together_and_holds_both_sides(world: World) -> None:
    filled = world.fill(
        "chart",
        {
            "pair": ["buy", "sell"],
            "over": "90d",
            "caption": "{{ buy }} above",
            "marks": [{"on": "2026-01-05", "label": "x"}],
        },
    )
    (request,) = filled.charts
    chart = request.chart
    assert [line.name for line in chart.lines] == ["The risers", "DN"]  # type: ignore[union-attr]
    assert chart.lines[0].values.first == dt.date(2025, 11, 28)  # type: ignore[union-attr]
    assert request.file == "chart-up-not-down-up-dn-90d.png"
    assert words(request.caption) == "UP above"
    recipe = json.loads(request.recipe)
    assert recipe["names"] == {"buy": "UP", "sell": "DN"}
    assert recipe["as_of"] == "2026-02-27"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"pair": ["UP", "NONE"]}, "NONE: no prices are stored"),
        ({"lines": ["UP", "LATE"], "over": "ytd"}, "2026-01-12"),
        ({"lines": ["LATE", "ENDED"]}, "no common session"),
        ({"ratio": ["UP", "SPY"], "over": "2020"}, "2024-12-30"),
        ({"drawdown": ["NONE"]}, "no prices"),
        ({"annual": ["LATE"], "years": ["2025"]}, "no year is covered"),
        ({"rotation": ["NONE"]}, "no prices"),
        ({"breadth": "ret('empty', '1d') > 0"}, "no member of empty has prices"),
    ],
)
def test_a_picture_without_data_is_a_line_with_the_reason(world: World, body: dict[str, Any], said: str) -> None:
    filled = world.fill("chart", body)
    assert filled.charts == ()
    assert small(filled).startswith("Chart n/a: ")
    assert said in small(filled)


def test_a_picture_of_breadth_over_an_unknown_window_is_a_line_too(world: World) -> None:
    assert "Chart n/a" in small(world.fill("chart", {"breadth": "ret('five', '5y') > 0", "over": "90d"}))


def test_a_picture_of_monthly_values_can_be_drawn(world: World) -> None:
    assert len(world.fill("chart", {"lines": ["RATE", "buy"], "over": "9m"}).charts) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"lines": ["UP", "DN", "SPY"], "over": "mtd"},
        {"ratio": ["UP", "DN"], "average": "20"},
        {"drawdown": ["UP", "DN"], "over": "1y"},
        {"breadth": "ret('five', '1d') > 0", "over": "90d"},
        {"correlation": "duo", "over": "1y"},
        {"rotation": ["UP", "DN"], "weeks": "6"},
        {"annual": ["UP"], "years": ["2025"]},
    ],
    ids=lambda body: next(iter(body)),
)
def test_a_picture_of_each_kind_is_asked_for(world: World, body: dict[str, Any]) -> None:
    (request,) = world.fill("chart", body).charts
    assert request.chart.title
    assert request.as_of == day("2026-02-27")


def test_two_pictures_of_one_name_get_two_files_and_equal_ones_share(world: World) -> None:
    context = world.context()
    bodies = [{"lines": ["UP", "DN"]}, {"lines": ["UP", "DN"], "title": "Other"}, {"lines": ["UP", "DN"]}]
    files = [block("chart", body).fill(context).charts[0].file for body in bodies]
    assert files == ["chart-up-not-down-lines-up-dn.png", "chart-up-not-down-lines-up-dn-2.png", files[0]]


@pytest.mark.parametrize(
    "body",
    [{}, {"pair": ["UP", "DN"], "lines": ["UP", "DN"]}, {"lines": ["UP"]}, {"pair": ["UP", "UP"]}, {"annual": ["UP"]}],
)
def test_a_picture_is_of_one_kind_and_whole(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        block("chart", body)


def test_pictures_side_by_side_keep_those_that_can_be_drawn(world: World) -> None:
    filled = world.fill("charts", [{"pair": ["buy", "sell"]}, {"pair": ["UP", "NONE"]}])
    assert len(filled.charts) == len(filled.parts["charts"]) == len(list(charts_in(filled))) == 1  # type: ignore[arg-type]
    assert "NONE" in small(filled)


# All of them -------------------------------------------------------------------------------------------------------


def test_every_kind_is_filled_somewhere_here(world: World) -> None:
    tests = "".join(p.read_text("utf-8") for p in Path(__file__).parent.glob("test_*.py"))
    assert [kind for kind in KINDS if f'"{kind}"' not in tests] == []


RAW = [
    ("table", {"columns": ["{{ buy }}"], "rows": [["x"]]}),
    ("flows", {"title": "{{ buy }}", "unit": "m", "rows": {"Jan": "1"}}),
    ("timeline", [{"when": "since {{ buy }}", "event": "x"}]),
]


@pytest.mark.parametrize(("kind", "body"), RAW, ids=[kind for kind, _ in RAW])
def test_no_text_with_braces_is_printed_raw(world: World, kind: str, body: Any) -> None:
    try:
        filled = world.fill(kind, body)
    except (BlockError, ValidationError):
        return
    assert "{{" not in repr(filled.parts)


def test_no_scenario_is_printed_raw(world: World) -> None:
    raw = [{"if": "x", "then": "to {{ ret(buy, over) | pct }}"}]
    filled = world.with_thesis(kind="concept", scenarios=raw).fill("scenarios", {})
    assert "{{" not in rows(filled.parts["table"])[0][1]


def test_every_figure_of_a_block_knows_its_day(world: World) -> None:
    for kind, body in (("returns", {"of": ["UP", "STALE"], "over": ["ytd"]}), ("breadth", {"universe": "five"})):
        known = [f for f in figures_in(world.fill(kind, body)) if isinstance(f, Figure) and f.number.is_known]
        assert known
        assert all(f.number.on for f in known)
