"""One case of each fuzzer: from a number to something spoiled, and all that the package does with it.

A case ends without an error, or with findings and errors of the package that may be shown; whatever else is raised is a
bug. The same number always gives the same case. `THESISVAULT_DEBUG` is set by the callers, so that nothing is caught
in between and turned into a sentence.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.fuzz import samples, trouble
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.checks.crosscheck import context_of, vocabulary_of
from thesisvault.definitions.models.baskets import BasketDefinition
from thesisvault.definitions.models.instruments import Entity, InstrumentDefinition
from thesisvault.definitions.models.settings import Settings
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.packing import pack
from thesisvault.definitions.reading.load import parse_tree
from thesisvault.definitions.reading.validate import validate, validate_mapping
from thesisvault.errors import DefinitionError, Finding, ThesisvaultError
from thesisvault.fields import LONGEST_LINE, LONGEST_TEXT, Ticker, Word
from thesisvault.language.check import check_text
from thesisvault.language.evaluate import Scope
from thesisvault.language.functions.table import TABLE
from thesisvault.notes.brief import Brief
from thesisvault.notes.properties.reading import read, split
from thesisvault.notes.regions import FreshNote, adopt, merge
from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.engine.kept import Kept
from thesisvault.runs.engine.leaves import Leaves
from thesisvault.runs.lifecycle.memory import NoteMemory
from thesisvault.runs.steps.claimed import ClaimBook
from thesisvault.runs.steps.compose.home import HomeParts
from thesisvault.runs.steps.composing import HOME_NOTE, composed, composed_home, planned_notes, trust_in
from thesisvault.runs.steps.linking import FreeAliases, link_table
from thesisvault.runs.steps.needing import tickers_used
from thesisvault.runs.steps.placing import place_notes
from thesisvault.runs.steps.rendering import rendering
from thesisvault.runs.steps.usage import usages
from thesisvault.session import Session
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.note import read_note

Case = Callable[[random.Random], str]
"""Runs one case and returns what was tried, for the report of one that failed."""


class Unsayable(AssertionError):  # noqa: N818 - it is what a case found
    """A finding or error that cannot be shown to a person as it is."""


def _shown(findings: Any) -> None:
    """Refuse findings that are empty, run over pages, or speak the language of Python."""
    for each in findings:
        text = str(each)
        if not text.strip() or len(text) > 3_000 or "Traceback" in text:
            raise Unsayable(text[:500])


# Definitions ----------------------------------------------------------------------------------------------------------

_MODELS: dict[str, Any] = {
    "theses": (Thesis, None),
    "baskets": (BasketDefinition, None),
    "instruments": (InstrumentDefinition, Ticker),
    "entities": (Entity, Word),
    "episodes": (EpisodeDefinition, Word),
    "thesisvault": (Settings, None),
    "notes": (NoteMemory, None),
}


def definition(chance: random.Random) -> str:
    """Spoil a definition, and read it; one in eight is built with the rest of its workspace."""
    if chance.randrange(8) == 0:
        return built_definition(chance)
    names = [*samples.DEFINITIONS, *samples.repository()]
    name = chance.choice(names)
    text = _spoiled(name, chance)
    _read_alone(name, text)
    return f"{name}\n{text}"


def _spoiled(name: str, chance: random.Random) -> str:
    if chance.random() < 0.4:
        source = samples.OWN[name] if name in samples.OWN else samples.repository()[name]
        return trouble.spoiled_text(source, chance)
    return _dumped(trouble.spoiled_tree(trouble.copied(samples.tree_of(name)), chance), chance)


def _plausible(name: str, chance: random.Random) -> Any:
    return trouble.plausible_tree(trouble.copied(samples.tree_of(name)), chance)


def _dumped(tree: Any, chance: random.Random) -> str:
    return yaml.dump(tree, Dumper=_DUMPER, allow_unicode=chance.random() < 0.8, width=1000, sort_keys=False)


_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _read_alone(name: str, text: str) -> None:
    tree, findings = parse_tree(text, name)
    _shown(findings)
    if tree is None:
        return
    path = Path(name)
    model, keys = _MODELS[path.parent.name if path.parent.name in _MODELS else path.stem]
    if keys is not None or model is NoteMemory:
        entries, wrong = validate_mapping(model, tree, *([keys] if keys else []))
        found = {str(key): each for key, each in entries.items()}
    else:
        whole, wrong = validate(model, tree)
        found = {} if whole is None else {"": whole}
    _shown(wrong)
    for key, each in found.items():
        pack(each, (key,) if key else ())  # which sees that it comes back as it is


def built_definition(chance: random.Random) -> str:
    """Spoil a definition of the small workspace and build all of it, in memory."""
    root = samples.workspace()
    name = chance.choice((*samples.DEFINITIONS, *["data/theses/whole.yaml"] * 6))
    text = _spoiled(name, chance) if chance.random() < 0.3 else _dumped(_plausible(name, chance), chance)
    path = root / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        _build(Session(root, samples.NOW))
    finally:
        path.write_text(samples.OWN[name], encoding="utf-8")
    return f"{name}\n{text}"


def _build(session: Session) -> None:
    _shown(session.findings)
    try:
        library = session.sound_library()
        used = usages(library)
        with session.store(create=False) as store:
            scope = session.scope(store, samples.AS_OF)
            engine = Engine(Kept(), library, scope, Leaves(library, scope.market, used, {}))
            book = ClaimBook(library)
            planned = planned_notes(library, used, {}, book)
            placed = place_notes((*planned, HOME_NOTE), VaultIndex(), _memory(), session.workspace, lambda _: ())
            aliases, links = FreeAliases(placed), link_table(library, placed, VaultIndex(), {})
            render = rendering(engine, links, session.workspace, trusted=False)
            stale: dict[str, dt.date] = {}
            briefs: list[Brief] = []
            for note in planned:
                view = aliases.given(composed(engine, note, book, is_there=False))
                stale |= view.stale_series
                briefs += [view.brief] if view.brief else []
                merge(None, FreshNote(view.properties, render(view)()), as_of=samples.AS_OF)
            listed = [(note.id, note.title, note.folder) for note in planned]
            trust = trust_in(engine, used, stale, tickers_used(library, used))
            home = aliases.given(composed_home(engine, HomeParts(listed, briefs, trust), is_there=False))
            merge(None, FreshNote(home.properties, render(home)()), as_of=samples.AS_OF)
        COUNTED["built"] += 1
    except DefinitionError as problem:
        _shown(problem.findings)


COUNTED: Counter[str] = Counter()
"""How many of the spoiled definitions were good enough to be built."""


def _memory() -> Any:
    from thesisvault.runs.lifecycle.memory import Memory

    return Memory({})


# Expressions ----------------------------------------------------------------------------------------------------------

_SEEDS = (
    "ret('AAA', 'ytd') | pct",
    "ret('XLE', 'ytd') - ret('AAA', 'ytd')",
    "ratio('BBB', 'AAA') > sma(ratio('BBB', 'AAA'), 50)",
    "count(ret('three', '1d') > 0)",
    "breadth(ret('three', 'ytd') > ret('MKT', 'ytd')) | share",
    "sma(breadth(ret('three', '1d') > 0), 10) > 0.6",
    "close('AAA') / high(close('AAA'), '1y') - 1",
    "beta(buy, benchmark, '1y') | num",
    "streak(close('AAA') > sma('AAA', 20) and not ret('MKT', '5d') < 0)",
    "at(ret('AAA', '5d'), '2024-03-05') if ret('BBB', 'ytd') > 0 else 0",
    "upside('AAA', '$120') | pct(0)",
    "rank('AAA', 'three', '90d')",
    "peak('AAA', 'max')",
    "zscore('AAA', 200)",
    "corr('AAA', 'BBB', '1y')",
    "drawdown(sell, over) < -0.1",
    "dispersion('three', '1d')",
    "session_kind('three', 'MKT')",
    "median(ret('three', '1y'))",
    "weight('pair', 'AAA')",
    "fund('AAA', 'forward_pe')",
    "max(abs(ret('AAA', '1d')), min(1, 2.5, -3))",
)
_ATOMS = ("'AAA'", "'BBB'", "'pair'", "'three'", "'ytd'", "'90d'", "20", "0.1", "-1", "buy", "sell", "over", "true")
_ATOMS += ("'2024-03-05'", "'max'", "1e17", "'AAA | BBB'", "benchmark", "'$12'", "'NONE'", "99999", "'since opened'")


def expression(chance: random.Random) -> str:
    """Spoil or make an expression, check it, and work it out whatever the check says."""
    dice = chance.random()
    if dice < 0.45:
        source = trouble.spoiled_text(chance.choice(_SEEDS), chance)
    elif dice < 0.9:
        source = _made(chance, 0)
        source += chance.choice(("", "", " | pct", " | num(2)", " | usd", " | date", " | mult", " | pp(0)", " | x"))
    else:
        source = trouble.word(chance)
    scope, words = _scope()
    text = "{{ " + source + " }}"
    wrong = check_text(text, words)
    _shown(Finding(each.problem) for each in wrong)
    for ask in (scope.figure, scope.text, scope.condition):
        try:
            ask(text if ask == scope.text else source)
        except ThesisvaultError as problem:
            _shown(problem.findings)
    if len(scope.memory.tracks) > 3_000:
        _scope.cache_clear()
    return source


def _made(chance: random.Random, depth: int) -> str:
    dice = chance.random()
    if depth > 4 or dice < 0.25:
        return chance.choice(_ATOMS)
    if dice < 0.65:
        name = chance.choice([*TABLE])
        wanted = [_fitting(each.takes, chance, depth) for each in TABLE[name].params]
        if chance.random() < 0.15:
            wanted = wanted[: chance.randrange(len(wanted) + 1)] + [chance.choice(_ATOMS)] * chance.randrange(2)
        return f"{name}({', '.join(wanted)})"
    if dice < 0.9:
        operator = chance.choice(("+", "-", "*", "/", "<", ">", "==", "and", "or"))
        return f"({_made(chance, depth + 1)} {operator} {_made(chance, depth + 1)})"
    one, two, three = (_made(chance, depth + 1) for _ in range(3))
    return chance.choice((f"(not {one})", f"(-{one})", f"({one} if {two} else {three})"))


def _fitting(takes: str, chance: random.Random, depth: int) -> str:
    if chance.random() < 0.1:
        return chance.choice(_ATOMS)
    fit = {
        "series": ("'AAA'", "'BBB'", "'three'", "'pair'", "buy", "'GAP'", "'NEW'"),
        "single": ("'AAA'", "'MKT'", "sell", "'pair'"),
        "window": ("'ytd'", "'5d'", "20", "'1y'", "'max'", "over", "'2023'", "'since 2024-01-02'", "1", "99999"),
        "universe": ("'three'",),
        "number": ("1", "0.5", "0", "-2"),
        "day": ("'2024-03-05'", "'2023-01-03'"),
    }.get(takes)
    return chance.choice(fit) if fit else _made(chance, depth + 1)


@cache
def _scope() -> tuple[Scope, Any]:
    session = Session(samples.workspace(), samples.NOW)
    library = session.library
    record = library.definitions["whole"]
    words = context_of(record, vocabulary_of(library))
    store = session.store(create=False).__enter__()  # open as long as the process runs
    return session.scope(store, samples.AS_OF).where(**record.names), words


# Notes ----------------------------------------------------------------------------------------------------------------

_NOTE = """\
---
id: "left-to-right"
kind: "thesis"
aliases:
  - "The turn"
tags: [rotation, own]
status: "active"
conviction: 4
opened: 2024-01-03
as_of: 2024-06-27
mine: {a: [1, 2]}
spread_ytd_pp: 4.5
---

My own words, with [[AAA]] and `code`.

%% tv:begin summary HASH1 %%

# Left to right

Capital leaves [[Aardvark|AAA]] for **Badger** (+12%).

| Name | YTD |
| :--- | ---: |
| [[Aardvark\\|AAA]] | +12% |

%% tv:end summary %%

> [!note] Mine
> ```python
> %% tv:begin no %%
> ```

%% tv:begin facts %%

Plain words.

%% tv:end facts 00000000 %%

Last words.
"""
_FRESH = FreshNote(
    {
        "id": "left-to-right",
        "kind": "thesis",
        "aliases": ["The turn", "Right"],
        "tags": ["rotation"],
        "status": "active",
        "conviction": 5,
        "opened": dt.date(2024, 1, 3),
        "as_of": dt.date(2024, 6, 28),
        "spread_ytd_pp": 4.7,
    },
    (("summary", "# Left to right\n\nCapital leaves."), ("facts", "Plain words.\n\n- a\n- b"), ("new", "New words.")),
)


def note(chance: random.Random) -> str:
    """Spoil a note that was written, read it as one of a vault, and merge it with what would be written anew."""
    whole = merge(None, _FRESH, as_of=samples.AS_OF).text if chance.random() < 0.5 else _NOTE
    text = trouble.spoiled_text(whole, chance)
    if chance.random() < 0.3:
        block, body = split(text)
        text = f"---\n{trouble.spoiled_text(block or 'a: 1', chance)}\n---\n{body}"
    if chance.random() < 0.1:
        text = text.replace("\n", "\r\n")
    data = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.05:
        at = chance.randrange(len(data) + 1)
        data = data[:at] + bytes([chance.randrange(128, 256)]) + data[at:]
    _joined(data.decode("utf-8", "surrogateescape"))
    return text


def _joined(text: str) -> None:
    found = read_note(text.encode("utf-8", "surrogateescape"), "Theses/Left to right.md", vault="")
    _shown(found.findings)
    _ = found.headings, found.blocks, found.links, found.own_lines
    block, _ = split(text)
    properties = read(block or "")
    _shown(properties.findings)
    for join in (merge, adopt):
        joined = join(
            text,
            _FRESH,
            as_of=samples.AS_OF,
            known=frozenset({"summary", "facts"}),
            path="Theses/Left to right.md",
        )
        _shown(joined.findings)


# Long texts -----------------------------------------------------------------------------------------------------------

LONG_NOTE = 100_000


def long_text(chance: random.Random) -> str:
    """Repeat one or two marks up to what a definition may hold, or far beyond in a note, and build or merge it."""
    piece = chance.choice(trouble.REPEATED) + (chance.choice(trouble.REPEATED) if chance.random() < 0.5 else "")
    if chance.random() < 0.5:
        text = piece * (LONG_NOTE // len(piece))
        _joined(
            chance.choice((f"{_NOTE}{text}\n", _NOTE.replace("Plain words.", text), f"---\nx: {text[:20_000]}\n---\n"))
        )
        return repr(piece)
    tree = trouble.copied(samples.tree_of("data/theses/whole.yaml"))
    words, line = piece * ((LONGEST_TEXT - 9) // len(piece)), " ".join((piece * 200)[: LONGEST_LINE - 9].split())
    tree["against"], tree["verdict"] = f"x {words} y", words[::-1] + "z"
    tree["title"], tree["sections"][0]["heading"], tree["signals"][0]["name"] = f"x{line}", f"y{line}", f"z{line}"
    path = samples.workspace() / "data/theses/whole.yaml"
    path.write_text(_dumped(tree, chance), encoding="utf-8")
    try:
        _build(Session(samples.workspace(), samples.NOW))
    finally:
        path.write_text(samples.WHOLE, encoding="utf-8")
    parse_tree("a: " + words, "a.yaml")
    return repr(piece)


KINDS: dict[str, Case] = {"definitions": definition, "expressions": expression, "notes": note, "texts": long_text}


def run(kind: str, number: int, seed: str = "0") -> str:
    """Run one case by its kind and number."""
    return KINDS[kind](random.Random(f"{kind} {seed} {number}"))
