"""The audit: what is not whole in a vault.

A fault in what the generator wrote is an error, one in what a person wrote is a warning: they may mean it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from thesisvault.errors import Finding, Level, Place, nearest
from thesisvault.notes.code import masked
from thesisvault.notes.markers import parse
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.note import Link, Note, heading_key
from thesisvault.vault.write import read_bytes

_PICTURE = re.compile(r"chart-[^/]*\.png")
_MARKUP = (
    (re.compile(r"\\.|\$\$.+?\$\$|(\$)", re.DOTALL), "a dollar sign without a backslash, which may start math"),
    (re.compile(r"\\.|(<%)"), "<%, which the Templater plugin would run"),
    (re.compile(r"\\.|(\{\{)"), "{{, an expression that was not evaluated"),
    (re.compile(r"\\.|(%%)"), "%%, which hides what follows"),
)


def audit(root: Path, index: VaultIndex, generated: AbstractSet[str], prefix: str = "") -> list[Finding]:
    """Return what is wrong with the notes of a vault, in order of place.

    Looked for are links and embeds that lead nowhere, headings and blocks that are not there, names that two notes
    share, pictures of ours that nothing embeds, unfinished files, damaged markers, notes that are gone, and signs in a
    region that Obsidian or a plugin would act upon. Of the other notes, those in the generator's folders are
    looked at for links and embeds that lead nowhere; the rest of a larger vault is nobody's business here.

    Args:
        root: The vault's folder.
        index: What is in it.
        generated: Paths of the generator's notes, relative to the vault.
        prefix: Path of the vault as messages show it.
    """
    near = {path.rpartition("/")[0] for path in generated}
    found = list(_unread(index, near))
    for note in index.notes:
        if note.path in generated:
            found += _generated_note(note, index)
        elif note.path.rpartition("/")[0] in near:
            found += _links(note, index, frozenset())
    found += [_gone(path) for path in sorted(generated - index.by_path.keys()) if not (root / path).is_file()]
    found += _names(index, generated)
    found += _pictures(root, index, near)
    for path in index.leftovers:
        hint = "Delete it; the next build of that note does, too."
        found.append(Finding("an unfinished file of a run that was cut off.", Place(path), hint, "warning", "leftover"))
    found = [finding.at(_under(prefix, finding.place)) if finding.place else finding for finding in found]
    return sorted(found, key=lambda finding: finding.sort_key)


def _unread(index: VaultIndex, near: AbstractSet[str]) -> Iterator[Finding]:
    """Yield what could not be read: each in the generator's folders, the rest of a larger vault in one remark."""
    far = [f for f in index.findings if f.place and f.place.path.rpartition("/")[0] not in near]
    yield from (finding for finding in index.findings if finding not in far)
    if far:
        paths = list(dict.fromkeys(finding.place.path for finding in far if finding.place))
        shown = ", ".join(f'"{path}"' for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        problem = f"not everything in {shown} could be read, so names and aliases may be missing."
        hint = "They are none of thesisvault's notes; nothing is to be done unless a link to one of them is missing."
        yield Finding(problem, None, hint, "remark", "unread-elsewhere")


def _under(prefix: str, place: Place) -> Place:
    return Place(f"{prefix}/{place.path}" if prefix and prefix != "." else place.path, place.line, place.column)


def _gone(path: str) -> Finding:
    hint = "`thesisvault restore` brings it back; the next build remembers that you deleted it."
    return Finding("the note is gone.", Place(path), hint, "warning", "deleted-note")


def _generated_note(note: Note, index: VaultIndex) -> Iterator[Finding]:
    parsed = parse(note.text, path=note.path)
    yield from parsed.findings
    regions = parsed.regions.values()
    own = frozenset(n for region in regions for n in range(region.line, region.last_line + 1))
    front = parsed.front.count("\n")
    yield from _links(note, index, own | frozenset(range(1, front + 1)))
    for region in regions:
        yield from _markup(note, region.body, region.text, region.line)


def _markup(note: Note, body: str, text: str, line: int) -> Iterator[Finding]:
    if not any(sign in body for sign in ("$", "<%", "{{", "%%")):
        return
    shape = masked(body)
    offset = line + text[: text.find(body)].count("\n")
    for pattern, what in _MARKUP:
        for hit in pattern.finditer(shape):
            if hit[1]:
                where = Place(note.path, offset + shape.count("\n", 0, hit.start()))
                hint = "Unless you typed it there, please report it as a fault of thesisvault."
                yield Finding(f"a region holds {what}.", where, hint, code="unescaped")


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
            return f"It is an alias, which Obsidian does not follow: [[{note.basename}|{link.target}]]."
    known = index.attachments if link.embed else tuple(note.basename for note in index.notes)
    guess = nearest(link.target, (name.rpartition("/")[2] for name in known)) if len(known) < 2000 else None
    return f'Did you mean "{guess}"?' if guess else "Mend it, or make the note that it names."


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
        yield Finding(f'"{name}" has no {what}.', where, "Mend the link or the heading.", level, "dead-fragment")
    elif count > 1 and link.fragment.startswith("^"):
        problem = f'"{name}" has {count} blocks called "{link.fragment}".'
        yield Finding(problem, where, "Give each its own.", level, "double-block")


def _names(index: VaultIndex, generated: AbstractSet[str]) -> Iterator[Finding]:
    by_name: dict[str, list[str]] = {}
    for note in index.notes:
        by_name.setdefault(note.basename.casefold(), []).append(note.path)
    for paths in by_name.values():
        ours = [path for path in paths if path in generated]
        if len(paths) > 1 and ours:
            others = ", ".join(path for path in paths if path != ours[0])
            level: Level = "error" if len(ours) > 1 else "warning"
            problem = f"the name is not unique: {others} has it, too, and a link to it may open either."
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
            hint = "The next full build moves it to .trash."
            yield Finding("no note embeds this picture.", Place(path), hint, "warning", "orphan-picture")
