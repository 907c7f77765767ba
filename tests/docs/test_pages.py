"""Every page means what it looks like: fences are closed, links lead somewhere, commands and files exist."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs import tables
from tests.docs.page import DOCS, ROOT, Page, pages
from thesisvault.language.parse import parse_text

PAGES = pages()
INFOS = {"sh", "yaml", "markdown", "text", "diff", "{toctree}"}
LARGEST_PICTURE = 150_000
# Written as in the books and markets of the United States.
BRITISH = re.compile(
    r"\b(?:\w*(?:colour|centre|behaviour|favour|neighbour|honour|labour|licence|catalogue|programme|grey|defence|judgement)\w*"
    r"|(?:organ|summar|recogn|normal|annual|capital|util|real|special|optim|minim|maxim|critic)is(?:e[ds]?|ing|ation)"
    r"|analys(?:ed?|ing)|cancelled|labelled|travelled|modelling|misspelt|learnt|whilst)\b",
    re.IGNORECASE,
)

each_page = pytest.mark.parametrize("page", PAGES, ids=str)


def outside_fences(page: Page) -> list[tuple[int, str]]:
    """Return the lines that are in no fence, by a reader of lines that knows nothing of Markdown but fences."""
    found, open_with = [], ""
    for number, line in enumerate(page.lines):
        mark = re.match(r"(`{3,}|~{3,})(.*)", line)
        if open_with:
            if mark and mark[1].startswith(open_with) and not mark[2].strip():
                open_with = ""
        elif mark:
            open_with = mark[1]
        else:
            found.append((number, line))
    assert not open_with, f"{page}: a fence is never closed"
    return found


# Shape ------------------------------------------------------------------------------------------------------------


def test_all_pages_are_found() -> None:
    found = {str(page) for page in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/index.md", "docs/reference/blocks.md"} <= found
    assert len(found) >= 17


@each_page
def test_every_fence_is_closed_and_says_what_it_holds(page: Page) -> None:
    for fence in page.fences:
        where = f"{page}:{fence.first + 1}"
        assert re.fullmatch(r"`{3,}", page.lines[fence.end - 1].strip()), f"{where}: this fence is never closed"
        assert fence.info in INFOS, f"{where}: a fence says what it holds: {', '.join(sorted(INFOS))}"
        assert "```" not in fence.text, f"{where}: a fence inside a fence: what follows it is swallowed"
        if fence.info in ("sh", "yaml", "text"):
            assert not re.search(r"^#{2,} ", fence.text, re.MULTILINE), f"{where}: it swallows a heading"


@each_page
def test_every_line_that_looks_like_a_heading_is_one(page: Page) -> None:
    looks = [number for number, line in outside_fences(page) if re.match(r"#{1,6}\s", line)]
    assert looks == [heading.line for heading in page.headings]


@each_page
def test_headings_come_in_order(page: Page) -> None:
    levels = [heading.level for heading in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels)), levels


@each_page
def test_headings_have_anchors_of_their_own(page: Page) -> None:
    if page.path.name != "CHANGELOG.md":  # every release has the same headings
        assert len(set(page.anchors)) == len(page.anchors)


@each_page
def test_no_markup_is_left_over_in_text(page: Page) -> None:
    left = [text for text in page.prose().splitlines() if re.search(r"\]\(|\*|`|^\||^\s*- |^#+ |<!--", text)]
    assert left == [], f"{page}: Markdown that came to nothing"


@each_page
def test_tables_are_tables(page: Page) -> None:
    looks = sum(bool(re.match(r"\|( ?:?-{3,}:? ?\|)+$", line)) for _, line in outside_fences(page))
    assert looks == sum(token.type == "table_open" for token in page.tokens)


# Links ------------------------------------------------------------------------------------------------------------


def links(page: Page) -> list[str]:
    found = [str(token.attrs["href"]) for token in page.inline("link_open")]
    found += [str(token.attrs["src"]) for token in page.inline("image")]
    html = [token.content for token in page.tokens if token.type == "html_block"]
    found += re.findall(r'(?:src|href)="([^"]+)"', "\n".join([*html, *(t.content for t in page.inline("html_inline"))]))
    return found


@each_page
def test_every_link_leads_somewhere(page: Page) -> None:
    for target in links(page):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        path = (page.path.parent / name).resolve() if name else page.path
        assert path.exists(), f"{page}: {target} leads nowhere"
        if anchor:
            assert anchor in Page(path).anchors, f"{page}: {target}: there is no such heading"


@each_page
def test_a_page_of_the_site_links_to_no_file_outside_it(page: Page) -> None:
    if page.path.is_relative_to(DOCS):
        inside = [t for t in links(page) if not re.match(r"https?://|#", t)]
        assert all((page.path.parent / t.partition("#")[0]).resolve().is_relative_to(DOCS) for t in inside)


def test_every_page_of_the_site_is_in_its_contents() -> None:
    named = [line for fence in Page(DOCS / "index.md").fences for line in fence.text.splitlines()]
    entries = {line for line in named if line and not line.startswith(":")}
    assert entries == {p.relative_to(DOCS).with_suffix("").as_posix() for p in DOCS.rglob("*.md")} - {"index"}


def test_pictures_are_small_and_used() -> None:
    shown = {(page.path.parent / target).resolve() for page in PAGES for target in links(page)}
    for picture in (DOCS / "images").iterdir():
        assert picture in shown
        assert picture.stat().st_size < LARGEST_PICTURE


# Words ------------------------------------------------------------------------------------------------------------


def typed(page: Page) -> list[str]:
    """Return all that a page shows as something to type: code in sentences, and lines of fences of commands."""
    spans = [token.content for token in page.inline("code_inline")]
    return spans + [line for fence in page.fences if fence.info in ("sh", "text") for line in fence.text.splitlines()]


_OF_THE_ROOT = ("--help", "--version", "--install-completion", "--show-completion")


@each_page
def test_every_command_and_option_exists(page: Page) -> None:
    known, groups = tables.every_command(), set(tables.command_line().commands)
    for line in typed(page):
        for command, rest in re.findall(r"\bthesisvault(?:\.exe)? (-{0,2}[a-z][\w-]*)\b([^#|]*)", line):
            if command in groups and command not in known:
                named = re.match(r"\s*([a-z]+)", rest)
                command = f"{command} {named[1]}" if named else ""
            assert command in known or command in ("", *_OF_THE_ROOT), f"{page}: {line}"
            if command in known:
                options = {name for parameter in known[command].params for name in parameter.opts} | {"--help"}
                assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest)) <= options, f"{page}: {line}"


@each_page
def test_every_target_of_make_exists(page: Page) -> None:
    targets = set(re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[0].split())
    named = {found for line in typed(page) for found in re.findall(r"^make ([a-z]+)", line)}
    assert named <= targets


def test_contributing_names_every_target_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()) - {"help"}
    page = Page(ROOT / "CONTRIBUTING.md")
    assert {found for line in typed(page) for found in re.findall(r"^make ([a-z]+)", line)} == targets


def test_the_day_of_this_repository_s_own_vault_is_that_of_make() -> None:
    day = re.search(r"^AS_OF := (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert day
    assert f"builds `vault/` as of {day[1]}" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@each_page
def test_every_live_expression_is_understood(page: Page) -> None:
    for text in re.findall(r"\{\{ [^{}]+? \}\}", page.text.replace("\\|", "|")):
        parse_text(text)


@each_page
def test_every_function_exists(page: Page) -> None:
    shown = [token.content for token in page.inline("code_inline")]
    shown += [fence.text for fence in page.fences if fence.info in ("yaml", "sh")]
    called = {name for text in shown for name in re.findall(r"\b([a-z_]+)\((?!\.\.\.)", text)}
    assert called - {"if"} <= set(tables.TABLE) | set(tables.FILTERS)


@each_page
def test_every_file_in_code_that_is_a_path_of_the_repository_exists(page: Page) -> None:
    if page.path.name == "CHANGELOG.md":
        return
    for line in typed(page):
        for path in re.findall(r"(?<!\S)(?:generator|tests|bench|docs|schema|templates)/[\w./-]*", line):
            assert (ROOT / path).exists(), f"{page}: {line}"


@each_page
def test_sentences_are_in_american_spelling(page: Page) -> None:
    assert BRITISH.findall(page.prose()) == []


def test_british_spelling_would_be_seen() -> None:
    assert BRITISH.findall("the colour of a licence, organised in the centre") == [
        "colour",
        "licence",
        "organised",
        "centre",
    ]


def test_every_schema_is_named() -> None:
    text = Path(DOCS / "writing-theses.md").read_text("utf-8")
    assert [name for name in tables.schemas() if name not in text] == []
