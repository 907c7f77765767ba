"""Which name leads to which note, and how a link to it is written: the link table of one build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from thesisvault.definitions.library import Library, link_names
from thesisvault.notes.links import LinkTable, Target
from thesisvault.runs.underway import Build
from thesisvault.scalars import folded
from thesisvault.vault.note import Note

Key = tuple[str, str]


def key_of_note(note_id: str) -> Key:
    """Return kind and id of what a note is of.

    >>> key_of_note("basket/oil-majors"), key_of_note("software-to-energy")
    (('basket', 'oil-majors'), ('thesis', 'software-to-energy'))
    """
    kind, slash, key = note_id.partition("/")
    return (kind, key) if slash else ("thesis", note_id)


def link_writer(paths: Iterable[str], aliases: Iterable[str] = ()) -> Callable[[str], str]:
    """Return how a link to the note at a path is written: its bare name, or its whole path where the name is shared.

    Obsidian opens one of several notes of a name without asking, and takes a path from the vault's root for exact.

    Args:
        paths: Of every file in the vault.
        aliases: Further names of a person's notes, which one might take the bare name for.

    >>> write = link_writer(["Oil.md", "Theses/Gas.md", "Diary/gas.md", "Theses/Gold.md"])
    >>> [write(path) for path in ("Oil.md", "Theses/Gas.md", "Theses/Gold.md")]
    ['Oil', 'Theses/Gas', 'Gold']
    """
    shared = Counter(folded(_name(path)) for path in set(paths))
    shared.update({folded(alias) for alias in aliases})

    def write(path: str) -> str:
        return _name(path) if shared[folded(_name(path))] < 2 else path.removesuffix(".md")

    return write


def _name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".md")


@dataclass
class LinkBook:
    """Names that lead to notes.

    Attributes:
        written: Link path of the note of each id: its file name without ending, with folders only where that is shared.
        foreign: Names and aliases of notes that are not the generator's, with their link paths.
    """

    library: Library
    written: Mapping[str, str]
    foreign: Mapping[str, str] = field(default_factory=dict)

    def table(self) -> LinkTable:
        """Return the table by which names become links: titles before aliases, ours before a person's."""
        notes = {key_of_note(note_id): name for note_id, name in self.written.items()}
        entries: dict[str, Target] = {}
        titles: dict[Key, str] = {}
        for name, kind, key in link_names(self.library):
            written = notes.get((kind, key))
            title = titles.setdefault((kind, key), name)
            if written:  # an id is the name of a file, and nothing to show
                entries.setdefault(folded(name), Target(written, title if name == key else name))
        if "home" in self.written:
            entries.setdefault("home", Target(self.written["home"], "Home"))
        for name, written in self.foreign.items():
            entries.setdefault(folded(name), Target(written, name))
        return LinkTable(entries)


def _further(notes: Iterable[Note]) -> Iterator[str]:
    for note in notes:
        yield from {folded(alias): alias for alias in note.aliases if folded(alias) != folded(note.basename)}.values()


def book_of(building: Build) -> LinkBook:
    """Return the names that lead to notes, once every note of a build has its path."""
    index = building.index
    persons = [note for note in index.notes if not note.id]
    files = {note.path for note in index.notes} | set(index.attachments) | set(building.paths.values())
    write = link_writer(files, _further(persons))
    foreign: dict[str, str] = {}
    for note in persons:
        for name in (note.basename, *note.aliases):
            foreign.setdefault(name, write(note.path))
    return LinkBook(building.opened.library, {key: write(path) for key, path in building.paths.items()}, foreign)
