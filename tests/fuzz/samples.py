"""What is spoiled: a small workspace with one of each kind of block, and the definitions of this repository."""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.stories.workspaces import FILES, call, make_tiny

ROOT = Path(__file__).resolve().parents[2]
NOW = dt.datetime(2024, 7, 1, 12, tzinfo=dt.UTC)
AS_OF = dt.date(2024, 6, 28)

WHOLE = """\
title: One of each
aliases: [Each]
tags: [all]
status: active
conviction: 4
opened: 2023-06-01
review_every: 30d
verdict: "Right leads by {{ spread(buy, sell, over) | pp }}."
summary: "[[Aardvark]] made {{ ret('AAA', 'ytd') | pct }}."
against: A recession would hit both.
sell: {name: Left, hold: [AAA]}
buy: {name: Right, hold: {BBB: 60%, MKT: 40%}}
benchmark: MKT
over: 90d
drivers: [{name: Rates, detail: "Up {{ ret('MKT', '5d') | pct }}", source: paper}]
scenarios: [{id: oil, if: Oil rises, then: widens, because: earnings, by: 2024-12-31}]
signals:
  - {name: Right leads, when: "ratio(buy, sell) > sma(ratio(buy, sell), 50)", means: it holds}
  - {name: Left is back, when: "ret(sell, '60d') > ret(buy, '60d') + 0.10", kills: true}
claims:
  - {says: Badger doubled, check: "ret('BBB', 'ytd')", at_least: 100%, on: 2024-06-28, source: paper}
  - {says: about 5 points, check: "spread('BBB', 'AAA', '2023')", expect: 5pp, within: 3pp}
updates:
  - {on: 2024-03-05, data: 2024-03-04, title: "{{ ret('BBB', '1d') | pct(2) }}", blocks: [{text: Frozen.}]}
sections:
  - heading: Tables
    blocks:
      - annual_returns: {of: [AAA, BBB], years: ["2023", ytd], chart: true}
      - breadth: {universe: three, index: MKT, over: [1d, ytd], moved: 20%}
      - changes: {of: [AAA, BBB, MKT], top: 5}
      - claims: {check: "ret(row, column)", within: 5pp, columns: ["2023"], rows: {AAA: [5%], BBB: [65%]}}
      - compare: {of: [left-to-right, whole], rows: [sell, buy, spread, kill, {Why: "{{ ret(buy, over) | pct }}"}]}
      - constituents: {of: pair, over: [1d, ytd]}
      - flows: {title: Fund flows, unit: USD m, rows: {"Jan": 10, "Feb": -4}}
      - returns: {of: [buy, sell, pair, GAP], over: [5d, 90d, ytd, since opened], against: MKT}
      - table: {columns: [Who, Said], rows: [[Oil, {says: +84%, check: "ret('AAA', 'ytd')"}], [x, "{{ 1 }}"]]}
      - targets: {on: 2024-01-03, rows: {AAA: +39%, BBB: $130}}
      - episodes: {of: [turn], open: turn}
  - heading: Charts
    fold: true
    blocks:
      - chart: {pair: [buy, sell], over: 90d, marks: [{on: 2024-06-03, label: Here}], caption: "Both"}
      - charts: [{lines: [AAA, BBB, MKT], over: ytd}, {ratio: [AAA, BBB], average: 20}]
      - chart: {annual: [AAA, BBB], years: [2023, ytd]}
      - chart: {breadth: "ret('three', '1d') > 0", over: 90d}
      - chart: {drawdown: [AAA], over: 1y}
      - chart: {rotation: [AAA, BBB], against: MKT, weeks: 6}
      - correlation: {of: [AAA, BBB, MKT], over: 1y, chart: true}
  - heading: Words
    blocks:
      - drivers: {}
      - fold: {title: More, blocks: [{text: "Opened at {{ at(close('AAA'), '2024-01-03') }}."}]}
      - quote: {says: Oil is cheap, by: "[[Central bank]]", on: 2024-02-05}
      - related: {}
      - scenarios: {of: [left-to-right, whole]}
      - signals: {of: [left-to-right]}
      - sources: {}
      - text: "Up {{ count(ret('three', '5d') > 0) }} | {{ breadth(ret('three', 'ytd') > 0) | share }}."
      - timeline: [{on: 2024-02-24, event: War}, {when: Late 2023, event: Rates peak}]
      - updates: {open: 1}
related: [{note: rotation, why: the idea}]
sources: [{id: paper, title: A paper, by: "[[Central bank]]", url: "https://a.org/x", on: 2024-02-09}]
"""
EPISODES = """\
turn:
  title: The turn of the year
  start: 2023-12-01
  end: 2024-02-01
  sell: {hold: [AAA]}
  buy: {hold: [BBB]}
  type: Left to right
  aftermath: 3m
  trigger: "A word: {{ ret('AAA', '5d') | pct }}"
  claims: [{says: BBB rose by more than 5 %, check: "ret(buy, over)", at_least: 5%}]
"""
OWN = {**FILES, "data/theses/whole.yaml": WHOLE, "data/episodes.yaml": EPISODES}
DEFINITIONS = tuple(name for name in OWN if name.endswith(".yaml") and name != "thesisvault.yaml")


@cache
def workspace() -> Path:
    """The small workspace with one of each kind, its prices stored; gone with the process."""
    root = make_tiny(Path(_folder().name))
    for name, text in OWN.items():
        (root / name).write_text(text, encoding="utf-8")
    said = call("refresh", "-w", root)
    assert said.status == 0, said
    return root


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="thesisvault-fuzz-")


@cache
def repository() -> dict[str, str]:
    """The definitions of this repository, by their paths."""
    found = sorted((ROOT / "data").rglob("*.yaml"))
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in found}


@cache
def tree_of(name: str) -> Any:
    """A file of either, as text, lists and mappings."""
    text = OWN[name] if name in OWN else repository()[name]
    return yaml.load(text, Loader=yaml.BaseLoader)
