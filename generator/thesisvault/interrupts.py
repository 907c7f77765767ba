"""Ctrl-C: it ends what waits, never what judges or writes, and is told in one line however often it comes.

A `KeyboardInterrupt` that falls into a finalizer is swallowed by Python, which prints a traceback and goes on. Here the
press is delivered again instead. One that comes while another is still on its way up would end what cleans up after
the first, so it is not raised.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

_ON_ITS_WAY = 0.5
"""Seconds for which a press that was raised is taken to be still on its way up."""
_AGAIN_AFTER = 0.05
"""Seconds after which a press that fell into a finalizer is delivered again; by then the finalizer is left."""


class _Press:
    """Raises `KeyboardInterrupt`, and no second one while the first is on its way.

    Attributes:
        is_deaf: Whether only presses by this program itself count.
        is_own: Whether this program has pressed.
    """

    def __init__(self) -> None:
        self.is_deaf = self.is_own = False
        self._is_busy = self._is_missed = False
        self._number: int = signal.SIGINT
        self.forget()

    @property
    def counts(self) -> bool:
        """Whether a press that comes now counts."""
        return self.is_own or not self.is_deaf

    def forget(self) -> None:
        """Take the next press for the first one."""
        self._raised = float("-inf")

    def raise_once(self, number: int = signal.SIGINT, _frame: FrameType | None = None) -> None:
        self._number = number
        if self._is_busy:
            self._is_missed = True
        elif self.counts and time.monotonic() - self._raised >= _ON_ITS_WAY:
            self.end()

    def end(self) -> None:
        """Raise `KeyboardInterrupt` here."""
        self._raised = time.monotonic()
        raise KeyboardInterrupt

    def again(self) -> None:
        """Deliver the press once more, from outside of what swallowed it.

        On a busy machine it may come while this still goes on, where it would be swallowed again.
        """
        self.forget()
        self._is_busy = self._is_missed = True
        try:
            while self._is_missed:
                self._is_missed = False
                waiting = threading.Timer(_AGAIN_AFTER, _deliver, (self._number,))
                waiting.daemon = True
                waiting.start()
        finally:  # there may be no more threads to be had; the next press counts all the same
            self._is_busy = False


def press() -> None:
    """Send Ctrl-C to the main thread, so that it ends a wait there; see `pressable` for where Ctrl-C is ignored."""
    _deliver(signal.SIGINT)


def _deliver(number: int) -> None:
    _press.is_own = True
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, number)


_press = _Press()


@contextmanager
def heard() -> Iterator[None]:
    """Hear Ctrl-C for a whole command: no press is lost in a finalizer, and none disturbs the end of another.

    Nothing changes outside the main thread and where somebody else handles or ignores the signal already.
    """
    with _hearing(signal.default_int_handler):
        yield


@contextmanager
def pressable() -> Iterator[None]:
    """Have `press` end the body also where Ctrl-C is ignored, as in a job that a shell started in the background.

    A press by anybody else stays ignored there.
    """
    with _hearing(signal.SIG_IGN, is_deaf=True):
        yield


@contextmanager
def _hearing(before: object, *, is_deaf: bool = False) -> Iterator[None]:
    """Hear Ctrl-C in the main thread, where it is handled so before.

    Args:
        before: What the signal has to lead to, and leads to again afterwards.
        is_deaf: Whether only presses by this program itself count.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not before:
        yield
        return
    _press.forget()
    _press.is_deaf, _press.is_own = is_deaf, False
    signal.signal(signal.SIGINT, _press.raise_once)
    try:
        with _none_lost():
            yield
    finally:
        if signal.getsignal(signal.SIGINT) == _press.raise_once:
            signal.signal(signal.SIGINT, before)
        _press.is_deaf = False


@contextmanager
def _none_lost() -> Iterator[None]:
    """Have a press that falls into a finalizer, where Python drops it, delivered again."""
    hook = sys.unraisablehook

    def unraisable(problem: sys.UnraisableHookArgs) -> None:
        if issubclass(problem.exc_type, KeyboardInterrupt):
            _press.again()
        else:
            hook(problem)

    sys.unraisablehook = unraisable
    try:
        yield
    finally:
        sys.unraisablehook = hook


@contextmanager
def ended_by_others() -> Iterator[None]:
    """Take the signals by which others end a process, such as a supervisor or a closing terminal, for Ctrl-C.

    Nothing changes outside the main thread and for a signal that somebody else handles or ignores already.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGTERM", "SIGHUP")
    numbers = [signal.Signals[name] for name in names if name in signal.Signals.__members__]
    ours = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    _press.forget()
    for number in ours:
        signal.signal(number, _as_ctrl_c)
    try:
        with _none_lost():  # Ctrl-C may be ignored here, so that nothing else sees to that
            yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    # Ctrl-C itself may be ignored, as in a job that a shell started in the background; this is not.
    _press.is_own = True
    handler = signal.getsignal(signal.SIGINT)
    (handler if callable(handler) else _press.raise_once)(number, frame)


def was_interrupted(problem: BaseException) -> bool:
    """Return whether an error only wraps a Ctrl-C, as when it fell into the import of a library."""
    cause = problem.__cause__ or problem.__context__
    return cause is not None and (isinstance(cause, KeyboardInterrupt) or was_interrupted(cause))


class Interrupts:
    """Holds Ctrl-C back while it is entered, except inside `allowed`.

    It does so only in the main thread and where nobody else handles or ignores the signal already.
    """

    def __init__(self) -> None:
        self._pressed = self._is_allowed = False
        self._before: object = None

    def __enter__(self) -> Interrupts:
        self._pressed = False
        handler = signal.getsignal(signal.SIGINT)
        is_main = threading.current_thread() is threading.main_thread()
        is_ours = handler is signal.default_int_handler or handler == _press.raise_once
        self._before = handler if is_main and is_ours else None
        if self._before is not None:
            if handler is signal.default_int_handler:  # else it may be the end of a first press that enters this
                _press.forget()
            signal.signal(signal.SIGINT, self._hold)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]
        if kind is None:
            self.check()

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let Ctrl-C end what waits inside, at once if it was pressed before.

        Raises:
            KeyboardInterrupt: It was pressed.
        """
        self._is_allowed = True
        try:
            self.check()
            yield
        finally:
            self._is_allowed = False

    def check(self) -> None:
        """End the work here if Ctrl-C was pressed.

        Raises:
            KeyboardInterrupt: It was.
        """
        if self._pressed:
            _press.end()

    def _hold(self, number: int, _frame: FrameType | None) -> None:
        if not _press.counts:
            return
        self._pressed = True
        if self._is_allowed:
            _press.raise_once(number)
