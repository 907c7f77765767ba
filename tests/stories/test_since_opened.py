"""`since opened` as a window of a thesis; the spread since then on Home, on top of the note and in properties."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from tests.stories.workspaces import call, price, sessions, shown

DAYS = list(sessions())
NOTE = "vault/Theses/Left to right.md"


def ret(ticker: str, since: str, until: dt.date = DAYS[-1]) -> float:
    """Return a return from the last close on or before a day, by plain arithmetic."""
    base = max(day for day in DAYS if day <= dt.date.fromisoformat(since))
    return price(ticker, DAYS.index(until)) / price(ticker, DAYS.index(base)) - 1


def spread(since: str) -> str:
    return f"{(ret('BBB', since) - ret('AAA', since)) * 100:+.1f}pp"


def pct(value: float) -> str:
    return f"{value * 100:+.1f}%".replace("-", "−")


def thesis(root: Path, *, opened: str | None, more: str = "") -> str:
    path = root / "data/theses/left-to-right.yaml"
    text = re.sub(
        r"^opened: .*\n", f"opened: {opened}\n" if opened else "", path.read_text("utf-8"), flags=re.MULTILINE
    )
    path.write_text(text + more, encoding="utf-8")
    said = call("build", "-w", root)
    assert said.status == 0, said
    return shown(root / NOTE)


SECTION = """\
  - heading: Since then
    blocks:
      - returns: {of: [AAA, BBB], over: [since opened, ytd]}
      - text: "It leads by {{ spread(buy, sell, 'since opened') | pp }}."
      - chart: {pair: [sell, buy], over: since opened}
      - correlation: {of: [AAA, BBB], over: since opened, chart: false}
"""


def with_section(root: Path) -> None:
    path = root / "data/theses/left-to-right.yaml"
    path.write_text(path.read_text("utf-8").replace("related:\n", f"{SECTION}related:\n"), encoding="utf-8")


@pytest.mark.parametrize("opened", ["2024-02-05", "2024-03-30"])  # a Monday, and a Saturday
def test_it_stands_beside_the_year_wherever_a_thesis_shows_its_spread(tiny: Path, opened: str) -> None:
    with_section(tiny)
    note = thesis(tiny, opened=opened)
    year = spread("2023-12-29")
    assert f"| **Spread** | **{spread(opened)}** | **{year}** |" in note
    day = dt.date.fromisoformat(opened)
    assert f"| Side | Since {day.day}\u00a0{day:%b} | YTD |" in note
    assert f"spread_since_opened_pp: {float(spread(opened)[:-2])}" in note
    assert f"spread_ytd_pp: {float(year[:-2])}" in note
    assert f"It leads by {spread(opened)}." in note
    assert "| Return | Since opened | YTD |" in note
    home = shown(tiny / "vault/Home.md")
    row = next(line for line in home.splitlines() if line.startswith("| [[Left to right"))
    assert f"| {spread(opened)[:-2]} | {year[:-2]} |" in row


def test_a_thesis_opened_today_has_made_nothing_yet(tiny: Path) -> None:
    note = thesis(tiny, opened=DAYS[-1].isoformat())
    assert "| Side | YTD |" in note
    assert " · opened 28 Jun" in note
    assert "spread_since_opened_pp: 0" in note


def test_a_thesis_that_opens_later_says_so(tiny: Path) -> None:
    note = thesis(tiny, opened="2024-07-15")
    assert "| Side | YTD |" in note
    assert " · opens 15 Jul" in note
    assert "spread_since_opened_pp" not in note


def test_a_closed_thesis_counts_to_the_day_on_which_it_was_closed(tiny: Path) -> None:
    note = thesis(tiny, opened="2024-02-05", more="closed: 2024-05-06\n")
    until = dt.date(2024, 5, 6)
    made = ret("BBB", "2024-02-05", until) - ret("AAA", "2024-02-05", until)
    assert f"**{made * 100:+.1f}pp**" in note


def test_without_a_day_there_is_a_dash_and_no_column(tiny: Path) -> None:
    note = thesis(tiny, opened=None)
    assert "Since opened" not in note
    assert "spread_since_opened_pp" not in note
    home = shown(tiny / "vault/Home.md")
    assert re.search(r"^\| \[\[Left to right\\\|Left → right\]\] \| – \| \+", home, re.MULTILINE)


def test_as_its_main_window_it_stands_alone(tiny: Path) -> None:
    note = thesis(tiny, opened="2024-02-05", more="over: since opened\n")
    assert "| Side | Since 5\u00a0Feb |\n" in note
    assert f"**{spread('2024-02-05')}**" in note
    assert note.count("spread_since_opened_pp") == 1


def test_a_comparison_counts_from_the_day_of_each_column(tiny: Path) -> None:
    path = tiny / "data/theses/rotation.yaml"
    text = path.read_text("utf-8").replace(
        "rows: [sell, buy]", "rows: [{Made: \"{{ spread(buy, sell, 'since opened') | pp }}\"}]"
    )
    path.write_text(text, encoding="utf-8")
    thesis(tiny, opened="2024-02-05")
    assert f"| Made | {spread('2024-02-05')} |" in shown(tiny / "vault/Concepts/Rotation.md")


def test_a_comparison_is_not_available_for_a_thesis_that_does_not_say_when(tiny: Path) -> None:
    other = "title: Other\nsell: {name: Left, hold: [AAA]}\nbuy: {name: Right, hold: [BBB]}\n"
    (tiny / "data/theses/other.yaml").write_text(other, encoding="utf-8")
    path = tiny / "data/theses/rotation.yaml"
    made = "{of: [left-to-right, other], rows: [{Made: \"{{ spread(buy, sell, 'since opened') | pp }}\"}]}"
    text = path.read_text("utf-8").replace("{of: [left-to-right], rows: [sell, buy]}", made)
    path.write_text(text, encoding="utf-8")
    assert call("check", "-w", tiny).status == 0
    thesis(tiny, opened="2024-02-05")
    note = shown(tiny / "vault/Concepts/Rotation.md")
    assert f"| Made | {spread('2024-02-05')} | n/a |" in note
    assert '"since opened" needs opened: in the thesis' in note


def test_over_its_life_a_closed_thesis_has_one_spread(tiny: Path) -> None:
    note = thesis(tiny, opened="2024-02-05", more="closed: 2024-05-06\nover: since opened\n")
    until = dt.date(2024, 5, 6)
    made = (ret("BBB", "2024-02-05", until) - ret("AAA", "2024-02-05", until)) * 100
    assert f"spread_since_opened_pp: {made:.1f}\n" in note
    assert f"| {made:+.1f} |" in shown(tiny / "vault/Home.md")


@pytest.mark.parametrize("more", ["", "over: since opened\n"])
def test_the_texts_of_a_closed_thesis_count_to_that_day_too(tiny: Path, more: str) -> None:
    with_section(tiny)
    path = tiny / "data/theses/left-to-right.yaml"
    if more:
        path.write_text(path.read_text("utf-8").replace("sell, 'since opened')", "sell, over)"), "utf-8")
    note = thesis(tiny, opened="2024-02-05", more=f"closed: 2024-05-06\n{more}")
    until = dt.date(2024, 5, 6)
    made = ret("BBB", "2024-02-05", until) - ret("AAA", "2024-02-05", until)
    assert f"It leads by {made * 100:+.1f}pp." in note
    assert f"**{made * 100:+.1f}pp**" in note
    assert re.search(rf"AAA\]\] \| {re.escape(pct(ret('AAA', '2024-02-05', until)))} \|", note)


@pytest.mark.parametrize(("window", "more"), [("'since opened'", ""), ("over", "over: since opened\n")])
def test_an_update_before_the_day_of_closing_counts_to_its_own_day(tiny: Path, window: str, more: str) -> None:
    path = tiny / "data/theses/left-to-right.yaml"
    made = f"ret('AAA', {window})"
    title = f"Since then {{{{ {made} | pct }}}}, now {{{{ now({made}) | pct }}}}"
    text = f"  - on: 2024-03-05\n    data: 2024-03-04\n    title: {title}"
    path.write_text(path.read_text("utf-8").replace("  - on: 2024-03-05\n", f"{text}\n  - on: 2024-03-05\n"), "utf-8")
    note = thesis(tiny, opened="2024-02-05", more=f"closed: 2024-05-06\n{more}")
    then, now = (ret("AAA", "2024-02-05", day) for day in (dt.date(2024, 3, 4), dt.date(2024, 5, 6)))
    assert f"Since then {pct(then)}, now {pct(now)}" in note


@pytest.mark.parametrize("more", ["", "over: since opened\n"])
def test_a_build_as_of_a_day_before_the_close_counts_to_that_day(tiny: Path, more: str) -> None:
    path = tiny / "data/theses/left-to-right.yaml"
    text = re.sub(
        r"^opened: .*\n", f"opened: 2024-02-05\nclosed: 2024-05-06\n{more}", path.read_text("utf-8"), flags=re.M
    )
    path.write_text(text, encoding="utf-8")
    assert call("build", "-w", tiny, "--as-of", "2024-04-02").status == 0
    until = dt.date(2024, 4, 2)
    made = (ret("BBB", "2024-02-05", until) - ret("AAA", "2024-02-05", until)) * 100
    note = shown(tiny / NOTE)
    assert "| Side | Since 5\u00a0Feb |" in note
    assert f"spread_since_opened_pp: {made:.1f}\n" in note
    assert f"| {made:+.1f} |" in shown(tiny / "vault/Home.md")


def test_a_thesis_closed_on_the_day_it_was_opened_has_no_such_window(tiny: Path) -> None:
    with_section(tiny)
    path = tiny / "data/theses/left-to-right.yaml"
    text = re.sub(r"^opened: .*\n", "opened: 2024-02-05\nclosed: 2024-02-05\n", path.read_text("utf-8"), flags=re.M)
    path.write_text(text, encoding="utf-8")
    said = call("check", "-w", tiny)
    assert said.status == 2
    assert '"since opened" needs opened: in the thesis, the day from which it counts' in said.all
    path.write_text(text + "over: since opened\n", encoding="utf-8")
    assert call("check", "-w", tiny).status == 2


def test_each_thesis_counts_from_its_own_day(tiny: Path) -> None:
    text = "verdict: \"Badger made {{ ret('BBB', 'since opened') | pct }}.\"\n"
    (tiny / "data/theses/other.yaml").write_text(f"title: Other\nopened: 2024-05-06\n{text}", encoding="utf-8")
    path = tiny / "data/theses/left-to-right.yaml"
    path.write_text(re.sub(r"^verdict: .*\n", text, path.read_text("utf-8"), flags=re.MULTILINE), encoding="utf-8")
    assert f"Badger made {ret('BBB', '2024-02-05') * 100:+.1f}%." in thesis(tiny, opened="2024-02-05")
    assert f"{ret('BBB', '2024-05-06') * 100:+.1f}%." in shown(tiny / "vault/Theses/Other.md")


def test_an_update_older_than_the_thesis_says_that_it_was_not_open(tiny: Path) -> None:
    path = tiny / "data/theses/left-to-right.yaml"
    path.write_text(path.read_text("utf-8").replace("over: [1d, ytd]", "over: [1d, since opened]"), encoding="utf-8")
    update = thesis(tiny, opened="2024-04-02").partition("[!note]+ 5 Mar")[2]
    assert re.search(r"AAA\]\] \| \S+ \| n/a \|", update)
    assert "Aardvark: the last close is 4 Mar 2024, before 2 Apr 2024" in update


def test_an_update_counts_to_its_own_day(tiny: Path) -> None:
    path = tiny / "data/theses/left-to-right.yaml"
    path.write_text(path.read_text("utf-8").replace("over: [1d, ytd]", "over: [1d, since opened]"), encoding="utf-8")
    update = thesis(tiny, opened="2024-02-05").partition("[!note]+ 5 Mar")[2]
    made = ret("AAA", "2024-02-05", dt.date(2024, 3, 4))
    assert re.search(rf"AAA\]\] \| \S+ \| {re.escape(pct(made))} \|", update)


def test_a_series_that_begins_later_gets_no_shorter_window(tiny: Path) -> None:
    path = tiny / "data/theses/left-to-right.yaml"
    text = path.read_text("utf-8").replace(
        "of: [AAA, BBB, pair], over: [5d, 90d, ytd]", "of: [NEW], over: [since opened]"
    )
    path.write_text(text, encoding="utf-8")
    note = thesis(tiny, opened="2024-02-05")
    assert "NEW]] | n/a |" in note.replace("\\|", "")
    assert "NEW: the first close is 1 May 2024, since 5 Feb 2024 needs one by 5 Feb 2024" in note


def test_the_day_is_no_word_of_its_own(tiny: Path) -> None:
    path = tiny / "data/theses/left-to-right.yaml"
    text = re.sub(r"^verdict: .*\n", 'verdict: "{{ ret(buy, opened) | pct }}"\n', path.read_text("utf-8"), flags=re.M)
    path.write_text(text, encoding="utf-8")
    said = call("check", "-w", tiny)
    assert said.status == 2
    assert "opened is not a known name" in said.all


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("summary: \"{{ ret('AAA', 'since opened') | pct }}\"\n", 3),
        ("sections: [{heading: H, blocks: [{returns: {of: [AAA], over: [since opened]}}]}]\n", 3),
        ("sections: [{heading: H, blocks: [{chart: {lines: [AAA, BBB], over: since opened}}]}]\n", 3),
        ("over: since opened\n", 3),
        ("claims: [{says: s, check: \"ret('AAA', 'since opened')\", expect: 1%}]\n", 3),
    ],
)
def test_where_nothing_was_opened_it_is_an_error_with_its_place(tiny: Path, line: str, where: int) -> None:
    (tiny / "data/theses/idea.yaml").write_text(f"title: Idea\nkind: concept\n{line}", encoding="utf-8")
    said = call("check", "-w", tiny)
    assert said.status == 2, said
    assert f"data/theses/idea.yaml:{where}:" in said.all
    assert '"since opened" needs opened: in the thesis' in said.all


def test_outside_of_a_thesis_it_is_an_error(tiny: Path) -> None:
    said = call("eval", "-w", tiny, "ret('AAA', 'since opened')")
    assert said.status == 2
    assert "needs opened:" in said.all
    inside = call("eval", "-w", tiny, "ret('AAA', 'since opened')", "--in", "left-to-right")
    assert inside.status == 0, inside
    assert pct(ret("AAA", "2024-01-03")) in inside.out


def test_in_an_episode_it_is_an_error(tiny: Path) -> None:
    path = tiny / "data/episodes.yaml"
    before = path.read_text("utf-8") if path.exists() else ""
    text = "then: {title: Then, start: 2024-02-05, sell: {hold: [AAA]}, buy: {hold: [BBB]}, "
    path.write_text(f"{before}{text}chart: {{lines: [AAA, BBB], over: since opened}}}}\n", encoding="utf-8")
    said = call("check", "-w", tiny)
    assert said.status == 2, said
    assert '"since opened" needs opened:' in said.all
