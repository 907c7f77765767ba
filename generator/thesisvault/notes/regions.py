"""Regions: the generator's parts of a note, kept apart from a person's text.

`merge` brings a note up to date. Everything outside regions keeps its bytes and its place; what a person wrote inside a
region is kept right below it. Where markers or properties are damaged nothing is guessed: the note stays as it is, and
findings say how to fix it.

A note that is byte for byte as a merge left it is spliced: nobody has edited a region of it or led a link elsewhere, so
only those regions are looked at whose body is another now. Nothing else is left out, so it is as if merged whole.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from msgspec import Struct, field

from thesisvault.errors import Finding, Level, Place
from thesisvault.notes import meaning
from thesisvault.notes.code import lines_of, may_have_fences
from thesisvault.notes.escape import fence
from thesisvault.notes.markers import (
    Outside,
    Parsed,
    Region,
    damage,
    named_in,
    parse,
    sound,
    with_marks,
    without_stray_markers,
    wrap,
)
from thesisvault.notes.properties.marks import mark, marks
from thesisvault.notes.properties.merging import merge as merge_properties
from thesisvault.notes.properties.reading import read
from thesisvault.notes.properties.values import Value, render, same
from thesisvault.notes.targets import NOWHERE, Leads, retyped, seal
from thesisvault.patterns import regex
from thesisvault.structs import replace

_KEPT_TITLE = regex(r">[ \t]*\\?\[!quote\\?\]- Your edit, kept ")
_ORPHANED: Mapping[str, Value] = {"status": "orphaned"}


class FreshNote(Struct, frozen=True):
    """What the generator would write: properties, and name and body of each region, in order."""

    properties: Mapping[str, Value]
    regions: tuple[tuple[str, str], ...]


class Merged(Struct, frozen=True):
    """A note brought up to date.

    Attributes:
        text: The note; as it is on disk if it must not be written.
        findings: What a person should know; an error says why the note must not be written.
        kept: Names of regions of which a person's version was kept.
        removed: Names of regions that a person has removed since the last build; they stay removed.
        restored: Names of regions that were removed earlier and are in the note again.
        regions: Names of the generator's regions that the note now holds, for the next merge.
        damaged: Whether the note must not be written.
        sealed: Whether all that a region's end marker says is true of what stands in the region, and whoever reads the
            note finds the same regions in it; then the next merge may be told that it was left so.
    """

    text: str
    findings: tuple[Finding, ...] = ()
    kept: tuple[str, ...] = ()
    removed: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()
    damaged: bool = False
    sealed: bool = False


def merge(
    disk_text: str | None,
    fresh: FreshNote,
    *,
    as_of: dt.date,
    removed: AbstractSet[str] = frozenset(),
    known: AbstractSet[str] = frozenset(),
    owned_keys: AbstractSet[str] = frozenset(),
    leads: Leads = NOWHERE,
    path: str = "",
    adopting: bool = False,
    is_left: bool = False,
) -> Merged:
    """Return a note on disk brought up to date with what the generator would write.

    Args:
        disk_text: The note on disk, with its line ends and byte order mark; None if it does not exist.
        fresh: What the generator would write.
        as_of: Date of the data, which dates kept edits.
        removed: Regions that a person removed earlier; they are written only if they are in the note again.
        known: Regions that the note held when it was last written; a person removed those that are missing now.
        owned_keys: Properties that may be ours, in addition to those of `fresh`.
        leads: Where the links of the note lead.
        path: Path of the note, for findings.
        adopting: Whether a note without regions may be given some.
        is_left: Whether it is byte for byte as a merge by the same code left it, sealed; saves time, changes nothing.
    """
    if disk_text is None or not disk_text.strip("\ufeff \t\r\n"):
        return _new(fresh, removed)
    parsed = parse(disk_text, path=path)
    findings = list(parsed.findings)
    if not adopting and not findings:
        findings += _displaced(parsed, {*known, *dict(fresh.regions)} - removed, path)
    if findings:
        return Merged(disk_text, tuple(findings), damaged=True)
    if not (parsed.regions or known or removed or adopting or _ours(parsed, fresh)):
        problem = "a note of this name exists already, and it was not written by thesisvault."
        hint = "Run `thesisvault adopt` on it to keep its text and add ours, or give the definition another title."
        return Merged(disk_text, (Finding(problem, Place(path, 1), hint, code="foreign-note"),), damaged=True)
    block, said = merge_properties(parsed.block, fresh.properties, owned_keys, frozenset(written(parsed)), path=path)
    if any(finding.level == "error" for finding in said):
        return Merged(disk_text, said, damaged=True)
    work = _Work(fresh, parsed, as_of, removed, known, path, "\r\n" if _crlf(disk_text) else "\n", leads, is_left)
    work.refresh()
    work.add_new()
    work.mark(marks(fresh.properties))
    text = _front(parsed, block, work.newline) + "".join(work.texts)
    return Merged(
        text,
        (*said, *work.findings),
        tuple(work.kept),
        frozenset(work.gone),
        frozenset(removed & parsed.regions.keys()),
        tuple(name for name in work.order if name),
        sealed=work.sealed and _is_read_as_written(text),
    )


def adopt(
    disk_text: str,
    fresh: FreshNote,
    *,
    as_of: dt.date,
    removed: AbstractSet[str] = frozenset(),
    known: AbstractSet[str] = frozenset(),
    owned_keys: AbstractSet[str] = frozenset(),
    leads: Leads = NOWHERE,
    path: str = "",
) -> Merged:
    """Return a damaged or foreign note turned into one with regions, with all of its text; takes what `merge` takes.

    A region whose markers were damaged is written anew. One that was removed whole stays removed, unless all were.
    """
    text = without_stray_markers(disk_text, {*dict(fresh.regions), *known, *removed})
    left = parse(text).regions.keys()
    known = known - (named_in(disk_text) - left) if left else frozenset()
    merged = merge(
        text,
        fresh,
        as_of=as_of,
        removed=removed,
        known=known,
        owned_keys=owned_keys,
        leads=leads,
        path=path,
        adopting=True,
    )
    return replace(merged, text=disk_text) if merged.damaged else merged


def orphaned(disk_text: str) -> str | None:
    """Return a note whose definition is gone, with `status: "orphaned"`; None if it has that or cannot be edited.

    A status that was not written by us is a person's and is kept.
    """
    parsed = parse(disk_text)
    if parsed.block is None or any(finding.code == "broken-properties" for finding in parsed.findings):
        return None
    before = written(parsed)
    block, _ = merge_properties(parsed.block, _ORPHANED, frozenset(), frozenset(before))
    was = mark("status", read(parsed.block).values.get("status"))
    first = next((part for part in parsed.parts if isinstance(part, Region)), None)
    texts = [part.text for part in parsed.parts]
    if first is not None and not parsed.findings:
        kept = (*(each for each in before if each != was), *marks(_ORPHANED))
        texts[parsed.parts.index(first)] = with_marks(first.text, tuple(dict.fromkeys(kept)))
    text = _front(parsed, block, "\r\n" if _crlf(disk_text) else "\n") + "".join(texts)
    return None if text == disk_text else text


def written(parsed: Parsed) -> tuple[str, ...]:
    """Return the marks in a note, each once, in order."""
    return tuple(dict.fromkeys(each for region in parsed.regions.values() for each in region.marks))


def _new(fresh: FreshNote, removed: AbstractSet[str]) -> Merged:
    names = tuple(name for name, _ in fresh.regions if name not in removed)
    regions = [wrap(name, body) for name, body in fresh.regions if name in names]
    if regions:
        regions[0] = with_marks(regions[0], marks(fresh.properties))
    text = "\n\n".join([f"---\n{render(fresh.properties)}---", *regions]) + "\n"
    return Merged(text, regions=names, sealed=_is_read_as_written(text))


def _is_read_as_written(text: str) -> bool:
    """Return whether a note that was put together is certainly parsed into the same parts.

    In a fence a marker is none, and what is in a fence hangs on all that stands above; only without any is it certain.
    Neither is what a carriage return does at the end of a body.
    """
    return not may_have_fences(text) and "\r" not in text


def _ours(parsed: Parsed, fresh: FreshNote) -> bool:
    own = fresh.properties.get("id")
    return own is not None and same(read(parsed.block or "").values.get("id"), own)


def _crlf(text: str) -> bool:
    return text.count("\r\n") * 2 > text.count("\n")


def _front(parsed: Parsed, block: str, newline: str) -> str:
    if parsed.block is None:
        gap = "" if parsed.body.startswith(("\n", "\r\n")) else newline
        return f"{parsed.front}---\n{block}---\n".replace("\n", newline) + gap
    before, _, after = parsed.front.partition("\n")
    return f"{before}\n{block}{after[len(parsed.block) :]}"


def _displaced(parsed: Parsed, names: AbstractSet[str], path: str) -> list[Finding]:
    """Return damage for regions that seem to be gone, but whose markers only moved to where they do not count."""
    missing = names - parsed.regions.keys()
    found = []
    for name, line, opened in parsed.hidden:
        if name in missing:
            problem = f'a marker of region "{name}" is inside a code fence that begins on line {opened}.'
            found.append(damage(problem, Place(path, line)))
    if not missing or parsed.hidden:
        return found
    for part in parsed.parts:
        if isinstance(part, Region) or "tv:" not in part.text:
            continue
        for number, line_text in enumerate(lines_of(part.text)):
            hit = re.search(r"%%[ \t]*tv:(?:begin|end)[ \t]+([a-z0-9][a-z0-9-]*)", line_text)
            if hit and hit[1] in missing and not line_text.startswith((">", "\\")):
                problem = f'a marker of region "{hit[1]}" is not alone on its line, at the start.'
                found.append(damage(problem, Place(path, part.line + number)))
    return found


class _Work(Struct):
    """The parts of one note while they are brought up to date; `order` names the region of each text."""

    fresh: FreshNote
    parsed: Parsed
    as_of: dt.date
    removed: AbstractSet[str]
    known: AbstractSet[str]
    path: str
    newline: str
    leads: Leads
    is_left: bool
    sealed: bool = True
    texts: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def say(self, problem: str, line: int, hint: str, code: str, level: Level = "warning") -> None:
        where = Place(self.path, line)
        self.findings.append(Finding(problem, where, hint, level, code))

    def refresh(self) -> None:
        """Go through the note in its own order."""
        bodies = dict(self.fresh.regions)
        parts = self.parsed.parts
        for k, part in enumerate(parts):
            below = parts[k + 1].text if k + 1 < len(parts) and isinstance(parts[k + 1], Outside) else ""
            if isinstance(part, Outside):
                self._put("", self._joined(part.text))
            elif part.name in bodies:
                self._refresh(part, bodies[part.name], below)
            elif part.edited or retyped(part.body, part.targets, self.leads):
                problem = f'region "{part.name}" left the definition but was edited by hand; its text is yours now.'
                self.say(problem, part.line, "Delete it if you do not want it.", "kept-region")
                self._put("", part.body + self.newline if part.body else "")
            else:
                self._put("-", "")
        if self.order[-1:] == ["-"]:
            # The last regions are gone: the blank lines between them go too, a person's words do not.
            at = len(self.texts) - 1
            while at >= 0 and self.texts[at] in ("", self.newline) and self.order[at] in ("", "-"):
                self.texts[at] = ""
                at -= 1
        self.gone = {name for name in self.known & bodies.keys() if name not in self.parsed.regions} - self.removed
        for name in sorted(self.gone):
            problem = f'region "{name}" was removed from the note and stays removed.'
            self.say(problem, 0, "`thesisvault restore NOTE#REGION` brings it back.", "removed-region", "info")

    def _put(self, name: str, text: str) -> None:
        self.order.append(name)
        self.texts.append(text)

    def _joined(self, text: str) -> str:
        """Return the text that follows a region that is gone, without the blank line between them."""
        if self.order and self.order[-1] == "-":
            self.order[-1] = ""
            before = "".join(self.texts)
            bare = text.removeprefix("\r\n") if text.startswith("\r\n") else text.removeprefix("\n")
            return bare if before in ("", self.newline) or before.endswith(("\n\n", "\n\r\n")) else text
        return text

    def _refresh(self, region: Region, body: str, below: str) -> None:
        ending = self.newline if region.text.endswith("\n") else ""
        body = sound(body)
        if self.is_left and region.body == body:
            self._put(region.name, region.text)
            return
        edited = not self.is_left and region.edited
        retargeted = not self.is_left and retyped(region.body, region.targets, self.leads, body)
        whole = region.meaning and (region.targets or not seal(body))  # an earlier version wrote fewer hashes
        is_spelled = self.is_left or not region.touched
        if whole and not (edited or retargeted) and meaning.alike(region.body, body, spelled=is_spelled):
            self.sealed &= self.is_left or (is_spelled and seal(region.body) == region.targets)
            self._put(region.name, region.text)  # keep the spelling of a formatter, which would put it back each time
            return
        self._put(region.name, wrap(region.name, body).replace("\n", self.newline) + ending)
        changed = edited and region.body.strip() and meaning.mark(region.body) != meaning.mark(body)
        if not (changed or retargeted):
            return
        kept, finding = kept_edit(region, self.as_of, self.path)
        self.kept.append(region.name)
        if _is_kept(region.body, below):
            return
        ended = "" if ending else self.newline
        gap = self.newline if below.strip() and not below.startswith(("\n", "\r\n")) else ""
        self._put("+", f"{ended}{self.newline}{kept.replace(chr(10), self.newline)}{ending}{gap}")
        self.findings.append(finding)

    def add_new(self) -> None:
        """Put new regions after their nearest predecessor, else before their nearest successor."""
        names = [name for name, _ in self.fresh.regions]
        for k, (name, body) in enumerate(self.fresh.regions):
            if name in self.order or name in self.removed or name in self.gone:
                continue
            text = wrap(name, body).replace("\n", self.newline) + self.newline
            earlier = [other for other in names[:k] if other in self.order]
            later = [other for other in names[k + 1 :] if other in self.order]
            if not earlier and later:
                at = self.order.index(later[0])
                self._insert(at, name, text + self.newline)
                continue
            at = self.order.index(earlier[-1]) + 1 if earlier else len(self.order)
            while at < len(self.order) and self.order[at] == "+":
                at += 1
            before = "".join(self.texts[:at])
            ended = "" if not before or before.endswith("\n") else self.newline
            blank = "" if not before or (before + ended).endswith(("\n\n", "\n\r\n")) else self.newline
            after = "".join(self.texts[at:])
            close = self.newline if after and not after.startswith(("\n", "\r\n")) else ""
            self._insert(at, name, ended + blank + text + close)

    def mark(self, marks: tuple[str, ...]) -> None:
        """Have the first region, and no other, bear the marks of the properties."""
        for k, name in enumerate(self.order):
            if name not in ("", "+", "-"):
                self.texts[k] = with_marks(self.texts[k], marks)
                marks = ()
        self.order = [name for name in self.order if name not in ("+", "-")]

    def _insert(self, at: int, name: str, text: str) -> None:
        self.order.insert(at, name)
        self.texts.insert(at, text)


def kept_edit(region: Region, as_of: dt.date, path: str) -> tuple[str, Finding]:
    """Return a person's version of a region in a folded callout, and what to say of it.

    It stands there verbatim inside a fence, without a final line end.
    """
    lines = fence(region.body.replace("\r\n", "\n")).split("\n")
    title = f"> [!quote]- Your edit, kept {as_of.isoformat()}"
    problem = f'region "{region.name}" was edited by hand. It was refreshed; your version is kept below it.'
    hint = "Move what you want to keep out of the folded callout."
    if not region.meaning:
        hint = f"An earlier version wrote it, so what a formatter did may be taken for yours. {hint}"
    finding = Finding(problem, Place(path, region.line), hint, "warning", "kept-edit")
    return "\n".join([title, ">", *(f"> {line}" if line else ">" for line in lines)]), finding


def _is_kept(body: str, below: str) -> bool:
    """Return whether one of the callouts right below keeps the same text, whatever its date and its formatter."""
    lines = below.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        if not _KEPT_TITLE.match(lines[at]):
            return False
        end = next((k for k in range(at + 1, len(lines)) if not lines[k].startswith(">")), len(lines))
        inner = [re.sub("^> ?", "", line) for line in lines[at + 1 : end]]
        while inner and not inner[0].strip():
            inner.pop(0)
        if meaning.alike("\n".join(inner[1:-1]), body):
            return True
        at = end
    return False
