"""Ctrl-C during a refresh: it ends what waits, and never what judges or writes.

An answer that has arrived is thus always stored, however often and whenever somebody presses.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType


class Interrupts:
    """Holds Ctrl-C back while it is entered, except inside `allowed`.

    It does so only in the main thread and where nobody else handles or ignores the signal already.
    """

    def __init__(self) -> None:
        self._pressed = self._is_allowed = self._is_held = False

    def __enter__(self) -> Interrupts:
        self._pressed = False
        is_main = threading.current_thread() is threading.main_thread()
        self._is_held = is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if self._is_held:
            signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_held:
            signal.signal(signal.SIGINT, signal.default_int_handler)
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
            raise KeyboardInterrupt

    def _press(self, _number: int, _frame: FrameType | None) -> None:
        self._pressed = True
        if self._is_allowed:
            self._is_allowed = False  # the next press must not disturb what this one begins
            raise KeyboardInterrupt
