"""What a person reads keeps to the vocabulary of `vocabulary.yaml`: texts in the code, help, templates and docs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PLACES: Mapping[str, tuple[str, ...]] = {
    "code": ("generator/thesisvault/**/*.py",),
    "templates": ("templates/**/*.j2", "templates/**/*.md"),
    "docs": ("docs/**/*.md", "*.md"),
}
HELP = "generator/thesisvault/cli/"
"""The docstrings of commands are their help."""


@dataclass(frozen=True)
class Word:
    """What is not written any more."""

    pattern: str
    write: str
    places: tuple[str, ...] = tuple(PLACES)
    exact: bool = False
    allow: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    found: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        flags = re.MULTILINE if self.exact else re.MULTILINE | re.IGNORECASE
        object.__setattr__(self, "found", re.compile(self.pattern, flags))


@dataclass(frozen=True)
class Text:
    """A text that a person may read."""

    path: str
    line: int
    text: str


def words() -> list[Word]:
    entries: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/house/vocabulary.yaml").read_text("utf-8"))
    return [
        Word(
            each["not"],
            each["write"],
            tuple(each.get("in", PLACES)),
            each.get("exact", False),
            tuple(each.get("allow", ())),
            tuple(each.get("pending", ())),
        )
        for each in entries
    ]


def strings(path: str, source: str) -> Iterator[Text]:
    """Yield the texts of a module that are no docstrings; those of commands are their help."""
    tree = ast.parse(source)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and isinstance(node.body[0], ast.Expr)
        and not (path.startswith(HELP) and isinstance(node, ast.FunctionDef))
    }
    attributes = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    helps = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if path.startswith(HELP)
        and isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in docs or id(node) in attributes - helps:
                continue
            yield Text(path, node.lineno, node.value)


def whole(path: str, text: str) -> Iterator[Text]:
    """Yield the lines of a page or a template."""
    yield from (Text(path, number, line) for number, line in enumerate(text.splitlines(), start=1))


@cache
def texts(place: str) -> tuple[Text, ...]:
    """Return the texts of one kind of place."""
    found: list[Text] = []
    for pattern in PLACES[place]:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            read = strings if place == "code" else whole
            found += read(name, path.read_text("utf-8"))
    return tuple(found)


def hits(word: Word, among: tuple[Text, ...]) -> list[Text]:
    return [each for each in among if word.found.search(each.text)]


@pytest.mark.parametrize("word", words(), ids=lambda word: word.pattern)
def test_a_word_that_went_does_not_come_back(word: Word) -> None:
    wrong = [
        f"{each.path}:{each.line}: {each.text.strip()[:90]}"
        for place in word.places
        for each in hits(word, texts(place))
        if not any(fnmatch(each.path, allowed) for allowed in (*word.allow, *word.pending))
    ]
    assert wrong == [], f"write: {word.write}"


@pytest.mark.parametrize("word", [each for each in words() if each.allow], ids=lambda word: word.pattern)
def test_an_exception_is_still_needed(word: Word) -> None:
    found = {each.path for place in word.places for each in hits(word, texts(place))}
    assert [allowed for allowed in word.allow if not any(fnmatch(path, allowed) for path in found)] == []


# The test itself ------------------------------------------------------------------------------------------------------

MODULE = '''
"""Of the module: it is tripped."""
LABEL = "Kill line"
LATER = f"{LABEL} is tripped"
"""Of the label: tripped."""


def command() -> None:
    """Have a look: tripped."""


def _helper() -> None:
    """Of the helper: tripped."""
'''


def test_texts_and_help_are_read_and_other_docstrings_are_not() -> None:
    assert [each.text for each in strings("generator/thesisvault/runs/x.py", MODULE)] == ["Kill line", " is tripped"]
    helped = [each.text for each in strings(f"{HELP}x.py", MODULE)]
    assert sorted(helped) == [" is tripped", "Have a look: tripped.", "Kill line"]


def test_a_word_that_is_put_back_is_found_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    back = {"code": (Text("a.py", 3, "Kill line"),), "docs": (Text("b.md", 4, "| **Spread** | buy minus sell |"),)}
    monkeypatch.setattr("tests.house.test_vocabulary.texts", lambda place: back.get(place, ()))
    found = []
    for word in words():
        try:
            test_a_word_that_went_does_not_come_back(word)
        except AssertionError as problem:
            found.append(str(problem))
    assert len(found) == 2
    assert any("long minus short" in each and "b.md:4" in each for each in found)
    assert any("nearest exit" in each and "a.py:3" in each for each in found)


def test_an_exception_holds_for_its_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    word = Word("tripped", "triggered", allow=("a/*.py",))
    monkeypatch.setattr("tests.house.test_vocabulary.texts", lambda _place: (Text("a/b.py", 1, "tripped"),))
    test_a_word_that_went_does_not_come_back(word)
    test_an_exception_is_still_needed(word)
    monkeypatch.setattr("tests.house.test_vocabulary.texts", lambda _place: (Text("c.py", 1, "tripped"),))
    with pytest.raises(AssertionError):
        test_a_word_that_went_does_not_come_back(word)
    with pytest.raises(AssertionError):
        test_an_exception_is_still_needed(word)


def test_every_entry_finds_something_and_not_its_own_replacement() -> None:
    assert len(words()) > 60
    for word in words():
        assert not word.found.search(""), word.pattern
        assert word.write
