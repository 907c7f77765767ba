"""Targets: where the links of a region lead, and whether only a rename has changed them.

Obsidian rewrites the target of a link when the note that it leads to is renamed or moved. That is no edit. Whatever
else stands in a target was typed by a person, and is kept as any other word of theirs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from urllib.parse import unquote

from msgspec import Struct, field

from thesisvault.notes.code import masked
from thesisvault.notes.meaning import words
from thesisvault.patterns import regex

_LINK = regex(
    r"!?\[\[(?P<wiki>[^\[\]\n]+)\]\]"
    r"|\]\((?![a-zA-Z][\w+.-]*:|//)(?:<(?P<angled>[^<>\n]*)>|(?P<bare>[^()\s]*))\)"
)


class Leads(Struct, frozen=True):
    """Where links of a note lead.

    Attributes:
        note: What a link path leads to, known by an id that outlives a rename, else by its path; None: nowhere.
        former: The link paths by which a note of ours was written before it was renamed or moved.
    """

    note: Callable[[str], str | None] = field(default=lambda _: None)
    former: Callable[[str], Sequence[str]] = field(default=lambda _: ())


NOWHERE = Leads()
"""Nothing is known of any link."""


def targets(body: str) -> list[tuple[str, str]]:
    r"""Return path, without `.md`, and fragment of every link and embed of a text outside code, in order.

    >>> targets("[[Oil#Now|crude]], ![[Charts/a.png|300]] and [x](Gas%20fields.md), not `[[x]]`")
    [('Oil', 'Now'), ('Charts/a.png', ''), ('Gas fields', '')]
    """
    if "[[" not in body and "](" not in body:
        return []
    found = []
    for hit in _LINK.finditer(masked(body)):
        part = hit.lastgroup or "wiki"
        raw = body[hit.start(part) : hit.end(part)]
        inner = re.sub(r"\\?\|.*", "", raw) if part == "wiki" else unquote(raw)
        path, _, fragment = inner.partition("#")
        found.append((" ".join(path.split()).removesuffix(".md"), " ".join(fragment.split())))
    return found


def seal(body: str) -> str:
    """Return eight hex digits that change with any target of a text; nothing for a text without links."""
    return _digest(targets(body))


def _digest(found: Sequence[tuple[str, str]]) -> str:
    text = "\n".join("#".join(each) for each in found)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8] if found else ""


def retyped(body: str, written: str, leads: Leads, fresh: str | None = None) -> bool:
    """Return whether a person typed into a target of a text that is otherwise as it was written.

    Args:
        body: The text as it is.
        written: What `seal` gave when it was written; empty if that is not known, and then nobody did.
        leads: Where its links lead.
        fresh: The text as it would be written now; its links may have been led elsewhere by the same rename.
    """
    if not written or _digest(targets(body)) == written:
        return False
    plain = words(body)  # a formatter may have escaped the brackets, or broken a link over lines
    found = targets(plain)
    if _digest(found) == written:
        return False
    for way in range(2):  # by its name, or by its path, where the name is shared
        if _digest([(_former(path, leads, way), fragment) for path, fragment in found]) == written:
            return False
    return fresh is None or not lead_alike(plain, words(fresh), leads)


def _former(path: str, leads: Leads, way: int) -> str:
    note = leads.note(path) if path else None
    names = leads.former(note) if note else ()
    return names[min(way, len(names) - 1)] if names else path


def lead_alike(one: str, other: str, leads: Leads) -> bool:
    """Return whether the links of two texts lead to the same notes in the same order."""

    def notes(text: str) -> list[tuple[str, str]]:
        return [((leads.note(path) if path else None) or f"?{path}", fragment) for path, fragment in targets(text)]

    return notes(one) == notes(other)
