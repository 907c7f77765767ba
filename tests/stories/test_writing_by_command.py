"""Definitions edited by command: each command changes the lines that it should and no other, or nothing at all."""

from __future__ import annotations

import datetime as dt
import difflib
import itertools
import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from tests.stories.kills import killed_at, steps_of
from tests.stories.workspaces import call, edit, make_tiny, shown
from thesisvault.editing import theses
from thesisvault.editing.edit import LeftAloneError
from thesisvault.session import Session
from thesisvault.vault.lock import locked

SHIPPED = Path(__file__).resolve().parents[2]
SHIPPED_THESES = sorted(path.stem for path in (SHIPPED / "data" / "theses").glob("*.yaml"))
LEFT = "data/theses/left-to-right.yaml"
NOW = dt.datetime(2024, 6, 28, 22, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory) -> Path:
    """The definitions of the repository, without a vault."""
    root = tmp_path_factory.mktemp("shipped") / "ws"
    shutil.copytree(SHIPPED / "data", root / "data", ignore=shutil.ignore_patterns("market", "notes.yaml"))
    shutil.copy(SHIPPED / "thesisvault.yaml", root)
    return root


@pytest.fixture
def root(tmp_path) -> Path:
    return make_tiny(tmp_path / "ws")


def lines_changed(before: bytes, after: bytes) -> tuple[list[str], list[str]]:
    """Return the lines that went and those that came."""
    old, new = (text.decode().splitlines(keepends=True) for text in (before, after))
    told = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    return [line[2:] for line in told if line[0] == "-"], [line[2:] for line in told if line[0] == "+"]


def changes(path: Path, *words: str | Path) -> tuple[list[str], list[str]]:
    """Return the lines that a command took out of a file and put into it; the file is as before then."""
    before = path.read_bytes()
    said = call(*words)
    after = path.read_bytes()
    path.write_bytes(before)
    assert said.status == 0, said
    return lines_changed(before, after)


def refused(root: Path, status: int, *words: str | Path) -> str:
    """Return what a command says that is refused and changes no definition."""
    before = {path: path.read_bytes() for path in (root / "data").rglob("*") if path.is_file()}
    said = call(*words, "-w", root)
    assert said.status == status, said
    assert {path: path.read_bytes() for path in (root / "data").rglob("*") if path.is_file()} == before
    return said.all


# --- the shipped files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("thesis", SHIPPED_THESES)
def test_every_command_changes_its_lines_of_a_shipped_thesis_and_no_other(shipped, thesis):
    path, where = shipped / "data" / "theses" / f"{thesis}.yaml", ("-w", shipped)
    update = ["  - on: 2026-03-04\n", '    title: "A: b"\n']
    assert changes(path, "log", thesis, "A: b", "--on", "2026-03-04", *where) in (
        ([], update),
        ([], ["updates:\n", *update]),
    )
    gone, come = changes(path, "review", thesis, "--on", "2026-03-04", *where)
    assert (gone, come) == ([], ["reviewed: 2026-03-04\n"])
    words = ("--check", "ret('SPY', 'ytd')", "--expect", "0.6%", "--on", "2026-03-04")
    gone, come = changes(path, "claim", thesis, "SPY is up", *words, *where)
    assert gone == []
    assert "".join(come).removeprefix("claims:\n") in (
        "  - says: SPY is up\n    check: \"ret('SPY', 'ytd')\"\n    expect: 0.6%\n    on: 2026-03-04\n",
        "  - {says: SPY is up, check: \"ret('SPY', 'ytd')\", expect: 0.6%, on: 2026-03-04}\n",
    )
    gone, come = changes(path, "close", thesis, "--on", "2026-03-04", "--reason", "over", *where)
    assert [line for line in gone if not line.startswith("status: ")] == []
    assert [line for line in come if "updates:" not in line] == [
        "status: closed\n",
        "closed: 2026-03-04\n",
        "  - on: 2026-03-04\n",
        '    title: "Closed: over"\n',
    ]


def test_instruments_entities_and_episodes_come_at_the_end_of_the_shipped_lists(shipped):
    data, where = shipped / "data", ("-w", shipped)
    facts = ("--name", "Made: up", "--kind", "stock", "--exchange", "XNYS", "--currency", "USD", "--offline")
    line = 'ON: {name: "Made: up", kind: stock, currency: USD, exchange: XNYS}\n'.replace("ON:", '"ON":')
    assert changes(data / "instruments.yaml", "add", "ON", *facts, *where) == ([], [line])
    assert changes(data / "entities.yaml", "new", "entity", "Jane Doe", "--kind", "person", *where) == (
        [],
        ["jane-doe: {name: Jane Doe, kind: person}\n"],
    )
    sides = ("--sell", "XLK, IGV", "--buy", "XLE")
    assert changes(data / "episodes.yaml", "new", "episode", "Made up", "--start", "2021-01-04", *sides, *where) == (
        [],
        [
            "\n",
            "made-up:\n",
            "  title: Made up\n",
            "  start: 2021-01-04\n",
            "  sell: {hold: [XLK, IGV]}\n",
            "  buy: {hold: [XLE]}\n",
        ],
    )


# --- what is written -------------------------------------------------------------------------------------------------


def test_an_update_is_shown_by_the_next_build(tiny):
    said = call("log", "The turn", "Badger digs: {{ ret('BBB', '1d') | pct(2) }}", "--on", "2024-06-28", "-w", tiny)
    assert said.status == 0, said
    assert call("build", "-w", tiny, "--offline").status == 0
    assert "Badger digs: " in shown(tiny / "vault" / "Theses" / "Left to right.md")


@pytest.mark.parametrize(
    "text",
    [
        "- a: b # c",
        "@home, %, *x, &y, !z",
        "'single' and \"double\"",
        "{ not: a, mapping }",
        "ends with a colon:",
        "🙂 👩‍🚀 a\u0301 \u200b \u00a0 \ufeff z",
        "true",
        "2024-06-28",
        "back\\slash \\n",
    ],
)
def test_text_comes_back_as_it_was_typed(root, text):
    assert call("close", "rotation", "--reason", text, "--on", "2024-06-28", "-w", root).status == 0
    said = call("log", "left-to-right", f"first\n{text}\n  deeper\n\n{text}", "--on", "2024-06-28", "-w", root)
    assert said.status == 0, said
    library = Session(root, NOW).sound_library()
    assert library.definitions["rotation"].tree.at(("updates", 0, "title")) == f"Closed: {text}"
    written = library.definitions["left-to-right"].tree.at(("updates", 0, "blocks", 0, "text"))
    assert written == f"{text}\n  deeper\n\n{text}"


def test_updates_stay_in_the_order_of_their_days(root):
    for day in ("2024-06-28", "2024-01-05", "2024-04-01"):
        assert call("log", "left-to-right", f"of {day}", "--on", day, "-w", root).status == 0
    updates = Session(root, NOW).library.definitions["left-to-right"].model.updates
    assert [each.on.isoformat() for each in updates] == ["2024-06-28", "2024-04-01", "2024-03-05", "2024-01-05"]


def test_a_web_address_becomes_a_source_once(root):
    for text in ("one", "two"):
        words = ("--source", "https://www.example.com/a?b=c#d", "--on", "2024-06-28")
        assert call("log", "left-to-right", text, *words, "-w", root).status == 0
    model = Session(root, NOW).library.definitions["left-to-right"].model
    assert [(each.id, each.url) for each in model.sources[1:]] == [("example-com", "https://www.example.com/a?b=c#d")]
    assert [each.source for each in model.updates[:2]] == ["example-com"] * 2
    assert "is not the id of a source" in refused(root, 2, "log", "rotation", "x", "--source", "hearsay")


def test_a_claim_says_who_said_it_and_when(root):
    words = ("--check", "ret('BBB', 'ytd')", "--between", "10%", "20%", "--by", "Jane Doe", "--on", "2024-06-03")
    assert call("claim", "left-to-right", "Badger rose", *words, "-w", root).status == 0
    model = Session(root, NOW).library.definitions["left-to-right"].model
    made = model.claims[-1]
    assert [each.text for each in made.between] == ["10%", "20%"]
    assert (made.source, made.on, model.sources[-1].by) == ("jane-doe", dt.date(2024, 6, 3), "Jane Doe")


def test_a_review_is_counted_from_the_day_that_it_was_made(root):
    edit(root / LEFT, "opened: 2024-01-03\n", "opened: 2024-01-03\nreview_every: 30d\n")
    said = call("review", "left-to-right", "--on", "2024-06-20", "-w", root)
    assert "the next review is due on 2024-07-20" in said.all
    assert call("build", "-w", root, "--offline").status == 0
    note = shown(root / "vault" / "Theses" / "Left to right.md")
    assert "\nreview_due: 2024-07-20\n" in note
    assert " · review 20 Jul_\n" in note


def test_dry_shows_the_lines_and_writes_nothing(root):
    said = refused(root, 0, "close", "left-to-right", "--on", "2024-06-28", "--dry")
    assert "+status: closed\n" in said
    assert "+closed: 2024-06-28\n" in said
    assert "Would write data/" in said
    assert not (root / ".thesisvault" / "lock").exists()


def test_json_tells_the_file_and_the_lines(root):
    said = call("review", "left-to-right", "--on", "2024-06-20", "--json", "-w", root)
    told = json.loads(said.out)
    assert (told["command"], told["written"], told["dry_run"]) == ("review", [LEFT], False)
    assert "+reviewed: 2024-06-20" in told["diff"]


def test_line_ends_the_mark_of_utf_8_and_the_mode_of_a_file_stay(root):
    path = root / LEFT
    before = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n").rstrip()
    path.write_bytes(before)
    path.chmod(0o640)
    assert call("review", "left-to-right", "--on", "2024-06-20", "-w", root).status == 0
    after = path.read_bytes()
    assert lines_changed(before, after) == ([], ["reviewed: 2024-06-20\r\n"])
    assert after[:3] == before[:3]
    assert not after.endswith(b"\n")
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_list_that_has_no_file_yet_gets_one_with_its_schema(root):
    (root / "data" / "episodes.yaml").unlink(missing_ok=True)
    said = call("new", "episode", "Made up", "--start", "2023-02-01", "--sell", "AAA", "--buy", "BBB", "-w", root)
    assert said.status == 0, said
    assert (
        (root / "data" / "episodes.yaml")
        .read_text("utf-8")
        .startswith(
            "# yaml-language-server: $schema=../schema/episodes.json\nmade-up: {title: Made up, start: 2023-02-01, "
        )
    )


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("log", "left-to-right", "{{ ret('BBB', '1 day') | pct }}"), "1 day"),
        (("log", "left-to-right", "See [[Nobody]]"), "no note is called [[Nobody]]"),
        (("log", "left-to-right", "x" * 501), "500 characters at most"),
        (("log", "left-to-right", "ring \a"), "U+0007"),
        (("log", "left-to-right", "x", "--on", "28 June"), "--on:"),
        (("log", "left-to-right", "x", "--source", "ftp://example.com"), "https://"),
        (("claim", "left-to-right", "x", "--check", "ret('BBB', 'ytd')", "--expect", "5pp"), "5pp was claimed"),
        (("claim", "left-to-right", "x", "--check", "ret('BBB', 'ytd')"), "expects nothing"),
        (("claim", "left-to-right", "x", "--check", "ret('ZZZ', 'ytd')", "--expect", "5%"), "thesisvault add ZZZ"),
        (("close", "left-to-right", "--on", "2023-01-01"), "lies before opened"),
        (("review", "left-to-rigth"), 'Did you mean "left-to-right"'),
        (("add", "AAA", "--offline"), "is an instrument already"),
        (("add", "ZZZ", "--offline"), "--name NAME --kind KIND --exchange EXCHANGE --currency CURRENCY"),
        (
            ("add", "ZZZ", "--name", "Zed plc", "--kind", "stock", "--offline"),
            "thesisvault add ZZZ --name 'Zed plc' --kind stock --exchange EXCHANGE --currency CURRENCY",
        ),
        (("add", "ZZZ", "--exchange", "nasdaq", "--offline"), "is not an exchange. Write NASDAQ."),
        (("add", "ZZZ", "--kind", "share", "--offline"), "is not a kind of instrument"),
        (("add", "ZZZ", "--name", "Z", "--kind", "stock", "--exchange", "XNYS", "--currency", "dollar"), "currency"),
        (("add", "fred:ZZZ", "--name", "Z"), "without a unit"),
        (("new", "entity", "Central bank", "--kind", "institution"), "has the same name"),
        (("new", "entity", "Bank", "--kind", "institution"), "already"),
        (("new", "entity", "Jane", "--kind", "human"), "human"),
        (("new", "entity", "Jane"), "--kind person"),
        (("new", "entity", "Jane", "--start", "2024-01-01"), "--start goes with: thesisvault new episode"),
        (("new", "episode", "Rise", "--sell", "AAA", "--buy", "BBB"), "--start"),
        (("new", "episode", "Rise", "--start", "2024-01-02"), "no_prices"),
        (("new", "thesis", "Rise", "--kind", "idea"), "--kind goes with: thesisvault new entity"),
        (("new", "thesis", "Central bank"), "has the same name"),
        (("new", "concept", "Home"), '"home" is the id of a note that every vault has. Give the file another name.'),
        (("new", "basket", "Aardvark"), "has the same name"),
        (("new", "thesis", "One\ntwo"), "on several lines"),
    ],
)
def test_an_edit_that_would_be_wrong_is_refused_and_nothing_is_written(root, words, why):
    assert why in refused(root, 2, *words)


@pytest.mark.parametrize("kind", ["thesis", "concept", "basket"])
def test_dry_shows_a_new_definition_and_writes_nothing(root, kind):
    before = sorted((root / "data").rglob("*"))
    said = call("new", kind, " Rise ", "--dry", "-w", root)
    assert (said.status, "\n+title: Rise\n" in said.out) == (0, True)
    told = json.loads(call("new", kind, "Rise", "--dry", "--json", "-w", root).out)
    assert (told["dry_run"], len(told["written"])) == (True, 1)
    assert sorted((root / "data").rglob("*")) == before


def test_a_closed_thesis_is_neither_closed_nor_reviewed(root):
    assert call("close", "left-to-right", "--on", "2024-06-28", "-w", root).status == 0
    assert "is closed already since 2024-06-28" in refused(root, 2, "close", "left-to-right")
    assert "is closed" in refused(root, 2, "review", "left-to-right")


def test_a_name_of_two_theses_is_asked_about(root):
    edit(root / "data/theses/rotation.yaml", "kind: concept\n", "kind: concept\naliases: [The turn]\n")
    assert "left-to-right, rotation" in refused(root, 2, "log", "The turn", "x")


def test_a_mistake_elsewhere_keeps_nobody_from_writing(root):
    edit(root / "data/theses/rotation.yaml", "kind: concept\n", "kind: conzept\n")
    assert "conzept" in refused(root, 2, "log", "rotation", "x")
    assert call("log", "left-to-right", "x", "--on", "2024-06-28", "-w", root).status == 0


PASTED = [
    (
        ("log", "left-to-right", "One: a", "--source", "hearsay"),
        'updates:\n  - on: 2024-06-28\n    title: "One: a"\n    source: hearsay',
    ),
    (("review", "left-to-right"), "reviewed: 2024-06-28"),
    (("close", "left-to-right"), "status: closed\nclosed: 2024-06-28"),
    (
        ("claim", "left-to-right", "It fell", "--check", "ret('AAA', 'ytd')", "--at-most", "0%"),
        "claims:\n  - says: It fell\n    check: \"ret('AAA', 'ytd')\"\n    at_most: 0%\n    on: 2024-06-28",
    ),
]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("updates:\n", "updates: &a\n"),
        ("opened: 2024-01-03\n", "opened: 2024-01-03\nopened: 2024-01-03\n"),
        ("tags: [rotation]\n", "tags: [rotation\n"),
        ("tags: [rotation]\n", "tags:\n\t- rotation\n"),
    ],
)
def test_a_broken_list_is_left_alone_with_what_to_put_into_it(root, old, new):
    path = root / LEFT
    edit(path, old, new)
    for words, paste in PASTED:
        said = refused(root, 2, *words, "--on", "2024-06-28")
        assert f"{LEFT} is left as it is. Put this into it by hand:\n\n{paste}\n" in said
        assert f"error: {LEFT}:" in said
    edit(root / "data/entities.yaml", "{name: Central bank", "&b {name: Central bank")
    said = refused(root, 2, "new", "entity", "Jane", "--kind", "person")
    assert (
        "data/entities.yaml is left as it is. Put this into it by hand:\n\njane: {name: Jane, kind: person}\n" in said
    )
    assert "data/entities.yaml:1:7: &b is an anchor" in said
    told = json.loads(call("new", "entity", "Jane", "--kind", "person", "--json", "-w", root).out)
    assert (told["file"], told["paste"], told["written"]) == (
        "data/entities.yaml",
        "jane: {name: Jane, kind: person}",
        [],
    )


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_and_a_read_only_file_are_left_alone(root, tmp_path):
    path = root / LEFT
    path.chmod(0o444)
    said = refused(root, 74, "log", "left-to-right", "x", "--on", "2024-06-28")
    assert "read-only" in said
    assert "updates:\n  - on: 2024-06-28\n    title: x\n" in said
    path.chmod(0o644)
    path.rename(tmp_path / "real.yaml")
    path.symlink_to(tmp_path / "real.yaml")
    (root / "thesisvault.yaml").write_text((root / "thesisvault.yaml").read_text() + "follow_links: true\n")
    assert "symbolic link" in refused(root, 74, "log", "left-to-right", "x")
    assert path.is_symlink()


def test_a_file_that_changes_meanwhile_is_left_as_it_is(root):
    class Slow(Session):
        def errors_with(self, drafts):
            edit(root / LEFT, "title: Left to right", "title: Left and right")
            return super().errors_with(drafts)

    with pytest.raises(LeftAloneError, match="has changed since it was read") as left:
        theses.log(Slow(root, NOW), "left-to-right", "x", on=NOW.date())
    assert left.value.paste == "updates:\n  - on: 2024-06-28\n    title: x"
    assert "x" not in [each.title for each in Session(root, NOW).library.definitions["left-to-right"].model.updates]


def test_another_run_is_waited_for_by_the_person(root):
    with locked(root / ".thesisvault", "build"):
        assert "another run is using this workspace" in refused(root, 75, "log", "left-to-right", "x")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the child is a fork")
def test_a_power_cut_leaves_the_old_file_or_the_new_one(root):
    def work():
        theses.log(Session(root, NOW), "left-to-right", "x", on=NOW.date())

    path, folder = root / LEFT, root / "data" / "theses"
    old = path.read_bytes()
    steps_of(work)
    new = path.read_bytes()
    assert old != new
    seen = []
    for count in itertools.count(1):
        path.write_bytes(old)
        status = killed_at(count, work)
        seen.append(path.read_bytes())
        assert [each.name for each in folder.iterdir() if each.suffix != ".yaml"] in ([], [f".{path.name}.tv-tmp"])
        if status == 0:
            break
        assert status == -9
        if seen[-1] == old:
            work()
            assert path.read_bytes() == new
    assert set(seen) == {old, new}
    assert seen[-1] == new
