"""The way in: Markdown of a definition as it may stand in a note, and what of it is only shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from thesisvault.notes.code import code_pieces
from thesisvault.notes.escape import clean
from thesisvault.notes.typed.code import FENCE, TABLE_RULE, CodeOf
from thesisvault.notes.typed.places import CODE, FIGURE, Held, fill
from thesisvault.notes.typed.runnable import SHOWN_LANGUAGES, is_only_shown, language_of
from thesisvault.notes.typed.walk import Walk
from thesisvault.patterns import regex

_RULE = regex(r"^ {0,3}-{3,}[ \t]*$", re.MULTILINE)
_MAY_ACT = regex(r"`|~~~|\]\(|\]:|://|<[a-z]+:|www\.")


class Doubt(NamedTuple):
    """Something in a text that is shown and does nothing.

    Attributes:
        offset: Where it stands in the text.
        kind: What it is.
        text: It, as it was typed.
    """

    offset: int
    kind: str
    text: str


def person_markdown(
    text: str,
    *,
    table: bool = False,
    allowed_tags: AbstractSet[str] = frozenset(),
    trusted: bool = False,
    held: Sequence[Held] = (),
) -> str:
    r"""Return Markdown that was typed in a definition, safe for a generated region; a second call changes nothing.

    Args:
        text: The Markdown, clean where it has places for figures.
        table: Whether it is in a cell of a table: one line, `<br>` for a line end, a backslash before each pipe.
        allowed_tags: Tags, without `#`, that may act as such.
        trusted: Whether code stays as it was typed, whatever runs it.
        held: The figures that come into it.

    >>> person_markdown("**$5** for [[Oil|crude]] 100%% #esg", table=True)
    '**\\$5** for [[Oil\\|crude]] 100%\\% \\#esg'
    """
    text = text if held else clean(text)
    text = text.strip("\n") if not table else "<br>".join(text.strip().split("\n"))
    coming = list(held)
    body = CodeOf(text, coming, table=table, trusted=trusted).held_back()
    body = body if table else _RULE.sub("***", body)
    tags = frozenset(name.casefold() for name in allowed_tags)
    walk = Walk(body, table, tags, rows=TABLE_RULE.search(body) is not None)
    written = fill(walk.written(), coming)
    return written if table else written.strip("\n")  # code of nothing but blanks may have been all of a line


def doubts(text: str) -> list[Doubt]:
    """Return what in a text as it was typed, figures between `{{ }}`, is only shown and does nothing.

    >>> doubts("[a](javascript:x)")
    [Doubt(offset=4, kind='link', text='javascript:x')]
    """
    if not _MAY_ACT.search(text):
        return []
    shape = re.sub(r"\{\{.*?\}\}", lambda found: re.sub(r"[^\n]", FIGURE, found[0]), text, flags=re.DOTALL)
    found: list[Doubt] = []
    parts, last = [], 0
    for start, end, fenced in code_pieces(shape):
        piece = text[start:end]
        parts += [shape[last:start], re.sub(r"[^\n]", CODE, piece)]
        last = end
        if fenced:
            opener = FENCE.match(piece)
            if opener and language_of(opener["info"]) not in SHOWN_LANGUAGES:
                found.append(Doubt(start + opener.start("run"), "code", opener["info"].strip()))
        elif not is_only_shown(piece.strip("`")):
            found.append(Doubt(start, "code", piece.strip("`")))
    walk = Walk("".join([*parts, shape[last:]]), False, frozenset())
    walk.written()
    found += [Doubt(at, kind, text[at:end]) for at, end, kind in walk.refused]
    return sorted(found)
