"""Members of baskets as a table, and pictures that reach into borrowed history."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.unit.blocks.conftest import World, heads, rows, small, words
from tests.unit.blocks.test_kinds import MTD, YTD, moved, pct
from tests.unit.language.samples import NOW
from thesisvault.market.reading.market import Market
from thesisvault.market.records import Basket, Instrument


def basket_world(world: World, basket: Basket, *more: Instrument) -> World:
    """The world with one basket more."""
    known = {**world.market.instruments, **{each.ticker: each for each in more}}
    baskets = {**world.market.baskets, basket.id: basket}
    return World(Market(world.market.store, known, baskets, last_day=world.market.as_of), world.library)


def test_constituents_of_a_basket_stand_in_five_columns_with_the_heaviest_first(world: World) -> None:
    filled = world.fill("constituents", {"of": "duo"})
    assert heads(filled.parts["table"]) == ["Member", "Weight", "1 day", "YTD", "Points"]
    weights = [float(row[1].rstrip("%")) for row in rows(filled.parts["table"])[:-1]]
    assert weights == sorted(weights, reverse=True)


def test_a_weight_that_whole_percent_would_hide_gets_a_digit(world: World) -> None:
    shares = Basket("tiny", "Tiny", (("UP", 0.997), ("DN", 0.003)), "fixed")
    table = rows(basket_world(world, shares).fill("constituents", {"of": "tiny", "over": ["1d"]}).parts["table"])
    assert [float(row[1].rstrip("%")) for row in table[:2]] == pytest.approx([99.7, 0.3], abs=0.1)


def test_constituents_leave_out_who_was_not_held_and_say_so(world: World) -> None:
    dated = (
        (dt.date(2024, 12, 30), (("DN", 1.0),)),
        (dt.date(2025, 6, 2), (("UP", 0.5), ("SPY", 0.5))),
    )
    changed = basket_world(world, Basket("moved", "Moved", (("DN", None), ("UP", None), ("SPY", None)), "dated", dated))
    filled = changed.fill("constituents", {"of": "moved", "over": ["ytd"]})
    assert [row[0] for row in rows(filled.parts["table"])] == ["UP", "SPY", "moved"]
    assert "Not held over YTD: DN." in small(filled)
    whole = rows(changed.fill("constituents", {"of": "moved", "over": ["max"]}).parts["table"])
    # Over all history it gave something, so it stays, with nothing held now.
    assert [(row[0], row[1]) for row in whole][-2] == ("DN", "0%")


def test_constituents_of_many_show_the_heaviest_and_add_the_others_up(world: World) -> None:
    # UP under twenty names, each with one per cent more than the last.
    store = world.market.store
    bars = store.bars("UP", "split_adjusted")
    assert bars is not None
    copies = [Instrument(f"U{i:02}", f"U{i:02}", "stock") for i in range(20)]
    for each in copies:
        store.merge(each.ticker, bars, source="test", fetched=NOW, currency="USD")
    shares = tuple((each.ticker, (0.03 + 0.002 * i) / (20 * 0.03 + 0.002 * 190)) for i, each in enumerate(copies))
    filled = basket_world(world, Basket("many", "Many", shares, "fixed"), *copies).fill("constituents", {"of": "many"})
    table = rows(filled.parts["table"])
    assert [row[0] for row in table] == [*(f"U{i:02}" for i in range(19, 7, -1)), "8 others", "many"]
    assert words(filled.parts["count"]) == "20"  # type: ignore[arg-type]
    # All move alike, so weights stay as they were set, and each gives its weight of the common return.
    rest = sum(share for _, share in shares[:8])
    moved_ytd = moved("UP", YTD)
    assert table[-2] == ["8 others", f"{rest * 100:.0f}%", "–", "–", f"{rest * moved_ytd * 100:+.1f}"]
    assert table[0][1] == f"{shares[19][1] * 100:.0f}%"


def test_constituents_of_a_single_name_are_its_returns(world: World) -> None:
    filled = world.fill("constituents", {"of": "buy", "over": ["mtd"]})
    assert heads(filled.parts["table"]) == ["Return", "MTD"]
    assert rows(filled.parts["table"]) == [["UP", pct(moved("UP", MTD))]]


@pytest.mark.parametrize(
    ("chart", "told"),
    [
        ({"pair": ["LATE | UP", "DN"], "over": "ytd"}, True),
        ({"pair": ["LATE | UP", "DN"], "over": "mtd"}, False),
        ({"lines": ["SPY", "LATE | UP"], "over": "90d"}, True),
        ({"lines": ["SPY", "DN"], "over": "90d"}, False),
        ({"drawdown": ["LATE | UP"], "over": "6m"}, True),
        ({"ratio": ["LATE | UP", "SPY"], "over": "mtd", "average": "10"}, False),
        ({"ratio": ["LATE | UP", "SPY"], "over": "mtd", "average": "100"}, True),
        ({"annual": ["LATE | UP"], "years": ["2025"]}, True),
        ({"correlation": ["LATE | UP", "DN", "SPY"], "over": "6m"}, True),
        ({"correlation": ["LATE | UP", "DN", "SPY"], "over": "6w"}, False),
        ({"rotation": ["LATE | UP", "DN"], "against": "SPY"}, True),
    ],
)
def test_a_picture_that_reaches_into_a_borrowed_part_names_the_link(world: World, chart: Any, told: bool) -> None:
    for filled in (world.fill("chart", chart), world.fill("charts", {"charts": [chart]})):
        assert filled.charts
        assert ("LATE | UP: before 2026-01-12 continued with UP" in small(filled)) is told


@pytest.mark.parametrize(("window", "told"), [("6m", True), ("mtd", False)])
def test_correlations_that_reach_into_a_borrowed_part_name_the_link(world: World, window: str, told: bool) -> None:
    filled = world.fill("correlation", {"of": ["LATE | UP", "DN"], "over": window})
    assert ("continued with UP" in small(filled)) is told
