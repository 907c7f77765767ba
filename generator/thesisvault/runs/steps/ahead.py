"""Making ahead: where it pays, an executor makes the notes that have to be made anew before they are asked for.

What comes back is taken only if it was made from what this run sees. Everything else is made here when it is asked for:
notes that nobody answered for, notes that cannot be made, and notes of a worker that sees something else.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from thesisvault.errors import Finding
from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.engine.leaves import SEPARATOR, Leaf
from thesisvault.runs.executors.choice import AUTO, ENOUGH, INLINE, executor_for
from thesisvault.runs.steps.composing import Planned
from thesisvault.runs.steps.usage import Target
from thesisvault.session import Session
from thesisvault.words import plural

if TYPE_CHECKING:
    from thesisvault.runs.executors.orders import Answer, Order, Plan

_ORDERS_EACH = 4
"""How many orders each worker gets, so that none is left alone with the last of them."""
_MOST = 16
"""The most notes of an order."""


class Ahead:
    """Notes that an executor makes while this process writes those that came back before them.

    Args:
        engine: Takes what was made.
        planned: The notes of the build, but for the home note.
        neighbors: Paths of a person's own notes, each by what it is about.
        is_there: Whether the note of an id lies in the vault.
        is_asked: Whether the note of an id is to be written.
        session: The run.
        day: The last day of data.
        asked: Which executor was asked for.

    Raises:
        UsageError, SchedulerError: The executor that was asked for is not to be had.
    """

    def __init__(
        self,
        engine: Engine,
        planned: Sequence[Planned],
        neighbors: Mapping[Target, str],
        is_there: Callable[[str], bool],
        is_asked: Callable[[str], bool],
        session: Session,
        day: dt.date,
        asked: str,
    ) -> None:
        self._engine = engine
        self._unused: Counter[str] = Counter()
        self._awaited: set[str] = set()
        self._answers: Generator[bytes, None, None] | None = None
        if asked == INLINE or (asked == AUTO and len(planned) < ENOUGH):
            return
        # What shows claims of others is made here, once these are known.
        alone = [each.id for each in planned if each.claims is None]
        keys = [key for key in alone if engine.must_make(key, is_there=is_there(key))]
        executor = executor_for(asked, len(keys))
        if executor is None:
            return
        from thesisvault.runs.executors.orders import Plan, packed, settings_digest
        from thesisvault.runs.executors.version import own_version

        plan = Plan(
            uuid.uuid4().hex, session.root.absolute(), session.now, day, settings_digest(session), clean=engine.clean
        )
        theirs = {"/".join(target): path for target, path in neighbors.items()}
        orders = [packed(each) for each in _orders(plan, keys, is_asked, theirs, len(executor))]
        self._awaited, self._answers = set(keys), executor.answers(orders, own_version())

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        if self._answers is not None:
            self._answers.close()

    def wait_for(self, key: str) -> None:
        """Take in what was made until the note of an id is among it, or nobody makes it any more.

        Raises:
            SchedulerError: The scheduler was lost.
        """
        if self._answers is None or key not in self._awaited:
            return
        from thesisvault.runs.executors.orders import refused, unpacked

        while self._answers is not None and key in self._awaited:
            answer = next(self._answers, None)
            if answer is None:
                self._awaited.clear()
            elif why := refused(answer):
                self._unused[why] += 1
            else:
                self._take(unpacked(answer))

    def _take(self, answer: Answer) -> None:
        for made in answer.made:
            self._awaited.discard(made.key)
            if other := self._engine.differ(made.reads):
                self._unused[_other(other[0])] += 1
            else:
                self._engine.ahead[made.key] = made

    def findings(self) -> list[Finding]:
        """Return what is to be said of workers whose work was not used."""
        return [_finding(why, count) for why, count in self._unused.items()]


def _orders(
    plan: Plan, keys: Sequence[str], is_asked: Callable[[str], bool], theirs: Mapping[str, str], workers: int
) -> Iterator[Order]:
    from thesisvault.runs.executors.orders import Order

    size = max(1, min(_MOST, len(keys) // (_ORDERS_EACH * workers)))
    for first in range(0, len(keys), size):
        part = tuple(keys[first : first + size])
        drawn = frozenset(filter(is_asked, part))
        yield Order(plan, part, drawn, {key: theirs[key] for key in part if key in theirs})


def _other(leaf: Leaf) -> str:
    kind, name = leaf
    return f'it sees another {kind} "{name}"' if SEPARATOR not in name else "it sees other prices or definitions"


def _finding(why: str, count: int) -> Finding:
    """Return what is said of workers whose work was not used; the notes are made, and are right."""
    said = (
        f"work of a worker was not used {plural(count, 'time')}: {why.rstrip('.')}. The notes were made here instead."
    )
    hint = "Give every worker the same workspace, under the same path, and the same installation; then start it again."
    return Finding(said, hint=hint, level="warning", code="worker", subject=why)
