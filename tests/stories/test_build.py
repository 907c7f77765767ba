"""A build, as a person lives with it: what is written, what is left alone, and what the vault is worth."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.checklist import check_vault
from tests.marks import REGION
from tests.reader import read_vault
from tests.stories.workspaces import Said, call, differences, edit, make_tiny, spawn, tree
from thesisvault.definitions.read import read_settings
from thesisvault.runs.schemas import library_at

THESIS = "data/theses/left-to-right.yaml"
NOTE = "vault/Theses/Left to right.md"
TINY_TAGS = frozenset({"rotation"})


def build(root: Path, *words: str) -> Said:
    said = call("build", "-w", root, *words)
    assert said.status == 0, said
    return said


def region(text: str, name: str) -> str:
    """Return a region of a note with its markers."""
    found = [each[0] for each in REGION.finditer(text) if each[1] == name]
    assert found, f"no region {name}"
    return found[0]


def times(root: Path) -> dict[str, int]:
    """Return when each file was last written, in nanoseconds; lock and caches are left out."""
    return {
        path.relative_to(root).as_posix(): path.stat().st_mtime_ns
        for path in root.rglob("*")
        if path.is_file() and ".thesisvault" not in path.parts and not path.name.endswith(("-wal", "-shm"))
    }


def assert_sound(root: Path) -> None:
    """The vault passes the thirty points, an independent reader finds it whole, and so does `check`."""
    assert check_vault(root / "vault", allowed_tags=TINY_TAGS) == []
    read = read_vault(root / "vault")
    assert read.is_whole, (read.nonexistent_notes, read.nonexistent_media)
    said = call("check", "-w", root)
    assert said.status == 0, said


# The demo ---------------------------------------------------------------------------------------------------------


def test_every_note_of_the_demo_passes_the_thirty_points(demo_built: Path) -> None:
    assert check_vault(demo_built / "vault") == []


def test_an_independent_reader_finds_no_dead_link_and_no_missing_picture_in_the_demo(demo_built: Path) -> None:
    read = read_vault(demo_built / "vault")
    assert read.nonexistent_notes == set()
    assert read.nonexistent_media == set()
    assert read.isolated_notes == set()
    assert {"Home", "Tech to oil majors", "Momentum to value", "Cyclical to defensive", "Sector rotation"} <= read.notes


def test_check_finds_nothing_wrong_in_the_demo(demo_built: Path) -> None:
    said = call("check", "-w", demo_built, "--strict")
    assert said.status == 0, said


def test_a_second_build_of_the_demo_writes_no_file(demo: Path) -> None:
    before = times(demo)
    said = call("build", "-w", demo, "--json")
    assert said.status == 0, said
    report = json.loads(said.out)
    assert (report["written"], report["removed"]) == ([], [])
    assert report["unchanged"] == sum(name.startswith("vault/") for name in before)
    assert times(demo) == before


def test_the_demo_made_again_keeps_what_was_written_into_it(demo: Path) -> None:
    definition = demo / "data/theses/momentum-to-value.yaml"
    edit(definition, "title: Momentum to value", "title: From momentum to value")
    (demo / "vault/My own.md").write_text("Mine. [[Home]]\n", encoding="utf-8")
    before = definition.read_bytes()
    said = call("demo", demo)
    assert said.status == 0, said
    assert definition.read_bytes() == before
    assert "# From momentum to value" in (demo / "vault/Theses/Momentum to value.md").read_text(encoding="utf-8")
    assert (demo / "vault/My own.md").read_text(encoding="utf-8") == "Mine. [[Home]]\n"


def test_builds_in_other_time_zones_locales_and_hash_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    ascii_only = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    worlds = {
        "east": {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
        "far away/and deeper": {"TZ": "America/Los_Angeles", "LC_ALL": "POSIX", "PYTHONHASHSEED": "4242"} | ascii_only,
    }
    trees = []
    for name, env in worlds.items():
        root = tmp_path / name
        said = spawn("demo", root, env=env, cwd=tmp_path)
        assert said.status == 0, said
        assert re.search(r"^New    \d+ contradicted claims: ", said.err, re.MULTILINE)  # below progress, if it is slow
        named = re.findall(r"^ {7}((?:Theses/|Concepts/|Home).*?)  ", said.out, re.MULTILINE)
        assert len(named) == 3
        assert all((root / "vault" / f"{name}.md").is_file() for name in named), "what is worth opening is there"
        trees.append(tree(root, besides=("data/market",)))
    assert trees[0] == trees[1]
    assert "data/notes.yaml" in trees[0]


def test_an_order_of_files_on_disk_changes_no_byte(tiny_built: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for path in sorted(tiny_built.rglob("*"), reverse=True):
        name = path.relative_to(tiny_built)
        if (
            path.is_file()
            and name.parts[0] in ("data", "prices", "thesisvault.yaml")
            and name.parts[1:2] != ("market",)
        ):
            (other / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, other / name)
    (other / "data/notes.yaml").unlink()
    build(other, "--offline")
    assert tree(other / "vault") == tree(tiny_built / "vault")
    assert (other / "data/notes.yaml").read_bytes() == (tiny_built / "data/notes.yaml").read_bytes()


# What a run says --------------------------------------------------------------------------------------------------


def test_check_of_a_build_writes_nothing_and_exits_4_until_it_is_built(tmp_path: Path) -> None:
    root = make_tiny(tmp_path / "ws")
    assert call("refresh", "-w", root).status == 0
    before = tree(root)
    said = call("build", "-w", root, "--check")
    assert said.status == 4, said
    assert differences(before, tree(root)) == set()
    would = set(re.findall(r"^would write (.*)$", said.out, re.MULTILINE))
    build(root)
    files = {name for name in differences(before, tree(root)) if (root / name).is_file()}
    assert would == files
    assert call("build", "-w", root, "--check").status == 0


def test_a_build_of_one_name_writes_that_note_only(tiny: Path) -> None:
    edit(tiny / THESIS, "leads left", "is ahead of left")
    edit(tiny / "data/theses/rotation.yaml", "Money moves", "Capital moves")
    for name in ("rotation", "Rotation", "ROTATION"):
        before = tree(tiny)
        build(tiny, name)
        changed = differences(before, tree(tiny))
        assert changed == ({"vault/Concepts/Rotation.md"} if name == "rotation" else set())
    before = tree(tiny)
    build(tiny)
    assert differences(before, tree(tiny)) == {NOTE}


def test_the_report_as_json_agrees_with_the_disk_and_with_the_text(tiny: Path) -> None:
    edit(tiny / THESIS, "over: 90d, caption", "over: 60d, caption")
    copy = Path(shutil.copytree(tiny, tiny.parent / "copy"))
    before = tree(tiny)
    report = json.loads(build(tiny, "--json").out)
    text = build(copy, "--all")
    changed = {name for name in differences(before, tree(tiny)) if (tiny / name).is_file()}
    moved = {name for name in changed if name.startswith("vault/.trash/")}
    assert set(report["written"]) == changed - moved
    assert {f"vault/.trash/{name.removeprefix('vault/')}" for name in report["removed"]} == moved
    assert report["as_of"] == "2024-06-28"
    assert f"wrote {len(report['written'])} files, {report['unchanged']} unchanged" in text.out
    (finding,) = report["findings"]
    assert (finding["level"], finding["code"]) == ("warning", "contradicted")
    assert finding["problem"] in text.err


def test_strict_ends_with_1_if_something_needs_a_look_and_has_written_all_the_same(tiny: Path) -> None:
    edit(tiny / THESIS, "leads left", "is ahead of left")
    assert call("build", "-w", tiny, "--strict").status == 1
    assert "is ahead of left" in (tiny / NOTE).read_text(encoding="utf-8")
    edit(tiny / THESIS, "at_least: 100%", "at_least: 10%")
    assert call("build", "-w", tiny, "--strict").status == 0


def test_a_console_that_cannot_show_a_title_gets_its_escapes(tiny: Path) -> None:
    claim = "{says: 上がる ✓, check: \"ret('BBB', 'ytd')\", at_least: 500%, on: 2024-06-28}"
    (tiny / "data/theses/energie.yaml").write_text(f"title: Énergie 日本 📈\nclaims: [{claim}]\n", encoding="utf-8")
    for words in (("build",), ("build", "--json"), ("run",)):
        said = spawn(*words, "-w", tiny, env={"PYTHONIOENCODING": "cp1252"})
        assert said.status == 0, said
    report = json.loads(spawn("build", "-w", tiny, "--json", env={"PYTHONIOENCODING": "ascii"}).out)
    assert any("Énergie 日本 📈" in finding["problem"] for finding in report["findings"])


# After an edit ----------------------------------------------------------------------------------------------------


def test_the_small_vault_is_sound(tiny_built: Path) -> None:
    assert_sound(tiny_built)


def test_an_edit_of_one_sentence_changes_one_note(tiny: Path) -> None:
    edit(tiny / THESIS, "leads left", "is ahead of left")
    before = tree(tiny)
    build(tiny)
    assert differences(before, tree(tiny)) == {NOTE}
    assert "**Right is ahead of left by +" in (tiny / NOTE).read_text(encoding="utf-8")


def test_a_section_that_leaves_the_definition_leaves_the_note_and_its_picture_the_vault(tiny: Path) -> None:
    text = (tiny / THESIS).read_text(encoding="utf-8")
    start, end = text.index("  - heading: The trade so far"), text.index("  - heading: How wide it is")
    (tiny / THESIS).write_text(text[:start] + text[end:], encoding="utf-8")
    build(tiny)
    assert "The trade so far" not in (tiny / NOTE).read_text(encoding="utf-8")
    assert not list((tiny / "vault/attachments").glob("chart-left-to-right-*"))
    assert_sound(tiny)


def test_parts_that_leave_the_end_of_a_definition_leave_no_blank_lines_behind(tiny: Path) -> None:
    text = (tiny / THESIS).read_text(encoding="utf-8").partition("related:")[0]
    (tiny / THESIS).write_text(text.replace(", source: hearsay", ""), encoding="utf-8")
    build(tiny)
    assert_sound(tiny)


def test_a_new_ticker_brings_its_prices_and_its_note(tiny: Path) -> None:
    edit(tiny / THESIS, "of: [AAA, BBB, pair]", "of: [AAA, BBB, pair, NEW]")
    build(tiny)
    assert "Listed in May 2024" in (tiny / "vault/Assets/Newcomer.md").read_text(encoding="utf-8")
    assert "[[Newcomer" in (tiny / "vault/Home.md").read_text(encoding="utf-8")
    assert_sound(tiny)


def test_a_new_title_changes_heading_and_links_but_not_the_file(tiny: Path) -> None:
    edit(tiny / THESIS, "title: Left to right", "title: Over to the right")
    edit(tiny / "data/theses/rotation.yaml", "Money moves", "See [[Over to the right]]. Money moves")
    build(tiny)
    text = (tiny / NOTE).read_text(encoding="utf-8")
    assert "\n# Over to the right\n" in text
    assert '  - "Over to the right"\n' in text.partition("\n---\n")[0], "a search for the new title finds no note"
    assert "[[Left to right|Over to the right]]" in (tiny / "vault/Concepts/Rotation.md").read_text(encoding="utf-8")
    assert not (tiny / "vault/Theses/Over to the right.md").exists()
    assert_sound(tiny)


def test_an_alias_and_a_tag_that_leave_the_definition_leave_the_note_but_ones_own_stay(tiny: Path) -> None:
    edit(tiny / NOTE, '  - "The turn"\n', '  - "The turn"\n  - "My name for it"\n')
    edit(tiny / THESIS, "aliases: [The turn]\ntags: [rotation]\n", "")
    build(tiny)
    head = (tiny / NOTE).read_text(encoding="utf-8").partition("\n---\n")[0]
    assert "My name for it" in head
    assert "The turn" not in head
    assert "rotation" not in head


def test_a_definition_that_goes_leaves_its_note_as_an_orphan(tiny: Path) -> None:
    (tiny / NOTE).write_text((tiny / NOTE).read_text(encoding="utf-8") + "\nMy own thoughts.\n", encoding="utf-8")
    (tiny / THESIS).unlink()
    concept = (tiny / "data/theses/rotation.yaml").read_text(encoding="utf-8")
    (tiny / "data/theses/rotation.yaml").write_text(concept.partition("sections:")[0], encoding="utf-8")
    said = build(tiny)
    assert "the definition of this note is gone; the note stays. In 4 places: " in said.err
    assert "Next   Take it away: thesisvault prune" in said.err
    text = (tiny / NOTE).read_text(encoding="utf-8")
    assert '\nstatus: "orphaned"\n' in text
    assert text.endswith("\nMy own thoughts.\n")
    assert read_vault(tiny / "vault").is_whole
    before = tree(tiny)
    build(tiny)
    assert differences(before, tree(tiny)) == set()


# What a person did in the vault -----------------------------------------------------------------------------------


def test_text_outside_regions_and_properties_of_ones_own_survive_every_build(tiny: Path) -> None:
    path = tiny / NOTE
    text = path.read_text(encoding="utf-8")
    text = text.replace('status: "active"\n', 'status: "active"\nmood: wary   # not sure\n', 1)
    text = text.replace(
        "%% tv:begin claims %%", "My thoughts,  with two blanks.\r\n\t* a list\n\n%% tv:begin claims %%"
    )
    path.write_bytes((text + "\nAt the end, without a newline").encode())
    edit(tiny / THESIS, "leads left", "is ahead of left")
    build(tiny)
    data = path.read_bytes().decode()
    assert "mood: wary   # not sure\n" in data.partition("\n---\n")[0]
    assert "My thoughts,  with two blanks.\r\n\t* a list\n\n%% tv:begin claims %%" in data
    assert data.endswith("\nAt the end, without a newline")
    assert "**Right is ahead of left by +" in data


def test_words_changed_inside_a_region_are_kept_once_below_it(tiny: Path) -> None:
    path = tiny / NOTE
    edit(path, "Capital leaves", "Sane capital leaves")
    said = build(tiny, "--json")
    assert [f["path"] for f in json.loads(said.out)["findings"] if f["code"] != "contradicted"] == [NOTE]
    text = path.read_text(encoding="utf-8")
    below = text[text.index("%% tv:end summary") :]
    assert "Sane capital" not in region(text, "summary")
    assert below.count("Sane capital leaves") == 1
    assert "> [!quote]- Your edit, kept 2024-06-28" in below
    edit(tiny / THESIS, "leads left", "is ahead of left")
    build(tiny)
    build(tiny)
    assert path.read_text(encoding="utf-8").count("Sane capital leaves") == 1
    assert_sound(tiny)


def test_a_region_that_was_taken_out_stays_out_until_it_is_restored(tiny: Path) -> None:
    path = tiny / NOTE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(region(text, "claims"), ""), encoding="utf-8")
    for old, new in (("leads left", "is ahead of left"), ("is ahead of left", "is before left")):
        build(tiny)
        assert "tv:begin claims" not in path.read_text(encoding="utf-8")
        edit(tiny / THESIS, old, new)
    assert_sound(tiny)
    said = call("restore", "Left to right#claims", "-w", tiny)
    assert said.status == 0, said
    assert region(path.read_text(encoding="utf-8"), "claims")


def test_a_note_that_was_deleted_stays_deleted_and_nothing_links_to_it(tiny: Path) -> None:
    (tiny / "vault/Assets/Badger.md").unlink()
    for _ in range(2):
        build(tiny)
        assert not (tiny / "vault/Assets/Badger.md").exists()
        linking = [p for p in (tiny / "vault").rglob("*.md") if "[[Badger" in p.read_text(encoding="utf-8")]
        assert linking == []
    assert_sound(tiny)
    said = call("restore", "Badger", "-w", tiny)
    assert said.status == 0, said
    assert (tiny / "vault/Assets/Badger.md").is_file()
    assert "[[Badger" in (tiny / NOTE).read_text(encoding="utf-8")


def test_a_vault_that_was_thrown_away_is_built_anew_whole(tiny: Path) -> None:
    before = tree(tiny)
    shutil.rmtree(tiny / "vault")
    build(tiny)
    assert differences(before, tree(tiny)) == set()


def test_a_note_that_was_moved_is_written_where_it_lies(tiny: Path) -> None:
    (tiny / "vault/My corner").mkdir()
    (tiny / NOTE).rename(tiny / "vault/My corner/Left to right.md")
    edit(tiny / THESIS, "leads left", "is ahead of left")
    build(tiny)
    assert "is ahead of left" in (tiny / "vault/My corner/Left to right.md").read_text(encoding="utf-8")
    assert not (tiny / NOTE).exists()
    assert_sound(tiny)


def test_a_note_of_ones_own_stands_for_an_entity_of_that_name(tiny: Path) -> None:
    shutil.rmtree(tiny / "vault")
    (tiny / "vault").mkdir()
    (tiny / "data/notes.yaml").unlink()
    own = "---\naliases: [central bank]\n---\nWhat I think of it.\n"
    (tiny / "vault/Banks.md").write_text(own, encoding="utf-8")
    build(tiny)
    assert (tiny / "vault/Banks.md").read_text(encoding="utf-8") == own
    assert not (tiny / "vault/Entities").exists()
    assert "the [[Banks|" in (tiny / NOTE).read_text(encoding="utf-8")
    assert_sound(tiny)


# Templates --------------------------------------------------------------------------------------------------------


def test_a_template_of_ones_own_wins_over_the_packaged_one(tiny: Path) -> None:
    (tiny / "templates").mkdir()
    own = '{% call region("summary") %}\n\n# {{ plain(note.title) }}\n\nMy own template.\n{% endcall %}\n'
    (tiny / "templates/concept.md.j2").write_text(own, encoding="utf-8")
    before = tree(tiny)
    build(tiny)
    assert differences(before, tree(tiny)) == {"vault/Concepts/Rotation.md", "data/notes.yaml"}
    assert "My own template." in (tiny / "vault/Concepts/Rotation.md").read_text(encoding="utf-8")
    (tiny / "templates/concept.md.j2").unlink()
    build(tiny)
    assert "Two theses side by side" in (tiny / "vault/Concepts/Rotation.md").read_text(encoding="utf-8")


def test_a_template_of_ones_own_for_a_block_wins_over_the_packaged_one(tiny: Path) -> None:
    (tiny / "templates/blocks").mkdir(parents=True)
    (tiny / "templates/blocks/compare.md.j2").write_text("A table of my own.\n", encoding="utf-8")
    build(tiny)
    assert "A table of my own." in (tiny / "vault/Concepts/Rotation.md").read_text(encoding="utf-8")
    assert_sound(tiny)


# Days -------------------------------------------------------------------------------------------------------------


def test_an_update_stays_as_it_was_on_its_day_in_a_build_of_a_later_day(tiny: Path) -> None:
    logs = []
    for day in ("2024-03-05", "2024-04-30", "2024-06-28"):
        build(tiny, "--as-of", day)
        text = (tiny / NOTE).read_text(encoding="utf-8")
        assert f"\nas_of: {day}\n" in text
        logs.append(region(text, "log"))
    assert "Price return to 4 Mar 2024" in logs[0]
    assert logs[0] == logs[1] == logs[2]


def test_a_build_of_an_earlier_day_knows_nothing_of_later_prices(tiny: Path, tmp_path: Path) -> None:
    import datetime as dt

    from tests.stories.workspaces import write_prices

    build(tiny, "--as-of", "2024-04-30")
    other = make_tiny(tmp_path / "then")
    write_prices(other / "prices", last=dt.date(2024, 4, 30))
    build(other, "--as-of", "2024-04-30")
    for name in ("Theses/Left to right.md", "Assets/Badger.md", "attachments/chart-left-to-right-aaa-bbb-90d.png"):
        assert (tiny / "vault" / name).read_bytes() == (other / "vault" / name).read_bytes()


def test_figures_that_rest_on_older_data_are_marked_and_the_note_says_so_on_top(tiny: Path) -> None:
    said = build(tiny, "--as-of", "2024-07-31")
    assert "series end early: AAA (28 Jun 2024), BBB (28 Jun 2024), MKT (28 Jun 2024)." in said.err
    assert "warning: BBB ends 2024-06-28, before 2024-07-31" in build(tiny, "--as-of", "2024-07-31", "--all").err
    summary = region((tiny / NOTE).read_text(encoding="utf-8"), "summary")
    _, _, rest = summary.partition("# Left to right\n\n")
    verdict, _, rest = rest.partition("\n\n")
    assert verdict.startswith("**Right leads left")
    assert "ends 28 Jun, " in rest.partition("\n\n")[0]
    assert "; figures marked † stop there." in rest.partition("\n\n")[0]
    (row,) = (line for line in summary.splitlines() if line.startswith("| Long"))
    assert "†\N{NO-BREAK SPACE}28\N{NO-BREAK SPACE}Jun\N{NO-BREAK SPACE}2024" in row
    assert_sound(tiny)


# From nothing -----------------------------------------------------------------------------------------------------


def test_a_new_thesis_concept_and_basket_build_and_pass_every_check(tiny: Path) -> None:
    for kind, name in (("thesis", "Old: to new?"), ("concept", "Énergie, then $ & more"), ("basket", "The three")):
        said = call("new", kind, name, "-w", tiny)
        assert said.status == 0, said
        assert (tiny / said.out.removeprefix("Wrote ").strip().rstrip(".")).is_file()
    edit(tiny / "data/baskets/the-three.yaml", "[MKT]", "[AAA, BBB, MKT]")
    edit(
        tiny / "data/theses/old-to-new.yaml",
        "kind: thesis",
        "kind: thesis\nsell: {hold: [the-three]}\nbuy: {hold: [BBB]}",
    )
    build(tiny)
    for name, title in (("Old", "Old: to new?"), ("The three", "The three"), ("Énergie", "Énergie, then $ & more")):
        (path,) = (tiny / "vault").rglob(f"{name}*.md")
        text = path.read_text(encoding="utf-8")
        assert f"\n# {name}" in text
        assert path.stem == title or f'  - "{title}"\n' in text.partition("\n---\n")[0]
    assert_sound(tiny)


def test_a_new_workspace_without_a_network_says_that_it_has_no_prices(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    said = call("init", root)
    assert said.status == 0, said
    assert f"cd {root}" in said.out
    assert call("check", "-w", root).status == 0
    before = tree(root)
    said = call("build", "-w", root, "--offline")
    assert said.status == 3, said
    assert "no prices are stored" in said.err
    assert differences(before, tree(root)) == set()


def test_a_new_workspace_shows_one_of_everything(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    assert call("init", root).status == 0
    library = library_at(root)
    assert library.findings == []
    assert all((library.instruments, library.entities, library.universes, library.baskets, library.episodes))
    (thesis,) = library.definitions.values()
    assert thesis.model.signals
    assert thesis.model.claims
    for path in [root / "thesisvault.yaml", *(root / "data").rglob("*.*")]:
        lines = path.read_text(encoding="utf-8").splitlines()
        if path.suffix == ".yaml":
            named = lines.pop(0).removeprefix("# yaml-language-server: $schema=")
            assert (path.parent / named).is_file(), path
        assert [line[:2] for line in lines[:2]] == ["# ", "# "], path


def test_the_price_files_in_the_comment_of_new_settings_can_be_used(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    assert call("init", root).status == 0
    lines = (root / "thesisvault.yaml").read_text(encoding="utf-8").splitlines()
    at = lines.index("# providers:")
    shown = [line.removeprefix("# ") for line in lines[at:]]
    kept = [line for line in lines[:at] if not line.startswith("providers:")]
    (root / "thesisvault.yaml").write_text("\n".join([*kept, *shown]) + "\n", encoding="utf-8")
    settings, findings = read_settings(root)
    assert findings == []
    folder = settings.providers[0].csv  # type: ignore[union-attr]
    assert (folder.folder, folder.closes, folder.dividends) == ("prices", "split_adjusted", "dividends")


def test_a_new_workspace_with_the_example_builds_from_bundled_prices(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    assert call("init", root, "--example").status == 0
    assert call("run", "--offline", "-w", root).status == 0
    assert (root / "vault/Theses/Momentum to value.md").is_file()


def test_init_without_a_name_makes_the_workspace_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = call("init")
    assert said.status == 0, said
    assert said.out.splitlines()[0] == "Made a workspace in this folder."
    assert "Next: thesisvault run" in said.out
    assert (tmp_path / "data/instruments.yaml").is_file()


def test_a_new_workspace_builds_from_a_folder_of_prices_of_ones_own(tmp_path: Path) -> None:
    root, prices = tmp_path / "mine", tmp_path / "prices"
    assert call("init", root).status == 0
    make_tiny(tmp_path / "tiny")
    prices.mkdir()
    for ours, theirs in (("AAA", "XLK"), ("BBB", "XLE"), ("MKT", "SPY")):
        shutil.copyfile(tmp_path / "tiny/prices" / f"{ours}.csv", prices / f"{theirs}.csv")
    said = call("refresh", "--csv", prices, "-w", root)
    assert said.status == 0, said
    build(root, "--as-of", "2024-06-28", "--offline")
    assert "Technology to energy" in (root / "vault/Theses/Technology to energy.md").read_text(encoding="utf-8")
    assert_sound(root)


@pytest.mark.parametrize("command", ["run", "build"])
def test_a_command_works_from_any_folder_inside_the_workspace(tiny: Path, command: str) -> None:
    edit(tiny / THESIS, "leads left", "is ahead of left")
    said = spawn(command, "--offline", cwd=tiny / "data" / "theses")
    assert said.status == 0, said
    assert "is ahead of left" in (tiny / NOTE).read_text(encoding="utf-8")


def test_a_note_with_broken_properties_keeps_the_picture_that_it_still_embeds(tiny: Path) -> None:
    note, picture = tiny / NOTE, tiny / "vault/attachments/chart-left-to-right-aaa-bbb-90d.png"
    whole = note.read_text(encoding="utf-8")
    note.write_text(whole.replace("\n---\n", "\nmine: [broken\n---\n", 1), encoding="utf-8")
    edit(tiny / THESIS, "over: 90d, caption: Left and right", "over: 60d, caption: Left and right")
    build(tiny)
    assert picture.is_file()  # the note is left alone, so what it shows has to stay
    note.write_text(whole, encoding="utf-8")
    build(tiny)
    assert not picture.exists()
    assert_sound(tiny)
