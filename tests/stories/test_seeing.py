"""Seeing: what `doctor` finds and advises, what `open` asks Obsidian for, and the theses at a glance."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.stories.workspaces import COMMAND, call, edit, environment, make_tiny, spawn, tree
from thesisvault.cli.app import app
from thesisvault.vault.lock import locked

OPENER = '#!/bin/sh\nprintf "%s\\n" "$@" >> "$OPENED"\nexit "${ENDS:-0}"\n'
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_tiny(tmp_path_factory.mktemp("seeing") / "ws")
    assert call("build", "-w", root).status == 0
    return root


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "ws"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person who has no schedule, no Obsidian and no desktop yet."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("crontab", "systemctl"):
        (programs / name).write_text("#!/bin/sh\necho no crontab for me >&2\nexit 1\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


# doctor -----------------------------------------------------------------------------------------------------------


def examined(root: Path, *words: str) -> dict[str, dict[str, Any]]:
    """Return what each check of `doctor` found; its exit status agrees with it."""
    said = call("doctor", *words, "--json", "-w", root)
    found = {each["about"]: each for each in json.loads(said.out)["checks"]}
    assert said.status == (not all(each["fine"] for each in found.values())), said
    assert all(each["fine"] == (not each["todo"]) for each in found.values())
    return found


def todo(root: Path, *words: str) -> dict[str, str]:
    return {about: f"{each['found']} {each['todo']}" for about, each in examined(root, *words).items() if each["todo"]}


def test_a_sound_workspace_has_nothing_to_do_and_nothing_is_written(root: Path) -> None:
    before = tree(root)
    said = call("doctor", "-w", root)
    assert (said.status, said.err) == (0, ""), said
    assert [line[:6] for line in said.out.splitlines()[:-1]] == ["ok    "] * 12
    assert said.out.endswith(" checks, nothing to do.\n")
    for words in (
        "Source Sans Pro",
        "vault/.trash can be written",
        "MKT ends 28 Jun 2024, as expected",
        "5 files in prices",
    ):
        assert words in said.out
    assert tree(root) == before


def test_without_prices_the_remedy_can_be_typed(root: Path) -> None:
    shutil.rmtree(root / "data/market")
    said = call("doctor", "-w", root)
    assert said.status == 1
    assert "no prices are stored.\n                    Fetch them: thesisvault refresh\n" in said.out
    assert said.out.endswith(" checks, 1 to do.\n")
    assert not (root / "data/market").exists()


def test_old_prices_are_told_with_the_day_that_is_expected(root: Path) -> None:
    edit(root / "thesisvault.yaml", "as_of: 2024-06-28", "as_of: 2024-07-09")
    assert todo(root) == {
        "Prices": "3 series; MKT ends 28 Jun 2024, expected 9 Jul 2024. Fetch them: thesisvault refresh"
    }


def test_a_provider_that_cannot_be_reached_is_told_and_offline_leaves_it_out(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(root / "thesisvault.yaml", "providers: [", "providers: [fred, ")
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, NOWHERE)
    found = todo(root)
    assert set(found) == {"Network", "Provider fred"}
    assert found["Network"].startswith("no provider was reached. Check the connection")
    assert found["Provider fred"].startswith("FRED cannot be reached.")
    assert todo(root, "--offline") == {}
    assert examined(root, "--offline")["Network"]["found"] == "not asked, because of --offline."


def test_a_folder_of_prices_that_is_gone_or_empty_is_told(root: Path) -> None:
    for path in (root / "prices").iterdir():
        path.unlink()
    assert todo(root)["Provider csv:prices"].startswith("0 files in prices. Put a file")
    (root / "prices").rmdir()
    assert todo(root)["Provider csv:prices"].startswith("the folder prices is not there. Make it")


def test_a_file_in_the_place_of_a_folder_is_told(root: Path) -> None:
    (root / "vault/.trash").write_text("")
    assert todo(root) == {"Write access": "vault/.trash: a file stands where a folder is needed. Move it away."}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="a superuser may write anywhere")
def test_a_folder_without_permission_is_told(root: Path) -> None:
    (root / "vault").chmod(0o500)
    try:
        found = todo(root)
    finally:
        (root / "vault").chmod(0o700)
    assert found["Write access"].startswith("vault: it cannot be written to. Give yourself permission")


def test_a_run_at_work_is_told_and_is_no_fault(root: Path) -> None:
    with locked(root / ".thesisvault", "build"):
        said = spawn("doctor", "--json", "-w", root)
    found = {each["about"]: each for each in json.loads(said.out)["checks"]}
    assert found["Lock"]["found"] == f"held by another run: process {os.getpid()}, build."
    assert found["Lock"]["fine"]
    assert examined(root)["Lock"]["found"] == "free."


def test_a_damaged_store_and_broken_definitions_do_not_end_the_look(root: Path) -> None:
    (root / "data/market/store.sqlite").write_bytes(b"no store" * 1000)
    edit(root / "data/theses/left-to-right.yaml", "title: Left to right", "titel: Left to right")
    found = examined(root)
    assert len(found) == 12
    assert not found["Prices"]["fine"]
    assert found["Definitions"]["found"].startswith("data/theses/left-to-right.yaml:1:1: ")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"useMarkdownLinks": True}, "wikilinks are off"),
        ({"alwaysUpdateLinks": False}, "links are not updated"),
        ({"userIgnoreFilters": ["Assets/"]}, 'excluded files have "Assets/"'),
        ({"userIgnoreFilters": ["/^Ent.*/"]}, 'excluded files have "/^Ent.*/"'),
        ({"attachmentFolderPath": "attachments"}, "what you paste goes into attachments"),
        ([], "it cannot be read"),
    ],
)
def test_a_setting_of_obsidian_that_does_not_suit_is_told(root: Path, settings: object, said: str) -> None:
    app = root / "vault/.obsidian/app.json"
    app.parent.mkdir(exist_ok=True)
    app.write_text(json.dumps(settings))
    found = todo(root)
    assert set(found) == {"Obsidian"}
    assert found["Obsidian"].startswith(f"vault/.obsidian/app.json: {said}")


def test_settings_of_obsidian_that_do_no_harm_are_let_be(root: Path) -> None:
    app = root / "vault/.obsidian/app.json"
    app.parent.mkdir(exist_ok=True)
    app.write_text(json.dumps({"userIgnoreFilters": ["Private/", "/(/"], "attachmentFolderPath": "files", "x": 1}))
    assert examined(root)["Obsidian"]["found"] == "set as it should be in vault."


# open -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop; the file in which its opener writes down what it was given."""
    opener, seen = home / "programs/xdg-open", home / "opened"
    opener.write_text(OPENER)
    opener.chmod(0o755)
    monkeypatch.setenv("OPENED", str(seen))
    monkeypatch.setenv("DISPLAY", ":7")
    return seen


def obsidian_knows(home: Path, **vaults: Path) -> None:
    listed = {key: {"path": str(path), "ts": 1, "open": True} for key, path in vaults.items()}
    (home / "config/obsidian").mkdir(parents=True, exist_ok=True)
    (home / "config/obsidian/obsidian.json").write_text(json.dumps({"vaults": listed}))


def test_the_desktop_is_given_the_address_of_vault_or_note(root: Path, home: Path, opened: Path) -> None:
    obsidian_knows(home, a1b2=root / "vault")
    said = spawn("open", "-w", root)
    assert (said.status, said.all) == (0, "")
    assert spawn("open", "BBB", "-w", root).status == 0
    assert opened.read_text().splitlines() == [
        "obsidian://open?vault=vault",
        "obsidian://open?vault=vault&file=Assets%2FBadger.md",
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("BBB", "Badger", "instrument/BBB", "Badger.md", "Assets/Badger.md", "badger"),
        *(
            "Badger Works",
            "badger works",
            "vault/Assets/Badger.md",
            "./vault/Assets/../Assets/Badger.md",
            "ROOT/Badger.md",
        ),
    ],
)
def test_a_note_is_found_by_each_of_its_names(root: Path, name: str) -> None:
    name = name.replace("ROOT", str(root / "vault/Assets"))
    assert call("open", name, "--print", "-w", root).out == "obsidian://open?vault=vault&file=Assets%2FBadger.md\n"
    assert call("why", name, "-w", root).out.startswith("Badger (vault/Assets/Badger.md)\n")


@pytest.mark.parametrize("name", ["the turn", "left-to-right", "bank", "pair"])
def test_a_note_is_found_by_alias_and_id(root: Path, name: str) -> None:
    assert call("open", name, "--print", "-w", root).status == 0


def test_a_note_of_ones_own_is_opened_too(root: Path) -> None:
    (root / "vault/Ideas").mkdir()
    (root / "vault/Ideas/50% & more #1?.md").write_text("mine")
    said = call("open", "50% & more #1?", "--print", "-w", root)
    assert said.out == "obsidian://open?vault=vault&file=Ideas%2F50%25%20%26%20more%20%231%3F.md\n"
    (root / "vault/50% & more #1?.md").write_text("mine")
    said = call("open", "50% & more #1?", "--print", "-w", root)
    assert said.status == 2
    assert '2 notes are called "50% & more #1?". Name its path: ' in said.err


def test_a_vault_whose_name_others_have_is_asked_for_by_its_id(root: Path, home: Path) -> None:
    obsidian_knows(home, a1b2=root / "vault", c3d4=home / "elsewhere/vault")
    assert call("open", "--print", "-w", root).out == "obsidian://open?vault=a1b2\n"


def test_in_a_vault_around_it_a_note_is_asked_for_by_its_path_there(root: Path, home: Path) -> None:
    obsidian_knows(home, a1b2=home)
    said = call("open", "Home", "--print", "-w", root)
    assert said.out == f"obsidian://open?vault={home.name}&file=ws%2Fvault%2FHome.md\n"


def test_without_a_desktop_the_address_is_printed(root: Path, home: Path) -> None:
    obsidian_knows(home, a1b2=root / "vault")
    said = spawn("open", "Home", "-w", root)
    assert (said.status, said.out) == (0, "obsidian://open?vault=vault&file=Home.md\n")
    assert said.err == "info: there is no desktop here, so nothing was opened; open that address where Obsidian is.\n"


def test_a_desktop_that_cannot_open_it_and_a_vault_that_is_not_known_are_told(
    root: Path, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENDS", "3")
    said = spawn("open", "-w", root)
    assert said.out == "obsidian://open?vault=vault\n"
    assert "info: xdg-open ended with exit status 3, so nothing was opened" in said.err
    assert f"Open folder as vault: {(root / 'vault').resolve()}" in said.err
    found = json.loads(call("open", "--json", "-w", root).out)
    assert (found["uri"], found["opened"], found["known"]) == ("obsidian://open?vault=vault", False, False)


@pytest.mark.parametrize("text", ["", "[]", '{"vaults": 3}', '{"vaults": {"a": 1, "b": {"path": 4}}}', "\xff{"])
def test_a_list_of_vaults_that_cannot_be_read_is_no_obstacle(root: Path, home: Path, text: str) -> None:
    obsidian_knows(home)
    (home / "config/obsidian/obsidian.json").write_bytes(text.encode("latin-1"))
    said = call("open", "--print", "-w", root)
    assert (said.status, said.out) == (0, "obsidian://open?vault=vault\n")


def test_the_editor_is_given_the_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = call("open", "Home", "--editor", "-w", root)
    assert said.status == 2
    assert "no editor is set. Name one, as in: export EDITOR=nano" in said.err
    monkeypatch.setenv("EDITOR", "cp --target-directory=" + str(root))
    assert spawn("open", "Home", "--editor", "-w", root).status == 0
    assert (root / "Home.md").read_bytes() == (root / "vault/Home.md").read_bytes()
    monkeypatch.setenv("VISUAL", "false")
    assert spawn("open", "Home", "--editor", "-w", root).status == 74
    monkeypatch.setenv("VISUAL", "no-such-editor -w")
    said = spawn("open", "Home", "--editor", "-w", root)
    assert said.status == 2
    assert 'VISUAL: "no-such-editor -w" cannot be started: no such file or directory. Correct VISUAL.' in said.err


def test_what_is_not_there_cannot_be_opened(root: Path) -> None:
    (root / "vault/Assets/Badger.md").unlink()
    said = call("open", "BBB", "--print", "-w", root)
    assert said.status == 2
    assert 'vault/Assets/Badger.md is not in the vault. Bring it back: thesisvault restore "BBB"' in said.err
    assert "no note" in call("open", "Nowhere", "-w", root).err
    shutil.rmtree(root / "vault")
    assert "vault: there is no vault yet. Build it: thesisvault build" in call("open", "-w", root).err


# status -----------------------------------------------------------------------------------------------------------


def test_status_says_of_each_thesis_what_home_says(root: Path) -> None:
    edit(root / "data/theses/left-to-right.yaml", "rose in five sessions.", "rose, and {{ ret('GAP', '5d') | pct }}.")
    assert call("build", "-w", root).status == 0
    said = call("status", "--json", "-w", root)
    assert said.status == 0, said
    found = json.loads(said.out)
    (thesis,) = found["theses"]
    home = (root / "vault/Home.md").read_text("utf-8")
    (row,) = [line for line in home.splitlines() if "[[Left to right" in line and line.startswith("|")]
    cells = [cell.strip() for cell in row.replace("\\|", " ").strip("|").split("|")]
    assert [f"{cells[1]}pp", f"{cells[2]}pp", cells[3]] == [
        thesis[name]["text"] for name in ("since_opened", "ytd", "exit_in_moves")
    ]
    assert f"{100 * thesis['spread']['value']:+.1f}pp" == thesis["spread"]["text"]
    assert thesis["exit"]["text"].endswith(": Left is back")
    properties = (root / "vault/Theses/Left to right.md").read_text("utf-8").split("---")[1]
    assert f"exit_in_moves: {float(cells[3]):g}\n" in properties
    assert found["runs"] == {"last": None, "last_good": None, "cut_off": None}
    assert found["as_of"] == "2024-06-28"
    assert found["data"]["text"] in home
    assert found["data"]["stale_series"] == 1


def test_the_table_fits_eighty_columns_and_nothing_is_written(root: Path) -> None:
    edit(root / "data/theses/left-to-right.yaml", "title: Left to right", "title: Left to right" + " and back" * 9)
    before = tree(root)
    said = call("status", "-w", root)
    assert (said.status, said.err) == (0, ""), said
    assert tree(root) == before
    lines = said.out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0] == "As of 28 Jun 2024. Long minus short; exit in usual daily moves."
    assert lines[3].startswith("Left to right and back …  active  ")
    assert lines[-1] == "Data    complete."


def test_older_data_leave_room_for_the_figure(root: Path) -> None:
    said = call("status", "-w", root, "--as-of", "2024-09-30")
    assert said.status == 0, said
    (row,) = [line for line in said.out.splitlines() if line.startswith("Left to right")]
    assert "pp†" in row
    assert "2024" not in row
    assert "† stale" in said.out.splitlines()


def test_reviews_and_claims_that_changed_are_told(root: Path) -> None:
    thesis = root / "data/theses/left-to-right.yaml"
    edit(thesis, "opened: 2024-01-03", "opened: 2024-01-03\nreview_every: 90d")
    asked = "abs(ret('BBB', '1d'))"
    before, now = (
        json.loads(call("eval", asked, "--json", "--as-of", day, "-w", root).out)["number"]
        for day in ("2024-06-27", "2024-06-28")
    )
    between = f"{50 * (before + now):.3f}%"
    edit(thesis, "claims:\n", f'claims:\n  - {{says: Badger moved, check: "{asked}", at_least: {between}}}\n')
    found = json.loads(call("status", "--json", "-w", root).out)
    assert found["reviews"] == {"Left to right": "2024-06-03"}
    verdicts = ("confirmed", "contradicted") if before > now else ("contradicted", "confirmed")
    assert found["claims"] == [
        {"thesis": "Left to right", "says": "Badger moved", "before": verdicts[0], "now": verdicts[1]}
    ]
    told = call("status", "-w", root).out
    assert "Review  Left to right: overdue since 3 Jun 2024.\n" in told
    assert f'Claim   Left to right: "Badger moved" was {verdicts[0]}, is {verdicts[1]}.\n' in told


def test_without_prices_status_says_what_to_type(root: Path) -> None:
    shutil.rmtree(root / "data/market")
    said = call("status", "-w", root)
    assert said.status == 3
    assert "no prices are stored. Fetch them: thesisvault refresh" in said.err


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals of that kind")
@pytest.mark.parametrize(("asked", "is_colored"), [("", True), ("1", False)])
def test_colors_are_for_terminals_that_want_them(root: Path, asked: str, is_colored: bool) -> None:
    import subprocess

    ours, theirs = os.openpty()
    words = [*COMMAND, "doctor", "--offline", "-w", str(root)]
    subprocess.run(words, env=environment({"NO_COLOR": asked, "TERM": "xterm"}), stdout=theirs, check=False)
    os.close(theirs)
    printed = b""
    with contextlib.suppress(OSError):
        while piece := os.read(ours, 65536):
            printed += piece
    os.close(ours)
    assert b"nothing to do" in printed
    assert (b"\x1b[32mok" in printed) == is_colored
    assert (b"\x1b[" in printed) == is_colored


# the help ---------------------------------------------------------------------------------------------------------


def test_the_help_fits_one_screen_and_names_each_command_once() -> None:
    said = call("--help")
    lines = said.out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    named = [name for line in lines if line.startswith("  ") for name in line[32:].split(" (")[0].split(", ")]
    assert sorted(named) == sorted(typer.main.get_command(app).list_commands(None))
    assert call().err == said.out


# what all commands share ------------------------------------------------------------------------------------------


def every_command() -> dict[str, typer.core.TyperCommand]:
    group = typer.main.get_command(app)
    found = {}
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        found |= {f"{name} {each}": of for each, of in inner.items()} if inner else {name: command}
    return found


@pytest.mark.parametrize("name", sorted(every_command()))
def test_every_command_has_quiet_and_json(name: str) -> None:
    options = {each for param in every_command()[name].params for each in param.opts}
    assert {"--quiet", "-q", "--json"} <= options


@pytest.mark.parametrize(
    "words",
    [
        ("build", "--check"),
        ("check",),
        ("refresh",),
        ("run", "--offline"),
        ("eval", "1 + 1"),
        ("prices",),
        ("prices", "AAA"),
        ("prices", "--verify"),
        ("why", "Home"),
        ("status",),
        ("doctor", "--offline"),
        ("open", "--print"),
        ("schema", "--check"),
        ("new", "thesis", "Another"),
        ("review", "left-to-right", "--dry"),
        ("prune",),
        ("schedule", "status"),
        ("schedule", "show", "--kind", "github"),
    ],
)
def test_json_carries_version_and_command_and_is_printed_quietly_too(root: Path, words: tuple[str, ...]) -> None:
    if words[0] == "schedule" and words[1] == "show":
        (root / ".git").mkdir()
    said = call(*words, "--json", "--quiet", "-w", root)
    found = json.loads(said.out)
    named = " ".join(words[:2]) if words[0] == "schedule" else words[0]
    assert (found["version"], found["command"]) == (1, named)


def test_quiet_says_what_needs_a_look_and_no_more(root: Path) -> None:
    assert call("refresh", "-q", "-w", root).all == ""
    (root / "vault/Home.md").unlink()
    call("restore", "Home", "-q", "-w", root)
    assert call("doctor", "-q", "-w", root).all == ""
    assert call("init", root.parent / "fresh", "-q").all == ""
    assert call("eval", "1 + 1", "-q", "-w", root).out != ""
    edit(root / "thesisvault.yaml", "as_of: 2024-06-28", "as_of: 2024-07-09")
    said = call("doctor", "-q", "-w", root)
    assert (said.status, said.out.splitlines()[0][:20], len(said.out.splitlines())) == (1, "todo  Prices        ", 2)
    edit(root / "data/theses/left-to-right.yaml", "title: Left", "titel: Left")
    said = call("build", "-q", "-w", root)
    assert said.status == 2
    assert "unknown key" in said.err
