r"""Wikilinks: which name means which note, and how a link to it is written.

Obsidian resolves links by file name, never by alias, so a mention is always written with the file name of the note and,
if they differ, the words to show: `[[NVIDIA|NVDA]]`, in a table `[[NVIDIA\|NVDA]]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote

from msgspec import Struct, field

from thesisvault.notes.code import masked
from thesisvault.notes.escape import ABROAD, ESCAPED, link_text
from thesisvault.notes.properties.reading import split
from thesisvault.patterns import regex
from thesisvault.scalars import folded

_LOCAL = regex(r"\]\(\s*(?:<(?P<angled>[^<>\n]+)>|(?P<bare>(?:[^()\s\\]|\\.|\([^()\s]*\))+))")
_IN_SINGLE_QUOTES = regex(r"(?:^|[:,\[-])[ \t]*'(?:[^'\n]|'')*$")
_WIKILINK = regex(r"(?<!\\)(?P<slashes>\\*)(?P<embed>!?)\[\[(?P<inner>[^\[\]\n]+)\]\]")
_ESCAPED_LINK = regex(r"(?<!\\)\\\[\\?\[(?P<inner>(?:[^\[\]\\\n]|\\[^\[\]\n])+)\\?\]\\?\]")


class Target(NamedTuple):
    """A note as the target of a name.

    Attributes:
        basename: Link path of the note: its file name without `.md`, with folders only where the name is not unique.
        display: Spelling of the name when it is shown.
    """

    basename: str
    display: str


class WikiLink(Struct, frozen=True):
    """A wikilink or embed in a text.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last character.
        target: Path before `#` and the pipe, trimmed; empty for a link within the same note.
        fragment: What follows `#`, including the `^` of a block; empty if there is none.
        text: What follows the pipe; None if there is no pipe.
        embed: Whether it starts with an exclamation mark.
    """

    start: int
    end: int
    target: str
    fragment: str = ""
    text: str | None = None
    embed: bool = False


def find_wikilinks(text: str) -> list[WikiLink]:
    """Return the wikilinks and embeds of a text in order, except those in code.

    >>> [(link.target, link.fragment, link.text) for link in find_wikilinks("[[Oil#2025|crude]] and `[[x]]`")]
    [('Oil', '2025', 'crude')]
    """
    if "[[" not in text:
        return []
    return [_parsed(text, found) for found in _WIKILINK.finditer(masked(text)) if len(found["slashes"]) % 2 == 0]


def _parsed(text: str, found: re.Match[str]) -> WikiLink:
    inner = text[found.start("inner") : found.end("inner")]
    path, pipe, shown = re.sub(r"\\\|", "|", inner).partition("|")
    target, _, fragment = path.partition("#")
    start = found.start("embed")
    shown_text = shown.strip() if pipe else None
    return WikiLink(start, found.end(), target.strip(), fragment.strip(), shown_text, bool(found["embed"]))


class LinkTable(Struct, frozen=True):
    """Notes by their names.

    Attributes:
        entries: The note of each name, alias, id and ticker, with keys as `folded` returns them.
        persons: A person's own note for names of instruments, baskets and entities, with keys as `folded` returns them.
        series: The note of each ticker and basket, by its exact spelling.
        titles: The note of each title, by its exact spelling.
        paths: How a link to a person's own note is written, by its path in the vault.
        far: Gives the note of a person's at a path in the vault.
    """

    entries: Mapping[str, Target]
    persons: Mapping[str, Target] = field(default_factory=dict)
    series: Mapping[str, Target] = field(default_factory=dict)
    titles: Mapping[str, Target] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    far: Callable[[str], Target | None] = field(default=lambda _: None)

    def resolve(self, name: str) -> Target | None:
        """Return the note of a name: of its very spelling, else without regard to case; None if no note has it."""
        found = self.series.get(name) or self.entries.get(folded(name))
        return found if found or "/" not in name else self.far(name)

    def meant(self, name: str) -> Target | None:
        """Return the note that a person means by a name: their own note on a thing before the generator's."""
        return self.persons.get(folded(name)) or self.resolve(name)

    def note(self, path: str) -> str:
        """Return the link to a person's own note, by its path in the vault."""
        return _written(self.paths[path], "", link_text(path.rpartition("/")[2].removesuffix(".md")), table=False)

    def wikilink(self, name: str, text: str | None = None, *, table: bool = False, title: bool = False) -> str:
        r"""Return the link to the note of a name; plain words if no note has it.

        Args:
            name: The name as it was mentioned.
            text: Words to show; by default the name as its note spells it.
            table: Whether the link is in a table, where its pipe needs a backslash.
            title: Whether the name is a title, not a ticker or id of that spelling.

        >>> LinkTable({"nvda": Target("NVIDIA", "NVDA")}).wikilink("nvda", table=True)
        '[[NVIDIA\\|NVDA]]'
        """
        target = (self.titles if title else self.series).get(name) or self.resolve(name)
        shown = link_text(text or (target.display if target else name))
        if target is None:
            return shown.replace("|", r"\|") if table else shown
        return _written(target.basename, "", shown, table)

    def rewrite(self, text: str, *, table: bool = False) -> str:
        """Return a person's text with the file names of notes in its links.

        `[[Name]]`, `[[Name|text]]` and `[[Name#Heading]]` outside code are pointed at the note of that name, alias or
        ticker, a person's own before the generator's. A link to no note becomes plain words, so that no dead link is
        written; embeds and links within the note stay.

        >>> LinkTable({"xom": Target("Exxon Mobil", "XOM")}).rewrite("[[XOM]] and [[Nobody]]")
        '[[Exxon Mobil|XOM]] and Nobody'
        """
        parts: list[str] = []
        last = 0
        for link in find_wikilinks(text):
            if link.embed or not link.target:
                continue
            target = self.meant(link.target)
            shown = link_text(link.text if link.text is not None else _shown(link, target))
            written = _written(target.basename, link.fragment, shown, table) if target else shown
            parts += [text[last : link.start], written]
            last = link.end
        return "".join([*parts, text[last:]])


def _written(basename: str, fragment: str, shown: str, table: bool) -> str:
    path = f"{basename}#{fragment}" if fragment else basename
    if not shown or (shown == basename and not fragment):
        return f"[[{path}]]"
    pipe = r"\|" if table else "|"
    return f"[[{path}{pipe}{shown}]]"


def _shown(link: WikiLink, target: Target | None) -> str:
    path = "/" in link.target
    name = target.display if target and (path or folded(target.display) == folded(link.target)) else link.target
    return f"{name} > {link.fragment.lstrip('^')}" if link.fragment else name


def retarget(text: str, leads_there: Callable[[str], bool], name: str) -> str:
    """Return a text in which every link to and embed of a note has its new name; no other byte changes.

    This covers wikilinks and Markdown links, also in properties, but not in code, and escaped wikilinks where a
    formatter has escaped all of the note. Folders, `.md`, heading, block and shown words stay, because only the file
    name changes.

    Args:
        text: Text of a note, or any part of it.
        leads_there: Whether a link with this path, decoded and without `#`, leads to the note.
        name: The new file name, without `.md`.

    >>> retarget("[[Oil#Now|crude]] [x](Notes/Oil.md) `[[Oil]]`", lambda path: "Oil" in path, "Crude oil")
    '[[Crude oil#Now|crude]] [x](Notes/Crude%20oil.md) `[[Oil]]`'
    """
    return _replaced(
        text,
        (
            _segment(each.start, each.raw, each.spelled(name))
            for each in _local_paths(text)
            if leads_there(each.path.strip())
        ),
    )


def redirect(text: str, new_path: Callable[[str], str | None]) -> str:
    """Return a text in which the paths of links and embeds are others; no other byte changes.

    Args:
        text: Text of a note, or any part of it.
        new_path: Gives the new path for one, decoded and without `#`, or None to leave it.

    >>> redirect("[[A/Oil#Now|crude]] [x](A/Oil%20a.md)", lambda path: path.replace("A/", "B c/"))
    '[[B c/Oil#Now|crude]] [x](B%20c/Oil%20a.md)'
    """
    found = []
    for each in _local_paths(text):
        new = new_path(each.path.strip())
        if new is not None:
            start = each.start + len(each.raw) - len(each.raw.lstrip())
            found.append((start, start + len(each.raw.strip()), each.spelled(new)))
    return _replaced(text, found)


class _LocalPath(NamedTuple):
    """The path of a link or embed: where it begins, how it is written and what it means, and how to write another."""

    start: int
    raw: str
    path: str
    spelled: Callable[[str], str]


def _local_paths(text: str) -> Iterator[_LocalPath]:
    if not any(sign in text for sign in ("[[", "](", r"[\[")):
        return
    shape = masked(text)
    bom = text.startswith("\ufeff")
    block, body = split(text[bom:])
    front = len(text) - len(body) if block is not None else 0
    escaped = True
    for hit in _WIKILINK.finditer(shape):
        start = hit.start("inner")
        path = re.match(r"(?:[^|#\\]|\\(?!\|))*", text[start : hit.end("inner")])
        if path is None or len(hit["slashes"]) % 2 or not path[0].strip():
            continue
        escaped = escaped and start < front
        line = text[text.rfind("\n", 0, start) + 1 : start]
        if start < front and _IN_SINGLE_QUOTES.search(line):
            yield _LocalPath(start, path[0], path[0].replace("''", "'"), _single_quoted)
        else:
            yield _LocalPath(start, path[0], path[0], str)
    # Where every link of a note is escaped, a formatter did that; one among others shows how a link is written.
    for hit in _ESCAPED_LINK.finditer(shape, front) if escaped else ():
        start = hit.start("inner")
        raw = re.split(r"\\?[|#]", text[start : hit.end("inner")])[0]
        if raw.strip():
            yield _LocalPath(start, ESCAPED.sub("xx", raw), ESCAPED.sub(r"\1", raw), str)
    for hit in _LOCAL.finditer(shape):
        part = "angled" if hit["angled"] is not None else "bare"
        start = hit.start(part)
        written = text[start : hit.end(part)].partition("#")[0]
        if written and not ABROAD.match(written):
            yield _LocalPath(start, written, unquote(written), str if part == "angled" else _percent_encoded)


def _single_quoted(path: str) -> str:
    return path.replace("'", "''")


def _percent_encoded(path: str) -> str:
    return quote(path, safe="/-_,&'")


def _replaced(text: str, found: Iterable[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    last = 0
    for start, end, new in sorted(found):
        parts += [text[last:start], new]
        last = end
    return "".join([*parts, text[last:]])


def _segment(start: int, path: str, name: str) -> tuple[int, int, str]:
    """Return the offsets of the file name in a path, without folders, `.md` and blanks around it, and the new name."""
    bare = path.rstrip()
    stem = bare[:-3] if bare.lower().endswith(".md") else bare
    first = max(stem.rfind("/"), stem.rfind("\\")) + 1
    first += len(stem[first:]) - len(stem[first:].lstrip())
    return start + first, start + len(stem), name
