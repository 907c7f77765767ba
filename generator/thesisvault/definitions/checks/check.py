"""What a check of definitions knows and gathers; every finding points at the value that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from functools import cached_property

from msgspec import Struct

from thesisvault.blocks.core.block import BlockModel, texts_of
from thesisvault.definitions.expressions import blocks_of, expressions_of
from thesisvault.definitions.library import Library, link_names
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.errors import Finding, Place, ThesisvaultError, did_you_mean
from thesisvault.language.check import Vocabulary, check_expression, check_series, check_text
from thesisvault.patterns import regex
from thesisvault.scalars import folded
from thesisvault.written import Written, place_of

_LINK = regex(r"(!?)\[\[([^\[\]\n|#]+)(?:#[^\[\]\n|]*)?(?:\\?\|[^\[\]\n]*)?\]\]")
_CODE = regex(r"```.*?```|`[^`\n]*`", re.DOTALL)


MOST_FINDINGS = 300
"""The most mistakes between definitions that are shown at once; for each the nearest name is looked for."""
MOST_EXPRESSIONS = 10_000
"""The most expressions in one definition."""


class EnoughError(ThesisvaultError):
    """So many mistakes were found that no more are looked for."""


class Check(Struct, dict=True):
    """One check of a library on its way: what it knows, and what it found."""

    library: Library
    vocabulary: Vocabulary
    linkable: Set[str]
    findings: list[Finding]

    def say(self, problem: str, place: Place, code: str, hint: str = "") -> None:
        """Add a finding.

        Raises:
            EnoughError: There are as many as are shown.
        """
        self.add([Finding(problem, place, hint, code=code)])

    def add(self, findings: Iterable[Finding]) -> None:
        """Add findings.

        Raises:
            EnoughError: There are as many as are shown.
        """
        for each in findings:
            if len(self.findings) >= MOST_FINDINGS:
                raise EnoughError("there are more mistakes than are shown.")
            self.findings.append(each)

    def bare(self, source: str, vocabulary: Vocabulary) -> None:
        """Check a bare expression, as in `check:` or `when:`."""
        for each in check_expression(source, vocabulary):
            self.say(each.problem, place(source), "expression")

    def text(self, source: str, vocabulary: Vocabulary) -> None:
        """Check the live expressions of a text."""
        for each in check_text(source, vocabulary):
            where = place(source, each.nth) if each.offset is None else place_at(source, each.offset)
            self.say(each.problem, where, "expression")

    def expressions(self, thing: object, vocabulary: Vocabulary, compared: Vocabulary | None = None) -> None:
        """Check all expressions and links of a definition.

        Args:
            thing: The definition.
            vocabulary: The names that it knows.
            compared: The names that texts inside a comparison know, where those are more.
        """
        inside = {id(text) for block in _comparisons(thing) for text in texts_of(block)} if compared else frozenset()
        for nth, each in enumerate(expressions_of(thing)):
            if nth >= MOST_EXPRESSIONS:
                problem = f"the definition holds more than {MOST_EXPRESSIONS} expressions and texts with some."
                self.say(problem, place(each.source), "too-many", "Split it.")
                return
            if each.in_text:
                self.text(each.source, compared if compared and id(each.source) in inside else vocabulary)
            else:
                self.bare(each.source, vocabulary.with_names(*each.names))
        for text in texts_of(thing):
            if "[[" in text:
                self.links(text)

    def links(self, text: str) -> None:
        """Check that each link of a text leads to a note."""
        hidden = _CODE.sub(lambda code: " " * len(code[0]), text)
        for found in _LINK.finditer(hidden):
            if found[1]:
                continue
            name = found[2].strip().removesuffix("\\")
            if folded(name) not in self.linkable:
                hint = did_you_mean(name, self.names)
                self.say(
                    f"no note is called [[{name}]]; no definition has such a title, name, alias or ticker.",
                    place_at(text, found.start()),
                    "unknown-link",
                    hint,
                )

    @cached_property
    def names(self) -> list[str]:
        """Every name that a link may use."""
        return [name for name, _, _ in link_names(self.library)]

    def series(self, names: Iterable[str], allowed: Set[str] = frozenset()) -> None:
        """Check names of series."""
        for name in names:
            if name in allowed or name in self.vocabulary.names:
                continue
            problem = check_series(name, self.vocabulary)
            if problem:
                self.say(problem, place(name), "unknown-ticker")

    def known(self, names: Iterable[str], known: Iterable[str], what: str) -> None:
        """Check names of something else, such as sources."""
        options = list(known)
        for name in names:
            if name not in options and name not in self.library.wounded:
                self.say(
                    f'"{name}" is not a known {what}.',
                    place(name),
                    f"unknown-{what}",
                    did_you_mean(name, options),
                )


def _comparisons(thing: object) -> Iterator[BlockModel]:
    """Yield the blocks of a thesis whose texts see the names of other theses."""
    if isinstance(thing, Thesis):
        yield from (block for kind, block in blocks_of(thing) if kind == "compare")


def place(text: str, nth: int | None = None) -> Place:
    """Return the place of a text, or of its n-th `{{` if it holds any; of no file where it was not read from one."""
    return place_of(text, nth if "{{" in text else None) or Place("")


def place_at(text: str, offset: int) -> Place:
    """Return the place of one character of a text."""
    return text.place_at(offset) if isinstance(text, Written) else Place("")
