"""A finding points at the value that is wrong, however often the same text stands elsewhere and innocent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.stories.workspaces import call
from thesisvault.definitions.reading.load import parse_tree
from thesisvault.written import Written

INSTRUMENTS = "SPY: {name: S&P 500, kind: etf}\nXLE: {name: Energy, kind: etf}\nIGV: {name: Software, kind: etf}\n"
EPISODES = "an-episode:\n  title: An episode\n  start: 2022-01-03\n  end: 2022-12-30\n"

# Each text holds its wrong word twice: first where it is innocent, then, after >>, where it is wrong.
THESES = {
    "a ticker in a side": "title: T\naliases: [XLEE]\nsell: {hold: [IGV]}\nbuy: {hold: [>>XLEE]}\n",
    "a ticker in a side with weights": "title: T\naliases: [XLEE]\nbuy: {hold: {>>XLEE: 60%, XLE: 40%}}\n",
    "a benchmark": "title: T\ntags: [XLEE]\nbenchmark: >>XLEE\n",
    "a ticker in a bare expression": (
        "title: T\nsummary: \"ret('XLEE', 'ytd') > 0\"\nsignals:\n"
        "  - {name: S, when: >>\"ret('XLEE', 'ytd') > 0\", means: m}\n"
    ),
    "a ticker in the second of two equal signals' conditions": (
        "title: T\nsections:\n  - heading: H\n    blocks:\n      - text: \"nop('XLE') > 0\"\n"
        "signals:\n  - {name: S, when: >>\"nop('XLE') > 0\", means: m}\n"
    ),
    "the second expression of a text": (
        "title: T\nsummary: >\n  One {{ ret('XLE', 'ytd') | pct }}\n  and two >>{{ ret('XLEE', 'ytd') | pct }}.\n"
    ),
    "an expression in a literal block": (
        "title: T\nsummary: |\n  XLEE {{ ret('XLE', 'ytd') }}\n\n    and >>{{ ret('XLEE', 'ytd') }}\n"
    ),
    "an expression in double quotes with escapes": (
        "title: T\nsummary: \"\\u2192 {{ ret('XLE', 'ytd') }} \\\"XLEE\\\" >>{{ ret('XLEE', 'ytd') }}\"\n"
    ),
    "a link": 'title: T\ntags: [Nowhere]\nsummary: "`a [[Nowhere]]` and >>[[Nowhere]]"\n',
    "a related note": "title: T\ntags: [Nowhere]\nrelated:\n  - {note: >>Nowhere, why: w}\n",
    "a source of a claim": (
        "title: T\naliases: [ft]\nclaims:\n  - {says: s, check: \"ret('XLE', 'ytd')\", expect: 1%, source: >>ft}\n"
    ),
    "an episode of a block": (
        "title: T\naliases: [gone]\nsections:\n  - {heading: H, blocks: [{episodes: {of: [>>gone]}}]}\n"
    ),
    "a ticker in a table of returns": (
        "title: T\naliases: [XLEE]\nsections:\n"
        "  - {heading: H, blocks: [{returns: {of: [XLE, >>XLEE], over: [ytd]}}]}\n"
    ),
    "a ticker in a chart inside a fold": (
        "title: T\naliases: [XLEE]\nsections:\n  - heading: H\n    blocks:\n      - fold:\n          title: F\n"
        "          blocks:\n            - chart: {pair: [XLE, >>XLEE], over: 90d}\n"
    ),
    "a condition of breadth": (
        "title: T\ntags: [a]\nsummary: \"ret('nosuch', '1d') > 0\"\nsections:\n  - heading: H\n    blocks:\n"
        "      - chart: {breadth: >>\"ret('nosuch', '1d') > 0\", over: 90d}\n"
    ),
    "a row of a table of claims": (
        "title: T\naliases: [XLEE]\nsections:\n  - heading: H\n    blocks:\n      - claims:\n"
        '          check: ret(row, column)\n          columns: ["2021"]\n          rows: {XLE: [1%], >>XLEE: [2%]}\n'
    ),
    "a day of closing": "title: T\nopened: 2024-02-01\nclosed: >>2024-01-31\n",
    "the second of two sources with one id": (
        "title: T\naliases: [ft]\nsources:\n  - {id: ft, title: A}\n  - {id: >>ft, title: B}\n"
    ),
    "the second of two sections with one heading": (
        "title: T\naliases: [H]\nsections:\n  - {heading: H}\n  - {heading: >>H}\n"
    ),
    "two sides that hold the same": "title: T\nsell: {hold: [XLE]}\nbuy: {hold: >>[XLE]}\n",
    "a member named twice": "title: T\naliases: [IGV]\nbuy: {hold: [IGV, XLE, >>IGV]}\n",
    "a weight below zero": "title: T\nbuy: {hold: {IGV: 90%, XLE: >>-10%}}\n",
    "a misspelt kind among several charts": (
        "title: T\naliases: [pear]\nsections:\n  - {heading: H, blocks: [{charts: [{>>pear: [XLE, IGV]}]}]}\n"
    ),
    **{
        what: f"title: T\nsections:\n  - heading: H\n    blocks:\n      - {block}\n"
        for what, block in {
            "a row that compare does not know": "compare: {of: [t], rows: [spread, >>spraed]}",
            "a thesis compared with itself": "compare: {of: [t, >>t], rows: [spread]}",
            "a note on no row of flows": "flows: {title: F, unit: USD m, rows: {Q1: 1}, notes: {>>Q2: n}}",
            "a target without a unit": 'targets: {on: 2026-02-02, rows: {XLE: +5%, IGV: >>"5"}}',
            "a note on no target": "targets: {on: 2026-02-02, rows: {XLE: +5%}, notes: {>>IGV: n}}",
            "a row of a table that is too short": "table: {columns: [a, b], rows: [[x, y], >>[x]]}",
            "a row of claims that is too short": (
                'claims: {check: "ret(row, column)", columns: ["2021"], rows: {XLE: [1%], IGV: >>[1%, 2%]}}'
            ),
            "a pair of one": "chart: {pair: [XLE, >>XLE], over: 90d}",
            "a ratio of one": "chart: {ratio: [XLE, >>XLE], over: 90d}",
            "a tolerance that is too wide": (
                'claims: {check: "ret(row, column)", within: >>90pp, columns: ["2021"], rows: {XLE: [1%]}}'
            ),
            "money of another currency": "table: {columns: [a], rows: [[{says: >>€5, check: \"close('XLE')\"}]]}",
        }.items()
    },
    "a claim in the wrong notation": (
        "title: T\nclaims:\n  - {says: 43pp, check: \"ret('XLE', 'ytd')\", expect: >>43pp}\n"
    ),
    "a live expression in a name": (
        "title: T\nsummary: \"{{ ret('XLE', 'ytd') }}\"\nsell: {name: >>\"{{ ret('XLE', 'ytd') }}\", hold: [IGV]}\n"
    ),
}
FILES = {
    "a proxy": ("data/instruments.yaml", "OLD: {name: Old, kind: etf, aliases: [NOSUCH], proxies: [>>NOSUCH]}\n"),
    "a side of an episode": (
        "data/episodes.yaml",
        "e:\n  title: E\n  type: NOSUCH\n  start: 2022-01-03\n  buy: {hold: [>>NOSUCH]}\n  sell: {hold: [IGV]}\n",
    ),
    "a member of a basket": ("data/baskets/b.yaml", "title: B\naliases: [NOSUCH]\nmembers: [XLE, >>NOSUCH]\n"),
    "a text of an entity": (
        "data/entities.yaml",
        'e: {name: E, kind: idea, what: "`a [[Nowhere]]` and >>[[Nowhere]]"}\n',
    ),
    "the title of a basket": ("data/baskets/b.yaml", "what: Energy\ntitle: >>Energy\nmembers: [XLE, IGV]\n"),
    "the last day of an episode": (
        "data/episodes.yaml",
        "e: {title: E, start: 2022-01-03, end: >>2022-01-03, buy: {hold: [XLE]}, sell: {hold: [IGV]}}\n",
    ),
    "the first day of an index": (
        "data/baskets/b.yaml",
        "title: B\nbase: >>2020-01-02\nmembers:\n  2021-01-04: [XLE]\n  2022-01-03: [XLE, IGV]\n",
    ),
    "a day of members out of order": (
        "data/baskets/b.yaml",
        "title: B\nmembers:\n  2022-01-03: [XLE]\n  >>2021-01-04: [XLE, IGV]\n",
    ),
    "a word in a universe that is no ticker": ("data/universes/u.txt", "# $$$\nXLE IGV >>$$$ SPY\n"),
    "a limit of time": ("thesisvault.yaml", "benchmark: SPY\nrefresh: {wait_limit: 0s, time_limit: >>0s}\n"),
    "the benchmark of the settings": ("thesisvault.yaml", "folder: NOSUCH\nbenchmark: >>NOSUCH\n"),
}


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def marked(text: str) -> tuple[str, int, int]:
    """Return a text without its mark, and the line and column at which it stood."""
    before, _, after = text.partition(">>")
    return before + after, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1


def workspace(folder: Path) -> Path:
    write(folder, "thesisvault.yaml", "providers: [sample]\n")
    write(folder, "data/instruments.yaml", INSTRUMENTS)
    write(folder, "data/theses/other.yaml", "title: Other\n")
    return folder


def places(folder: Path, path: str) -> set[tuple[int, int]]:
    said = call("check", "--workspace", folder)
    lines = said.out + said.err
    return {(int(line), int(column)) for line, column in re.findall(rf"{re.escape(path)}:(\d+):(\d+)", lines)}


@pytest.mark.parametrize("name", THESES)
def test_a_finding_in_a_thesis_points_at_the_guilty_value(name: str, tmp_path: Path) -> None:
    text, line, column = marked(THESES[name])
    write(workspace(tmp_path), "data/theses/t.yaml", text)
    assert places(tmp_path, "data/theses/t.yaml") == {(line, column)}


@pytest.mark.parametrize("name", FILES)
def test_a_finding_in_another_file_points_at_the_guilty_value(name: str, tmp_path: Path) -> None:
    path, raw = FILES[name]
    text, line, column = marked(raw)
    workspace(tmp_path)
    if path == "data/instruments.yaml":
        text, line = INSTRUMENTS + text, line + INSTRUMENTS.count("\n")
    write(tmp_path, path, text)
    assert (line, column) in places(tmp_path, path)
    assert len(places(tmp_path, path)) == 1


def test_baskets_in_a_ring_are_said_once_at_a_member_of_the_ring(tmp_path: Path) -> None:
    workspace(tmp_path)
    text, line, column = marked("title: B\nshort: c\nmembers: [XLE, >>c]\n")
    write(tmp_path, "data/baskets/b.yaml", text)
    write(tmp_path, "data/baskets/c.yaml", "title: C\nmembers: [IGV, d]\n")
    write(tmp_path, "data/baskets/d.yaml", "title: D\nmembers: [b]\n")
    write(tmp_path, "data/baskets/a.yaml", "title: A\nmembers: [b]\n")
    said = call("check", "--workspace", tmp_path).all
    assert re.findall(r"data/baskets/.*", said) == [
        f"data/baskets/b.yaml:{line}:{column}: baskets hold one another in a ring: b > c > d > b. Take one of them out."
    ]


WOUNDED = {
    "a condition of breadth": "chart: {breadth: >>\"ret('nosuch', '1d') > 0\", over: 90d}",
    "the check of a table of claims": "claims: {check: >>\"ret('nosuch', column)\", columns: [ytd], rows: {XLE: [1%]}}",
    "an expression of a text": "text: \"{{ ret('XLE', 'ytd') }} >>{{ ret('nosuch', 'ytd') }}\"",
}


@pytest.mark.parametrize("name", WOUNDED)
def test_a_thesis_of_wrong_shape_is_checked_as_far_as_it_goes(name: str, tmp_path: Path) -> None:
    text, line, column = marked(f"titel: T\nsections:\n  - heading: H\n    blocks:\n      - {WOUNDED[name]}\n")
    write(workspace(tmp_path), "data/theses/t.yaml", text)
    assert places(tmp_path, "data/theses/t.yaml") == {(1, 1), (line, column)}


def test_a_kind_of_block_is_not_taken_for_an_expression(tmp_path: Path) -> None:
    write(workspace(tmp_path), "data/theses/t.yaml", "title: T\nsections:\n  - {heading: H, blocks: [breadth: spx]}\n")
    assert call("check", "--workspace", tmp_path).all.count("data/theses/t.yaml:") == 1


WORDS = st.sampled_from(["same", "other", "{{ x }}", "a: b", "[[l]]", "'q'"])
TREES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, min_size=1),
    max_leaves=12,
)


def leaves(value: object) -> list[Written]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, list) else [value]  # type: ignore[list-item]


@given(TREES, st.booleans())
def test_every_value_knows_its_own_place_among_equal_ones(value: object, flow: bool) -> None:
    text = yaml.safe_dump({"top": value}, default_flow_style=flow, default_style='"', width=10_000)
    tree, findings = parse_tree(text, "t.yaml")
    assert tree is not None, findings
    seen = set()
    lines = text.split("\n")
    for leaf in leaves(tree.value["top"]):  # type: ignore[index, call-overload]
        place = leaf.place()
        assert (place.line, place.column) not in seen
        seen.add((place.line, place.column))
        assert lines[place.line - 1][place.column - 1 :].startswith(f'"{leaf}"')
