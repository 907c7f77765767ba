"""Links that name a folder follow the notes and pictures that move into another one, as they would in Obsidian."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Mapping
from functools import partial

from thesisvault.errors import Finding, Place
from thesisvault.notes.links import redirect
from thesisvault.patterns import regex
from thesisvault.runs.report import Report
from thesisvault.scalars import folded
from thesisvault.session import Session
from thesisvault.vault.changes import Changes
from thesisvault.vault.index import VaultIndex
from thesisvault.words import plural
from thesisvault.workspace import SETTINGS_FILE

_HALF = regex("[\ud800-\udfff]")
_STRING = regex(r'(?P<file>"file"\s*:\s*)?(?P<text>"(?:[^"\\]|\\.)*")')


def lead_links(session: Session, moves: Mapping[str, str], report: Report) -> None:
    """Rewrite every link of the vault that names the path of a file which is about to move; links by name stay.

    A note that cannot be written is told and left as it is.

    Args:
        session: The run.
        moves: The new path of each file, by its old one.
        report: Is told.

    Raises:
        DiskError: A note cannot be read.
    """
    if not moves:
        return
    index, workspace = session.index, session.workspace
    changes = Changes(workspace.root, workspace.follow_links)
    canvases = [path for path in index.attachments if path.lower().endswith(".canvas")]
    for path in (*index.by_path, *canvases):
        text = changes.read(workspace.vault / path)
        if text is None:
            continue
        fresh = partial(redirect, new_path=partial(_new_path, index, path, moves))
        changed = fresh(text) if path in index.by_path else in_canvas(text, moves.get, fresh)
        if changed != text:
            changes.put(workspace.vault / path, changed.encode("utf-8", "surrogateescape"), alone=True)
    done = changes.apply()
    report.written += map(workspace.shown, done.written)
    report.add(*changes.refused.values())
    if done.written:
        problem = f"links in {plural(len(done.written), 'note')} name the new folder now."
        report.add(Finding(problem, Place(SETTINGS_FILE), level="info", code="moved-vault"))


def _new_path(index: VaultIndex, source: str, moves: Mapping[str, str], link: str) -> str | None:
    """Return what a link has to say once files have moved; None where it says that already."""
    old = index.resolve(link, source)
    relative = link.startswith(("./", "../"))
    if old is None or "/" not in link or not (old in moves or (relative and source in moves)):
        return None
    new = moves.get(old, old)
    is_note = old.lower().endswith(".md")
    named = link if not is_note or link.lower().endswith(".md") else f"{link}.md"
    if not relative and f"/{folded(new)}".endswith(f"/{folded(named)}"):
        return None  # only its last folders are named, and they are the same
    target = new if named == link else new[: -len(".md")]
    if relative:
        near = posixpath.relpath(target, posixpath.dirname(moves.get(source, source)) or ".")
        return near if near.startswith("../") else f"./{near}"
    return f"/{target}" if link.startswith("/") else target


def in_canvas(text: str, new_file: Callable[[str], str | None], fresh: Callable[[str], str]) -> str:
    """Return a canvas with other paths of its cards, and other links in their texts.

    Args:
        text: The canvas.
        new_file: Gives the new path of the file of a card, or None to leave it.
        fresh: Gives a text of a card with other links.
    """

    def changed(found: re.Match[str]) -> str:
        try:
            value = json.loads(found["text"], strict=False)
        except ValueError:
            return found[0]
        new = (new_file(value) if found["file"] else None) or fresh(value)
        if new == value or (_HALF.search(new) and _HALF.search(found[0])):
            return found[0]
        # Half a character can only have come in as an escape, and goes out as one.
        written = _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", json.dumps(new, ensure_ascii=False))
        return (found["file"] or "") + written

    return _STRING.sub(changed, text)
