"""What goes beyond any measure, and faults of ours, are told at the very place, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.workspaces import call, differences, tree
from thesisvault.blocks.core.guard import filling
from thesisvault.blocks.text import TextBlock

DIGITS = "9" * 400
MARKS = ", ".join(f"{{on: 2024-06-{day:02}, label: x}}" for day in range(3, 12))
YEARS = ", ".join(f'"{year}"' for year in range(2011, 2024))
COLUMNS = ", ".join(f"c{n}" for n in range(26))
FULL = "[" + ", ".join(['"{{ 1 }}"'] * 26) + "]"
REFUSED = {
    "nine marks": (f"chart: {{pair: [AAA, BBB], marks: [{MARKS}]}}", "marks: expected 8 items at most, found 9."),
    "thirteen years": (f"chart: {{annual: [AAA], years: [{YEARS}]}}", "years: expected 12 items at most, found 13."),
    "thirteen years of bars": (
        f"annual_returns: {{of: [AAA], years: [{YEARS}], chart: true}}",
        "bars show at most 8 names and 12 years, found 1 and 13. Write chart: false.",
    ),
    "average: 0": ("chart: {ratio: [AAA, BBB], average: 0}", "average: expected 1 to 99999, found 0."),
    "weeks: 200000": ("chart: {rotation: [AAA, BBB], weeks: 200000}", "weeks: expected 1 to 520, found 200000."),
    "digits of a flow": (
        f"flows: {{title: F, unit: USD, rows: {{Q1: {DIGITS}}}}}",
        "Q1: expected a number of 200 characters at most, found 400.",
    ),
    "digits of a target": (
        f"targets: {{on: 2024-01-03, rows: {{AAA: ${DIGITS}}}}}",
        "AAA: expected a figure of 200 characters at most, found 401.",
    ),
    "digits of a claim": (
        f"table: {{columns: [a], rows: [[{{says: +{DIGITS}%, check: \"ret('AAA', 'ytd')\"}}]]}}",
        "found a figure of more than 40 digits",
    ),
    "digits in an expression": (
        f'text: "{{{{ {DIGITS} }}}}"',
        "found 9999999999999999999999999999999999999999; expected",
    ),
    "a month of the first year": ("returns: {of: [AAA], over: [0001-01]}", 'over, item 1: "0001-01" is not a window.'),
    "a day of the first year": (
        "text: \"{{ ret('AAA', 'since 0001-01-01') }}\"",
        '"0001-01-01" lies outside of the years 1700 to 2199',
    ),
    "a digit of another script": ('text: "{{ 1e١ }}"', "found ١ (a digit of another script); write 1"),
    "900 terms": (f'text: "{{{{ {"+".join(["1"] * 900)} }}}}"', "joins more than so many in a row; split it"),
    "500 parts": (
        f'text: "{{{{ max({", ".join(["-(-(-(-(-1))))"] * 50)}) }}}}"',
        "found 50: write max(a, b)",
    ),
    "a correlation of one name": (
        "chart: {correlation: [AAA], over: 90d}",
        "correlation: expected 2 items at least, found 1.",
    ),
    "1,001 rows": (
        f"table: {{columns: [a], rows: [{', '.join(['[x]'] * 1001)}]}}",
        "rows: expected 1,000 items at most, found 1,001.",
    ),
    "1,001 names": (
        f"returns: {{of: [{', '.join(f'N{n}' for n in range(1001))}], over: [ytd]}}",
        "of: expected 1,000 items at most, found 1,001.",
    ),
    "401 expressions in a text": (f'text: "{"{{ 1 }}" * 401}"', "a text holds more than 400 expressions"),
    "10,001 texts with expressions": (
        f"table: {{columns: [{COLUMNS}], rows: [{', '.join([FULL] * 400)}]}}",
        "the definition holds more than 10000 expressions and texts with some. Split it.",
    ),
    "no window at all": ("returns: {of: [AAA], over: []}", "over: expected 1 item at least, found 0."),
    "no window of a basket": ("constituents: {of: pair, over: []}", "over: expected 1 item at least, found 0."),
    "a window of a trillion sessions": (
        "text: \"{{ ret('AAA', 1000000000000) }}\"",
        "found 1000000000000 sessions; 99999 at most are looked at",
    ),
}


def with_block(root: Path, block: str) -> Path:
    """Put a block into the concept of the small workspace, in its line 5; return its file."""
    path = root / "data/theses/rotation.yaml"
    text = f"title: Rotation\nkind: concept\nsections:\n  - heading: Tried\n    blocks: [{{{block}}}]\n"
    path.write_text(f"{text}related: [{{note: left-to-right}}]\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_beyond_measure_is_refused_at_its_place(tiny: Path, case: str) -> None:
    block, said = REFUSED[case]
    with_block(tiny, block)
    before = tree(tiny / "vault")
    found = call("build", "-w", tiny)
    assert found.status == 2, found
    assert "error: data/theses/rotation.yaml:5:" in found.err
    assert said in found.err
    assert all(len(line) < 1_200 for line in found.err.splitlines())
    assert differences(before, tree(tiny / "vault")) == set()


@pytest.mark.parametrize(
    "block",
    [
        "correlation: {of: [AAA, AAA]}",
        "chart: {correlation: [AAA, AAA]}",
        "chart: {lines: [AAA, AAA]}",
        "chart: {rotation: [AAA, MKT], against: MKT}",
        'chart: {pair: [AAA, BBB], title: "\ue000\U000f0000", caption: "\uf8ff $x$ \\\\frac{1}{2}"}',
        f'text: "x {"<" * 19_000} y"',
    ],
)
def test_what_is_odd_and_may_be_is_built(tiny: Path, block: str) -> None:
    with_block(tiny, block)
    found = call("build", "-w", tiny)
    assert found.status == 0, found
    assert "internal error" not in found.all


@pytest.fixture
def broken(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a block whose filling fails by a fault of ours."""
    with_block(tiny, "text: {says: Words.}")

    def fill(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(TextBlock, "fill", fill)
    return tiny


def test_a_fault_while_a_block_is_filled_is_told_at_the_block(broken: Path) -> None:
    before = tree(broken / "vault")
    found = call("build", "-w", broken)
    assert found.status == 2
    assert (
        'error: data/theses/rotation.yaml:5:15: the block "text" cannot be filled: internal error (bug): '
        "ZeroDivisionError: division by zero. Please report it with the traceback that THESISVAULT_DEBUG=1 shows"
    ) in found.err
    # The other definition with such a block is told too.
    assert "error: data/theses/left-to-right.yaml:" in found.err
    assert "Traceback" not in found.all
    assert differences(before, tree(broken / "vault")) == set()


def test_the_same_fault_shows_its_traceback_to_whoever_mends_it(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THESISVAULT_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        call("build", "-w", broken)


@pytest.mark.parametrize(
    "source",
    [
        "ret('AAA', 'yt')",
        "ret('AAB', 'ytd')",
        "ret('three', 'ytd')",
        "close('AAA') + ret('AAA', 'ytd')",
        "ret('AAA', 'ytd') | pct | num",
        "retu('AAA', 'ytd')",
        "1e١",
        "ret('AAA', '2030')",
        "+".join(["1"] * 900),
        "sum('AAA')",
    ],
)
def test_eval_refuses_what_check_refuses_in_the_same_words(tiny: Path, source: str) -> None:
    with_block(tiny, f'text: "{{{{ {source} }}}}"')
    (said,) = [line for line in call("check", "-w", tiny).all.splitlines() if "data/theses/rotation.yaml" in line]
    problem = said.split(": ", 2)[2]
    with_block(tiny, "text: Words.")
    found = call("eval", source, "-w", tiny)
    assert found.status == 2, found
    assert problem.rstrip(".") in found.err


def test_a_ctrl_c_and_the_disk_are_no_fault_of_ours() -> None:
    def pressed() -> None:
        with filling("the block", "chart"):
            try:
                raise KeyboardInterrupt
            except KeyboardInterrupt as ctrl_c:
                raise ImportError("half") from ctrl_c

    def full() -> None:
        with filling("the block", "chart"):
            raise OSError(28, "no space left")

    with pytest.raises(ImportError, match="half"):
        pressed()
    with pytest.raises(OSError, match="no space left"):
        full()
