"""What the YAML parser's errors mean, in plain sentences.

The parser speaks of tokens, contexts and simple keys. Most of its errors come from a handful of slips: a tab, a text
that needed quotes, a quotation mark or bracket that is never closed, a line that is not indented as it should be.
"""

from __future__ import annotations

import re

import yaml

from thesisvault.errors import Finding

_QUOTE_IT = "Put quotes round the whole value."
_VALUE_BRACES = re.compile(r"\s*(?:- +)*(?:[^\s\"'{\[#][^\"'{\[]*?: +)?(?P<braces>\{\{)")

# In order: a part of the parser's problem, a part of its context, what is said instead, the hint, point at the context.
_MEANINGS: tuple[tuple[str, str, str, str, bool], ...] = (
    (
        "mapping values are not allowed",
        "",
        "A colon followed by a blank stands where no key can be.",
        "Put quotes round a text that holds a colon and a blank, or mend the indentation of this line.",
        False,
    ),
    ("unexpected end of stream", "quoted scalar", "A quotation mark opens here and is never closed.", "", True),
    ("unknown escape character", "", "This backslash escape is not known.", "Use single quotes.", False),
    ("did not find expected hexdecimal number", "", "This backslash escape is broken.", "Use single quotes.", False),
    ("',' or ']'", "", "A list opens with [ here and is not closed as it should be.", "Close it with ].", True),
    ("',' or '}'", "", "A mapping opens with { here and is not closed as it should be.", "Close it with }.", True),
    ("node content", "", "A value is missing here.", "", False),
    ("could not find expected ':'", "", "A line with neither a key and a colon nor a dash.", "", True),
    ("'-' indicator", "", "This line belongs to no item of the list above.", "Mend its indentation.", False),
    ("block sequence entries", "", "A list cannot begin here.", "Begin it on a line of its own.", False),
    ("mapping keys are not allowed", "", 'A value cannot begin with "?" here.', _QUOTE_IT, False),
    ("comment or", "block scalar", 'A value cannot begin with "|" or ">" and go on.', _QUOTE_IT, True),
    ("alphabetic or numeric character", "alias", 'A value cannot begin with "*".', _QUOTE_IT, True),
    ("alphabetic or numeric character", "anchor", 'A value cannot begin with "&".', _QUOTE_IT, True),
    ("", "tag", 'A value cannot begin with "!".', _QUOTE_IT, True),
    ("", "directive", 'A line cannot begin with "%".', "Put quotes round the text, or delete the line.", True),
    ("<document start>", "", "The value of the file is over here, and more follows.", "Mend the indentation.", False),
)


def starts_with_braces(text: str, offset: int) -> bool:
    """Return whether `{{` stands at an offset."""
    return text.startswith("{{", offset)


def explain(error: yaml.MarkedYAMLError, text: str) -> tuple[Finding, int]:
    """Return an error of the parser in plain words, without a place, and the offset at which it is to be shown.

    Args:
        error: What the parser raised.
        text: The whole source.
    """
    problem, context = error.problem or "", error.context or ""
    offset = _offset(error.problem_mark, _offset(error.context_mark, 0))
    source = _offset(error.context_mark, offset)
    for spot in (offset, source):
        line_start, line = _line(text, spot)
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            finding = Finding("A tab stands in the indentation.", hint="Indent with spaces.", code="tab")
            return finding, line_start + indent.index("\t")
        braces = _VALUE_BRACES.match(line)
        if braces:
            words = "The value begins with {{ and has no quotes, so YAML takes it for a mapping."
            return Finding(words, hint=_QUOTE_IT, code="unquoted-braces"), line_start + braces.start("braces")
    if "cannot start any token" in problem:
        words = f'A value cannot begin with "{text[offset : offset + 1]}".'
        return Finding(words, hint=_QUOTE_IT, code="yaml"), offset
    if "did not find expected key" in problem or "<block end>" in problem:
        return _stray(text, offset), offset
    for part, around, words, hint, at_context in _MEANINGS:
        if part in problem and around in context:
            return Finding(words, hint=hint, code="yaml"), source if at_context else offset
    return Finding(f"The YAML is broken here: {problem or context}.", code="yaml"), offset


def _stray(text: str, offset: int) -> Finding:
    """Return the finding for something that is no key: the rest of a value that ended too early, or bad indentation."""
    _, line = _line(text, offset)
    before = text[:offset].rpartition("\n")[2].rstrip()
    if before and before[-1] in "\"'])}":
        words = f"The value ends at {before[-1]} and more follows on its line."
        return Finding(words, hint="Put quotes round the whole value.", code="yaml")
    return Finding(f'The line "{line.strip()[:40]}" fits no key above it.', hint="Mend its indentation.", code="yaml")


def _offset(mark: yaml.Mark | None, default: int) -> int:
    return int(mark.index) if mark is not None else default


def _line(text: str, offset: int) -> tuple[int, str]:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return start, text[start : len(text) if end < 0 else end]
