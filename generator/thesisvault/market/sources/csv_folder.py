"""The provider that reads a folder of CSV files, one a ticker; what stands in a file is read by `files`."""

from __future__ import annotations

import datetime as dt
import os
from functools import cached_property
from pathlib import Path

from thesisvault.market.bars import Bars, day_number
from thesisvault.market.records import HUNDREDTHS, PAYS_NOTHING, Basis, Instrument
from thesisvault.market.sources.files.form import Form, Market
from thesisvault.market.sources.files.reader import Dividends, read_dividends, read_prices, read_values
from thesisvault.market.sources.files.table import text_of
from thesisvault.market.sources.fred_series import series_of_key
from thesisvault.market.sources.provider import NothingNew, Provider, ProviderFault, UnknownSymbol
from thesisvault.market.sources.providers import Layout
from thesisvault.opening import leads_out, read_plain

LARGEST_FILE = 25_000_000
"""The most bytes of a file of prices: some times over what a row a day takes since 1900."""

_ADJUSTED, _SPLIT_ADJUSTED, _OPEN = Form(closes="adjusted"), Form(closes="split_adjusted"), Form()
_SUNDAY_SESSIONS = frozenset({"24/7", "XTAE", "XSAU", "XKUW", "XBAH", "XCAI", "DSMD"})


class CsvFolder:
    """A provider that reads TICKER.csv from a folder; `^` of a ticker may be `_` in the name.

    Args:
        folder: Where the files are.
        form: What is said of the files; the rest each of them has to prove.
        dividends: A folder of TICKER.csv with cash per share by ex-date; a ticker without a file there has unknown
            dividends. A column of dividends beside the closes will do instead.
        layout: `prices`, or `fred` for values of macro series.
        follow_links: Whether a file that is a link out of its folder is read.
    """

    name = "csv"
    remote = False

    def __init__(
        self,
        folder: Path,
        form: Form = _OPEN,
        dividends: Path | None = None,
        layout: Layout = "prices",
        *,
        follow_links: bool = False,
    ) -> None:
        self.folder, self.form, self.dividends, self.layout = folder, form, dividends, layout
        self._follow_links = follow_links

    @property
    def label(self) -> str:
        """The folder's name, so that several folders can be told apart."""
        return f"csv:{self.folder.name}"

    @property
    def basis(self) -> Basis | None:
        """What is served: `value` in FRED's layout; None where each file decides."""
        if self.layout == "fred":
            return "value"
        if self.form.closes is None:
            return None
        return "adjusted" if self.form.closes == "adjusted" else "split_adjusted"

    @property
    def missing(self) -> str:
        """What is wrong with its folders, so that no file can be read; empty: nothing."""
        for folder in (self.folder, self.dividends):
            if folder is not None and not folder.is_dir():
                return f"{folder} is not a folder; expected one with a file per ticker, such as SPY.csv"
        return ""

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:
        """Return the bars of TICKER.csv from `start` to `end`, both included.

        Raises:
            UnknownSymbol: There is no such file.
            NothingNew: It has no bar in those days.
            ProviderFault: The folder or the file cannot be used.
        """
        if self.missing:
            raise ProviderFault(self.missing)
        symbol = instrument.symbol(self.name)
        if self.layout == "fred":
            symbol = series_of_key(symbol) or symbol
        path = _find(self.folder, symbol)
        if path is None:
            raise UnknownSymbol(f"{symbol}.csv not found in {self.folder}{self._alike(symbol)}")
        text, label = self._text(path), str(path)
        if self.layout == "fred" or instrument.kind == "macro":
            bars = read_values(text, label, symbol, self.form)
        else:
            bars = read_prices(text, label, self.form, _market(instrument), dividends=self._dividends(symbol))
        kept = bars.between(None if start is None else day_number(start), day_number(end))
        if not kept.days:
            raise NothingNew(f"{path.name} has no bar from {start or 'the first day'} to {end}")
        return kept

    def _dividends(self, symbol: str) -> Dividends | None:
        path = None if self.dividends is None else _find(self.dividends, symbol)
        return None if path is None else read_dividends(self._text(path), str(path), self.form)

    def _text(self, path: Path) -> str:
        if not self._follow_links and leads_out(path, path.parent):
            hint = "put the file itself there, or write follow_links: true in the settings"
            raise ProviderFault(f"{path} is a link out of its folder, and is not read; {hint}")
        try:
            return text_of(read_plain(path, LARGEST_FILE), str(path))
        except OSError as error:
            raise ProviderFault(f"{path} cannot be read: {error.strerror}") from error

    def _alike(self, symbol: str) -> str:
        """Return the name of a file that another spelling of a symbol has, as the end of a sentence."""
        stem = self._stems.get(_plain(symbol))
        return "" if stem is None else f"; did you mean {stem}.csv? Then write `symbols: {{csv: {stem}}}` at it"

    @cached_property
    def _stems(self) -> dict[str, str]:
        found = sorted(path.stem for path in self.folder.iterdir() if path.suffix.casefold() == ".csv")
        return {_plain(stem): stem for stem in found if _plain(stem)}


def folder_providers(path: Path, *, follow_links: bool = False) -> list[Provider]:
    """Return the providers of a folder of prices.

    Sub-folders `unadjusted`, `dividends`, `prices` (adjusted closes) and `fred` are taken for what their names say; in
    a folder without them each file says what its closes are.
    """
    found: list[Provider] = []
    # Adjusted closes first: closes with dividends complete a series, and may not reach back as far.
    if (path / "prices").is_dir():
        found.append(CsvFolder(path / "prices", _ADJUSTED, follow_links=follow_links))
    if (path / "unadjusted").is_dir():
        dividends = path / "dividends"
        paid = dividends if dividends.is_dir() else None
        found.append(CsvFolder(path / "unadjusted", _SPLIT_ADJUSTED, paid, follow_links=follow_links))
    if (path / "fred").is_dir():
        found.append(CsvFolder(path / "fred", layout="fred", follow_links=follow_links))
    return found or [CsvFolder(path, follow_links=follow_links)]


def _market(instrument: Instrument) -> Market:
    """Return what a file of an instrument has to be read by."""
    daily = instrument.frequency == "daily" and instrument.kind != "crypto"
    return Market(
        weekends=not daily or instrument.exchange in _SUNDAY_SESSIONS,
        pays=instrument.kind not in PAYS_NOTHING,
        hundredths=instrument.currency if instrument.currency in HUNDREDTHS else "",
        names=tuple(dict.fromkeys([instrument.ticker, *instrument.symbols.values(), *instrument.formerly])),
    )


def _plain(symbol: str) -> str:
    """Return a symbol without what spellings of it differ by: case, points, hyphens."""
    return "".join(filter(str.isalnum, symbol.casefold()))


def _find(folder: Path, symbol: str) -> Path | None:
    if not symbol or set(symbol) & set("/\\\0"):
        return None
    for stem in dict.fromkeys((symbol, symbol.replace("^", "_"))):
        for suffix in (".csv", ".CSV"):
            path = folder / f"{stem}{suffix}"
            if os.path.lexists(path):
                return path
    return None
