"""Where a text was typed, and what a check of definitions gathers on its way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

from thesisvault.blocks.core.block import texts_of
from thesisvault.definitions.library import Library, link_names
from thesisvault.definitions.reading.load import Tree
from thesisvault.errors import Finding, Place, did_you_mean
from thesisvault.language.check import Vocabulary, check_series, check_text
from thesisvault.language.parse import ExpressionError
from thesisvault.scalars import folded

_LINK = re.compile(r"(!?)\[\[([^\[\]\n|#]+)(?:#[^\[\]\n|]*)?(?:\\?\|[^\[\]\n]*)?\]\]")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


class Finder:
    """Finds the place of a text in the file that it was typed in."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._trails: dict[str, tuple[str | int, ...]] = {}
        self._keys: dict[str, tuple[str | int, ...]] = {}
        self._index(tree.value, ())

    def _index(self, value: Any, trail: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                self._keys.setdefault(key, (*trail, key))
                self._index(each, (*trail, key))
        elif isinstance(value, list):
            for i, each in enumerate(value):
                self._index(each, (*trail, i))
        else:
            self._trails.setdefault(value, trail)
            self._trails.setdefault(value.strip(), trail)

    def place(self, text: str, nth: int | None = None) -> Place:
        """Return the place of a text, of its n-th `{{` if asked for; of the file if the text is not found."""
        if text in self._trails:
            return self.tree.place_of(self._trails[text], nth)
        if text in self._keys:
            return self.tree.key_place(self._keys[text])
        return Place(self.tree.shown)

    def at(self, text: str, offset: int) -> Place:
        """Return the place of one character of a text."""
        if text in self._trails:
            return self.tree.place_at(self._trails[text], offset)
        return self.place(text)


@dataclass
class Check:
    """One check of a library on its way: what it knows, and what it found."""

    library: Library
    vocabulary: Vocabulary
    linkable: Set[str]
    findings: list[Finding]

    def say(self, problem: str, place: Place, code: str, hint: str = "") -> None:
        """Add a finding."""
        self.findings.append(Finding(problem, place, hint, code=code))

    def expressions(self, finder: Finder, source: str, problems: Iterable[ExpressionError]) -> None:
        """Add what is wrong with an expression."""
        for each in problems:
            nth = each.nth if "{{" in source else None
            self.say(each.problem, finder.place(source, nth), "expression")

    def texts(self, finder: Finder, thing: object, vocabulary: Vocabulary) -> None:
        """Check the live expressions and links of every text in a thing."""
        for text in dict.fromkeys(texts_of(thing)):
            if "{{" in text or "{%" in text:
                self.expressions(finder, text, check_text(text, vocabulary))
            if "[[" in text:
                self.links(finder, text)

    def links(self, finder: Finder, text: str) -> None:
        """Check that each link of a text leads to a note."""
        hidden = _CODE.sub(lambda code: " " * len(code[0]), text)
        for found in _LINK.finditer(hidden):
            if found[1]:
                continue
            name = found[2].strip().removesuffix("\\")
            if folded(name) not in self.linkable:
                hint = did_you_mean(name, self.names())
                self.say(
                    f"no note is called [[{name}]]; it is no title, name, alias or ticker of any definition.",
                    finder.at(text, found.start()),
                    "unknown-link",
                    hint,
                )

    def names(self) -> list[str]:
        """Return every name that a link may use."""
        return [name for name, _, _ in link_names(self.library)]

    def series(self, finder: Finder, names: Iterable[str], allowed: Set[str] = frozenset()) -> None:
        """Check names of series."""
        for name in names:
            if name in allowed or name in self.vocabulary.names:
                continue
            problem = check_series(name, self.vocabulary)
            if problem:
                self.say(problem, finder.place(name), "unknown-ticker")

    def known(self, finder: Finder, names: Iterable[str], known: Iterable[str], what: str) -> None:
        """Check names of something else, such as sources."""
        options = list(known)
        for name in names:
            if name not in options and name not in self.library.wounded:
                self.say(
                    f'"{name}" is not a known {what}.',
                    finder.place(name),
                    f"unknown-{what}",
                    did_you_mean(name, options),
                )


def tree_of(library: Library, ending: str) -> Tree | None:
    """Return the tree of the file whose path ends so, if it was read."""
    return next((tree for shown, tree in library.trees.items() if shown.endswith(ending)), None)
