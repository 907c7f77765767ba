"""Every example is read as the tool itself would read it."""

from __future__ import annotations

import pytest
import yaml

from tests.docs import examples, tables
from tests.docs.page import Fence, Page, pages
from thesisvault.definitions.reading.load import parse_tree
from thesisvault.definitions.reading.validate import validate
from thesisvault.errors import ThesisvaultError
from thesisvault.scalars import parse_window

ADD_IT = "add the example in tests/docs/examples.py, then run: make docs"

# What a file or a part of one must be besides: keys that it needs and does not show, and whether it maps names to many.
_WHOLE = {
    "thesis": {"title": "X"},
    "basket": {"title": "X", "members": "[X]"},
    "settings": {},
}
_MANY = {"instruments": "instrument", "entities": "entity", "episodes": "episode"}
_SHOWN = [(page, fence) for page in pages() for fence in page.fences if fence.info == "yaml"]


def wrong_with(name: str, text: str) -> list[str]:
    tree, broken = parse_tree(text, "example.yaml")
    assert tree is not None, broken
    return [str(finding) for finding in validate(tables.MODELS[name][0], tree)[1]]


def wrong_in(kind: str, text: str) -> list[str]:
    """Return what is wrong with an example of a file of a kind."""
    if kind in _WHOLE:
        needed = _WHOLE[kind]
        there = yaml.compose(text)
        keys = {key.value for key, _ in there.value} if there is not None else set()
        return wrong_with(kind, text + "".join(f"{key}: {value}\n" for key, value in needed.items() if key not in keys))
    found = []
    for key, value in yaml.compose(text).value:
        macro = "\nkind: macro\n" if key.value.startswith("fred:") else ""
        body = "\n".join(f"{name.value}: {yaml.serialize(each)}" for name, each in value.value).replace("\n...", "")
        found += [f"{key.value}: {said}" for said in wrong_with(_MANY[kind], body + macro)]
    return found


def kind_of(fence: Fence) -> str:
    """Return what kind of file an example is of, by the comment above it."""
    if fence.key == "part of":
        return fence.value
    parts = fence.value.removesuffix(".yaml").split("/")
    folders = {"theses": "thesis", "baskets": "basket", "thesisvault": "settings"}
    return next((folders[part] for part in parts if part in folders), parts[-1])


@pytest.mark.parametrize(("page", "fence"), _SHOWN, ids=[f"{page}:{fence.first + 1}" for page, fence in _SHOWN])
def test_every_example_of_a_page_is_understood(page: Page, fence: Fence) -> None:
    if fence.text.startswith("blocks:\n"):  # one of each; tested below one by one
        return
    if fence.text.startswith("# yaml-language-server:") and fence.text.count("\n") == 1:
        return
    assert fence.key in ("file", "append", "part of"), (
        f"{page}: say above the example what it is: <!-- part of: thesis -->"
    )
    wrong = wrong_in(kind_of(fence), fence.text)
    if "staus" in fence.text:  # the tutorial shows how a mistake looks
        assert len(wrong) == 1
    else:
        assert wrong == []


def test_a_wrong_example_would_be_seen() -> None:
    assert wrong_in("thesis", "sumary: X\n")
    assert wrong_in("basket", "members: {XOM: 60%, CVX: 30%}\n")
    assert wrong_in("instruments", "XLE: {name: Energy, kind: efd}\n")


def test_every_kind_of_block_has_an_example_and_no_other_has() -> None:
    assert sorted(examples.BLOCKS) == sorted(tables.KINDS), ADD_IT


@pytest.mark.parametrize("kind", sorted(examples.BLOCKS))
def test_the_example_of_a_block_is_understood(kind: str) -> None:
    text = f"title: X\nsections:\n  - heading: Y\n    blocks:\n      - {examples.BLOCKS[kind]}\n"
    assert examples.BLOCKS[kind].startswith(f"{kind}:")
    assert wrong_with("thesis", text) == []


@pytest.mark.parametrize("name", tables.MODELS)
def test_the_examples_of_keys_are_understood(name: str) -> None:
    model, written = tables.MODELS[name]
    assert list(written) == list(model.model_fields), ADD_IT
    kinds = {"thesis": "thesis", "instrument": "etf", "entity": "idea"}
    shown = {key: example or kinds.get(name, "") if key == "kind" else example for key, example in written.items()}
    assert wrong_with(name, "\n".join(f"{key}: {example}" for key, example in shown.items() if example)) == []


def test_every_form_of_a_window_is_named() -> None:
    named = {parse_window(form).kind for forms, _ in examples.WINDOWS for form in forms}
    assert named == {"sessions", "calendar", "to_date", "period", "since", "range", "max", "opened"}


def test_every_status_that_an_error_ends_with_is_documented() -> None:
    errors, found = [ThesisvaultError], set()
    while errors:
        error = errors.pop()
        found.add(error.exit_status)
        errors += error.__subclasses__()
    assert found <= set(tables.exit_statuses())
