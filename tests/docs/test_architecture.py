"""Whoever has never seen the code finds it from docs/architecture.md: every path and name on it is there."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.page import DOCS, ROOT, Page

PACKAGE = ROOT / "generator" / "thesisvault"
PAGES = [Page(DOCS / "architecture.md"), Page(ROOT / "CONTRIBUTING.md")]
# What a newcomer looks for, in words of the page, and the place it must lead to.
WANTED = {
    "a kind of block": "blocks/",
    "a function": "language/functions",
    "a source": "market/sources/",
    "a kind of note": "notes/views.py",
    "a dividend becomes total return": "analytics/returns.py",
    "a person's text survives": "notes/regions.py",
}


def place(name: str) -> Path | None:
    """Return where a path of the page is: below the package, or below the repository."""
    return next((root / name for root in (PACKAGE, ROOT) if (root / name).exists()), None)


def named(page: Page) -> list[str]:
    """Return what a page shows as a path: code with a slash, and files of Python."""
    spans = [token.content for token in page.inline("code_inline")]
    return [span for span in spans if re.fullmatch(r"[\w.-]+(?:/[\w.-]*)+|[\w/]+\.(?:py|md)", span)]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_path_exists(page: Page) -> None:
    paths = named(page)
    assert len(paths) > 15
    away = {"dist/docs", "demo/", "__init__.py", "n/a"}
    assert [path for path in paths if path not in away and place(path) is None] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_path_of_a_folder_is_a_folder(page: Page) -> None:
    wrong = [path for path in named(page) if path.endswith("/") and (found := place(path)) and not found.is_dir()]
    assert wrong == []


def test_every_name_beside_a_file_is_defined_in_it() -> None:
    found = re.findall(r"`([\w/]+\.py)`: `(\w+)`", PAGES[0].text)
    assert len(found) >= 5
    for path, name in found:
        module = ast.parse((PACKAGE / path).read_text("utf-8"))
        assert name in {getattr(node, "name", "") for node in module.body}, f"{path} defines no {name}"


@pytest.mark.parametrize(("words", "path"), WANTED.items())
def test_what_a_newcomer_looks_for_is_in_the_first_table(words: str, path: str) -> None:
    rows = [line for line in PAGES[0].section("Where to look").splitlines() if words in line]
    assert len(rows) == 1
    assert f"`{path}" in rows[0]


def test_the_layers_are_those_that_the_contract_holds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]["layers"]
    layers = [set(re.findall(r"\w+", line)) for line in contract if line != "(__main__)"]
    lines = [line for line in PAGES[0].section("The layers").splitlines() if line.startswith("| `")]
    assert [set(re.findall(r"`(\w+)`", line.split("|")[1])) for line in lines] == layers


def test_every_folder_of_tests_is_named() -> None:
    folders = {
        f"tests/{path.name}/" for path in (ROOT / "tests").iterdir() if (path.is_dir() and path.name[0] not in "._")
    }
    assert folders == set(re.findall(r"`(tests/\w+/)`", PAGES[0].section("Tests")))
