"""A power cut at a chosen write: the work is done in a child process, which kills itself there."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any


def killed_at(count: int, work: Callable[[], object]) -> int:
    """Return how a child process that did this work ended: minus the signal, or an exit status.

    Args:
        count: The step of writing at which it is killed, from 1: a file made, half of its bytes written, all of them,
            brought to the disk, put in place, taken away, or a folder made. Beyond the last it ends by itself.
        work: What it does.
    """
    return _forked(work, count)[0]


def steps_of(work: Callable[[], object]) -> list[str]:
    """Return the steps of writing that this work takes, by their names; it is done in a child process, and stays."""
    status, steps = _forked(work, 0)
    assert status == 0
    return steps


def _forked(work: Callable[[], object], count: int) -> tuple[int, list[str]]:
    read, write = os.pipe()
    child = os.fork()
    if child:
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status), said.decode().split()
    status = 70
    sys.settrace(None)  # what is measured in a child that ends like this is lost, and costs time
    try:
        steps = _Steps(count)
        steps.watch()
        work()
        with os.fdopen(write, "w") as pipe:
            pipe.write(" ".join(steps.done))
        status = 0
    except BaseException:  # noqa: BLE001 - the child must not go on as a second run of the tests
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            os._exit(status)


class _Steps:
    def __init__(self, last: int) -> None:
        self.last = last
        self.done: list[str] = []

    def step(self, name: str) -> None:
        self.done.append(name)
        if len(self.done) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        for name in ("fsync", "replace", "rename", "unlink", "mkdir", "remove"):
            setattr(os, name, self._watched(name, getattr(os, name)))
        opened, wrapped = os.open, os.fdopen

        def opening(path: Any, flags: int, *more: Any, **named: Any) -> int:
            number = opened(path, flags, *more, **named)
            if flags & os.O_CREAT:
                self.step("made")
            return number

        def wrapping(number: int, *more: Any, **named: Any) -> Any:
            return _HalfWriter(wrapped(number, *more, **named), self)

        os.open, os.fdopen = opening, wrapping  # type: ignore[assignment]

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*words: Any, **named: Any) -> Any:
            self.step(name)
            return call(*words, **named)

        return counted


class _HalfWriter:
    """A file that brings half of what is written to the disk before the rest."""

    def __init__(self, file: Any, steps: _Steps) -> None:
        self._file, self._steps = file, steps

    def write(self, data: bytes) -> int:
        half = len(data) // 2
        self._file.write(data[:half])
        self._file.flush()
        self._steps.step("half")
        self._file.write(data[half:])
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _HalfWriter:
        return self

    def __exit__(self, *problem: object) -> None:
        self._file.close()
