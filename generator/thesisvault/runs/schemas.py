"""The JSON Schemas of definitions, with the names of a workspace that an editor offers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from thesisvault.definitions.library import Library
from thesisvault.definitions.models import schema
from thesisvault.definitions.models.editors import Names
from thesisvault.definitions.read import read_library, read_settings
from thesisvault.vault.write import write_if_changed
from thesisvault.workspace import workspace_at

_SIDES = {
    "buy": "what this thesis or episode buys",
    "sell": "what this thesis or episode sells",
    "benchmark": "what both sides are measured against",
}
_WINDOWS = {
    "5d": "five sessions",
    "20d": "20 calendar days",
    "60d": "60 calendar days",
    "90d": "90 calendar days",
    "3m": "three months",
    "6m": "six months",
    "1y": "one year",
    "3y": "three years",
    "5y": "five years",
    "mtd": "this month so far",
    "ytd": "this year so far",
    "since opened": "from the day on which the thesis was opened",
    "max": "all that is stored",
}


def schemas(library: Library | None = None) -> Mapping[str, str]:
    """Return the JSON Schemas by file name.

    Args:
        library: The definitions whose names are offered; left out, windows and functions alone are.
    """
    from thesisvault.blocks.episodes import EpisodeDefinition
    from thesisvault.definitions.models.baskets import BasketDefinition
    from thesisvault.definitions.models.instruments import Entity, InstrumentDefinition
    from thesisvault.definitions.models.settings import Settings
    from thesisvault.definitions.models.thesis import Thesis
    from thesisvault.fields import Ticker, Word
    from thesisvault.runs.answers import Answer

    written = schema.json_schemas(
        {
            "thesis": Thesis,
            "basket": BasketDefinition,
            "settings": Settings,
            "instruments": dict[Ticker, InstrumentDefinition],
            "entities": dict[Word, Entity],
            "episodes": dict[Word, EpisodeDefinition],
        },
        _names(library),
    )
    return {**written, "report.json": schema.answer_schema(Answer, "Report", "What a command prints with --json.")}


def write_schemas(folder: Path, library: Library | None = None, *, dry: bool = False) -> list[str]:
    """Write the JSON Schemas into a folder; return the names of those that changed, or would.

    Args:
        folder: The folder.
        library: The definitions whose names are offered.
        dry: Write nothing.
    """
    changed = []
    for name, text in schemas(library).items():
        path = folder / name
        data = text.encode()
        if path.is_file() and path.read_bytes() == data:
            continue
        changed.append(name)
        if not dry:
            write_if_changed(path, data)
    return changed


def library_at(root: Path) -> Library:
    """Return the definitions of the workspace in a folder, those that are wrong among them as far as they were read."""
    settings, _ = read_settings(root)
    return read_library(workspace_at(root, data=settings.data, follow_links=settings.follow_links), settings)


def _names(library: Library | None) -> Names:
    """Return what an editor offers, by the kind of place, each with what it is in a few words."""
    from thesisvault.language.functions.table import TABLE

    functions = {each.signature: each.says for _, each in sorted(TABLE.items())}
    if library is None:
        return {"windows": _WINDOWS, "functions": functions, "series": _SIDES}
    tickers = {key: each.name for key, each in library.instruments.items()}
    held = tickers | {key: f"{each.title} (basket)" for key, each in library.baskets.items()}
    theses = {key: each.title for key, each in library.definitions.items()}
    notes = dict.fromkeys(theses.values(), "thesis or concept")
    notes |= {each.title: "basket" for each in library.baskets.values()}
    notes |= {each.name: each.kind for each in library.entities.values()}
    notes |= {each.name: f"{each.kind} {key}" for key, each in library.instruments.items()}
    found: Names = {
        "series": _SIDES | held,
        "held": held,
        "tickers": tickers,
        "windows": _WINDOWS,
        "functions": functions,
        "universes": {key: f"{len(each)} tickers" for key, each in library.universes.items()},
        "theses": theses,
        "episodes": {key: each.title for key, each in library.episodes.items()},
        "notes": notes,
    }
    given = ("windows", "functions")
    return {what: names if what in given else dict(sorted(names.items())) for what, names in found.items()}
