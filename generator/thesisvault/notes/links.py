r"""Wikilinks: which name leads to which note, and links as Obsidian reads them.

Obsidian resolves a link by file name only, never by alias, so a mention is always written with the real name of the
note and, where that differs, the words to show: `[[NVIDIA|NVDA]]`, in a table `[[NVIDIA\|NVDA]]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, unquote

from thesisvault.notes.code import masked
from thesisvault.notes.escape import link_text
from thesisvault.notes.properties.reading import split
from thesisvault.scalars import folded

_LOCAL = re.compile(r"\]\(\s*(?:<(?P<angled>[^<>\n]+)>|(?P<bare>(?:[^()\s\\]|\\.|\([^()\s]*\))+))")
_SCHEME = re.compile(r"[a-zA-Z][\w+.-]*:|//")
_IN_SINGLE_QUOTES = re.compile(r"(?:^|[:,\[-])[ \t]*'(?:[^'\n]|'')*$")
_WIKILINK = re.compile(r"(?P<slashes>\\*)(?P<embed>!?)\[\[(?P<inner>[^\[\]\n]+)\]\]")


class Target(NamedTuple):
    """Where a name leads.

    Attributes:
        basename: Link path of the note: its file name without `.md`, with folders only where the name is not unique.
        display: How the name is spelt when shown.
    """

    basename: str
    display: str


@dataclass(frozen=True)
class WikiLink:
    """A wikilink or embed as it stands in a text.

    Attributes:
        start: Offset of its first character.
        end: Offset behind its last.
        target: The path before `#` and the pipe, trimmed; empty for a link within the same note.
        fragment: What follows `#`, `^` of a block included; empty if there is none.
        text: What follows the pipe; None if there is no pipe.
        embed: It starts with an exclamation mark.
    """

    start: int
    end: int
    target: str
    fragment: str = ""
    text: str | None = None
    embed: bool = False


def find_wikilinks(text: str) -> list[WikiLink]:
    """Return the wikilinks and embeds of a text in order, those in code left out.

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


@dataclass(frozen=True)
class LinkTable:
    """Names that lead to notes.

    Attributes:
        entries: For every name, alias, id and ticker, folded as by `folded`, the note it leads to.
    """

    entries: Mapping[str, Target]

    def resolve(self, name: str) -> Target | None:
        """Return where a name leads, compared without regard to case; None if no note goes by it."""
        return self.entries.get(folded(name))

    def wikilink(self, name: str, text: str | None = None, *, table: bool = False) -> str:
        r"""Return the link to the note of a name; the plain words where no note goes by it.

        Args:
            name: As it was mentioned.
            text: Words to show; the name as its note spells it if left out.
            table: The link stands in a table, where its pipe needs a backslash.

        >>> LinkTable({"nvda": Target("NVIDIA", "NVDA")}).wikilink("nvda", table=True)
        '[[NVIDIA\\|NVDA]]'
        """
        target = self.resolve(name)
        shown = link_text(text or (target.display if target else name))
        if target is None:
            return shown.replace("|", r"\|") if table else shown
        return _written(target.basename, "", shown, table)

    def rewrite(self, text: str, *, table: bool = False) -> str:
        """Return a person's text with its links led to the notes that they name; see the function of this name."""
        return rewrite(text, self, table=table)[0]


def _written(basename: str, fragment: str, shown: str, table: bool) -> str:
    path = f"{basename}#{fragment}" if fragment else basename
    if not shown or (shown == basename and not fragment):
        return f"[[{path}]]"
    pipe = r"\|" if table else "|"
    return f"[[{path}{pipe}{shown}]]"


def rewrite(text: str, table_of_links: LinkTable, *, table: bool = False) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Return a person's text with real file names in its links, and the names that lead nowhere, with their offsets.

    `[[Name]]`, `[[Name|text]]` and `[[Name#Heading]]` outside code are led to the note of that name, alias or ticker.
    A link that leads nowhere becomes its plain words, so that no dead link is ever written; embeds and links within
    the note stay.

    >>> links = LinkTable({"xom": Target("Exxon Mobil", "XOM")})
    >>> rewrite("[[XOM]] and [[Nobody]]", links)
    ('[[Exxon Mobil|XOM]] and Nobody', ((12, 'Nobody'),))
    """
    parts: list[str] = []
    unresolved: list[tuple[int, str]] = []
    last = 0
    for link in find_wikilinks(text):
        if link.embed or not link.target:
            continue
        target = table_of_links.resolve(link.target)
        shown = link_text(link.text if link.text is not None else _shown(link, target))
        if target is None:
            unresolved.append((link.start, link.target))
        parts += [text[last : link.start], _written(target.basename, link.fragment, shown, table) if target else shown]
        last = link.end
    return "".join([*parts, text[last:]]), tuple(unresolved)


def _shown(link: WikiLink, target: Target | None) -> str:
    name = target.display if target and folded(target.display) == folded(link.target) else link.target
    return f"{name} > {link.fragment.lstrip('^')}" if link.fragment else name


def retarget(text: str, leads_there: Callable[[str], bool], name: str) -> str:
    """Return a text in which every link and embed that leads to a note names it anew; no other byte changes.

    Wikilinks and Markdown links count, those in properties too, code does not. Folders, `.md`, heading, block and the
    words that are shown stay, because only the file name is another.

    Args:
        text: Of a whole note, or any part of one.
        leads_there: Whether a link of this path, decoded and without `#`, leads to the note.
        name: The new file name, without `.md`.

    >>> retarget("[[Oil#Now|crude]] [x](Notes/Oil.md) `[[Oil]]`", lambda path: "Oil" in path, "Crude oil")
    '[[Crude oil#Now|crude]] [x](Notes/Crude%20oil.md) `[[Oil]]`'
    """
    if "[[" not in text and "](" not in text:
        return text
    shape = masked(text)
    bom = text.startswith("\ufeff")
    block, body = split(text[bom:])
    front = len(text) - len(body) if block is not None else 0
    found: list[tuple[int, int, str]] = []
    for hit in _WIKILINK.finditer(shape):
        start = hit.start("inner")
        path = re.match(r"(?:[^|#\\]|\\(?!\|))*", text[start : hit.end("inner")])
        if path is None or len(hit["slashes"]) % 2:
            continue
        line = text[text.rfind("\n", 0, start) + 1 : start]
        quoted = start < front and _IN_SINGLE_QUOTES.search(line) is not None
        target = path[0].replace("''", "'") if quoted else path[0]
        if target.strip() and leads_there(target.strip()):
            found.append(_segment(start, path[0], name.replace("'", "''") if quoted else name))
    for hit in _LOCAL.finditer(shape):
        part = "angled" if hit["angled"] is not None else "bare"
        start = hit.start(part)
        path_text = text[start : hit.end(part)].partition("#")[0]
        if path_text and not _SCHEME.match(path_text) and leads_there(unquote(path_text)):
            found.append(_segment(start, path_text, name if part == "angled" else quote(name, safe="-_,&'")))
    parts: list[str] = []
    last = 0
    for start, end, new in sorted(found):
        parts += [text[last:start], new]
        last = end
    return "".join([*parts, text[last:]])


def _segment(start: int, path: str, name: str) -> tuple[int, int, str]:
    """Return the file name of a path, without folders, `.md` and blanks around it: where it stands, and the new one."""
    bare = path.rstrip()
    stem = bare[:-3] if bare.lower().endswith(".md") else bare
    first = max(stem.rfind("/"), stem.rfind("\\")) + 1
    first += len(stem[first:]) - len(stem[first:].lstrip())
    return start + first, start + len(stem), name
