"""Escaping, one function for each place in which a text can appear.

`prose`, `cell`, `heading` and `link_text` take plain text, which is shown exactly as it is. `person_markdown` takes
Markdown that a person typed: their markup stays, and whatever else Obsidian or a common plugin would act on is escaped.
Backslashes are used rather than entities wherever both work.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Set as AbstractSet

from thesisvault.notes.code import MASK, Fences, lines_of, masked

_EXCLUDED = r"\s'!\"#$%&()*+,.:;<=>?@^`{|}~\[\]\\\u2000-\u206f\u2e00-\u2e7f" + MASK
TAG_WORD = rf"[^{_EXCLUDED}]"
"""A character that a tag may hold, as a regular expression."""

_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_SPACES = re.compile("[\u00a0\u202f\u2007\u2000-\u200a\u205f\u3000]")
_SPECIAL = re.compile(r"[\\`*_\[\]#$|~]")
_PAIRS = re.compile(r"(?<=:):|(?<==)=|(?<=%)%|(?<=\{)[{%]")
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?%])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LEADING = re.compile(r"([-+>])|(\d{1,9})([.)])(?=\s|$)")


def clean(text: str) -> str:
    """Return the text composed (NFC), with line feeds only, and no control, no-break or zero-width characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if text.isascii() and text.isprintable():
        return text
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    return "".join(_visible(char) for char in text)


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
    text = _SPECIAL.sub(r"\\\g<0>", _one_line(text))
    text = _PAIRS.sub(r"\\\g<0>", text)
    text = _TAG_LIKE.sub("&lt;", _ENTITY.sub("&amp;", text))
    return _LEADING.sub(lambda m: "\\" + m[1] if m[1] else f"{m[2]}\\{m[3]}", text, count=1) if _starts(text) else text


def _starts(text: str) -> bool:
    return _LEADING.match(text) is not None


def cell(text: str) -> str:
    r"""Return plain text for a cell of a table: as `prose`, with `<br>` for a line end.

    >>> cell("a|b\nc")
    'a\\|b<br>c'
    """
    return "<br>".join(prose(line) for line in clean(text).strip().split("\n"))


def heading(text: str) -> str:
    r"""Return plain text for a heading, without the characters that Obsidian drops in links to headings.

    >>> heading("Round 1: A|B at $5 [sic]")
    'Round 1 – A/B at \\$5 (sic)'
    """
    text = _one_line(text)
    text = re.sub(r"\s*:+(?=\s|$)", " –", text).removesuffix(" –")
    text = re.sub(r":+", "-", text).replace("|", "/").replace("[", "(").replace("]", ")")
    text = re.sub(r"%{2,}", "%", re.sub(r"[#^]", "", text))
    return prose(text)


def link_text(text: str) -> str:
    """Return plain text for the shown part of a wikilink, without what would break the link or act in it.

    >>> link_text("Oil | gas [2026] #1")
    'Oil / gas 2026 1'
    """
    text = re.sub(r"[\[\]#$`\\]", "", _one_line(text)).replace("|", "/")
    text = re.sub(r"\{[{%]+", "{", re.sub(r"<+(?=[A-Za-z/!?%])", "", text))
    text = re.sub(r"(?<=[%=:])(?:(?<=%)%+|(?<==)=+|(?<=:):+)", "", text)
    return " ".join(text.split())


def yaml_string(text: str) -> str:
    r"""Return a text as a YAML scalar in double quotes, on one line, that every YAML reader reads back unchanged.

    >>> yaml_string('say "ON"')
    '"say \\"ON\\""'
    """
    return json.dumps(_one_line(text), ensure_ascii=False)


def fence(text: str, language: str = "text") -> str:
    """Return a fenced code block holding the text, its fence longer than any run of backticks inside.

    >>> print(fence("a ``` b"))
    ````text
    a ``` b
    ````
    """
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{ticks}{language}\n{text}\n{ticks}"


_KEPT_HTML = "br|sub|sup|kbd|mark|u|s|b|i|em|strong|small|del|ins"
_TOKENS = re.compile(
    rf"""
    (?P<keep> \\[^\n] | \$\$(?=[^$]).+?(?<!\\)\$\$(?!\$) | &(?:\#\d+|\#[xX][0-9a-fA-F]+|\w+);
      | </?(?:{_KEPT_HTML})\ */?> | <mailto:[^>\s]+> )
    | (?P<wiki> !?\[\[[^\[\]\n]+\]\] )
    | (?P<target> (?<=\])\((?:<[^<>\n]*>|[^()\s<>]*(?:\([^()\s]*\)[^()\s]*)*)(?:[ ]"[^"\n]*")?\)
      | <https?://[^<>\s]+> | \bhttps?://(?:(?!==)[^\s<>|()\[\]\\{MASK}])+ )
    | (?P<task> ^[ \t]*(?:>[ \t]?)*(?:[-*+]|\d+[.)])[ \t]+\[(?=[^\]\n]\]) )
    | (?P<html> <(?=[A-Za-z/!?]) )
    | (?P<dollar> \$ )
    | (?P<equals> ={{2,}} )
    | (?P<colons> :{{2,}} )
    | (?P<pair> %{{2,}} | \{{[{{%]+ | <%+ )
    | (?P<hash> \#(?={TAG_WORD}) )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_HIGHLIGHT = re.compile(r"(?<![=\\])==(?=[^\s=])[^=\n]*(?<=[^\s=])==(?!=)")
_RULE = re.compile(r"^ {0,3}-{3,}[ \t]*$", re.MULTILINE)
_TAG = re.compile(rf"#({TAG_WORD}+)")


def person_markdown(text: str, *, table: bool = False, allowed_tags: AbstractSet[str] = frozenset()) -> str:
    r"""Return a person's Markdown, safe for a generated region; a second call changes nothing.

    Bold, links, wikilinks, highlights, code and display math stay. Outside code a single dollar, `%%`, `<%`, `{{`,
    unknown HTML, task boxes and words that look like tags are escaped, and `::` becomes `: :`. A rule of dashes
    becomes one of asterisks, which never turns the line above it into a heading.

    Args:
        text: The Markdown, with expressions already evaluated.
        table: Whether it is in a cell of a table: one line, `<br>` for a line end, a backslash before each pipe.
        allowed_tags: Tags, without `#`, that may act as such.

    >>> person_markdown("**$5** for [[Oil|crude]] 100%% #esg", table=True)
    '**\\$5** for [[Oil\\|crude]] 100%\\% \\#esg'
    """
    text = clean(text).strip("\n") if not table else "<br>".join(clean(text).strip().split("\n"))
    text = _starred(text) if not table and "---" in text else text
    tokens = list(_TOKENS.finditer(masked(text)))
    shown = _highlights(masked(text), tokens)
    parts, last = [], 0
    for token in tokens:
        parts += [_between(text[last : token.start()], table), _safe(token, text, shown, allowed_tags, table)]
        last = token.end()
    return "".join([*parts, _between(text[last:], table)])


def _starred(text: str) -> str:
    """Return the text with asterisks for each rule of dashes outside fenced code.

    Inline code does not shelter a rule: a line is a rule, or makes a heading, before anything inside it is read.
    """
    fences = Fences()
    return "".join(line if fences.feed(line) else _RULE.sub("***", line) for line in lines_of(text))


def _highlights(shape: str, tokens: list[re.Match[str]]) -> set[int]:
    """Return the offsets of the marks of highlighted passages; marks inside links and math do not count."""
    parts, last = [], 0
    for token in tokens:
        if token.lastgroup in ("keep", "wiki", "target"):
            parts += [shape[last : token.start()], MASK + "x" * (len(token[0]) - 2) + MASK]
            last = token.end()
    shape = "".join([*parts, shape[last:]])
    return {edge for m in _HIGHLIGHT.finditer(shape) for edge in (m.start(), m.end() - 2)}


def _between(text: str, table: bool) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text) if table else text


def _safe(token: re.Match[str], text: str, shown: set[int], allowed: AbstractSet[str], table: bool) -> str:
    found, kind = text[token.start() : token.end()], token.lastgroup
    if kind == "hash":
        tag = _TAG.match(text, token.start())
        apart = token.start() == 0 or text[token.start() - 1].isspace()
        return found if apart and tag and tag[1].casefold() in {name.casefold() for name in allowed} else r"\#"
    if kind == "wiki":
        return _between(found, table)
    if kind == "target":
        return re.sub(r"[$|{]|%(?![0-9A-Fa-f]{2})|(?<=:):|(?<==)=", lambda m: f"%{ord(m[0]):02X}", found)
    if kind == "equals":
        return found if len(found) == 2 and token.start() in shown else found[0] + r"\=" * (len(found) - 1)
    if kind == "colons":
        return " ".join(found)
    if kind == "task":
        return found[:-1] + r"\["
    if kind == "pair":
        return found[0] + "".join("\\" + char for char in found[1:])
    return {"dollar": r"\$", "html": r"\<"}.get(kind or "", found)
