"""Code that was typed in a definition: taken out of its text, so that what remains holds none, and made harmless."""

from __future__ import annotations

import re

from msgspec import Struct

from thesisvault.notes.code import code_pieces
from thesisvault.notes.escape import words
from thesisvault.notes.typed.places import CODE, Held, fill_with_words, place_for
from thesisvault.notes.typed.runnable import SHOWN_LANGUAGES, is_only_shown, language_of
from thesisvault.patterns import regex

PREFIX = r"(?:[ \t]*(?:>|[-*+]|\d{1,9}[.)]))*[ \t]*"
"""What may stand before the text of a line: the marks of quotes and lists."""
FENCE = regex(r"(?P<prefix>[^`~\n]*)(?P<run>`{3,}|~{3,})(?P<info>[^\n]*)")
"""The first line of a fenced block."""
TABLE_RULE = regex(r"^[ \t>]*[|:-](?=[^\n]*-)(?=[^\n]*[|:])[ \t|:-]*$", re.MULTILINE)
"""The line below the head of a table."""
_LINE_IN_CODE = regex(r"[ \t]*\n[ \t>]*")


class CodeOf(Struct):
    """Takes the code out of a text, to be put back when all else is written.

    Attributes:
        text: The text.
        coming: What comes into the text later; code is added to it.
        table: Whether the text is in a cell of a table.
        trusted: Whether code stays as it was typed.
    """

    text: str
    coming: list[Held]
    table: bool
    trusted: bool

    def held_back(self) -> str:
        """Return the text with a place for each piece of code."""
        in_rows = self.table or TABLE_RULE.search(self.text) is not None
        parts, last = [], 0
        for start, end, fenced in code_pieces(self.text):
            if fenced and self.table:
                continue  # one line holds no block
            piece = fill_with_words(self.text[start:end], self.coming, "[`~\n]" if fenced else "[`\n]")
            parts.append(self.text[last:start])
            last = end
            parts.append(self._fenced(piece) if fenced else self._span(piece, in_rows=in_rows))
        return "".join([*parts, self.text[last:]])

    def _place(self, markdown: str) -> str:
        self.coming.append(Held(markdown))
        return place_for(len(self.coming) - 1, CODE)

    def _fenced(self, piece: str) -> str:
        opening, _, rest = piece.partition("\n")
        found = FENCE.match(opening)
        assert found is not None  # noqa: S101 - a fenced block begins with its fence
        body = rest.split("\n")
        ended = piece.endswith("\n")
        lines = body[:-1] if ended else body if rest else []
        prefix, run = found["prefix"], found["run"]
        closed = bool(lines) and _is_closing(lines[-1], run)
        if not self.trusted:
            language = language_of(found["info"])
            info = found["info"].split()[0] if found["info"].split() else ""
            opening = f"{prefix}{run}{info if language in SHOWN_LANGUAGES else 'text'}"
            content = lines[:-1] if closed else lines
            content = [_disarmed(line, inner=bool(prefix)) for line in content]
            lines = [*content, lines[-1]] if closed else content
        if not closed and not prefix.strip():
            lines = [*lines, f"{prefix}{run}"]
        return self._place("\n".join([opening, *lines])) + ("\n" if ended else "")

    def _span(self, piece: str, *, in_rows: bool) -> str:
        ticks = len(piece) - len(piece.lstrip("`"))
        inner = piece[ticks:-ticks]
        if self.trusted:
            return self._place(re.sub(r"(?<!\\)\|", r"\\|", piece) if self.table else piece)
        inner = _LINE_IN_CODE.sub(" ", inner)
        runs = {len(run) for run in re.findall("`+", inner)}
        fit = next((n for n in dict.fromkeys((min(ticks, 3), 1, 2)) if n < 3 and n not in runs), 0)
        if not fit or not is_only_shown(inner):
            # An equals sign at its end would be one of the mark of a highlight that ends there.
            shown = re.sub(r"\\?=\Z", "&#61;", words(" ".join(inner.split())))
            return self._place(shown) if shown else ""
        if fit != ticks and (inner[0] == "`" or inner[-1] == "`"):
            inner = f" {inner} "
        inner = inner.replace("<%", "< %")
        inner = re.sub(r"(?<!\\)\|", r"\\|", inner) if in_rows else inner
        return self._place(f"{'`' * fit}{inner}{'`' * fit}")


def _is_closing(line: str, run: str) -> bool:
    bare = line.strip(" \t>")
    return len(bare) >= len(run) and not bare.strip(run[0])


def _disarmed(line: str, *, inner: bool) -> str:
    """Return a line of code as no plugin that reads the bare file acts on it.

    Args:
        line: The line.
        inner: Whether its block stands in a list or a quote. Readers differ on where such a block ends, so nothing in
            it may act if it should turn out to be no code.
    """
    line = re.sub(r"%%(?=\s*tv:)", "% %", line.replace("<%", "< %"))
    if inner:
        line = re.sub(
            r"<(?=[A-Za-z/!?])|!(?=\[)|\[(?=\[)|\](?=[(:\[])|~(?=~~)|(?<=~)~(?=~)|%(?=%)|\\(?=[A-Za-z])",
            r"\g<0> ",
            line,
        )
        line = re.sub(r"(?i)(?<!http)(?<!https):(?=//)", ": ", line.replace("`", "'"))
    return line
