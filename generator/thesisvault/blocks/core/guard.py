"""The one place where a fault of ours, met while something is filled, becomes a finding at what was being filled.

A build that ends in a traceback says nothing of the definition that led to it. So whatever is raised that is no error
of this package is told at the file and line of the block or definition, and nothing is written. With
`THESISVAULT_DEBUG` in the environment it is let through, and its traceback is shown.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from thesisvault.blocks.core.context import BlockError
from thesisvault.errors import DEBUG, ThesisvaultError
from thesisvault.interrupts import was_interrupted


@contextmanager
def filling(what: str, text: str) -> Iterator[None]:
    """Turn a fault inside into an error with a place; what this package or the disk says, and a Ctrl-C, pass through.

    Args:
        what: What is being filled, such as `the block "chart"`.
        text: The text by which its place is found again, such as the key of a block.

    Raises:
        BlockError: It cannot be filled, by a fault of ours.
    """
    try:
        yield
    except (ThesisvaultError, OSError):
        raise
    except Exception as bug:
        if os.environ.get(DEBUG) or was_interrupted(bug):
            raise
        said = f"{type(bug).__name__}: {' '.join(str(bug).split())}".removesuffix(": ")
        words = f"{what} cannot be filled: internal error (bug): {said}."
        raise BlockError(f"{words} Please report it with the traceback that {DEBUG}=1 shows.", text) from bug
