"""One run reads the settings, each definition and the vault once, counted by what the process really opens."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.stories.workspaces import call
from thesisvault.session import Session

_HEARD: list[Counter[str]] = []


def _listen(event: str, args: tuple[Any, ...]) -> None:
    if not _HEARD or event not in ("open", "os.scandir"):
        return
    what = args[0]
    if event == "os.scandir" and isinstance(what, int):  # a folder that is open is listed by its number
        what = f"/proc/self/fd/{what}"
    if isinstance(what, str | bytes | os.PathLike):
        writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
        if not writes:
            _HEARD[-1][f"{event} {os.path.realpath(os.fsdecode(what))}"] += 1


sys.addaudithook(_listen)  # a hook cannot be removed; it hears nothing outside `counting`


@contextmanager
def counting(root: Path) -> Iterator[Counter[str]]:
    """Give how often each file below a folder was read and each folder was listed while the body runs."""
    heard: Counter[str] = Counter()
    _HEARD.append(heard)
    try:
        yield heard
    finally:
        _HEARD.pop()
        prefix = f"{os.path.realpath(root)}{os.sep}"
        found = {words: count for words, count in heard.items() if words.partition(" ")[2].startswith(prefix)}
        heard.clear()
        heard.update({f"{w.partition(' ')[0]} {w.partition(prefix)[2]}": n for w, n in found.items()})


def definitions(root: Path) -> set[str]:
    paths = [root / "thesisvault.yaml", *(p for p in (root / "data").rglob("*") if p.suffix in (".yaml", ".txt"))]
    return {f"open {path.relative_to(root).as_posix()}" for path in paths if path.name != "notes.yaml"}


def folders(root: Path) -> set[str]:
    vault = root / "vault"
    inside = [path for path in vault.rglob("*") if path.is_dir() and path.relative_to(vault).as_posix()[0] != "."]
    return {f"os.scandir {path.relative_to(root).as_posix()}" for path in (vault, *inside)}


def more_than_once(read: Counter[str], names: set[str]) -> dict[str, int]:
    """What was read too often; a thesis is read again where it is wanted whole, and has to be the same text then."""
    return {name: read[name] for name in names if read[name] > (2 if "data/theses/" in name else 1)}


@pytest.mark.parametrize("command", ["build", "run", "check"])
def test_settings_and_definitions_are_read_once(tiny: Path, command: str) -> None:
    with counting(tiny) as read:
        said = call(command, "-w", tiny, *(["--offline"] if command != "check" else []))
    assert said.status == 0, said
    assert definitions(tiny) <= read.keys(), "the counter hears what is read"
    assert more_than_once(read, definitions(tiny)) == {}


@pytest.mark.parametrize(("command", "looks"), [("run", 1), ("build", 3), ("check", 3)])
def test_where_nothing_changes_the_vault_is_looked_at_as_often_as_is_known(
    tiny: Path, command: str, looks: int
) -> None:
    with counting(tiny) as read:
        said = call(command, "-w", tiny, *(["--offline"] if command != "check" else []))
    assert said.status == 0, said
    # Once to read what is in them; build and check list them twice more, to know whether all stayed as it was.
    assert folders(tiny) <= read.keys(), "the counter hears what is listed"
    assert max(read[folder] for folder in folders(tiny)) == looks


def test_a_run_that_wrote_looks_once_more_so_that_its_check_sees_the_disk(tiny: Path) -> None:
    thesis = tiny / "data/theses/rotation.yaml"
    thesis.write_text(thesis.read_text().replace("Money moves", "Capital moves"), encoding="utf-8")
    with counting(tiny) as read:
        said = call("run", "-w", tiny, "--offline")
    assert said.status == 0, said
    assert more_than_once(read, definitions(tiny)) == {}
    assert {read[folder] for folder in folders(tiny)} == {2}


def test_the_check_of_a_run_sees_what_the_run_wrote(tiny: Path) -> None:
    (tiny / "vault/Concepts/Own.md").write_text("See [[Third way]].\n", encoding="utf-8")
    assert "dead-link" in call("run", "-w", tiny, "--offline", "--json").out
    (tiny / "data/theses/third-way.yaml").write_text("title: Third way\nkind: concept\nsummary: New.\n")
    said = call("run", "-w", tiny, "--offline", "--json")
    assert said.status == 0, said
    assert "vault/Concepts/Third way.md" in said.out
    assert "dead-link" not in said.out


@pytest.mark.parametrize("words", [("restore", "Rotation"), ("rename", "Rotation", "Turn"), ("adopt", "Rotation")])
def test_a_command_on_a_note_and_its_build_share_one_reading(tiny: Path, words: tuple[str, ...]) -> None:
    if words[0] == "restore":
        (tiny / "vault/Concepts/Rotation.md").unlink()
        assert call("build", "-w", tiny, "--offline").status == 0
    with counting(tiny) as read:
        said = call(*words, "-w", tiny)
    assert said.status == 0, said
    assert definitions(tiny) <= read.keys()
    assert more_than_once(read, {*definitions(tiny), *folders(tiny)}) == {}


@pytest.mark.parametrize("words", [("prices",), ("prices", "AAA"), ("eval", "close('AAA')")])
def test_what_only_shows_prices_does_not_look_at_the_vault(tiny: Path, words: tuple[str, ...]) -> None:
    with counting(tiny) as read:
        assert call(*words, "-w", tiny).status == 0
    assert read["open thesisvault.yaml"] == 1
    assert more_than_once(read, definitions(tiny)) == {}
    assert not folders(tiny) & read.keys()


def test_a_second_look_is_counted(tiny: Path) -> None:
    with counting(tiny) as read:
        for _ in range(2):
            session = Session(tiny, now=None)  # type: ignore[arg-type]
            assert session.library.definitions
            assert session.index.notes
    assert min(read[name] for name in {*definitions(tiny), *folders(tiny)}) > 1
