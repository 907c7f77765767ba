"""What the names of columns mean, in the spellings of the sites and programs that write price files."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from thesisvault.market.sources.files.units import without_unit


class Role(Enum):
    """What a column holds; the value is the word for it in the settings."""

    DAY = "date"
    OPEN = "open"
    HIGH = "high"
    LOW = "low"
    CLOSE = "close"
    ADJUSTED = "adjusted_close"
    VOLUME = "volume"
    DIVIDEND = "dividend"
    SPLIT = "split"
    SYMBOL = "symbol"
    CURRENCY = "currency"
    BASIS = "basis"
    IGNORED = "ignored"


# Names in the order in which they win where a file has several of one role. English, then what Polish, German, Dutch,
# Spanish, Portuguese, Italian and French sites write, without accents.
_NAMES: dict[Role, tuple[str, ...]] = {
    Role.DAY: (
        "date",
        "observation date",
        "trade date",
        "trading day",
        "price date",
        "as of date",
        "exchange date",
        "day",
        "datetime",
        "date time",
        "timestamp",
        "time",
        "window start",
        "t",
        "data",
        "datum",
        "fecha",
        "dia",
        "tag",
        "giorno",
    ),
    Role.OPEN: (
        "open",
        "opening price",
        "open price",
        "o",
        "otwarcie",
        "eroffnung",
        "eroffn",
        "ouv",
        "px open",
        "eroeffnung",
        "erster",
        "openen",
        "apertura",
        "abertura",
        "ouverture",
        "start",
    ),
    Role.HIGH: (
        "high",
        "high price",
        "h",
        "najwyzszy",
        "hoch",
        "hoog",
        "maximo",
        "max",
        "massimo",
        "plus haut",
        "haut",
        "px high",
    ),
    Role.LOW: ("low", "low price", "l", "najnizszy", "tief", "laag", "minimo", "min", "plus bas", "bas", "px low"),
    Role.CLOSE: (
        "close",
        "close last",
        "closing price",
        "close price",
        "last price",
        "last",
        "zuletzt",
        "px last",
        "clot",
        "koers",
        "price",
        "quote",
        "value",
        "nav",
        "c",
        "zamkniecie",
        "schluss",
        "schlusskurs",
        "kurs",
        "slot",
        "slotkoers",
        "cierre",
        "ultimo",
        "fechamento",
        "chiusura",
        "cloture",
        "dernier",
    ),
    Role.ADJUSTED: (
        "adj close",
        "adjusted close",
        "adjclose",
        "adj price",
        "adjusted price",
        "close adj",
        "close adjusted",
        "adjusted",
    ),
    Role.VOLUME: (
        "volume",
        "vol",
        "v",
        "shares traded",
        "px volume",
        "wolumen",
        "volumen",
        "stucke",
        "stuecke",
        "omzet",
        "volumes",
    ),
    Role.DIVIDEND: (
        "dividends",
        "dividend",
        "ex-dividend",
        "ex-dividends",
        "ex dividend",
        "dividend amount",
        "divcash",
        "cash dividend",
        "cash dividends",
        "amount",
        "cash",
    ),
    Role.SPLIT: (
        "stock splits",
        "splits",
        "split",
        "split coefficient",
        "splitfactor",
        "split factor",
        "split ratio",
    ),
    Role.SYMBOL: ("symbol", "ticker", "isin", "wkn"),
    Role.BASIS: ("basis",),
    Role.CURRENCY: ("currency", "waehrung", "wahrung", "valuta", "devise", "moneda", "ccy"),
    Role.IGNORED: (
        "change",
        "change %",
        "% change",
        "chg",
        "chg%",
        "change pct",
        "percent change",
        "net change",
        "net",
        "zmiana",
        "per",
        "openint",
        "open interest",
        "vw",
        "vwap",
        "n",
        "transactions",
        "trades",
        "no of trades",
        "turnover",
        "adjopen",
        "adjhigh",
        "adjlow",
        "adjvolume",
        "capital gains",
        "market cap",
        "marketcap",
        "repaired?",
        "adj open",
        "adj high",
        "adj low",
        "adj volume",
        "variazione",
        "variation %",
        "variazione %",
        "+ - %",
        "%chg",
        "tijd",
        "uhrzeit",
        "heure",
        "% var",
        "previous close",
        "prev close",
        "var",
        "var %",
        "diff",
        "",
    ),
}
_PLACES = {name: (role, rank) for role, names in _NAMES.items() for rank, name in enumerate(names)}
_MONEY = {Role.OPEN, Role.HIGH, Role.LOW, Role.CLOSE, Role.ADJUSTED, Role.DIVIDEND}
_ACCENTS = str.maketrans("äöüáéíóúàèìòùçñąćęłńśźż", "aouaeiouaeioucnacelnszz")


@lru_cache(maxsize=1024)
def roles_of(name: str) -> tuple[Role, int] | None:
    """Return what a name of a column means, and its rank among the names of that role; None where nobody knows.

    >>> roles_of("<CLOSE>"), roles_of("Adj. Close* (EUR)"), roles_of("Sector")
    ((<Role.CLOSE: 'close'>, 0), (<Role.ADJUSTED: 'adjusted_close'>, 0), None)
    """
    found = _PLACES.get(_plain(name))
    if found is None and (shorter := without_unit(name)) != name:
        found = _PLACES.get(_plain(shorter))
        return found if found is not None and found[0] in _MONEY else None
    return found


def _plain(name: str) -> str:
    plain = name.strip().strip("<>*\"'").casefold().translate(_ACCENTS)
    plain = re.sub(r"[_./]+", " ", re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", plain))
    return " ".join(plain.strip(" *:").split())
