r"""Meaning: what Markdown says, whatever a formatter made of its spelling.

Prettier, remark, mdformat and the linters of Obsidian turn `*a*` into `_a_`, change bullets, escapes, fences, quotation
marks and blank lines, pad tables, and break or join lines. They agree on CommonMark and leave what it says as it is.
So a text is read as CommonMark, in which a table, a callout, a wikilink and a formula are words like others; each word,
number, link, heading, item of a list, quote and piece of code counts, and how it is written does not.

A formatter that does not know Obsidian writes `\[\[Note]]`, which CommonMark reads as before and Obsidian does not.
`mark` says that no person did that; `alike` says that it is not what should stand in the note.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from thesisvault.notes.escape import ABROAD, ESCAPED
from thesisvault.notes.outline import SIGN, outline
from thesisvault.notes.spelling import normal, without_targets
from thesisvault.patterns import regex

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_DEEPEST = 60
_MOST_BRACKETS = 6
"""How deep links and pictures are looked for in brackets; a picture in a link is two deep."""
_BLANKS = regex(r"[\t\n\r\f\v][ \t\n\r\f\v]*| [ \t\n\r\f\v]+")
"""Blanks that are more than a space."""
_RULE = regex(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_PIPE = regex(r"[ \t]*(\\?)\|[ \t]*")
_BREAK = regex(r"<br[ \t]*/?>", re.IGNORECASE)
_EMPTY_COMMENT = regex(r"\s*<!--\s*-->\s*")
_TELLING = regex(r"[\n!&*<\[\\\]_`]")
"""Signs at which a rule for words may begin, or the text of a link end; the parser by itself looks at many more."""
_ACTING = regex(r"[`<]|\]\(|&#?\w+;|\\(?:\s|\Z)")
"""Where nothing of this is, words are words: no code, HTML, link, entity or break that is written out."""
_ACTIVE = frozenset("[]!$%=#^|{}<~@&:")
"""Signs that do something in Obsidian unless they are escaped, although they are nothing to CommonMark."""
_TYPED = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "...", "_": "*"})
_WIDE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_BESIDE_WIDE = regex(f" (?:(?<=[{_WIDE}] )(?=[A-Za-z0-9])|(?<=[A-Za-z0-9] )(?=[{_WIDE}]))")
_SURROGATES = regex("[\ud800-\udfff]")
_REWRITTEN = regex(
    "(?:js|javascript|jsx|[cm]js|ts|typescript|tsx|[cm]ts|json|json5|jsonc|css|scss|less|html|vue|angular|ya?ml|graphql"
    "|gql|handlebars|hbs|markdown|mdx?)",
    re.IGNORECASE,
)
"""Languages of fences whose code Prettier writes anew."""
_CODE = regex(r"\w+|[^\w\s'\"`;,()]")

_Found = dict[str, dict[str, dict[str, str]]]
"""What the parser finds in a whole text: the links that are defined in it."""


def mark(body: str) -> str:
    r"""Return eight hex digits that change with what a text means, but not when it is only formatted.

    Targets of links do not count where Obsidian rewrites them.

    >>> mark("*Gold* is\nup:\n\n* 3%") == mark("_Gold_ is up:\n- 3%") != mark("_Gold_ is up:\n- 4%")
    True
    """
    return hashlib.sha256(read(body).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def alike(one: str, other: str, *, spelled: bool = False) -> bool:
    r"""Return whether two texts are the same to Obsidian, targets of links included, however they are spelled.

    Args:
        one: A text.
        other: Another.
        spelled: Whether they are known to be spelled alike if they are the same, but for what Obsidian itself changes.

    >>> alike("- *a* [[B]]", "* _a_ [[B]]"), alike("[[B]]", "\\[\\[B]]")
    (True, False)
    """
    if _letters(one) == _letters(other) and normal(one, links=True) == normal(other, links=True):
        return True
    return not spelled and read(one, exact=True) == read(other, exact=True)


def _letters(text: str) -> str:
    """Return a text without blanks and dashes: all that `normal` may take out or put otherwise, but for links."""
    return "".join(text.replace("-", "").split())


def read(body: str, *, exact: bool = False) -> str:
    """Return what a text means as one string, fit to be compared and no more.

    Args:
        body: The text.
        exact: Whether that counts too which only Obsidian sees: targets of links, lines and paragraphs, and escapes of
            signs that are nothing to CommonMark.
    """
    text, found = _SURROGATES.sub("\ufffd", body), _Found()
    blocks = outline(text)
    if blocks is None:
        tokens = _parser().parse(text, found)
        if any(token.level >= _DEEPEST for token in tokens):
            return SIGN + normal(body, links=exact)  # deeper than the parser reads
        pieces = list(_pieces(tokens, found, exact, exact))
    else:
        pieces = [each if each[:1] == SIGN else _said(each, found, exact, exact) for each in blocks]
    if not exact:
        pieces = [without_targets(_plain(piece)) if piece[:1] != SIGN else piece for piece in _joined(pieces)]
    defined = sorted(f"{name} {each['href']} {each['title']}" for name, each in found.get("references", {}).items())
    return ("\n\n" if exact else "\n").join([*filter(None, pieces), *(f"{SIGN}d{each}" for each in defined)])


def words(body: str) -> str:
    r"""Return the words of a text, with its links as they stand and without code, escapes and breaks of lines.

    >>> words("- see \\[\\[Oil|the\n  oil]]")
    'see [[Oil|the oil]]'
    """
    found = _Found()
    tokens = _parser().parse(_SURROGATES.sub("\ufffd", body), found)
    pieces = (piece for piece in _pieces(tokens, found, exact=False, targets=True) if piece[:1] != SIGN)
    return "\n".join(_BLANKS.sub(" ", piece).strip() for piece in pieces)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # most builds compare no meaning
    from markdown_it.rules_inline import image, link

    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST + 2})
    # Each bracket that nobody closes is looked for to the end of its paragraph, once for each level.
    parser.inline.ruler.at("link", _not_too_deep(link))
    parser.inline.ruler.at("image", _not_too_deep(image))
    parser.inline.terminator_re = _TELLING
    # Without joining, an escape can be told from a sign; what stands in a block is read by `_said`.
    return parser.disable(["text_join", "inline"])


def _not_too_deep(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """Return a rule of the parser that takes all the rest of a paragraph for words inside of so many brackets.

    So does the parser at its own limit, which lies ten times as deep.
    """

    def limited(state: StateInline, silent: bool) -> bool:
        if state.level <= _MOST_BRACKETS or state.src[state.pos] not in "[!":
            return rule(state, silent)
        state.pos = state.posMax
        return True

    return limited


def _joined(pieces: Sequence[str]) -> Iterator[str]:
    """Yield the pieces, with texts that follow one another joined: a paragraph may be broken or not."""
    words: list[str] = []
    for piece in pieces:
        if piece[:1] == SIGN:
            yield " ".join(words)
            words = []
            yield piece
        else:
            words.append(piece)
    yield " ".join(words)


def _plain(text: str) -> str:
    return _BESIDE_WIDE.sub("", _BLANKS.sub(" ", text).strip().translate(_TYPED))


def _pieces(tokens: Sequence[Token], found: _Found, exact: bool, targets: bool) -> Iterator[str]:
    """Yield texts, and signs of what they stand in."""
    lists: list[str] = []
    for token in tokens:
        kind = token.type
        if kind == "inline":
            yield _said(token.content, found, exact, targets)
        elif kind in ("fence", "code_block"):
            yield _code(token)
        elif kind == "html_block":
            if not _EMPTY_COMMENT.fullmatch(token.content):
                yield _BREAK.sub("<br>", _BLANKS.sub(" ", token.content).strip())
        elif kind == "ordered_list_open":
            lists.append(f"{SIGN}o{token.attrGet('start') or 1}")
        elif kind == "bullet_list_open":
            lists.append(f"{SIGN}-")
        elif kind in ("ordered_list_close", "bullet_list_close"):
            lists.pop()
        elif kind == "list_item_open":
            yield lists[-1]
            lists[-1] = lists[-1][:2]  # formatters number the items that follow as they like
        elif not kind.startswith("paragraph"):
            yield SIGN + kind + token.tag


def _code(token: Token) -> str:
    language = token.info.strip().partition(" ")[0]
    if _REWRITTEN.fullmatch(language):
        return f"{SIGN}c{language} " + " ".join(_CODE.findall(token.content))
    return f"{SIGN}c{language}\n" + "\n".join(line.rstrip() for line in token.content.split("\n")).rstrip("\n")


def _said(text: str, found: _Found, exact: bool, targets: bool) -> str:
    """Return what the words of one block say, with the rows of a table in one spelling."""
    if targets or "references" in found or _ACTING.search(text):
        tokens: list[Token] = []
        _parser().inline.parse(text, _parser(), found, tokens)
        return _rows(_inline(tokens, exact, targets), exact)
    # Only escapes and the blanks around line ends are left to read: emphasis is told by its signs, paired or not.
    first, *more = text.split("\n")
    lines = [first, *(line.lstrip(" \t") for line in more)]
    plain = "\n".join([*(line.rstrip(" ") for line in lines[:-1]), lines[-1]])
    return _rows(ESCAPED.sub(r"\1", plain), exact)


def _inline(tokens: Sequence[Token], exact: bool, targets: bool) -> str:
    out: list[str] = []
    opened: list[tuple[int, Token]] = []
    for token in tokens:
        kind = token.type
        if kind == "text":
            out.append(token.content)
        elif kind == "text_special":
            out.append(f"\\{token.content}" if exact and token.content in _ACTIVE else token.content)
        elif kind == "softbreak" or (kind == "hardbreak" and not exact):
            out.append("\n")
        elif kind == "hardbreak":
            out.append(f"{SIGN}\n")
        elif kind in ("em_open", "em_close", "strong_open", "strong_close"):
            # A formatter that knows tables may escape an asterisk that pairs with one of another cell.
            out.append((SIGN if exact else "") + ("*" if kind.startswith("em") else "**"))
        elif kind == "code_inline":
            out.append((SIGN if exact else "") + f"`{_BLANKS.sub(' ', token.content)}`")
        elif kind == "link_open":
            opened.append((len(out), token))
        elif kind == "link_close":
            start, link = opened.pop()
            text = "".join(out[start:])
            out[start:] = [_link(text, link, "href", targets)]
        elif kind == "image":
            out.append("!" + _link(_inline(token.children or (), exact, targets), token, "src", targets))
        else:
            out.append(_BREAK.sub("<br>", token.content))
    return "".join(out)


def _link(text: str, token: Token, name: str, targets: bool) -> str:
    target = str(token.attrGet(name) or "")
    if name == "href" and (token.info == "auto" or target.removeprefix("mailto:") == text):
        return text  # an address that stands for itself is a link without being written as one
    if not targets and not ABROAD.match(target):
        target = ""
    title = token.attrGet("title")
    return f"[{text}]({target}{f' {title}' if title else ''})"


def _rows(text: str, exact: bool) -> str:
    """Return a text with the rows of a table, if it is one, in one spelling."""
    if "|" not in text:
        return text
    lines = text.split("\n")
    rule = next((k for k, line in enumerate(lines) if k and "|" in line and _RULE.fullmatch(line)), 0)
    if not rule:
        return text
    wide = 0
    for k in range(rule - 1, len(lines)):
        cells = _cells(lines[k], exact)
        if k == rule:
            cells = [re.sub("-+", "-", cell) for cell in cells]
        wide = wide or len(cells)
        lines[k] = "|".join([*cells, *[""] * (wide - len(cells))])
    return "\n".join(lines)


def _cells(line: str, exact: bool) -> list[str]:
    bare = _PIPE.sub(r"\1|" if exact else "|", line.strip())
    bare = bare.removeprefix("|")
    if bare.endswith("|") and not bare.endswith("\\|"):
        bare = bare[:-1]
    return bare.split("|")
