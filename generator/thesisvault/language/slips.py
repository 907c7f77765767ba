"""Slips of the hand and habits of other languages, found in the text of an expression before it is parsed.

None of them could be meant: each is an error to the parser too, which would only say what it stumbled over. Here each
is named with what to write instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from thesisvault.patterns import regex

_QUOTED = regex(r"'[^']*'|\"[^\"]*\"")
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
_KEYWORD = regex(r"[(,]\s*[A-Za-z_]\w*\s*$")
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
    if unclosed := _unclosed(_QUOTED.sub("''", source)):
        return unclosed
    hidden = _QUOTED.sub(lambda quoted: "'" + "x" * (len(quoted[0]) - 2) + "'", source)
    for pattern, said in _SLIPS:
        for found in pattern.finditer(hidden):
            if words := said(found):
                return words
    return next(_dashes_in_texts(source), "")


def _unclosed(bare: str) -> str:
    """Return that a bracket has no other, in an expression without what is in its quotes."""
    opened, closed = bare.count("("), bare.count(")")
    if opened == closed:
        return ""
    what = "a closing" if opened > closed else "an opening"
    return f"{what} parenthesis is missing: found {opened} of ( and {closed} of )"


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
    if found[2] == "%":
        fraction = f"found {found[0]}; returns and shares are fractions: write {value}"
        return f"{fraction}; points of an index are plain: {found[1]}"
    what = "points" if found[2] == "pp" else "basis points"
    return f"found {found[0]}; {what} are fractions: write {value}"


def _window(found: re.Match[str]) -> str:
    return f"found {found[0]} without quotes; write '{found[0].lower() if len(found[0]) < 6 else found[0]}'"


def _unquoted(found: re.Match[str]) -> str:
    return f"found {found[0]} without quotes; write '{found[0]}'"


def _comma(found: re.Match[str]) -> str:
    whole, _, rest = found[1].replace(" ", ",").partition(",")
    if rest.isdigit() and (len(rest) != 3 or whole == "0"):
        return f"found {found[1]}; decimals stand behind a point: write {whole}.{rest}"
    return f"found {found[1]}; a number has no separators: write {re.sub('[, ]', '', found[1])}"


def _point(found: re.Match[str]) -> str:
    return f"found {found[0]}; write 0{found[0]}"


def _scaled(found: re.Match[str]) -> str:
    power = {"k": 3, "m": 6, "b": 9, "t": 12}[found[2][0].lower()]
    value = f"{float(f'{found[1]}e{power}'):.0f}"
    return f"found {found[0]}; write {value}, or '${found[1]}{found[2][0].upper()}' where it is money"


def _with_currency(found: re.Match[str]) -> str:
    return f"found {found[0]} without quotes; write '{' '.join(found[0].split())}'"


def _counted(found: re.Match[str]) -> str:
    return f"found {found[0]}; a number stands alone: write {found[1]}"


def _says(words: str) -> Callable[[re.Match[str]], str]:
    return lambda found: words.format(found[0].strip(), *found.groups())


_CURRENCIES = "USD|EUR|GBP|GBp|CHF|JPY|CAD|AUD|CNY|HKD|SEK|NOK|DKK"
_VERBS = {
    "between": "a < x and x < b",
    "exceeds": "x > y",
    "above": "x > y",
    "below": "x < y",
    "under": "x < y",
    "greater": "x > y",
    "less": "x < y",
    "equals": "x == y",
    "crosses": "x > y",
    "is": "==, > or < to compare",
    "then": "'a' if CONDITION else 'b'",
    "xor": "a != b",
}


def _verb(found: re.Match[str]) -> str:
    return f"found {found[1]}; write {_VERBS[found[1].lower()]}"


_SLIPS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (regex(f"[{_CURLY}]"), _quote),
    (regex(f"[{''.join(_DASHES)}]"), _dash),
    (regex(r"(?![0-9])\d"), _digit),
    (
        regex(r"\|\|(?=\s*(?:pct|pp|points|share|usd|mult|num|int|date)\b)"),
        _says("found {0}; a filter follows one |"),
    ),
    (regex(r"^\s*=(?!=)"), _says("found = at the beginning; leave it out")),
    (regex(r"x'\s*'x|x'\s+'"), _says("a comma is missing between two texts in quotes")),
    (regex(r"''\w|\w''"), _says("found two quotation marks in a row; write one, as in 'XLE'")),
    (regex(r";"), _says("found ;; write a comma between arguments")),
    (regex(r"\?"), _says("found ?; write 'a' if CONDITION else 'b'")),
    (regex(r"^\s*(?:if|IF)\b"), _says("found {0} at the beginning; write 'a' if CONDITION else 'b'")),
    (regex(r"(?<=[\w)'])\s+(" + "|".join(_VERBS) + r")\b(?!\s*[,)|])", re.IGNORECASE), _verb),
    (regex(r"\*\*|\^(?!\w*')"), _says("found {0}; there are no powers: multiply, as in x * x")),
    (
        regex(r"(?<![\w'])(?!(?:and|or|not|if|else|in|is)\b)([A-Za-z_]\w*)\s+'"),
        _says("parentheses are missing behind {1}; write {1}(...)"),
    ),
    (
        regex(r"(?<![\w'])[A-Za-z_]\w*\.([A-Za-z_]\w*)\s*\("),
        _says("found {0}; functions stand alone: write {1}(...)"),
    ),
    (
        regex(r"\.([A-Za-z_]\w*)"),
        _says("found {0} behind a value; only known functions can be called, around their argument"),
    ),
    (regex(r"([A-Za-z_]\w*)\s*\[\s*'"), _says("found square brackets behind {1}; write {1}(...)")),
    (regex(r"[\w)]\s*\[\s*-?\d+\s*\]"), _says("found square brackets; an earlier value is lag('XLE', 1)")),
    (
        regex(r"\[\s*'"),
        _says("found a list; several names stand in one text, as in 'XLE, SPY', where a function takes them"),
    ),
    (regex(r"\|\s*%|\)\s*:\s*\.?\d*%"), _says("found {0}; write | pct")),
    (regex(r"\|\s*([a-z]+)\s+(\d)\s*$"), _says("found {0}; write | {1}({2})")),
    (
        regex(r"[\w)]\s+(pct|pp|points|share|usd|mult)\s*(?:\(\d?\))?\s*$"),
        _says("a | is missing before {1}; write | {1}"),
    ),
    (regex(r"&&|\|\||&|!(?!=)|(?<![\w.])(?:AND|OR|NOT|And|Or|Not)(?!\w)(?!\s*\()"), _word),
    (regex(r"(?<![\w.])(?:AND|OR|NOT)(?=\s*\()"), _word),
    (regex(r"===|=>|=<|<>|[≥≤≠×÷]"), _order),
    (regex(r"(?<![=<>!])=(?!=)"), _equals),
    (regex(r"(?:^|[<>=*/+-])\s*-?(\d+(?:,\d+)+(?:\.\d+)?)(?![\w.])"), _comma),
    (regex(r"(?<![\w.])(\d{1,3}(?: \d{3})+(?:\.\d+)?)(?![\w.])"), _comma),
    (regex(r"(?<![\w.)'])\.\d+"), _point),
    (
        regex(
            rf"(?<![\w.])(?:\d[\d,.]*\s*(?:{_CURRENCIES})\b|(?:{_CURRENCIES})\s*\d[\d,.]*(?:bn|[kKmMbBtT])?\b|\d[\d,.]*\s*[$€£¥])"
        ),
        _with_currency,
    ),
    (
        regex(
            r"(?<![\w.$€£¥])(\d+(?:\.\d+)?)\s*(k|K|M|B|T|mn|bn|tn|million|billion|trillion|thousand)(?!\w)(?=\s*(?:$|[)<>=*/+-]|and|or))"
        ),
        _scaled,
    ),
    (regex(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(?:days?|sessions?|weeks?|months?|years?|times|x)(?!\w)"), _counted),
    (regex(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(%|pp|bps|bp)(?![\w(])"), _fraction),
    (regex(r"(?<![\w.'])\d{4}-\d{2}-\d{2}(?:\.\.\d{4}-\d{2}-\d{2})?|(?<![\w.])\d{4}Q[1-4]\b"), _unquoted),
    (regex(r"(?<![\w.])\d{1,5}[dwmyDWMY](?!\w)"), _window),
    (regex(r"(?:US|C\$|A\$)?[$€£¥]\s*\d[\d,.]*(?:\s*[kKmMbBtT]n?(?!\w))?(?!\w)"), _unquoted),
)
