"""What a run says: the new first, the rest as a count; how it ends; and what one more day rewrites."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from pathlib import Path

import pytest

from tests.stories.workspaces import LAST, Said, call, differences, price, sessions, tree, write_prices
from thesisvault.errors import Finding, Place
from thesisvault.runs.news import Said as Memory
from thesisvault.runs.news import laid_out, told
from thesisvault.runs.report import Report

CLAIM = "claims:\n"
SECOND = (
    "claims:\n  - {says: Badger fell, check: \"ret('BBB', 'ytd')\", at_most: 0%, on: 2024-06-28, source: hearsay}\n"
)
LEFT = "data/theses/left-to-right.yaml"
MEMORY = ".thesisvault/said.json"


def rewrite(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def on_day(monkeypatch: pytest.MonkeyPatch, root: Path, day: dt.date, *words: str) -> Said:
    """Return what a command says on the evening of a day."""
    monkeypatch.setattr("thesisvault.cli.options.now", lambda: dt.datetime.combine(day, dt.time(23), dt.UTC))
    return call(*words, "-w", root)


@pytest.fixture
def floating(tiny: Path) -> Path:
    """The small workspace, whose last day is that of the clock."""
    rewrite(tiny, "thesisvault.yaml", "as_of: 2024-06-28\n", "")
    return tiny


def lines(said: Said) -> list[str]:
    """Return what a command says below its first line, which tells what was done."""
    return said.all.splitlines()[1:] if said.out.startswith("As of") else said.all.splitlines()


def known(what: str, command: str = "build") -> list[str]:
    return ["New    nothing", f"Known  {what}. Details: thesisvault {command} --all"]


# New and known --------------------------------------------------------------------------------------------------------


def test_what_was_said_before_is_a_count_and_all_lists_it(tiny: Path) -> None:
    said = call("build", "-w", tiny)
    assert lines(said) == known("1 contradicted claim")
    assert said.err == ""
    listed = call("build", "-w", tiny, "--all").err.splitlines()
    assert len(listed) == 1
    assert listed[0].startswith('warning: Left to right: "Badger doubled this year" is contradicted:')


def test_quiet_leaves_what_is_new(tiny: Path) -> None:
    assert call("build", "-w", tiny, "-q").all == ""
    rewrite(tiny, LEFT, CLAIM, SECOND)
    said = call("build", "-w", tiny, "-q")
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith('New    Left to right: "Badger fell" is contradicted')


def test_only_what_is_new_is_listed(tiny: Path) -> None:
    rewrite(tiny, LEFT, CLAIM, SECOND)
    first, second = call("build", "-w", tiny), call("build", "-w", tiny)
    assert first.err.partition(" is contradicted")[0] == 'New    Left to right: "Badger fell"'
    assert first.out.splitlines()[1:] == ["Known  1 contradicted claim. Details: thesisvault build --all"]
    assert lines(second) == known("2 contradicted claims")


def test_a_claim_is_known_again_though_its_figure_has_moved(tiny: Path) -> None:
    rewrite(tiny, LEFT, "at_least: 100%, on: 2024-06-28", "at_least: 100%, on: 2024-06-27")
    assert "is contradicted" in call("build", "-w", tiny, "--all").err
    rewrite(tiny, LEFT, "on: 2024-06-27", "on: 2024-06-20")
    assert lines(call("build", "-w", tiny)) == known("1 contradicted claim")


def test_without_its_memory_everything_is_new_and_a_broken_one_counts_for_nothing(tiny: Path) -> None:
    (tiny / MEMORY).unlink()
    assert "is contradicted" in call("build", "-w", tiny).err
    assert "is contradicted" not in call("build", "-w", tiny).err
    (tiny / MEMORY).write_text('{"ran": 5, "said": []}')
    assert "is contradicted" in call("build", "-w", tiny).err


def test_a_look_ahead_remembers_nothing(tiny: Path) -> None:
    rewrite(tiny, LEFT, CLAIM, SECOND)
    before = (tiny / MEMORY).read_bytes()
    assert "Badger fell" in call("build", "-w", tiny, "--check").err
    assert (tiny / MEMORY).read_bytes() == before
    assert "Badger fell" in call("build", "-w", tiny).err


def test_what_went_away_and_comes_back_is_new(tiny: Path) -> None:
    rewrite(tiny, LEFT, "at_least: 100%", "at_least: 1%")
    assert lines(call("build", "-w", tiny)) == []
    rewrite(tiny, LEFT, "at_least: 1%", "at_least: 100%")
    assert "is contradicted" in call("build", "-w", tiny).err


def test_a_build_of_one_note_forgets_nothing(tiny: Path) -> None:
    rewrite(tiny, LEFT, CLAIM, SECOND)
    call("build", "-w", tiny)
    call("build", "-w", tiny, "Rotation")
    assert lines(call("build", "-w", tiny)) == known("2 contradicted claims")


def test_series_that_end_alike_share_a_line_and_the_machine_gets_each(floating: Path, monkeypatch) -> None:
    write_prices(floating / "prices", dt.date(2024, 6, 20))
    (floating / "data/market/store.sqlite").unlink()
    said = on_day(monkeypatch, floating, LAST, "refresh")
    assert "New    3 series end early: AAA (20 Jun 2024), BBB (20 Jun 2024), MKT (20 Jun 2024)." in lines(said)
    again = on_day(monkeypatch, floating, LAST, "refresh")
    assert "Known  3 stale series. Details: thesisvault refresh --all" in lines(again)
    report = json.loads(on_day(monkeypatch, floating, LAST, "refresh", "--json").out)
    assert sorted(each["code"] for each in report["findings"]) == ["nothing-new", *["stale"] * 3]


def test_a_kept_edit_is_told_each_time_it_happens(tiny: Path) -> None:
    note = tiny / "vault/Theses/Left to right.md"
    for word in ("once", "twice"):
        note.write_text(note.read_text("utf-8").replace("Capital leaves", f"Capital {word} leaves", 1), "utf-8")
        assert "was edited by hand" in call("build", "-w", tiny).err


def test_a_report_of_anything_fits_one_screen_and_errors_are_whole() -> None:
    report = Report("build")
    report.add(*(Finding(f"claim {n} " + "x" * 150, level="warning", code="contradicted") for n in range(70)))
    report.add(*(Finding(f"S{n} ends.", level="warning", code="stale", subject=f"S{n}", alike="end") for n in range(9)))
    said = list(told(report, Memory()))
    assert sum(math.ceil(len(line) / 100) for line in laid_out(said)) <= 22
    assert said[0] == ("New", "9 end: S0, S1, S2, S3, S4, S5, S6, S7 and 1 more.")
    assert re.fullmatch(r"and \d+ contradicted claims more", said[-2][1])
    assert said[-1] == ("Next", "See all of them: thesisvault build --all")
    report.add(*(Finding(f"error {n}.") for n in range(40)))
    assert list(told(report, Memory())) == said, "errors are told whole, above"


def test_causes_have_a_line_each_and_a_lone_remedy_comes_last() -> None:
    report = Report("build")
    claims = [("A", "one"), ("B", "two"), ("B", "three")]
    report.add(
        *(
            Finding(f"{note}: {n}", level="warning", code="contradicted", alike="contradicted claims", short=note)
            for note, n in claims
        ),
        *(
            Finding("gone.", Place(f"{x}.md"), "take it away: thesisvault prune", "warning", "orphaned-note")
            for x in "xy"
        ),
        Finding("read as closes.", level="info", code="read-as"),
    )
    known = Finding("old.", level="warning", code="stale")
    before = Memory().after(Report("build", findings=[known]), dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    report.add(known)
    assert list(laid_out(told(report, before))) == [
        "New    3 contradicted claims: B (2), A.",
        "       gone. In 2 places: x.md, y.md.",
        "Info   read as closes.",
        "Known  1 stale series. Details: thesisvault build --all",
        "Next   Take it away: thesisvault prune",
    ]
    report.add(Finding("lost.", hint="Look for it.", level="warning", code="away-note"))
    said = list(laid_out(told(report, before)))
    assert "       gone. In 2 places: x.md, y.md. take it away: thesisvault prune" in said, (
        "each of several remedies stays with its cause"
    )
    assert said[-1].startswith("Known")


# How a run ends -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["refresh", "run"])
def test_nothing_new_though_sessions_were_due_has_a_status_of_its_own(
    floating: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    assert on_day(monkeypatch, floating, LAST, command).status == 0
    said = on_day(monkeypatch, floating, dt.date(2024, 7, 3), command)
    assert said.status == 5, said
    assert "nothing new came: 3 of 3 series lack a bar that is due." in said.err
    if command == "run":
        home = (floating / "vault/Home.md").read_text("utf-8")
        assert "\nas_of: 2024-07-03\n" in home
        assert "**Friday 28 Jun 2024, close.**" in home, "the prices are of the last day that has any"
        assert "nothing new came: 3 of 3 series lack a bar that is due. The last good run had prices up to 28" in home
        assert on_day(monkeypatch, floating, dt.date(2024, 7, 3), command, "--strict").status == 5


def test_a_weekend_brings_nothing_and_is_no_failure(floating: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_day(monkeypatch, floating, LAST, "run").status == 0
    assert on_day(monkeypatch, floating, LAST + dt.timedelta(2), "run").status == 0


def test_one_dead_series_among_others_is_no_run_without_news(floating: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(floating, "prices/AAA.csv", f"{LAST},{price('AAA', len(list(sessions())) - 1)}\n", "")
    (floating / "data/market/store.sqlite").unlink()
    assert on_day(monkeypatch, floating, LAST, "run").status == 0
    assert on_day(monkeypatch, floating, LAST, "run").status == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--strict",), 1),
        (("--strict=all",), 1),
        (("--strict=contradicted",), 1),
        (("--strict", "edits,contradicted"), 1),
        (("--strict=stale,quarantine,edits,links",), 0),
        (("--strict", "Rotation"), 1),  # a name behind a bare --strict is a name
        (("--strict=contradictions",), 2),
        ((), 0),
    ],
)
def test_strict_asks_for_all_or_for_a_list(tiny: Path, words: tuple[str, ...], status: int) -> None:
    said = call("build", "-w", tiny, *words)
    assert said.status == status, said
    if status == 2:
        assert 'Did you mean "contradicted"?' in said.err


def test_strict_about_links_finds_a_dead_one_of_a_person(tiny: Path) -> None:
    note = tiny / "vault/Theses/Left to right.md"
    note.write_text(note.read_text("utf-8") + "\nSee [[Nowhere at all]].\n", "utf-8")
    assert call("run", "-w", tiny, "--offline", "--strict=stale,edits").status == 0
    assert call("run", "-w", tiny, "--offline", "--strict=links").status == 1


# The clock ------------------------------------------------------------------------------------------------------------


def test_a_clock_before_the_newest_bar_is_said_aloud(floating: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (floating / MEMORY).unlink()
    said = on_day(monkeypatch, floating, dt.date(2024, 3, 1), "refresh")
    assert "the clock says 1 Mar 2024, before the newest stored bar: MKT of 28 Jun 2024." in said.err


def test_a_clock_far_after_the_last_run_is_said_aloud(floating: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_day(monkeypatch, floating, LAST, "run")
    assert "the clock" not in on_day(monkeypatch, floating, LAST + dt.timedelta(20), "run").err
    said = on_day(monkeypatch, floating, dt.date(2031, 1, 2), "run")
    assert "the clock says 2 Jan 2031, 2359 days after the last run on 18 Jul 2024." in said.err


# Macro series ---------------------------------------------------------------------------------------------------------


def with_macro(root: Path, definition: str) -> None:
    (root / "fred").mkdir()
    (root / "fred/WALCL.csv").write_text("observation_date,WALCL\n2024-06-19,7253000\n2024-06-26,7231000\n", "utf-8")
    rewrite(root, "thesisvault.yaml", "}}]", "}}, {csv: {folder: fred, layout: fred}}]")
    with (root / "data/instruments.yaml").open("a", encoding="utf-8") as text:
        text.write(definition)
    rewrite(root, LEFT, "see [[Rotation]].", "see [[Rotation]] and {{ level('WALCL') | usd }}.")


def test_a_well_known_series_needs_no_unit_under_its_plain_name(tiny: Path) -> None:
    with_macro(tiny, "WALCL: {name: Assets of the Fed, kind: macro}\n")
    said = call("build", "-w", tiny)
    assert said.status == 0, said
    assert r"\$7.23T" in (tiny / "vault/Theses/Left to right.md").read_text("utf-8")
    assert "ends" not in said.err  # it is weekly, so that Wednesday's value is fresh on Friday


def test_a_unit_that_a_person_wrote_is_taken_as_it_stands(tiny: Path) -> None:
    with_macro(tiny, "WALCL: {name: Assets of the Fed, kind: macro, unit: USD, frequency: weekly}\n")
    assert call("build", "-w", tiny).status == 0
    assert r"\$7.23M" in (tiny / "vault/Theses/Left to right.md").read_text("utf-8")


def test_a_series_of_which_nobody_knows_the_unit_is_an_error_with_the_line_to_add(tiny: Path) -> None:
    with (tiny / "data/instruments.yaml").open("a", encoding="utf-8") as text:
        text.write("MYOWN: {name: Mine, kind: macro}\nfred:OTHER: {name: Other}\n")
    said = call("build", "-w", tiny)
    assert said.status == 2
    assert 'data/instruments.yaml:6:8: "MYOWN" is a macro series without a unit' in said.err
    assert "frequency: weekly" in said.err
    assert '"fred:OTHER" is a macro series without a unit' in said.err


# Less noise -----------------------------------------------------------------------------------------------------------


def test_a_day_on_which_nothing_moved_rewrites_only_what_says_the_day(tiny: Path) -> None:
    with_macro(tiny, "WALCL: {name: Assets of the Fed, kind: macro}\n")
    words = "title: Words alone\nkind: concept\nsummary: Nothing here is computed.\n"
    (tiny / "data/theses/words.yaml").write_text(words, "utf-8")
    assert call("build", "-w", tiny, "--as-of", "2024-06-27").status == 0
    before = tree(tiny / "vault")
    assert call("build", "-w", tiny, "--as-of", "2024-06-28").status == 0
    moved = differences(before, tree(tiny / "vault"))
    assert {"Home.md", "Theses/Left to right.md", "Assets/Badger.md"} <= moved
    assert moved.isdisjoint({"Assets/Assets of the Fed.md", "Concepts/Words alone.md"})
    note = (tiny / "vault/Assets/Assets of the Fed.md").read_text("utf-8")
    assert "\nas_of: 2024-06-2" in note
    assert "as_of" not in (tiny / "vault/Concepts/Words alone.md").read_text("utf-8")


def test_a_picture_of_a_closed_span_is_not_drawn_again(tiny: Path) -> None:
    chart = "{pair: [sell, buy], over: 90d, caption: Left and right}"
    rewrite(tiny, LEFT, chart, "{pair: [sell, buy], over: 2024-01-03..2024-03-01}")
    flows = "      - flows: {title: Money in, unit: USD m, rows: {2023: 5, 2024: 7}}\n"
    rewrite(tiny, LEFT, "  - heading: How wide it is\n    blocks:\n", f"  - heading: Wide\n    blocks:\n{flows}")
    assert call("build", "-w", tiny, "--as-of", "2024-06-27").status == 0
    before = tree(tiny / "vault/attachments")
    closed = {name for name in before if name.startswith("chart-left-to-right-") and name.endswith(".png")}
    assert len(closed) >= 2
    assert call("build", "-w", tiny, "--as-of", "2024-06-28").status == 0
    after = tree(tiny / "vault/attachments")
    assert closed <= after.keys()
    assert differences(before, after).isdisjoint(closed)


def test_a_deleted_picture_is_drawn_again(tiny: Path) -> None:
    pictures = sorted((tiny / "vault/attachments").glob("*.png"))
    drawn = {path: path.read_bytes() for path in pictures}
    for path in pictures:
        path.unlink()
    assert call("build", "-w", tiny).status == 0
    assert {path: path.read_bytes() for path in pictures} == drawn
