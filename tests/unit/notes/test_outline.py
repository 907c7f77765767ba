"""What is read without the parser is what the parser reads, in every text, to the letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from thesisvault.notes import meaning
from thesisvault.notes.markers import parse
from thesisvault.notes.meaning import mark, read, words
from thesisvault.notes.outline import outline

BEGINNINGS = (
    "", "", "", "", " ", "  ", "   ", "    ", "\t", "- ", "-  ", "* ", "+ ", "-", "- - ", "1. ", "2) ", "1.",
    "1234567890. ", "> ", ">", "> > ", ">>", ">  ", "> - ", "> # ", "> [!note]- ", "# ", "## ", "#", "####### ",
    "#\u00a0", "```", "~~~", "> ```", "| ", "[a]: ", "[^1]: ", "- [a]: ", "> [a]: ", "---", "===", "- ---", "***",
    "___", "<div>", "<!-- ", "\\", "**", "*", "_", "__", "\u00a0", "\u2003", "\x0b", "\x1c", "\x85", "\ufeff",
    "![[", "- [ ] ", "-\u00a0",
)  # fmt: skip
PIECES = (
    "a", "B2", "7", "1.", "+4%", "-4", "−4", "S&P 500", " ", "  ", "*", "**", "***", "_", "__", "`", "``", "|",
    "\\|", "\\", "\\\\", "\\*", "\\_", "\\[", "\\d", "[", "]", "[[", "]]", "[[A b]]", "[[A\\|b]]", "![[c.png|480]]",
    "![", "](", "](x)", "]:", "(", ")", "[a]", "[a][a]", "[a](b)", "[_a_](_a_)", "[_a_](*a*)", "<", ">", "<b>",
    "<br>", "<https://e.com>", "&", "&amp;", "&#42;", "&x;", ";", "!", "#", " #", "---", "|---|", ":-:", "=", "$",
    "$a_1*b*$", "~~", "==", "%%", "^id", "…", "“", "日本", "日本 abc", "\u00a0", "\u2028", "\x0b", "\x0c", "\x85", "\r",
    "\t", "\0", "\ud800", "e\u0301", "*a*", "_a_", "a_b_c", "**a**b", "https://e.com/a", "a@b.com", "'t'", "  \n",
    "\\\n",
)  # fmt: skip
LINE = st.tuples(st.sampled_from(BEGINNINGS), st.lists(st.sampled_from(PIECES), max_size=6).map("".join)).map("".join)
# Shapes of our own, in which whole texts are plain until a sign or two is put somewhere.
OURS = st.sampled_from(
    (
        "", "", "## A", "A word.", "| a | b |\n| --- | --: |\n| [[A\\|b]] | +1.0% |", "- [[A]], and b", "- b",
        "> [!note] **A**\n> - b\n>\n> c", "_From [[A]]_", "**1** of 2", "![[chart-a.png|520]]", "3 days", "> a\n> > b",
    )
)  # fmt: skip
BODY = st.lists(LINE | OURS, max_size=8).map("\n".join)
CUT = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from(("", "\n", " ", "- ", "> ", "#", "[", "*", "_", "\\"))), max_size=2
)


@contextmanager
def by_the_parser_alone() -> Iterator[None]:
    """Have every text read as a whole by the library, which looks at every sign that it knows."""
    inline = meaning._parser().inline
    known = meaning.outline, meaning._ACTING, inline.terminator_re
    meaning.outline, meaning._ACTING = lambda _: None, re.compile("")  # type: ignore[assignment]
    inline.terminator_re = MarkdownIt("commonmark").inline.terminator_re
    try:
        yield
    finally:
        meaning.outline, meaning._ACTING, inline.terminator_re = known


def agreed(body: str) -> None:
    found = read(body), read(body, exact=True), words(body)
    with by_the_parser_alone():
        assert (read(body), read(body, exact=True), words(body)) == found


@given(BODY, CUT)
@example("- a\nb", [])
@example("> a\nb", [])
@example("a\n---", [])
@example("- a\n===", [])
@example("[a]: b\n\n[a]", [])
@example("> [a]: b\n\n[a]", [])
@example("- [a]: b\n\n[a]", [])
@example("x\n\n[a\nb]: c\n\n[a b]", [])
@example("a\\\nb", [])
@example("- a\r- b", [])
@example("[a](https://e.com 't')", [])
@example("a &amp; b", [])
@example("a\0b", [])
@example("# a #", [])
@example("# a \\#", [])
@example("1) a", [])
@example("a\n\n    b", [])
@example("a `b\nc` d", [])
@example("a\u00a0\n\nb", [])
@example("日本 abc 日本  abc", [])
def test_any_text_says_what_the_parser_says(body: str, cut: list[tuple[int, str]]) -> None:
    for where, sign in cut:
        at = where % (len(body) + 1)
        body = body[:at] + sign + body[at:]
    agreed(body)


def test_every_region_of_our_own_vault_says_what_the_parser_says(root: Path) -> None:
    bodies = {
        region.body
        for note in (root / "vault").rglob("*.md")
        for region in parse(note.read_text(encoding="utf-8")).regions.values()
    }
    assert len(bodies) > 500
    with by_the_parser_alone():
        known = {body: mark(body) for body in bodies}
    assert {body: mark(body) for body in bodies} == known
    assert sum(outline(body) is not None for body in bodies) > 0.95 * len(bodies)


@pytest.mark.parametrize(
    "body",
    [
        "a",
        "## A\n\n| a |\n| --- |\n| 1 |",
        "- a\n- b\n\n- c",
        "> [!info] a\n>\n> - b\n> - c\n\nd",
        "**A**: [[b]]: c",
        "3.5 a",
    ],
)
def test_what_is_written_plainly_needs_no_parser(body: str) -> None:
    assert outline(body) is not None
