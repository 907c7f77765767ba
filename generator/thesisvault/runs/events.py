"""Events: what happened to theses between two runs, a crossed kill line or a changed verdict.

Where each kill line and each claim stands is remembered from one run to the next. A state that is unknown for now, as
while a series is late, does not replace the one that was known: a line that is crossed meanwhile is still told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from thesisvault.blocks.core.context import BlockError, Context
from thesisvault.blocks.core.judging import judge
from thesisvault.blocks.core.signals import holds_now, word_of
from thesisvault.definitions.library import Library
from thesisvault.language.text import words_of
from thesisvault.runs.result import Event, Standing

_KILL, _CLAIM = "kill: ", "claim: "
_UNKNOWN = ("unknown", "untested")
_FORMER = {
    _CLAIM: {"off": "near", "cannot be checked": "untested"},
    _KILL: {"tripped": "triggered", "not tripped": "clear"},
}
"""States as earlier versions called them, which may still be remembered."""


def standing_of(library: Library, base: Context) -> dict[str, dict[str, str]]:
    """Return where the kill lines and the claims of all definitions stand, as far as they can be computed."""
    found: dict[str, dict[str, str]] = {}
    for key, record in library.definitions.items():
        context, states = base.for_definition(record), dict[str, str]()
        for signal in (each for each in record.model.signals if each.kills):
            with suppress(BlockError):  # what no note shows nobody has refused yet
                states[_KILL + signal.name] = word_of(signal, holds_now(signal, context))
        for claim in record.model.claims:
            with suppress(BlockError):
                verdict = judge(claim, context)
                states[_CLAIM + words_of(verdict.says)] = verdict.outcome
        if states:
            found[key] = states
    return found


def carried(before: Standing, now: Standing) -> dict[str, dict[str, str]]:
    """Return what is to be remembered: the states of now, and of those unknown now the ones of before."""
    return {
        thesis: {
            name: before.get(thesis, {}).get(name, state) if state in _UNKNOWN else state
            for name, state in states.items()
        }
        for thesis, states in now.items()
    }


def events_between(before: Standing, now: Standing, titles: Mapping[str, str]) -> Iterator[Event]:
    """Yield the kill lines that were crossed and the verdicts that changed.

    Args:
        before: The states that were remembered.
        now: The states of now; one that was not known before, or is not now, is no event.
        titles: The title of each definition, by its id.
    """
    for thesis, states in now.items():
        for name, state in states.items():
            old = before.get(thesis, {}).get(name, "unknown")
            old = _FORMER[_KILL if name.startswith(_KILL) else _CLAIM].get(old, old)
            if old == state or old in _UNKNOWN or state in _UNKNOWN:
                continue
            title = titles.get(thesis, thesis)
            if name.startswith(_KILL):
                says = f'{title}: the exit signal "{name.removeprefix(_KILL)}" went from {old} to {state}.'
                yield Event("kill-line", thesis, says)
            else:
                says = f'{title}: "{name.removeprefix(_CLAIM)}" was {old}, is {state}.'
                yield Event("verdict", thesis, says)
