"""Pages of documentation as a Markdown parser sees them: headings, fences, links, code, text and anchors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_MARK = re.compile(r"^<!-- (?P<key>file|append|change|part of|shows): (?P<value>.+?) -->$")


@dataclass(frozen=True)
class Fence:
    """A fenced block of code.

    Attributes:
        info: What stands behind the opening marker.
        text: What it holds.
        first: Number of the line of its opening marker, from 0.
        end: Number of the line behind its closing marker, from 0.
        key: Of the comment right above it, the word before the colon: `file`, `append`, `change`, `part of` or `shows`.
        value: Of that comment, what stands behind the colon.
    """

    info: str
    text: str
    first: int
    end: int
    key: str = ""
    value: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading: its level, its words without markup, and its line from 0."""

    level: int
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        path: Where it is.
    """

    path: Path

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """The page as it is on disk."""
        return self.path.read_text("utf-8")

    @cached_property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.splitlines()

    @cached_property
    def tokens(self) -> list[Token]:
        """What the parser makes of it, blocks in order, each inline token with its children."""
        return MarkdownIt("commonmark").enable("table").parse(self.text)

    @cached_property
    def fences(self) -> list[Fence]:
        """Its fenced blocks."""
        found, mark = [], None
        for token in self.tokens:
            if token.type == "fence":
                assert token.map is not None
                key, value = (mark["key"], mark["value"]) if mark else ("", "")
                found.append(Fence(token.info.strip(), token.content, *token.map, key, value))
            mark = _MARK.match(token.content.strip()) if token.type == "html_block" else None
        return found

    @cached_property
    def headings(self) -> list[Heading]:
        """Its headings."""
        found = []
        for opening, inline in zip(self.tokens, self.tokens[1:], strict=False):
            if opening.type == "heading_open":
                assert opening.map is not None
                found.append(Heading(int(opening.tag[1:]), plain(inline), opening.map[0]))
        return found

    @cached_property
    def anchors(self) -> list[str]:
        """The anchors of its headings, as GitHub and MyST make them."""
        seen: dict[str, int] = {}
        found = []
        for heading in self.headings:
            slug = re.sub(r"[^\w\- ]", "", heading.text.strip().lower()).replace(" ", "-")
            count = seen.setdefault(slug, 0)
            seen[slug] += 1
            found.append(f"{slug}-{count}" if count else slug)
        return found

    def inline(self, kind: str) -> Iterator[Token]:
        """Yield the inline tokens of a kind, such as `text`, `code_inline`, `link_open` or `image`."""
        for token in self.tokens:
            yield from (child for child in token.children or () if child.type == kind)

    def prose(self) -> str:
        """Return all its text outside code, a line for each piece."""
        return "\n".join(token.content for token in self.inline("text"))

    def section(self, title: str) -> str:
        """Return the source below a heading, up to the next one of its level or above."""
        at = next(i for i, each in enumerate(self.headings) if each.text == title)
        level, begin = self.headings[at].level, self.headings[at].line + 1
        end = next((each.line for each in self.headings[at + 1 :] if each.level <= level), len(self.lines))
        return "\n".join(self.lines[begin:end])


def plain(inline: Token) -> str:
    """Return the words of an inline token without markup."""
    return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))


def pages() -> list[Page]:
    """Return every page that people read: those beside the code and those of docs/."""
    beside = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]
    return [Page(path) for path in (*beside, *sorted(DOCS.rglob("*.md"))) if path.is_file()]
