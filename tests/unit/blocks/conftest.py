"""The little market of the language's tests, with two theses, a concept and two episodes over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.unit.language.samples import INSTRUMENTS, UNIVERSES, little_market, scope_on
from thesisvault.blocks.core.block import Block
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, Table
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.cards import card_of
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.baskets import BasketDefinition
from thesisvault.definitions.models.instruments import InstrumentDefinition
from thesisvault.definitions.models.settings import Settings
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.reading.tree import Tree
from thesisvault.definitions.theses import ThesisRecord, Whole
from thesisvault.language.text import Text
from thesisvault.market.reading.market import Market

THESES: dict[str, dict[str, Any]] = {
    "up-not-down": {
        "title": "Up, not down",
        "conviction": "4",
        "opened": "2026-01-02",
        "summary": "UP made {{ ret(buy, over) | pct }}.",
        "buy": {"name": "The risers", "hold": ["UP"]},
        "sell": {"hold": ["DN"]},
        "scenarios": [
            {"id": "oil", "if": "Oil rises", "then": "widens", "because": "earnings", "by": "2026-06-30"},
            {"if": "Rates fall", "then": "narrows"},
            {"if": "Only here", "then": "reverses", "by": "2026-01-31"},
        ],
        "signals": [
            {"name": "Up leads", "when": "ratio(buy, sell) > sma(ratio(buy, sell), 20)", "means": "it goes on"},
            {"name": "Down recovers", "when": "ret(sell, '60d') > ret(buy, '60d') + 0.10", "kills": "true"},
            {"name": "No data", "when": "ret('NONE', 'ytd') > 0", "kills": "true"},
        ],
        "drivers": [{"name": "Drift", "detail": "UP drifts by {{ ret(buy, '1d') | pct(2) }} a day"}],
        "related": [{"note": "the-idea", "why": "explains {{ benchmark }}"}],
        "sources": [
            {"id": "paper", "title": "A paper", "by": "[[Somebody]]", "on": "2026-02-09"},
            {"id": "undated", "title": "No date"},
        ],
    },
    "late-start": {
        "title": "A late start",
        "over": "mtd",
        "buy": {"hold": ["LATE"]},
        "sell": {"hold": ["UP", "SPY"]},
        "scenarios": [
            {"id": "oil", "if": "Oil goes up", "then": "reverses"},
            {"if": "rates FALL", "then": "holds"},
        ],
        "signals": [{"name": "Late falls", "when": "ret(buy, '5d') < -0.5", "kills": "true"}],
    },
    "the-idea": {"title": "The idea", "kind": "concept"},
}
EPISODES: dict[str, dict[str, Any]] = {
    "spring": {
        "title": "The spring of 2025",
        "start": "2025-03-03",
        "end": "2025-06-30",
        "buy": {"name": "Risers", "hold": ["UP"]},
        "sell": {"hold": ["DN"]},
        "aftermath": "3m",
        "trigger": "Nothing",
        "claims": [
            {"says": "UP rose by more than 5 %", "check": "ret(buy, over)", "at_least": "5%"},
            {"says": "DN rose", "check": "ret(sell, over) > 0", "truth": "true"},
        ],
    },
    "lame": {
        "title": "A lame basket",
        "start": "2025-09-02",
        "buy": {"hold": ["UP", "NONE"]},
        "sell": {"hold": ["DN"]},
    },
    "before": {
        "title": "Before all prices",
        "start": "1973-01-02",
        "end": "1974-10-03",
        "no_prices": "The files begin in 2024",
    },
}


def thesis_record(key: str, fields: dict[str, Any]) -> ThesisRecord:
    """A thesis that was written so."""
    whole = Whole(Thesis.model_validate(fields), Tree(fields, "", f"{key}.yaml", {}, {}, {}))
    return ThesisRecord(key, card_of(whole.model, fields, "", f"{key}.yaml"), lambda: whole, "SPY")


@dataclass(frozen=True)
class World:
    """Definitions over the little market, and how blocks are filled on it."""

    market: Market
    library: Library

    def context(self, definition: str = "up-not-down", on: str | None = None) -> Context:
        scope = scope_on(self.market, on)
        context = Context(scope, self.library, definition)
        return context.for_definition(self.library.definitions[definition])

    def fill(self, kind: str, body: Any, definition: str = "up-not-down", on: str | None = None) -> Filled:
        return block(kind, body).fill(self.context(definition, on))

    def with_thesis(self, **fields: Any) -> World:
        """The world with further parts of the first thesis."""
        changed = thesis_record("up-not-down", {**THESES["up-not-down"], **fields})
        library = Library(
            self.library.settings,
            {**self.library.definitions, "up-not-down": changed},
            self.library.instruments,
            {},
            self.library.baskets,
            self.library.episodes,
            self.library.universes,
        )
        return World(self.market, library)

    def with_episodes(self, **episodes: Any) -> World:
        """The world with other episodes, whose sides hold one name each."""
        old = self.library
        library = Library(old.settings, old.definitions, old.instruments, {}, old.baskets, episodes, old.universes)
        return World(self.market, library)


def block(kind: str, body: Any) -> Any:
    return TypeAdapter(Block).validate_python({kind: body}).body


def words(text: Text) -> str:
    """A text as a reader sees it."""
    return "".join(p if isinstance(p, str) else p.text or getattr(p, "name", "") for p in text)


def rows(table: object) -> list[list[str]]:
    """The cells of a table in words."""
    assert isinstance(table, Table)
    assert all(len(row) == len(table.columns) for row in table.rows)
    return [[words(cell) for cell in row] for row in table.rows]


def heads(table: object) -> list[str]:
    assert isinstance(table, Table)
    return [words(column.title) for column in table.columns]


def small(filled: Filled) -> str:
    """The small lines below a block."""
    return "\n".join(words(line) for line in filled.lines)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    market = little_market(tmp_path_factory.mktemp("blocks"))
    library = Library(Settings(), universes=dict(UNIVERSES))
    for ticker, record in INSTRUMENTS.items():
        library.instruments[ticker] = InstrumentDefinition.model_validate({"name": record.name, "kind": record.kind})
    for key, members in (("duo", ["UP", "DN"]), ("lame", ["UP", "NONE"])):
        library.baskets[key] = BasketDefinition.model_validate({"title": f"Basket {key}", "members": members})
    for key, fields in THESES.items():
        library.definitions[key] = thesis_record(key, fields)
    for key, fields in EPISODES.items():
        library.episodes[key] = EpisodeDefinition.model_validate(fields)
    baskets = library.records[1]
    with_sides = Market(market.store, INSTRUMENTS, baskets, last_day=market.as_of)
    return World(with_sides, library)
