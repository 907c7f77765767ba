"""Escaping, one function for each place in which a text can appear.

`prose`, `cell`, `heading` and `link_text` take plain text, which is shown exactly as it is; `typed` does the same for
Markdown. Backslashes are used rather than entities wherever both work.
"""

from __future__ import annotations

import json
import re
import unicodedata

from thesisvault.notes.code import MASK, masked
from thesisvault.patterns import regex
from thesisvault.words import HIDDEN, NO_BREAK

_EXCLUDED = r"\s'!\"#$%&()*+,.:;<=>?@^`{|}~\[\]\\\u2000-\u206f\u2e00-\u2e7f" + MASK
TAG_WORD = rf"[^{_EXCLUDED}]"
"""A character that a tag may hold, as a regular expression."""

ABROAD = regex(r"[a-zA-Z][\w+.-]*:|//")
"""How an address begins that leads out of the vault."""
ESCAPED = regex(r"\\([!-/:-@\[-`{-~])")
"""A backslash and the sign that it makes one like any other."""
_SPACES = regex("[\u00a0\u202f\u2007\u2000-\u200a\u205f\u3000]")
_SPECIAL = regex(r"[\\`*_\[\]#$|~]")
_PAIRS = regex(r"(?<=:):|(?<==)=|(?<=%)%|(?<=\{)[{%]|(?<=\])[(:]|:(?=//)|(?<=\b[wW]{3})\.|@(?=[\w-]+\.[A-Za-z])")
_TAG_LIKE = regex(r"<(?=[A-Za-z/!?%\ufdd1-\ufddd]|\Z)")
_ENTITY = regex(r"&(?=#?\w+;)")
_LEADING = regex(r"([-+>])|(\d{1,9})([.)])(?=\s|$)")


def clean(text: str) -> str:
    """Return the text composed (NFC), with line feeds only, and no character that is not seen or that turns others.

    Control characters and no-break spaces become spaces; what joins letters and emoji stays.
    """
    if text.isascii() and _is_visible(text):
        return text
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _SPACES.sub(" ", HIDDEN.sub("", text))
    return text if _is_visible(text) else "".join([_visible(char) for char in text])


def _is_visible(text: str) -> bool:
    """Return whether all characters are seen, but for ends of lines and tabs."""
    return text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable()


def _visible(char: str) -> str:
    if char in "\n\t":
        return char
    category = unicodedata.category(char)
    if category == "Cs" or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF:
        return "\ufffd"
    return " " if category in ("Cc", "Zl", "Zp") else char


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def prose(text: str) -> str:
    r"""Return plain text as one line of Markdown that shows exactly this text.

    >>> prose("$5 & 3*4 == 12 #esg")
    '\\$5 & 3\\*4 =\\= 12 \\#esg'
    """
    text = literal(_one_line(text))
    return _LEADING.sub(lambda m: "\\" + m[1] if m[1] else f"{m[2]}\\{m[3]}", text, count=1) if _starts(text) else text


def literal(text: str) -> str:
    r"""Return clean text, or a part of it, as Markdown that shows exactly this text inside a line.

    >>> literal("[a](https://x.org)")
    '\\[a\\]\\(https\\://x.org)'
    """
    text = _PAIRS.sub(r"\\\g<0>", _SPECIAL.sub(r"\\\g<0>", text))
    return _TAG_LIKE.sub("&lt;", _ENTITY.sub("&amp;", text))


def words(text: str) -> str:
    r"""Return clean text as Markdown in which no sign acts, not even together with what stands beside it.

    >>> words("a: b")
    'a\\: b'
    """
    return re.sub(r"[!-/:-@\[-`{-~]", r"\\\g<0>", text).replace(r"\<", "&lt;")


def _starts(text: str) -> bool:
    return _LEADING.match(text) is not None


def cell(text: str) -> str:
    r"""Return plain text for a cell of a table: as `prose`, with `<br>` for a line end.

    >>> cell("a|b\nc")
    'a\\|b<br>c'
    """
    return "<br>".join(prose(line) for line in clean(text).strip().split("\n"))


def heading(text: str) -> str:
    r"""Return plain text for a heading, without the characters that a link to it cannot hold.

    Square brackets stay: a link to the heading leads there with and without them.

    >>> heading("Round 1: A|B at $5 [sic]")
    'Round 1 – A/B at \\$5 \\[sic\\]'
    """
    text = _one_line(text)
    text = re.sub(r"\s*:+(?=\s|$)", " –", text).removesuffix(" –")
    text = re.sub(r":+", "-", text).replace("|", "/")
    text = re.sub(r"%{2,}", "%", re.sub(r"[#^]", "", text))
    return prose(text)


def link_text(text: str) -> str:
    """Return plain text for the shown part of a wikilink, without what would break the link or act in it.

    >>> link_text("Oil | gas [2026] #1")
    'Oil / gas 2026 1'
    """
    text = re.sub(r"[\[\]#$`\\]", "", _one_line(text)).replace("|", "/")
    text = re.sub(r"\{[{%]+", "{", re.sub(r"<+(?=[A-Za-z/!?%]|\Z)", "", text))
    text = re.sub(r":/{2,}", ":/", text)
    text = re.sub(r"(?<=[%=:])(?:(?<=%)%+|(?<==)=+|(?<=:):+)", "", text)
    return " ".join(text.split())


def settled(markdown: str, *, code: bool = False) -> str:
    r"""Return the whole of a region without what a plugin finds in the bare file, whatever put it together.

    Args:
        markdown: The region.
        code: Whether code stays as it is.

    >>> settled("a <% b %>")
    'a <\\% b %>'
    """
    # What a writer joined in a cell stays joined; a person's own text was cleaned before.
    markdown = NO_BREAK.join(map(clean, markdown.split(NO_BREAK)))
    if "<%" not in markdown:
        return markdown
    if not code:
        return markdown.replace("<%", r"<\%")
    shape = masked(markdown)
    parts, last = [], 0
    for found in re.finditer("<(?=%)", shape):
        parts += [markdown[last : found.end()], "\\"]
        last = found.end()
    return "".join([*parts, markdown[last:]])


def yaml_string(text: str) -> str:
    r"""Return a text as a YAML scalar in double quotes, on one line, that every YAML reader reads back unchanged.

    >>> yaml_string('say "ON"')
    '"say \\"ON\\""'
    """
    # A plugin reads the bare file: in YAML an escape is the same character.
    return json.dumps(_one_line(text), ensure_ascii=False).replace("<%", "\\u003c%")


def fence(text: str, language: str = "text") -> str:
    """Return a fenced code block holding the text, its fence longer than any run of backticks inside.

    >>> print(fence("a ``` b"))
    ````text
    a ``` b
    ````
    """
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{ticks}{language}\n{text}\n{ticks}"
