"""The choice of providers: from the settings of a workspace to the sources that a refresh asks.

A new source is a file beside this one with one class, and one line in the table of makers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from thesisvault.errors import UsageError, did_you_mean
from thesisvault.market.sources.files.form import Form
from thesisvault.market.sources.provider import Provider
from thesisvault.structs import replace

Layout = Literal["prices", "fred"]


class CsvFiles(Struct, frozen=True):
    """What the settings say of a provider `csv`.

    Attributes:
        folder: Where the files are, relative to the workspace.
        form: What is said of the files.
        dividends: A folder of dividends, relative to the workspace.
        layout: `prices`, or `fred` for macro series.
    """

    folder: str
    form: Form = field(default_factory=Form)
    dividends: str | None = None
    layout: Layout = "prices"


def _yahoo(cache: Path, timeout: float) -> Provider:
    from thesisvault.market.sources.yahoo import Yahoo

    return Yahoo(cache / "yfinance", timeout=timeout)


def _fred(_cache: Path, timeout: float) -> Provider:
    from thesisvault.market.sources.fred import Fred

    return Fred(timeout=timeout)


def _sample(_cache: Path, _timeout: float) -> Provider:
    from thesisvault.market.sources.sample import Sample

    return Sample()


MAKERS: dict[str, Callable[[Path, float], Provider]] = {"yahoo": _yahoo, "fred": _fred, "sample": _sample}
"""What makes each provider, by the name that settings use; the libraries of one load when it is made."""


def make_providers(
    settings: Sequence[str | CsvFiles], root: Path, cache: Path, timeout: float = 20.0, *, follow_links: bool = False
) -> list[Provider]:
    """Return the providers that the settings list, in their order.

    Args:
        settings: `yahoo`, `fred`, `sample`, or a folder of CSV files.
        root: What relative folders are relative to.
        cache: A folder that may be deleted at any time.
        timeout: How many seconds one answer may take.
        follow_links: Whether files that are links out of their folder are read.

    Raises:
        UsageError: There is no such provider.
    """
    return [_made(entry, root, cache, timeout, follow_links=follow_links) for entry in settings]


def _made(entry: str | CsvFiles, root: Path, cache: Path, timeout: float, *, follow_links: bool) -> Provider:
    if isinstance(entry, str):
        if entry not in MAKERS:
            known = (*MAKERS, "csv")
            raise UsageError(
                f'unknown provider "{entry}"; there are {", ".join(known)}.',
                "A csv provider needs its folder: {csv: {folder: DIR}}."
                if entry == "csv"
                else did_you_mean(entry, known),
            )
        return MAKERS[entry](cache, timeout)
    from thesisvault.market.sources.csv_folder import CsvFolder

    dividends = root / entry.dividends if entry.dividends else None
    return CsvFolder(
        root / entry.folder,
        replace(entry.form, folder=entry.folder),
        dividends,
        entry.layout,
        follow_links=follow_links,
    )
