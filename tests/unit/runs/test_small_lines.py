"""The small lines of a whole note."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from thesisvault.blocks.core.filled import Filled, Table, head, say
from thesisvault.language.text import Text, words_of
from thesisvault.notes.views import AssetView
from thesisvault.runs.steps.compose.small import called, with_small_lines
from thesisvault.structs import replace

LIBRARY = SimpleNamespace(shorts={"SPY": "S&P 500", "WALCL": "Fed assets"})
CONTEXT: Any = SimpleNamespace(library=LIBRARY, named=lambda reason: reason.replace("WALCL", "Fed assets"))


def line(text: str) -> Text:
    return say(text, emphasis=True)


def shown(*below: str, inside: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    members: Any = Filled("constituents", lines=tuple(map(line, inside)))
    view = AssetView(id="x", title="X", line=say("Up."), what=(), standing=(), lines=tuple(map(line, below)))
    view = with_small_lines(replace(view, theses=members), CONTEXT)
    block = view.theses
    assert isinstance(block, Filled)
    return [words_of(each) for each in view.lines], [words_of(each) for each in block.lines]


def test_how_many_members_have_prices_is_said_once_for_all_figures() -> None:
    told = "sp500: {} of 503 of today's members have prices."
    above, below = shown(told.format(501), inside=(told.format("466 to 501"), told.format(486) + " Total return."))
    assert above == ["S&P 500: 466 to 501 of today's 503 members have prices."]
    assert below == ["", "Total return."]


def test_other_universes_and_other_words_stay() -> None:
    above, _ = shown(
        "sp500: 2 of 3 of today's members have prices; ndx: 4 of 5 of today's members have prices.", "Kept."
    )
    assert above == [
        "S&P 500: 2 of today's 3 members have prices; ndx: 4 of today's 5 members have prices.",
        "Kept.",
    ]


def test_a_reason_names_a_series_as_the_note_does() -> None:
    above, _ = shown("n/a: WALCL: no values are stored.")
    assert above == ["n/a: Fed assets: no values are stored."]


def test_a_universe_goes_by_the_name_that_its_id_spells() -> None:
    assert (called("sp500", LIBRARY), called("the-twenty", LIBRARY)) == ("S&P 500", "the-twenty")


def test_what_holds_no_such_line_is_not_copied() -> None:
    members: Any = Filled("constituents", {"rows": [(say("n/a"), line("Kept."))]}, lines=(line("Kept."),))
    view = AssetView(id="x", title="X", line=say("Up."), what=(), standing=(), lines=(line("n/a: WALCL: none."),))
    view = with_small_lines(replace(view, theses=members), CONTEXT)
    assert view.theses is members
    assert words_of(view.lines[0]) == "n/a: Fed assets: none."


def test_a_line_is_found_in_the_records_that_lie_in_a_block() -> None:
    table = Table(head("Which"), ((line("n/a: WALCL: none."),),))
    view = AssetView(id="x", title="X", line=say("Up."), what=(), standing=(), lines=())
    members: Any = Filled("constituents", {"table": table})
    view = with_small_lines(replace(view, theses=members), CONTEXT)
    assert isinstance(view.theses, Filled)
    changed: Any = view.theses.parts["table"]
    assert words_of(changed.rows[0][0]) == "n/a: Fed assets: none."
    assert changed.columns is table.columns
