"""What is known of a note that is as a merge left it saves time, and changes nothing that a merge gives."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thesisvault.notes import regions
from thesisvault.notes.properties.values import Value
from thesisvault.notes.regions import FreshNote
from thesisvault.notes.targets import Leads
from thesisvault.runs.lifecycle.memory import NoteMemory
from thesisvault.runs.steps.merging import MergedNote, _digest, _Merge
from thesisvault.structs import as_plain

DAYS = (dt.date(2026, 2, 26), dt.date(2026, 2, 27))
NAMES = ("summary", "returns", "claims", "sources")
BODIES = (
    "# Title\n\nText with [[Oil|crude]] and [[Gas]].",
    "# Title\n\nText with [[Crude|crude]] and [[Gas]].",
    "# Title\n\nText with [[Gas|crude]] and [[Gas]].",
    "Text of *another* day: +1.0%",
    "Text of *another* day: +2.0%",
    "| a | b |\n| --- | --: |\n| 1 | 2 |",
    "| a   | b  |\n| --- | -: |\n| 1 | 2 |",
    "| a | b |\n| --- | --: |\n| 1 | 3 |",
    "See [a](Oil.md) and ![[attachments/chart-a.png|520]].",
    "```mermaid\npie\n```\n\nMore.",
    "> [!note] Say\n> so",
    "  \n\nIndented\n \u00a0",
    "a\r\nb\r",
    "%% tv: no marker",
    "%% tv:begin summary %%\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs",
    "",
)
PROPERTIES: tuple[Mapping[str, Value], ...] = (
    {"id": "x", "status": "active", "tags": ["a"], "as_of": DAYS[0], "spread_ytd_pp": 1.5},
    {"id": "x", "status": "active", "tags": ["a", "b"], "as_of": DAYS[1], "spread_ytd_pp": 2},
    {"id": "x", "kind": "thesis", "aliases": ["Ä: b"], "as_of": DAYS[1], "spread_1y_pp": None},
)
PIECES = (
    "mine", "", "```", "> quote", "---", "- item", "\tTab", "[[Nowhere]]", "\u2028",
    "> [!quote]- Your edit, kept 2026-02-27",
    "<<<<<<< ours", "=======", ">>>>>>> theirs", "%% tv:begin summary %%", "%% tv:end returns 00000000 %%", "id: fake",
    "status: mine", "  - b", "%% tv:begin claims %%\n\nforged\n\n%% tv:end claims 00000000-00000000 %%",
)  # fmt: skip


def by_a_formatter(text: str) -> str:
    return text.replace("*another*", "_another_").replace("| a |", "|a|").replace("Text with", "Text with ")


def with_a_conflict(text: str) -> str:
    before, sign, after = text.partition("Text")
    return f"{before}<<<<<<< a\n{sign}\n=======\nOther\n>>>>>>> b\n{after}" if sign else text


DEEDS: Mapping[str, Callable[[str], str]] = {
    "nothing": lambda text: text,
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "a byte order mark": lambda text: f"\ufeff{text}",
    "no last line end": lambda text: text.rstrip("\n"),
    "a rename": lambda text: text.replace("[[Oil|", "[[Crude|").replace("(Oil.md)", "(Crude.md)"),
    "a link led elsewhere": lambda text: text.replace("[[Oil|", "[[Gas|"),
    "a formatter": by_a_formatter,
    "a conflict": with_a_conflict,
    "an edit": lambda text: text.replace("day:", "mine:"),
    "forged hashes": lambda text: re.sub(r"(%% tv:end [a-z]+ )[0-9a-f-]+", r"\g<1>00000000-00000000", text),
    "no region": lambda text: text.partition("%% tv:begin")[0],
    "words outside": lambda text: text.replace("\n\n%% tv:begin", "\n\nMine.\n\n%% tv:begin"),
    "an own property": lambda text: text.replace("\n---\n", "\nmine: 1 # note\n---\n", 1),
    "nothing left": lambda _: "",
}
Bodies = list[tuple[str, str]]
BODY = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(BODIES)), unique_by=lambda pair: pair[0], max_size=4)
PUT = st.tuples(st.integers(0, 60), st.sampled_from(PIECES))
DEED = st.sampled_from(["nothing"] * 12 + list(DEEDS))
ROUND = st.tuples(
    BODY, st.booleans(), st.sampled_from(PROPERTIES), st.sampled_from(DAYS), DEED, st.none() | st.none() | PUT
)
CALLED = st.sampled_from(("Oil", "Crude"))


def leads(before: str, now: str) -> Leads:
    """Return where links lead: to two notes, of which one was called otherwise before, and has the other name now."""
    return Leads({now: "oil", "Gas": "gas"}.get, lambda key: (before,) if key == "oil" else ("Gas",))


def merged(
    disk: str | None, fresh: FreshNote, day: dt.date, known: NoteMemory | None, found: Leads, left: str
) -> tuple[bytes | None, tuple[object, ...], bool]:
    note = MergedNote("x", "N.md", known or NoteMemory(path="N.md"))
    keys = frozenset({"id", "kind", "status", "tags", "aliases", "as_of"})
    file = "vault/N.md", day, known, found, left
    merge_one = _Merge(fresh.properties, lambda: fresh.regions, keys, note, *file, adopting=False)
    return merge_one(disk), tuple(as_plain(note).values()), merge_one.is_sealed


@given(st.lists(st.tuples(ROUND, CALLED, CALLED), min_size=2, max_size=4))
@example(
    # A link that a rename has led on is taken as ours, and a round later leads to a note of neither name.
    [
        (([("summary", BODIES[0])], False, PROPERTIES[0], DAYS[0], "rename", None), "Oil", "Oil"),
        (([("summary", BODIES[1])], False, PROPERTIES[0], DAYS[0], "nothing", None), "Oil", "Crude"),
        (([("summary", BODIES[2])], False, PROPERTIES[0], DAYS[0], "nothing", None), "Crude", "Crude"),
    ]
)
def test_a_spliced_note_is_the_merged_note(rounds: list[tuple[tuple, str, str]]) -> None:
    disk: str | None = None
    known: NoteMemory | None = None
    left, bodies = "", dict[str, str]()
    for (changed, is_whole, properties, day, deed, put), before, now in rounds:
        bodies = dict(changed) if is_whole else bodies | dict(changed)  # most regions stay as they were
        fresh = FreshNote(properties, tuple(bodies.items()))
        wanted = merged(disk, fresh, day, known, leads(before, now), "")
        assert merged(disk, fresh, day, known, leads(before, now), left) == wanted
        data, (_, _, memory, _, damaged, _), is_sealed = wanted
        text = data.decode("utf-8", "surrogateescape") if data is not None else disk or ""
        known = memory if isinstance(memory, NoteMemory) and not damaged else known
        if data is not None and not damaged:  # else what an earlier run knew is kept
            left = _digest(data) if is_sealed else ""
        disk = DEEDS.get(deed, DEEDS["a rename"])(text)
        if put is not None:
            lines = disk.split("\n")
            lines.insert(put[0] % (len(lines) + 1), put[1])
            disk = "\n".join(lines)


@pytest.mark.parametrize("body", ["```text\na\n```", "~~~\na\n~~~", "a\rb"])
def test_a_note_of_which_it_is_not_certain_how_it_is_read_is_never_spliced(body: str) -> None:
    assert not merged(None, FreshNote({"id": "x"}, (("summary", body),)), DAYS[0], None, leads("Oil", "Oil"), "")[2]


def test_a_note_that_is_as_it_was_left_is_asked_only_for_regions_of_another_body(monkeypatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(regions.meaning, "alike", lambda one, other, **_: asked.append(other) or one == other)
    monkeypatch.setattr(regions, "retyped", lambda *_: asked.append("retyped") or False)
    monkeypatch.setattr(
        regions, "wrap", lambda name, body, wrap=regions.wrap: asked.append(f"wrap {body}") or wrap(name, body)
    )
    first = FreshNote(PROPERTIES[0], (("summary", BODIES[0]), ("returns", "+1%"), ("claims", "c")))
    second = FreshNote(PROPERTIES[1], (("summary", BODIES[0]), ("returns", "+2%"), ("claims", "c")))
    data, (_, _, memory, *_), is_sealed = merged(None, first, DAYS[0], None, leads("Oil", "Oil"), "")
    assert is_sealed
    assert isinstance(memory, NoteMemory)
    assert data
    asked.clear()
    again, *_ = merged(data.decode(), second, DAYS[1], memory, leads("Oil", "Oil"), _digest(data))
    assert asked == ["+2%", "wrap +2%"]
    assert b"+2%" in (again or b"")
    asked.clear()
    merged(data.decode() + "Mine.\n", second, DAYS[1], memory, leads("Oil", "Oil"), _digest(data))
    assert len(asked) > 5
