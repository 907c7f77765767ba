"""Reads the settings and all definitions of a workspace.

It never stops at the first mistake: every file is read, and what is wrong stands in the findings of the library, from
which nothing is built while it has errors.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from thesisvault.blocks import kinds  # noqa: F401 - fills the registry of blocks
from thesisvault.blocks.episodes import EpisodeDefinition
from thesisvault.definitions.cards import KeptDefinitions, card_of
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.baskets import BasketDefinition
from thesisvault.definitions.models.instruments import Entity, InstrumentDefinition
from thesisvault.definitions.models.settings import Settings
from thesisvault.definitions.models.thesis import Thesis
from thesisvault.definitions.reading import load, validate
from thesisvault.definitions.reading.load import DefinitionFile
from thesisvault.definitions.reading.tree import Tree
from thesisvault.definitions.theses import Shelf, ThesisRecord, Whole
from thesisvault.digests import digest_of
from thesisvault.errors import DefinitionError, DiskError, Finding, Place
from thesisvault.fields import Ticker, Word
from thesisvault.market.sources.fred_series import SERIES, series_of_key
from thesisvault.opening import leads_out, read_plain
from thesisvault.patterns import regex
from thesisvault.workspace import SETTINGS_FILE, Workspace, foreign_folder, whats_missing


def read_settings(root: Path) -> tuple[Settings, list[Finding]]:
    """Return the settings of a workspace, and what is wrong with them.

    In the place of a folder that is refused stands the usual one, so that nothing of it is looked at.
    """
    path = root / SETTINGS_FILE
    if not os.path.lexists(path):
        return Settings(), []
    if leads_out(path, root):
        problem = "the settings are a link out of the workspace, and are not read."
        return Settings(), [Finding(problem, Place(SETTINGS_FILE), "Put the file itself here.", code="link-out")]
    tree, broken = load.read_tree(path, SETTINGS_FILE)
    if tree is None:
        return Settings(), broken
    settings, findings = validate.validate(Settings, tree)
    if settings is None:
        return Settings(), findings
    refused = dict(_foreign_folders(root, settings, tree))
    usual = {key: Settings.model_fields[key].default for key in refused}
    return settings.model_copy(update=usual), [*findings, *refused.values()]


def _foreign_folders(root: Path, settings: Settings, tree: Tree) -> Iterator[tuple[str, Finding]]:
    """Yield the key of each folder of the settings that belongs to the system or to another person, and the error.

    A `~` is one too: only a shell puts the home folder in its place, and here it would become a folder of that name,
    which nobody wants and which is dangerous to remove by hand.
    """
    for key in ("vault", "data", "templates"):
        written = getattr(settings, key)
        if (meant := _at_home(written)) != Path(written):
            problem = f"{key}: {written} does not lead to a home folder, because ~ means one to a shell only."
            hint = f"Write the whole path: {key}: {meant}"
            yield key, Finding(problem, tree.place_of((key,)), hint, code="home-folder")
        elif whose := foreign_folder(root / getattr(settings, key), root):
            problem = f"{key}: {root / getattr(settings, key)} is {whose}, and nothing of it is read or written."
            hint = "Name a folder of your own."
            yield key, Finding(problem, tree.place_of((key,)), hint, code="foreign-folder")


def _at_home(written: str) -> Path:
    """Return the path that a shell would make of one; the same where it begins with no home folder that is there."""
    try:
        return Path(written).expanduser()
    except RuntimeError:
        return Path(written)


def linked_out(workspace: Workspace, path: Path) -> list[Finding]:
    """Return what is wrong with a file that leads out of the workspace by a link, where the settings allow none."""
    if workspace.follow_links or not leads_out(path, workspace.root, workspace.data):
        return []
    hint = f"Put the file itself here, or write follow_links: true in {SETTINGS_FILE}."
    place = Place(workspace.shown(path))
    return [Finding("it is a link out of the workspace, and is not read.", place, hint, code="link-out")]


def read_library(workspace: Workspace, settings: Settings, kept: KeptDefinitions | None = None) -> Library:
    """Return all definitions of a workspace; what is wrong with them stands in its findings.

    Args:
        workspace: The workspace.
        settings: Its settings.
        kept: What earlier runs kept of definitions; takes what this one keeps.
    """
    library, shelf = Library(settings), Shelf()
    kept = kept or KeptDefinitions()
    library.findings += missing_data(workspace)
    _read_mapping(workspace, library, kept, "instruments.yaml", InstrumentDefinition, Ticker, library.instruments)
    _read_mapping(workspace, library, kept, "entities.yaml", Entity, Word, library.entities)
    _read_mapping(workspace, library, kept, "episodes.yaml", EpisodeDefinition, Word, library.episodes)
    for path in _drafted(workspace, workspace.data / "baskets"):
        _read_basket(workspace, library, path, kept)
    for path in _files(workspace.data / "universes", "*.txt"):
        _read_universe(workspace, library, path)
    for path in _drafted(workspace, workspace.data / "theses"):
        record = _read_thesis(workspace, library, path, kept, shelf)
        if record is not None:
            library.definitions[path.stem] = record
    for stray in _files(workspace.data / "theses", "*.yml"):
        library.findings.append(
            Finding(
                "the file ends in .yml and is not read; name it .yaml.",
                Place(workspace.shown(stray)),
                code="wrong-ending",
            )
        )
    return library


def missing_data(workspace: Workspace) -> list[Finding]:
    """Return the error that the folder of the definitions is not there; without it all notes would lose theirs.

    It may lie on a disk that is not there today, or be on its way between two machines.
    """
    if not (wrong := whats_missing(workspace.data)):
        return []
    problem = f"the folder of the definitions {wrong}, and nothing is built without it."
    hint = f"Put it back, name another in {SETTINGS_FILE} (data: FOLDER), or make an empty one for a start."
    return [Finding(problem, Place(workspace.shown(workspace.data)), hint, code="no-folder")]


def _files(folder: Path, pattern: str) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        place = Place(f"{folder.parent.name}/{folder.name}")
        raise DefinitionError(Finding("found a file where a folder was expected.", place, "Move it away."))
    return sorted(p for p in folder.glob(pattern) if not p.name.startswith(".")) if folder.is_dir() else []


def _drafted(workspace: Workspace, folder: Path) -> list[Path]:
    """Return the definitions in a folder with those that are drafts so far."""
    return sorted({*_files(folder, "*.yaml"), *(path for path in workspace.drafts if path.parent == folder)})


_ID = regex(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HOME = "home"
"""The id of the home note, which stands for no definition."""


def _read_thesis(
    workspace: Workspace, library: Library, path: Path, kept: KeptDefinitions, shelf: Shelf
) -> ThesisRecord | None:
    """Return a thesis or concept, read whole only where nothing is kept of it; None if it is wrong."""
    key, shown = path.stem, workspace.shown(path)
    file, unread = _file(workspace, path)
    digest = _digest(file)
    card = kept.find(digest, shown)
    if card is None:
        before = len(library.findings)
        model = _modeled(workspace, library, path, Thesis, file, unread)
        if model is None or file is None:
            return None
        del library.files[f"theses/{path.name}"]
        card = card_of(model, file.tree.value, digest, shown, kept.look(model))
        if len(library.findings) == before:
            kept.keep(digest, {"": model}, card)
        file.let_go()
        shelf.put(key, Whole(model, file))

    def read() -> Whole:
        file, _ = _file(workspace, path)
        if file is None or _digest(file) != card.digest:
            said = "the file was changed while it was being read."
            raise DiskError(Finding(said, Place(shown), "Run the command again.", code="changed"))
        if found := kept.find_models(card.digest, Thesis, file):
            return Whole(found[""], file)
        model, wrong = validate.validate(Thesis, file.tree)
        assert model is not None, wrong  # noqa: S101 - nothing was wrong with the same text before
        file.let_go()
        return Whole(model, file)

    settings = library.settings
    return ThesisRecord(key, card, read, settings.benchmark, settings.home_currency, library.quoted, shelf)


def _read_basket(workspace: Workspace, library: Library, path: Path, kept: KeptDefinitions) -> None:
    """Put a basket into the library, or what is wrong with it."""
    file, unread = _file(workspace, path)
    if file is not None and (found := kept.find_models(_digest(file), BasketDefinition, file)):
        library.baskets[path.stem] = found[""]
        library.files[f"baskets/{path.name}"] = file
        return
    before = len(library.findings)
    basket = _modeled(workspace, library, path, BasketDefinition, file, unread)
    if basket is not None:
        library.baskets[path.stem] = basket
        if len(library.findings) == before:
            kept.keep(_digest(file), {"": basket})


def _modeled(
    workspace: Workspace, library: Library, path: Path, model: Any, file: DefinitionFile | None, unread: list[Finding]
) -> Any:
    """Return what a file defines, or None and have the library say what is wrong with it."""
    shown = workspace.shown(path)
    if not _ID.fullmatch(path.stem):
        problem = (
            f'"{path.stem}" is not an id; name the file in lower-case letters, digits and dashes, as in a-to-b.yaml.'
        )
        library.findings.append(Finding(problem, Place(shown), code="bad-id"))
    elif model is Thesis and path.stem == _HOME:
        problem = f'"{path.stem}" is the id of a note that every vault has.'
        library.findings.append(Finding(problem, Place(shown), "Give the file another name.", code="bad-id"))
    tree, broken = (None, unread) if file is None else file.read()
    library.findings += broken
    if file is None or tree is None:
        library.unread.add(path.parent.name)
        library.wounded.add(path.stem)
        return None
    library.files[f"{path.parent.name}/{path.name}"] = file
    found, findings = validate.validate(model, tree)
    library.findings += findings
    if found is None:
        library.wounded |= {path.stem, *_names_in(tree.value)}
    return found


def _file(workspace: Workspace, path: Path) -> tuple[DefinitionFile | None, list[Finding]]:
    """Return a file of definitions, or None and why it is not read."""
    if wrong := linked_out(workspace, path):
        return None, wrong
    shown = workspace.shown(path)
    text, unread = (workspace.drafts[path], []) if path in workspace.drafts else load.read_text(path, shown)
    return (None if text is None else DefinitionFile(text, shown)), unread


def _digest(file: DefinitionFile | None) -> str:
    """Return what all follows from that is kept of a file; the path is in the places of what is said of it."""
    return "" if file is None else digest_of(file.shown, file.text)


def _names_in(value: Any) -> Iterator[str]:
    """Yield the names that a wrong definition gives itself, so that links to it are not wrong too."""
    if isinstance(value, dict):
        for key in ("title", "name", "short", "aliases"):
            found = value.get(key)
            yield from [found] if isinstance(found, str) else [each for each in found or () if isinstance(each, str)]


def _read_mapping(
    workspace: Workspace,
    library: Library,
    kept: KeptDefinitions,
    name: str,
    model: Any,
    keys: Any,
    into: dict[str, Any],
) -> None:
    path = workspace.data / name
    if not os.path.lexists(path) and path not in workspace.drafts:
        return
    file, unread = _file(workspace, path)
    if file is not None and (known := kept.find_models(_digest(file), model, file)) is not None:
        into.update(known)
        library.files[name] = file
        return
    tree, broken = (None, unread) if file is None else file.read()
    library.findings += broken
    if file is None or tree is None:
        library.unread.add(name)
        return
    library.files[name] = file
    if model is InstrumentDefinition and isinstance(tree.value, dict):
        for key, value in tree.value.items():
            if series_of_key(key) and isinstance(value, dict):
                value.setdefault("kind", "macro")  # its key says so
    found, findings = validate.validate_mapping(model, tree, keys)
    if model is InstrumentDefinition:
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
        findings += [missing for key, each in found.items() for missing in _without_unit(key, each, tree)]
    into.update(found)
    library.findings += findings
    if not findings:
        kept.keep(_digest(file), found)
    if isinstance(tree.value, dict):
        for key, value in tree.value.items():
            if key not in found:
                library.wounded |= {key, *_names_in(value)}


def _of_fred(key: str, model: InstrumentDefinition) -> InstrumentDefinition:
    """Return a macro series with what is well known of its FRED id, where the definition leaves it out."""
    known, said = SERIES.get(_fred_id(key, model)), model.model_fields_set
    # Whoever writes a unit at a plain ticker describes a series of their own, to the last word.
    if known is None or model.kind != "macro" or not (series_of_key(key) or "unit" not in said):
        return model
    filled: dict[str, Any] = {}
    if "frequency" not in said:
        filled["frequency"] = known.frequency
    # A lag goes with a frequency, and a scale with a unit.
    if "lag" not in said and filled.get("frequency", model.frequency) == known.frequency:
        filled["lag"] = known.lag_days
    if known.unit and "scale" not in said and model.unit in ("", known.unit):
        filled |= {"unit": known.unit, "scale": known.scale}
    return model.model_copy(update=filled)


def _fred_id(key: str, model: InstrumentDefinition) -> str:
    """Return what FRED would call a macro series: as its key or its symbol there says, or else its ticker itself."""
    return series_of_key(key) or model.symbols.get("fred", key)


def _without_unit(key: str, model: InstrumentDefinition, tree: Tree) -> Iterator[Finding]:
    """Yield an error where nobody says in what the values of a macro series are: they would be shown as they come."""
    if model.kind == "macro" and not model.unit and "unit" not in model.model_fields_set:
        problem = f'"{key}" is a macro series without a unit, and that of {_fred_id(key, model)} is not well known.'
        hint = (
            "Say what its values are, and how often there is one, such as: "
            "unit: USD, scale: 1000000, frequency: weekly, lag: 1d"
        )
        yield Finding(problem, tree.place_of((key,)), hint, code="no-unit")


LARGEST_UNIVERSE = 1_000_000
"""The most bytes of a universe: some hundred thousand tickers."""
_TICKER = regex(r"[A-Za-z0-9^][A-Za-z0-9.^=_-]*")


def _read_universe(workspace: Workspace, library: Library, path: Path) -> None:
    shown = workspace.shown(path)
    if wrong := linked_out(workspace, path):
        library.findings += wrong
        library.wounded.add(path.stem)
        return
    try:
        text = read_plain(path, LARGEST_UNIVERSE).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        hint = "Write tickers with blanks between them, as plain text."
        library.findings.append(Finding(f"the universe cannot be read: {why}.", Place(shown), hint, code="unreadable"))
        library.wounded.add(path.stem)
        return
    tickers: dict[str, None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        for match in re.finditer(r"\S+", line.partition("#")[0]):
            word = match[0]
            if not _TICKER.fullmatch(word):
                library.findings.append(
                    Finding(
                        f'"{word}" is not a ticker; write tickers with blanks between them.',
                        Place(shown, number, match.start() + 1),
                        code="bad-ticker",
                    )
                )
            tickers[library.current(word)] = None
    if not tickers:
        library.findings.append(Finding("the universe names no ticker.", Place(shown), code="empty-universe"))
    library.universes[path.stem] = tuple(tickers)
