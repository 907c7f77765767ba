"""Which name leads to which note: the link table of one build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.definitions.library import Library, link_names
from generator.notes.links import LinkTable, Target
from generator.scalars import folded

Key = tuple[str, str]


def key_of_note(note_id: str) -> Key:
    """Return kind and id of what a note is of.

    >>> key_of_note("basket/oil-majors"), key_of_note("software-to-energy")
    (('basket', 'oil-majors'), ('thesis', 'software-to-energy'))
    """
    kind, slash, key = note_id.partition("/")
    return (kind, key) if slash else ("thesis", note_id)


@dataclass
class LinkBook:
    """Names that lead to notes.

    Attributes:
        basenames: File name of the note of each id, without its ending.
        foreign: Names and aliases of notes that are not the generator's, with their file names.
    """

    library: Library
    basenames: Mapping[str, str]
    foreign: Mapping[str, str] = field(default_factory=dict)

    def table(self) -> LinkTable:
        """Return the table by which names become links: titles before aliases, ours before a person's."""
        notes = {key_of_note(note_id): name for note_id, name in self.basenames.items()}
        entries: dict[str, Target] = {}
        titles: dict[Key, str] = {}
        for name, kind, key in link_names(self.library):
            basename = notes.get((kind, key))
            title = titles.setdefault((kind, key), name)
            if basename:  # an id is the name of a file, and nothing to show
                entries.setdefault(folded(name), Target(basename, title if name == key else name))
        if "home" in self.basenames:
            entries.setdefault("home", Target(self.basenames["home"], "Home"))
        for name, basename in self.foreign.items():
            entries.setdefault(folded(name), Target(basename, name))
        return LinkTable(entries)
