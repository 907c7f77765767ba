"""Regular expressions are compiled when they are first used, and are then what they would have been."""

from __future__ import annotations

import ast
import copy
import re
from pathlib import Path

import pytest

from thesisvault.patterns import regex

PACKAGE = Path(__file__).resolve().parents[2] / "generator" / "thesisvault"


def test_a_pattern_is_compiled_when_it_is_first_used_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    whole = re.compile
    monkeypatch.setattr(re, "compile", lambda *given: (made.append(given), whole(*given))[1])
    found = regex("a(B)", re.IGNORECASE)
    assert made == []
    assert [found.fullmatch("Ab")[1], found.sub("x", "abab"), found.findall("ab")] == ["b", "xx", ["b"]]  # type: ignore[index]
    assert made == [("a(B)", int(re.IGNORECASE))]
    assert (found.pattern, found.groups) == ("a(B)", 1)


def test_a_pattern_of_bytes_and_a_copy_of_one_work() -> None:
    assert regex(b"[0-9]+").findall(b"1 22") == [b"1", b"22"]
    assert copy.copy(regex("a")).match("a")


def test_a_pattern_that_is_wrong_says_so_when_it_is_used() -> None:
    wrong = regex("(")
    with pytest.raises(re.error):
        wrong.match("")


def test_no_function_of_re_is_given_one() -> None:
    """They take texts and compiled patterns alone, which no type checker can tell apart from these."""
    wrong, late = [], 0
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
        named = {
            target.id
            for each in ast.walk(tree)
            if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call) and _is(each.value.func, "regex")
            for target in each.targets
            if isinstance(target, ast.Name)
        }
        late += len(named)
        for call in calls:
            of_re = isinstance(call.func, ast.Attribute) and _is(call.func.value, "re")
            if of_re and any(isinstance(each, ast.Name) and each.id in named for each in call.args):
                wrong.append(f"{path.name}:{call.lineno}")
    assert late > 150
    assert wrong == []


def test_all_patterns_of_the_package_are_right() -> None:
    made = 0
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and _is(call.func, "regex") and isinstance(call.args[0], ast.Constant):
                re.compile(call.args[0].value)
                made += 1
    assert made > 120


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
