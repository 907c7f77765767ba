"""Mistakes in definitions that people really make: said once, at their place, with a remedy that works."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from thesisvault.definitions.checks.crosscheck import crosscheck
from thesisvault.definitions.models.settings import Settings
from thesisvault.definitions.read import read_library
from thesisvault.workspace import workspace_at

DAY = dt.date(2026, 2, 27)
THESIS = """\
title: Small caps
opened: 2026-01-15
summary: Money leaves.
tags: [rotation]
sell: {name: Tech, hold: [XLK]}
buy: {name: Energy, hold: [XLE]}
benchmark: SPY
signals:
  - name: Tech leads
    when: ret(sell, '60d') > 0.10
claims:
  - says: XLE gained
    check: ret('XLE', '2025')
    expect: +8%
sections:
  - heading: The picture
    blocks:
      - returns: {of: [buy, sell], over: [5d, ytd]}
      - chart: {lines: [XLE, SPY]}
"""
INSTRUMENTS = "{XLE: {name: Energy, kind: etf}, XLK: {name: Tech, kind: etf}, SPY: {name: SPY fund, kind: etf}}\n"

MISTAKES = [
    # (the text, the mistake, where it is shown, what the message holds, the remedy in the place of the mistake)
    (
        "Money leaves.",
        "Money leaves #1 sector.",
        "3:23",
        "Put quotes around the whole value",
        '"Money leaves #1 sector."',
    ),
    ("Money leaves.", "Money leaves #1 sector.", "3:23", "a blank behind #", "Money leaves # 1 sector."),
    ("[rotation]", "[big rotation]", "4:8", "Write big-rotation.", "[big-rotation]"),
    ("[rotation]", '["#rotation"]', "4:8", "Write rotation.", "[rotation]"),
    ("opened: 2026-01-15", "opened: 15 Jan 2026", "2:9", "Write 2026-01-15.", "opened: 2026-01-15"),
    ("    when:", "    if:", "10:5", 'Did you mean "when"?', "    when:"),
    (
        "  - name: Tech leads\n",
        "  - name: Tech leads\n    when: ret('XLE', '1d') > 0\n  - name: Tech leads\n",
        "11:11",
        "is duplicated",
        "  - name: Other\n    when: ret('XLE', '1d') > 0\n  - name: Tech leads\n",
    ),
    (
        "    expect: +8%\n",
        "    expect: +8%\n    date: 2026-02-02\n",
        "15:5",
        "Write on: 2026-02-02.",
        "    expect: +8%\n    on: 2026-02-02\n",
    ),
    (
        "    expect: +8%\n",
        '    expect: "> 5%"\n',
        "14:13",
        "Write at_least: 5% in place of expect.",
        "    at_least: 5%\n",
    ),
    (
        "    expect: +8%\n",
        "    expect: less than 5%\n",
        "14:13",
        "Write at_most: 5% in place of expect.",
        "    at_most: 5%\n",
    ),
    (
        "    expect: +8%\n",
        "    expect: 5-10%\n",
        "14:13",
        "Write between: [5%, 10%] in place of expect.",
        "    between: [5%, 10%]\n",
    ),
    ("[5d, ytd]", "[5d, '2026']", "18:47", "2026 is not over on 2026-02-27; write ytd.", "[5d, ytd]"),
    ("[5d, ytd]", "[5d, YTD]", "18:47", "Write ytd.", "[5d, ytd]"),
    (
        "- chart: {lines: [XLE, SPY]}",
        "- graph: {lines: [XLE, SPY]}",
        "19:9",
        'Did you mean "chart"?',
        "- chart: {lines: [XLE, SPY]}",
    ),
    (
        "- chart: {lines: [XLE, SPY]}",
        "- chart: {line: [XLE, SPY]}",
        "19:17",
        'Did you mean "lines"?',
        "- chart: {lines: [XLE, SPY]}",
    ),
    (
        "- chart: {lines: [XLE, SPY]}",
        "- correlation: {of: [XLE]}",
        "19:27",
        "expected 2 items at least",
        "- correlation: {of: [XLE, SPY]}",
    ),
    ("  - says:", "\u00a0 - says:", "12:1", "no-break space in the indentation", "  - says:"),
    ("Money leaves.", '"{% ret(buy, over) %}"', "3:11", "write {{ ret(buy, over) }}", '"{{ ret(buy, over) }}"'),
]


def findings_of(folder: Path, text: str) -> list[str]:
    """Return what a check without prices finds in a workspace of one thesis."""
    (folder / "data/theses").mkdir(parents=True, exist_ok=True)
    (folder / "data/instruments.yaml").write_text(INSTRUMENTS, encoding="utf-8")
    (folder / "data/theses/small-caps.yaml").write_text(text, encoding="utf-8")
    library = read_library(workspace_at(folder), Settings())
    return [str(each) for each in [*library.findings, *crosscheck(library, day=DAY)]]


def test_the_text_without_a_mistake_has_no_finding(tmp_path: Path) -> None:
    assert findings_of(tmp_path, THESIS) == []


@pytest.mark.parametrize(("text", "mistake", "place", "words", "remedy"), MISTAKES)
def test_a_mistake_is_said_once_at_its_place_with_a_remedy_that_works(
    tmp_path: Path, text: str, mistake: str, place: str, words: str, remedy: str
) -> None:
    assert text in THESIS
    (problem,) = findings_of(tmp_path, THESIS.replace(text, mistake))
    assert problem.startswith(f"data/theses/small-caps.yaml:{place}: ")
    assert words in problem
    assert findings_of(tmp_path, THESIS.replace(text, remedy)) == []
