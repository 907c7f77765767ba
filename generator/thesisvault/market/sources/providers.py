"""The choice of providers: from the settings of a workspace to the sources that a refresh asks.

A new source is a file beside this one with one class, and one line in the table of makers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from thesisvault.errors import UsageError, did_you_mean
from thesisvault.market.sources.provider import Provider

Options = Mapping[str, Any]


def _yahoo(_options: Options, _root: Path, cache: Path, timeout: float) -> Provider:
    from thesisvault.market.sources.yahoo import Yahoo

    return Yahoo(cache / "yfinance", timeout=timeout)


def _fred(_options: Options, _root: Path, _cache: Path, timeout: float) -> Provider:
    from thesisvault.market.sources.fred import Fred

    return Fred(timeout=timeout)


def _sample(_options: Options, _root: Path, _cache: Path, _timeout: float) -> Provider:
    from thesisvault.market.sources.sample import Sample

    return Sample()


def _csv(options: Options, root: Path, _cache: Path, _timeout: float) -> Provider:
    from thesisvault.market.sources.csv_folder import CsvFolder

    known = {"folder": None, "closes": "split_adjusted", "dividends": None, "layout": "prices"}
    for key in options:
        if key not in known:
            raise UsageError(
                f'a csv provider has no setting "{key}"; it has {", ".join(known)}', did_you_mean(str(key), known)
            )
    chosen = {**known, **{k: v for k, v in options.items() if v is not None}}
    if not chosen["folder"]:
        raise UsageError("a csv provider needs a folder", "Write {csv: {folder: DIR}}.")
    for key, words in (("closes", ("raw", "split_adjusted", "adjusted")), ("layout", ("prices", "fred"))):
        if chosen[key] not in words:
            raise UsageError(
                f'csv: "{key}" is "{chosen[key]}"; it can be {", ".join(words)}', did_you_mean(str(chosen[key]), words)
            )
    dividends = chosen["dividends"]
    return CsvFolder(
        root / str(chosen["folder"]),
        closes=chosen["closes"],
        dividends=root / str(dividends) if dividends else None,
        layout=chosen["layout"],
    )


MAKERS: dict[str, Callable[[Options, Path, Path, float], Provider]] = {
    "yahoo": _yahoo,
    "fred": _fred,
    "sample": _sample,
    "csv": _csv,
}
"""What makes each provider, by the name that settings use; the libraries of one load when it is made."""


def make_providers(
    settings: Sequence[str | Mapping[str, Any]], root: Path, cache: Path, timeout: float = 20.0
) -> list[Provider]:
    """Return the providers that the settings list, in their order.

    Args:
        settings: `yahoo`, `fred`, `sample` or `{csv: {folder, closes, dividends, layout}}`.
        root: What relative folders are relative to.
        cache: A folder that may be deleted at any time.
        timeout: How many seconds one answer may take.

    Raises:
        UsageError: There is no such provider, or its settings cannot be used.
    """
    return [_made(entry, root, cache, timeout) for entry in settings]


def _made(entry: str | Mapping[str, Any], root: Path, cache: Path, timeout: float) -> Provider:
    if isinstance(entry, str):
        if entry not in MAKERS or entry == "csv":
            raise UsageError(
                f'unknown provider "{entry}"; there are {", ".join(MAKERS)}.',
                "A csv provider needs its folder: {csv: {folder: DIR}}."
                if entry == "csv"
                else did_you_mean(entry, MAKERS),
            )
        return MAKERS[entry]({}, root, cache, timeout)
    name = next(iter(entry), "")
    if len(entry) != 1 or name not in MAKERS or not isinstance(entry[name], Mapping):
        raise UsageError(f"the provider {dict(entry)!r} is not understood.", "Write {csv: {folder: DIR}}, or one name.")
    return MAKERS[name](entry[name], root, cache, timeout)
