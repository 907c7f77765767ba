"""Slips of the hand and habits of other languages, found in the text of an expression before it is parsed.

None of them could be meant: each is an error to the parser too, which would only say what it stumbled over. Here each
is named with what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_CURLY = "‘’‚‛“”„‟«»´`"
_DASHES = {
    "–": "an en dash",
    "—": "an em dash",
    "−": "a minus sign of a word processor",
    "‐": "a hyphen of a word processor",
    "‑": "a hyphen of a word processor",
}
_WORDS = {"&&": "and", "&": "and", "||": "or", "!": "not", "AND": "and", "OR": "or", "NOT": "not", "And": "and"}
_WORDS |= {"Or": "or", "Not": "not"}
_ORDER = {"=>": ">=", "=<": "<=", "<>": "!=", "===": "==", "≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/"}
_KEYWORD = re.compile(r"[(,]\s*[A-Za-z_]\w*\s*$")
_HUNDREDTHS = {"%": 2, "pp": 2, "bp": 4, "bps": 4}


def slip_in(source: str) -> str:
    """Return what is wrong and what to write instead for the first slip of an expression; else an empty text.

    >>> slip_in("ret('XLE', 60d) > 0"), slip_in("ret('XLE', 'ytd') > 0.05")
    ("found 60d without quotes; write '60d'", '')
    """
    if re.search("['\"]", _QUOTED.sub("", source)):
        curly = re.search(f"[{_CURLY}]", source)
        return (
            _quote(curly)
            if curly
            else f'unbalanced quotation mark in "{short(source)}"; each text has one at both ends'
        )
    hidden = _QUOTED.sub(lambda quoted: "'" + "x" * (len(quoted[0]) - 2) + "'", source)
    for pattern, said in _SLIPS:
        for found in pattern.finditer(hidden):
            if words := said(found):
                return words
    return next(_dashes_in_texts(source), "")


def short(source: str) -> str:
    """Return an expression on one line, cut where it is long, to be shown in a message."""
    text = " ".join(source.split())
    return text if len(text) <= _READABLE else text[: _READABLE - 3] + "..."


_READABLE = 60


def _dashes_in_texts(source: str) -> Iterator[str]:
    """Yield a dash of a word processor between the digits of a day or a window in quotes."""
    for quoted in _QUOTED.finditer(source):
        for found in re.finditer(rf"\d([{''.join(_DASHES)}])\d", quoted[0]):
            yield f"found {found[1]} ({_DASHES[found[1]]}) in {quoted[0]}; write the plain hyphen -"


def _quote(found: re.Match[str]) -> str:
    kind = "a backtick" if found[0] in "`´" else "a curly quote"
    return f"found {found[0]} ({kind}); write straight quotes, as in 'XLE'"


def _dash(found: re.Match[str]) -> str:
    return f"found {found[0]} ({_DASHES[found[0]]}); write the plain minus -"


def _digit(found: re.Match[str]) -> str:
    return f"found {found[0]} (a digit of another script); write {unicodedata.decimal(found[0])}"


def _word(found: re.Match[str]) -> str:
    return f"found {found[0]}; write {_WORDS[found[0]]}"


def _order(found: re.Match[str]) -> str:
    return f"found {found[0]}; write {_ORDER[found[0]]}"


def _equals(found: re.Match[str]) -> str:
    before = found.string[: found.start()]
    inside = before.count("(") > before.count(")")
    return "" if inside and _KEYWORD.search(before) else "found =; write == to compare"


def _fraction(found: re.Match[str]) -> str:
    digits = _HUNDREDTHS[found[2]]
    value = f"{float(f'{found[1]}e-{digits}'):.12f}".rstrip("0").rstrip(".")
    what = "points" if found[2] == "pp" else "basis points" if found[2] in ("bp", "bps") else "returns and shares"
    return f"found {found[0]}; {what} are fractions: write {value}"


def _window(found: re.Match[str]) -> str:
    return f"found {found[0]} without quotes; write '{found[0].lower() if len(found[0]) < 6 else found[0]}'"


def _unquoted(found: re.Match[str]) -> str:
    return f"found {found[0]} without quotes; write '{found[0]}'"


_SLIPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(f"[{_CURLY}]"), _quote),
    (re.compile(f"[{''.join(_DASHES)}]"), _dash),
    (re.compile(r"(?![0-9])\d"), _digit),
    (re.compile(r"&&|\|\||&|!(?!=)|(?<![\w.])(?:AND|OR|NOT|And|Or|Not)(?!\w)(?!\s*\()"), _word),
    (re.compile(r"(?<![\w.])(?:AND|OR|NOT)(?=\s*\()"), _word),
    (re.compile(r"===|=>|=<|<>|[≥≤≠×÷]"), _order),
    (re.compile(r"(?<![=<>!])=(?!=)"), _equals),
    (re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(%|pp|bps|bp)(?![\w(])"), _fraction),
    (re.compile(r"(?<![\w.'])\d{4}-\d{2}-\d{2}(?:\.\.\d{4}-\d{2}-\d{2})?|(?<![\w.])\d{4}Q[1-4]\b"), _unquoted),
    (re.compile(r"(?<![\w.])\d{1,5}[dwmyDWMY](?!\w)"), _window),
    (re.compile(r"(?:US|C\$|A\$)?[$€£¥]\s*\d[\d,.]*\s*(?:[kKmMbBtT]n?)?(?!\w)"), _unquoted),
)
