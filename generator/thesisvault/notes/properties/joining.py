"""Joining: the properties of two versions of a note become one block.

What came out of data or out of a definition is settled by the next build, so either version will do. Of what a person
typed nothing is left out: a key that only one version has is taken over, lists are put together, and where both have
another value of a key, both stay for the person to choose from.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from thesisvault.notes.properties.marks import JOINED, computed, figure, ours
from thesisvault.notes.properties.merging import Editor, items, joinable
from thesisvault.notes.properties.reading import read
from thesisvault.notes.properties.values import entry, same


def join(
    one: str | None, other: str | None, written: AbstractSet[str], signs: tuple[str, str, str]
) -> tuple[str | None, bool] | None:
    """Return the block, and whether a conflict is left in it; None if one of the versions cannot be read.

    Args:
        one: The block of one version; None if it has no properties.
        other: The block of the other.
        written: The marks in both versions.
        signs: The lines between which the two versions of a conflict are put.
    """
    if one is None or other is None or one == other:
        return (one if other is None else other), False
    found = (read(one), read(other))
    if found[0].findings or found[1].findings:
        return None
    pieces, more = Editor(one, found[0], "").pieces, Editor(other, found[1], "").pieces
    theirs = {key: lines for key, lines in more if key is not None}
    block, left = [], False
    for key, lines in pieces:
        if key is None or key not in theirs:
            block += lines
            continue
        values = (found[0].values[key], found[1].values[key])
        which = _choice(key, *values, written)
        if which is not None:
            block += theirs[key] if which else lines
        elif key in JOINED and joinable(values[0]) and joinable(values[1]):
            block.append(entry(key, _union(items(values[0]), items(values[1]))))
        else:
            block += [signs[0], *lines, signs[1], *theirs[key], signs[2]]
            left = True
    standing = {line for _, lines in pieces for line in lines}
    for key, lines in more:
        if key is None:
            block += [line for line in lines if line.strip() and line not in standing]
        elif key not in found[0].values:
            block += lines
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in block), left


def _choice(key: str, one: Any, other: Any, written: AbstractSet[str]) -> int | None:
    """Return whose value stands, 0 or 1; None if each is a person's."""
    if same(one, other) or other is None:
        return 0
    if one is None:
        return 1
    if key in JOINED:
        return None
    if computed(key) and figure(one):
        return 0 if figure(other) else 1
    if ours(key, other, written):
        return 0
    return 1 if ours(key, one, written) else None


def _union(one: list[Any], other: list[Any]) -> list[Any]:
    return [*one, *(item for item in other if not any(same(item, known) for known in one))]
