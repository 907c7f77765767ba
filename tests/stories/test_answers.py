"""Every command answers `--json` as `schema/report.json` says, and with no key that it does not name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from tests.stories.answers import SCHEMA, faults, valid
from tests.stories.test_watch import watching
from tests.stories.workspaces import call, edit
from thesisvault.cli.app import app
from thesisvault.runs.report import JSON_VERSION
from thesisvault.runs.schemas import schemas

THESIS, NOTE = "data/theses/left-to-right.yaml", "vault/Theses/Left to right.md"

ASKED: dict[str, list[tuple[str, ...]]] = {
    "init": [("fresh",)],
    "demo": [("made",)],
    "schema": [(), ("--check",)],
    "new": [
        ("thesis", "Another"),
        ("entity", "OPEC", "--kind", "institution"),
        ("entity", "OPEC", "--kind", "institution", "--dry"),
        ("entity", "Jane", "--kind", "person"),
    ],
    "add": [("CCC", "--name", "Cat", "--kind", "stock", "--exchange", "XNYS", "--currency", "USD", "--offline")],
    "log": [("left-to-right", "It went on.")],
    "review": [("left-to-right",)],
    "claim": [("left-to-right", "Up", "--check", "ret('BBB', 'ytd')", "--expect", "5%")],
    "close": [("left-to-right", "--reason", "Over.")],
    "run": [(), ("--due", "close+45m")],
    "refresh": [(), ("AAA",)],
    "build": [("--offline",), ("--check",), ("--strict",)],
    "check": [(), ("--strict",)],
    "status": [()],
    "why": [("Home",), ("Left to right", "--inputs"), ("--next",)],
    "open": [("--print",), ("Left to right", "--print")],
    "doctor": [("--offline",)],
    "eval": [("ret('BBB', 'ytd')",), ("ret('NEW', '5y')",), ("peak('BBB', '1y')",)],
    "prices": [(), ("AAA",), ("--verify",), ("AAA", "--add-split", "2024-05-02", "2:1", "--reason", "it was")],
    "restore": [("Home",)],
    "prune": [()],
    "adopt": [("Left to right",)],
    "rename": [("Left to right", "To the right")],
    "schedule install": [("--kind", "github", "--dry"), ("--kind", "github")],
    "schedule show": [("--kind", "github")],
    "schedule status": [()],
    "schedule remove": [("--kind", "github", "--dry"), ("--kind", "github")],
    "schedule allow": [("--dry",)],
}
"""What each command is asked, besides `watch`."""


def every_command() -> set[str]:
    group = typer.main.get_command(app)
    found = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found |= {f"{name} {each}" for each in inner} if inner else {name}
    return found


def test_no_command_is_left_out() -> None:
    assert {*ASKED, "watch"} == every_command()


@pytest.fixture
def root(tiny: Path) -> Path:
    """A workspace in which there is something to find for every command."""
    (tiny / ".git").mkdir()
    edit(tiny / "thesisvault.yaml", "benchmark: MKT\n", "benchmark: MKT\non_failure: [notify, me]\n")
    edit(tiny / THESIS, "leads left by", "is ahead of left by")
    (tiny / NOTE).write_text((tiny / NOTE).read_text("utf-8") + "\nSee [[Nowhere at all]].\n", encoding="utf-8")
    return tiny


@pytest.mark.parametrize(("command", "words"), [(name, words) for name, asked in ASKED.items() for words in asked])
def test_the_answer_is_as_the_schema_says(
    root: Path, monkeypatch: pytest.MonkeyPatch, command: str, words: tuple[str, ...]
) -> None:
    if "Jane" in words:
        edit(root / "data/entities.yaml", "{name: Central bank", "&b {name: Central bank")
    if command == "restore":
        (root / "vault/Home.md").unlink()
        call("build", "-w", root)
    monkeypatch.chdir(root.parent)
    here = () if command in ("init", "demo") else ("-w", str(root))
    answer = valid(call(*command.split(), *words, "--json", *here).out)
    assert (answer["version"], answer["command"]) == (JSON_VERSION, command)
    assert ("paste" in answer) is ("Jane" in words)


def test_a_watch_answers_so_too(tiny: Path) -> None:
    with watching(tiny, "--json") as watch:
        assert faults(watch.next()) == []
        edit(tiny / THESIS, "Capital leaves", "Capital left")
        answer = watch.next()
        assert (answer["command"], faults(answer)) == ("watch", [])


def test_what_no_command_says_is_refused() -> None:
    report = {
        "version": 1,
        "command": "build",
        "as_of": None,
        "written": [],
        "removed": [],
        "unchanged": 0,
        "dry_run": False,
        "nothing_new": False,
        "findings": [],
    }
    assert faults(report) == []
    for key, value in {"version": 2, "command": "bild", "as_of": 5, "findings": [{}], "more": 1}.items():
        assert faults({**report, key: value}) != [], key
    for key in report:
        assert faults({name: value for name, value in report.items() if name != key}) != [], key


def test_the_shipped_schema_is_that_of_the_code_and_lets_new_keys_come() -> None:
    text = SCHEMA.read_text("utf-8")
    assert text == schemas()["report.json"]
    assert '"additionalProperties": false' not in text
    versions = {
        each["properties"]["version"]["const"]
        for each in json.loads(text)["$defs"].values()
        if "version" in each["properties"]
    }
    assert versions == {JSON_VERSION}
