"""Theses side by side: rotations with their spreads, scenarios by outcome, and what changed since a session."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics

import pytest

from tests.unit.blocks.conftest import THESES, World, heads, rows, small, thesis_record, words
from tests.unit.blocks.test_kinds import YTD, moved, pct, pp
from tests.unit.language.samples import PLAIN, SESSIONS
from thesisvault.blocks import changes
from thesisvault.blocks.changes import since_words
from thesisvault.blocks.core.exits import nearest_exit
from thesisvault.definitions.library import Library
from thesisvault.language.text import Mention
from thesisvault.words import NO_BREAK


def with_theses(world: World, **more: dict[str, object]) -> World:
    """The world with further theses."""
    old = world.library
    made = {key: thesis_record(key, fields) for key, fields in more.items()}
    library = Library(old.settings, {**old.definitions, **made}, old.instruments, {}, old.baskets, old.episodes)
    return World(world.market, library)


SIDES = {"buy": {"hold": ["UP"]}, "sell": {"hold": ["DN"]}}


def test_rotations_have_a_row_each_with_bare_points(world: World) -> None:
    table = world.fill("compare", {"of": ["up-not-down"]}).parts["table"]
    assert heads(table) == ["Rotation", "Since opened", "YTD", "Age"]
    bare = [pp(moved("UP", on) - moved("DN", on)).removesuffix("pp") for on in ("2026-01-02", YTD)]
    assert rows(table) == [["Up, not down", *bare, "56d"]]
    assert [column.align for column in table.columns] == ["left", "right", "right", "right"]  # type: ignore[attr-defined]
    line = small(world.fill("compare", {"of": ["up-not-down"]}))
    assert line == "Total return to 27 Feb 2026. Long minus short, pp."


def test_a_thesis_opened_on_the_last_day_is_new(world: World) -> None:
    changed = world.with_thesis(opened="2026-02-27")
    assert rows(changed.fill("compare", {"of": ["up-not-down"]}).parts["table"])[0][1] == "new"


def test_the_nearest_exit_stands_in_usual_daily_moves(world: World) -> None:
    nearest = nearest_exit(world.library.definitions["up-not-down"], world.context())
    assert nearest is not None
    assert nearest.moves is not None
    filled = world.fill("compare", {"of": ["up-not-down", "the-idea"], "rows": ["exit"]})
    table = filled.parts["table"]
    assert heads(table) == ["Thesis", "Exit in"]
    assert [row[1] for row in rows(table)] == [nearest.moves.text, "not stated"]
    assert small(filled).endswith("Exit in: usual daily moves.")


def test_windows_that_differ_are_no_head_of_a_column(world: World) -> None:
    table = world.fill("compare", {"of": ["up-not-down", "late-start"], "rows": ["spread", "age"]}).parts["table"]
    assert heads(table) == ["Rotation", "Spread", "Age"]


def test_an_arrow_leads_from_one_side_to_the_other(world: World) -> None:
    one = {"title": "Down to up", **SIDES}
    changed = with_theses(world, one=one)
    cell = changed.fill("compare", {"of": ["one"]}).parts["table"].rows[0][0]  # type: ignore[attr-defined]
    assert cell == (Mention("Down to up", "Down → up", title=True),)
    without = with_theses(world, one={"title": "Back to basics", "kind": "concept"})
    table = without.fill("compare", {"of": ["one"], "rows": ["age"]}).parts["table"]
    assert (heads(table)[0], rows(table)[0][0]) == ("Thesis", "Back to basics")


def test_scenarios_of_many_theses_stand_by_what_the_spread_does(world: World) -> None:
    def of(then: str) -> dict[str, object]:
        return {"title": f"It {then}", **SIDES, "scenarios": [{"id": "oil", "if": "Oil rises", "then": then}]}

    words_for = ("widens", "holds", "narrows", "reverses", "depends")
    more = {then: of(then) for then in words_for}
    concept = {"title": "C", "kind": "concept", "scenarios": [{"id": "oil", "if": "Oil", "then": "over in a week"}]}
    changed = with_theses(world, **more, concept=concept)
    table = changed.fill("scenarios", {"of": [*words_for, "concept"]}).parts["table"]
    assert heads(table) == ["If", "Widens", "Holds or depends", "Narrows or reverses"]
    assert rows(table) == [
        ["Oil rises", "It widens", "It holds, It depends, C (over in a week)", "It narrows, It reverses"]
    ]


def test_scenarios_say_the_spread_of_a_thesis_and_then_of_a_concept(world: World) -> None:
    assert heads(world.fill("scenarios", {}).parts["table"]) == ["If", "The spread"]
    concept = world.with_thesis(kind="concept", scenarios=[{"if": "It rains", "then": "over in a week"}])
    table = concept.fill("scenarios", {}).parts["table"]
    assert heads(table) == ["If", "Then"]
    assert rows(table) == [["It rains", "Over in a week"]]


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("2026-02-26", "2026-02-27", "Since Thursday"),
        ("2026-02-20", "2026-02-23", "Since Friday"),
        ("2026-02-21", "2026-02-27", "Since Saturday"),
        ("2026-02-20", "2026-02-27", "Since 20 Feb"),
        ("2025-12-20", "2026-01-02", "Since 20 Dec 2025"),
    ],
)
def test_a_heading_says_since_when(before: str, now: str, said: str) -> None:
    assert since_words(dt.date.fromisoformat(before), dt.date.fromisoformat(now)) == said


def sigma(name: str, place: int) -> float:
    """The move of a session over the sample deviation of the 60 before it."""
    daily = [PLAIN[name][b] / PLAIN[name][a] - 1 for a, b in itertools.pairwise(SESSIONS)]
    return abs(daily[place - 1]) / statistics.stdev(daily[place - 61 : place - 1])


def test_large_moves_stand_in_one_line_with_what_is_usual(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "SPY"
    size, place = max((sigma(name, at), at) for at in range(100, len(SESSIONS)))
    assert 1 < size < 2
    monkeypatch.setattr(changes, "_LARGE", 1.0)  # in the little market no move is twice what is usual
    filled = world.fill("changes", {"of": [name], "theses": ["the-idea"]}, on=str(SESSIONS[place]))
    move = PLAIN[name][SESSIONS[place]] / PLAIN[name][SESSIONS[place - 1]] - 1
    (row,) = filled.parts["rows"]  # type: ignore[misc]
    assert words(row) == f"Large moves: {name} {pct(move)} ({size:.1f} × usual)"
    assert small(filled) == "Usual: the standard deviation of the 60 sessions before."
    quiet = world.fill("changes", {"of": [], "theses": ["the-idea"]})
    assert (quiet.parts["rows"], quiet.lines) == ((), ())


def test_a_signal_that_ends_a_thesis_is_triggered_or_clear_again(world: World) -> None:
    one = {"name": "Down day", "when": "ret('SPY', '1d') < 0", "kills": "true"}
    changed = world.with_thesis(signals=[one])
    for place in range(len(SESSIONS) - 6, len(SESSIONS)):
        old, new = (PLAIN["SPY"][SESSIONS[i]] < PLAIN["SPY"][SESSIONS[i - 1]] for i in (place - 1, place))
        said = [
            words(row)
            for row in changed.fill("changes", {"theses": ["up-not-down"]}, on=str(SESSIONS[place])).parts["rows"]  # type: ignore[attr-defined]
        ]
        turned = f"{'Triggered' if new else 'Clear again'}: Down day"
        assert said == ([turned] if old != new else [])


def test_days_in_cells_do_not_break(world: World) -> None:
    scenario = THESES["up-not-down"]["scenarios"][0]
    assert scenario["by"] == "2026-06-30"
    assert f"30{NO_BREAK}Jun" in rows(world.fill("scenarios", {}).parts["table"])[0][0]
