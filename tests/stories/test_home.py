"""The morning page: what it says first, what it leaves out, and how a run tells it how it ended."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import shutil
import statistics
from pathlib import Path

import pytest

from tests.stories.workspaces import call, edit, price, sessions, tree
from thesisvault.runs.result import begin
from thesisvault.vault.lock import locked
from thesisvault.workspace import workspace_at

THESIS = "data/theses/left-to-right.yaml"
DAYS = list(sessions())
TODAY = DAYS[-1].isoformat()
FAILED = "> [!failure] The last run failed"


def home(root: Path) -> str:
    return (root / "vault/Home.md").read_text("utf-8")


def built(root: Path) -> str:
    said = call("build", "-w", root)
    assert said.status == 0, said
    return home(root)


def signal(root: Path, when: str, name: str = "It turns") -> None:
    text = f"\n  - name: {name}\n    when: {when}\n    means: It is over.\n    kills: true\n"
    edit(root / THESIS, "\nsignals:\n", f"\nsignals:{text}")


def closes(ticker: str, count: int) -> list[float]:
    return [price(ticker, n) for n in range(len(DAYS))][-count:]


# Look at first ------------------------------------------------------------------------------------------------------


def test_a_quiet_day_has_nothing_to_look_at(tiny: Path) -> None:
    page = built(tiny)
    assert "Look at first" not in page
    assert "No exit signal has fired." in page
    for heading in ("## Theses", "## Since Thursday", "## Index"):
        assert heading in page
    assert not re.search(r"n/a|^## [^\n]*\n+(?=## |%% tv:end)", page, re.MULTILINE)


def test_a_fired_exit_stands_first_and_ranks_first(tiny: Path) -> None:
    signal(tiny, "close('AAA') < 1000", "Left is cheap")
    page = built(tiny)
    assert "One exit signal has fired." in page
    assert re.search(r"> - \[\[Left to right\]\]: \*\*exit signal triggered\*\*.*: “Left is cheap”", page)
    assert re.search(r"^\| \[\[Left to right.*\| +\*\*triggered\*\* +\|$", page, re.MULTILINE)
    assert "exit_in_moves: 0.0\n" in (tiny / "vault/Theses/Left to right.md").read_text("utf-8")


def test_an_exit_that_cannot_be_computed_is_told(tiny: Path) -> None:
    signal(tiny, "close('AAA') < sma('AAA', 1000)", "Left breaks")
    page = built(tiny)
    assert "No exit signal has fired, and one cannot be computed." in page
    assert "> - [[Left to right]]: exit signal “Left breaks” cannot be computed; its note says why." in page


def test_an_exit_within_a_usual_day_is_told_with_its_room(tiny: Path) -> None:
    prices = closes("AAA", 61)
    steps = [new - old for old, new in itertools.pairwise(prices)]
    usual = statistics.stdev(steps)
    signal(tiny, f"close('AAA') < {prices[-1] - usual / 2:.4f}", "Left breaks")
    page = built(tiny)
    assert "One is less than a usual day's move away." in page
    assert "exit signal “Left breaks” is $" in page.replace("\\$", "$")
    assert re.search(r"^\| \[\[Left to right.*\| +\*\*0\.5\*\* +\|$", page, re.MULTILINE)


def test_a_day_without_trading_tells_the_last_close_and_what_was_opened_at_it(tiny: Path) -> None:
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: 2024-06-28")
    said = call("build", "-w", tiny, "--as-of", "2024-06-30")
    assert said.status == 0, said
    page = home(tiny)
    assert "**Friday 28 Jun 2024, close.**" in page
    assert "## Since Thursday" in page
    assert re.search(r"^\| \[\[Left to right.*\| +new \|", page, re.MULTILINE)
    assert "New: opened 28 Jun." in page


def test_a_thesis_that_opens_later_says_so_in_place_of_its_verdict(tiny: Path) -> None:
    edit(tiny / THESIS, "spread(buy, sell, 'ytd')", "spread(buy, sell, 'since opened')")
    said = call("build", "-w", tiny, "--as-of", "2023-12-29")
    assert said.status == 0, said
    note = (tiny / "vault/Theses/Left to right.md").read_text("utf-8")
    assert "\n**Not open yet: opens 3 Jan 2024.**\n" in note
    assert "–: opens later." in home(tiny)
    built(tiny)
    assert "Not open yet" not in (tiny / "vault/Theses/Left to right.md").read_text("utf-8")


def test_of_several_overdue_reviews_only_the_oldest_is_dated(tiny: Path) -> None:
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: 2024-01-03\nreview_every: 90d")
    other = (tiny / THESIS).read_text("utf-8").replace("title: Left to right", "title: Up to down")
    other = other.replace("aliases: [The turn]", "aliases: [The drop]").replace(
        "review_every: 90d", "review_every: 100d"
    )
    (tiny / "data/theses/up-to-down.yaml").write_text(other, encoding="utf-8")
    assert "> - **Reviews overdue**, the oldest since 3 Jun: [[Left to right]], [[Up to down]]." in built(tiny)


def test_an_overdue_review_is_told_and_one_to_come_is_not_overdue(tiny: Path) -> None:
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: 2024-01-03\nreview_every: 90d")
    assert re.search(r"> - \*\*Review overdue\*\*, since 3 Jun: \[\[Left to right\]\]", built(tiny))
    edit(tiny / THESIS, "review_every: 90d", "review_every: 200d")
    page = built(tiny)
    assert "overdue" not in page
    assert re.search(r"\| \d+.[A-Z][a-z]{2}(?: 2024)? +\| Review: \[\[Left to right\]\]", page)


# What there is not --------------------------------------------------------------------------------------------------


def test_with_concepts_alone_nothing_is_empty(tiny: Path) -> None:
    for path in (tiny / "data/theses").iterdir():
        path.unlink()
    (tiny / "data/theses/idea.yaml").write_text("title: Idea\nkind: concept\nsummary: It is one.\n", "utf-8")
    page = built(tiny)
    for words in ("## Theses", "## Since", "## Coming up", "exit", "n/a"):
        assert words not in page
    assert "[[Idea]]" in page


def test_of_many_theses_the_nearest_are_shown_and_all_are_in_the_index(tiny: Path) -> None:
    for n in range(60):
        text = f"title: Idea {n:02}\nbuy: {{hold: [AAA]}}\nsell: {{hold: [BBB]}}\nsummary: x\n"
        (tiny / f"data/theses/idea-{n:02}.yaml").write_text(text, "utf-8")
    page = built(tiny)
    table = page.partition("tv:begin theses")[2].partition("tv:end theses")[0]
    assert table.count("| [[") == 50
    assert "Another 11 are in the index." in table
    assert "> [!abstract]- Theses: 61 notes" in page
    assert page.count("[[Idea 59]]") == 1


# How runs ended -----------------------------------------------------------------------------------------------------


def test_without_a_run_nothing_is_said_of_runs(tiny: Path) -> None:
    page = built(tiny)
    assert "run" not in page.partition("## Theses")[2].casefold()


def test_a_good_run_says_how_far_it_reached_once(tiny: Path) -> None:
    assert call("run", "-w", tiny).status == 0
    page = home(tiny)
    assert (
        page.rstrip()
        .split("%% tv:begin last-run %%")[1]
        .strip()
        .startswith("_Last good run: prices up to 28 Jun 2024._")
    )
    before = tree(tiny / "vault")
    assert "all up to date" in call("run", "-w", tiny).out
    assert "all up to date" in call("build", "-w", tiny).out
    assert tree(tiny / "vault") == before


def test_a_failed_run_tells_the_home_note_though_nothing_could_be_built(tiny: Path) -> None:
    assert call("run", "-w", tiny).status == 0
    mine = home(tiny).replace("%% tv:begin theses %%", "Mine, and mine alone.\n\n%% tv:begin theses %%")
    (tiny / "vault/Home.md").write_text(mine, "utf-8")
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    assert call("build", "-w", tiny).err.endswith("\nNothing was written.\n")
    assert home(tiny) == mine
    said = call("run", "-w", tiny)
    assert said.status == 2
    assert said.err.endswith("\nNothing was written but vault/Home.md, which tells of the failure.\n")
    page = home(tiny)
    told = page.partition("%% tv:begin failed-run %%")[2].partition("%% tv:end failed-run")[0]
    assert FAILED in told
    assert f"{THESIS}:4:9" in told
    assert "The last good run had prices up to 28 Jun 2024." in told
    without = re.sub(r"%% tv:begin failed-run %%.*?%% tv:end failed-run [^\n]*\n\n", "", page, flags=re.DOTALL)
    assert without == mine


def test_the_next_build_says_the_same_and_the_next_good_run_takes_it_back(tiny: Path) -> None:
    assert call("run", "-w", tiny).status == 0
    good = home(tiny)
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    assert call("run", "-w", tiny).status == 2
    failed = home(tiny)
    edit(tiny / THESIS, "opened: someday", "opened: 2024-01-03")
    assert built(tiny) == failed
    assert call("build", "--clean", "-w", tiny).status == 0
    assert home(tiny) == failed
    assert call("run", "-w", tiny).status == 0
    assert home(tiny) == good
    assert "all up to date" in call("build", "-w", tiny).out


def test_a_run_that_was_cut_off_is_told_by_the_next_build_and_by_status(tiny: Path) -> None:
    assert call("run", "-w", tiny).status == 0
    good = home(tiny)
    begin(workspace_at(tiny), dt.datetime(2024, 7, 1, 21, 45, tzinfo=dt.UTC))
    page = built(tiny)
    assert (
        "> [!failure] The last run did not end\n"
        "> 1 Jul 2024, 21:45 UTC: it was killed, or the machine stopped. "
        "The last good run had prices up to 28 Jun 2024.\n"
    ) in page
    assert "1 Jul 2024, " in (said := call("status", "-w", tiny).out)
    assert " did not end: it was killed, or the machine stopped.\n" in said
    assert json.loads(call("status", "--json", "-w", tiny).out)["runs"]["cut_off"] == "2024-07-01T21:45:00+00:00"
    with locked(tiny / ".thesisvault", "run"):  # then it is at work
        assert "did not end" not in call("status", "-w", tiny).out
    assert call("run", "-w", tiny).status == 0
    assert home(tiny) == good


def test_a_build_that_had_nothing_to_do_looks_again_after_a_failed_run(tiny: Path) -> None:
    built(tiny)
    for _ in range(3):
        assert call("build", "-w", tiny).status == 0
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    assert call("run", "-w", tiny).status == 2
    assert FAILED in home(tiny)
    edit(tiny / THESIS, "opened: someday", "opened: 2024-01-03")
    (tiny / ".thesisvault/run.json").unlink()
    assert FAILED not in built(tiny)


@pytest.mark.parametrize("how", ["gone", "damaged", "region"])
def test_a_home_note_that_cannot_be_told_is_left_alone(tiny: Path, how: str) -> None:
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    call("run", "-w", tiny)
    edit(tiny / THESIS, "opened: someday", "opened: 2024-01-03")
    assert call("run", "-w", tiny).status == 0
    path = tiny / "vault/Home.md"
    if how == "gone":
        path.unlink()
    elif how == "damaged":
        path.write_text(home(tiny).replace("%% tv:end theses", "%% tv:and theses"), "utf-8")
    else:
        path.write_text(re.sub(r"%% tv:begin last-run %%.*", "", home(tiny), flags=re.DOTALL), "utf-8")
        call("build", "-w", tiny)
    before = tree(tiny / "vault")
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    assert call("run", "-w", tiny).status == 2
    if how == "region":
        assert "last-run" not in home(tiny)
        assert FAILED in home(tiny)
    else:
        assert tree(tiny / "vault") == before


def test_a_region_of_runs_that_a_person_edited_is_not_lost(tiny: Path) -> None:
    assert call("run", "-w", tiny).status == 0
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    assert call("run", "-w", tiny).status == 2
    path = tiny / "vault/Home.md"
    path.write_text(home(tiny).replace("The last run failed", "My own words"), "utf-8")
    edit(tiny / THESIS, "opened: someday", "opened: 2024-01-03")
    assert call("run", "-w", tiny).status == 0
    assert "My own words" in home(tiny)


def test_status_tells_the_same_of_runs(tiny: Path) -> None:
    assert call("run", "-w", tiny).status == 0
    edit(tiny / THESIS, "opened: 2024-01-03", "opened: someday")
    assert call("run", "-w", tiny).status == 2
    edit(tiny / THESIS, "opened: someday", "opened: 2024-01-03")
    said = call("status", "-w", tiny)
    assert re.search(r"^Run     last good \d+ \w+ \d{4}, ", said.out, re.MULTILINE)
    assert re.search(rf"^Run     failed .*{THESIS}:4:9", said.out, re.MULTILINE)
    runs = json.loads(call("status", "--json", "-w", tiny).out)["runs"]
    assert (runs["last"]["status"], runs["last_good"]["status"]) == (2, 0)
    assert runs["last_good"]["as_of"] == TODAY


def test_a_copy_without_the_cache_is_built_alike_where_no_run_was(tiny: Path) -> None:
    page = built(tiny)
    copy = tiny.parent / "copy"
    shutil.copytree(tiny, copy, ignore=shutil.ignore_patterns(".thesisvault"))
    said = call("build", "--check", "-w", copy)
    assert said.status == 0, said
    assert home(copy) == page
