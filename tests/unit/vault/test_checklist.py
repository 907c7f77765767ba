"""The checklist itself: a sound vault has no fault, and each fault is found by the point that names it."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from thesisvault.notes.regions import FreshNote, merge
from tests.checklist import check_vault
from tests.reader import read_vault

GOOD = (
    "# Long A against B\n\n> [!info] State\n> Spread 12.4 % (\\$1.2bn), see [[B|Bee]].\n\n"
    "| leg | note |\n| :-- | --: |\n| buy | [[B\\|Bee]] |\n\n^legs\n\n"
    "![[chart-a.png|640]] ==marked== `$x` a<br>b\n\n[[#^legs]]"
)
KEYS = {"id": "a", "tags": ["x"], "as_of": dt.date(2026, 2, 27), "spread": 1.5, "b_link": "[[B]]"}
TYPES = {"id": "text", "tags": "tags", "as_of": "date", "spread": "number", "b_link": "text"}


def vault(root, body=GOOD, change=lambda text: text):
    (root / ".obsidian").mkdir()
    (root / ".obsidian" / "types.json").write_text(json.dumps({"types": TYPES}))
    text = merge(None, FreshNote(KEYS, (("summary", body),)), as_of=dt.date(2026, 2, 27)).text
    (root / "A.md").write_bytes(change(text).encode())
    (root / "B.md").write_text("# B\n")
    (root / "chart-a.png").write_bytes(b"png")
    return root


def test_a_sound_vault_has_no_fault_and_an_independent_reader_finds_it_whole(tmp_path):
    assert check_vault(vault(tmp_path)) == []
    assert read_vault(tmp_path).is_whole


def test_the_independent_reader_sees_what_is_missing(tmp_path):
    read = read_vault(vault(tmp_path, "[[Nobody]] ![[gone.png]]"))
    assert (read.nonexistent_notes, read.nonexistent_media) == ({"Nobody"}, {"gone.png"})


@pytest.mark.parametrize(
    ("point", "body"),
    [
        (12, "[[Nobody]]"),
        (13, "[[B#Nothing]]"),
        (14, "| a |\n| - |\n| b |\n^x"),
        (15, "# A: b"),
        (16, "![[gone.png]]"),
        (16, "![[chart-a.png|big]]"),
        (17, "text\n| a |\n| --- |"),
        (17, "| a | b |\n| --- | --- |\n| [[B|x]] | c |"),
        (18, "costs $5"),
        (19, "100%% sure"),
        (20, "an #esg thing"),
        (21, "a == b"),
        (21, "`= this.file`"),
        (21, "key:: value"),
        (21, "{{ x }}"),
        (21, "<AAPL>"),
        (22, "> [!weird] x"),
        (23, "```dataview\nLIST\n```"),
        (24, "<script>x</script>"),
        (25, "- [ ] task"),
        (26, "text\n---"),
    ],
)
def test_a_fault_in_a_region_is_found(tmp_path, point, body):
    faults = check_vault(vault(tmp_path, body))
    assert [fault for fault in faults if fault.startswith(f"{point}:")], faults


@pytest.mark.parametrize(
    ("point", "old", "new"),
    [
        (1, "State", "State\r"),
        (1, "State", "Sta\u00a0te"),
        (2, 'id: "a"', 'id: "a'),
        (3, 'id: "a"', 'id: "a"\nID: "b"'),
        (3, "spread: 1.5", 'spread: "1.5"'),
        (4, 'tags:\n  - "x"', "tags: x"),
        (5, 'id: "a"', "id: a"),
        (6, 'id: "a"', 'id: &i "a"'),
        (7, '"[[B]]"', '"see [[B]]"'),
        (8, 'id: "a"', 'id: "3m"'),
        (9, '"x"', '"2026"'),
        (29, "%% tv:begin", " %% tv:begin"),
    ],
)
def test_a_fault_in_a_note_is_found(tmp_path, point, old, new):
    faults = check_vault(vault(tmp_path, change=lambda text: text.replace(old, new, 1)))
    assert [fault for fault in faults if fault.startswith(f"{point}:")], faults
