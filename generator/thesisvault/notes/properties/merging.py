"""Merging properties: the generator's keys are brought up to date, a person's keys are never touched."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from itertools import chain, count
from typing import Any

from thesisvault.errors import Finding, Place
from thesisvault.notes.code import lines_of
from thesisvault.notes.properties.marks import JOINED, computed, mark, ours
from thesisvault.notes.properties.reading import Properties, read
from thesisvault.notes.properties.values import SAFE_INTEGER, Value, entry, render, same
from thesisvault.patterns import regex

_SPELLED = regex(r"^(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^:]*(?::(?=\S)[^:]*)*)[ \t]*:")
_COMMENT = regex(
    r"""(?:\s*(?:-\s+)?|[^\s:#][^:\n]*:[ \t]*)                      # an indent, a dash, or a key
    (?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#'"](?:[^#\n]|(?<=\S)\#)*)?  # a value
    (?:(?<=\s)|^|(?<=["'])\s+)(?P<comment>\#.*)""",
    re.VERBOSE,
)


def merge(
    existing_block: str | None,
    wanted: Mapping[str, Value],
    owned: AbstractSet[str],
    written: AbstractSet[str] = frozenset(),
    *,
    path: str = "",
) -> tuple[str, tuple[Finding, ...]]:
    """Return the block with our keys brought up to date, and findings about what a person changed.

    A key that already means the right thing keeps its bytes, and every key keeps its place. A new key goes after the
    nearest of ours that precedes it; a key that is no longer produced is removed. A person's keys are not touched.
    A value in a key of ours that has no mark is a person's: it is kept as `NAME_mine`, and what they added to a list of
    tags or aliases stays in the list. Of a computed key only words are kept so, never a figure. If a finding is an
    error, the block is returned unchanged.

    Args:
        existing_block: The lines between the rules as they are on disk; None if there are none.
        wanted: The wanted value of each key, in order; None for a key that is not wanted.
        owned: Keys that may be ours, in addition to those that are wanted.
        written: The marks of what was written last; none where the note does not say, and then what is not wanted is a
            person's.
        path: Path of the note, for findings.
    """
    if existing_block is None or not existing_block.strip():
        return render(wanted), ()
    found = read(existing_block, path=path)
    if found.findings:
        return existing_block, found.findings
    editor = Editor(existing_block, found, path)
    wanted = {key: value for key, value in wanted.items() if value is not None}
    folded = {key.casefold(): key for key in [*owned, *wanted]}
    for spelled, value in found.values.items():
        key = folded.get(spelled.casefold())
        if key is None or (key != spelled and key in found.values):
            continue
        theirs = value is not None and not ours(key, value, written)
        if key in JOINED and joinable(value):
            wanted, theirs = _join(wanted, key, value, written), False
        elif key not in wanted and (theirs or (computed(key) and written and mark(key) not in written)):
            continue  # nobody wants it, and nobody but a person wrote it
        if key in wanted and same(value, wanted[key]) and key == spelled:
            continue
        if theirs and not (key in wanted and same(value, wanted[key])):
            editor.keep(spelled, key, value, wanted)
        editor.put(spelled, key, wanted.get(key))
    editor.add(wanted, [key for key in wanted if key not in editor.present()])
    return editor.result(wanted)


def joinable(value: Any) -> bool:
    """Return whether a value is a name or a list of names, as Obsidian takes tags and aliases."""
    return all(item is None or (isinstance(item, (str, int, float)) and _plain(item)) for item in items(value))


def _plain(item: str | float) -> bool:
    return isinstance(item, str) or (math.isfinite(item) and abs(item) < SAFE_INTEGER)


def _join(wanted: dict[str, Value], key: str, value: Any, written: AbstractSet[str]) -> dict[str, Value]:
    """Return the wanted values, with the items that a person added to a list after ours."""
    disk = list(value) if isinstance(value, list) else [] if value is None else [value]
    own = items(wanted.get(key))
    added = [item for item in disk if mark(key, item) not in written and not any(same(item, known) for known in own)]
    produced = [*own, *added]
    if not produced and key not in wanted:
        return wanted
    kept_order = len(disk) == len(produced) and all(any(same(item, other) for other in disk) for item in produced)
    return {**wanted, key: disk if kept_order else produced}


def items(value: Any) -> list[Any]:
    """Return the items of a list; a single value is a list of one."""
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


class Editor:
    """The lines of a block, cut at its keys; a piece without a key holds comments and blank lines."""

    def __init__(self, block: str, found: Properties, path: str) -> None:
        self.block, self.found, self.path = block, found, path
        self.newline = "\r\n" if "\r\n" in block else "\n"
        self.findings: list[Finding] = []
        lines = lines_of(block if block.endswith("\n") else block + self.newline)
        starts = sorted((number, key) for key, number in found.lines.items())
        first = starts[0][0] if starts else len(lines)
        self.pieces: list[tuple[str | None, list[str]]] = [(None, lines[:first])] if first else []
        ends = [number for number, _ in starts[1:]] + [len(lines)]
        for (number, key), after in zip(starts, ends, strict=False):
            end = after
            while end > number + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
                end -= 1
            self.pieces += [(key, lines[number:end]), (None, lines[end:after])]

    def present(self) -> list[str]:
        """Return the keys that stand in the block, in order."""
        return [key for key, _ in self.pieces if key is not None]

    def _at(self, key: str) -> int:
        return next(k for k, piece in enumerate(self.pieces) if piece[0] == key)

    def _lines(self, key: str, value: Value) -> list[str]:
        return lines_of(entry(key, value).replace("\n", self.newline))

    def put(self, spelled: str, key: str, value: Value) -> None:
        """Rewrite one key in its place, or remove it; comments on its lines stay."""
        at = self._at(spelled)
        found = (_COMMENT.match(line.rstrip("\r\n")) for line in self.pieces[at][1])
        texts = [item for item in items(self.found.values.get(spelled)) if isinstance(item, str)]
        # A text of several lines may hold what looks like a comment.
        comments = [m["comment"].rstrip() for m in found if m]
        comments = [comment for comment in comments if not any(comment.rstrip("\"'") in text for text in texts)]
        fresh = [] if value is None else self._lines(key, value)
        if len(fresh) == 1 and len(comments) == 1 and not self.pieces[at][1][0].lstrip().startswith("#"):
            fresh, comments = [f"{fresh[0].rstrip()} {comments[0]}{self.newline}"], []
        loose = [comment + self.newline for comment in comments]
        self.pieces[at : at + 1] = [(key if fresh else None, fresh), (None, loose)]

    def keep(self, spelled: str, key: str, value: Any, wanted: Mapping[str, Value]) -> None:
        """Keep a person's value for a key of ours under a name of its own, right below."""
        names = chain([f"{key}_mine"], (f"{key}_mine_{n}" for n in count(2)))
        for name in names:
            if name in self.found.values and same(self.found.values[name], value):
                return
            if name not in self.present() and name not in wanted:
                break
        at = self._at(spelled)
        first, *rest = self.pieces[at][1]
        bare = f"{name}:" + _SPELLED.sub("", first, count=1)
        self.pieces.insert(at + 1, (name, [bare, *rest]))
        self.pieces[at] = (spelled, [first.split(" #")[0].rstrip() + self.newline])
        problem = f'the property "{key}" is the generator\'s and was changed by hand; your value is kept as "{name}".'
        where = Place(self.path, self.found.lines[spelled] + 2)
        self.findings.append(Finding(problem, where, "Change it in the YAML file.", "warning", "kept-property"))

    def add(self, wanted: Mapping[str, Value], missing: list[str]) -> None:
        """Write keys that are missing, each after the nearest of ours that precedes it."""
        order = list(wanted)
        for key in missing:
            present = self.present()
            earlier = [name for name in order[: order.index(key)] if name in present]
            later = [name for name in order[order.index(key) + 1 :] if name in present]
            at = self._at(earlier[-1]) + 1 if earlier else self._at(later[0]) if later else len(self.pieces)
            self.pieces.insert(at, (key, self._lines(key, wanted[key])))

    def result(self, wanted: Mapping[str, Value]) -> tuple[str, tuple[Finding, ...]]:
        """Return the edited block; the old one with an error if the edit would change the meaning of a person's key."""
        block = "".join(line for _, lines in self.pieces for line in lines)
        if block == self.block:
            return block, tuple(self.findings)
        now = read(block)
        kept = (key for key in self.present() if key not in wanted and key in self.found.values)
        safe = not now.findings and all(key in now.values and same(now.values[key], wanted[key]) for key in wanted)
        if safe and all(key in now.values and same(now.values[key], self.found.values[key]) for key in kept):
            return block, tuple(self.findings)
        problem = "the properties cannot be edited without changing their meaning."
        hint = "Write each key on lines of its own, without anchors; until then the note is left as it is."
        return self.block, (Finding(problem, Place(self.path, 2), hint, code="broken-properties"),)
