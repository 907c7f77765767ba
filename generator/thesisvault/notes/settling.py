"""Settling: a note in a merge conflict is brought back to one note as far as it is the generator's.

Two machines that each brought a note up to date differ in nearly every figure, and a merge leaves all of that to a
person. Nothing of it is theirs: computed properties and regions that nobody edited are put right by the next build.
What a person typed into either version stays: edits of a region are kept below it, and text outside regions on which
the versions differ stays in conflict, as the merge left it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from msgspec import Struct

from thesisvault.conflicts import Hunk, conflict, hunks, pieces
from thesisvault.errors import Finding
from thesisvault.notes.code import Fences, lines_of
from thesisvault.notes.markers import Outside, Parsed, Region, parse, with_marks, without_stray_markers, wrap
from thesisvault.notes.properties.joining import join
from thesisvault.notes.regions import FreshNote, kept_edit, written
from thesisvault.notes.targets import NOWHERE, retyped
from thesisvault.patterns import regex

_FIGURE = regex(
    r"[+\-–−]?[$€£¥]?\d[\d.,:]*(?:st|nd|rd|th|[%xpTBMKmk]+)?"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
)
_STAND_IN = "\ufdd1"
"""Stands for a hunk that is left alone; a code point that stands for no character."""
DAMAGED_HINT = "Keep one version of each, or run `thesisvault adopt` on the note, which keeps the words of both."
_HINT = "Keep the words that you want there, and delete the lines <<<<<<<, ======= and >>>>>>>."


class Settled(Struct, frozen=True):
    """A note after its conflicts were looked at.

    Attributes:
        text: The note, without the conflicts that were settled.
        findings: What became of those.
        readable: Whether what is left can be merged: neither its markers nor its properties are in conflict.
    """

    text: str
    findings: tuple[Finding, ...] = ()
    readable: bool = True


def open_conflicts(text: str, path: str) -> list[Finding]:
    """Return what is to be said of the conflicts in a note; one that is shown as code is none."""
    if "<<<<<<<" not in text:
        return []
    fences, found, line = Fences(), [], 0
    for each in pieces(text):
        opened = fences.opened
        lines = lines_of(each.text) if isinstance(each, Hunk) else [each]
        code = [fences.feed(each) for each in lines]
        line += len(lines)
        if isinstance(each, Hunk) and not (opened and all(code) and fences.opened == opened):
            found.append(each)
    return list(conflict(found, path, _HINT, "warning"))


def settle(
    text: str,
    fresh: FreshNote,
    *,
    as_of: dt.date,
    removed: AbstractSet[str] = frozenset(),
    path: str = "",
    adopting: bool = False,
) -> Settled:
    """Return a note without conflicts in what is the generator's.

    Args:
        text: The note.
        fresh: What the generator would write.
        as_of: Date of the data, which dates kept edits.
        removed: Regions that a person removed on either machine.
        path: Path of the note, for findings.
        adopting: Whether damaged markers may be taken out of either version.
    """
    found = hunks(text)
    if not found:
        return Settled(text)
    names = frozenset(name for name, _ in fresh.regions) if adopting else None
    outside = _outside(text, names)
    versions = [_version(text, which, outside, names) for which in range(2)]
    one, other = (parse(each) for each in versions)
    if one.findings or other.findings:
        return Settled(text, tuple(conflict(found, path, DAMAGED_HINT)), readable=False)
    work = _Settling(fresh, one, other, found[0].signs, as_of, removed, path)
    settled = work.front(), work.body()
    if settled[0] is None:
        hint = "Keep one version of each of these places; until then the note is left as it is."
        return Settled(text, tuple(conflict(found, path, hint)), readable=False)
    joined = settled[0] + settled[1]
    for number in outside:
        stand_in = f"{_STAND_IN}{number}{_STAND_IN}"
        joined = joined.replace(f"{stand_in}\n", found[number].text).replace(stand_in, found[number].text)
    gone = [each for k, each in enumerate(found) if k not in outside]
    said = conflict(gone, path, "", "info", ", settled by this build")
    findings = (*(said if joined != text else ()), *work.findings)
    if work.open_front:
        return Settled(joined, (*findings, *open_conflicts(joined, path)), readable=False)
    return Settled(joined, findings)


def _version(text: str, which: int, left_out: AbstractSet[int], names: AbstractSet[str] | None) -> str:
    """Return one version of a note, with stand-ins for some of the hunks."""
    parts, number = [], -1
    for each in pieces(text):
        if isinstance(each, str):
            parts.append(each)
            continue
        number += 1
        if number in left_out:
            parts.append(f"{_STAND_IN}{number}{_STAND_IN}" + ("\n" if each.text.endswith("\n") else ""))
        else:
            parts += each.sides[which]
    version = "".join(parts)
    return version if names is None else without_stray_markers(version, names)


def _outside(text: str, names: AbstractSet[str] | None) -> frozenset[int]:
    """Return the numbers of the hunks that lie outside regions and properties in both versions: a person's alone."""
    plain = frozenset(
        k for k, each in enumerate(hunks(text)) if not any(map(_bounds, (*each.sides[0], *each.sides[1])))
    )
    one, other = (parse(_version(text, which, plain, names)) for which in range(2))
    stand_ins = {k: f"{_STAND_IN}{k}{_STAND_IN}" for k in plain}
    places = {k: (_region_before(one, each), _region_before(other, each)) for k, each in stand_ins.items()}
    return frozenset(k for k, (here, there) in places.items() if here is not None and here == there)


def _bounds(line: str) -> bool:
    """Return whether a line may bound a region or the properties."""
    return "%% tv:" in line or line.rstrip() == "---"


def _region_before(parsed: Parsed, words: str) -> str | None:
    """Return the name of the region above a place outside regions; None if it is in one or in the properties."""
    name = ""
    for part in parsed.parts:
        if isinstance(part, Region):
            name = part.name
        elif words in part.text:
            return name
    return None


class _Settling:
    """Two versions of a note while they become one."""

    def __init__(
        self,
        fresh: FreshNote,
        one: Parsed,
        other: Parsed,
        signs: tuple[str, str, str],
        as_of: dt.date,
        removed: AbstractSet[str],
        path: str,
    ) -> None:
        self._bodies = dict(fresh.regions)
        self._one, self._other, self._signs = one, other, signs
        self._as_of, self._removed, self._path = as_of, removed, path
        self._marks = tuple(dict.fromkeys((*written(one), *written(other))))
        self.findings: list[Finding] = []
        self.open_front = False

    def front(self) -> str | None:
        """Return the properties with the rules around them; None if those of a version cannot be read."""
        joined = join(self._one.block, self._other.block, frozenset(self._marks), self._signs)
        if joined is None:
            return None
        block, self.open_front = joined
        version = self._one if self._one.block is not None else self._other
        if block is None or version.block is None:
            return version.front
        before, _, after = version.front.partition("\n")
        return f"{before}\n{block}{after[len(version.block) :]}"

    def body(self) -> str:
        """Return all text after the properties."""
        (one, above), (other, above_other) = _by_region(self._one), _by_region(self._other)
        order = list(one)
        for name in other:
            if name not in one:
                earlier = [each for each in list(other)[: list(other).index(name)] if each in order]
                order.insert(order.index(earlier[-1]) + 1 if earlier else 0, name)
        parts = [self._text(above, above_other)]
        for name in order:
            (region, below), *more = (each[name] for each in (one, other) if name in each)
            if more:
                parts += [*self._region(region, more[0][0]), self._text(below, more[0][1])]
            else:
                parts += [below] if name in self._removed and not _edited(region) else [region.text, below]
        return "".join(parts)

    def _region(self, one: Region, other: Region) -> Iterator[str]:
        """Yield the region of two versions, then what a person typed into the second of them."""
        if one.text == other.text:
            yield one.text
            return
        fresh = self._bodies.get(one.name)
        known = _shapes([fresh or "", *(each.body for each in (one, other) if not _edited(each))])
        typed = {each: _unlike(each.body, known) for each in (one, other) if _edited(each)}
        # Where a merge has put one edit into both versions, one of them is enough.
        edited = [each for each, words in typed.items() if words]
        if len(edited) > 1 and typed[other] <= typed[one]:
            edited.remove(other)
        elif len(edited) > 1 and typed[one] <= typed[other]:
            edited.remove(one)
        newline = "\r\n" if "\r\n" in one.text else "\n"
        if not edited:
            ending = newline if one.text.endswith("\n") else ""
            yield with_marks(wrap(one.name, one.body), self._marks).replace("\n", newline) + ending
            return
        yield with_marks(edited[0].text, self._marks)
        for each in edited[1:]:
            callout, finding = kept_edit(each, self._as_of, self._path)
            yield f"\n{callout}\n".replace("\n", newline)
            self.findings.append(finding)

    def _text(self, one: str, other: str) -> str:
        """Return a person's text of two versions; where both differ in words, both, for the person to choose from."""
        if one.split() == other.split():
            return one
        mine, theirs = lines_of(one), lines_of(other)
        head = _alike(mine, theirs)
        tail = _alike(mine[head:][::-1], theirs[head:][::-1])
        middle = [_ended(each[head : len(each) - tail]) for each in (mine, theirs)]
        first, between, last = self._signs
        after = mine[len(mine) - tail :] if tail else []
        return "".join([*mine[:head], first, *middle[0], between, *middle[1], last, *after])


def _edited(region: Region) -> bool:
    return region.edited or retyped(region.body, region.targets, NOWHERE)


def _ended(lines: list[str]) -> list[str]:
    return [line if line.endswith("\n") else f"{line}\n" for line in lines]


def _alike(one: list[str], other: list[str]) -> int:
    """Return how many lines two lists have in common at their start."""
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count


def _shapes(bodies: Iterable[str]) -> set[str]:
    return {_shape(line) for body in bodies for line in body.split("\n")}


def _unlike(body: str, known: AbstractSet[str]) -> set[str]:
    """Return the lines of a text that are like no known one but for figures.

    Of a region that two machines wrote anew a merge mixes lines of both, so that it is as neither of them wrote it.
    """
    return {line.strip() for line in body.split("\n") if line.strip() and _shape(line) not in known}


def _shape(line: str) -> str:
    return re.sub(r"\s|-{2,}", "", _FIGURE.sub("0", line))


def _by_region(parsed: Parsed) -> tuple[dict[str, tuple[Region, str]], str]:
    """Return each region with the text below it, in order, and the text above the first."""
    found: dict[str, tuple[Region, str]] = {}
    above, name = "", ""
    for part in parsed.parts:
        if isinstance(part, Region):
            name = part.name
            found[name] = (part, "")
        elif isinstance(part, Outside) and name:
            found[name] = (found[name][0], found[name][1] + part.text)
        else:
            above += part.text
    return found, above
