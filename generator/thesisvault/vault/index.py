"""What is in a vault: every note with its names, headings, links and blocks, read in one pass.

The vault may be a person's own, of thousands of notes, so this reads each file once, looks for what it needs with a
few regular expressions, and takes whatever it meets: bytes that are no UTF-8, broken properties, folders it may not
enter, pipes. Such things become findings. Folders whose names begin with a dot are not part of a vault.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from thesisvault.errors import DiskError, Finding, Place
from thesisvault.notes import properties
from thesisvault.notes.code import MASK, masked
from thesisvault.notes.markers import parse
from thesisvault.vault.write import TEMP_SUFFIX, disk_error, read_bytes

# No pattern may go back over what it has passed: a line of a stranger's note may be megabytes long.
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+([^\n]*)", re.MULTILINE)
_BLOCK = re.compile(r"(?:^|[ \t])\^([A-Za-z0-9-]+)[ \t]*\r?$", re.MULTILINE)
_WIKILINK = re.compile(r"(\\*)(!?)\[\[([^\[\]\n]+)\]\]")
_MARKDOWN = re.compile(
    r"(!?)\[[^\[\]\n]*\]\((?!\s*<?[a-zA-Z][\w+.-]*:|\s*<?//)\s*(?:<([^<>\n]++)>|([^()\s]++))[^()\n]*+\)"
)
_KEYS = re.compile(r"^(?:id|kind|as_of|aliases?)[ \t]*:[^\n]*\n?(?:(?:[ \t]+|- |-$)[^\n]*\n?)*", re.MULTILINE)
_MARKER = re.compile(r"^%% tv:(?:begin|end) ", re.MULTILINE)
_CARD = re.compile(rb'chart-[^"/\\]+\.png')
_PUNCTUATION = re.compile(r"[^\w\s]|_")


TICK = 2 * 10**9
"""What is younger than this when it is read may be written again without its times showing it: FAT counts in twos."""


Stamp = tuple[int, int, int, int]
NO_STAMP: Stamp = (0, 0, 0, 0)


class Link(NamedTuple):
    """A link or embed of a note.

    Attributes:
        target: Path as it is written; empty for one within the same note.
        fragment: What follows `#`; begins with `^` for a block.
        line: Number of its line.
        embed: Whether it shows its target rather than leading there.
    """

    target: str
    fragment: str
    line: int
    embed: bool


@dataclass(eq=False)  # nobody changes one, but to make thousands of frozen ones takes three times as long
class Note:
    """A Markdown file of the vault.

    Attributes:
        path: Relative to the vault, with forward slashes.
        basename: Its file name without `.md`, composed (NFC).
        id: Its `id` property if it is the generator's: it has regions, or lies in the generator's corner and has both
            a kind and an `as_of`.
        aliases: Its aliases.
        has_markers: Whether it holds a region, or a marker that stands where none should.
        has_pictures: Whether it may name a picture of ours.
        stamp: Size, time of writing, time of change (both in nanoseconds) and number of its file when it was read.
        findings: What is wrong with it.
        vault: The folder of its vault.
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

    @property
    def mtime(self) -> int:
        """When it was written, in nanoseconds."""
        return self.stamp[1]

    @cached_property
    def text(self) -> str:
        """All of it, without a byte order mark; what is no UTF-8 is replaced.

        Raises:
            DiskError: It can no longer be read.
        """
        file = Path(self.vault, self.path)
        try:
            return file.read_bytes().decode(errors="replace").removeprefix("\ufeff")
        except OSError as problem:
            raise disk_error(problem, file, "read") from None

    # Most notes of a large vault are only asked for their names, so the rest is read when it is wanted.

    @cached_property
    def _shape(self) -> str:
        return masked(self.text)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """Its headings, in order, without their marks."""
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
        """Its links and embeds outside code, in order; those in properties count."""
        return tuple(_links(self.text, self._shape)) if "[[" in self.text or "](" in self.text else ()

    @cached_property
    def own_lines(self) -> frozenset[int] | None:
        """Numbers of the lines in its regions; None if it has no regions, or damaged ones."""
        if not self.has_markers:
            return None
        parsed = parse(self.text)
        if parsed.findings:
            return None
        regions = parsed.regions.values()
        return frozenset(n for region in regions for n in range(region.line, region.last_line + 1))


@dataclass(frozen=True)
class VaultIndex:
    """A vault as it was read.

    Attributes:
        notes: Every note, sorted by path.
        attachments: Paths of all other files, sorted.
        findings: What could not be read.
        leftovers: Unfinished files that a crash left.
        root: The vault's folder.
        read_at: When reading it began, in nanoseconds.
    """

    notes: tuple[Note, ...] = ()
    attachments: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    leftovers: tuple[str, ...] = ()
    root: Path = Path()
    read_at: int = 0
    _memo: dict[tuple[str, str], str | None] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def by_path(self) -> Mapping[str, Note]:
        """Notes by their paths."""
        return {note.path: note for note in self.notes}

    @cached_property
    def embedded(self) -> frozenset[str]:
        """File names of our pictures that a person embeds: in notes of their own, outside regions in ours, on canvases.

        Raises:
            DiskError: A note or canvas can no longer be read.
        """
        notes = {
            link.target.rpartition("/")[2]
            for note in self.notes
            if note.has_pictures
            for link in note.links
            if link.embed and link.line not in (note.own_lines or ())
        }
        canvases = (self.root / path for path in self.attachments if path.lower().endswith(".canvas"))
        cards = {name.decode(errors="replace") for path in canvases for name in _CARD.findall(read_bytes(path) or b"")}
        return frozenset(notes | cards)

    @cached_property
    def _files(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in (*(note.path for note in self.notes), *self.attachments):
            found.setdefault(_folded(path.rpartition("/")[2]), []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    def resolve(self, target: str, source: str = "") -> str | None:
        """Return the path that Obsidian opens for a link, None if it leads nowhere.

        File names count, aliases do not; case does not. Of several, one below the source's folder wins, then the one
        with the shortest path.

        Args:
            target: The link's path; empty for the note itself.
            source: Path of the note that it stands in.
        """
        folder = source.rpartition("/")[0]
        key = (target, folder)
        if not target:
            return source or None
        if key not in self._memo:
            self._memo[key] = self._resolve(target, folder)
        return self._memo[key]

    def _resolve(self, target: str, folder: str) -> str | None:
        wanted = _folded(target.replace("\\", "/"))
        relative = wanted.startswith(("./", "../"))
        if relative:
            wanted = os.path.normpath(f"{_folded(folder)}/{wanted}").replace(os.sep, "/").lstrip("/")
        rooted = wanted.startswith("/") or relative
        wanted = wanted.lstrip("/")
        for name in (wanted, f"{wanted}.md"):
            paths = self._files.get(name.rpartition("/")[2], ())
            exact = [path for path in paths if _folded(path) == name]
            fitting = exact if exact or rooted else [path for path in paths if _folded(path).endswith(name)]
            if fitting:
                near = f"{_folded(folder)}/"
                return min(fitting, key=lambda path: (not _folded(path).startswith(near), len(path), path))
        return None


def _folded(path: str) -> str:
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def heading_key(text: str) -> str:
    """Return a heading as links are matched against it: without markup, punctuation, case and repeated blanks.

    >>> heading_key("**Oil** & gas, [[Now|today]]") == heading_key("oil gas today")
    True
    """
    text = re.sub(r"\[\[(?:[^\[\]|]*\\?\|)?([^\[\]]*)\]\]", r"\1", text)
    return " ".join(_PUNCTUATION.sub(" ", unicodedata.normalize("NFC", text)).casefold().split())


def _without_closing(heading: str) -> str:
    """Return a heading without the number signs that may close it."""
    bare = heading.rstrip("#")
    return bare.rstrip(" \t") if bare != heading and bare[-1:] in ("", " ", "\t") else heading


def scan(root: Path, previous: VaultIndex | None = None, corner: str = "") -> VaultIndex:
    """Return what is in a vault; nothing if there is no such folder.

    Args:
        root: The vault's folder.
        previous: An earlier index of it; a note whose stamp is the same is not read again, unless it was so young then
            that its stamp proves nothing.
        corner: The folder of the vault that holds the generator's notes; empty for all of it.

    Raises:
        DiskError: The vault is a file, or cannot be read at all.
    """
    if not root.is_dir():
        if root.exists():
            said = "a file stands where the vault should be."
            raise DiskError(Finding(said, Place(root.as_posix()), "Move it away, or name another vault.", code="disk"))
        return VaultIndex(root=root)
    vault, read_at = os.fspath(root), time.time_ns()
    reader = _Reader(vault, previous.by_path if previous else {}, (previous.read_at if previous else 0) - TICK, corner)
    folders = [("", vault)]
    while folders:
        folders += reader.folder(*folders.pop())
    if previous and not reader.read and len(reader.notes) == len(previous.notes):
        notes = previous.notes  # the same ones, in order already
    else:
        notes = tuple(sorted(reader.notes, key=attrgetter("path")))
    found = [*reader.findings, *(finding for note in notes for finding in note.findings)]
    return VaultIndex(
        notes,
        tuple(sorted(reader.attachments)),
        tuple(sorted(found, key=lambda finding: finding.sort_key)),
        tuple(sorted(reader.leftovers)),
        root,
        read_at,
    )


class _Reader:
    """Reads a vault folder by folder and gathers what it meets."""

    def __init__(self, vault: str, known: Mapping[str, Note], proven: int, corner: str) -> None:
        self.notes: list[Note] = []
        self.attachments: list[str] = []
        self.leftovers: list[str] = []
        self.findings: list[Finding] = []
        self.read = 0
        self._vault = vault
        self._known = known
        self._proven = proven
        self._corner = corner

    def folder(self, prefix: str, folder: str) -> list[tuple[str, str]]:
        """Return the folders in a folder, after taking in its files."""
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError as problem:
            if not prefix:
                raise disk_error(problem, Path(folder), "read") from None
            said = f"the folder cannot be read: {_said(problem)}."
            self.findings.append(_unreadable(said, prefix.rstrip("/")))
            return []
        inner = []
        known, proven = self._known, self._proven
        for entry in entries:  # each name of a vault comes by here, so what most need stands in one place
            name = entry.name
            path = prefix + name
            try:
                if name[0] == ".":
                    if name.endswith(TEMP_SUFFIX):
                        self.leftovers.append(path)
                elif entry.is_dir():
                    if not entry.is_symlink():
                        inner.append((f"{path}/", entry.path))
                elif name[-3:].lower() == ".md":
                    status = entry.stat()
                    stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
                    note = known.get(path)
                    if note is None or note.stamp != stamp or not stamp[1] < proven > stamp[2]:
                        note = self._read(entry.path, path, status.st_mode, stamp)
                    self.notes.append(note)
                else:
                    self.attachments.append(path)
            except OSError as problem:  # a link that leads to itself among them
                self.findings.append(_unreadable(f"it cannot be read: {_said(problem)}.", path))
        return inner

    def _read(self, file: str, path: str, mode: int, stamp: Stamp) -> Note:
        if not stat.S_ISREG(mode):  # to open a pipe is to wait for its other end
            raise OSError(errno.EINVAL, "it has the name of a note, but is no file")
        with open(file, "rb") as opened:  # noqa: PTH123 - thousands of them; a Path for each is felt
            data = opened.read()
        self.read += 1
        return read_note(data, path, corner=self._corner, stamp=stamp, vault=self._vault)


def _said(problem: OSError) -> str:
    return (problem.strerror or str(problem)).lower()


def _unreadable(problem: str, path: str) -> Finding:
    return Finding(problem, Place(path), "Nothing in it counts until that is mended.", "warning", "unreadable")


def read_note(data: bytes, path: str, *, corner: str = "", stamp: Stamp = NO_STAMP, vault: str = "") -> Note:
    """Return what the index knows of one note.

    Args:
        data: All of it.
        path: Relative to the vault.
        corner: The folder of the vault that holds the generator's notes; empty for all of it.
        stamp: Of its file.
        vault: The folder of its vault.
    """
    findings: list[Finding] = []
    try:
        text = data.decode()
    except UnicodeDecodeError as problem:
        text = data.decode(errors="replace")
        line = data.count(b"\n", 0, problem.start) + 1
        hint = "Save the note as UTF-8; what could be read of it counts."
        findings.append(Finding("the note is not UTF-8.", Place(path, line), hint, "warning", "not-utf-8"))
    text = text.removeprefix("\ufeff")
    block, _ = properties.split(text)
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
    )
    vars(note)["text"] = text  # as the cached property would have it, were the note read again
    return note


def _has_regions(text: str) -> bool:
    """Return whether a note holds regions or what is left of them; markers that are shown as code are none."""
    parsed = parse(text)
    return bool(parsed.regions or parsed.findings)


def _values(block: str, path: str, findings: list[Finding]) -> Mapping[str, object]:
    """Return id, kind, `as_of` and aliases; a full YAML parser is asked only where they are written unusually."""
    wanted = "".join(m[0] if m[0].endswith("\n") else m[0] + "\n" for m in _KEYS.finditer(block))
    found = properties.read(wanted, path=path) if wanted else properties.Properties()
    if not found.findings:
        return found.values
    found = properties.read(block, path=path)
    hint = "Names and aliases in it do not count until that is mended."
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
