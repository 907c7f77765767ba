"""Measures how a vault reads: words, sentences, headings, tables and captions, against the limits of `LIMITS`.

    python -m tests.docs.measure VAULT

What is folded counts nowhere, since nobody reads it unasked. The command prints a line per measure, the worst of each,
and ends with exit status 1 if more of anything is beyond its limit than `LIMITS` grants.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token


class Limit(NamedTuple):
    """One limit.

    Attributes:
        most: The most that is good to read.
        granted: So many of the shipped vault are still beyond it; zero once it holds everywhere.
        says: What is measured.
    """

    most: int
    granted: int
    says: str


# Every limit stands here and nowhere else. `granted` is what the shipped vault still misses: lower it when it can be.
LIMITS: Mapping[str, Limit] = {
    "words of a concept": Limit(3_500, 0, "unfolded words of a concept"),
    "words of a thesis": Limit(1_500, 0, "unfolded words of a thesis"),
    "words of an asset": Limit(350, 0, "unfolded words of the note of an instrument or a basket"),
    "words of an entity": Limit(350, 0, "unfolded words of the note of an entity"),
    "words of Home": Limit(500, 0, "unfolded words of Home"),
    "words of a verdict": Limit(30, 0, "words of the verdict, the bold line below the title"),
    "words of a sentence": Limit(25, 10, "words of a sentence"),
    "numbers of a sentence": Limit(2, 60, "numbers in a sentence, but for days, spans and names"),
    "words of a heading": Limit(4, 0, "words of a heading below the title"),
    "columns of a table": Limit(5, 0, "columns of a table"),
    "letters of a label": Limit(12, 20, "letters of the head of a column of figures"),
    "lone heads of a table": Limit(0, 0, "tables of which no column has a head"),
    "caption lines of a table": Limit(1, 1, "small lines below a table"),
    "letters of a caption": Limit(90, 9, "letters of a small line"),
    "repeated captions": Limit(0, 1, "small lines that a note says again"),
    "n/a in a headline": Limit(0, 0, "n/a in a verdict, a heading or the paragraph below the title"),
    "properties": Limit(12, 0, "properties of a note"),
    "charts in cells": Limit(0, 0, "charts inside of tables"),
}
"""The limits, by what is measured."""

_KINDS = {"Concepts": "concept", "Theses": "thesis", "Assets": "asset", "Baskets": "asset", "Entities": "entity"}
_MARKER = re.compile(r"^%%.*%%$\n?", re.MULTILINE)
_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_EMBED = re.compile(r"!\[\[[^\]]*\]\]")
_LINK = re.compile(r"\[\[(?:[^\]|]*\\?\|)?([^\]|]*)\]\]")
_CALLOUT = re.compile(r"\[!\w+\](?P<fold>[-+]?)")
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_NO_NUMBER = re.compile(
    rf"\b\d{{1,2}} {_MONTH}(?: \d{{4}})?\b|\b{_MONTH} \d{{4}}\b|\b\d{{4}}-\d{{2}}(?:-\d{{2}})?\b"  # days
    r"|\b(?:19|20)\d{2}(?:[-–/]\d{2,4})?\b"  # years
    r"|\b\d+(?:\.\d+)?[- ](?:session|day|week|month|year|hour|minute)s?\b|\b\d+[dwmy]\b"  # spans
    r"|\b(?:S&P|Nasdaq|Russell|MSCI|Stoxx|Section|Magnificent) \d+\b"  # names
)
_NUMBER = re.compile(r"(?<![\w.,-])[-+−]?[$€£¥]?\d[\d,.]*(?:\s?(?:%|pp|bp|x|×|bn|trn|million|billion|trillion)\b)?")
_ENDS = re.compile(r"(?<=[.!?])(?<![A-Z]\.)(?<!vs\.)(?<!e\.g\.)(?<!No\.)[\"”’)*_]*\s+(?=[A-Z0-9\"“‘(*_\[$†+−-])")
_WORD = re.compile(r"[\w’'&.,%$€£+−-]*\w[\w’'&.,%$€£+−-]*")


class Found(NamedTuple):
    """One thing that was measured: what, how much, where, and the words of it."""

    measure: str
    value: int
    note: str
    text: str

    @property
    def is_over(self) -> bool:
        """Whether it is beyond its limit."""
        return self.value > LIMITS[self.measure].most


@dataclass(frozen=True)
class Block:
    """A block of a note outside of folds.

    Attributes:
        kind: `heading`, `text`, `small` or `table`.
        text: Its words, without markup; of a table all of it.
        level: Of a heading: its level.
        rows: Of a table: its cells, the heads first.
        is_bold: Whether all of it is bold.
        charts: How many charts stand in it.
    """

    kind: str
    text: str
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    is_bold: bool = False
    charts: int = 0


def plain(text: str) -> str:
    """Return what a reader sees of a piece of Markdown."""
    text = _LINK.sub(r"\1", _EMBED.sub("", text))
    return re.sub(r"\\(?=[^\w\s])|\*\*|(?<!\w)[*_]|[*_](?!\w)|`|\^[\w-]+$", "", text).strip()


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a note that are not folded, in their order."""
    body = _MARKER.sub("", _HEAD.sub("", text))
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    at, folded_until = 0, -1
    while at < len(tokens):
        token = tokens[at]
        if token.type == "blockquote_open" and at > folded_until:
            inline = next(each for each in tokens[at:] if each.type == "inline")
            callout = _CALLOUT.match(inline.content)
            if callout and callout["fold"] == "-":
                folded_until = _end(tokens, at, "blockquote")
                at = folded_until
        elif token.type == "heading_open":
            yield Block("heading", plain(tokens[at + 1].content), int(token.tag[1]))
            at += 1
        elif token.type == "table_open":
            end = _end(tokens, at, "table")
            yield _table(tokens[at:end])
            at = end
        elif token.type == "inline":
            yield from _text(token.content)
        at += 1


def _end(tokens: Sequence[Token], at: int, kind: str) -> int:
    level = tokens[at].level
    return next(n for n in range(at, len(tokens)) if tokens[n].type == f"{kind}_close" and tokens[n].level == level)


def _table(tokens: Sequence[Token]) -> Block:
    rows: list[list[str]] = []
    charts = 0
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(plain(token.content))
            charts += len(_EMBED.findall(token.content))
    return Block("table", " ".join(" ".join(row) for row in rows), rows=tuple(map(tuple, rows)), charts=charts)


def _text(content: str) -> Iterator[Block]:
    """Yield a paragraph; of a callout the title goes, and a heading is none."""
    lines = content.split("\n")
    if _CALLOUT.match(lines[0]):
        lines = lines[1:]
    said = " ".join(lines).strip()
    if not said or not plain(said):
        return
    is_small = said[0] in "_*" and said[:2] != "**" and said[-1] == said[0] and said[-2:] != "**"
    is_bold = said.startswith("**") and said.endswith("**") and "**" not in said[2:-2]
    yield Block("small" if is_small else "text", plain(said), is_bold=is_bold)


def words(text: str) -> int:
    """Return how many words a text has."""
    return len(_WORD.findall(text))


def sentences(text: str) -> list[str]:
    """Return the sentences of a paragraph; what stands between two dots in the middle is an item of a list."""
    items = (part for item in text.split(" · ") for part in _ENDS.split(item))
    return [each for each in map(str.strip, items) if each]


def numbers(sentence: str) -> int:
    """Return how many numbers a sentence has; days, spans of time and names with a number do not count."""
    return len(_NUMBER.findall(_NO_NUMBER.sub(" ", sentence)))


def measured(name: str, text: str) -> Iterator[Found]:
    """Yield all that is measured of a note.

    Args:
        name: Its path in the vault.
        text: All of it.
    """
    found = list(blocks(text))
    kind = _KINDS.get(name.partition("/")[0], "Home" if name == "Home.md" else "")
    if kind:
        article = "" if kind == "Home" else "an " if kind[0] in "aeiou" else "a "
        measure = f"words of {article}{kind}"
        yield Found(measure, sum(words(each.text) for each in found), name, "")
    head = _HEAD.match(text)
    listed = re.findall(r"^[\w-]+:", head[1], re.MULTILINE) if head else []
    yield Found("properties", len(listed), name, " ".join(listed))
    yield from _of_headlines(name, found)
    smalls = Counter(each.text for each in found if each.kind == "small")
    for small, times in smalls.items():
        yield Found("letters of a caption", len(small), name, small)
        yield Found("repeated captions", times - 1, name, small)
    below = None
    for each in found:
        if each.kind == "small" and below is not None:
            below += 1
        elif below is not None:
            yield Found("caption lines of a table", below, name, "")
            below = None
        if each.kind == "table":
            below = 0
            yield from _of_table(name, each)
        elif each.kind == "text":
            for sentence in sentences(each.text):
                yield Found("words of a sentence", words(sentence), name, sentence)
                yield Found("numbers of a sentence", numbers(sentence), name, sentence)
    if below is not None:
        yield Found("caption lines of a table", below, name, "")


def _of_headlines(name: str, found: Sequence[Block]) -> Iterator[Found]:
    for each in found:
        if each.kind == "heading" and each.level > 1:
            yield Found("words of a heading", words(each.text), name, each.text)
    first = [each for each in found if each.kind == "text"][:2]
    verdict = next((each for each in first if each.is_bold), None)
    if verdict:
        yield Found("words of a verdict", words(verdict.text), name, verdict.text)
    for each in (*first, *(each for each in found if each.kind == "heading")):
        yield Found("n/a in a headline", len(re.findall(r"\bn/a\b", each.text)), name, each.text)


def _of_table(name: str, table: Block) -> Iterator[Found]:
    heads = table.rows[0]
    shown = " | ".join(heads)
    yield Found("columns of a table", len(heads), name, shown)
    yield Found("lone heads of a table", int(not any(heads)), name, shown)
    yield Found("charts in cells", table.charts, name, shown)
    for head in heads[1:]:
        yield Found("letters of a label", len(head), name, head)


def measure(vault: Path) -> dict[str, list[Found]]:
    """Return what was measured of all notes of a vault, by measure, the worst first."""
    found: dict[str, list[Found]] = {name: [] for name in LIMITS}
    for path in sorted(vault.rglob("*.md")):
        if not any(part.startswith(".") for part in path.relative_to(vault).parts):
            for each in measured(path.relative_to(vault).as_posix(), path.read_text("utf-8")):
                found[each.measure].append(each)
    return {name: sorted(all_, key=lambda each: -each.value) for name, all_ in found.items()}


def over(found: Sequence[Found]) -> list[Found]:
    """Return what is beyond its limit."""
    return [each for each in found if each.is_over]


def report(found: Mapping[str, Sequence[Found]], shown: int = 3) -> Iterator[str]:
    """Yield a line per measure, and below it the worst that is beyond the limit."""
    yield f"{'measure':<26}{'limit':>7}{'most':>7}{'over':>6}{'granted':>9}{'of':>7}"
    for name, limit in LIMITS.items():
        all_ = found[name]
        beyond = over(all_)
        most = all_[0].value if all_ else 0
        yield f"{name:<26}{limit.most:>7}{most:>7}{len(beyond):>6}{limit.granted:>9}{len(all_):>7}"
        for each in beyond[:shown]:
            yield f"    {each.value:>5}  {each.note}: {each.text[:120]}".rstrip(": ")


def main(folder: str) -> int:
    """Print what was measured of a vault; return 1 if more is beyond a limit than is granted."""
    found = measure(Path(folder))
    for line in report(found):
        print(line)  # noqa: T201 - a tool at the command line
    return int(any(len(over(found[name])) > limit.granted for name, limit in LIMITS.items()))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
