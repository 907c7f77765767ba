"""What is kept of notes: the same after it was written and read, whatever was in it, and no more than is used."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.errors import DiskError, Finding, Place
from thesisvault.runs.engine.kept import (
    FILE,
    Answers,
    Body,
    Kept,
    KeptNote,
    KeptNotes,
    Numbered,
    Pairs,
    packed_body,
    read_kept,
    write_kept,
)
from thesisvault.runs.engine.recipe import Recipe
from thesisvault.runs.engine.writing import FigureChange, KeptFigure, Reason, Writing
from thesisvault.sealed import Lying
from thesisvault.structs import replace
from thesisvault.written import Written

DAY = dt.date(2026, 2, 27)
texts = st.text(max_size=8)
answers = st.dictionaries(st.tuples(st.sampled_from(["series", "name", "field"]), texts), texts, max_size=6)
bodies = st.builds(
    Body,
    regions=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    figures=st.lists(st.builds(KeptFigure, texts, texts, st.lists(texts, max_size=2).map(tuple)), max_size=3).map(
        tuple
    ),
    templates=st.lists(texts, max_size=2).map(tuple),
    writing=st.none()
    | st.builds(
        Writing,
        texts,
        st.tuples(st.none() | texts, st.none() | texts),
        st.lists(st.builds(Reason, st.just("day"), texts, texts), max_size=2).map(tuple),
        st.lists(st.builds(FigureChange, texts, st.none() | texts, texts), max_size=2).map(tuple),
    ),
)
values = (
    st.none() | texts | st.integers(-9, 9) | st.booleans() | st.just(DAY) | st.lists(texts | st.just(DAY), max_size=2)
)
notes = st.builds(
    KeptNote,
    kind=texts,
    title=texts,
    aliases=st.lists(texts, max_size=2).map(tuple),
    tags=st.lists(texts, max_size=2).map(tuple),
    further=st.dictionaries(texts, values, max_size=3),
    stale=st.dictionaries(texts, st.just(DAY), max_size=2),
    pictures=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    reads=answers,
    findings=st.lists(st.builds(Finding, texts, st.none() | st.just(Place("a.yaml", 3, 4)), texts), max_size=2).map(
        tuple
    ),
    free=st.none() | st.lists(texts, max_size=2).map(tuple),
    links=answers,
    merged=st.none() | st.tuples(texts, st.just((1, 2, 3, 4))),
    recipe=st.builds(Recipe, st.dictionaries(texts, texts, max_size=2), st.booleans(), texts),
    packed_body=bodies.map(packed_body),
)
some_notes = st.dictionaries(texts, notes, max_size=4)


def kept_of(found: dict[str, KeptNote]) -> Kept:
    kept = Kept()
    for key, note in found.items():
        kept.notes.put(key, note)
    return kept


@given(some_notes, st.dictionaries(texts, st.tuples(answers, texts), max_size=2))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, found: dict[str, KeptNote], facts: dict[str, tuple[Answers, str]]
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    kept = kept_of(found)
    kept.facts = facts
    write_kept(folder, kept)
    again = read_kept(folder)
    assert dict(again.notes) == found
    assert again.facts == facts
    for key, note in found.items():
        assert again.notes[key].body == note.body
        assert list(again.notes[key].reads) == list(note.reads), "leaves come in the order in which they were read"


@given(some_notes, some_notes)
def test_only_pairs_in_use_are_written_and_numbers_lead_to_the_same(
    tmp_path_factory: pytest.TempPathFactory, found: dict[str, KeptNote], others: dict[str, KeptNote]
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    kept = kept_of(found)
    left = KeptNotes(kept.notes.pairs)
    for key, note in others.items():
        left.put(key, note)
    write_kept(folder, Kept(notes=left))
    again = read_kept(folder).notes
    assert dict(again) == others
    used = {pair for note in others.values() for of in (note.reads, note.links) for pair in of.items()}
    assert len(again.pairs) == len(used)


@given(answers)
def test_numbers_stand_for_leaves_and_digests(found: dict[tuple[str, str], str]) -> None:
    pairs = Pairs()
    pairs.numbered({("series", "AAA"): "x", ("series", "BBB"): "y"})
    numbered = pairs.numbered(found)
    assert dict(numbered) == found
    assert pairs.numbered(numbered) is numbered
    assert pairs.numbered(dict(numbered)).packed == numbered.packed
    assert dict(Pairs().numbered(numbered)) == found, "other pairs give numbers of their own"


def test_a_name_that_knows_where_it_was_written_is_kept_as_a_text(tmp_path: Path) -> None:
    note = replace(bare(), reads={("series", Written("SPY")): "digest"})
    write_kept(tmp_path, kept_of({"a": note}))
    reads = read_kept(tmp_path).notes["a"].reads
    assert dict(reads) == {("series", "SPY"): "digest"}
    assert isinstance(reads, Numbered)
    assert {type(name) for _, name in reads} == {str}


def test_a_changed_body_counts_once_it_is_put_back() -> None:
    before = kept_of({"a": bare()}).notes
    after = KeptNotes(before.pairs)
    after.put("a", before["a"])
    assert after.has_body_of("a", before)
    note = after["a"]
    note.body = replace(note.body, regions=(("one", "text"),))
    assert after.has_body_of("a", before), "it is a record of its own"
    after.put("a", note)
    assert not after.has_body_of("a", before)
    assert after["a"].body.regions == (("one", "text"),)


@pytest.mark.skipif(os.name == "nt", reason="a file of which something is held is read whole there")
def test_a_file_that_is_cut_off_while_a_run_goes_on_costs_the_next_one_time(tmp_path: Path) -> None:
    write_kept(tmp_path, kept_of({"a": bare(), "b": bare()}))
    kept = read_kept(tmp_path)
    os.truncate(tmp_path / FILE, (tmp_path / FILE).stat().st_size - 5)
    with pytest.raises(DiskError, match="cut it off"):
        kept.notes["b"].body  # noqa: B018
    os.truncate(tmp_path / FILE, 10)
    assert kept.notes.get("b") is None, "it is made anew"
    write_kept(tmp_path, kept)
    assert list(read_kept(tmp_path).notes) == []
    assert not [each.name for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_bodies_wait_in_a_file_and_come_back(tmp_path: Path) -> None:
    before = read_kept(tmp_path)
    notes = KeptNotes(before.notes.pairs, before.notes.spool)
    note = bare()
    note.body = Body(regions=(("one", "text"),))
    notes.put("a", note)
    assert isinstance(notes.packed()["a"].body, Lying)
    write_kept(tmp_path, Kept(notes=notes))
    again = read_kept(tmp_path).notes
    assert isinstance(again.packed()["a"].body, Lying)
    assert again["a"].body.regions == (("one", "text"),)
    assert again.has_body_of("a", notes)


def test_a_note_that_is_not_kept_has_no_body_as_before() -> None:
    after = kept_of({"a": bare()}).notes
    assert not after.has_body_of("a", KeptNotes(after.pairs))


def bare() -> KeptNote:
    return KeptNote(
        kind="thesis", title="A", aliases=(), tags=(), further={}, stale={}, reads={}, packed_body=packed_body(Body())
    )
