"""What was made last: the sides of thousands of theses are series too, and few of them are wanted twice."""

from __future__ import annotations

from typing import TypeVar

V = TypeVar("V")

MOST = 8
"""How many sides are held at once."""
FEW = 4
"""How many of them are held for one earlier day; there are many such days."""


class Recent(dict[str, V]):
    """A mapping by the names of series that holds only the last sides of theses that were put in, and all else.

    What it has let go is made again when it is wanted.

    Args:
        most: How many sides it holds.
    """

    def __init__(self, most: int = MOST) -> None:
        super().__init__()
        self._most = most
        self._sides: dict[str, None] = {}

    def __setitem__(self, name: str, value: V) -> None:
        """Put one in; the side that was put in longest ago goes."""
        if ":" in name:
            self._sides[name] = None
            if len(self._sides) > self._most:
                oldest = next(iter(self._sides))
                del self._sides[oldest]
                self.pop(oldest, None)
        super().__setitem__(name, value)
