"""The choice of an executor: the one that was asked for, or the one that a plan is large enough to pay for."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

from thesisvault.errors import UsageError, did_you_mean
from thesisvault.patterns import regex

INLINE, PROCESSES, AUTO, DASK = "inline", "processes", "auto", "dask://"
ENOUGH = 200
"""How many notes a process makes in the time in which another one starts and opens the workspace."""
_ADDRESS = regex(r"dask://(\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):(\d{1,5})/?")


class Executor(Protocol):
    """Carries orders to workers."""

    def __len__(self) -> int:
        """How many workers are to be reckoned with."""

    def answers(self, orders: Sequence[bytes], version: str) -> Generator[bytes, None, None]:
        """Yield the answer to each order as it comes; an order whose workers were lost has none."""


def executor_word(text: str) -> str:
    """Return the name of an executor, if it is one.

    Raises:
        UsageError: It is none.
    """
    known = (AUTO, INLINE, PROCESSES)
    if text in known or address_of(text):
        return text
    hint = did_you_mean(text, known) or f"Known are {', '.join(known)} and dask://HOST:PORT."
    raise UsageError(f'--executor: "{text}" is not known.', hint=hint)


def address_of(text: str) -> str:
    """Return host and port of a Dask scheduler; an empty text for anything else.

    >>> address_of("dask://desk:8786"), address_of("dask://desk"), address_of("dask://desk:99999")
    ('desk:8786', '', '')
    """
    found = _ADDRESS.fullmatch(text)
    return f"{found[1]}:{found[2]}" if found and 0 < int(found[2]) < 65536 else ""


def executor_for(asked: str, notes: int) -> Executor | None:
    """Return what makes so many notes; None: this process does.

    Args:
        asked: What was asked for, as `executor_word` returns it.
        notes: How many notes have to be made.
    """
    if asked == INLINE or not notes:
        return None
    if address := address_of(asked):
        from thesisvault.runs.executors.cluster import Cluster

        return Cluster(address)
    from thesisvault.runs.executors import processes

    number = processes.cores()
    # Of the work done here, all but the share of one process is saved, and the time that they take to start is lost.
    if asked == AUTO and notes * (number - 1) < ENOUGH * number:
        return None
    return processes.Processes(min(number, notes))
