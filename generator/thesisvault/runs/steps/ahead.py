"""Making ahead: where it pays, the notes that have to be made anew are made by an executor before they are asked for.

What comes back is taken only if it was made from what this run sees. Everything else is made here when it is asked for:
notes that nobody answered for, notes that cannot be made, and notes of a worker that sees something else.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing

from thesisvault.errors import Finding
from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.engine.leaves import SEPARATOR, Leaf
from thesisvault.runs.executors.choice import AUTO, ENOUGH, INLINE, executor_for
from thesisvault.runs.executors.orders import Answer, Order, Plan, packed, refused, settings_digest, unpacked
from thesisvault.runs.report import Progress
from thesisvault.runs.steps.composing import Planned
from thesisvault.runs.steps.usage import Target
from thesisvault.session import Session
from thesisvault.words import plural

_ORDERS_EACH = 4
"""How many orders each worker gets, so that none is left alone with the last of them."""
_MOST = 16
"""The most notes of an order."""


def make_ahead(
    engine: Engine,
    planned: Sequence[Planned],
    neighbors: Mapping[Target, str],
    is_there: Callable[[str], bool],
    is_asked: Callable[[str], bool],
    session: Session,
    day: dt.date,
    asked: str,
    progress: Progress,
) -> list[Finding]:
    """Have notes made by the executor that was asked for, or that pays; return what is to be said of its workers.

    Args:
        engine: Takes what was made.
        planned: The notes of the build, but for the home note.
        neighbors: Paths of a person's own notes, each by what it is about.
        is_there: Whether the note of an id lies in the vault.
        is_asked: Whether the note of an id is to be written.
        session: The run.
        day: The last day of data.
        asked: Which executor was asked for.
        progress: Is told what is going on.

    Raises:
        UsageError, SchedulerError: The executor that was asked for is not to be had, or was lost.
    """
    if asked == INLINE:
        return []
    if asked == AUTO and len(planned) < ENOUGH:
        return []
    keys = [each.id for each in planned if engine.must_make(each.id, is_there=is_there(each.id))]
    executor = executor_for(asked, len(keys))
    if executor is None:
        return []
    from thesisvault.runs.executors.version import own_version

    plan = Plan(
        uuid.uuid4().hex, session.root.absolute(), session.now, day, settings_digest(session), clean=engine.clean
    )
    theirs = {"/".join(target): path for target, path in neighbors.items()}
    orders = list(_orders(plan, keys, is_asked, theirs, len(executor)))
    unused: Counter[str] = Counter()
    done = 0
    with closing(executor.answers([packed(each) for each in orders], own_version())) as answers:
        for answer in answers:
            if why := refused(answer):
                unused[why] += 1
                continue
            found: Answer = unpacked(answer)
            for made in found.made:
                if other := engine.differ(made.reads):
                    unused[_other(other[0])] += 1
                else:
                    engine.ahead[made.key] = made
            done += len(found.made)
            progress("figures", min(done, len(keys)), len(keys))
    return [_finding(why, count) for why, count in unused.items()]


def _orders(
    plan: Plan, keys: Sequence[str], is_asked: Callable[[str], bool], theirs: Mapping[str, str], workers: int
) -> Iterator[Order]:
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
