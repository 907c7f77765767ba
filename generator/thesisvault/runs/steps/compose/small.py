"""The small lines of a whole note: what one place has said another need not say, and series go by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from operator import is_
from typing import Any, TypeVar

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import COVERAGE, Filled
from thesisvault.language.text import Plain
from thesisvault.notes.views import NoteView
from thesisvault.structs import names_of, replace

V = TypeVar("V", bound=NoteView)

_ELSEWHERE = frozenset(names_of(NoteView) or ())
_OURS = ("thesisvault.blocks", "thesisvault.notes")
_FIRST = ("facts_lines", "lines")


def with_small_lines(view: V, context: Context) -> V:
    """Return a view with its small lines as a reader wants them.

    How many members of a universe have prices is said once, of all figures of the note; where history has fewer of
    them than the newest day, the line says from how many to how many. A reason for `n/a` names a series by its short
    name.
    """
    counts: dict[str, list[int]] = {}

    def count(part: Plain) -> Plain:
        for found in COVERAGE.finditer(part.text) if part.emphasis else ():
            counts.setdefault(found["universe"], []).extend(int(each) for each in (found["few"], found["many"]) if each)
        return part

    shown = [name for name in names_of(type(view)) or () if name not in _ELSEWHERE]
    # The small lines of the first screen are read before what the view names earlier.
    shown.sort(key=lambda name: name not in _FIRST)
    _mapped([getattr(view, name) for name in shown], count)
    waiting = set(counts)

    def said(found: re.Match[str]) -> str:
        universe = found["universe"]
        if universe not in waiting:
            return ""
        waiting.discard(universe)
        few, many = min(counts[universe]), max(counts[universe])
        how_many = f"{few}" if few == many else f"{few} to {many}"
        name = called(universe, context.library)
        return f"{name}: {how_many} of today's {found['all']} members have prices{found['late']}{found['end']}"

    def once(part: Plain) -> Plain:
        if not part.emphasis:
            return part
        if part.text.startswith("n/a: "):
            return replace(part, text=context.named(part.text))
        if not COVERAGE.search(part.text):
            return part
        return replace(part, text=COVERAGE.sub(said, part.text).strip().removesuffix(";"))

    return replace(view, **{name: _mapped(getattr(view, name), once) for name in shown})


def called(universe: str, library: Any) -> str:
    """Return how a universe is called: as the instrument whose name its id spells, else by its id.

    The id `sp500` spells `S&P 500`.
    """
    wanted = universe.casefold()
    spelled = (short for short in library.shorts.values() if "".join(filter(str.isalnum, short)).casefold() == wanted)
    return min(spelled, default=universe)


def _mapped(thing: Any, change: Callable[[Plain], Plain]) -> Any:
    """Return a thing of views and blocks with each of the generator's words changed, in the order of reading.

    What holds no word that is changed is the same object as before.
    """
    of: Any = type(thing)
    if issubclass(of, Plain):
        return change(thing)
    if issubclass(of, list | tuple):
        each = [_mapped(part, change) for part in thing]
        return thing if all(map(is_, each, thing)) else of(each)
    if issubclass(of, Filled):
        parts, lines = _mapped(thing.parts, change), _mapped(thing.lines, change)
        if parts is thing.parts and lines is thing.lines:
            return thing
        return replace(thing, parts=parts, lines=lines)
    names = _names_of(of)
    if names is None:
        found = {name: _mapped(part, change) for name, part in thing.items()}
        return thing if all(map(is_, found.values(), thing.values())) else found
    changed = {}
    for name in names:
        part = getattr(thing, name)
        if (made := _mapped(part, change)) is not part:
            changed[name] = made
    return replace(thing, **changed) if changed else thing


@cache
def _names_of(kind: Any) -> tuple[str, ...] | None:
    """Return the names of the fields of a record of views and blocks, none of anything else; None for a mapping."""
    if issubclass(kind, Mapping):
        return None
    return (names_of(kind) or ()) if kind.__module__.startswith(_OURS) else ()
