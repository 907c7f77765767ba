"""Which fundamentals definitions use, so that these and no others are fetched."""

from __future__ import annotations

from pathlib import Path

from thesisvault.definitions.read import read_library, read_settings
from thesisvault.runs.steps.usage import fundamentals_used
from thesisvault.workspace import workspace_at

FILES = {
    "data/instruments.yaml": """\
AAA: {name: A, kind: stock}
BBB: {name: B, kind: stock, what: "At {{ fund('BBB', 'trailing_pe') }}."}
CCC: {name: C, kind: stock}
DDD: {name: D, kind: stock}
EEE: {name: E, kind: stock}
FFF: {name: F, kind: stock}
SPY: {name: S, kind: etf}
""",
    "data/theses/one.yaml": """\
title: One
summary: "{{ fund('AAA', 'forward_pe') / close('FFF') }}"
buy: {hold: [CCC]}
sell: {hold: [FFF]}
signals:
  - {name: Cheap, when: "fund(buy, 'forward_pe') < 10"}
sections:
  - heading: Said
    blocks:
      - claims: {check: "fund(row, column)", columns: [forward_pe], rows: {DDD: [10x]}}
""",
    "data/theses/two.yaml": """\
title: Two
kind: concept
sections:
  - heading: Both
    blocks:
      - compare: {of: [three], rows: [{Multiple: "{{ fund(buy, 'forward_pe') }}"}]}
""",
    "data/theses/three.yaml": "title: Three\nbuy: {hold: [EEE]}\n",
}


def test_every_way_to_name_an_instrument_is_found_and_nothing_else(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings, _ = read_settings(tmp_path)
    workspace = workspace_at(tmp_path, settings.vault, settings.folder, settings.data, settings.templates)
    library = read_library(workspace, settings)
    assert library.findings == []
    assert set(fundamentals_used(library)) == {"AAA", "BBB", "CCC", "DDD", "EEE"}
