"""The audit: faults in the notes of a vault.

A fault in what the generator wrote is an error. A fault in what a person wrote is a warning, as it may be on purpose.
"""

from __future__ import annotations

from thesisvault.patterns import regex

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from thesisvault.errors import Finding, Level, Place, nearest
from thesisvault.notes.code import masked
from thesisvault.notes.markers import parse
from thesisvault.notes.settling import open_conflicts
from thesisvault.notes.typed.runnable import without_formulas
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.note import Link, Note, heading_key
from thesisvault.vault.write import TRASH, read_bytes

_FEW = 2000
"""Number of names below which the nearest one to a dead link is looked for."""

_PICTURE = regex(r"chart-[^/]*\.png")
_MARKUP = (
    (regex(r"\\.|\$\$.+?\$\$|(\$)", re.DOTALL), "a dollar sign without a backslash, which may start math"),
    (regex(r"\\.|(<%)"), "<%, which the Templater plugin would run"),
    (regex(r"\\.|(\{\{)"), "{{, an expression that was not evaluated"),
    (regex(r"\\.|(%%)"), "%%, which hides what follows"),
)


def audit(root: Path, index: VaultIndex, generated: AbstractSet[str], prefix: str = "") -> list[Finding]:
    """Return the faults in a vault, sorted by place.

    In the generator's notes: dead links and embeds, missing headings and blocks, damaged markers, characters in a
    region on which Obsidian or a plugin would act. Around them: names that two notes share, charts that no note embeds,
    unfinished files, deleted notes. Of a person's notes only those in the generator's folders are searched, for dead
    links and embeds; the rest of a larger vault is left alone.

    Args:
        root: The vault's folder.
        index: Index of the vault.
        generated: Paths of the generator's notes in the vault.
        prefix: Path of the vault as messages show it.
    """
    near = {path.rpartition("/")[0] for path in generated}
    found = list(_unread(index, near))
    for note in index.notes:
        if note.path in generated:
            found += _generated_note(note, index)
        elif note.path.rpartition("/")[0] in near:
            found += _links(note, index, frozenset())
    there = index.by_path.keys() | {note.path for note in index.absent}
    found += [_gone(path) for path in sorted(generated - there) if not (root / path).is_file()]
    found += _names(index, generated)
    found += _pictures(root, index, near)
    for path in index.leftovers:
        hint = "The next build of that note takes it away; the note itself is whole."
        found.append(Finding("an unfinished file of an interrupted run.", Place(path), hint, "warning", "leftover"))
    found = [finding.at(_under(prefix, finding.place)) if finding.place else finding for finding in found]
    return sorted(found, key=lambda finding: finding.sort_key)


def _unread(index: VaultIndex, near: AbstractSet[str]) -> Iterator[Finding]:
    """Yield what could not be read: one finding per file in the generator's folders, one for all others."""
    far: dict[str, None] = {}
    for finding in index.findings:
        if finding.place and finding.place.path.rpartition("/")[0] not in near:
            far[finding.place.path] = None
        else:
            yield finding
    if far:
        paths = list(far)
        shown = ", ".join(f'"{path}"' for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        problem = f"not everything in {shown} could be read, so names and aliases may be missing."
        hint = "Nothing needs to be done unless a link to one of these notes is missing."
        yield Finding(problem, None, hint, "info", "unread-elsewhere")


def _under(prefix: str, place: Place) -> Place:
    return Place(f"{prefix}/{place.path}" if prefix and prefix != "." else place.path, place.line, place.column)


def _gone(path: str) -> Finding:
    hint = "`thesisvault restore` brings it back; otherwise the next build remembers that you deleted it."
    return Finding("the note was deleted.", Place(path), hint, "warning", "deleted-note")


def _generated_note(note: Note, index: VaultIndex) -> Iterator[Finding]:
    parsed = parse(note.text, path=note.path)
    in_conflict = open_conflicts(note.text, note.path)
    yield from in_conflict or parsed.findings
    regions = parsed.regions.values()
    own = frozenset(n for region in regions for n in range(region.line, region.last_line + 1))
    front = parsed.front.count("\n")
    yield from _links(note, index, own | frozenset(range(1, front + 1)))
    for region in regions:
        yield from _markup(note, region.body, region.text, region.line)


def _markup(note: Note, body: str, text: str, line: int) -> Iterator[Finding]:
    if not any(sign in body for sign in ("$", "<%", "{{", "%%")):
        return
    shape = without_formulas(masked(body))
    offset = line + text[: text.find(body)].count("\n")
    hint = "Unless you typed it there, please report this as a bug of thesisvault."
    for pattern, what in _MARKUP:
        first, counted = offset, 0
        for hit in pattern.finditer(shape):
            if hit[1] and (not counted or "\n" in shape[counted : hit.start()]):  # one in a line says it
                first += shape.count("\n", counted, hit.start())
                counted = hit.start()
                yield Finding(f"a region holds {what}.", Place(note.path, first), hint, code="unescaped")


def _links(note: Note, index: VaultIndex, own: AbstractSet[int]) -> Iterator[Finding]:
    for link in note.links:
        level: Level = "error" if link.line in own else "warning"
        where = Place(note.path, link.line)
        target = index.resolve(link.target, note.path)
        if target is None:
            kind = "embed" if link.embed else "link"
            hint = _hint(link, index)
            yield Finding(f'the {kind} "{link.target}" leads nowhere.', where, hint, level, f"dead-{kind}")
        elif link.fragment and target in index.by_path:
            yield from _fragment(link, index.by_path[target], where, level)


def _hint(link: Link, index: VaultIndex) -> str:
    wanted = link.target.casefold()
    for note in index.notes:
        if wanted in (alias.casefold() for alias in note.aliases):
            return f"Obsidian does not follow aliases; write [[{note.basename}|{link.target}]]."
    known = index.attachments if link.embed else tuple(note.basename for note in index.notes)
    guess = nearest(link.target, (name.rpartition("/")[2] for name in known)) if len(known) < _FEW else None
    return f'Did you mean "{guess}"?' if guess else "Fix it, or make the note that it names."


def _fragment(link: Link, target: Note, where: Place, level: Level) -> Iterator[Finding]:
    name = link.target or target.basename
    if link.fragment.startswith("^"):
        count, what = Counter(target.blocks)[link.fragment[1:]], f'block "{link.fragment}"'
    elif link.embed and "=" in link.fragment:
        return
    else:
        last = heading_key(link.fragment.rpartition("#")[2])
        count = sum(heading_key(heading) == last for heading in target.headings)
        what = f'heading "{link.fragment}"'
    if count == 0:
        yield Finding(f'"{name}" has no {what}.', where, "Fix the link or the heading.", level, "dead-fragment")
    elif count > 1 and link.fragment.startswith("^"):
        problem = f'"{name}" has {count} blocks called "{link.fragment}".'
        yield Finding(problem, where, "Give each its own name.", level, "double-block")


def _names(index: VaultIndex, generated: AbstractSet[str]) -> Iterator[Finding]:
    by_name: dict[str, list[str]] = {}
    for note in index.notes:
        by_name.setdefault(note.basename.casefold(), []).append(note.path)
    for paths in by_name.values():
        ours = [path for path in paths if path in generated]
        if len(paths) > 1 and ours:
            others = ", ".join(path for path in paths if path != ours[0])
            level: Level = "error" if len(ours) > 1 else "warning"
            problem = f"the name is not unique: {others} has it too, and a link may open either."
            yield Finding(problem, Place(ours[0]), "Rename one of them in Obsidian.", level, "double-name")


def _pictures(root: Path, index: VaultIndex, near: AbstractSet[str]) -> Iterator[Finding]:
    pictures = [path for path in index.attachments if _PICTURE.fullmatch(path.rpartition("/")[2])]
    roots = {folder.rpartition("/")[0] for folder in near} | near
    pictures = [path for path in pictures if path.rpartition("/")[0].rpartition("/")[0] in roots]
    if not pictures:
        return
    used = {
        index.resolve(link.target, note.path)
        for note in index.notes
        if note.has_pictures
        for link in note.links
    }
    drawn = [path for path in index.attachments if path.lower().endswith((".canvas", ".base"))]
    named = "".join((read_bytes(root / path) or b"").decode(errors="replace") for path in drawn)
    for path in pictures:
        if path not in used and path.rpartition("/")[2] not in named:
            hint = f"The next full build moves it to {TRASH}."
            yield Finding("no note embeds this chart.", Place(path), hint, "warning", "orphan-picture")
