"""What the YAML parser's errors mean, in plain sentences.

The parser speaks of tokens, contexts and simple keys. Most of its errors come from a handful of slips: a tab, a text
that needed quotes, a quotation mark or bracket that is never closed, a line that is not indented as it should be.
"""

from __future__ import annotations

import re

import yaml

from thesisvault.errors import Finding
from thesisvault.patterns import regex

_QUOTE_IT = "Put quotes around the whole value."
_VALUE_BRACES = regex(r"\s*(?:- +)*(?:[^\s\"'{\[#][^\"'{\[]*?: +)?(?P<braces>\{\{)")
_EXPRESSION = regex(r"\{\{|\{ *[A-Za-z_]\w*\(")
_CURLY = regex(r"\s*(?:- +)*(?:[^\s\"'{\[#][^\"'{\[]*?: +)?(?P<quote>[“”„‘’‚])")

_NO_BREAK = regex(r"^[ \t]*[\u00a0\u2000-\u200a\u202f\u3000]", re.MULTILINE)

# In order: a part of the parser's problem, a part of its context, what is said instead, the hint, point at the context.
_MEANINGS: tuple[tuple[str, str, str, str, bool], ...] = (
    (
        "mapping values are not allowed",
        "",
        "found a colon and a blank where no key can be.",
        "Put quotes around a text that holds a colon and a blank, or fix the indentation of this line.",
        False,
    ),
    (
        "unexpected end of stream",
        "quoted scalar",
        "unbalanced quotation mark: it opens here and is never closed.",
        "",
        True,
    ),
    ("unknown escape character", "", "unknown backslash escape.", "Use single quotes.", False),
    ("did not find expected hexdecimal number", "", "broken backslash escape.", "Use single quotes.", False),
    ("',' or ']'", "", "unbalanced bracket: a list opens with [ here and is not closed.", "Close it with ].", True),
    ("',' or '}'", "", "unbalanced brace: a mapping opens with { here and is not closed.", "Close it with }.", True),
    ("node content", "", "a value is missing.", "", False),
    ("could not find expected ':'", "", "found a line with neither a key and a colon nor a dash.", "", True),
    ("'-' indicator", "", "the line belongs to no item of the list above.", "Fix its indentation.", False),
    ("block sequence entries", "", "a list cannot begin here.", "Begin it on a line of its own.", False),
    ("mapping keys are not allowed", "", 'a value cannot begin with "?" here.', _QUOTE_IT, False),
    (
        "comment or",
        "block scalar",
        'a value cannot begin with "|" or ">" and go on.',
        f"{_QUOTE_IT} A bound that was claimed is at_least or at_most.",
        True,
    ),
    ("alphabetic or numeric character", "alias", 'a value cannot begin with "*".', _QUOTE_IT, True),
    ("alphabetic or numeric character", "anchor", 'a value cannot begin with "&".', _QUOTE_IT, True),
    ("", "tag", 'a value cannot begin with "!".', _QUOTE_IT, True),
    ("", "directive", 'a line cannot begin with "%".', "Put quotes around the text, or delete the line.", True),
    ("<document start>", "", "the value of the file ends here, and more follows.", "Fix the indentation.", False),
)


def starts_with_expression(text: str, offset: int) -> bool:
    """Return whether `{{` stands at an offset, or a single brace with the call of a function after it."""
    return _EXPRESSION.match(text, offset) is not None


def explain(error: yaml.MarkedYAMLError, text: str) -> tuple[Finding, int]:
    """Return an error of the parser in plain words, without a place, and the offset at which it is to be shown.

    Args:
        error: What the parser raised.
        text: The whole source.
    """
    problem, context = error.problem or "", error.context or ""
    offset = _offset(error.problem_mark, _offset(error.context_mark, 0))
    source = _offset(error.context_mark, offset)
    if odd := _NO_BREAK.search(text):
        finding = Finding("found a no-break space in the indentation.", hint="Indent with plain spaces.", code="tab")
        return finding, odd.end() - 1
    for spot in (offset, source):
        line_start, line = _line(text, spot)
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            finding = Finding("found a tab in the indentation.", hint="Indent with spaces.", code="tab")
            return finding, line_start + indent.index("\t")
        braces = _VALUE_BRACES.match(line)
        if braces:
            words = "the value begins with {{ without quotes, so YAML takes it for a mapping."
            return Finding(words, hint=_QUOTE_IT, code="unquoted-braces"), line_start + braces.start("braces")
        curly = _CURLY.match(line)
        if curly:
            words = f"the value begins with {curly['quote']}, a curly quote, which quotes nothing."
            return Finding(words, hint="Write straight quotes.", code="curly-quote"), line_start + curly.start("quote")
    if "cannot start any token" in problem:
        words = f'a value cannot begin with "{text[offset : offset + 1]}".'
        return Finding(words, hint=_QUOTE_IT, code="yaml"), offset
    if "did not find expected key" in problem or "<block end>" in problem:
        return _stray(text, offset), offset
    for part, around, words, hint, at_context in _MEANINGS:
        if part in problem and around in context:
            return Finding(words, hint=hint, code="yaml"), source if at_context else offset
    return Finding(f"the YAML is broken here: {problem or context}.", code="yaml"), offset


def _stray(text: str, offset: int) -> Finding:
    """Return the finding for something that is no key: the rest of a value that ended too early, or bad indentation."""
    _, line = _line(text, offset)
    before = text[:offset].rpartition("\n")[2].rstrip()
    if before and before[-1] in "\"'])}":
        words = f"the value ends at {before[-1]} and more follows on its line."
        return Finding(words, hint="Put quotes around the whole value.", code="yaml")
    return Finding(f'the line "{line.strip()[:40]}" fits no key above it.', hint="Fix its indentation.", code="yaml")


def _offset(mark: yaml.Mark | None, default: int) -> int:
    return int(mark.index) if mark is not None else default


def _line(text: str, offset: int) -> tuple[int, str]:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return start, text[start : len(text) if end < 0 else end]
