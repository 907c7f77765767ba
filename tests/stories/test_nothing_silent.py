"""What would pass in silence, or be told in the parser's words, is a finding that names cause and cure at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.test_bad_input import edit
from tests.stories.test_places import marked, workspace, write
from tests.stories.workspaces import call
from thesisvault.blocks import kinds  # noqa: F401 - fills the registries
from thesisvault.blocks.core.block import KINDS
from thesisvault.blocks.core.chart import CHARTS, ChartModel

THESIS = "data/theses/t.yaml"
AS_OF = "providers: [sample]\nas_of: 2026-02-27\n"

WRONG = {
    "an expression in single braces": (
        "title: T\nsummary: |\n  Up\n  >>{ ret('XLE', 'ytd') | pct } now\n",
        "write {{ ret('XLE', 'ytd') | pct }}",
    ),
    "a value that begins with a single brace": (
        "title: T\nsummary: >>{ ret('XLE','ytd') | pct }\n",
        "Put quotes around the whole value, and two braces at both ends in a text.",
    ),
    "a year that is not over": (
        "title: T\nverdict: \"{{ ret('XLE', '2025') }} >>{{ ret('XLE', '2026') | pct }}\"\n",
        "2026 is not over on 2026-02-27; write 'ytd'",
    ),
    "a column of a year that is not over": (
        "title: T\nsections:\n  - heading: H\n    blocks:\n      - returns: {of: [XLE], over: [ytd, >>'2026']}\n",
        "2026 is not over on 2026-02-27; write ytd",
    ),
    "a chart of a month that is not over": (
        "title: T\nsections:\n  - heading: H\n    blocks:\n      - chart: {drawdown: [XLE], over: >>2026-03}\n",
        "2026-03 lies ahead of 2026-02-27",
    ),
    "a main window that lies ahead": (
        "title: T\nbuy: {hold: [XLE]}\nover: >>since 2026-05-01\n",
        "since 2026-05-01 lies ahead of 2026-02-27",
    ),
    "a side of nothing beside a comparison": (
        (
            "title: T\nkind: concept\nsections:\n  - heading: H\n    blocks:\n"
            "      - compare: {of: [t], rows: [{Own: \"{{ ret(buy, 'ytd') | pct }}\"}]}\n"
            "      - text: \">>{{ ret(buy, 'ytd') | pct }}\"\n"
        ),
        "there is no buy here",
    ),
    "a day of opening beside a comparison": (
        (
            "title: T\nkind: concept\nsections:\n  - heading: H\n    blocks:\n"
            "      - compare: {of: [t], rows: [{Own: \"{{ ret(buy, 'since opened') | pct }}\"}]}\n"
            "      - text: \">>{{ ret('XLE', 'since opened') | pct }}\"\n"
        ),
        "opened",
    ),
    "a quote that was lost three lines above": (
        'title: T\nsummary: >>"Up\nkind: thesis\nstatus: active\nverdict: "Down"\n',
        "it opens here and is closed only in line 5. Close it before line 3",
    ),
    "a quote that was lost, with no later trouble": (
        'title: T\nsummary: >>"Up\nagainst: "\nverdict: Down\n',
        "closed only in line 3. Close it before line 3",
    ),
    "a quote that was lost in a list": (
        'title: T\nsections:\n  - heading: >>"H\n    blocks:\n      - text: "x"\n',
        "closed only in line 5. Close it before line 4",
    ),
    "a quote that was lost within braces": (
        'title: T\nsignals:\n  - {name: >>"S, when: "x > 0", means: m}\n',
        "ends before x > 0",
    ),
    "a curly quote round a value": ("title: T\nsummary: >>“Up: it is”\n", "Write straight quotes."),
    "a date for on": ("title: T\nupdates:\n  - {>>date: 2026-01-05, title: x}\n", 'Did you mean "on"?'),
    "long for buy": ("title: T\n>>long: {hold: [XLE]}\n", 'Did you mean "buy"?'),
    "tickers for hold": ("title: T\nbuy: {>>tickers: [XLE]}\n", 'Did you mean "hold"?'),
    "a condition for when": (
        "title: T\nsignals:\n  - {name: S, >>condition: \"ret('XLE', 'ytd') > 0\", means: m}\n",
        'Did you mean "when"?',
    ),
    "a ticker that nobody knows": (
        "title: T\nbuy: {hold: [>>XYZ]}\n",
        "Add it: thesisvault add XYZ",
    ),
    "a quoted name": (
        "title: T\nbuy: {hold: [XLE]}\nsummary: \">>{{ ret('buy', 'ytd') | pct }}\"\n",
        "write buy without quotes",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_said_once_where_it_is_with_what_to_write(name: str, tmp_path: Path) -> None:
    raw, said = WRONG[name]
    text, line, column = marked(raw)
    write(workspace(tmp_path), THESIS, text)
    write(tmp_path, "thesisvault.yaml", AS_OF)
    lines = [each for each in call("check", "--workspace", tmp_path).all.splitlines() if THESIS in each]
    assert len(lines) == 1, lines
    assert f"{THESIS}:{line}:{column}: " in lines[0]
    assert said in lines[0]


def test_a_text_in_quotes_may_go_on_over_indented_lines(tmp_path: Path) -> None:
    write(workspace(tmp_path), THESIS, 'title: T\nsummary: "Up\n\n  and: on\n  it goes"\n')
    assert THESIS not in call("check", "--workspace", tmp_path).all


# Keys that are not used ---------------------------------------------------------------------------------------------

SUBJECTS = {
    "annual": "annual: [XLE, IGV], years: ['2021']",
    "breadth": "breadth: \"ret('u', '1d') > 0\", over: 90d",
    "correlation": "correlation: [XLE, IGV], over: 90d",
    "drawdown": "drawdown: [XLE], over: 90d",
    "lines": "lines: [XLE, IGV, SPY], over: 90d",
    "pair": "pair: [XLE, IGV], over: 90d",
    "ratio": "ratio: [XLE, IGV], over: 90d",
    "rotation": "rotation: [XLE, IGV]",
}
VALUES = {"average": "50", "weeks": "4", "marks": "[{on: 2026-02-02, label: x}]", "over": "90d", "against": "SPY"}
VALUES |= {"years": "['2021']", "index": "SPY", "headline": "{positive: Up, negative: Down}"}
FOREIGN = [
    (kind, key)
    for kind in SUBJECTS
    for key in sorted({key for model in CHARTS.values() for key in model.model_fields} - CHARTS.keys())
    if key not in CHARTS[kind].model_fields
]


def test_every_kind_of_chart_is_tried() -> None:
    assert SUBJECTS.keys() == CHARTS.keys()
    own = {key for model in CHARTS.values() for key in model.model_fields}
    assert own - CHARTS.keys() - ChartModel.model_fields.keys() <= VALUES.keys()


@pytest.mark.parametrize(("kind", "key"), FOREIGN)
def test_a_key_that_a_kind_of_chart_does_not_use_is_an_error(kind: str, key: str, tmp_path: Path) -> None:
    block = f"chart: {{{SUBJECTS[kind]}, >>{key}: {VALUES[key]}}}"
    raw = f"title: T\nsections:\n  - heading: H\n    blocks:\n      - {block}\n"
    text, line, column = marked(raw)
    write(workspace(tmp_path), THESIS, text)
    write(tmp_path, "data/universes/u.txt", "XLE IGV SPY\n")
    said = call("check", "--workspace", tmp_path).all
    assert f'{THESIS}:{line}:{column}: unknown key "{key}".' in said
    assert said.count(f"{THESIS}:") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_a_kind_of_block_does_not_have_is_an_error(kind: str, tmp_path: Path) -> None:
    text, line, column = marked(
        f"title: T\nsections:\n  - heading: H\n    blocks:\n      - {kind}: {{>>no_such_key: x}}\n"
    )
    write(workspace(tmp_path), THESIS, text)
    said = call("check", "--workspace", tmp_path).all
    places = [f'{THESIS}:{line}:{column}: unknown key "no_such_key".', 'unknown kind of chart "no_such_key".']
    assert any(place in said for place in places), said


# n/a where a reader looks first ---------------------------------------------------------------------------------------


def test_a_figure_that_is_not_known_is_a_warning_of_a_build(tiny: Path) -> None:
    edit("data/theses/left-to-right.yaml", "spread(buy, sell, 'ytd') | pp", "ret('NEW', '1y') | pct")(tiny)
    edit("data/theses/left-to-right.yaml", "heading: How wide it is", "heading: \"Wide {{ ret('NEW', '2y') | pct }}\"")(
        tiny
    )
    edit("data/theses/rotation.yaml", "from one side to the other", "{{ ret('AAA', 'ytd') }} {{ ret('NEW', '3y') }}")(
        tiny
    )
    said = call("build", "-w", tiny, "--all")
    assert said.status == 0, said
    found = [line for line in said.err.splitlines() if "shows n/a" in line]
    starts = [
        "warning: data/theses/left-to-right.yaml:5:31: the verdict shows n/a: NEW: ",
        "warning: data/theses/left-to-right.yaml:26:20: the heading shows n/a: NEW: ",
        "warning: data/theses/rotation.yaml:3:46: the summary shows n/a: NEW: ",
    ]
    assert len(found) == len(starts), found
    for line, start in zip(found, starts, strict=True):
        assert line.startswith(start)
        assert "the first close is 2024-05" in line
        assert "thesisvault refresh" in line


def test_a_build_in_which_all_is_known_warns_of_no_figure(tiny: Path) -> None:
    assert "shows n/a" not in call("build", "-w", tiny).all


def test_a_period_that_is_over_on_the_day_that_a_run_asks_for_may_be_spoken_of(tiny: Path) -> None:
    thesis = next((tiny / "data/theses").glob("*.yaml"))
    told = "title: Later\nsummary: \"{{ ret('AAA', '2024-05') | pct }}\"\n"
    (thesis.parent / "later.yaml").write_text(told, encoding="utf-8")
    settings = tiny / "thesisvault.yaml"
    settings.write_text(settings.read_text("utf-8").replace("as_of: 2024-06-28", "as_of: 2024-05-15"), encoding="utf-8")
    refused = call("build", "-w", tiny)
    assert refused.status == 2
    assert "2024-05 is not over on 2024-05-15" in refused.all
    for command in ("refresh", "build", "run"):
        later = call(command, "-w", tiny, "--as-of", "2024-06-28")
        assert later.status == 0, later
    assert "%" in (tiny / "vault/Theses/Later.md").read_text("utf-8")
