"""The worker: an order in, an answer out; it reads the workspace and writes nothing.

A worker keeps the workspace open from one order to the next of the same build. What differs from what the run sees is
found by whoever gave the order, which compares every digest; here it is only told what can be told at once.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import suppress

from thesisvault.definitions.cards import read_kept
from thesisvault.definitions.library import Library
from thesisvault.definitions.read import read_library
from thesisvault.digests import digest_of_code
from thesisvault.errors import ThesisvaultError
from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market
from thesisvault.market.store.store import Store
from thesisvault.notes.typed.as_text import as_text
from thesisvault.runs.engine.engine import sheet
from thesisvault.runs.engine.leaves import Leaves
from thesisvault.runs.executors.orders import Answer, Made, Order, Plan, packed, refusal, settings_digest, unpacked
from thesisvault.runs.executors.version import own_version
from thesisvault.runs.steps.claimed import ClaimBook
from thesisvault.runs.steps.composing import planned_note, said
from thesisvault.runs.steps.pictures import picture_of
from thesisvault.runs.steps.placing import kind_and_key
from thesisvault.runs.steps.usage import Target, Usage, usages
from thesisvault.session import Session
from thesisvault.workspace import SETTINGS_FILE, Workspace

OTHER_CODE = "it runs another version of thesisvault, of Python or of a library"
NO_WORKSPACE = "it finds no such workspace under the same path"
OTHER_SETTINGS = "it sees other settings"


def answer(order: bytes, version: str) -> bytes:
    """Return the answer to an order, as bytes; of several threads one works at a time.

    Args:
        order: The order, as bytes: it is understood only by the same version of the code.
        version: The version of whoever gives the order.
    """
    if own_version() != version:
        return refusal(OTHER_CODE)
    try:
        with _one_at_a_time:
            return _answer(unpacked(order))
    except Exception as bug:  # noqa: BLE001 - the build goes on without this worker, and says why
        return refusal(f"it failed ({type(bug).__name__}: {bug})")


_one_at_a_time = threading.Lock()
"""Drawing keeps its tools between pictures, and a market what it has read."""
_open: list[_Opened] = []
"""The workspace of the build that is going on, at most one."""


def _answer(order: Order) -> bytes:
    plan = order.plan
    if not (plan.root / SETTINGS_FILE).is_file():
        return refusal(NO_WORKSPACE)
    try:
        if not _open or _open[0].plan != plan:
            close()
            _open.append(_Opened(plan))
        opened = _open[0]
    except (ThesisvaultError, OSError) as problem:
        return refusal(f"it cannot open the workspace: {problem}")
    if opened.settings != plan.settings:
        return refusal(OTHER_SETTINGS)
    return packed(Answer(tuple(opened.made(order))))


def close() -> None:
    """Leave the workspace that is open, if one is."""
    while _open:
        _open.pop().store.close()


class _Opened:
    """A workspace that was opened for one build.

    Raises:
        ThesisvaultError, OSError: It cannot be.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        session = Session(plan.root, plan.now)
        self.settings = settings_digest(session)
        self.workspace: Workspace = session.workspace
        # The run that gave the order has just read every definition: what it kept of them is no older than its own.
        kept = read_kept(self.workspace.cache, digest_of_code(), as_text)
        self.library: Library = read_library(self.workspace, session.settings, kept)
        session.__dict__["library"] = self.library
        self.used: dict[Target, Usage] = usages(self.library)
        self.store = Store(self.workspace.store, create=False)
        self.scope: Scope = session.scope(self.store, plan.day, clean=plan.clean)
        self._book = ClaimBook(self.library)  # notes that show claims of others are made where these are known
        self._earlier: dict[dt.date, Market] = {}
        self._leaves = Leaves(self.library, self.scope.market, self.used, {})

    def made(self, order: Order) -> Iterator[Made]:
        """Yield the notes of an order that can be made."""
        for key in order.keys:
            with suppress(Exception):  # whoever gave the order makes the note again, and says what is wrong
                yield self._made(key, order.neighbors.get(key, ""), is_drawn=key in order.drawn)

    def _made(self, key: str, theirs: str, *, is_drawn: bool) -> Made:
        note = planned_note(self.library, self.used, kind_and_key(key), self._book, theirs)
        done = sheet(key, note.make, said, self.library, self.scope, self._earlier)
        # Whether a person has a note of their own is known to the run alone.
        leaves = (leaf for leaf in (*note.rests_on, *done.reads) if leaf[0] != "neighbor")
        reads = {leaf: self._leaves.digest(leaf) for leaf in leaves}
        pictures = tuple(picture_of(chart, self.workspace) for chart in done.view.charts) if is_drawn else ()
        return Made(key, done.view, reads, done.findings, pictures)
