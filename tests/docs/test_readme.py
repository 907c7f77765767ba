"""The README is one page, and the first things to type come first."""

from __future__ import annotations

import pytest

from tests.docs.page import DOCS, ROOT, Page

LARGEST = 7 * 1024


@pytest.fixture(scope="module")
def readme() -> Page:
    return Page(ROOT / "README.md")


def test_it_is_one_page(readme: Page) -> None:
    assert len(readme.text.encode()) <= LARGEST, "move it into docs/"


def test_the_demo_comes_first_and_the_tests_second(readme: Page) -> None:
    first = next(fence for fence in readme.fences if fence.info == "sh")
    assert [line.partition("#")[0].strip() for line in first.text.splitlines()] == ["make demo", "make test"]


def test_it_shows_a_picture_before_its_first_section(readme: Page) -> None:
    assert "docs/images/" in readme.text.partition("\n## ")[0]


def test_it_shows_one_thesis_with_its_note(readme: Page) -> None:
    assert [fence.key for fence in readme.fences if fence.key] == ["file", "shows"]


def test_editing_notes_takes_five_lines(readme: Page) -> None:
    assert readme.section("Editing notes").count("\n- ") == 5


def test_it_links_to_every_page(readme: Page) -> None:
    linked = {str(token.attrs["href"]) for token in readme.inline("link_open")}
    pages = {path.relative_to(ROOT).as_posix() for path in DOCS.rglob("*.md")} - {"docs/index.md"}
    assert pages <= {link.partition("#")[0] for link in linked}
