"""Linking: which name leads to which note, and how a link to it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from thesisvault.definitions.library import Library, link_names
from thesisvault.notes.links import LinkTable, Target
from thesisvault.notes.views import NoteView
from thesisvault.runs.steps.compose.sources import SOURCES_ID, SOURCES_TITLE
from thesisvault.runs.steps.placing import Placed, kind_and_key
from thesisvault.scalars import folded
from thesisvault.structs import replace
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.note import Note


class FreeAliases:
    """The aliases by which notes can be found.

    The title is among them where the file has another name: a file keeps its name when the title changes. An alias that
    is another note's own name is not: Obsidian's search would offer the wrong note.
    """

    def __init__(self, placed: Placed) -> None:
        self._basenames = {key: Path(path).stem for key, path in placed.paths.items() if key not in placed.deleted}
        self._owners = {folded(name): key for key, name in self._basenames.items()}

    def given(self, view: NoteView) -> NoteView:
        """Return a view with its free aliases."""
        own = folded(self._basenames.get(view.id, view.title))
        names = dict.fromkeys([view.title, *view.aliases])
        free = (name for name in names if folded(name) != own and self._owners.get(folded(name), view.id) == view.id)
        return replace(view, aliases=tuple(free))


def link_table(
    library: Library, placed: Placed, index: VaultIndex, neighbors: Mapping[tuple[str, str], str]
) -> LinkTable:
    """Return the table by which names become links: titles before aliases, the generator's notes before a person's.

    In a person's text the name of a thing leads to the person's own note on it, if there is one.

    Args:
        library: The definitions.
        placed: The path of every note of the build.
        index: The vault.
        neighbors: Paths of a person's own notes, each by what it is about.
    """
    # One of ours may have lost its id, and has it again after this run.
    ours = {*placed.paths.values()}
    persons = [note for note in (*index.notes, *index.absent) if not note.id and note.path not in ours]
    files = {note.path for note in (*index.notes, *index.absent)} | set(index.attachments) | ours
    write = link_writer(files, _further_names(persons))
    written = {kind_and_key(note_id): write(path) for note_id, path in placed.paths.items()}
    entries: dict[str, Target] = {}
    theirs: dict[str, Target] = {}
    owners: dict[str, tuple[str, str]] = {}
    titles: dict[tuple[str, str], str] = {}
    for name, kind, key in link_names(library):
        title = titles.setdefault((kind, key), name)
        shown = title if name == key else name  # an id is the name of a file, and nothing to show
        if (kind, key) in written:
            entries.setdefault(folded(name), Target(written[kind, key], shown))
        owner = owners.setdefault(folded(name), (kind, key))
        if owner in neighbors:
            theirs.setdefault(folded(name), Target(write(neighbors[owner]), shown))
    if "home" in placed.paths:
        entries.setdefault("home", Target(write(placed.paths["home"]), "Home"))
    if SOURCES_ID in placed.paths:
        entries.setdefault(folded(SOURCES_TITLE), Target(write(placed.paths[SOURCES_ID]), SOURCES_TITLE))
    for name, path in _names_of_persons(persons):
        entries.setdefault(folded(name), Target(write(path), name))
    series = {name: written[kind, key] for name, kind, key in _series(library) if (kind, key) in written}
    return LinkTable(
        entries,
        theirs,
        {name: Target(link, titles.get(("basket", name), name)) for name, link in series.items()},
        {title: Target(written[each], title) for each, title in _titles(library) if each in written},
        {path: write(path) for path in neighbors.values()},
        _by_path(persons, write),
    )


def _by_path(notes: Sequence[Note], write: Callable[[str], str]) -> Callable[[str], Target | None]:
    """Return what gives the note at a path; few links name one, so the paths are gathered for the first that does."""

    @cache
    def paths() -> Mapping[str, str]:
        return {folded(note.path.removesuffix(".md")): note.path for note in notes}

    def far(name: str) -> Target | None:
        path = paths().get(folded(name.removesuffix(".md")))
        return Target(write(path), _name(path)) if path else None

    return far


def _series(library: Library) -> Iterator[tuple[str, str, str]]:
    """Yield every ticker and id of a basket, each with kind and id of its note."""
    yield from ((ticker, "instrument", library.current(ticker)) for ticker in library.instruments)
    yield from ((key, "basket", key) for key in library.baskets)


def _titles(library: Library) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield kind and id of everything that has a note, with its title."""
    yield from ((("thesis", key), record.title) for key, record in library.definitions.items())
    yield from ((("instrument", key), each.name) for key, each in library.instruments.items() if not each.renamed_to)
    yield from ((("basket", key), basket.title) for key, basket in library.baskets.items())
    yield from ((("entity", key), entity.name) for key, entity in library.entities.items())


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


def _names_of_persons(notes: Sequence[Note]) -> Iterator[tuple[str, str]]:
    """Yield every name of a person's notes with the path of the note that has it first."""
    first: dict[str, str] = {}
    for note in notes:
        for name in (note.basename, *note.aliases):
            first.setdefault(name, note.path)
    yield from first.items()


def _further_names(notes: Iterable[Note]) -> Iterator[str]:
    for note in notes:
        own: Mapping[str, str] = {folded(a): a for a in note.aliases if folded(a) != folded(note.basename)}
        yield from own.values()
