"""The schemas in a real editor's server: no word on good files, the right word on broken ones, and what is offered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editor.server import ROOT, Server, command
from thesisvault.runs.init import make_demo

LINE = "# yaml-language-server: $schema="
THESIS = f"{LINE}../../schema/thesis.json\ntitle: A\n"
BLOCK = "sections:\n  - heading: A\n    blocks:\n      - "


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    start = command()
    if isinstance(start, str):
        pytest.skip(start)
    with Server(start) as running:
        yield running


def definitions(root: Path) -> list[Path]:
    """Return every file of a workspace that a person writes in YAML."""
    found = sorted(path for path in (root / "data").rglob("*.yaml") if path.name != "notes.yaml")
    return [root / "thesisvault.yaml", *found]


@pytest.mark.parametrize("made", ["this repository", "the demo"])
def test_every_file_that_is_shipped_begins_with_its_schema_and_pleases_the_editor(
    server: Server, tmp_path: Path, made: str
) -> None:
    root = make_demo(tmp_path / "demo") if made == "the demo" else ROOT
    files = definitions(root)
    assert len(files) > 10
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(LINE), path
        named = text.partition("\n")[0].removeprefix(LINE)
        assert (path.parent / named).is_file(), path
        assert server.diagnostics(path, text) == [], path


def chart(text: str) -> str:
    return f"{BLOCK}chart: {text}\n"


BROKEN = {
    "an unknown key": ("staus: active\n", 3, "Property staus is not allowed"),
    "an unknown choice": ("status: done\n", 3, 'Valid values: "idea", "active"'),
    "a list as text": ("benchmark: [SPY]\n", 3, "expected a ticker or the id of a basket"),
    "text as a list": ("aliases: one\n", 3, 'Expected "array"'),
    "a day in words": ("opened: yesterday\n", 3, "expected a date"),
    "a number out of bounds": ("conviction: 9\n", 3, "above the maximum of 5"),
    "a number in words": ("conviction: many\n", 3, "expected a whole number"),
    "an unknown window": ("over: 7q\n", 3, "expected a window such as 5d"),
    "a length without unit": ("review_every: 30\n", 3, "expected a length of time"),
    "a currency in words": ("currency: dollars\n", 3, "expected a currency"),
    "a claim without expectation": ("claims:\n  - says: a\n    check: b\n", 4, "a claim has one of expect, at_least"),
    "a claim with two": (
        "claims:\n  - says: a\n    check: b\n    expect: 1%\n    truth: true\n",
        7,
        "found expect as well",
    ),
    "a tolerance of nothing": ("claims:\n  - {says: a, check: b, truth: true, within: 1%}\n", 4, "goes with expect"),
    "two kinds of chart": (chart("{pair: [A, B], ratio: [A, B]}"), 6, "a chart has one kind"),
    "no kind of chart": (chart("{over: 90d}"), 6, "a chart is one of annual"),
    "a key of another chart": (chart("{pair: [A, B], weeks: 3}"), 6, "a chart of the kind pair has no such key"),
    "half a pair": (chart("{pair: [A]}"), 6, "too few items"),
    "two kinds of block": (f"{BLOCK}text: a\n        quote: {{says: a, by: b}}\n", 6, "more properties than limit"),
    "a side that holds nothing": ("sell: {hold: []}\n", 3, "too few items"),
    "a side without what it holds": ("sell: {name: a}\n", 3, 'Missing property "hold"'),
    "a weight in words": ("sell: {hold: {XOM: much}}\n", 3, "expected a share"),
    "a truth in words": ("signals:\n  - {name: a, when: b, kills: maybe}\n", 4, 'Expected "boolean"'),
    "a table of claims without rows": (f"{BLOCK}claims: {{check: a, columns: [b]}}\n", 6, "missing property rows"),
    "an address without scheme": ("sources:\n  - {id: a, title: b, url: ft.com}\n", 4, "expected a web address"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_gets_the_right_word_at_its_line(server: Server, case: str) -> None:
    text, line, message = BROKEN[case]
    said = server.diagnostics(ROOT / "data/theses/broken.yaml", THESIS + text)
    assert any(each.line == line and message in each.message for each in said), said


@pytest.mark.parametrize(
    "text",
    [
        "benchmark: TRUE\n",
        "sell: {hold: [ON, NO, TRUE, 2330, 007, QQQ | XLE]}\n",
        "sell: {hold: {XOM: 60%, NEW: 0.4}}\n",
        "over: 2022\nsummary:\nverdict: 5\n",
        f"{BLOCK}claims: {{}}\n",
        f"{BLOCK}text: true\n",
        "claims:\n  - {says: a, check: b, truth: false}\n",
    ],
)
def test_the_editor_takes_what_the_tool_takes(server: Server, text: str) -> None:
    assert server.diagnostics(ROOT / "data/theses/odd.yaml", THESIS + text) == []


PLACES = {
    "keys": ("‸", {"kind", "sell", "claims"}, set()),
    "a choice": ("status: ‸", {"idea", "closed"}, {"true", "null"}),
    "what is held, in flow style": ("sell: {hold: [‸]}", {"XLE", "oil-majors"}, {"true", "buy"}),
    "what is held, in block style": ("sell:\n  hold:\n    - ‸", {"XLE", "oil-majors"}, {"true", "buy"}),
    "what is held, with weights": ("sell:\n  hold:\n    ‸", {"XLE", "oil-majors"}, {"true"}),
    "a window": (f"{BLOCK}returns: {{of: [SPY], over: [‸]}}", {"90d", "ytd", "since opened"}, {"true"}),
    "an expression": ("claims:\n  - says: a\n    check: ‸", {"ret(x, w, [basis])", "close(x)"}, {"true", "false"}),
    "a pair": (chart("{pair: [XLE, ‸]}").rstrip(), {"buy", "sell", "IGV"}, {"true"}),
    "a universe": (f"{BLOCK}breadth:\n          universe: ‸", {"sp500", "dow30"}, {"XLE"}),
    "episodes": (f"{BLOCK}episodes: {{of: [‸]}}", {"fed-hikes-2022"}, {"XLE"}),
    "theses": (f"{BLOCK}compare: {{of: [‸]}}", {"software-to-energy"}, {"XLE"}),
    "a note": ("related:\n  - note: ‸", {"Federal Reserve", "Oil majors"}, {"true", "null"}),
    "a name": ("signals:\n  - name: ‸", set(), {"true", "false", "null"}),
    "a truth": ("signals:\n  - name: a\n    kills: ‸", {"true", "false"}, {"null"}),
    "a kind of chart": (chart("\n          ‸").rstrip(), {"pair", "ratio", "over"}, set()),
    "a kind of chart, in flow style": (chart("{r‸}").rstrip(), {"ratio", "rotation"}, set()),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_editor_offers_what_fits(server: Server, place: str) -> None:
    text, offered, others = PLACES[place]
    found = {each.label for each in server.completions(ROOT / "data/theses/new.yaml", THESIS + text)}
    assert offered <= found
    assert not others & found


def test_every_key_is_put_in_with_its_colon_and_lists_fit_in_flow_style(server: Server) -> None:
    for text in ("‸", "claims:\n  - ‸", "sell:\n  ‸", chart("\n          ‸").rstrip(), f"{BLOCK}returns:\n          ‸"):
        for each in server.completions(ROOT / "data/theses/new.yaml", THESIS + text):
            assert ":" in each.inserted, each
    found = {e.label: e.inserted for e in server.completions(ROOT / "data/theses/n.yaml", THESIS + chart("{p‸}"))}
    assert found["ratio"] == "ratio: [$1]"
