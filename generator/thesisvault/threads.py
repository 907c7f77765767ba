"""One thread for linear algebra, which adds up in the same order on every machine then.

Nothing here is large enough for more of them, and to start them takes longer than to start Python. Lowest layer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

_NAME = "OPENBLAS_NUM_THREADS"
_set_here: list[str] = []


def limit_threads() -> None:
    """Have numpy start no threads, unless a person has set how many; to be called before it is loaded."""
    if _NAME not in os.environ:
        os.environ[_NAME] = "1"
        _set_here.append(_NAME)


def environment_of_person() -> Mapping[str, str]:
    """Return the environment as it was given to this process, for programs that are a person's own."""
    return {name: value for name, value in os.environ.items() if name not in _set_here}
