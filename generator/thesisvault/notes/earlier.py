r"""Earlier spelling: how a region of an earlier version may have been written before a formatter changed it.

Earlier versions left one hash in an end marker, of the very spelling. So what a formatter does is undone, step by step,
until the hash fits. A person's edit is never taken for a formatter's: a text that fits the hash is the one written.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from thesisvault.patterns import regex

_UNDERSCORED = regex(r"(?<![\w\\])(_{1,3})(?=[^\s_])((?:[^_\n]|\n(?![ \t>]*\n)|(?<=\w)_+(?=\w))*)(?<=[^\s\\])\1(?!\w)")
_BULLET = regex(r"^((?:[ \t]|>[ \t]?)*)(?:[*+][ \t]+|-[ \t]{2,})(?=\S)", re.MULTILINE)
_BELOW_TITLE = regex(r"^((?:> ?)*> ?\\?\[![^\]\n]+\][-+]?[^\n]*\n)(?:>[> \t]*\n)+", re.MULTILINE)
_BELOW_ITEM = regex(r"^((?:> ?)*[ \t]*- [^\n]*\n)(?:[> \t]*\n)+(?=(?:> ?)*[ \t]*- )", re.MULTILINE)
_ESCAPED = regex(r"\\([\[\]&_~.\-+!>():*])")
_ADDRESS = regex(r"\]\((https?://[^\s<>()]+)\)")
_DOLLAR = regex(r"(?<!\\)\$")

_LONGEST = 50_000
_STEPS: tuple[Callable[[str], str], ...] = (
    lambda text: _UNDERSCORED.sub(lambda hit: "*" * len(hit[1]) + hit[2] + "*" * len(hit[1]), text),
    lambda text: _BULLET.sub(r"\1- ", text),
    lambda text: _BELOW_TITLE.sub(r"\1", text),
    lambda text: _BELOW_ITEM.sub(r"\1", text),
    lambda text: _ESCAPED.sub(r"\1", text),
    lambda text: _ADDRESS.sub(r"](<\1>)", text),
    lambda text: _DOLLAR.sub(r"\\$", text),
)
"""What Prettier, remark and mdformat do to a region of an earlier version, undone: each may have happened or not."""


def spellings(body: str) -> list[str]:
    """Return the texts that a formatter may have made into this one; of a very long one none are tried."""
    found = [body]
    for step in _STEPS if len(body) <= _LONGEST else ():
        found += [text for text in map(step, found) if text not in found]
    return list(dict.fromkeys(found[1:]))
