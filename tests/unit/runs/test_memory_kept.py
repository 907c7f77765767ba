"""The memory of notes is parsed once; what is kept of it counts only for the very file that it was read from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from thesisvault.definitions.reading import load
from thesisvault.errors import DefinitionError
from thesisvault.runs.lifecycle import memory
from thesisvault.runs.lifecycle.memory import FILE, read_memory
from thesisvault.workspace import Workspace, workspace_at
from thesisvault.written import Written

TEXT = """\
"/":
  vault: "vault"
  folder: "Markets"
"home":
  path: "Home.md"
  regions: ["summary", "theses"]
"entity/someone":
  path: "Entities/Sömé One.md"
  regions: ["what"]
  removed: ["links", "claims"]
  deleted: true
"old":
  path: "Old.md"
  orphaned: true
  aliases: [One]
  properties: {a: b}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "data").mkdir()
    made = workspace_at(tmp_path)
    made.memory.write_text(TEXT)
    return made


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    read = load._read
    monkeypatch.setattr(load, "_read", lambda file, most: (found.append(file.shown), read(file, most))[1])
    return found


def test_what_is_kept_is_what_was_read(workspace: Workspace, parsed: list[str]) -> None:
    first = read_memory(workspace)
    assert not (workspace.cache / FILE).exists()
    assert read_memory(workspace, "code") == first
    again = read_memory(workspace, "code")
    assert again == first
    assert again.text() == first.text()
    assert [note.model_fields_set for note in again.notes.values()] == [
        note.model_fields_set for note in first.notes.values()
    ]
    assert parsed == ["data/notes.yaml"] * 2
    assert first.notes["old"].properties == {"a": "b"}
    assert first.notes["entity/someone"].deleted


@pytest.mark.parametrize("one", ["read", "kept"])
def test_nothing_of_a_memory_holds_its_file(workspace: Workspace, one: str) -> None:
    found = [read_memory(workspace, "code") for _ in range(2)][one == "kept"]

    def texts(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        if isinstance(value, dict):
            return [text for pair in value.items() for each in pair for text in texts(each)]
        return [text for each in value for text in texts(each)] if isinstance(value, tuple) else []

    held = [*found.notes, *(text for note in found.notes.values() for text in texts(dict(note).__class__(note)))]
    assert held
    assert not any(isinstance(each, Written) for each in held)


def test_another_file_code_or_form_is_read(
    workspace: Workspace, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_memory(workspace, "code")
    workspace.memory.write_text(TEXT.replace("deleted: true", "deleted: false"))
    assert not read_memory(workspace, "code").notes["entity/someone"].deleted
    workspace.memory.write_text(TEXT)
    assert read_memory(workspace, "code").notes["entity/someone"].deleted
    read_memory(workspace, "other code")
    monkeypatch.setattr(memory, "_KEPT_HEAD", "thesisvault memory 0")
    read_memory(workspace, "other code")
    assert len(parsed) == 5
    kept = workspace.cache / FILE
    kept.write_bytes(kept.read_bytes().replace(b"Home", b"Hame"))
    assert read_memory(workspace, "other code").notes["home"].path == "Home.md"


def test_a_broken_memory_is_never_kept(workspace: Workspace) -> None:
    read_memory(workspace, "code")
    workspace.memory.write_text(TEXT + "broken: [\n")
    for _ in range(2):
        with pytest.raises(DefinitionError):
            read_memory(workspace, "code")
    workspace.memory.write_text(f"<<<<<<< HEAD\n{TEXT}=======\n{TEXT}>>>>>>> other\n")
    for _ in range(2):
        assert read_memory(workspace, "code").findings
