"""What the documentation takes from the code is what the code says now."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.docs import reference, renew, troubles, troubleshooting, walk
from tests.docs.page import DOCS, ROOT, Page

RENEW = f"this page lags behind the code; run: {reference.COMMAND}"
WALKED = {ROOT / "README.md", DOCS / "tutorial.md", DOCS / "troubleshooting.md"}


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_of_the_reference_says_what_the_code_says(name: str) -> None:
    path = DOCS / "reference" / name
    assert path.read_text("utf-8") == renew.WRITTEN[path](), RENEW


def test_the_folder_of_the_reference_holds_these_pages_only() -> None:
    # What was measured is written by `make bench`.
    assert {path.name for path in (DOCS / "reference").iterdir()} == {*reference.PAGES, "performance.md"}


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(WALKED), ids=lambda path: path.name)
def test_a_page_shows_what_really_comes(path: Path) -> None:
    assert path.read_text("utf-8") == renew.WRITTEN[path](), RENEW


def test_the_tutorial_runs_what_it_shows() -> None:
    fences = Page(DOCS / "tutorial.md").fences
    commands = [line for fence in fences if fence.info == "sh" for line in fence.text.splitlines()]
    assert sum(line.startswith("thesisvault ") for line in commands) >= 8
    assert sum(fence.key == "shows" for fence in fences) >= 8


def test_a_result_that_is_not_what_comes_is_renewed(tmp_path: Path) -> None:
    text = "# X\n\n```sh\nthesisvault init ws\n```\n\n<!-- shows: output -->\n```text\nSomething else.\n```\n"
    page = Page(tmp_path / "page.md")
    page.path.write_text(text, "utf-8")
    assert "Something else." not in walk.renewed(page)
    assert "ws" in walk.renewed(page).partition("```text")[2]


# Messages ---------------------------------------------------------------------------------------------------------


def texts_of_the_code() -> str:
    """Return every text of the code and the Makefile, with `...` for what varies."""
    found = [(ROOT / "Makefile").read_text("utf-8")]
    for path in (ROOT / "generator").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(str(p.value) if isinstance(p, ast.Constant) else "..." for p in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def test_a_message_that_cannot_be_had_at_will_is_in_the_code() -> None:
    texts = texts_of_the_code()
    searched = [t for rows in troubleshooting.SECTIONS.values() for t in rows if t.scene == troubles.FROM_CODE]
    assert searched
    assert [trouble.line for trouble in searched if trouble.line not in texts] == []


@pytest.mark.slow
def test_the_words_that_messages_begin_with_are_explained(tmp_path: Path) -> None:
    begins = set(re.findall(r"^([a-z]+): ", troubles.notes(tmp_path), re.MULTILINE)) - {"run"}
    intro = Page(DOCS / "troubleshooting.md").text.partition("\n## ")[0]
    assert set(re.findall(r"^- `([a-z]+):`", intro, re.MULTILINE)) == begins
