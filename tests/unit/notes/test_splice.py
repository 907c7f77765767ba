"""Single regions written anew: every other byte stays."""

from __future__ import annotations

import pytest

from thesisvault.notes.markers import wrap
from thesisvault.notes.splice import spliced

FRONT = '---\nid: "home"\n---\n\n'
ONE, TWO = wrap("summary", "# Home"), wrap("theses", "A table.")
NOTE = f"{FRONT}{ONE}\n\nMine.\n\n{TWO}\n"
FAILED = wrap("failed-run", "It failed.")
RAN = wrap("last-run", "It ran.")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_regions_are_added_where_they_belong_and_taken_out_without_a_trace(newline: str) -> None:
    note = NOTE.replace("\n", newline)
    told = spliced(note, {"failed-run": "It failed.", "last-run": "It ran."})
    assert told == f"{FRONT}{ONE}\n\n{FAILED}\n\nMine.\n\n{TWO}\n\n{RAN}\n".replace("\n", newline)
    assert spliced(told, {"failed-run": "It failed.", "last-run": "It ran."}) == told
    assert spliced(told, {"failed-run": "", "last-run": ""}) == note


def test_a_region_gets_another_body_and_nothing_else_changes() -> None:
    note = f"{FRONT}{ONE}\n\n{FAILED}\n\nMine.\n"
    again = wrap("failed-run", "It failed again.")
    assert spliced(note, {"failed-run": "It failed again."}) == note.replace(FAILED, again)


def test_what_a_person_edited_or_removed_stays_so() -> None:
    edited = f"{FRONT}{ONE}\n\n{FAILED}\n".replace("It failed.", "My words.")
    assert spliced(edited, {"failed-run": "It failed again."}) == edited
    assert spliced(edited, {"failed-run": ""}) == edited
    assert spliced(NOTE, {"failed-run": "It failed."}, frozenset({"failed-run"})) == NOTE


@pytest.mark.parametrize("note", ["", "Mine alone.\n", NOTE.replace("tv:end theses", "tv:and theses")])
def test_a_note_without_sound_regions_is_left_alone(note: str) -> None:
    assert spliced(note, {"failed-run": "It failed."}) is None
