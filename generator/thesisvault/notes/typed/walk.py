"""A walk through a text without code, in which all that would act is disarmed."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from collections.abc import Set as AbstractSet

from msgspec import Struct, field

from thesisvault.notes.code import is_escaped
from thesisvault.notes.escape import TAG_WORD, literal
from thesisvault.notes.typed.addresses import Target, acting_encoded, allowed, local, target_at
from thesisvault.notes.typed.code import PREFIX
from thesisvault.notes.typed.places import CODE, FIGURE, HELD, holds_figure
from thesisvault.notes.typed.runnable import is_formula, is_plain_math
from thesisvault.patterns import regex
from thesisvault.words import HIDDEN

_KEPT_HTML = "br|sub|sup|kbd|mark|u|s|b|i|em|strong|small|del|ins"
_LONGEST_MATH = 2000
_LONGEST_INLINE = 200

_TOKENS = regex(
    rf"""
    (?P<math> \$\$(?=[^$])(?:(?!\n[ \t>]*\n).){{1,{_LONGEST_MATH}}}?(?<!\\)\$\$(?!\$) )
    | (?P<inmath> (?<![\w$])\$(?=[^\s$])[^$\n|{HELD}{CODE}{FIGURE}]{{1,{_LONGEST_INLINE}}}(?<=[^\s\\])\$(?![\w$]) )
    | (?P<keep> \\[^\n{HELD}{CODE}] | <mailto:[\w.+-]+@[\w.-]+> )
    | (?P<slash> \\(?=[{FIGURE}{CODE}]) )
    | (?P<entity> &(?:\#\d{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|\w{{1,31}}); )
    | (?P<tag> </?(?:{_KEPT_HTML})\ ?/?> )
    | (?P<wiki> !?\[\[[^\[\]\n]+\]\] )
    | (?P<image> !(?=\[) )
    | (?P<target> (?<=\])\( )
    | (?P<define> (?<=(?<!\])\]):|(?<=\\\]\]): )
    | (?P<auto> <(?i:https?)://[^<>\s]+> )
    | (?P<web> (?<![A-Za-z0-9+.-])(?i:https?)://(?:(?!==|!\[|&lt;)[^\s<>|()\[\]\\`{CODE}])+ )
    | (?P<scheme> :(?=//) )
    | (?P<www> (?<![A-Za-z0-9])(?i:www)\. )
    | (?P<at> @ )
    | (?P<task> ^{PREFIX}(?:[-*+]|\d{{1,9}}[.)])(?:[ \t]+|[ \t]*\n[ \t]*)\[
      (?=(?:[^\]\n{HELD}{CODE}]|[{HELD}{CODE}]+)\]) )
    | (?P<tildes> ^{PREFIX}~{{3,}} )
    | (?P<ticks> `+ )
    | (?P<html> <(?=[A-Za-z/!?{HELD}{CODE}]) )
    | (?P<dollar> \$ )
    | (?P<equals> ={{2,}} )
    | (?P<colons> (?<=:): )
    | (?P<pair> (?<=[%<])% | (?<=\{{)[{{%] )
    | (?P<hash> \#(?={TAG_WORD}) )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_WHOLE = regex(
    rf"\\[^\n]|!?\[\[[^\[\]\n]+\]\]|(?<=\])\((?:<[^<>\n]*>|[^()\s<>]*(?:\([^()\s]*\)[^()\s]*)*)(?: \"[^\"\n]*\")?\)"
    rf"|\$\$(?=[^$]).{{1,{_LONGEST_MATH}}}?(?<!\\)\$\$(?!\$)|(?i:\bhttps?)://(?:(?!==|!\[|&lt;)[^\s<>|()\[\]\\{CODE}])+",
    re.DOTALL,
)
_HIGHLIGHT = regex(r"(?<![=\\])==(?=[^\s=])(?:[^=\n]|=(?!=))*(?<=[^\s=])==(?!=)")
_TAG = regex(rf"#({TAG_WORD}+)")
_ALT = regex(r"!\[[^\[\]\n]*\](?=\()")
_SCHEME = regex(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_LONGEST_SCHEME = 40
_ODD_LINK = regex(r"<(?=[A-Za-z/!?%])|[`\ufddd]|%%|\{[{%]|::|==|^[^|]*://")
"""What stands in no link to a note, and would act there."""
_BRACKETS = regex(r"[\[\]]|\n[ \t>]*\n")
_BLANK = regex(r"\s")
_DECODED_ACTS = frozenset(":/.@")


class Walk(Struct):
    """Goes through a text without code and disarms what would act.

    Attributes:
        body: The text, with places for code and figures.
        table: Whether it is in a cell of a table.
        tags: Tags that may act, casefolded.
        rows: Whether it holds a table.
        refused: What was refused: offset, offset after it, and its kind.
    """

    body: str
    table: bool
    tags: AbstractSet[str]
    rows: bool = False
    refused: list[tuple[int, int, str]] = field(default_factory=list)
    _run: tuple[int, int, bool] = (0, 0, False)
    _open: int = 0
    _ends_link: bool = False

    def written(self) -> str:
        """Return the text as it may stand in a note, the places still in it."""
        shown = _highlights(self.body)
        parts, last = [], 0
        while found := _TOKENS.search(self.body, last):
            self._follow(self.body[last : found.start()])
            parts.append(self._between(self.body[last : found.start()]))
            kind = found.lastgroup or ""
            act: Callable[[re.Match[str]], tuple[str, int]] | None = getattr(self, f"_{kind}", None)
            if act is not None:
                text, last = act(found)
            elif kind == "equals":
                keeps = len(found[0]) == 2 and found.start() in shown
                text, last = found[0] if keeps else found[0][0] + r"\=" * (len(found[0]) - 1), found.end()
            else:
                text, last = _PLAIN.get(kind, found[0]), found.end()
            parts.append(text)
        return "".join([*parts, self._between(self.body[last:])])

    def _follow(self, text: str) -> None:
        """Follow the square brackets of a text, to know of a round one behind them whether it is that of a link."""
        for sign in _BRACKETS.findall(text):
            self._ends_link = sign == "]" and self._open > 0
            self._open = 0 if sign[0] == "\n" else max(0, self._open + (1 if sign == "[" else -1))

    def _between(self, text: str) -> str:
        return re.sub(r"(?<!\\)\|", r"\\|", text) if self.table else text

    def _literal(self, start: int, end: int) -> str:
        return literal(self.body[start:end])

    def _refuse(self, start: int, end: int, kind: str) -> None:
        self.refused.append((start, end, kind))

    def _math(self, found: re.Match[str]) -> tuple[str, int]:
        formula = found[0][2:-2]
        if not is_plain_math(formula):
            return r"\$\$", found.start() + 2
        formula = re.sub(r"(?<!\\)%", r"\\%", re.sub(r"<(?=[A-Za-z/!?%])", "< ", formula))
        return f"$${self._between(formula)}$$", found.end()

    def _inmath(self, found: re.Match[str]) -> tuple[str, int]:
        if is_formula(found[0][1:-1]):
            return found[0], found.end()
        return r"\$", found.start() + 1

    def _pair(self, found: re.Match[str]) -> tuple[str, int]:
        return "\\" + found[0], found.end()

    _slash = _pair

    def _keep(self, found: re.Match[str]) -> tuple[str, int]:
        """Keep an escape; a backslash before a letter is one that shows, and begins no command of math."""
        # Readers of math disagree on which dollar sign closes what, and may see a formula between two formulas.
        return ("\\" if found[0][0] == "\\" and found[0][1].isalpha() else "") + found[0], found.end()

    def _entity(self, found: re.Match[str]) -> tuple[str, int]:
        char = html.unescape(found[0])
        hidden = any(HIDDEN.match(each) or each in _DECODED_ACTS or unicodedata.category(each) == "Cc" for each in char)
        return ("&amp;" + found[0][1:].replace("#", r"\#") if hidden else found[0]), found.end()

    def _tag(self, found: re.Match[str]) -> tuple[str, int]:
        """Keep a tag inside a line; one alone on its line would begin a block of HTML, in which code is no code."""
        start, stop = self.body.rfind("\n", 0, found.start()) + 1, self.body.find("\n", found.end())
        after = self.body[found.end() : stop if stop >= 0 else len(self.body)]
        alone = not self.table and not after.strip() and re.fullmatch(PREFIX, self.body[start : found.start()])
        return ("&lt;" + found[0][1:] if alone and not self._goes_on(start) else found[0]), found.end()

    def _goes_on(self, start: int) -> bool:
        """Return whether the line that starts at an offset goes on with a paragraph."""
        before = self.body.rfind("\n", 0, max(start - 1, 0)) + 1
        return start > 0 and self.body[before].isalpha() and not self.rows

    def _wiki(self, found: re.Match[str]) -> tuple[str, int]:
        start = found[0].index("[[") + 2
        inner = found[0][start:-2]
        if _ODD_LINK.search(inner) or holds_figure(inner.partition("|")[0]):
            return found[0][:start].replace("[", r"\["), found.start() + start
        return self._between(found[0]), found.end()

    def _image(self, found: re.Match[str]) -> tuple[str, int]:
        alt = _ALT.match(self.body, found.start())
        target = target_at(self.body, alt.end()) if alt else None
        if target and not holds_figure(self.body[alt.end() : target.end]) and local(target.address) is not None:  # type: ignore[union-attr]
            return "!", found.end()
        if alt and target:
            self._refuse(found.start(), target.end, "picture")
            return self._literal(found.start(), target.end), target.end
        return r"\!\[", found.end() + 1

    def _target(self, found: re.Match[str]) -> tuple[str, int]:
        target = target_at(self.body, found.start())
        if not self._ends_link or self.body[found.start() - 2 : found.start()] == "]]":
            return r"\(", found.end()
        self._open, self._ends_link = 0, False  # no link holds another
        if target is None:
            self._refuse_loose(found.end())
            return r"\(", found.end()
        whole = self.body[found.start() : target.end]
        address = None if holds_figure(whole) else allowed(target.address)
        if address is None:
            kind = "figure" if holds_figure(whole) else "link"
            self._refuse(found.start() + 1, target.end - 1, kind)
            return "\\" + self._literal(found.start(), target.end), target.end
        return self._spelled(whole, target, address), target.end

    def _refuse_loose(self, start: int) -> None:
        """Tell of a target that is no plain one, where it may have been meant as an address."""
        end = self.body.find(")", start)
        if end > 0 and ":" in self.body[start:end]:
            self._refuse(start, end, "link")

    def _spelled(self, whole: str, target: Target, address: str) -> str:
        title = f' "{target.title}"' if target.title else ""
        angled = whole.lstrip("( ").startswith("<") and "://" in address
        return self._between(f"(<{address}>{title})" if angled else f"({address}{title})")

    def _define(self, found: re.Match[str]) -> tuple[str, int]:
        if self.body.endswith("]]", 0, found.start()) and not is_escaped(self.body, found.start() - 2):
            return ":", found.end()  # two brackets end no name, and the backslash before them is an escaped one
        line = self.body.rfind("\n", 0, found.start()) + 1
        if re.fullmatch(rf"{PREFIX}\[[^\[\]\n]+\]", self.body[line : found.start()]):
            end = self.body.find("\n", found.end())
            rest = self.body[found.end() : end if end >= 0 else len(self.body)]
            if ":" in rest and not rest.strip().startswith("http"):
                self._refuse(found.end(), found.end() + len(rest), "link")
        return r"\:", found.end()

    def _auto(self, found: re.Match[str]) -> tuple[str, int]:
        address = None if holds_figure(found[0]) else allowed(found[0][1:-1])
        if address is None:
            self._refuse(found.start(), found.end(), "figure" if holds_figure(found[0]) else "link")
            return self._literal(found.start(), found.end()), found.end()
        return f"<{address}>", found.end()

    def _web(self, found: re.Match[str]) -> tuple[str, int]:
        start, end, held = self._word_around(found.start())
        if held:
            self._refuse(max(start, found.start()), end, "figure")
            return self._literal(found.start(), found.end()), found.end()
        return acting_encoded(found[0]), found.end()

    def _scheme(self, found: re.Match[str]) -> tuple[str, int]:
        name = _SCHEME.search(self.body, max(0, found.start() - _LONGEST_SCHEME), found.start())
        if name and name[0].casefold() not in ("http", "https"):
            self._refuse(name.start(), self._word_around(found.start())[1], "link")
        return r"\:", found.end()

    def _www(self, found: re.Match[str]) -> tuple[str, int]:
        start, end, held = self._word_around(found.start())
        if held:
            self._refuse(max(start, found.start()), end, "figure")
        return found[0][:-1] + (r"\." if held else "."), found.end()

    def _at(self, found: re.Match[str]) -> tuple[str, int]:
        return (r"\@" if self._word_around(found.start())[2] else "@"), found.end()

    def _word_around(self, at: int) -> tuple[int, int, bool]:
        """Return start and end of what stands around an offset without blanks, and whether a figure is in it."""
        start, end, held = self._run
        if not start <= at < end:
            start = max(self.body.rfind(blank, 0, at) for blank in " \n\t") + 1
            stop = _BLANK.search(self.body, at)
            end = stop.start() if stop else len(self.body)
            held = holds_figure(self.body[start:end])
            self._run = (start, end, held)
        return start, end, held

    def _task(self, found: re.Match[str]) -> tuple[str, int]:
        return found[0][:-1] + r"\[", found.end()

    def _tildes(self, found: re.Match[str]) -> tuple[str, int]:
        return found[0].replace("~", r"\~"), found.end()

    def _ticks(self, found: re.Match[str]) -> tuple[str, int]:
        return r"\`" * len(found[0]), found.end()

    def _hash(self, found: re.Match[str]) -> tuple[str, int]:
        tag = _TAG.match(self.body, found.start())
        apart = found.start() == 0 or self.body[found.start() - 1].isspace()
        return ("#" if apart and tag and tag[1].casefold() in self.tags else r"\#"), found.end()


_PLAIN = {"dollar": r"\$", "html": "&lt;", "colons": " :"}


def _highlights(body: str) -> set[int]:
    """Return the offsets of the marks of highlighted passages; marks inside links and math do not count."""
    shape = _WHOLE.sub(lambda found: "x" * len(found[0]), body) if "==" in body else ""
    return {edge for m in _HIGHLIGHT.finditer(shape) for edge in (m.start(), m.end() - 2)}
