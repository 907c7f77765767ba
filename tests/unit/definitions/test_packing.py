"""What is kept of definitions comes back as it was read, and nothing that has not changed is read a second time."""

from __future__ import annotations

import datetime as dt
import marshal
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from tests.stories.rich import make_rich
from tests.stories.workspaces import call
from thesisvault import instant
from thesisvault.definitions import read
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.baskets import BasketDefinition
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.packing import UnpackableError, pack, unpack
from thesisvault.definitions.reading import load
from thesisvault.definitions.reading.load import DefinitionFile
from thesisvault.definitions.reading.validate import validate
from thesisvault.digests import digest_of
from thesisvault.errors import Place
from thesisvault.model import OneKey
from thesisvault.scalars import parse_window
from thesisvault.session import Session
from thesisvault.written import Written

ROOT = Path(__file__).resolve().parents[3]
NOW = dt.datetime(2026, 2, 27, 22, tzinfo=dt.UTC)
ODD = """\
title:   " Odd ones "
members:
  2020-01-05: [XLE, "QQQ"]
  2021-02-03: {XLE: 40%, 'QQQ': 60%}
what: |
  Two lines
  of words.
rebalance: [2020-06-01, 2021-07-02]
base: 2020-02-03
"""


def said(value: Any) -> Iterator[tuple[Any, ...]]:
    """Yield all that a value holds, in order: its type, what it is, and where it stands."""
    if isinstance(value, BaseModel):
        yield type(value), tuple(sorted(value.model_fields_set)), list(vars(value))
        for each in vars(value).values():
            yield from said(each)
    elif isinstance(value, OneKey):
        yield type(value), str(value.kind), place(value.kind)
        yield from said(value.body)
    elif isinstance(value, dict):
        yield (dict,)
        for key, each in value.items():
            yield from said(key)
            yield from said(each)
    elif isinstance(value, list | tuple):
        yield (type(value), len(value))
        for each in value:
            yield from said(each)
    elif isinstance(value, str):
        yield "text", str(value), place(value)
    else:
        yield type(value), repr(value), place(getattr(value, "text", ""))


def place(text: str) -> tuple[Place, Place] | None:
    return (text.place(), text.place_at(len(text) - 1)) if isinstance(text, Written) else None


def models(library: Library) -> dict[str, Any]:
    return {
        **{f"thesis {key}": each.model for key, each in library.definitions.items()},
        **{f"head {key}": each.head for key, each in library.definitions.items()},
        **{f"instrument {key}": (key, each) for key, each in library.instruments.items()},
        **{f"entity {key}": (key, each) for key, each in library.entities.items()},
        **{f"episode {key}": (key, each) for key, each in library.episodes.items()},
        **{f"basket {key}": (key, each) for key, each in library.baskets.items()},
    }


@pytest.fixture(scope="module", params=["the shipped ones", "every kind of block"])
def definitions(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("definitions") / "ws"
    if request.param == "every kind of block":
        assert call("demo", root).status == 0
        make_rich(root, 3)
        shutil.rmtree(root / ".thesisvault")
    else:
        shutil.copytree(ROOT / "data", root / "data", ignore=shutil.ignore_patterns("market"))
    return root


@pytest.fixture
def root(definitions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(instant, "TICK", 0)
    return Path(shutil.copytree(definitions, tmp_path / "ws", ignore=shutil.ignore_patterns("market", "vault")))


def test_what_has_not_changed_is_neither_parsed_nor_validated(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Session(root, NOW).library
    wanted = {name: list(said(each)) for name, each in models(first).items()}
    digests = {name: digest_of(each) for name, each in models(first).items()}
    assert len(wanted) > 20

    def refused(*_args: object, **_named: object) -> Any:
        raise AssertionError("a definition that had not changed was read again")

    second = Session(root, NOW)
    _ = second.settings
    with monkeypatch.context() as patched:
        patched.setattr(yaml, "parse", refused)
        patched.setattr(BaseModel, "model_validate", refused)
        patched.setattr(read.validate, "validate_mapping", refused)
        found = models(second.library)
        assert {name: digest_of(each) for name, each in found.items()} == digests
    for name, each in found.items():
        assert list(said(each)) == wanted[name], name


def test_each_file_is_kept_by_itself(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ = Session(root, NOW).library
    instruments = root / "data" / "instruments.yaml"
    instruments.write_text(instruments.read_text() + "\n# a remark\n")
    parsed = []
    original = load._read
    monkeypatch.setattr(load, "_read", lambda file, most: (parsed.append(file.shown), original(file, most))[1])
    _ = models(Session(root, NOW).library)
    assert set(parsed) - {"thesisvault.yaml"} == {"data/instruments.yaml"}
    parsed.clear()
    _ = models(Session(root, NOW).library)
    assert set(parsed) <= {"thesisvault.yaml"}, "and of the changed one is kept what it is now"


def test_a_file_with_a_finding_is_read_again_and_told_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instant, "TICK", 0)
    data = tmp_path / "data"
    (data / "baskets").mkdir(parents=True)
    (data / "instruments.yaml").write_text("XLE: {name: Energy, kind: etf}\nXYZ: {name: Short}\n")
    (data / "entities.yaml").write_text("someone: {name: Some One, kind: persn}\n")
    (data / "baskets" / "two.yaml").write_text("title: Two\nmembers: [XLE, XLE]\n")
    (data / "baskets" / "Bad Name.yaml").write_text("title: Bad\nmembers: [XLE]\n")
    told = [[str(each) for each in Session(tmp_path, NOW).findings] for _ in range(2)]
    assert told[0] == told[1]
    assert len(told[0]) >= 4
    (data / "baskets" / "two.yaml").write_text("title: Two\nmembers: [XLE]\n")
    assert len(Session(tmp_path, NOW).findings) == len(told[0]) - 1


def test_days_and_names_that_were_tidied_know_where_they_were_typed() -> None:
    file = DefinitionFile(ODD, "data/baskets/odd.yaml")
    tree, wrong = file.read()
    assert tree is not None, wrong
    basket, wrong = validate(BasketDefinition, tree)
    assert basket is not None, wrong
    again = unpack(BasketDefinition, marshal.loads(marshal.dumps(pack(basket))), DefinitionFile(ODD, file.shown))
    assert list(said(again)) == list(said(basket))
    title: Any = again.title
    assert title == "Odd ones"
    assert title.place() == Place(file.shown, 1, 10)


def test_what_would_not_come_back_is_not_packed() -> None:
    tree, wrong = load.parse_tree("title: T\nkind: concept\nover: 1y\ntags: [a]\n", "t.yaml")
    assert tree is not None, wrong
    thesis, wrong = validate(Thesis, tree)
    assert thesis is not None, wrong
    with pytest.raises(UnpackableError, match="set has no packed form"):
        pack(thesis.model_copy(update={"tags": {"a"}}))
    with pytest.raises(UnpackableError, match="does not come back"):
        pack(thesis.model_copy(update={"over": replace(parse_window("ytd"), kind="max")}))


def test_a_tree_that_was_let_go_is_read_again_for_a_place() -> None:
    file = DefinitionFile("title: T\n", "t.yaml")
    tree, _ = file.read()
    assert tree is not None
    (title,) = tree.value.values()  # type: ignore[union-attr]
    file.let_go()
    assert isinstance(title, Written)
    assert title.place() == Place("t.yaml", 1, 8)
    assert file.tree is not tree
