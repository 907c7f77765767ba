"""Leaves: all that a note may be made from, each with a digest by which a change of it is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from thesisvault.definitions.library import Library
from thesisvault.definitions.theses import ThesisRecord
from thesisvault.digests import digest_of
from thesisvault.market.reading.currency import pair_in
from thesisvault.market.reading.market import Market
from thesisvault.market.records import plain_name, split_currency
from thesisvault.runs.steps.usage import Target, Usage

Leaf = tuple[str, str]
"""What kind of thing was read, and which."""

Stored = tuple[str, str]
"""What is stored of a ticker: the newest day, in ISO form, and a digest."""

ALL = "*"
"""Stands for the names of all things of a kind, in order."""
ABSENT = "absent"
"""The digest of what is not there: a name that was looked up and not found is a leaf too."""
SEPARATOR = "\n"


class Leaves:
    """The leaves of one run, each looked at once.

    Args:
        library: The definitions.
        market: The market up to the last day.
        used: Which notes use each instrument, basket and entity.
        neighbors: Paths of a person's own notes, each by what it is about.
    """

    def __init__(
        self, library: Library, market: Market, used: Mapping[Target, Usage], neighbors: Mapping[Target, str]
    ) -> None:
        self._library, self._market = library, market
        self._used = {"/".join(target): usage for target, usage in used.items()}
        self._neighbors = {"/".join(target): path for target, path in neighbors.items()}
        self._known: dict[Leaf, str] = {}
        self._tickers: dict[str, tuple[str, ...]] = {}
        self._by_kind: dict[str, Callable[[str], str]] = {
            "definition": self._definition,
            "defined": self._defined,
            "names": self._names,
            "field": self._field,
            "series": self._series,
            "many": lambda names: digest_of(*map(self._series, names.split(SEPARATOR))),
            "usage": self._usage,
            "neighbor": lambda name: self._neighbors.get(name, ABSENT),
            "members": lambda name: digest_of(library.members(name)),
            "episode-names": lambda name: digest_of(dict(library.episode_names(name))),
        }
        self._by_kind |= {kind: self._entry(of) for kind, of in mappings(library, market).items()}

    def digest(self, leaf: Leaf) -> str:
        """Return the digest of a leaf as it is now; that of an unknown kind of leaf is like no other."""
        known = self._known.get(leaf)
        if known is None:
            kind, name = leaf[0], str(leaf[1])
            try:
                known = self._by_kind[kind](name)
            except KeyError:
                known = ABSENT
            self._known[kind, name] = known
        return known

    def is_fixed(self, leaf: Leaf) -> bool:
        """Return whether the digest of a leaf stays the same for the whole run: nobody tells another one."""
        return leaf[0] in self._by_kind

    def tell(self, leaf: Leaf, *values: object) -> Leaf:
        """Take in a leaf that the run itself has made, and return it."""
        self._known[leaf] = digest_of(*values)
        return leaf

    def tickers(self, name: str) -> tuple[str, ...]:
        """Return the tickers whose stored prices a name rests on; none for a name that was not looked at."""
        return self._tickers.get(name, ())

    @property
    def all_tickers(self) -> frozenset[str]:
        """The tickers of all names that were looked at."""
        return frozenset(ticker for of_one in self._tickers.values() for ticker in of_one)

    def prices(self) -> dict[str, Stored]:
        """Return what is stored of each ticker: the newest day, in ISO form, and a digest."""
        feeds = self._market.store.feeds()
        newest = {ticker: max(each.last for each in of_one.values()) for ticker, of_one in feeds.items()}
        return {ticker: (str(newest.get(ticker, "")), digest) for ticker, digest in self._stored.items()}

    @staticmethod
    def _entry(of: Mapping[str, object]) -> Callable[[str], str]:
        def digest(name: str) -> str:
            if name == ALL:
                return digest_of(*of)
            return digest_of(of[name]) if name in of else ABSENT

        return digest

    def _usage(self, name: str) -> str:
        return digest_of(self._used[name]) if name in self._used else ABSENT

    def _definition(self, name: str) -> str:
        return definition_digest(self._library.definitions[name])

    def _defined(self, name: str) -> str:
        definitions = self._library.definitions
        return digest_of(*definitions) if name == ALL else ABSENT if name not in definitions else "defined"

    def _names(self, name: str) -> str:
        return digest_of(dict(self._library.definitions[name].names))

    def _field(self, name: str) -> str:
        key, _, attribute = name.partition(SEPARATOR)
        return self._library.definitions[key].card.fields.get(attribute, ABSENT)

    # Series ------------------------------------------------------------------------------------------------------

    @cached_property
    def _stored(self) -> Mapping[str, str]:
        return self._market.store.digests()

    @cached_property
    def _fundamentals(self) -> Mapping[str, object]:
        return self._market.store.ledger.snapshots(list(self._market.instruments))

    @cached_property
    def _currencies(self) -> str:
        """Digest of all that one currency may be converted into another by."""
        return digest_of(*(each for each in self._market.instruments.values() if each.kind == "currency"))

    @cached_property
    def _rates(self) -> str:
        """Digest of every exchange rate that is stored: which of them converts a series is for its source to say."""
        known, stored = self._market.instruments, self._stored
        rates = (each for each in stored if pair_in(each) or (each in known and known[each].kind == "currency"))
        return digest_of(*((each, stored[each]) for each in sorted(rates)))

    @cached_property
    def _home(self) -> str:
        """The exchange by whose closes every other series is due."""
        home = self._market.instruments.get(self._market.benchmark)
        return home.exchange if home else ""

    def _series(self, name: str) -> str:
        """Return digests of a ticker, basket or chain and what it rests on, a dot between: as defined, as stored."""
        key = ("one", name)
        if key not in self._known:
            market = self._market
            base, currency = split_currency(name)
            links = [market.current(link.strip()) for link in plain_name(base).split("|")]
            defined: list[object] = [currency, self._currencies, self._home]
            stored: list[object] = []
            for link in links:
                instrument = market.instruments.get(link)
                reached = (link, *map(market.current, instrument.proxies if instrument else ()))
                baskets = [market.baskets.get(each) for each in reached]
                defined += [instrument, *baskets]
                stored.append(self._rates if currency or any(baskets) else "")
            self._tickers[name] = tuple(market.tickers(name))
            for ticker in self._tickers[name]:
                defined += [ticker, market.instruments.get(ticker)]
                stored += [self._stored.get(ticker, ABSENT), market.troubles(ticker), self._fundamentals.get(ticker)]
            self._known[key] = f"{digest_of(*defined)}.{digest_of(*stored)}"
        return self._known[key]


def field_of(definition: str, name: str) -> Leaf:
    """Return the leaf of one field of a thesis or concept."""
    return "field", f"{definition}{SEPARATOR}{name}"


def definition_digest(record: ThesisRecord) -> str:
    """Return the digest of a thesis or concept: of its file, and after a dot of what its names stand for."""
    return f"{record.card.digest}.{digest_of(dict(record.names), record.currency)}"


def mappings(library: Library, market: Market) -> dict[str, Mapping[str, object]]:
    """Return everything that is looked up by its name, by the kind of its leaves."""
    return {
        "instrument": library.instruments,
        "entity": library.entities,
        "basket": library.baskets,
        "episode": library.episodes,
        "universe": library.universes,
        "label": library.labels,
        "short": library.shorts,
        "sector-fund": library.sector_funds,
        "known-instrument": market.instruments,
        "known-basket": market.baskets,
    }
