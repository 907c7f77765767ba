"""One note of a vault: its names, headings, links and blocks.

A vault may hold thousands of notes, so a note is searched with a few regular expressions, and only for what is asked.
"""

from __future__ import annotations

from thesisvault.patterns import regex

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Mapping
from msgspec import Struct
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from thesisvault.conflicts import side
from thesisvault.errors import Finding, Place
from thesisvault.notes.code import MASK, masked
from thesisvault.notes.markers import parse
from thesisvault.notes.properties.reading import Properties, read, split
from thesisvault.opening import read_plain
from thesisvault.vault.write import disk_error

# No pattern may backtrack over what it has passed: a line of somebody's note may be megabytes long.
_HEADING = regex(r"^ {0,3}#{1,6}[ \t]+([^\n]*)", re.MULTILINE)
_BLOCK = regex(r"(?:^|[ \t])\^([A-Za-z0-9-]+)[ \t]*\r?$", re.MULTILINE)
_WIKILINK = regex(r"(?<!\\)(\\*)(!?)\[\[([^\[\]\n]+)\]\]")
_MARKDOWN = regex(
    r"(!?)\[[^\[\]\n]*\]\((?!\s*<?[a-zA-Z][\w+.-]*:|\s*<?//)\s*(?:<([^<>\n]++)>|([^()\s]++))[^()\n]*+\)"
)
_KEYS = regex(r"^(?:id|kind|as_of|aliases?|ticker)[ \t]*:[^\n]*\n?(?:(?:[ \t]+|- |-$)[^\n]*\n?)*", re.MULTILINE)
_PUNCTUATION = regex(r"[^\w\s]|_")
_MARKER = regex(r"^%% tv:(?:begin|end) ", re.MULTILINE)

Stamp = tuple[int, int, int, int]
"""Size of a file, its times of writing and of change in nanoseconds, and its number, as they were when it was read."""

NO_STAMP: Stamp = (0, 0, 0, 0)


class Link(NamedTuple):
    """A link or embed of a note.

    Attributes:
        target: Path as it is written; empty for a link within the same note.
        fragment: What follows `#`; begins with `^` for a block.
        line: Number of its line.
        embed: Whether the target is embedded.
    """

    target: str
    fragment: str
    line: int
    embed: bool


class Note(Struct, frozen=True, eq=False, dict=True):
    """A Markdown file of the vault.

    Attributes:
        path: Path in the vault, with forward slashes.
        basename: File name without `.md`, composed (NFC).
        id: Value of its `id` property if the note is the generator's: it has regions, or it is in the generator's
            folder and has both a kind and an `as_of`.
        aliases: Its aliases.
        has_markers: Whether it holds a region, or a damaged marker of one.
        has_pictures: Whether it may name one of our charts.
        stamp: Stamp of its file when it was read.
        findings: What is wrong with it.
        vault: Folder of its vault.
        absence: Why its text is not there, as a clause; empty where it is.
        ticker: Its property `ticker`, by which a person says what it is about.
    """

    path: str
    basename: str
    id: str | None = None
    aliases: tuple[str, ...] = ()
    has_markers: bool = False
    has_pictures: bool = False
    stamp: Stamp = NO_STAMP
    findings: tuple[Finding, ...] = ()
    vault: str = ""
    absence: str = ""
    ticker: str = ""

    @cached_property
    def text(self) -> str:
        """Text of the note without its byte order mark; bytes that are not UTF-8 are replaced.

        Raises:
            DiskError: The note can no longer be read.
        """
        file = Path(self.vault, self.path)
        try:
            text = read_plain(file).decode(errors="replace").removeprefix("\ufeff")
        except OSError as problem:
            raise disk_error(problem, file, "read") from None
        _hold(self)
        return text

    # Of most notes in a large vault only the names are needed, so the rest waits until it is asked for.

    @cached_property
    def _shape(self) -> str:
        return masked(self.text)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """Text of its headings, in order, without number signs."""
        if "#" not in self.text:
            return ()
        found = (self.text[m.start(1) : m.end(1)].rstrip(" \t\r") for m in _HEADING.finditer(self._shape))
        return tuple(_without_closing(heading) for heading in found)

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """Ids of its blocks, in order."""
        return tuple(m[1] for m in _BLOCK.finditer(self._shape)) if "^" in self.text else ()

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Its links and embeds outside code, in order, including those in properties."""
        return tuple(_links(self.text, self._shape)) if "[[" in self.text or "](" in self.text else ()

    @cached_property
    def own_lines(self) -> frozenset[int] | None:
        """Numbers of the lines in its regions; None if it has no regions or damaged ones."""
        if not self.has_markers:
            return None
        parsed = parse(self.text)
        if parsed.findings:
            return None
        regions = parsed.regions.values()
        return frozenset(n for region in regions for n in range(region.line, region.last_line + 1))


_holders: deque[Note] = deque()
_HOLDERS_MOST = 64


def _hold(note: Note) -> None:
    """Have a note hold its text, and the one that has held its own for longest let go of it.

    The texts of a large vault would be a hundred megabytes. Who asks again for one that was let go reads it again, as
    of every note that has not changed since an earlier run.
    """
    _holders.append(note)
    if len(_holders) > _HOLDERS_MOST:
        held = vars(_holders.popleft())
        held.pop("text", None)
        held.pop("_shape", None)


def _without_closing(heading: str) -> str:
    """Return a heading without closing number signs."""
    bare = heading.rstrip("#")
    return bare.rstrip(" \t") if bare != heading and bare[-1:] in ("", " ", "\t") else heading


def heading_key(text: str) -> str:
    """Return a heading in the form in which links match it: without markup, punctuation, case and repeated blanks.

    >>> heading_key("**Oil** & gas, [[Now|today]]") == heading_key("oil gas today")
    True
    """
    text = re.sub(r"\[\[(?:[^\[\]|]*\\?\|)?([^\[\]]*)\]\]", r"\1", text)
    return " ".join(_PUNCTUATION.sub(" ", unicodedata.normalize("NFC", text)).casefold().split())


def read_note(data: bytes, path: str, *, corner: str = "", stamp: Stamp = NO_STAMP, vault: str = "") -> Note:
    """Return one note, read.

    Args:
        data: Content of its file.
        path: Path in the vault.
        corner: Folder of the generator's notes in the vault; empty if that is the vault itself.
        stamp: Stamp of its file.
        vault: Folder of the vault.
    """
    findings: list[Finding] = []
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        text = data.decode(errors="replace")
        line = data.count(b"\n", 0, problem.start) + 1
        hint = "Save the note as UTF-8; until then only the readable part of it counts."
        findings.append(Finding("the note is not UTF-8.", Place(path, line), hint, "warning", "not-utf-8"))
    text = text.removeprefix("\ufeff")
    block, _ = split(side(text, 0))
    values = _values(block, path, findings) if block else {}
    has_markers = "%% tv:" in text and _MARKER.search(text) is not None and _has_regions(text)
    own = has_markers or ("kind" in values and "as_of" in values and (not corner or path.startswith(f"{corner}/")))
    basename = path.rpartition("/")[2][:-3]
    aliases = values.get("aliases", values.get("alias"))
    names = aliases if isinstance(aliases, list) else [aliases]
    identity = values.get("id")
    note = Note(
        path,
        basename if basename.isascii() else unicodedata.normalize("NFC", basename),
        identity if own and isinstance(identity, str) else None,
        tuple(str(name) for name in names if name is not None),
        has_markers,
        "chart-" in text,
        stamp,
        tuple(findings),
        vault,
        "" if data else "it is empty",
        _spoken(values.get("ticker")),
    )
    vars(note)["text"] = text  # fills the cached property, so that the file is not read again
    _hold(note)
    return note


def _spoken(value: object) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value)


def absent_note(path: str, absence: str) -> Note:
    """Return a note of which nothing but its name is known.

    Args:
        path: Path in the vault.
        absence: Why its text is not there, as a clause.
    """
    note = Note(path, unicodedata.normalize("NFC", path.rpartition("/")[2][:-3]), absence=absence)
    vars(note)["text"] = ""
    return note


def _has_regions(text: str) -> bool:
    """Return whether a note holds regions or remains of them; markers shown as code do not count."""
    parsed = parse(text)
    return bool(parsed.regions or parsed.findings)


def _values(block: str, path: str, findings: list[Finding]) -> Mapping[str, object]:
    """Return id, kind, `as_of` and aliases; a full YAML parser is used only where they are written unusually."""
    wanted = "".join(m[0] if m[0].endswith("\n") else m[0] + "\n" for m in _KEYS.finditer(block))
    found = read(wanted, path=path) if wanted else Properties()
    if not found.findings:
        return found.values
    found = read(block, path=path)
    hint = "Names and aliases in it do not count until that is fixed."
    findings += [Finding(f.problem, f.place, hint, "warning", f.code) for f in found.findings]
    return found.values


def _links(text: str, shape: str) -> Iterable[Link]:
    found: list[tuple[int, str, bool]] = []
    if "[[" in shape:
        for m in _WIKILINK.finditer(shape):
            if len(m[1]) % 2 == 0:
                inner = text[m.start(3) : m.end(3)] if MASK in m[3] else m[3]
                path = inner.partition("|")[0]
                found.append((m.start(), path[:-1] if path.endswith("\\") else path, bool(m[2])))
    if "](" in shape:
        found += [(m.start(), unquote(m[2] or m[3]), bool(m[1])) for m in _MARKDOWN.finditer(shape)]
        found.sort()
    line, last = 1, 0
    for start, path, embed in found:
        line += shape.count("\n", last, start)
        last = start
        target, _, fragment = path.partition("#")
        yield Link(target.strip(), fragment.strip(), line, embed)
