"""Why a note was written: told by `why` and by the report of a build, after each kind of change."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.stories.workspaces import Said, call, edit, make_tiny, tree, write_prices
from thesisvault.market.bars import Snapshot, day_number
from thesisvault.market.store.store import Store
from thesisvault.runs.engine.kept import FILE, read_kept

THESIS = "vault/Theses/Left to right.md"
BANK = "vault/Entities/Central bank.md"
Reasons = dict[str, Any]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the small workspace, built twice."""
    found = make_tiny(tmp_path / "ws")
    build(found)
    build(found)
    return found


def build(root: Path, *words: str) -> Reasons:
    """Build, and return the reasons in the report."""
    said = call("build", *words, "--json", "-w", root)
    assert said.status == 0, said
    reasons: Reasons = json.loads(said.out)["reasons"]
    return reasons


def why(root: Path, *words: str) -> Said:
    said = call("why", *words, "-w", root)
    assert said.status == 0, said
    return said


def says(reasons: Reasons, path: str) -> list[str]:
    return [each["says"] for each in reasons[path]["reasons"]]


def test_a_corrected_price_is_told_with_each_figure_and_its_series(root: Path) -> None:
    edit(root / "prices/BBB.csv", "2024-06-28,143.08", "2024-06-28,143.9")
    call("refresh", "-w", root)
    reasons = build(root)
    assets = {f"vault/Assets/{name}.md" for name in ("Aardvark", "Badger", "The pair")}
    assert set(reasons) == {THESIS, BANK, "vault/Home.md", *assets}
    assert says(reasons, BANK) == ["the list of claims that it shows or counts changed"]
    assert says(reasons, THESIS) == ["prices of BBB (Badger) were corrected"]
    changed = {each["figure"]: each for each in reasons["vault/Assets/Badger.md"]["figures"]}
    assert changed["return of BBB, ytd"] == {
        "figure": "return of BBB, ytd",
        "from": "+16.6%",
        "to": "+17.2%",
        "series": ["BBB"],
    }
    told = why(root, "Badger").out
    assert "Badger (vault/Assets/Badger.md)" in told
    assert "  prices of BBB (Badger) were corrected\n" in told
    assert "  return of BBB, ytd: +16.6% → +17.2% (BBB)\n" in told


def test_the_account_survives_builds_that_do_not_write_the_note(root: Path) -> None:
    edit(root / "prices/BBB.csv", "2024-06-28,143.08", "2024-06-28,143.9")
    call("refresh", "-w", root)
    build(root)
    first = why(root, "BBB").out
    edit(root / "data/entities.yaml", "Sets the rate.", "Sets rates.")
    assert "vault/Assets/Badger.md" not in build(root)
    edit(root / "data/theses/left-to-right.yaml", "Capital leaves", "Money leaves")
    assert "vault/Assets/Badger.md" not in build(root, "left-to-right")
    build(root, "--clean")
    assert why(root, "BBB").out == first


def test_an_edited_summary_names_the_definition_and_its_file(root: Path) -> None:
    edit(root / "data/theses/left-to-right.yaml", "Capital leaves", "Money leaves")
    reasons = build(root)
    assert set(reasons) == {THESIS}
    assert says(reasons, THESIS) == ['"Left to right" was edited (data/theses/left-to-right.yaml)']
    assert reasons[THESIS]["figures"] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "note", "said"),
    [
        ("entities.yaml", "Sets the rate.", "Sets rates.", BANK, '"Central bank" was edited (data/entities.yaml)'),
        (
            "instruments.yaml",
            "Makes ladders.",
            "Makes stairs.",
            "vault/Assets/Aardvark.md",
            "AAA (Aardvark) was edited (data/instruments.yaml)",
        ),
        (
            "baskets/pair.yaml",
            "The pair",
            "The pair\nwhat: Both.",
            "vault/Assets/The pair.md",
            '"The pair" was edited (data/baskets/pair.yaml)',
        ),
        (
            "universes/three.txt",
            "AAA BBB MKT",
            "AAA BBB",
            THESIS,
            'the universe "three" was edited (data/universes/three.txt)',
        ),
    ],
)
def test_each_kind_of_definition_is_named(root: Path, file: str, old: str, new: str, note: str, said: str) -> None:
    edit(root / "data" / file, old, new)
    assert said in says(build(root), note)


def test_an_edited_template_is_named_only_where_it_was_used(root: Path) -> None:
    template = root / "templates/entity.md.j2"
    template.parent.mkdir()
    body = '{% call region("summary") %}# {{ note.title }}\n\nA bank.\n{% endcall %}\n'
    template.write_text(body)
    assert {path: says(of, path) for of in [build(root)] for path in of} == {BANK: ["templates/entity.md.j2 is new"]}
    template.write_text(body.replace("A bank", "The bank"))
    edit(root / "data/instruments.yaml", "Makes ladders.", "Makes stairs.")
    reasons = build(root)
    assert says(reasons, BANK) == ["templates/entity.md.j2 was edited"]
    assert says(reasons, "vault/Assets/Aardvark.md") == ["AAA (Aardvark) was edited (data/instruments.yaml)"]


def test_a_new_day_tells_both_days_and_the_newest_prices(root: Path) -> None:
    write_prices(root / "prices", last=dt.date(2024, 7, 2))
    edit(root / "thesisvault.yaml", "as_of: 2024-06-28", "as_of: 2024-07-02")
    call("refresh", "-w", root)
    reasons = build(root)
    assert reasons[THESIS]["as_of"] == {"from": "2024-06-28", "to": "2024-07-02"}
    assert says(reasons, THESIS)[:2] == [
        "the data go to 2 Jul 2024, no longer to 28 Jun 2024",
        "prices of BBB (Badger) now go to 2 Jul 2024",
    ]
    changed = {each["figure"]: each["series"] for each in reasons[THESIS]["figures"]}
    assert changed["return of AAA, 5d"] == ["AAA"]
    assert BANK not in reasons


def test_a_changed_setting_is_named_and_no_definition_is_blamed(root: Path) -> None:
    edit(root / "thesisvault.yaml", "benchmark: MKT", "benchmark: AAA")
    assert says(build(root), THESIS) == ["the setting benchmark was changed from MKT to AAA"]


def test_a_note_renamed_by_hand_is_told_at_the_note_and_where_links_lead_to_it(root: Path) -> None:
    note = root / "vault/Assets/Badger.md"
    note.rename(note.with_name("Badger Works.md"))
    reasons = build(root)
    assert says(reasons, "vault/Assets/Badger Works.md") == ['its file was renamed from "Badger" to "Badger Works"']
    assert says(reasons, THESIS) == ['links to "Badger" lead to "Badger Works" now']


def test_a_rename_is_told_of_the_notes_whose_links_it_rewrote_also_after_the_next_build(root: Path) -> None:
    assert call("rename", "Badger", "Badger Works", "-w", root).status == 0
    told = why(root, "Rotation").out
    assert '  "Badger" was renamed to "Badger Works"\n' in told
    assert "vault/Concepts/Rotation.md" not in build(root)
    assert why(root, "Rotation").out == told


def test_a_persons_note_that_takes_a_link_over_is_told(root: Path) -> None:
    (root / "vault/Own").mkdir()
    (root / "vault/Own/Aardvark Inc.md").write_text("---\nticker: AAA\n---\nMine.\n")
    assert says(build(root), THESIS) == ['the name "aardvark" leads to "Aardvark Inc" now']


def test_an_edit_of_the_file_is_told_where_nothing_else_changed(root: Path) -> None:
    edit(root / "vault/Assets/Aardvark.md", "Makes ladders.", "Makes adders.")
    assert says(build(root), "vault/Assets/Aardvark.md") == [
        "its file was edited; all that it is made from was the same"
    ]


def test_the_first_writing_and_a_restored_note_are_told(tmp_path: Path) -> None:
    root = make_tiny(tmp_path / "ws")
    reasons = build(root)
    assert len(reasons) == 9
    assert {says(reasons, path)[0] for path in reasons} == {"it is new"}
    (root / BANK).unlink()
    build(root)
    assert why(root, "Central bank").out.endswith('bring it back with: thesisvault restore "Central bank"\n')
    assert call("restore", "Central bank", "-w", root).status == 0
    assert "  its file was brought back\n" in why(root, "Central bank").out


def test_a_part_of_a_build_keeps_account_of_what_it_wrote(root: Path) -> None:
    edit(root / "data/theses/left-to-right.yaml", "Capital leaves", "Money leaves")
    edit(root / "data/entities.yaml", "Sets the rate.", "Sets rates.")
    assert set(build(root, "left-to-right")) == {THESIS}
    assert '"Left to right" was edited' in why(root, "Left to right").out
    assert set(build(root)) == {BANK}
    assert '"Left to right" was edited' in why(root, "Left to right").out


def test_a_file_that_another_machine_wrote_is_told_as_such(root: Path) -> None:
    other = root.with_name("other")
    shutil.copytree(root, other)
    for each in (root, other):
        edit(each / "data/theses/left-to-right.yaml", "Capital leaves", "Money leaves")
    build(other)
    shutil.copy(other / THESIS, root / THESIS)
    assert THESIS not in build(root)
    told = why(root, "Left to right").out
    assert "its file was right already" in told
    assert '"Left to right" was edited' in told


def test_without_a_record_one_sentence_says_so_and_what_to_do(root: Path) -> None:
    (root / ".thesisvault" / FILE).unlink()
    for words in ((), ("--inputs",), ("--json",)):
        said = why(root, "Badger", *words)
        assert "No build of this machine is on record here; run once: thesisvault build" in said.out
    assert build(root) == {}
    assert "the reason is not known" in why(root, "Badger").out
    assert json.loads(why(root, "Badger", "--json").out)["writing"] is None
    assert "series:\n  BBB (Badger)\n" in why(root, "Badger", "--inputs").out
    (root / ".thesisvault" / FILE).unlink()
    edit(root / "vault/Assets/Badger.md", "Digs", "Digged")
    assert says(build(root), "vault/Assets/Badger.md") == ["nothing was kept of it, so what had changed is not known"]


def test_inputs_are_told_by_groups(root: Path) -> None:
    inputs = json.loads(why(root, "left-to-right", "--inputs", "--json").out)["inputs"]
    assert inputs["definitions"][0] == '"Left to right" in data/theses/left-to-right.yaml'
    assert set(inputs["series"]) == {"AAA (Aardvark)", "BBB (Badger)", "MKT (Whole market)"}
    assert inputs["universes"] == ['the universe "three" in data/universes/three.txt']
    assert '"BBB" leads to "Badger"' in inputs["names looked up"]
    assert "thesis.md.j2, as packaged" in inputs["templates"]
    assert "benchmark: MKT" in inputs["settings"]
    assert inputs["last day of data"] == ["2024-06-28"]


def test_the_next_build_is_told_and_nothing_is_written(root: Path) -> None:
    assert why(root, "--next").out == "The next build would write nothing.\n"
    edit(root / "data/theses/left-to-right.yaml", "Capital leaves", "Money leaves")
    edit(root / "data/entities.yaml", "Sets the rate.", "Sets rates.")
    before = tree(root)
    state = (root / ".thesisvault" / FILE).read_bytes()
    said = '  "Left to right" was edited (data/theses/left-to-right.yaml)\n'
    bank = f'would write {BANK}\n  "Central bank" was edited (data/entities.yaml)\n'
    assert why(root, "--next").out == f"{bank}would write {THESIS}\n{said}"
    assert why(root, "Left to right", "--next").out == f"would write {THESIS}\n{said}"
    assert why(root, "Badger", "--next").out == "The next build would not write vault/Assets/Badger.md.\n"
    body = json.loads(why(root, "--next", "--json").out)
    assert (body["dry_run"], sorted(body["reasons"])) == (True, [BANK, THESIS])
    assert tree(root) == before
    assert (root / ".thesisvault" / FILE).read_bytes() == state
    assert set(build(root)) == {BANK, THESIS}


def test_a_definition_that_goes_and_comes_back_is_told(root: Path) -> None:
    definition = root / "data/theses/rotation.yaml"
    text = definition.read_text()
    edit(root / "data/theses/left-to-right.yaml", "; see [[Rotation]]", "")
    edit(root / "data/theses/left-to-right.yaml", "related:\n  - {note: rotation, why: the idea}\n", "")
    definition.unlink()
    note = "vault/Concepts/Rotation.md"
    gone = "its definition is gone, or no note shows or mentions it any more; the note stays and says so"
    assert f"would write {note}\n  {gone}\n" in why(root, "--next").out
    assert says(build(root), note) == [gone]
    assert note not in build(root)
    definition.write_text(text)
    assert says(build(root), note) == ["its definition is back"]


def test_what_changed_of_a_series_besides_its_prices_is_told(root: Path) -> None:
    edit(root / "data/baskets/pair.yaml", "[AAA, BBB]", "[AAA, MKT]")
    said = 'the definition of "The pair", or of what it rests on, changed (data/baskets/pair.yaml)'
    assert says(build(root), THESIS) == [said]
    with Store(root / "data/market/store.sqlite") as store:
        day, moment = day_number(dt.date(2024, 6, 27)), dt.datetime(2024, 6, 27, 22, tzinfo=dt.UTC)
        store.ledger.keep_snapshot("AAA", day, Snapshot({"forward_pe": 20.0}, "USD"), "yahoo", moment)
    edit(root / "data/theses/left-to-right.yaml", "Capital leaves", "Money at {{ fund('AAA', 'forward_pe') }} leaves")
    build(root)
    with Store(root / "data/market/store.sqlite") as store:
        store.ledger.keep_snapshot("AAA", day + 1, Snapshot({"forward_pe": 21.0}, "USD"), "yahoo", moment)
    assert "fundamentals, exchange rates or prices under review of AAA (Aardvark) changed" in says(build(root), THESIS)


def test_every_figure_is_named(root: Path) -> None:
    labels = {each.label for note in read_kept(root / ".thesisvault").notes.values() for each in note.body.figures}
    assert labels >= {
        "close of AAA",
        "return of AAA, 5d",
        "number of (return of three, 5d > 0)",
        "spread of BBB over AAA, ytd",
        'claim "Badger doubled this year"',
        'signal "Right leads"',
        'room to the signal "Left is back"',
    }
    assert "" not in labels


def test_wrong_words_are_told(root: Path) -> None:
    for words, said in (
        (("Bagder",), 'error: no note "Bagder" was built here. Did you mean "badger"?'),
        ((), "error: no note was named. Name one, as in: thesisvault why Home; or ask for all: --next"),
        (("Home", "--inputs", "--next"), "error: --inputs and --next exclude one another; give one of them."),
        (("Home", "--as-of", "2024-06-27"), "error: --as-of goes with --next."),
    ):
        found = call("why", *words, "-w", root)
        assert (found.status, found.err.split("\n")[0]) == (2, said)
