"""Processes of this machine, each of which answers one order after the other.

The pools of the standard library give up all work when one process dies; here the order of a process that died goes to
another one. A process ends by itself once nobody is left to give orders, however this process ended.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from multiprocessing.connection import Connection, wait

from msgspec import Struct

from thesisvault.interrupts import Interrupts

_TRIES = 2
"""How often an order is given before it is left to whoever made it."""
_MOST_LOST = 4
"""How many processes may die before the rest is left, too: a machine without memory kills every one."""
_GRACE = 5.0
"""Seconds in which a process that has nothing left to do may end by itself."""
_SPAWN = multiprocessing.get_context("spawn")


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes:
    """Processes of this machine.

    Args:
        number: How many there are at most.
    """

    def __init__(self, number: int) -> None:
        self._number = number

    def __len__(self) -> int:
        return self._number

    def answers(self, orders: Sequence[bytes], version: str) -> Generator[bytes, None, None]:
        """Yield the answer to each order as it comes.

        An order that two processes died of has none, and none is given any more once too many have died.
        """
        waiting = deque(_Given(order) for order in orders)
        at_work: dict[Connection, _Worker] = {}
        done: list[_Worker] = []
        lost = 0
        with Interrupts() as interrupts:
            try:
                while waiting or at_work:
                    while waiting and len(at_work) < self._number:
                        try:
                            worker = _Worker(waiting[0], version)
                        except OSError:  # the machine has no room for one more
                            self._number = len(at_work)
                            break
                        waiting.popleft()
                        at_work[worker.connection] = worker
                    if not at_work:
                        return
                    with interrupts.allowed():
                        ready = wait(list(at_work))
                    for worker in [at_work[each] for each in ready]:  # type: ignore[index]
                        answer = worker.answer()
                        if answer is None or not waiting:
                            del at_work[worker.connection]
                            done.append(worker)
                        else:
                            worker.give(waiting.popleft())
                        if answer is not None:
                            with interrupts.allowed():  # whoever takes it goes on with work of their own
                                yield answer
                            continue
                        lost += 1
                        if lost > _MOST_LOST:
                            return
                        if worker.given.tries < _TRIES:
                            waiting.append(_Given(worker.given.order, worker.given.tries + 1))
                for worker in done:
                    worker.dismiss()
            finally:
                for worker in (*done, *at_work.values()):
                    worker.end()


class _Given(Struct, frozen=True):
    """An order, and how often it was given."""

    order: bytes
    tries: int = 1


class _Worker:
    """A process that works on an order."""

    def __init__(self, given: _Given, version: str) -> None:
        self.given = given
        self.connection, there = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=serve, args=(there, version), daemon=True)
        try:
            with _unheard():
                self._process.start()
        except OSError:
            self.connection.close()
            raise
        finally:
            there.close()
        self.give(given)

    def give(self, given: _Given) -> None:
        """Give it its next order; if it has died, waiting for the answer shows it."""
        self.given = given
        with contextlib.suppress(OSError):
            self.connection.send_bytes(given.order)

    def answer(self) -> bytes | None:
        """Return its answer; None if it died."""
        try:
            return self.connection.recv_bytes()
        except (EOFError, OSError):
            return None

    def dismiss(self) -> None:
        """Have it end by itself."""
        self.connection.close()
        self._process.join(_GRACE)

    def end(self) -> None:
        """End it if it has not ended, and wait for that."""
        self.connection.close()
        self._process.kill()
        self._process.join()


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Have a process that is started meanwhile hear no Ctrl-C: the one that started it ends it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(connection: Connection, version: str) -> None:
    """Answer orders until nobody is left to give any: what a process does.

    Args:
        connection: Brings the orders, and takes the answers.
        version: The version of the code of whoever gives the orders.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    from thesisvault.runs.executors.worker import answer, close

    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.send_bytes(answer(connection.recv_bytes(), version))
    close()
