"""Markers: how a region is written, found again, and checked for edits.

A region is between two lines, `%% tv:begin NAME %%` and `%% tv:end NAME HASH %%`, both at column 0, with a blank line
after the first and before the second. The hash tells whether a person has edited the region: eight digits for its
spelling, eight more for the targets of its links if it has any, and after a dash eight for its meaning, which a
formatter leaves as it is. In the first region of a note the marks of its properties follow. Markers inside fenced code
do not count.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property

from msgspec import Struct

from thesisvault.errors import Finding, Place
from thesisvault.notes.code import Fences, lines_of, may_have_fences
from thesisvault.notes.earlier import spellings
from thesisvault.notes.meaning import mark
from thesisvault.notes.properties.reading import split
from thesisvault.notes.spelling import normal
from thesisvault.notes.targets import seal
from thesisvault.patterns import regex

BOM = "\ufeff"
_BEGIN = regex(r"%% tv:begin\s+([a-z0-9][a-z0-9-]*)\s+%%[ \t]*\r?\n?")
_END = regex(
    r"%% tv:end\s+(?P<name>[a-z0-9][a-z0-9-]*)\s+(?P<hash>[0-9a-f]{8})(?P<targets>[0-9a-f]{8})?"
    r"(?:-(?P<meaning>[0-9a-f]{8}))?(?:\s+(?P<marks>(?:[0-9a-f]{6})+))?\s+%%[ \t]*\r?\n?"
)
_BROKEN = regex(r"%% tv:(?:begin|end)(?:\s[^%]*)?")
_LONGEST = 5
"""On how many lines a formatter may break a marker."""
_LIKE = regex(r"%%[ \t]*tv:")
_LIKE_AT_ALL = regex(rf"^{_LIKE.pattern}", re.MULTILINE)
_ANYWHERE = regex(r"%%[ \t]*tv:(?:begin|end)[ \t]+([a-z0-9][a-z0-9-]*)")


class Outside(Struct, frozen=True):
    """Text of a person's between regions, with the number of its first line."""

    text: str
    line: int


class Region(Struct, frozen=True, dict=True):
    """A region as it is on disk.

    Attributes:
        name: Its name.
        body: Text between its markers, without the blank lines next to them.
        hash: Hash of its spelling on its end marker.
        line: Number of the line of its begin marker.
        text: Whole text, including the markers.
        meaning: Hash of its meaning on its end marker; empty if an earlier version wrote it.
        targets: Hash of the targets of its links; empty if it had none, or an earlier version wrote it.
        marks: Marks of the properties that were written with it; see `properties.marks`.
    """

    name: str
    body: str
    hash: str
    line: int
    text: str
    meaning: str = ""
    targets: str = ""
    marks: tuple[str, ...] = ()

    @cached_property
    def touched(self) -> bool:
        """Whether a person or a formatter has changed its spelling since it was written."""
        return digest(self.body) != self.hash

    @cached_property
    def edited(self) -> bool:
        """Whether a person has changed its words since they were written; see `targets.retyped` for its links."""
        if not self.touched:
            return False
        if self.meaning:
            return mark(self.body) != self.meaning
        return all(digest(each) != self.hash for each in spellings(self.body))

    @property
    def last_line(self) -> int:
        """Number of the line of its end marker."""
        return self.line + len(lines_of(self.text)) - 1


class Parsed(Struct, frozen=True):
    """A parsed note; `front` and the texts of all parts, joined, are the note.

    Attributes:
        front: Byte order mark, and properties with the rules around them; may be empty.
        block: Lines of the properties; None if there are none.
        parts: Texts outside regions, and regions, in order.
        findings: Damage, each with its line and how to fix it.
        hidden: Markers inside code fences: name of the region, line, and line of the fence.
    """

    front: str
    block: str | None
    parts: tuple[Outside | Region, ...]
    findings: tuple[Finding, ...] = ()
    hidden: tuple[tuple[str, int, int], ...] = ()

    @property
    def regions(self) -> dict[str, Region]:
        """Regions by name."""
        return {part.name: part for part in self.parts if isinstance(part, Region)}

    @property
    def body(self) -> str:
        """All text after the properties."""
        return "".join(part.text for part in self.parts)


def wrap(name: str, body: str) -> str:
    r"""Return a region, from its begin marker to its end marker, without a final line end.

    A line that looks like a marker is moved off column 0, and a fence that is left open is closed.

    >>> print(wrap("summary", "Text."))
    %% tv:begin summary %%
    <BLANKLINE>
    Text.
    <BLANKLINE>
    %% tv:end summary f06dce27-f06dce27 %%
    """
    body = sound(body)
    inner = f"{body}\n\n" if body else ""
    hashes = f"{digest(body)}{seal(body)}-{mark(body)}"
    return f"%% tv:begin {name} %%\n\n{inner}%% tv:end {name} {hashes} %%"


def with_marks(text: str, marks: tuple[str, ...]) -> str:
    """Return a region, and what is around it, with other marks in its end marker."""
    at = text.rindex("%% tv:end")
    end = _END.match(text, at)
    if end is None or (end["marks"] or "") == "".join(marks):
        return text
    meaning = f"-{end['meaning']}" if end["meaning"] else ""
    words = [f"%% tv:end {end['name']} {end['hash']}{end['targets'] or ''}{meaning}", "".join(marks), "%%"]
    return text[:at] + " ".join(filter(None, words)) + text[text.index("%%", at + 2) + 2 :]


def sound(body: str) -> str:
    """Return a body as it is written: no line of it is a marker, no fence is open, and no blank line is at its ends."""
    body = body.replace("\r\n", "\n")
    if "%%" not in body and not may_have_fences(body):
        return body.strip("\n")
    fences = Fences()
    lines = []
    for line in lines_of(body):
        code = fences.feed(line)
        lines.append(" " + line if not code and _LIKE.match(line) else line)
    if fences.opened:
        lines.append(("" if body.endswith("\n") else "\n") + fences.closing)
    return "".join(lines).strip("\n")


def digest(body: str) -> str:
    r"""Return eight hex digits that stay the same when Obsidian rewrites a text without changing it.

    Line ends, blanks at line ends, runs of blank lines, padding of tables, and targets of links do not count. Obsidian
    rewrites targets when a note is renamed or moved, so of `[[Folder/Note|text]]` only the text counts, of `[[Note]]`
    only that it is a link, and of an embed everything but its folder; `targets.seal` tells what a person typed there.
    Inside fences only line ends and the blanks before them do not count.

    >>> digest("[[Oil]] | a  |\r\n\n\n| --- |") == digest("[[Crude oil]] | a  |\n\n| --- |\n")
    True
    """
    return hashlib.sha256(normal(body, links=False).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def parse(text: str, *, path: str = "") -> Parsed:
    """Return a parsed note.

    Args:
        text: The note, with its own line ends.
        path: Path of the note, for findings.
    """
    bom = BOM if text.startswith(BOM) else ""
    block, body = split(text[len(bom) :])
    front = text[: len(text) - len(body)]
    fenced = may_have_fences(body)
    reader = _Reader(path, 1 + front.count("\n"), fenced=fenced)
    for lines in _whole(lines_of(body)) if fenced else _stretches(body):
        reader.feed(lines)
    reader.finish()
    findings = reader.findings
    if block is None and body.startswith("---") and reader.seen and re.match(r"---[ \t]*\r?\n", body):
        where = Place(path, 1)
        problem = "the properties begin on line 1 but never end."
        hint = "Put a line --- below the last of them; until then the note is left as it is."
        findings = [Finding(problem, where, hint, code="broken-properties"), *findings]
    return Parsed(front, block, tuple(reader.parts), tuple(findings), tuple(reader.hidden))


def _whole(lines: list[str]) -> Iterator[str]:
    """Yield the lines, those of a marker as one that a formatter has broken over several to keep them short."""
    at = 0
    while at < len(lines):
        line, after = lines[at], at + 1
        if line.startswith("%% tv:") and _BROKEN.fullmatch(line):
            for end in range(at + 2, min(at + _LONGEST, len(lines)) + 1):
                joined = "".join(lines[at:end])
                if _BEGIN.fullmatch(joined) or _END.fullmatch(joined):
                    line, after = joined, end
                    break
        yield line
        at = after


def _stretches(text: str) -> Iterator[str]:
    """Yield what `_whole` yields for a text, but the lines between what looks like markers in one piece."""
    at = 0
    for found in _LIKE_AT_ALL.finditer(text):
        start = end = found.start()
        if start > at:
            yield text[at:start]
        for _ in range(_LONGEST):
            end = text.find("\n", end) + 1 or len(text)
        marker = next(_whole(lines_of(text[start:end])))
        yield marker
        at = start + len(marker)
    if at < len(text):
        yield text[at:]


class _Reader:
    """Takes the lines of a body one by one, or where no code can be many at a time, and groups them into parts."""

    def __init__(self, path: str, first_line: int, *, fenced: bool) -> None:
        self.path, self.line, self._fenced = path, first_line, fenced
        self.parts: list[Outside | Region] = []
        self.findings: list[Finding] = []
        self.seen: set[str] = set()
        self._fences = Fences()
        self._offset = first_line - 1
        self._open: tuple[str, int] | None = None
        self._lines: list[str] = []
        self._from = first_line
        self.hidden: list[tuple[str, int, int]] = []

    def feed(self, line: str) -> None:
        """Take the next line; where there are no fences also several, of which none looks like a marker."""
        opened = self._fences.opened
        code = self._fenced and self._fences.feed_all(line)
        if not line.startswith("%%") or not _LIKE.match(line):
            self._lines.append(line)
        elif code:
            self._lines.append(line)
            if (found := _ANYWHERE.match(line)) is not None:
                self.hidden.append((found[1], self.line, (self._fences.opened or opened) + self._offset))
        elif begin := _BEGIN.fullmatch(line):
            self._begin(begin[1], line)
        elif end := _END.fullmatch(line):
            self._end(end, line)
        else:
            self.damage("a line looks like a region marker but is not one.", self.line)
            self._lines.append(line)
        self.line += max(1, line.count("\n"))

    def _begin(self, name: str, line: str) -> None:
        if self._open:
            self.damage(f'region "{name}" begins inside region "{self._open[0]}", which began on line {self._open[1]}.')
        elif name in self.seen:
            self.damage(f'region "{name}" is duplicated.')
        self._flush()
        self._lines, self._open = [line], (name, self.line)
        self.seen.add(name)

    def _end(self, end: re.Match[str], line: str) -> None:
        name, marks = end["name"], end["marks"] or ""
        if not self._open:
            self.damage(f'region "{name}" ends here but has not begun.')
            self._lines.append(line)
            return
        opened, start = self._open
        if opened != name:
            self.damage(f'region "{name}" ends here, but "{opened}" began on line {start}.')
        inner = "".join(self._lines[1:])
        text = "".join([*self._lines, line])
        cut = tuple(marks[k : k + 6] for k in range(0, len(marks), 6))
        hashes = (end["meaning"] or "", end["targets"] or "")
        self.parts.append(Region(opened, _unframed(inner), end["hash"], start, text, *hashes, cut))
        self._lines, self._open, self._from = [], None, self.line + max(1, line.count("\n"))

    def _flush(self) -> None:
        if self._lines:
            self.parts.append(Outside("".join(self._lines), self._from))
        self._lines, self._from = [], self.line

    def finish(self) -> None:
        """Take the end of the note."""
        if self._open:
            name, start = self._open
            problem = f'region "{name}" begins here but never ends.'
            if self._fences.opened:
                fence = self._fences.opened + self._offset
                problem = f"{problem[:-1]}: a code fence opened on line {fence} hides its end."
            self.damage(problem, start)
        self._flush()
        self.findings.sort(key=lambda finding: finding.sort_key)

    def damage(self, problem: str, line: int = 0) -> None:
        self.findings.append(damage(problem, Place(self.path, line or self.line)))


def damage(problem: str, where: Place) -> Finding:
    """Return the finding for markers that cannot be trusted."""
    hint = "Undo the change to that line, or run `thesisvault adopt` on the note; until then it is left as it is."
    return Finding(problem, where, hint, code="damaged-markers")


def _unframed(inner: str) -> str:
    """Return the text between markers without the blank lines next to them."""
    last = len(inner.rstrip())
    if not last:
        return ""
    start = inner.rfind("\n", 0, len(inner) - len(inner.lstrip())) + 1
    end = inner.find("\n", last)
    return inner[start : end if end >= 0 else len(inner)].removesuffix("\r")


def named_in(text: str) -> frozenset[str]:
    """Return the names in all markers of a note, damaged ones included."""
    return frozenset(_ANYWHERE.findall(text))


def without_stray_markers(text: str, names: AbstractSet[str]) -> str:
    """Return a damaged note without the markers that do not enclose a whole region; every other line is kept.

    A line that holds more than a marker keeps its words and gets a backslash, so that it no longer counts as a marker.
    So does a marker whose name is not among `names`, because a person may have typed into it.
    """
    bom = BOM if text.startswith(BOM) else ""
    front = text[: len(text) - len(split(text[len(bom) :])[1])]
    lines = list(_whole(lines_of(text[len(front) :])))
    whole, open_at, seen = set[int](), -1, set[str]()
    fences = Fences()
    code = [fences.feed_all(line) for line in lines]
    for number, line in enumerate(lines):
        begin, end = _BEGIN.fullmatch(line), _END.fullmatch(line)
        if code[number] or not (begin or end):
            continue
        if begin:
            open_at = number
        elif end and open_at >= 0 and lines[open_at].split()[2] == end[1] and end[1] not in seen:
            whole |= {open_at, number}
            seen.add(end[1])
            open_at = -1
    out = []
    for number, line in enumerate(lines):
        if number in whole or code[number] or not _LIKE.match(line):
            out.append(line)
        elif not (marker := _BEGIN.fullmatch(line) or _END.fullmatch(line)) or marker[1] not in names:
            out.append("\\" + line)
    return front + "".join(out)
