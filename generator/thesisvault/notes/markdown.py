"""Filled texts, tables and callouts as Markdown.

A person's words keep their markup and get their links; figures and the generator's words are shown exactly as they
are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from thesisvault.blocks.core.filled import Table
from thesisvault.language.text import Figure, Mention, Part, Plain, Text
from thesisvault.market.records import plain_name
from thesisvault.notes.escape import cell, person_markdown

_OPEN, _CLOSE = "\ue000", "\ue001"
_HOLDER = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


class Links(Protocol):
    """Turns names into wikilinks."""

    def wikilink(self, name: str, text: str | None = None, *, table: bool = False) -> str:
        """Return the link to the note of a name; plain text if no note has that name."""

    def rewrite(self, text: str, *, table: bool = False) -> str:
        """Return a person's text with its wikilinks pointed at the notes that they name."""


@dataclass(frozen=True)
class Writer:
    """Writes filled texts as Markdown.

    Attributes:
        links: How names become links.
        tags: Tags that may act as such in a person's text.
    """

    links: Links
    tags: frozenset[str] = frozenset()

    def text(self, text: Text | str, *, table: bool = False) -> str:
        """Return a filled text as Markdown; in a table on one line, with pipes escaped."""
        if isinstance(text, str):
            text = (text,)
        written: list[str] = []
        pieces = []
        for part in text:
            if isinstance(part, str):
                pieces.append(part)
            else:
                pieces.append(f"{_OPEN}{len(written)}{_CLOSE}")
                written.append(self._part(part, table=table))
        body = "".join(pieces)
        if any(isinstance(part, str) for part in text):
            body = person_markdown(self.links.rewrite(body, table=table), table=table, allowed_tags=self.tags)
        return _HOLDER.sub(lambda found: written[int(found[1])], body)

    def _part(self, part: Part, *, table: bool) -> str:
        if isinstance(part, Mention):
            shown = self.links.wikilink(plain_name(part.name), part.text or None, table=table)
            return f"**{shown}**" if part.strong else shown
        assert isinstance(part, Figure | Plain)  # noqa: S101 - the only other parts
        words = exact(part.text)
        if isinstance(part, Figure):
            words = f"**{words}**" if part.strong else words
            # The small lines below a table date its fundamentals.
            mark = part.mark(dated=not table)
            if not mark:
                return words
            return f"{words}<br>{mark}" if table else f"{words} ({mark})"
        mark = "**" if part.strong else "_" if part.emphasis else ""
        return f"{mark}{words}{mark}" if words.strip() else words

    def table(self, table: Table) -> str:
        """Return a pipe table; an empty cell shows a dash."""
        heads = [self.text(column.title, table=True) for column in table.columns]
        rules = ["--:" if column.align == "right" else "---" for column in table.columns]
        rows = ([self.text(each, table=True).strip() or "–" for each in row] for row in table.rows)
        return "\n".join([_row(heads), _row(rules), *(_row(row) for row in rows)])

    def lines(self, lines: Iterable[Text]) -> str:
        """Return small lines, each as a paragraph."""
        return "\n\n".join(filter(None, (self.text(line) for line in lines)))


def exact(text: str) -> str:
    r"""Return words of the generator, escaped so that they show exactly as they are, including blanks at the ends.

    >>> exact(" $1.2T ")
    ' \\$1.2T '
    """
    # Letters around the text keep blanks at its ends, and keep a leading sign from starting a list.
    return cell(f"x{text}x")[1:-1]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def callout(kind: str, title: str, body: str, fold: str = "") -> str:
    """Return a callout; `fold` is `-` for folded, `+` for open, empty for one that does not fold.

    >>> print(callout("info", "Method", "One line.", "-"))
    > [!info]- Method
    > One line.
    """
    lines = body.strip("\n").split("\n") if body.strip() else []
    return "\n".join([f"> [!{kind}]{fold} {title}".rstrip(), *(f"> {line}".rstrip() for line in lines)])


def squeezed(text: str) -> str:
    r"""Return the text with single blank lines and without blanks at line ends, except inside fences.

    >>> squeezed("a \n\n\n\nb\n")
    'a\n\nb'
    """
    out: list[str] = []
    fence = ""
    for line in text.strip("\n").split("\n"):
        mark = re.match(r"(?:> ?)*(`{3,}|~{3,})", line)
        if mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        kept = line if fence else line.rstrip()
        if kept or fence or (out and out[-1]):
            out.append(kept)
    return "\n".join(out)
