"""Neighbors: a person's own notes on what an instrument, a basket or an entity is about.

In a vault of one's own a company often has a note already. Ours never takes its place: it links to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from thesisvault.definitions.library import Library
from thesisvault.errors import Finding, Place, did_you_mean
from thesisvault.notes.names import copied_name
from thesisvault.runs.lifecycle.memory import Memory
from thesisvault.runs.steps.placing import locate
from thesisvault.runs.steps.usage import Target
from thesisvault.scalars import folded
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.note import Note
from thesisvault.words import plural
from thesisvault.written import place_of

_BY_TICKER, _BY_FILE, _BY_ALIAS = range(3)


def persons_notes(index: VaultIndex, memory: Memory, corner: str) -> list[Note]:
    """Return the notes that are a person's own, also those of which only the name is known."""
    # Where our notes are counts, not where they were: a note that lost its `id` gives its place up to one that has it.
    located = locate(index, memory, corner).paths
    ours = {located.get(key, each.path) for key, each in memory.notes.items()}
    return [
        note
        for note in (*index.notes, *index.absent)
        if not note.id and not (note.path in ours and (note.absence or note.has_markers))
    ]


def find_neighbors(library: Library, index: VaultIndex, memory: Memory, corner: str) -> dict[Target, str]:
    """Return the path of the person's own note for each instrument, basket and entity that has one.

    A definition says so by `note`; else the note is known by a `ticker` property, its file name or an alias, in that
    order, without regard to case. Of several the one with the shortest path counts.
    """
    persons = persons_notes(index, memory, corner)
    names = dict(_names(library))
    wanted: dict[str, list[Target]] = {}
    for target, each in names.items():
        for name in each:
            wanted.setdefault(folded(name), []).append(target)
    best: dict[Target, tuple[tuple[int, int, bool, int, str], str]] = {}
    for note in persons:
        for how, name in _spoken(note):
            for target in wanted.get(folded(name), ()):
                if how == _BY_TICKER and (target[0] != "instrument" or folded(name) != folded(target[1])):
                    continue
                own = folded(names[target][0]) != folded(name)
                rank = (how, int(own), copied_name(note.basename) is not None, len(note.path), note.path)
                best[target] = min(best.get(target, (rank, note.path)), (rank, note.path))
    found = {target: path for target, (_, path) in best.items()}
    for target, text in _said(library):
        if len(meant := _meant(persons, text)) == 1:
            found[target] = meant[0].path
    return found


def neighbor_findings(library: Library, index: VaultIndex, memory: Memory, corner: str) -> Iterator[Finding]:
    """Yield what is wrong with the notes that definitions name: none or several are there, or it is one of ours."""
    persons = persons_notes(index, memory, corner)
    for _, text in _said(library):
        meant = _meant(persons, text)
        if len(meant) == 1:
            continue
        where, code = place_of(text) or Place(""), "missing-note"
        if meant:
            paths = ", ".join(note.path.removesuffix(".md") for note in meant)
            problem = f'"{text}" is the name of {plural(len(meant), "note")} of yours.'
            yield Finding(problem, where, f"Write its path: {paths}.", "warning", code)
        elif _meant(index.notes, text):
            problem = f'"{text}" is a note that thesisvault writes; expected a note of your own.'
            yield Finding(problem, where, "Leave the key out; notes of its own are linked anyway.", "warning", code)
        else:
            hint = did_you_mean(text, [note.basename for note in persons])
            problem = f'the vault has no note "{text}" of yours.'
            yield Finding(problem, where, hint or "Write its name, or its path in the vault.", "warning", code)


def _names(library: Library) -> Iterator[tuple[Target, Sequence[str]]]:
    """Yield every definition that may have a neighbor with the names by which that is known, its main name first."""
    for ticker, instrument in library.instruments.items():
        if instrument.renamed_to is None:
            names = (instrument.name, ticker, *instrument.aliases, *library.former_names(ticker))
            yield ("instrument", ticker), names
    for key, basket in library.baskets.items():
        yield ("basket", key), (basket.title, *basket.aliases)
    for key, entity in library.entities.items():
        yield ("entity", key), (entity.name, *entity.aliases)


def _said(library: Library) -> Iterator[tuple[Target, str]]:
    """Yield the notes that definitions name themselves."""
    kinds: Mapping[str, Mapping[str, object]] = {
        "instrument": library.instruments,
        "basket": library.baskets,
        "entity": library.entities,
    }
    for kind, entries in kinds.items():
        for key, entry in entries.items():
            text = getattr(entry, "note", None)
            if text:
                yield (kind, key), text


def _spoken(note: Note) -> Iterator[tuple[int, str]]:
    if note.ticker:
        yield _BY_TICKER, note.ticker
    yield _BY_FILE, note.basename
    yield from ((_BY_ALIAS, alias) for alias in note.aliases)


def _meant(notes: Iterable[Note], text: str) -> list[Note]:
    """Return the notes that a name or path means: of that path, else of that file name, else with that alias."""
    name = folded(text.removeprefix("[[").removesuffix("]]").strip().removesuffix(".md").strip("/"))
    notes = list(notes)
    return (
        [note for note in notes if folded(note.path.removesuffix(".md")) == name]
        or [note for note in notes if folded(note.basename) == name]
        or [note for note in notes if name in map(folded, note.aliases)]
    )
