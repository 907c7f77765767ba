"""A definition that is known by its card is the one that was read: its names, its places, what is said of it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from thesisvault import instant
from thesisvault.definitions import read
from thesisvault.definitions.cards import FILE, HEAD, read_kept
from thesisvault.definitions.library import Library
from thesisvault.digests import digest_of_code
from thesisvault.errors import DiskError
from thesisvault.notes.typed.as_text import as_text
from thesisvault.runs.steps.as_text import shown_as_text
from thesisvault.runs.steps.usage import fundamentals_used, universes_used, usages
from thesisvault.session import Session
from thesisvault.written import place_of

ROOT = Path(__file__).resolve().parents[3]
NOW = dt.datetime(2026, 2, 27, 22, tzinfo=dt.UTC)
THESIS = """\
title: Small caps
aliases: [Smalls]
opened: 2026-01-15
summary: See [[The XLE]] and ![x](https://example.org/x.png).
buy: {name: Bought, hold: {IWM: 60%, XLE: 40%}}
sell: {hold: [QQQ]}
sections:
  - heading: Funds
    blocks:
      - text: "{{ fund(buy, 'forward_pe') }} and {{ count(ret('few', '1d') > 0) }}"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data" / "theses").mkdir(parents=True)
    (tmp_path / "data" / "universes").mkdir()
    (tmp_path / "data" / "instruments.yaml").write_text(
        "".join(f"{ticker}: {{name: The {ticker}, kind: etf}}\n" for ticker in ("IWM", "XLE", "QQQ", "SPY"))
    )
    (tmp_path / "data" / "universes" / "few.txt").write_text("XLE IWM\n")
    (tmp_path / "data" / "theses" / "small-caps.yaml").write_text(THESIS)
    return tmp_path


def told(library: Library) -> dict[str, object]:
    """All that runs ask of definitions without reading one whole."""
    used = usages(library)
    return {
        "names": {key: (dict(each.names), each.currency, each.life) for key, each in library.definitions.items()},
        "heads": {key: each.head for key, each in library.definitions.items()},
        "used": {target: usage.by for target, usage in used.items()},
        "order": list(used),
        "universes": universes_used(library, used),
        "funds": fundamentals_used(library),
        "as text": list(shown_as_text(library)),
        "fields": {key: each.card.fields for key, each in library.definitions.items()},
        "places": {
            (key, str(text)): place_of(text) for key, each in library.definitions.items() for text in texts(each.head)
        },
    }


def texts(head: object) -> list[str]:
    found = [getattr(head, name) for name in HEAD]
    for word in ("buy", "sell"):
        side = getattr(head, word)
        found += [side.name, *side.members] if side else []
    return [each for each in found if isinstance(each, str)]


@pytest.mark.parametrize("where", ["the shipped ones", "a little one"])
def test_what_is_known_by_cards_is_what_was_read(where: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if where == "the shipped ones":
        shutil.copytree(ROOT / "data", root / "data", dirs_exist_ok=True, ignore=shutil.ignore_patterns("market"))
    monkeypatch.setattr(instant, "TICK", 0)
    first = Session(root, NOW)
    wanted = told(first.library)
    assert first.library.definitions
    monkeypatch.setattr(read.validate, "validate", refused(read.validate.validate))
    second = Session(root, NOW)
    found = told(second.library)
    monkeypatch.undo()
    assert {key: found[key] for key in found if key != "places"} == {
        key: wanted[key] for key in wanted if key != "places"
    }
    assert found["places"] == wanted["places"], "a text of a card stands where it was read"


def refused(validate: object) -> object:
    """Validate anything but a thesis."""

    def only_others(model: type, tree: object, *rest: object) -> object:
        # Places are looked up in files, which are read whole for it.
        assert model.__name__ != "Thesis" or looked_up(), "a thesis that had not changed was validated again"
        return validate(model, tree, *rest)  # type: ignore[operator]

    return only_others


def looked_up() -> bool:
    import inspect

    return any(frame.function in ("place_of", "key_place", "place_at") for frame in inspect.stack())


def test_a_definition_that_is_wrong_gets_no_card_and_is_told_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instant, "TICK", 0)
    (root / "data" / "theses" / "small-caps.yaml").write_text(THESIS + "wrong: 1\n")
    said = [[str(each) for each in Session(root, NOW).findings] for _ in range(2)]
    assert said[0] == said[1]
    assert 'unknown key "wrong"' in said[0][0]


def test_a_definition_that_changes_under_a_run_is_not_mixed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instant, "TICK", 0)
    thesis = root / "data" / "theses" / "small-caps.yaml"
    _ = Session(root, NOW).library
    library = Session(root, NOW).library
    thesis.write_text(THESIS.replace("Small caps", "Large caps"))
    assert library.definitions["small-caps"].title == "Small caps"
    with pytest.raises(DiskError, match="was changed while it was being read"):
        _ = library.definitions["small-caps"].model


@pytest.mark.parametrize("spoil", ["cut", "other", "foreign"])
def test_cards_that_are_broken_or_from_elsewhere_cost_time_alone(
    spoil: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instant, "TICK", 0)
    wanted = told(Session(root, NOW).library)
    cards = root / ".thesisvault" / FILE
    assert cards.exists()
    body = cards.read_bytes()
    if spoil == "cut":
        cards.write_bytes(body[: len(body) // 2])
    elif spoil == "other":
        cards.write_bytes(body.replace(b"Small caps", b"Large caps"))
    else:
        shutil.copy(cards, root / "copy")
        cards.unlink()
        shutil.move(root / "copy", cards)
    assert not read_kept(root / ".thesisvault", digest_of_code(), as_text).before
    assert told(Session(root, NOW).library) == wanted
