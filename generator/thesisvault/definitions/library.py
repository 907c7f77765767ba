"""All definitions of a workspace together, ready for blocks and market."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from thesisvault.blocks import kinds  # noqa: F401 - fills the registry of blocks
from thesisvault.blocks.core.sides import by_day
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.models.baskets import BasketDefinition
from thesisvault.definitions.models.instruments import Entity, InstrumentDefinition
from thesisvault.definitions.models.settings import Settings
from thesisvault.definitions.reading.load import DefinitionFile
from thesisvault.definitions.theses import ThesisRecord, converted_name
from thesisvault.errors import Finding
from thesisvault.market.reading.currency import pair_in, rates_needed, route
from thesisvault.market.records import Basket, Instrument, plain_name, split_currency
from thesisvault.market.sources.fred_series import PREFIX, series_of_key


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
        files: Every file that was read, by its path below the folder of definitions; of theses and concepts those
            alone that are wrong.
        findings: What is wrong with any of them.
        wounded: Names of definitions that were read but are wrong; others may still name them.
        unread: Folders or files of which something could not be read at all, so that names may be missing.
    """

    settings: Settings
    definitions: dict[str, ThesisRecord] = field(default_factory=dict)
    instruments: dict[str, InstrumentDefinition] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    baskets: dict[str, BasketDefinition] = field(default_factory=dict)
    episodes: dict[str, EpisodeDefinition] = field(default_factory=dict)
    universes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: dict[str, DefinitionFile] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    wounded: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    @cached_property
    def quoted(self) -> Mapping[str, str]:
        """The currency in which each ticker and basket is quoted; yields and other macro series have none."""
        found = {t: _currency_of(t, m) for t, m in self.instruments.items() if m.kind != "macro"}
        return found | {key: basket.currency or self.settings.home_currency for key, basket in self.baskets.items()}

    def episode_names(self, episode: str) -> Mapping[str, str]:
        """Return what `buy`, `sell` and `over` stand for in an episode; its sides are in the home currency."""
        found = dict(self.episodes[episode].names(episode))
        home = self.settings.home_currency
        return {word: n if word == "over" else converted_name(n, home, self.quoted) for word, n in found.items()}

    @cached_property
    def sector_funds(self) -> Mapping[str, str]:
        """The fund that stands for each sector, by the name of the sector."""
        found = [(m.sector, ticker) for ticker, m in self.instruments.items() if m.sector_fund and m.sector]
        return {sector: self.current(ticker) for sector, ticker in reversed(found)}

    @cached_property
    def rates(self) -> Mapping[str, tuple[Instrument, ...]]:
        """The exchange rates at which theses and episodes convert a series, by the series as it is quoted."""
        instruments = {t: _instrument(t, m, {}) for t, m in self.instruments.items()}
        found: dict[str, dict[str, Instrument]] = {}
        every = [each.names for each in self.definitions.values()] + [self.episode_names(key) for key in self.episodes]
        for names in every:
            for name in names.values():
                base, currency = split_currency(name)
                head = base.split("|")[0].strip()
                for step in route(self.quoted[head], currency, instruments) if currency else ():
                    found.setdefault(head, {})[step.rate.ticker] = step.rate
        return {head: tuple(rates.values()) for head, rates in found.items()}

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
        owners: list[tuple[str, Any]] = [(k, d.head) for k, d in self.definitions.items()]
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
        ticker = plain_name(ticker)
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
        currencies = {key: record.currency for key, record in self.definitions.items()}
        baskets = {
            key: self._basket(key, b.title, b.dated or b.members, b.rebalance, b.currency or home, b.base, b.cap)
            for key, b in self.baskets.items()
        }
        for owner, word, side in self.sides():
            key = f"{owner}:{word}"
            baskets[key] = self._basket(key, side.name or key, side.hold, side.rebalance, currencies.get(owner, home))
        rates = {rate.ticker: rate for rate in rates_needed(instruments, baskets.values())}
        rates |= {rate.ticker: rate for of_one in self.rates.values() for rate in of_one}
        return {**rates, **instruments}, baskets

    def _basket(
        self,
        key: str,
        title: str,
        holding: Any,
        rebalance: Any,
        currency: str,
        base: dt.date | None = None,
        cap: float | None = None,
    ) -> Basket:
        if by_day(holding):
            whole = [(dt.date.fromisoformat(day), _shares(self._flat(each))) for day, each in holding.items()]
            dated = tuple((day, tuple(shares.items())) for day, shares in whole)
            names = dict.fromkeys(name for _, shares in whole for name in shares)
            members = tuple((name, None) for name in names)
            return Basket(key, title, members, "dated", dated, rebalance, base, cap=cap, currency=currency)
        flat = self._flat(holding)
        if isinstance(flat, Mapping):
            return Basket(
                key, title, tuple(flat.items()), "fixed", rebalance=rebalance, base=base, cap=cap, currency=currency
            )
        equal = tuple((name, None) for name in flat)
        return Basket(key, title, equal, rebalance=rebalance, base=base, cap=cap, currency=currency)

    def _flat(self, holding: Any, depth: int = 0) -> Any:
        """Return a holding with the baskets among it replaced by their members, each with its part of the whole."""
        if not any(name in self.baskets or self.current(name) != name for name in holding):
            return holding
        if depth > len(self.baskets):
            return holding
        flat: dict[str, float] = {}
        for name, weight in _shares(holding).items():
            inner = self.baskets[name].newest if name in self.baskets else None
            parts = {self.current(name): 1.0} if inner is None else _shares(self._flat(inner, depth + 1))
            for member, part in parts.items():
                flat[member] = flat.get(member, 0.0) + weight * part
        if not any(name in self.baskets for name in holding) and not isinstance(holding, Mapping):
            return tuple(flat)  # equal parts stay equal parts
        return flat

    @cached_property
    def series_names(self) -> frozenset[str]:
        """Every ticker and basket id that an expression may name."""
        instruments, baskets = self.records
        return frozenset(instruments) | frozenset(baskets)


def _shares(holding: Any) -> dict[str, float]:
    return dict(holding) if isinstance(holding, Mapping) else dict.fromkeys(holding, 1 / len(holding))


def _instrument(ticker: str, model: InstrumentDefinition, renamed: Mapping[str, str]) -> Instrument:
    scale = model.scale
    if model.unit == "%" and scale == 1:
        scale = 0.01  # fractions inside: a rate of 4.2 per cent is 0.042
    pair = pair_in(ticker) if model.kind == "currency" and not model.price_of else None
    return Instrument(
        ticker=ticker,
        name=model.name,
        kind=model.kind,
        short=model.short or "",
        currency=_currency_of(ticker, model),
        exchange="24/7" if model.kind == "crypto" and "exchange" not in model.model_fields_set else model.exchange,
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


def _currency_of(ticker: str, model: InstrumentDefinition) -> str:
    pair = pair_in(ticker) if model.kind == "currency" and not model.price_of else None
    return pair[1] if pair and "currency" not in model.model_fields_set else model.currency


def _formerly(ticker: str, renamed: Mapping[str, str]) -> tuple[str, ...]:
    """Return the old names of a ticker, the nearest first, by the old name of each."""
    found: list[str] = []
    while (older := renamed.get(ticker)) and older not in found:
        found.append(older)
        ticker = older
    return tuple(found)


def link_names(library: Library) -> Iterator[tuple[str, str, str]]:
    """Yield every name that a wikilink may use: the name, and kind and id of what it stands for; titles first."""
    # What was renamed comes after what it is now, and has no note of its own.
    instruments = sorted(library.instruments.items(), key=lambda item: item[1].renamed_to is not None)
    for key, thesis in library.definitions.items():
        yield thesis.title, "thesis", key
    for ticker, instrument in instruments:
        yield from ((name, "instrument", library.current(ticker)) for name in (ticker, instrument.name))
    yield from ((basket.title, "basket", key) for key, basket in library.baskets.items())
    yield from ((entity.name, "entity", key) for key, entity in library.entities.items())
    for key, thesis in library.definitions.items():
        yield from ((name, "thesis", key) for name in thesis.head.aliases)
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
