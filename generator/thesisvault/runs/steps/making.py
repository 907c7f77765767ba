"""Making: each note in one go, one after another, so that no more than one of them is held whole.

Its view is composed, its pictures are drawn, its regions rendered and joined with its file; what is to be written waits
outside of memory, and a small record of the note is all that stays.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import gc
from collections.abc import Callable, Sequence

from msgspec import Struct, field

from thesisvault.errors import DefinitionError, Finding
from thesisvault.notes.brief import Brief
from thesisvault.notes.properties.values import property_types
from thesisvault.notes.views import NoteView
from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.report import Progress
from thesisvault.runs.steps.claimed import ClaimBook
from thesisvault.runs.steps.compose.home import HomeParts
from thesisvault.runs.steps.composing import Planned, composed, composed_home
from thesisvault.runs.steps.linking import FreeAliases
from thesisvault.runs.steps.merging import MergedNote, Merger
from thesisvault.runs.steps.pictures import draw_pictures
from thesisvault.runs.steps.placing import Placed
from thesisvault.runs.steps.rendering import Regions
from thesisvault.runs.steps.trust import add_stale
from thesisvault.vault.changes import Changes
from thesisvault.workspace import Workspace

_BETWEEN = 10
"""How many notes are made anew before memory is cleared of what was only needed for them."""


class Made(Struct):
    """What a build made.

    Attributes:
        notes: The notes that are to be written, joined with their files.
        pictures: File names of the pictures that they embed.
        types: The types of the properties of all notes.
        stale: Stale series behind figures, each with the day on which it ends.
        briefs: What the home note says of theses and concepts.
    """

    notes: list[MergedNote] = field(default_factory=list)
    pictures: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    stale: dict[str, dt.date] = field(default_factory=dict)
    briefs: list[Brief] = field(default_factory=list)


@dataclasses.dataclass
class Making:
    """Makes the notes of a build.

    Attributes:
        engine: Makes what is not known from an earlier run.
        placed: The paths of the notes.
        workspace: The folders.
        changes: Takes what is to be written.
        render: Renders a view.
        merger: Joins a note with its file.
        is_there: Whether the note of an id lies in the vault.
        is_asked: Whether the note of an id is to be written.
        progress: Is told what is going on.
        wait_for: Waits until the note of an id is made, where somebody else makes it.
        book: Takes in the claims of theses and concepts, for the notes that show or count them.
        made: What was made.
    """

    engine: Engine
    placed: Placed
    workspace: Workspace
    changes: Changes
    render: Callable[[NoteView], Regions]
    merger: Merger
    is_there: Callable[[str], bool]
    is_asked: Callable[[str], bool]
    progress: Progress
    wait_for: Callable[[str], None]
    book: ClaimBook
    made: Made = dataclasses.field(default_factory=Made)

    def __post_init__(self) -> None:
        self._aliases = FreeAliases(self.placed)

    def notes(self, planned: Sequence[Planned]) -> None:
        """Make all notes but the home note.

        Raises:
            DefinitionError: Something typed in definitions cannot be filled; the error holds all such findings.
        """
        findings: list[Finding] = []
        cleared = 0
        for done, note in enumerate(planned, 1):
            self.progress("notes", done, len(planned))
            self.wait_for(note.id)
            try:
                view = composed(self.engine, note, self.book, is_there=self.is_there(note.id))
            except DefinitionError as problem:
                findings += problem.findings
                continue
            self.made.briefs += [view.brief] if view.brief else []
            if not findings:
                self._write(view)
            del view
            self.engine.done(note.id)
            if len(self.engine.changed) >= cleared + _BETWEEN:
                cleared = len(self.engine.changed)
                gc.collect(1)  # what a view is made of refers to itself, and would stay until a great deal lies about
        if findings:
            raise DefinitionError(sorted(findings, key=lambda each: each.sort_key))

    def home(self, parts: HomeParts) -> None:
        """Make the home note, which is made from what is known of all others."""
        self._write(composed_home(self.engine, parts, is_there=self.is_there("home")))

    def _write(self, view: NoteView) -> None:
        """Have a note written if it is asked for."""
        view = self._aliases.given(view)
        add_stale(self.made.stale, view.stale_series)
        self.made.types |= property_types(view.properties)
        if not self.is_asked(view.id):
            return
        draw_pictures(view, self.engine, self.workspace, self.changes)
        self.made.pictures.update(view.pictures)
        self.made.notes.append(self.merger.merged(view, self.render(view)))
