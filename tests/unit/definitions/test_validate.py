"""What was read against a model: findings with places, in plain words, each mistake once."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Tag, model_validator

from thesisvault.definitions.reading.load import Tree, parse_tree
from thesisvault.definitions.reading.validate import validate, validate_mapping
from thesisvault.errors import Finding
from thesisvault.fields import Day, Figure, Name, Prose, Share, Ticker, Truth, WindowText, Word
from thesisvault.model import BY_SHAPE, Model, OneKey

KINDS: dict[str, type[Model]] = {}


class Block(OneKey, noun="block", kinds=KINDS):
    """A block."""


class Quote(Model):
    """Words with their speaker."""

    shorthand: ClassVar[str] = "says"
    says: Prose
    by: Name | None = None


class Returns(Model):
    """Returns."""

    of: tuple[Ticker, ...]
    over: tuple[WindowText, ...] = ()


class Fold(Model):
    """Blocks inside a block."""

    blocks: tuple[Block, ...]


class Signals(Model):
    """Signals."""

    of: tuple[Word, ...] = ()


KINDS |= {"quote": Quote, "returns": Returns, "fold": Fold, "signals": Signals}


class Side(Model):
    """A side."""

    name: Name
    hold: Annotated[
        Annotated[tuple[Ticker, ...], Tag("list")] | Annotated[dict[Ticker, Share], Tag("mapping")],
        BY_SHAPE,
    ]


class Ending(Model):
    """When it ended, and why."""

    day: Day
    why: Name


class Thesis(Model):
    """A thesis."""

    title: Name
    kind: Literal["thesis", "concept"] = "thesis"
    opened: Day | None = None
    closed: Day | None = None
    summary: Prose | None = None
    tags: tuple[Name, ...] = ()
    sell: Side | None = None
    between: tuple[Figure, Figure] | None = None
    expect: Day | Truth | None = None
    plan: tuple[Name, ...] | Side | None = None
    ended: Side | Ending | None = None
    blocks: tuple[Block, ...] = ()

    @model_validator(mode="after")
    def _order(self) -> Thesis:
        if self.opened and self.closed and self.closed < self.opened:
            raise ValueError("closed lies before opened")
        return self


def tree_of(text: str) -> Tree:
    tree, findings = parse_tree(text, "t.yaml")
    assert tree is not None, findings
    return tree


def findings_of(text: str) -> list[Finding]:
    thesis, findings = validate(Thesis, tree_of(text))
    assert (thesis is None) == bool(findings)
    return findings


def test_what_is_right_becomes_an_instance() -> None:
    text = "title: Oil\nsell: {name: a, hold: {XOM: 60%, 'NO': 40%}}\nblocks:\n  - fold: {blocks: [{quote: hi}]}\n"
    thesis, findings = validate(Thesis, tree_of(text))
    assert findings == []
    assert thesis is not None
    assert thesis.sell is not None
    assert thesis.sell.hold == {"XOM": 0.6, "NO": 0.4}
    assert thesis.blocks == (Block("fold", Fold(blocks=(Block("quote", Quote(says="hi")),))),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("titel: x\n", 't.yaml:1:1: unknown key "titel". Did you mean "title"?'),
        ("title: x\nzzz: y\n", 't.yaml:2:1: unknown key "zzz". Known keys: title, kind, opened,'),
        ("kind: thesis\n", 't.yaml:1:1: "title" is missing.'),
        ("kind: thesis\ntitle:\n", 't.yaml:2:1: "title" has no value, and it needs one.'),
        ("title: x\nsell: {}\n", 't.yaml:2:7: sell: "name" and "hold" are missing.'),
        ("title: x\nkind: thesys\n", 't.yaml:2:7: kind: expected "thesis" or "concept", found "thesys". Did you mean'),
        (
            "title: x\nopened: 2026-02-30\n",
            't.yaml:2:9: opened: "2026-02-30" is not in the calendar. Write a date as',
        ),
        ("title: x\nopened: null\n", 't.yaml:2:9: opened: "null" is not a date. Leave the value empty to say nothing.'),
        ("title: x\nopened: [2026-02-03]\n", "t.yaml:2:9: opened: expected a date, found a list."),
        ("title: x\ntags: SaaS\n", 't.yaml:2:7: tags: expected a list, found the text "SaaS". Write a list in square'),
        ("title: x\ntags: [a, {b: c}]\n", "t.yaml:2:11: tags, item 2: expected a line of text, found a mapping."),
        (
            "title: x\nsummary: [[NVDA]]\n",
            "t.yaml:2:10: summary: expected text, found a list. Put quotes around a text",
        ),
        ("title: x\nsell: XLE\n", 't.yaml:2:7: sell: expected a mapping, found the text "XLE".'),
        ("title: x\nsell: {name: a, hold: XLE}\n", "t.yaml:2:23: hold: expected a list or a mapping, found the text"),
        ("title: x\nsell: {name: a, hold: {XOM: 6o%}}\n", 't.yaml:2:29: XOM: "6o%" is not a share. Write it as 60%'),
        (
            "title: x\nsell: {name: a, hold: {'A|B': 60%}}\n",
            "t.yaml:2:24: expected a single ticker or id, found the ch",
        ),
        ("title: x\nbetween: [1]\n", "t.yaml:2:10: between: item 2 is missing."),
        ("title: x\nbetween: [1, 2, 3]\n", "t.yaml:2:10: between: expected 2 items at most, found 3."),
        ("title: x\nexpect: soon\n", 't.yaml:2:9: expect: "soon" is not a date; or: "soon" is neither true nor false.'),
        ("title: x\nplan: XLE\n", 't.yaml:2:7: plan: expected a list or a mapping, found the text "XLE".'),
        ("title: x\nplan: {name: y}\n", 't.yaml:2:7: plan: "hold" is missing.'),
        (
            "title: x\nplan: {name: y, hold: [[a]]}\n",
            "t.yaml:2:24: hold, item 1: expected a ticker or an id, found a list",
        ),
        # Of several models the one with the fewest mistakes was meant.
        ("title: x\nended: {day: 2026-01-02, wy: y}\n", 't.yaml:2:26: unknown key "wy". Did you mean "why"?'),
        ("title: x\nended: {name: y, hold: [[a]]}\n", "t.yaml:2:25: hold, item 1: expected a ticker or an id, found"),
        ("title: x\nopened: 2026-01-02\nclosed: 2026-01-01\n", "t.yaml:1:1: closed lies before opened."),
        ("- title\n", "t.yaml:1:1: expected a mapping, found a list. It has the keys title, kind,"),
        ("title: x\nblocks: [{qoute: y}]\n", 't.yaml:2:11: unknown kind of block "qoute". Did you mean "quote"?'),
        (
            "title: x\nblocks: [{zzz: y}]\n",
            't.yaml:2:11: unknown kind of block "zzz". Known kinds: fold, quote, returns,',
        ),
        (
            "title: x\nblocks: [signals]\n",
            't.yaml:2:10: blocks, item 1: expected a block, found the text "signals". Wr',
        ),
        ("title: x\nblocks:\n  - signals:\n", 't.yaml:3:5: the block "signals" has no value. Write signals: {} if it'),
        ("title: x\nblocks:\n  - {}\n", "t.yaml:3:5: a block has exactly one key; found none."),
        (
            "title: x\nblocks:\n  - quote: a\n    by: b\n",
            'y; found "quote" and "by". Indent what belongs to "quote" below it.',
        ),
        ("title: x\nblocks: [{quote: {says: {a: b}}}]\n", "t.yaml:2:25: says: expected text, found a mapping."),
        ("title: x\nblocks: [{quote: [a]}]\n", "t.yaml:2:18: quote: expected text, found a list."),
        (
            "title: x\nblocks: [{fold: {blocks: [{returns: {off: [a]}}]}}]\n",
            't.yaml:2:38: unknown key "off". Did you',
        ),
        (
            "title: x\nblocks: [{returns: {of: [a], over: [1d, 9q]}}]\n",
            't.yaml:2:41: over, item 2: "9q" is not a window. W',
        ),
    ],
)
def test_one_mistake_is_one_finding_at_its_place(text: str, message: str) -> None:
    (finding,) = findings_of(text)
    assert message in str(finding)
    assert finding.code


def test_all_mistakes_are_found_in_the_order_of_the_file() -> None:
    text = "tags: a\nopened: b\nblocks:\n  - qoute: c\n  - fold: {blocks: [{quote: []}, {returns: {}}]}\nzzz: d\n"
    places = [str(finding.place) for finding in findings_of(text)]
    assert places == [f"t.yaml:{spot}" for spot in ("1:1", "1:7", "2:9", "4:5", "5:29", "5:44", "6:1")]


def test_no_word_of_the_library_reaches_a_person() -> None:
    text = "title: [x]\nsell: {name: {}, hold: []}\nbetween: a\nexpect: {}\nplan: [[]]\nblocks: {}\nkind: []\n"
    for finding in findings_of(text):
        for word in ("pydantic", "tuple", "dict", "Input", "valid ", "Value error", "str ", "None", "instance"):
            assert word not in str(finding)


def test_places_of_a_part_of_a_file_are_places_in_the_file() -> None:
    side, (finding,) = validate(Side, tree_of("a: 1\nsides:\n  - {name: x, hold: y}\n"), ("sides", 0))
    assert side is None
    assert str(finding.place) == "t.yaml:3:21"
    assert finding.problem.startswith("hold: expected a list or a mapping")


def test_a_file_that_maps_ids_is_checked_entry_by_entry() -> None:
    text = "XLE: {name: Energy, hold: [A]}\nNO: {name: x}\n007:\n'a|b': {nam: y, hold: []}\n' c': {name: z, hold: []}\n"
    entries, findings = validate_mapping(Side, tree_of(text), Ticker)
    assert entries == {"XLE": Side(name="Energy", hold=("A",))}
    assert [str(finding) for finding in findings] == [
        't.yaml:2:5: "hold" is missing.',
        't.yaml:3:1: "007" has no value. Write its fields, or delete it.',
        't.yaml:4:1: expected a single ticker or id, found the chain "a|b".',
        't.yaml:4:9: unknown key "nam". Did you mean "name"?',
        't.yaml:5:1: " c" has blanks around it.',
    ]


def test_a_file_that_maps_nothing_is_empty_and_a_list_is_refused() -> None:
    assert validate_mapping(Side, tree_of("")) == ({}, [])
    entries, (finding,) = validate_mapping(Side, tree_of("- a\n"))
    assert entries == {}
    assert finding.problem == "expected a mapping of ids, found a list."
