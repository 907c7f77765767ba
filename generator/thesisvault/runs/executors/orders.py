"""Orders and answers: what travels to a worker, and back."""

from __future__ import annotations

import datetime as dt
import io
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from msgspec import Struct

from thesisvault.blocks.core.filled import ChartRequest, Filled
from thesisvault.digests import digest_of
from thesisvault.errors import Finding
from thesisvault.notes.views import NoteView
from thesisvault.runs.engine.leaves import Leaf
from thesisvault.session import Session
from thesisvault.written import Written


class Plan(Struct, frozen=True):
    """What all orders of one build have in common.

    Attributes:
        build: Names the build, so that a worker opens the workspace once for it.
        root: The folder of the workspace.
        now: The moment of the run.
        day: The last day of data.
        settings: Digest of the settings.
        clean: Whether every series is made anew, whatever an earlier run kept of it.
    """

    build: str
    root: Path
    now: dt.datetime
    day: dt.date
    settings: str
    clean: bool


class Order(Struct, frozen=True):
    """Some notes to make.

    Attributes:
        plan: What they are made from.
        keys: Their ids.
        drawn: The ids of those whose pictures are wanted.
        neighbors: Paths of a person's own notes on the same things, by id; only of those that have one.
    """

    plan: Plan
    keys: tuple[str, ...]
    drawn: frozenset[str]
    neighbors: Mapping[str, str]


class Picture(Struct, frozen=True):
    """A picture that a note embeds.

    Attributes:
        file: Its file name.
        fingerprint: By which it is known again.
        data: The picture; None if a file with this fingerprint was there already.
    """

    file: str
    fingerprint: str
    data: bytes | None


class Made(Struct, frozen=True):
    """A note that was made.

    Attributes:
        key: Its id.
        view: Its view; what its charts are drawn from is left out.
        reads: What it was made from, each with the digest that the worker saw.
        findings: What is said of its claims and figures.
        pictures: Its pictures, drawn.
    """

    key: str
    view: NoteView
    reads: Mapping[Leaf, str]
    findings: tuple[Finding, ...]
    pictures: tuple[Picture, ...]


class Answer(Struct, frozen=True):
    """What a worker answers.

    Attributes:
        made: The notes that it made; one that cannot be made is left out, and is made, or told, where it was asked for.
    """

    made: tuple[Made, ...]


def settings_digest(session: Session) -> str:
    """Return the digest of the settings that notes are made by."""
    return digest_of(session.settings.model_dump())


# As bytes -----------------------------------------------------------------------------------------------------------


class _Pickler(pickle.Pickler):
    """Leaves out what is of no use to whoever made the order: what charts are drawn from, and places of texts."""

    def reducer_override(self, thing: Any) -> Any:
        if type(thing) is ChartRequest:
            return _drawn, (thing.file, thing.recipe, thing.as_of, thing.caption)
        if type(thing) is Filled:  # gives what it does not know from its parts, which it lacks while it is unpacked
            return Filled, (thing.kind, thing.parts, thing.charts, thing.lines)
        if type(thing) is Written:
            return str, (str.__str__(thing),)
        return NotImplemented


def _drawn(file: str, recipe: str, as_of: dt.date | None, caption: Any) -> ChartRequest:
    return ChartRequest(file, cast("Any", None), recipe, as_of, caption)


def packed(thing: Order | Answer) -> bytes:
    """Return an order or an answer as bytes."""
    into = io.BytesIO()
    _Pickler(into, protocol=5).dump(thing)
    return into.getvalue()


unpacked: Callable[[bytes], Any] = pickle.loads
"""Gives back what was packed."""


_REFUSED = b"!"
"""Begins the answer of a worker that made nothing; it is understood by every version of the code."""


def refusal(why: str) -> bytes:
    """Return the answer of a worker that made nothing.

    Args:
        why: Why it did not, about itself: `it sees other settings`.
    """
    return _REFUSED + why.encode("utf-8", "replace")


def refused(answer: bytes) -> str:
    """Return why a worker made nothing; an empty text if it did."""
    return answer[1:].decode("utf-8", "replace") if answer.startswith(_REFUSED) else ""
