"""Where a refresh stands, for somebody who watches it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

_MINUTE, _HOUR = 60, 3600


class Step(Struct, frozen=True):
    """Where a refresh stands.

    Attributes:
        name: The ticker that is asked for; empty: none any more.
        done: How many series are done.
        total: How many there are, those that are asked for once more included.
        seconds: How long the others will take, as far as can be told from those done.
        waiting: For what it waits and how long; empty: for the answer.

    >>> Step("XLE", 12, 212, 100.0).text
    'XLE, 200 left, about 2 min'
    >>> Step("XLE", 12, 212, None, "16 s: Yahoo refuses for now").text
    'XLE, 200 left; waiting 16 s: Yahoo refuses for now'
    """

    name: str
    done: int
    total: int
    seconds: float | None = None
    waiting: str = ""

    @property
    def text(self) -> str:
        """What is said beside the numbers."""
        if not self.name:
            return ""
        about = f", {_about(self.seconds)}" if self.seconds is not None else ""
        waiting = f"; waiting {self.waiting}" if self.waiting else ""
        return f"{self.name}, {self.total - self.done} left{about}{waiting}"


Progress = Callable[[Step], None]


def _about(seconds: float) -> str:
    if seconds < _MINUTE:
        return "less than a minute"
    if seconds < 2 * _HOUR:
        return f"about {seconds / _MINUTE:.0f} min"
    return f"about {seconds / _HOUR:.0f} h"


class Steps(Struct):
    """Tells of the steps of one refresh.

    Attributes:
        tell: Whom.
        clock: Seconds that only go forward.
        most: How many seconds the run has left at most.
        total: How many series there are.
        done: How many are done.
        name: The one that is asked for.
    """

    tell: Progress
    clock: Callable[[], float]
    most: Callable[[], float]
    total: int
    done: int = 0
    name: str = ""
    _began: float | None = None

    def begin(self, name: str) -> None:
        """Tell that a series is asked for now."""
        self._began = self.clock() if self._began is None else self._began
        self.name = name
        self.tell(Step(name, self.done, self.total, self._left()))

    def end(self) -> None:
        """Tell that it is done."""
        self.done, self.name = self.done + 1, ""
        self.tell(Step("", self.done, self.total))

    def wait(self, seconds: float, for_what: str) -> None:
        """Tell that a wait begins."""
        self.tell(Step(self.name, self.done, self.total, self._left(), f"{seconds:.0f} s: {for_what}"))

    def _left(self) -> float | None:
        if not self.done or self._began is None:
            return None
        return max(0.0, min(self.most(), (self.clock() - self._began) / self.done * (self.total - self.done)))
