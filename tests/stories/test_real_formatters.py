"""Prettier, remark and mdformat are no people: nothing is kept of what they do, and a person's word among it is."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.marks import REGION
from tests.stories.rich import make_rich
from tests.stories.test_formatters import RULES, WORDS, all_rules, notes_of, rewrite
from tests.stories.tools import EACH_WAY, USUAL, Way, installed, tool
from tests.stories.workspaces import call, tree
from thesisvault.notes.markers import parse
from thesisvault.notes.meaning import alike

TITLE = "Your edit, kept"


@pytest.fixture(scope="module")
def rich_built(demo_built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo with all kinds of blocks and words, built, with words of one's own; nobody may change it."""
    root = Path(shutil.copytree(demo_built, tmp_path_factory.mktemp("rich") / "ws"))
    make_rich(root, 3)
    quiet(root)
    changed = rewrite(root, lambda text: text.replace("\n\n%% tv:begin", f"\n\n{WORDS}\n%% tv:begin", 2))
    assert changed > 40
    quiet(root)
    return root


def quiet(root: Path, *words: str) -> dict[str, str]:
    """Build, find nothing kept and what a person wrote as it was, and return the notes."""
    outside = {path: REGION.sub("", path.read_bytes().decode()).split("---", 2)[2] for path in notes_of(root)}
    said = call("build", "-w", root, "--offline", *words)
    assert said.status == 0, said
    assert "by hand" not in said.err, said
    for path in notes_of(root):
        text = path.read_bytes().decode()
        assert TITLE not in text, path.name
        assert "_mine" not in text.partition("\n---")[0], path.name
        if path in outside:
            assert REGION.sub("", text).split("---", 2)[2] == outside[path], path.name
    return {name: each for name, each in tree(root / "vault").items() if name.endswith(".md")}


@pytest.mark.parametrize("name", EACH_WAY)
def test_a_formatter_leaves_no_kept_edit_however_often_it_comes(name: str, rich_built: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(rich_built, tmp_path / "ws"))
    before = regions(root / "vault")
    Way(name).run(root / "vault")
    once = quiet(root)
    assert quiet(root) == once
    after = regions(root / "vault")
    assert after.keys() == before.keys()
    for key, body in before.items():
        assert alike(after[key], body), key
    Way(name).run(root / "vault")
    Way(name).run(root / "vault")
    assert quiet(root) == once


def test_formatters_in_turn_and_later_figures_leave_no_kept_edit(rich_built: Path, tmp_path: Path) -> None:
    fresh = Path(shutil.copytree(rich_built, tmp_path / "fresh"))
    quiet(fresh, "--as-of", "2022-12-27")
    wanted = regions(fresh / "vault")
    root = Path(shutil.copytree(rich_built, tmp_path / "ws"))
    assert "mdformat" in installed()
    for name in installed():
        Way(name).run(root / "vault")
    quiet(root, "--as-of", "2022-12-27")
    for key, body in regions(root / "vault").items():
        assert alike(body, wanted[key]), key
    for name in reversed(installed()):
        Way(name).run(root / "vault")
        quiet(root, "--as-of", "2022-12-27")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_of_a_linter_edits_no_region(rule: str, root: Path, rich_built: Path) -> None:
    changed = 0
    for path in [*notes_of(root), *notes_of(rich_built)]:
        before = path.read_bytes().decode()
        after = RULES[rule](RULES[rule](before))
        parsed = parse(after)
        assert not parsed.findings, path
        assert [each.name for each in parsed.regions.values() if each.edited] == [], path
        changed += before != after
    assert changed


def test_linters_leave_no_kept_edit_however_often_they_come(rich_built: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(rich_built, tmp_path / "ws"))
    assert rewrite(root, all_rules) > 40
    once = quiet(root)
    assert quiet(root) == once
    rewrite(root, all_rules)
    quiet(root, "--as-of", "2022-12-27")


def regions(vault: Path) -> dict[tuple[str, str], str]:
    """Return the text of each region of each note."""
    found = {}
    for path in sorted(vault.rglob("*.md")):
        parsed = parse(path.read_bytes().decode())
        assert not parsed.findings, path
        found |= {(path.name, name): region.body for name, region in parsed.regions.items()}
    return found


def test_prettier_has_nothing_to_change_in_this_repositorys_vault(root: Path, tmp_path: Path) -> None:
    tool("prettier")
    vault = copied(root, tmp_path)
    before = tree(vault)
    Way("prettier").run(vault)
    assert tree(vault) == before


def copied(root: Path, to: Path) -> Path:
    vault = Path(shutil.copytree(root / "vault", to / "vault", ignore=shutil.ignore_patterns(".*", "attachments")))
    assert len(list(vault.rglob("*.md"))) > 150
    return vault


@pytest.mark.parametrize("name", EACH_WAY)
def test_every_region_of_this_repositorys_vault_is_unedited_until_a_person_types(
    name: str, root: Path, tmp_path: Path
) -> None:
    vault = copied(root, tmp_path)
    Way(name).run(vault)
    if name in USUAL:
        Way(name).run(vault)
    chance = random.Random(name)
    typed = 0
    for path in sorted(vault.rglob("*.md")):
        text = path.read_bytes().decode()
        parsed = parse(text)
        assert not parsed.findings, path
        assert [each.name for each in parsed.regions.values() if each.edited] == [], path
        for region in chance.sample(sorted(parsed.regions.values(), key=lambda each: each.name), 1):
            for body in edits(region.body.replace("\r\n", "\n"), chance):
                retyped = parse(text.replace(region.body, body))
                assert retyped.regions[region.name].edited, (path, body)
                typed += 1
    assert typed > 400


def edits(body: str, chance: random.Random) -> Iterator[str]:
    """Yield a text with one word, one figure, one row or item, and one mark changed as a person would."""
    shown = re.sub(
        r"\]\([^)]*\)|(?:\\?\[){2}[^\]|]*(?:\\?\|)?|<[^>\n]*>|&\w+;|`+[^\n]*", lambda hit: "\0" * len(hit[0]), body
    )
    changes: tuple[tuple[str, Callable[[str], str]], ...] = (
        (r"[A-Za-z]{4,}", lambda word: word[:-1]),
        (r"[A-Za-z]{4,}", lambda word: f"{word} indeed"),
        (r"\d", lambda digit: str((int(digit) + 1) % 10)),
        (r"(?<=\n)[|*+-] [^\n]*[A-Za-z0-9][^\n]*\n", lambda _: ""),
        (r"(?<=[^\n*_])(?<![*_])\b[A-Za-z]{4,}\b(?![*_])", lambda word: f"**{word}**"),
        (r"(?<=\n)#+ ", lambda signs: f"#{signs}"),
    )
    for pattern, change in changes:
        hits = list(re.finditer(pattern, shown))
        if hits:
            hit = chance.choice(hits)
            yield body[: hit.start()] + change(body[hit.start() : hit.end()]) + body[hit.end() :]
