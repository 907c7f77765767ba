"""All checks, in the order in which one may be the cause of the next."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from thesisvault.doctor import computer, notes, sources
from thesisvault.doctor.checked import Checked, checked
from thesisvault.errors import ThesisvaultError
from thesisvault.session import Session


def examine(session: Session, *, offline: bool) -> Iterator[Checked]:
    """Yield the outcome of each check. Nothing is written, and no lock is taken.

    Args:
        session: The run.
        offline: Whether no provider is asked that touches a network.
    """
    yield computer.python()
    yield computer.fonts()
    yield checked("Write access", partial(computer.folders, session))
    yield checked("Lock", partial(notes.lock, session))
    yield checked("Definitions", partial(notes.definitions, session))
    yield checked("Clock", partial(computer.clock, session))
    try:
        yield from sources.providers(session, offline=offline)
    except ThesisvaultError as problem:
        yield checked("Providers", partial(_again, problem))
    yield checked("Calendars", partial(sources.calendars, session))
    yield checked("Prices", partial(sources.prices, session))
    yield checked("Obsidian", partial(notes.obsidian, session))
    yield checked("Schedule", partial(notes.schedule, session))


def _again(problem: ThesisvaultError) -> Checked:
    raise problem
