"""Kinds of charts: what a person may write for each, what an editor is told, and charts of unusual data."""

from __future__ import annotations

import itertools
import json
from typing import Any

import jsonschema
import pytest

from tests.unit.blocks.conftest import World, small
from thesisvault.blocks.core.chart import CHARTS
from thesisvault.charts.draw import draw
from thesisvault.charts.specs import LINES_LEAST, LINES_MOST, TILES_MOST
from thesisvault.definitions.models.schema import json_schemas
from thesisvault.definitions.models.thesis import Section
from thesisvault.definitions.reading.load import parse_tree
from thesisvault.definitions.reading.validate import validate

WRITTEN = {
    "annual": "{annual: [UP], years: ['2025']}",
    "breadth": "{breadth: \"ret('five', '1d') > 0\", over: 90d}",
    "correlation": "{correlation: duo, over: 1y}",
    "drawdown": "{drawdown: [UP, DN], over: 1y}",
    "lines": "{lines: [UP, DN, SPY], over: mtd, marks: [{on: 2026-02-02, label: x}]}",
    "pair": "{pair: [buy, sell], over: 90d, caption: Up and down}",
    "ratio": "{ratio: [UP, DN], average: 20}",
    "rotation": "{rotation: [UP, DN], against: SPY, weeks: 6}",
}

ONE_OF = "a chart is one of annual, breadth, correlation, drawdown, lines, pair, ratio, rotation"


def said(chart: str, key: str = "chart") -> list[str]:
    """What is wrong with a chart, each finding as a person reads it."""
    tree, findings = parse_tree(f"heading: A chart\nblocks:\n  - {key}: {chart}\n", "t.yaml")
    assert tree is not None
    assert findings == []
    return [str(finding) for finding in validate(Section, tree)[1]]


def test_every_kind_of_chart_is_written_here() -> None:
    assert sorted(WRITTEN) == list(CHARTS)


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_chart_of_each_kind_is_valid_alone_and_beside_others(kind: str) -> None:
    assert said(WRITTEN[kind]) == []
    assert said(f"[{WRITTEN[kind]}, {WRITTEN['pair']}]", "charts") == []


@pytest.mark.parametrize(
    ("chart", "finding"),
    [
        ("{piar: [UP, DN], over: 90d}", 't.yaml:3:13: unknown kind of chart "piar". Did you mean "pair"?'),
        ("{over: 90d, title: x, lnies: [UP, DN]}", 't.yaml:3:34: unknown kind of chart "lnies". Did you mean "lines"?'),
        ("{pair: [UP, DN], ovre: 90d}", 't.yaml:3:29: unknown key "ovre". Did you mean "over"?'),
        ("{ratio: [UP, DN], avreage: 20}", 't.yaml:3:30: unknown key "avreage". Did you mean "average"?'),
        (
            "{pair: [UP, DN], weeks: 6}",
            't.yaml:3:29: unknown key "weeks". Known keys: pair, over, headline, marks, title, caption, name.',
        ),
        (
            "{drawdown: [UP], marks: []}",
            't.yaml:3:29: unknown key "marks". Known keys: drawdown, over, title, caption, name.',
        ),
        ("{over: 90d}", f"t.yaml:3:12: chart: {ONE_OF}; found none."),
        ("{pair: [UP, DN], lines: [UP, DN]}", f"t.yaml:3:12: chart: {ONE_OF}; found lines and pair."),
        ("[UP, DN]", "t.yaml:3:12: chart: expected a mapping, found a list."),
        ("{annual: [UP]}", 't.yaml:3:12: chart: "years" is missing.'),
        ("{lines: [UP]}", f"t.yaml:3:20: lines: expected {LINES_LEAST} items at least, found 1."),
        (
            f"{{lines: [{', '.join('ABCDEFGHIJ')}]}}",
            f"t.yaml:3:20: lines: expected {LINES_MOST} items at most, found 10.",
        ),
        (
            "{pair: [UP, DN], title: x, headline: {positive: a, negative: b}}",
            "t.yaml:3:49: chart: title and headline both say the finding; keep one of them.",
        ),
        ("{pair: [UP, DN], headline: {positive: a}}", 't.yaml:3:39: headline: "negative" is missing.'),
        ("{ratio: [UP, DN], average: 0}", "t.yaml:3:39: average: expected 1 to 99999, found 0."),
    ],
)
def test_one_mistake_in_a_chart_gives_one_finding(chart: str, finding: str) -> None:
    assert said(chart) == [finding]


@pytest.mark.parametrize("count", [0, 5])
def test_charts_side_by_side_are_as_many_as_the_schema_says(count: int) -> None:
    (finding,) = said(f"[{', '.join([WRITTEN['pair']] * count)}]", "charts")
    fits = {
        key: Section.model_json_schema()["$defs"]["ChartsBlock"]["anyOf"][0][key] for key in ("minItems", "maxItems")
    }
    assert fits == {"minItems": 1, "maxItems": 4}
    assert f"expected {fits['minItems'] if count == 0 else fits['maxItems']} item" in finding


def test_the_schema_for_editors_lists_the_kinds_and_their_own_keys() -> None:
    schema = json.loads(json_schemas({"section": Section})["section.json"])
    chart = schema["$defs"]["ChartModel"]
    assert [each["required"] for each in chart["anyOf"]] == [[kind] for kind in CHARTS]
    assert chart["additionalProperties"] is False
    for kind, model in CHARTS.items():
        rules = chart["dependentSchemas"][kind]["allOf"]
        refused = {name for rule in rules for name, allowed in rule["properties"].items() if allowed is False}
        assert sorted(set(chart["properties"]) - refused) == sorted(model.allowed_keys())


@pytest.mark.parametrize(
    ("chart", "valid"),
    [
        ({"pair": ["UP", "DN"], "over": "90d"}, True),
        ({"pair": ["UP", "DN"], "weeks": 6}, False),
        ({"pair": ["UP", "DN"], "lines": ["UP", "DN"]}, False),
        ({"over": "90d"}, False),
    ],
)
def test_an_editor_judges_a_chart_as_the_tool_does(chart: dict[str, Any], valid: bool) -> None:
    schema = json.loads(json_schemas({"section": Section})["section.json"])
    body = {"heading": "A chart", "blocks": [{"chart": chart}]}
    assert jsonschema.Draft202012Validator(schema).is_valid(body) is valid


# Unusual data -----------------------------------------------------------------------------------------------------

MANY = [" | ".join(names) for names in itertools.permutations(("UP", "DN", "SPY", "GAP"))] + ["UP"]
UNUSUAL = [
    ({"lines": ["ZED", "UP"], "over": "1m"}, "ZED is 0 on 2026-"),
    ({"pair": ["UP", "ZED"], "over": "1m"}, "a return needs levels above zero"),
    ({"ratio": ["UP", "ZED"], "over": "1m", "average": "2"}, "a return needs levels above zero"),
    ({"drawdown": ["ZED"], "over": "1m"}, "a return needs levels above zero"),
    ({"lines": ["UP", "DN"], "over": "since 2026-02-27"}, "nothing follows 2026-02-27"),
    ({"correlation": ["RATE", "UP"]}, "too few common sessions over YTD"),
    ({"correlation": ["buy", "UP"]}, "UP is duplicated"),
    ({"correlation": MANY}, f"{len(MANY)} names, and a heat map shows at most {TILES_MOST}"),
    ({"pair": ["buy", "UP"]}, "UP against itself shows nothing"),
    ({"ratio": ["UP", "DN"], "over": "1d", "average": "99999"}, ""),
    ({"ratio": ["UP", "STALE"], "over": "ytd"}, ""),
    ({"lines": ["RATE", "buy"], "over": "5d"}, "5d counts daily sessions"),
    ({"lines": ["UP", "UP"]}, ""),
    ({"annual": ["UP", "UP"], "years": ["2025", "2025"]}, ""),
    ({"rotation": ["UP", "UP"], "weeks": "1"}, ""),
    ({"rotation": ["UP", "STALE", "ENDED"], "weeks": "2"}, ""),
]


@pytest.mark.parametrize(("body", "reason"), UNUSUAL, ids=[str(body)[:60] for body, _ in UNUSUAL])
def test_a_chart_of_unusual_data_is_drawn_or_says_why_not(world: World, body: dict[str, Any], reason: str) -> None:
    filled = world.fill("chart", body)
    assert bool(filled.charts) is not bool(reason)
    assert reason in small(filled)
    for each in filled.charts:
        assert draw(each.chart, recipe=each.recipe, as_of=each.as_of).startswith(b"\x89PNG")
