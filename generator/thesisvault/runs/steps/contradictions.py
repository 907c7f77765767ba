"""Contradictions: the claims that the data contradict, which a run reports."""

from __future__ import annotations

from collections.abc import Iterator

from thesisvault.blocks.core.filled import inside
from thesisvault.blocks.core.judging import Verdict
from thesisvault.errors import Finding
from thesisvault.notes.views import NoteView


def contradicted(view: NoteView) -> Iterator[Finding]:
    """Yield a warning for every contradicted claim that a note shows."""
    for verdict in inside(view.shown, Verdict):
        if verdict.outcome == "contradicted":
            label = (*verdict.label, " ") if verdict.label else ()
            said = "".join(part if isinstance(part, str) else part.text for part in (*label, *verdict.says))
            problem = f'{view.title}: "{said}" is contradicted: {verdict.sentence}.'
            yield Finding(
                problem,
                level="warning",
                code="contradicted",
                subject=f"{view.title}: {said}",
                alike="contradicted claims",
                short=view.title,
            )
