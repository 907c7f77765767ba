"""Filled texts, tables and callouts as Markdown.

A person's words keep their markup and get their links; figures and the generator's words are shown exactly as they
are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from thesisvault.blocks.core.filled import Table
from thesisvault.language.text import Figure, Mention, Part, Plain, Text
from thesisvault.market.records import plain_name
from thesisvault.notes.escape import cell, clean, words
from thesisvault.notes.typed.markdown import person_markdown
from thesisvault.notes.typed.places import Held, join_parts, place_for
from thesisvault.patterns import regex
from thesisvault.words import NO_BREAK, unbroken
from thesisvault.written import kept_by_text

_FENCE = regex(r"^[ \t>*+\d.)-]*(?:`{3,}|~{3,})", re.MULTILINE)
_ACTS_WITH_OTHERS = regex(r"[<>@%={}!/\\`]|:(?=/|\Z)|\A:")


class Links(Protocol):
    """Turns names into wikilinks."""

    def wikilink(self, name: str, text: str | None = None, *, table: bool = False, title: bool = False) -> str:
        """Return the link to the note of a name; plain text if no note has that name."""

    def note(self, path: str) -> str:
        """Return the link to a person's own note, by its path in the vault."""

    def rewrite(self, text: str, *, table: bool = False) -> str:
        """Return a person's text with its wikilinks pointed at the notes that they name."""


class Writer(Struct, frozen=True):
    """Writes filled texts as Markdown.

    Attributes:
        links: How names become links.
        tags: Tags that may act as such in a person's text.
        trusted: Whether code in a person's text stays as it was typed, whatever runs it.
    """

    links: Links
    tags: frozenset[str] = frozenset()
    trusted: bool = False

    def text(self, text: Text | str, *, table: bool = False) -> str:
        """Return a filled text as Markdown; in a table on one line, with pipes escaped."""
        if isinstance(text, str):
            text = (text,)
        alone = table and len(text) == 1
        if not any(isinstance(part, str) for part in text):
            return join_parts([self._part(part, table=table, alone=alone) for part in text])
        held: list[Held] = []
        pieces: list[str] = []
        for part in text:
            if isinstance(part, str):
                pieces.append(clean(part))
                continue
            each = Held(self._part(part, table=table, alone=alone), _words(part))
            if each.markdown:  # what stands around an empty word stands together
                pieces.append(place_for(len(held)))
                held.append(each)
        body = self.links.rewrite("".join(pieces), table=table)
        return _apart(person_markdown(body, table=table, allowed_tags=self.tags, trusted=self.trusted, held=held))

    def _part(self, part: Part, *, table: bool, alone: bool) -> str:
        if isinstance(part, Mention):
            name = part.name if part.title else plain_name(part.name)
            shown = self.links.wikilink(name, part.text or None, table=table, title=part.title)
            return f"**{shown}**" if part.strong else shown
        assert isinstance(part, Figure | Plain)  # noqa: S101 - the only other parts
        shown = exact(part.text)
        if isinstance(part, Figure):
            if part.number.kind == "word" and _ACTS_WITH_OTHERS.search(part.text):
                shown = words(" ".join(clean(part.text).split()))
            shown = f"**{shown}**" if part.strong else shown
            # The small lines below a table date its fundamentals.
            mark = part.mark(dated=not table)
            if not mark:
                return shown
            return f"{shown}<br>{unbroken(mark)}" if alone else f"{shown} ({unbroken(mark) if table else mark})"
        mark = "**" if part.strong else "_" if part.emphasis else ""
        return f"{mark}{shown}{mark}" if shown.strip() else shown

    def table(self, table: Table) -> str:
        """Return a pipe table; an empty cell shows a dash."""
        heads = [self.text(column.title, table=True) for column in table.columns]
        rules = ["--:" if column.align == "right" else "---" for column in table.columns]
        rows = ([self.text(each, table=True).strip() or "–" for each in row] for row in table.rows)
        return "\n".join([_row(heads), _row(rules), *(_row(row) for row in rows)])

    def lines(self, lines: Iterable[Text]) -> str:
        """Return small lines, each as a paragraph."""
        return "\n\n".join(filter(None, (self.text(line) for line in lines)))


def _apart(markdown: str) -> str:
    """Return a text whose fences stand on lines of their own, whatever a template writes beside it."""
    if not _FENCE.search(markdown):
        return markdown
    first, last = markdown.split("\n", 1)[0], markdown.rsplit("\n", 1)[-1]
    return f"{chr(10) if _FENCE.match(first) else ''}{markdown}{chr(10) if _FENCE.match(last) else ''}"


def _words(part: Figure | Mention | Plain) -> str:
    """Return a part in plain words, for a place in code."""
    if isinstance(part, Mention):
        return part.text or plain_name(part.name)
    return part.shown if isinstance(part, Figure) else part.text


@kept_by_text(1024)
def exact(text: str) -> str:
    r"""Return words of the generator, escaped so that they show exactly as they are, including blanks at the ends.

    >>> exact(" $1.2T ")
    ' \\$1.2T '
    """
    # Letters around the text keep blanks at its ends, and keep a leading sign from starting a list.
    return NO_BREAK.join(cell(f"x{part}x")[1:-1] for part in text.split(NO_BREAK))


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
