"""All definitions of a workspace together: read, checked against one another, and ready for blocks and market.

`read_library` never stops at the first mistake: it reads every file and returns what it found. A library
with errors is not built from.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from thesisvault.blocks import kinds  # noqa: F401 - fills the registry of blocks
from thesisvault.blocks.core.block import BlockModel, walk
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.models import models
from thesisvault.definitions.reading import load, validate
from thesisvault.definitions.reading.load import Tree
from thesisvault.errors import DefinitionError, Finding, Place
from thesisvault.fields import Ticker, Word
from thesisvault.market.reading.currency import pair_in, rates_needed
from thesisvault.market.records import Basket, Instrument
from thesisvault.market.sources.fred_series import PREFIX, SERIES, series_of_key
from thesisvault.scalars import Window
from thesisvault.workspace import SETTINGS_FILE, Workspace


@dataclass(frozen=True)
class ThesisRecord:
    """A thesis or concept with its id and the file it stands in."""

    id: str
    model: models.Thesis
    tree: Tree
    benchmark_name: str

    @property
    def main_window(self) -> Window:
        """The window of its spread."""
        return self.model.over

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What `buy`, `sell`, `benchmark` and `over` stand for."""
        return {**models.sides_of(self.id, self.model), "benchmark": self.benchmark_name, "over": self.model.over.text}

    def side_name(self, side: str) -> str:
        """Return the name of a side in words, or an empty text."""
        found = getattr(self.model, side)
        return found.name if found and found.name else ""


@dataclass
class Library:
    """Every definition of a workspace.

    Attributes:
        definitions: Theses and concepts by id.
        instruments: What has a price, by ticker.
        entities: What has none, by id.
        baskets: Own indices by id.
        episodes: Historical rotations by id.
        universes: Tickers of each universe, by its id.
        findings: What is wrong with any of them.
        wounded: Names of definitions that were read but are wrong; others may still name them.
        unread: Folders or files of which something could not be read at all, so that names may be missing.
    """

    settings: models.Settings
    definitions: dict[str, ThesisRecord] = field(default_factory=dict)
    instruments: dict[str, models.Instrument] = field(default_factory=dict)
    entities: dict[str, models.Entity] = field(default_factory=dict)
    baskets: dict[str, models.Basket] = field(default_factory=dict)
    episodes: dict[str, EpisodeDefinition] = field(default_factory=dict)
    universes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    trees: dict[str, Tree] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    wounded: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    @cached_property
    def labels(self) -> dict[str, str]:
        """How each series is called in tables and at the ends of lines."""
        labels = {ticker: ticker if ticker.isalnum() else (i.short or i.name) for ticker, i in self.instruments.items()}
        labels |= {ticker: i.short or i.name for ticker, i in self.instruments.items() if i.kind == "macro"}
        labels |= {basket: b.short or b.title for basket, b in self.baskets.items()}
        for owner, word, side in self.sides():
            labels[f"{owner}:{word}"] = side.name or ", ".join(side.members)
        labels |= {f"{PREFIX}{key}": labels[key] for key, i in self.instruments.items() if i.kind == "macro"}
        return labels | {ticker: labels[self.current(ticker)] for ticker in self.instruments}

    @cached_property
    def shorts(self) -> dict[str, str]:
        """Short names for crowded pictures."""
        shorts = {ticker: i.short for ticker, i in self.instruments.items() if i.short}
        return shorts | {basket: b.short or b.title for basket, b in self.baskets.items()}

    def sides(self) -> Iterator[tuple[str, str, Any]]:
        """Yield every side that is a basket of its own: owner, `buy` or `sell`, and the side."""
        owners: list[tuple[str, Any]] = [(k, d.model) for k, d in self.definitions.items()]
        owners += [(f"episode:{k}", e) for k, e in self.episodes.items()]
        for owner, thing in owners:
            for word in ("buy", "sell"):
                side = getattr(thing, word)
                if side and side.single is None:
                    yield owner, word, side

    def members(self, basket: str) -> tuple[str, ...]:
        """Return the members of a basket or of a side, the newest where they change; an empty tuple for a ticker."""
        found = self.records[1].get(basket)
        if found is None:
            return ()
        return tuple(name for name, _ in (found.dated[-1][1] if found.dated else found.members))

    def current(self, ticker: str) -> str:
        """Return the ticker that a renamed one goes by now, the key of `fred:...`, any other name as it is."""
        bare = series_of_key(ticker)
        if bare and ticker not in self.instruments and bare in self.instruments:
            return bare if self.instruments[bare].kind == "macro" else ticker
        for _ in self.instruments:
            found = self.instruments.get(ticker)
            if found is None or found.renamed_to not in self.instruments:
                break
            ticker = found.renamed_to
        return ticker

    def former_names(self, ticker: str) -> Iterator[str]:
        """Yield tickers, names and aliases under which an instrument was known before it was renamed."""
        for old in self.records[0][ticker].formerly:
            found = self.instruments[old]
            yield from (old, found.name, *filter(None, [found.short]), *found.aliases)

    @cached_property
    def records(self) -> tuple[dict[str, Instrument], dict[str, Basket]]:
        """Instruments and baskets as the market knows them; sides of several names are baskets too.

        Among the instruments are the exchange rates that baskets need and nobody defined.
        """
        renamed = {m.renamed_to: ticker for ticker, m in self.instruments.items() if m.renamed_to}
        instruments = {ticker: _instrument(ticker, model, renamed) for ticker, model in self.instruments.items()}
        for ticker, each in list(instruments.items()):
            if each.kind == "macro":
                other = f"{PREFIX}{ticker}"
                instruments.setdefault(other, Instrument(other, each.name, "macro", renamed_to=ticker))
        for tickers in self.universes.values():
            for ticker in tickers:
                instruments.setdefault(ticker, Instrument(ticker, ticker, "stock"))
        home = self.settings.home_currency
        baskets = {
            key: self._basket(key, b.title, b.dated or b.members, b.rebalance, b.currency or home, b.base, b.cap)
            for key, b in self.baskets.items()
        }
        for owner, word, side in self.sides():
            key = f"{owner}:{word}"
            baskets[key] = self._basket(key, side.name or key, side.hold, side.rebalance, home)
        rates = {rate.ticker: rate for rate in rates_needed(instruments, baskets.values())}
        return {**rates, **instruments}, baskets

    def _basket(
        self,
        key: str,
        title: str,
        held: Any,
        rebalance: Any,
        currency: str,
        base: dt.date | None = None,
        cap: float | None = None,
    ) -> Basket:
        if models.by_day(held):
            whole = [(dt.date.fromisoformat(day), _shares(self._flat(each))) for day, each in held.items()]
            dated = tuple((day, tuple(shares.items())) for day, shares in whole)
            names = dict.fromkeys(name for _, shares in whole for name in shares)
            members = tuple((name, None) for name in names)
            return Basket(key, title, members, "dated", dated, rebalance, base, cap=cap, currency=currency)
        flat = self._flat(held)
        if isinstance(flat, Mapping):
            return Basket(
                key, title, tuple(flat.items()), "fixed", rebalance=rebalance, base=base, cap=cap, currency=currency
            )
        equal = tuple((name, None) for name in flat)
        return Basket(key, title, equal, rebalance=rebalance, base=base, cap=cap, currency=currency)

    def _flat(self, held: Any, depth: int = 0) -> Any:
        """Return what is held with baskets among it replaced by their members, each with its part of the whole."""
        if not any(name in self.baskets or self.current(name) != name for name in held):
            return held
        if depth > len(self.baskets):
            return held
        flat: dict[str, float] = {}
        for name, weight in _shares(held).items():
            inner = self.baskets[name].newest if name in self.baskets else None
            parts = {self.current(name): 1.0} if inner is None else _shares(self._flat(inner, depth + 1))
            for member, part in parts.items():
                flat[member] = flat.get(member, 0.0) + weight * part
        if not any(name in self.baskets for name in held) and not isinstance(held, Mapping):
            return tuple(flat)  # equal parts stay equal parts
        return flat

    @cached_property
    def series_names(self) -> frozenset[str]:
        """Every ticker and basket id that an expression may name."""
        instruments, baskets = self.records
        return frozenset(instruments) | frozenset(baskets)


def _shares(held: Any) -> dict[str, float]:
    return dict(held) if isinstance(held, Mapping) else dict.fromkeys(held, 1 / len(held))


def _instrument(ticker: str, model: models.Instrument, renamed: Mapping[str, str]) -> Instrument:
    scale = model.scale
    if model.unit == "%" and scale == 1:
        scale = 0.01  # fractions inside: a rate of 4.2 per cent is 0.042
    pair = pair_in(ticker) if model.kind == "currency" and not model.price_of else None
    return Instrument(
        ticker=ticker,
        name=model.name,
        kind=model.kind,
        short=model.short or "",
        currency=pair[1] if pair and "currency" not in model.model_fields_set else model.currency,
        exchange="24/7" if model.kind == "crypto" and model.exchange == "XNYS" else model.exchange,
        aliases=model.aliases,
        what=model.what or "",
        unit=model.unit,
        scale=scale,
        lag_days=model.lag or 0,
        frequency=model.frequency,
        proxies=model.proxies,
        symbols={**({"fred": series_of_key(ticker)} if series_of_key(ticker) else {}), **model.symbols},
        providers=model.providers,
        price_of=model.price_of or (pair[0] if pair else ""),
        renamed_to=model.renamed_to or "",
        formerly=_formerly(ticker, renamed),
    )


def _formerly(ticker: str, renamed: Mapping[str, str]) -> tuple[str, ...]:
    """Return the old names of a ticker, the nearest first, by the old name of each."""
    found: list[str] = []
    while (older := renamed.get(ticker)) and older not in found:
        found.append(older)
        ticker = older
    return tuple(found)


# Reading --------------------------------------------------------------------------------------------------------


def read_settings(root: Path) -> tuple[models.Settings, list[Finding]]:
    """Return the settings of a workspace, and what is wrong with them."""
    path = root / SETTINGS_FILE
    if not path.is_file():
        return models.Settings(), []
    tree, broken = load.read_tree(path, SETTINGS_FILE)
    if tree is None:
        return models.Settings(), broken
    settings, findings = validate.validate(models.Settings, tree)
    return settings or models.Settings(), findings


def read_library(workspace: Workspace, settings: models.Settings) -> Library:
    """Return all definitions of a workspace; what is wrong with them stands in its findings."""
    library = Library(settings)
    _read_mapping(workspace, library, "instruments.yaml", models.Instrument, Ticker, library.instruments)
    _read_mapping(workspace, library, "entities.yaml", models.Entity, Word, library.entities)
    _read_mapping(workspace, library, "episodes.yaml", EpisodeDefinition, Word, library.episodes)
    for path in _files(workspace.data / "baskets", "*.yaml"):
        basket = _read_one(workspace, library, path, models.Basket)
        if basket is not None:
            library.baskets[path.stem] = basket
    for path in _files(workspace.data / "universes", "*.txt"):
        _read_universe(workspace, library, path)
    for path in _files(workspace.data / "theses", "*.yaml"):
        thesis = _read_one(workspace, library, path, models.Thesis)
        if thesis is not None:
            tree = library.trees[workspace.shown(path)]
            benchmark = thesis.benchmark or settings.benchmark
            library.definitions[path.stem] = ThesisRecord(path.stem, thesis, tree, benchmark)
    for stray in _files(workspace.data / "theses", "*.yml"):
        library.findings.append(
            Finding(
                "the file ends in .yml and is not read; name it .yaml.",
                Place(workspace.shown(stray)),
                code="wrong-ending",
            )
        )
    return library


def _files(folder: Path, pattern: str) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        place = Place(f"{folder.parent.name}/{folder.name}")
        raise DefinitionError(Finding("found a file where a folder was expected.", place, "Move it away."))
    return sorted(p for p in folder.glob(pattern) if not p.name.startswith(".")) if folder.is_dir() else []


_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _read_one(workspace: Workspace, library: Library, path: Path, model: Any) -> Any:
    shown = workspace.shown(path)
    if not _ID.fullmatch(path.stem):
        problem = f'"{path.stem}" is no id; name the file in lower-case letters, digits and dashes, as in a-to-b.yaml.'
        library.findings.append(Finding(problem, Place(shown), code="bad-id"))
    if path.is_dir():
        problem = "found a folder where a file was expected."
        library.findings.append(Finding(problem, Place(shown), "Rename it, or move it away.", code="not-a-file"))
        return None
    tree, broken = load.read_tree(path, shown)
    library.findings += broken
    if tree is None:
        library.unread.add(path.parent.name)
        library.wounded.add(path.stem)
        return None
    library.trees[shown] = tree
    found, findings = validate.validate(model, tree)
    library.findings += findings
    if found is None:
        library.wounded |= {path.stem, *_names_in(tree.value)}
    return found


def _names_in(value: Any) -> Iterator[str]:
    """Yield the names that a wrong definition gives itself, so that links to it are not wrong too."""
    if isinstance(value, dict):
        for key in ("title", "name", "short", "aliases"):
            found = value.get(key)
            yield from [found] if isinstance(found, str) else [each for each in found or () if isinstance(each, str)]


def _read_mapping(
    workspace: Workspace, library: Library, name: str, model: Any, keys: Any, into: dict[str, Any]
) -> None:
    path = workspace.data / name
    if not path.exists():
        return
    shown = workspace.shown(path)
    tree, broken = load.read_tree(path, shown)
    library.findings += broken
    if tree is None:
        library.unread.add(name)
        return
    library.trees[shown] = tree
    if model is models.Instrument and isinstance(tree.value, dict):
        for key, value in tree.value.items():
            if series_of_key(key) and isinstance(value, dict):
                value.setdefault("kind", "macro")  # its key says so
    found, findings = validate.validate_mapping(model, tree, keys)
    if model is models.Instrument:
        found = {key: _of_fred(key, each) for key, each in found.items()}
        findings += [
            Finding(
                f'"{key}" is a series of FRED, which is of the kind macro; found {each.kind}.',
                tree.place_of((key, "kind")),
                "Leave kind out.",
                code="wrong-value",
            )
            for key, each in found.items()
            if series_of_key(key) and each.kind != "macro"
        ]
    into.update(found)
    library.findings += findings
    if isinstance(tree.value, dict):
        for key, value in tree.value.items():
            if key not in found:
                library.wounded |= {key, *_names_in(value)}


def _of_fred(key: str, model: models.Instrument) -> models.Instrument:
    """Return a series keyed `fred:...` with what is well known of it, where the definition leaves it out."""
    known, said = SERIES.get(series_of_key(key)), model.model_fields_set
    if known is None:
        return model
    filled: dict[str, Any] = {}
    if "frequency" not in said:
        filled["frequency"] = known.frequency
    # A lag goes with a frequency, and a scale with a unit.
    if "lag" not in said and filled.get("frequency", model.frequency) == known.frequency:
        filled["lag"] = known.lag_days
    if "scale" not in said and model.unit in ("", known.unit):
        filled |= {"unit": known.unit, "scale": known.scale}
    return model.model_copy(update=filled)


_TICKER = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^=_-]*")


def _read_universe(workspace: Workspace, library: Library, path: Path) -> None:
    shown = workspace.shown(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        hint = "Write tickers with blanks between them, as plain text."
        library.findings.append(Finding(f"the universe cannot be read: {why}.", Place(shown), hint, code="unreadable"))
        library.wounded.add(path.stem)
        return
    tickers: dict[str, None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for word in line.partition("#")[0].split():
            if not _TICKER.fullmatch(word):
                library.findings.append(
                    Finding(
                        f'"{word}" is not a ticker; write tickers with blanks between them.',
                        Place(shown, number),
                        code="bad-ticker",
                    )
                )
            tickers[library.current(word)] = None
    if not tickers:
        library.findings.append(Finding("the universe names no ticker.", Place(shown), code="empty-universe"))
    library.universes[path.stem] = tuple(tickers)


# Names ----------------------------------------------------------------------------------------------------------


def link_names(library: Library) -> Iterator[tuple[str, str, str]]:
    """Yield every name that a wikilink may use: the name, and kind and id of what it stands for; titles first."""
    # What was renamed comes after what it is now, and has no note of its own.
    instruments = sorted(library.instruments.items(), key=lambda item: item[1].renamed_to is not None)
    for key, thesis in library.definitions.items():
        yield thesis.model.title, "thesis", key
    for ticker, instrument in instruments:
        yield from ((name, "instrument", library.current(ticker)) for name in (ticker, instrument.name))
    yield from ((basket.title, "basket", key) for key, basket in library.baskets.items())
    yield from ((entity.name, "entity", key) for key, entity in library.entities.items())
    for key, thesis in library.definitions.items():
        yield from ((name, "thesis", key) for name in thesis.model.aliases)
    for ticker, instrument in instruments:
        names = (*instrument.aliases, *filter(None, [instrument.short]))
        if instrument.kind == "macro" and f"{PREFIX}{ticker}" not in library.instruments:
            names = (*names, f"{PREFIX}{ticker}")
        yield from ((name, "instrument", library.current(ticker)) for name in names)
    for key, basket in library.baskets.items():
        yield from ((name, "basket", key) for name in basket.aliases)
    for key, entity in library.entities.items():
        yield from ((name, "entity", key) for name in entity.aliases)
    # Ids come last, so that a link shows a name as it is spelled and not as its file is called.
    yield from ((key, "thesis", key) for key in library.definitions)
    yield from ((key, "basket", key) for key in library.baskets)
    yield from ((key, "entity", key) for key in library.entities)


def blocks_of(thesis: models.Thesis) -> Iterator[tuple[str, BlockModel]]:
    """Yield every block of a thesis, those of sections first, then those of updates."""
    for section in thesis.sections:
        yield from walk(section.blocks)
    for update in thesis.updates:
        yield from walk(update.blocks)
