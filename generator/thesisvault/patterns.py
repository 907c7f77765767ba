"""Regular expressions that are compiled when they are first used. Lowest layer.

A run uses a third of those that there are, and to compile them all takes as long as three bare starts of Python.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

_USES = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn")


class _Late:
    """Stands in for a pattern, and is it as soon as somebody asks for anything of it."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._given: tuple[Any, int] = text, flags

    def __getattr__(self, name: str) -> Any:
        """Compile the pattern, and have what patterns are used for at hand from now on."""
        if name.startswith("__"):
            raise AttributeError(name)
        made = re.compile(*self._given)
        vars(self).update({each: getattr(made, each) for each in _USES})
        return getattr(made, name)


def regex(text: AnyStr, flags: int | re.RegexFlag = 0) -> re.Pattern[AnyStr]:
    """Return a pattern that is compiled when it is first used.

    It has all that a compiled one has, but is none: the functions of the module `re` do not take it.

    >>> regex("[a-z]+").fullmatch("abc")
    <re.Match object; span=(0, 3), match='abc'>
    """
    return cast("re.Pattern[AnyStr]", _Late(text, int(flags)))
