"""Expressions between single braces, which would be printed as they are written."""

from __future__ import annotations

from collections.abc import Iterator

from thesisvault.language.functions.table import TABLE
from thesisvault.language.habits import function_instead
from thesisvault.language.parse import ExpressionError
from thesisvault.patterns import regex

_IN_BRACES = regex(r"(\{\{?)([^{}]*)(\}\}?)")
_CALL = regex(r"(?<!\w)([A-Za-z_]\w*+)\s*+\(\s*['\"A-Za-z(]")
_CODE = regex(r"(?:^|[^`])`(?!`)[^`\n]*$")
"""The beginning of code, which is shown as it is written."""


def single_braces(text: str) -> Iterator[ExpressionError]:
    """Yield an error for each expression that stands between single braces, and so would be printed as it is."""
    for found in _IN_BRACES.finditer(text):
        if (found[1], found[3]) == ("{{", "}}"):
            continue
        calls = {call for call in _CALL.findall(found[2]) if call in TABLE or function_instead(call)}
        if calls and not _CODE.search(text[: found.start()]):
            shown = " ".join(found[2].strip("%# ").split())
            begins = f"{found[1]}%" if found[2].startswith("%") else found[1]
            ends = begins[::-1].replace("{", "}")
            yield ExpressionError(
                f"found {begins} {shown} {ends}; an expression has two braces at both ends: write {{{{ {shown} }}}}",
                offset=found.start(),
            )
