"""Placing: the path of each note, which is where its id is found, else where it was last, else a new one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from thesisvault.definitions.library import Library
from thesisvault.errors import Finding, Place, UsageError, did_you_mean
from thesisvault.notes.names import copied_name, note_name, unique_name
from thesisvault.notes.views import AssetView, ConceptView, EntityView, ThesisView
from thesisvault.runs.lifecycle.memory import Memory
from thesisvault.runs.steps.compose.sources import SOURCES_ID, SOURCES_TITLE
from thesisvault.runs.steps.composing import Planned
from thesisvault.runs.steps.pictures import ATTACHMENTS
from thesisvault.scalars import folded, odd_path
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.note import Note
from thesisvault.workspace import Workspace

_ALIKE = 0.6
"""The share of a definition's longer texts that a note must hold to count as written from it."""


class Placed(Struct, frozen=True):
    """The paths of the notes of a build.

    Attributes:
        paths: Path of the note of each id in the vault, there or to be made; notes without a definition are in it, too.
        deleted: Ids of notes that a person deleted.
        offered: Ids of definitions without a note, each with the id of a note whose own definition is gone and which
            seems to be meant for it. Links lead to that note, and nothing is written until a person decides.
        memory: What is remembered, each note under the id that it has now.
        findings: What a person should know.
        away: Ids of notes that are there but whose text is not, or is not to be had.
    """

    paths: Mapping[str, str]
    deleted: frozenset[str]
    offered: Mapping[str, str]
    memory: Memory
    findings: tuple[Finding, ...] = ()
    away: frozenset[str] = frozenset()

    @property
    def unwritten(self) -> frozenset[str]:
        """Ids of definitions whose notes are not written."""
        return self.deleted | self.away | self.offered.keys()


class Located(Struct, frozen=True):
    """Which note of a vault belongs to which id.

    Attributes:
        paths: Path of the note of each id.
        copies: Paths of notes that hold the id of another, each with the path of that other.
        away: Paths of files that are there but whose text is not.
    """

    paths: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    away: frozenset[str] = frozenset()


def own_places(workspace: Workspace, memory: Memory) -> list[str]:
    """Return the paths in the vault of our notes that are there, and of one file in each folder that ours go into."""
    folders = sorted({view.folder for view in (ThesisView, ConceptView, AssetView, EntityView)} | {ATTACHMENTS})
    new = ["/".join(filter(None, (workspace.corner, folder, "x.md"))) for folder in folders]
    return [*new, *(note.path for note in memory.notes.values() if not note.deleted)]


def kind_and_key(note_id: str) -> tuple[str, str]:
    """Return the kind and the id of what a note is about.

    >>> kind_and_key("basket/oil-majors"), kind_and_key("software-to-energy")
    (('basket', 'oil-majors'), ('thesis', 'software-to-energy'))
    """
    kind, slash, key = note_id.partition("/")
    return (kind, key) if slash else ("thesis", note_id)


def wanted_ids(library: Library, names: Sequence[str]) -> set[str] | None:
    """Return the ids of the notes that are asked for by title, id or ticker; None for all.

    Raises:
        UsageError: No definition has such a name.
    """
    if not names:
        return None
    by_name = {folded(name): key for key, d in library.definitions.items() for name in (key, d.title)}
    by_name |= {
        folded(name): f"instrument/{library.current(ticker)}"
        for ticker, instrument in library.instruments.items()
        for name in (ticker, instrument.name)
    }
    by_name |= {folded(name): f"basket/{k}" for k, b in library.baskets.items() for name in (k, b.title)}
    by_name |= {folded(name): f"entity/{k}" for k, e in library.entities.items() for name in (k, e.name)}
    by_name["home"] = "home"
    by_name.setdefault(folded(SOURCES_TITLE), SOURCES_ID)
    for name in names:
        if folded(name) not in by_name:
            problem = f'"{name}" is not a title, id or ticker of a definition.'
            raise UsageError(problem, hint=did_you_mean(name, by_name))
    return {by_name[folded(name)] for name in names}


def locate(index: VaultIndex, memory: Memory, corner: str = "") -> Located:
    """Return the path of the note of each id, whether its definition still exists or not.

    A note is known by its `id` property, so it may be moved and renamed. Of several with one id the one at the
    remembered path is the note and the others are copies; if there is none, it is the one that kept its file
    name, else the one with the shortest name: what makes copies puts something behind it. Times of files do not
    count, because a sync or a clone sets them again. A note that lost its `id` is still known by its path, if it has
    our markers and lies in our folder.

    Args:
        index: The vault.
        memory: What is remembered of our notes.
        corner: Our folder in it; empty for all of it. Another workspace may have a folder with notes of the same ids,
            but never of the same names: outside ours, a note is ours if it kept its remembered name or folder.
    """
    prefix = f"{corner}/" if corner else ""
    by_id: dict[str, list[Note]] = {}
    for note in index.notes:
        if note.id and (note.path.startswith(prefix) or _is_followed(note, memory)):
            by_id.setdefault(note.id, []).append(note)
    away = frozenset(note.path for note in (*index.notes, *index.absent) if note.absence)
    located = Located(away=away)
    for key, notes in by_id.items():
        known = memory.notes[key].path if key in memory.notes else ""
        name = folded(Path(known).stem)
        first, *copies = sorted(
            notes, key=lambda n: (n.path != known, folded(n.basename) != name, len(n.basename), len(n.path), n.path)
        )
        made = copied_name(first.basename)
        if known in away and first.path != known and made and folded(made.original) == name:
            located.copies.update({copy.path: known for copy in notes})
            continue  # the other version is the note itself, whose text is elsewhere for now
        located.paths[key] = first.path
        located.copies.update({copy.path: first.path for copy in copies})
    for key, remembered in memory.notes.items():
        found = index.by_path.get(remembered.path)
        if key in by_id or found is None or not found.has_markers or not found.path.startswith(prefix):
            continue  # a path alone makes no note ours: a person may have put theirs there
        # Whoever gave another note of ours this name has deleted or moved the one that was remembered here.
        if found.id not in memory.notes:
            located.paths[key] = remembered.path
    return located


def _is_followed(note: Note, memory: Memory) -> bool:
    """Return whether a note that may be outside our folder kept the name or the folder that we remember of its id."""
    if note.id not in memory.notes:
        return False
    now, known = Path(note.path), Path(memory.notes[note.id].path)
    return now.parent == known.parent or folded(now.stem) == folded(known.stem)


def place_notes(
    notes: Sequence[Planned],
    index: VaultIndex,
    memory: Memory,
    workspace: Workspace,
    texts: Callable[[str], Iterable[str]],
    adopting: str | None = None,
) -> Placed:
    """Return the path of every note.

    Args:
        notes: The notes of all definitions.
        index: The vault.
        memory: What is remembered of our notes.
        workspace: The folders.
        texts: Gives the texts that the definition of a note says, by the id of the note.
        adopting: Path of a note that is to become the note of its definition.

    Raises:
        UsageError: That note cannot be adopted.
    """
    current = {note.id: note for note in notes}
    memory = _with_new_ids(memory, index, current.keys())
    located = locate(index, memory, workspace.corner)
    placing = _Placing(notes, current, index, memory, workspace, texts)
    placing.report_copies(located)
    placing.report_heirs(located)
    placing.place_known(located)
    if adopting is not None:
        placing.adopt(adopting, located)
    placing.offer()
    placing.name_new()
    found = placing.findings
    return Placed(
        placing.paths, frozenset(placing.deleted), placing.offered, memory, tuple(found), frozenset(placing.away)
    )


def _with_new_ids(memory: Memory, index: VaultIndex, current: Collection[str]) -> Memory:
    """Have what is remembered of a note go with it when its `id` was changed to that of another definition."""
    notes = dict(memory.notes)
    for key, known in memory.notes.items():
        found = index.by_path.get(known.path)
        new = found.id if found else None
        if key not in current and new is not None and new in current and new not in notes:
            notes[new] = notes.pop(key).model_copy(update={"orphaned": False})
    return memory.with_notes(notes)


class _Placing(Struct):
    """The places of one build while they are found."""

    notes: Sequence[Planned]
    current: Mapping[str, Planned]
    index: VaultIndex
    memory: Memory
    workspace: Workspace
    texts: Callable[[str], Iterable[str]]
    paths: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    offered: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def place(self, path: str) -> Place:
        """Return the place of a note as messages show it."""
        return Place(self.workspace.shown(self.workspace.vault / path))

    def report_copies(self, located: Located) -> None:
        """Report notes that hold the id of another."""
        for copy, original in sorted(located.copies.items()):
            made = copied_name(Path(copy).stem)
            if made and folded(made.original) == folded(Path(original).stem):
                problem = (
                    f"it is a conflicted copy of {original}, as {made.maker} makes one of two versions; it is left as "
                    "it is, and links go to the original."
                )
                hint = "Compare the two, and carry over what only this one says: each may hold text of yours."
                self.findings.append(Finding(problem, self.place(copy), hint, "warning", "conflicted-copy"))
                continue
            problem = (
                f"it is a copy of {original}, with the same id; it is left as it is, and links go to the original."
            )
            hint = "To make it a note of your own, take the line `id` out of its properties."
            self.findings.append(Finding(problem, self.place(copy), hint, "warning", "copied-note"))

    def report_heirs(self, located: Located) -> None:
        """Report conflicted copies that are the note now, because the one of which they are copies is gone."""
        for key, path in sorted(located.paths.items()):
            known = self.memory.notes[key].path if key in self.memory.notes else path
            made = copied_name(Path(path).stem)
            if path == known or made is None or folded(made.original) != folded(Path(known).stem):
                continue
            problem = (
                f"it has the name that {made.maker} gives to one of two versions; {known} is gone, so it is the note "
                "now, and links go to it."
            )
            hint = (
                f"If {known} comes back, compare the two: each may hold text of yours. To give this one that name: "
                f'thesisvault rename "{Path(path).stem}" "{made.original}"'
            )
            self.findings.append(Finding(problem, self.place(path), hint, "warning", "conflicted-copy"))

    def place_known(self, located: Located) -> None:
        """Take over the paths of notes that exist or existed, and find those that a person deleted."""
        remembered = self.memory.notes
        ours = self.current.keys() | remembered.keys()
        self.paths = {key: path for key, path in located.paths.items() if key in ours}
        # A vault of which nothing is left was deleted whole, and is built again; single notes were deleted by hand.
        any_left = any(key in located.paths for key in remembered)
        absent = {note.path: note.absence for note in (*self.index.notes, *self.index.absent) if note.absence}
        for key, path in self.paths.items():
            if why := odd_path(path):
                self.away.add(key)
                problem = f"the note was moved to a path which {why}; it is left alone."
                hint = "Give the note or its folder another name in Obsidian, and it is kept up to date again."
                self.findings.append(Finding(problem, self.place(path), hint, "warning", "away-note"))
        for key in sorted(remembered.keys() - located.paths.keys()):
            path = remembered[key].path
            if path in absent and not remembered[key].deleted:
                self._keep_away(key, path, absent[path])
                continue
            if key not in self.current:
                continue
            if not any_left and not remembered[key].deleted:
                if self._is_free(path):
                    self.paths[key] = path
                continue
            self.deleted.add(key)
            hint = f'Bring it back: thesisvault restore "{Path(path).stem}"'
            problem = "the note was deleted and stays so."
            if path in self.index.by_path:
                problem = "the note is gone, and another lies in its place, which stays as it is."
                hint = f'Have it made again beside that one: thesisvault restore "{Path(path).stem}"'
            self.findings.append(Finding(problem, self.place(path), hint, "info", "deleted-note"))

    def _keep_away(self, key: str, path: str, absence: str) -> None:
        """Leave alone a note that is there, but whose text is not."""
        self.paths[key] = path
        self.away.add(key)
        hint = "Have the sync client fetch it, or make it readable; until then it is neither written nor given up."
        if path in self.index.by_path:
            hint = (
                "If a sync client keeps its text elsewhere, have it fetched; if you emptied it yourself, "
                f'have it filled: thesisvault adopt "{Path(path).stem}"'
            )
        self.findings.append(
            Finding(f"{absence}; the note is left alone.", self.place(path), hint, "warning", "away-note")
        )

    def _is_free(self, path: str) -> bool:
        """Return whether a note may be made at a path: in our folder, and nobody else's note is there."""
        corner = self.workspace.corner
        if any(note.path == path for note in self.index.absent):
            return False
        return path not in self.index.by_path and (not corner or path.startswith(f"{corner}/"))

    def adopt(self, path: str, located: Located) -> None:
        """Give the note that is to be adopted to the definition whose note it is, or whose title it has."""
        owner = next((key for key, other in self.paths.items() if other == path), None)
        if why := odd_path(path):
            hint = "Give the note or its folder another name in Obsidian first."
            raise UsageError(f'"{path}" is a path which {why}.', hint=hint)
        if owner in self.current:
            self.away.discard(owner)  # of a note that is empty: whoever adopts it wants it filled
            return
        if owner is not None:
            hint = "Give it to another definition: thesisvault rename ID NEW-ID. Take it away: thesisvault prune"
            raise UsageError(f'the definition "{owner}" of "{path}" is gone.', hint=hint)
        if path in located.copies:
            hint = "Take the line `id` out of its properties first."
            raise UsageError(f'"{path}" is a copy of "{located.copies[path]}".', hint=hint)
        note = next((each for each in self.notes if folded(note_name(each.title)) == folded(Path(path).stem)), None)
        if note is None:
            guess = did_you_mean(Path(path).stem, [each.title for each in self.notes])
            hint = f"{guess} Give the note the name of a definition first.".lstrip()
            raise UsageError(f'no definition has the title of the note "{path}".', hint=hint)
        if note.id in self.paths and self.paths[note.id] in self.index.by_path and self.paths[note.id] != path:
            hint = "Give yours another name, or carry what it says over into that one."
            raise UsageError(f'"{note.title}" has its note already: "{self.paths[note.id]}".', hint=hint)
        self.paths[note.id] = path
        self.deleted.discard(note.id)

    def offer(self) -> None:
        """Find notes whose definition is gone and which seem to be meant for a definition that has none.

        It happens when a YAML file is renamed. A second note of the same title would only be in the way of the first,
        with everything that a person wrote in it, so none is written.
        """
        orphans = {key: path for key, path in self.paths.items() if key not in self.current}
        for note in self.notes if orphans else ():
            if note.id in self.paths or note.id in self.deleted:
                continue
            kind, _ = kind_and_key(note.id)
            free = [key for key in orphans if kind_and_key(key)[0] == kind and key not in self.offered.values()]
            meant = [key for key in free if self._has_title(key, note)] or [
                key for key in free if _holds_texts(self.index.by_path[orphans[key]].text, self.texts(note.id))
            ]
            if len(meant) != 1:
                continue
            old = self.offered[note.id] = meant[0]
            self.paths[note.id] = orphans[old]
            problem = (
                f'the note was written by the definition "{old}", which is gone; "{note.id}" has its title or its '
                "text, and no second note was written."
            )
            hint = (
                f'Make it the note of "{note.id}": thesisvault rename "{old}" "{note.id}". '
                "If the two have nothing in common, take the old note away: thesisvault prune"
            )
            self.findings.append(Finding(problem, self.place(orphans[old]), hint, "warning", "moved-id"))

    def _has_title(self, key: str, note: Planned) -> bool:
        """Return whether a note whose definition is gone bears the title of another."""
        names = {folded(Path(self.paths[key]).stem), *map(folded, self.index.by_path[self.paths[key]].aliases)}
        return folded(note_name(note.title)) in names or folded(note.title) in names

    def name_new(self) -> None:
        """Give a path to each note that has none yet."""
        taken = {folded(note.basename) for note in (*self.index.notes, *self.index.absent)}
        taken |= {folded(Path(path).stem) for path in self.paths.values()}
        for note in self.notes:
            if note.id not in self.paths and note.id not in self.deleted:
                name = unique_name(note_name(note.title), taken)
                taken.add(folded(name))
                self.paths[note.id] = "/".join(filter(None, (self.workspace.corner, note.folder, f"{name}.md")))


def _holds_texts(text: str, texts: Iterable[str]) -> bool:
    """Return whether a note holds most of the longer texts that a definition says of itself."""
    said = set(_sentences(texts))
    return len(said) > 2 and sum(each in text for each in said) >= _ALIKE * len(said)


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    for each in texts:
        yield from (part for part in each.split("\n") if len(part) > 15 and " " in part and "[" not in part)
