"""What of a definition is shown as text and does nothing: links, pictures and code that a note does not take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from thesisvault.blocks.core.block import texts_of
from thesisvault.errors import Finding, Place
from thesisvault.notes.typed.markdown import doubts
from thesisvault.written import Written


class _Sort(Struct, frozen=True):
    """What is said of one kind.

    Attributes:
        problem: What was found, `{}` for it.
        hint: The next step.
        code: The slug for programs.
    """

    problem: str
    hint: str
    code: str


_SORTS: Mapping[str, _Sort] = {
    "link": _Sort(
        'the link to "{}" is shown as text; a link leads to the web, a mailbox, or a file of the vault.',
        "Write an address that begins with https://, http:// or mailto:, or a note as [[Name]].",
        "link-as-text",
    ),
    "figure": _Sort(
        'the address "{}" holds a figure and is shown as text; whoever runs the server would learn it.',
        "Write the address without {{ }}.",
        "link-as-text",
    ),
    "picture": _Sort(
        'the picture "{}" is shown as text; a note embeds no picture from outside its vault.',
        "Put it into the vault and write ![[picture.png]].",
        "picture-as-text",
    ),
    "code": _Sort(
        'the code "{}" is shown as plain text, for a plugin might run it.',
        "If you trust all definitions of this workspace, add trust: code to thesisvault.yaml.",
        "code-as-text",
    ),
}
CODE = _SORTS["code"].code
"""What says of a finding that it is about code, which is left alone where all definitions are trusted."""
_SHOWN = 60
"""Length at which what was typed is cut off in a message."""


def as_text(thing: object) -> Iterator[Finding]:
    """Yield a warning, at its place, for everything in a definition that is shown as text and does nothing."""
    for text in texts_of(thing):
        for doubt in doubts(text):
            yield _finding(text, doubt.offset, _SORTS[doubt.kind], doubt.text)


def _finding(text: str, offset: int, sort: _Sort, typed: str) -> Finding:
    place = text.place_at(offset) if isinstance(text, Written) else Place("")
    line = " ".join(typed.split())
    shown = line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
    return Finding(sort.problem.replace("{}", shown, 1), place, sort.hint, level="warning", code=sort.code)
