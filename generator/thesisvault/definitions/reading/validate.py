"""Holding what was read against a model: an instance, or findings with their places in plain words.

Pydantic says where it failed by the path it took: keys, list positions, and the branches of unions, which no file has.
The path is walked again in what was read, branches are left out, and of several branches that failed only the one that
was meant is told about.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from pydantic import TypeAdapter, ValidationError

from thesisvault.definitions.reading.load import Trail, Tree
from thesisvault.definitions.reading.synonyms import kind_near, near
from thesisvault.errors import Finding, Place, did_you_mean, nearest
from thesisvault.fields import Name, found
from thesisvault.model import Attempts, Model, PartError
from thesisvault.structs import replace
from thesisvault.words import plural

M = TypeVar("M", bound=Model)

_SHAPES = {
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "string_type": "text",
}
_MANY = 8
MOST_FINDINGS = 200
"""The most mistakes of shape that are shown of one file."""
_BRANCHES = 8
"""So many errors pydantic may give for one mistake: one for each form that a value could have had."""


class _Failure(Struct, frozen=True):
    """One error of pydantic, found again in what was read.

    Attributes:
        kind: Pydantic's name of the error.
        trail: Where in the file.
        missing: The rest of the path that is not in the file, for something that is missing.
        branches: The steps that are in no file, each with the length of the trail at which it was taken.
        on_key: It is about the key, not the value.
        value: What stands there.
        context: What pydantic knows about the error.
        words: What pydantic says.
    """

    kind: str
    trail: Trail
    missing: str | int | None
    branches: tuple[tuple[int, str], ...]
    on_key: bool
    value: Any
    context: dict[str, Any]
    words: str


def validate(model: type[M], tree: Tree, path_prefix: Trail = ()) -> tuple[M | None, list[Finding]]:
    """Return the instance of a model that a tree holds, or None and everything that is wrong with it.

    Args:
        model: The model.
        tree: What was read.
        path_prefix: Where in the tree the model's mapping stands.
    """
    attempts = Attempts()
    try:
        return model.model_validate(tree.at(path_prefix), context=attempts), []
    except ValidationError as error:
        return None, _Report(tree, path_prefix, attempts).findings(error)


def validate_mapping(
    model: type[M], tree: Tree, keys: Any = Name, besides: Collection[str] = ()
) -> tuple[dict[str, M], list[Finding]]:
    """Return the entries of a file that maps ids to models, and what is wrong with the others.

    Args:
        model: The model of each entry.
        tree: What was read.
        keys: The type of the ids, such as `Ticker` or `Word`.
        besides: Keys that are no ids and left out.
    """
    if not isinstance(tree.value, dict):
        problem = f"expected a mapping of ids, found {found(tree.value)}."
        return {}, [Finding(problem, tree.place_of(()), code="wrong-shape")]
    entries: dict[str, M] = {}
    findings = [
        Finding(
            f'"{trail[0]}" has no value.', tree.key_place(trail), "Write its fields, or delete it.", code="missing-key"
        )
        for trail in ((key,) for key in tree.empty_in.get((), ()))
    ]
    ids: TypeAdapter[str] = TypeAdapter(keys)
    for key in tree.value:
        if key in besides:
            continue
        entry, wrong = validate(model, tree, (key,))
        findings += wrong
        try:
            name = ids.validate_python(key)
        except ValidationError as error:
            words = _sentence(str(error.errors()[0].get("ctx", {}).get("error", "this cannot be an id")))
            findings.append(Finding(words, tree.key_place((key,)), code="wrong-value"))
            continue
        if name in entries:
            findings.append(Finding(f'"{name}" is duplicated.', tree.key_place((key,)), code="duplicate-key"))
        elif entry is not None:
            entries[name] = entry
    return entries, _in_order(findings)


class _Report:
    """Turns the errors of one validation into findings."""

    def __init__(self, tree: Tree, prefix: Trail, attempts: Attempts) -> None:
        self.tree = tree
        self.prefix = prefix
        self.attempts = attempts

    def findings(self, error: ValidationError) -> list[Finding]:
        """Return the findings, in the order of the file, none twice."""
        errors = error.errors(include_url=False)
        failures = _prune([self.locate(each) for each in errors[: MOST_FINDINGS * _BRANCHES]])
        failures = [failure for failure in failures if not _only_follows(failure)]
        more = len(failures) > MOST_FINDINGS or len(errors) > MOST_FINDINGS * _BRANCHES
        failures = failures[:MOST_FINDINGS]
        missing: dict[Trail, list[str]] = {}
        results: list[Finding] = []
        for failure in failures:
            if failure.kind == "missing" and isinstance(failure.missing, str):
                missing.setdefault(failure.trail, []).append(failure.missing)
            else:
                results.append(self.finding(failure))
        # A misspelt key and the one that is missed for it are one mistake.
        meant = {(f.trail[:-1], self.meant(f.trail)) for f in failures if f.kind == "extra_forbidden"}
        for trail, names in missing.items():
            results += self.missing(trail, [n for n in dict.fromkeys(names) if (trail, n) not in meant])
        if more:
            words = f"only the first {MOST_FINDINGS} mistakes of this kind in the file are shown."
            results.append(Finding(words, Place(self.tree.shown), "Fix those first.", code="more-findings"))
        return _in_order(results)

    def locate(self, error: Any) -> _Failure:
        """Return an error with the place that it has in what was read."""
        trail, node = self.prefix, self.tree.at(self.prefix)
        branches: list[tuple[int, str]] = []
        missing: str | int | None = None
        steps: Sequence[str | int] = error["loc"]
        on_key = bool(steps) and steps[-1] == "[key]"
        for number, step in enumerate(steps, 1):
            known = isinstance(node, dict) and step in node
            if known or (isinstance(node, list) and isinstance(step, int) and step < len(node)):
                trail, node = (*trail, step), node[step]
            elif number == len(steps) and error["type"] == "missing":
                missing = step
            elif step != "[key]":
                branches.append((len(trail), str(step)))
        context = error.get("ctx", {})
        return _Failure(error["type"], trail, missing, tuple(branches), on_key, node, context, error["msg"])

    def missing(self, trail: Trail, names: list[str]) -> list[Finding]:
        """Return findings for keys that a mapping lacks: one for each that stands there empty, one for the rest."""
        results = []
        for name in [name for name in names if (*trail, name) in self.tree.empty]:
            place = self.tree.key_place((*trail, name))
            results.append(Finding(f'"{name}" has no value, and it needs one.', place, code="missing-key"))
            names.remove(name)
        if names:
            words = f"{_listed(names, 'and')} {'is' if len(names) == 1 else 'are'} missing"
            if not isinstance(self.tree.at(trail), dict):
                words = f"expected a mapping with {_listed(names, 'and')}, found {found(self.tree.at(trail))}"
            results.append(Finding(self.labelled(trail, words), self.tree.place_of(trail), code="missing-key"))
        return results

    def finding(self, failure: _Failure) -> Finding:
        """Return the finding for a failure that is no missing key."""
        if failure.kind == "extra_forbidden":
            return self.unknown_key(failure.trail)
        if failure.kind.startswith("one_key"):
            return self.one_key(failure)
        place = self.place(failure)
        if failure.kind in _SHAPES or failure.kind.startswith("union_tag"):
            shape = _SHAPES.get(failure.kind) or _either(re.findall(r"'([^']*)'", failure.context["expected_tags"]))
            words = f"expected {shape}, found {found(failure.value)}"
            hint = self.shape_hint(failure, shape)
            return Finding(self.labelled(failure.trail, words), place, hint, code="wrong-shape")
        words, hint = _words(failure)
        words = _sentence(words) if failure.on_key else self.labelled(failure.trail, words)
        return Finding(words, place, self.value_hint(failure) or hint, code="wrong-value")

    def place(self, failure: _Failure) -> Place:
        """Return the place of a value that was refused, or of the part of it that is to blame."""
        part = failure.context.get("error")
        trail, on_key = failure.trail, failure.on_key
        if isinstance(part, PartError):
            trail, on_key = (*trail, *part.trail), part.on_key
        return self.tree.key_place(trail) if on_key else self.tree.place_of(trail)

    def known_keys(self, trail: Trail) -> list[str]:
        """Return the keys that the models at the place of a key have."""
        models = self.attempts.on(self.tree.at(trail[:-1]))
        return list(dict.fromkeys(key for model in models for key in model.allowed_keys()))

    def meant(self, trail: Trail) -> str | None:
        """Return the known key that an unknown one seems to mean, rather one that does not stand there yet."""
        known, parent = self.known_keys(trail), self.tree.at(trail[:-1])
        absent = [key for key in known if key not in parent]
        alike = next((key for key in near(str(trail[-1])) if key in absent), None)
        return alike or nearest(str(trail[-1]), absent) or nearest(str(trail[-1]), known)

    def unknown_key(self, trail: Trail) -> Finding:
        """Return the finding for a key that the model at its place does not have."""
        meant, known = self.meant(trail), self.known_keys(trail)
        hint = f'Did you mean "{meant}"?' if meant else f"Known keys: {', '.join(known)}." if known else ""
        return Finding(f'unknown key "{trail[-1]}".', self.tree.key_place(trail), hint, code="unknown-key")

    def one_key(self, failure: _Failure) -> Finding:
        """Return the finding for an object that should have one key which says its kind."""
        noun = failure.context["noun"]
        known: list[str] = failure.context["known"]
        place, value = self.tree.place_of(failure.trail), failure.value
        if failure.kind == "one_key_unknown":
            word = failure.context.get("word") or next(iter(value))
            alike = kind_near(noun, word)
            hint = (
                f'Did you mean "{alike}"?'
                if alike in known
                else did_you_mean(word, known) or f"Known kinds: {', '.join(sorted(known))}."
            )
            place = self.tree.key_place((*failure.trail, word))
            return Finding(f'unknown kind of {noun} "{word}".', place, hint, code="unknown-kind")
        hint = f"A {noun} is a mapping whose only key is its kind, such as {_listed(known[:3], 'or')}."
        if failure.kind == "one_key_type":
            if isinstance(value, str) and value in known:
                hint = f"Write {value}: {{}}."
            words = self.labelled(failure.trail, f"expected a {noun}, found {found(value)}")
            return Finding(words, place, hint, code="wrong-shape")
        empty = self.tree.empty_in.get(failure.trail, ())
        if not value and empty:
            words, place = f'the {noun} "{empty[0]}" has no value.', self.tree.key_place((*failure.trail, empty[0]))
            return Finding(words, place, f"Write {empty[0]}: {{}} if it is to have its defaults.", code="one-key")
        if value and next(iter(value)) in known:
            hint = f'Indent what belongs to "{next(iter(value))}" below it.'
        words = f"a {noun} has exactly one key; found {_listed(list(value), 'and') or 'none'}."
        return Finding(words, place, hint, code="one-key")

    def labelled(self, trail: Trail, words: str) -> str:
        """Return words as a sentence that begins with the key they are about."""
        own = trail[len(self.prefix) :]
        names = [step for step in own if isinstance(step, str)]
        if not names:
            return _sentence(words)
        last = max(index for index, step in enumerate(own) if isinstance(step, str))
        items = "".join(f", item {int(step) + 1}" for step in own[last + 1 :])
        return _sentence(f"{own[last]}{items}: {words}")

    def shape_hint(self, failure: _Failure, shape: str) -> str:
        """Return how to write the shape that was expected."""
        hint = self.value_hint(failure)
        if not hint and isinstance(failure.value, str) and "list" in shape:
            return "Write a list in square brackets, or one item per line after dashes."
        models = self.attempts.on(failure.value)
        if not hint and models and shape == "a mapping":
            return f"It has the keys {', '.join(models[-1].allowed_keys())}."
        return hint

    def value_hint(self, failure: _Failure) -> str:
        """Return a hint for values that YAML took for something else than was meant."""
        if isinstance(failure.value, list) and self.tree.raw(failure.trail).startswith("[["):
            return "Put quotes around a text that begins with [[."
        if failure.value in ("null", "~", "none", "None"):
            return "Leave the value empty to say nothing."
        return ""


def _prune(failures: list[_Failure]) -> list[_Failure]:
    """Return the failures without those of branches of a union that were not meant."""
    unions: dict[Trail, dict[str, list[_Failure]]] = {}
    kept: list[_Failure] = []
    for failure in failures:
        if not failure.branches:
            kept.append(failure)
            continue
        depth, branch = failure.branches[0]
        unions.setdefault(failure.trail[:depth], {}).setdefault(branch, []).append(failure)
    for trail, by_branch in unions.items():
        if len(by_branch) == 1:
            (below,) = by_branch.values()
            kept += _prune([_without_branch(failure) for failure in below])
            continue
        deeper = [below for below in by_branch.values() if any(_is_below(failure, trail) for failure in below)]
        if deeper:
            kept += _prune([_without_branch(failure) for failure in min(deeper, key=len)])
        else:
            kept.append(_joined([failure for below in by_branch.values() for failure in below]))
    return kept


def _only_follows(failure: _Failure) -> bool:
    """Return whether a list is said to be too short only because items of it were refused, which are told about."""
    return failure.kind == "too_short" and len(failure.value) >= failure.context["min_length"]


def _is_below(failure: _Failure, trail: Trail) -> bool:
    return len(failure.trail) > len(trail) or failure.kind == "missing"


def _without_branch(failure: _Failure) -> _Failure:
    return replace(failure, branches=failure.branches[1:])


def _joined(failures: list[_Failure]) -> _Failure:
    """Return one failure for branches that all refused the same value."""
    shapes = list(dict.fromkeys(_SHAPES[failure.kind] for failure in failures if failure.kind in _SHAPES))
    others = [failure for failure in failures if failure.kind not in _SHAPES]
    first = failures[0]
    words = list(dict.fromkeys(_words(failure)[0] for failure in others))
    if shapes and not (isinstance(first.value, str) and words):
        words = [f"expected {' or '.join(shapes)}, found {found(first.value)}"]
    return replace(first, kind="joined", branches=(), words="; or: ".join(words))


def _words(failure: _Failure) -> tuple[str, str]:
    """Return what is wrong with a value, and a hint, without its key."""
    kind, context, value = failure.kind, failure.context, failure.value
    if kind in ("value_error", "assertion_error"):
        words, semicolon, hint = str(context["error"]).rpartition("; write ")
        return (words, f"Write {hint}.") if semicolon else (hint, "")
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", context["expected"])
        if not isinstance(value, str):
            return f"expected {_listed(options, 'or')}, found {found(value)}", ""
        return f'expected {_listed(options, "or")}, found "{value}"', did_you_mean(value, options)
    if kind == "missing":
        return f"item {int(failure.missing or 0) + 1} is missing", ""
    if kind in ("too_short", "too_long"):
        least, number = kind == "too_short", context["min_length" if kind == "too_short" else "max_length"]
        return f"expected {plural(number, 'item')} at {'least' if least else 'most'}, found {len(value):,}", ""
    if kind == "joined":
        return failure.words, ""
    return failure.words.replace("Input should be", "expected").replace("Input should have", "expected"), ""


def _either(tags: Iterable[str]) -> str:
    names = {"text": "text", "list": "a list", "mapping": "a mapping", "dated": "a mapping"}
    return " or ".join(dict.fromkeys(names.get(tag, tag) for tag in tags))


def _listed(names: Sequence[str], word: str) -> str:
    quoted = [f'"{name}"' for name in names[:_MANY]] + (["more"] if len(names) > _MANY else [])
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {word} {quoted[-1]}" if quoted else ""


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda finding: finding.sort_key)
