"""Reasons: why a note is written, told from what was kept of it and what this run made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from thesisvault.runs.engine.engine import Engine
from thesisvault.runs.engine.kept import KeptNote
from thesisvault.runs.engine.leaves import ABSENT, ALL, SEPARATOR
from thesisvault.runs.engine.recipe import BUILT_IN, CODE, DAY, LIBRARIES, LONG, SETTING, TEMPLATE
from thesisvault.runs.engine.told import WRITTEN, Told
from thesisvault.runs.engine.watched import link_path
from thesisvault.runs.engine.writing import Cause, Reason, Writing, figure_changes
from thesisvault.structs import replace
from thesisvault.words import day_in_words

_SERIES = ("series", "many")
FIRST = Reason("first", "", "it is new")
EDITED = Reason("edited", "", "its file was edited; all that it is made from was the same")
RESTORED = Reason("restored", "", "its file was brought back")
ELSEWHERE = Reason(
    "elsewhere", "", "its file was right already: another machine wrote it, Obsidian did, or a run that was cut off"
)
GONE = Reason(
    "definition", "", "its definition is gone, or no note shows or mentions it any more; the note stays and says so"
)
BACK = Reason("definition", "", "its definition is back")
UNKNOWN = Reason("unknown", "", "nothing was kept of it, so what had changed is not known")


class Account:
    """Gives account of the notes of a run.

    Args:
        engine: What the run made, and what was kept before.
        told: The words for leaves.
        templates: The folder of the workspace's templates, as messages show it.
        at: The moment of the run.
        day: Its last day of data.
    """

    def __init__(self, engine: Engine, told: Told, templates: str, at: dt.datetime, day: dt.date) -> None:
        self._engine, self._told, self._templates = engine, told, templates
        self._at, self._day = at.isoformat(timespec="seconds"), day.isoformat()

    def of_orphan(self) -> Writing:
        """Return why a note is written whose definition is gone."""
        return Writing(self._at, (None, self._day), (GONE,))

    def of(self, key: str, path: str, known: str, *, was_orphan: bool = False) -> Writing:
        """Return why a note is written.

        Args:
            key: Its id.
            path: Its path in the vault.
            known: The path at which its file was when the run began or when an earlier one ended; empty if it had none.
            was_orphan: Whether its definition was gone.
        """
        before, after = self._engine.before.notes.get(key), self._engine.after.notes[key]
        if before is None:
            first = BACK if was_orphan else UNKNOWN if known else FIRST
            return Writing(self._at, (None, self._day), (first,))
        days = before.recipe.parts.get(DAY), self._day
        found = [] if known else [RESTORED]
        if not known or not _is_same(before, after):
            found += self._changes(key, before, after)
        old, new = PurePosixPath(known).stem, PurePosixPath(path).stem
        if known and old != new:
            others = (each for each in found if (each.kind, each.name) != ("name", ""))
            found = [Reason("renamed", new, f'its file was renamed from "{old}" to "{new}"'), *others]
        moved = self._moved(key)
        figures = tuple(
            replace(change, series=tuple(t for t in self._tickers(figure.series) if t in moved))
            for change, figure in figure_changes(before.body.figures, after.body.figures)
        )
        return Writing(self._at, days, tuple(dict.fromkeys(found)) or (EDITED,), figures)

    def found_right(self, key: str, path: str, removed: tuple[str, ...]) -> Writing | None:
        """Return what is to be kept of a note that came out otherwise and whose file was right without being written.

        Args:
            key: Its id.
            path: Its path in the vault.
            removed: Names of the regions that a person removed, which its file does not show.
        """
        before, after = self._engine.before.notes.get(key), self._engine.after.notes[key]
        writing = after.body.writing
        if before is None or before.body.regions == after.body.regions:
            return writing
        old, new = ([each for each in note.body.regions if each[0] not in removed] for note in (before, after))
        is_renamed = writing is not None and any(each.kind == "renamed" for each in writing.reasons)
        found = self.of(key, path, path)
        if old == new or (is_renamed and all(each.kind == "name" for each in found.reasons)):
            return writing
        return replace(found, reasons=(ELSEWHERE, *found.reasons))

    # What changed ------------------------------------------------------------------------------------------------

    def _changes(self, key: str, before: KeptNote, after: KeptNote) -> list[Reason]:
        parts = before.recipe.differ(after.recipe)
        found = list(self._of_recipe(before, after, parts))
        if CODE not in parts and LIBRARIES not in parts:  # of another program the digests of leaves mean nothing
            settings = any(part.startswith(SETTING) for part in parts)
            found += self._of_leaves(key, before, settings=settings, is_new_day=DAY in parts)
        found += self._of_names(before, after)
        if not found and DAY in parts:
            found.append(_of_day(before, after))
        return found or list(self._of_templates(before, after, parts))

    def _of_recipe(self, before: KeptNote, after: KeptNote, parts: tuple[str, ...]) -> Iterator[Reason]:
        old, new = before.recipe.parts, after.recipe.parts
        if CODE in parts or LIBRARIES in parts:
            what = "thesisvault" if CODE in parts else "what it is installed with"
            yield Reason("code", "", f"{what} is of another version")
        if DAY in parts and any(kind in _SERIES for kind, _ in after.reads):
            yield _of_day(before, after)
        for part in parts:
            if part.startswith(SETTING):
                name = part.removeprefix(SETTING)
                values = [each.get(part, "none") for each in (old, new)]
                is_long = any(each.startswith(LONG) for each in values)
                change = "" if is_long else f" from {values[0]} to {values[1]}"
                yield Reason("setting", name, f"the setting {name} was changed{change}")
        used = {*before.body.templates, *after.body.templates}
        yield from self._of_templates(before, after, [part for part in parts if part.partition(" ")[2] in used])

    def _of_templates(self, before: KeptNote, after: KeptNote, parts: Iterable[str]) -> Iterator[Reason]:
        old, new = before.recipe.parts, after.recipe.parts
        for part in parts:
            name = part.partition(" ")[2]
            if part.startswith(BUILT_IN):
                yield Reason("template", name, f"the packaged template {name} was changed")
            elif part.startswith(TEMPLATE):
                became = "was edited" if part in old and part in new else "is new" if part in new else "is gone"
                shown = f"{self._templates}/{name}"
                yield Reason("template", shown, f"{shown} {became}")

    def _of_leaves(self, key: str, before: KeptNote, *, settings: bool, is_new_day: bool) -> Iterator[Reason]:
        changed = self._engine.changed.get(key, ())
        names: set[tuple[Cause, str]] = set()
        for leaf in sorted(changed, key=lambda each: (each[1] == ALL, each[0] not in WRITTEN)):
            thing = self._told.thing(leaf) if leaf[0] not in _SERIES else None
            if thing is None or (thing.kind, thing.name) in names:
                continue
            if not thing.name and any(kind == thing.kind for kind, _ in names):
                continue  # one of them says it more plainly
            was, now = before.reads[leaf], self._engine.leaves.digest(leaf)
            is_written = leaf[0] in WRITTEN and leaf[1] != ALL
            is_same_file = not is_written or was.partition(".")[0] == now.partition(".")[0]
            if is_same_file and thing.file and settings:
                continue  # the setting says it
            names.add((thing.kind, thing.name))
            if not thing.file:
                yield Reason(thing.kind, thing.name, f"{thing.title} changed")
            elif is_same_file:
                yield Reason(thing.kind, thing.name, f"what {thing.title} stands for changed")
            else:
                became = "is new" if was == ABSENT else "is gone" if now == ABSENT else "was edited"
                yield Reason(thing.kind, thing.name, f"{thing.title} {became} ({thing.file})")
        moved = self._moved(key)
        for ticker, (old, new) in moved.items():
            yield Reason("series", ticker, self._of_prices(ticker, old, new))
        said = {name for _, name in names} | moved.keys()
        for leaf in changed:
            name = leaf[1]
            if leaf[0] == "series" and not said & {name, name.rpartition(":")[0], *self._tickers([name])}:
                is_defined_anew = (
                    before.reads[leaf].partition(".")[0] != self._engine.leaves.digest(leaf).partition(".")[0]
                )
                if is_defined_anew or not is_new_day:
                    yield Reason("series", name, self._of_series(name, is_defined_anew=is_defined_anew))

    def _of_series(self, name: str, *, is_defined_anew: bool) -> str:
        if not is_defined_anew:
            return f"fundamentals, exchange rates or prices under review of {self._told.series(name).title} changed"
        thing = self._told.series(name)
        return f"the definition of {thing.title}, or of what it rests on, changed ({thing.file})"

    def _of_prices(self, ticker: str, old: str, new: str) -> str:
        name = self._told.named(ticker)
        if not old:
            return f"prices of {name} are new"
        if new > old:
            return f"prices of {name} now go to {day_in_words(dt.date.fromisoformat(new))}"
        return f"prices of {name} were corrected" if new else f"prices of {name} are gone"

    def _of_names(self, before: KeptNote, after: KeptNote) -> Iterator[Reason]:
        for leaf, was in before.links.items():
            old, new = link_path(was), link_path(after.links.get(leaf, was))
            if old == new:
                continue
            if old and new:
                yield Reason("name", new, f'links to "{old}" lead to "{new}" now')
            elif new:
                yield Reason("name", new, f'the name "{leaf[1]}" leads to "{new}" now')
            else:
                yield Reason("name", old, f'"{old}" is no longer there to link to')
        if before.free != after.free and before.aliases == after.aliases and before.title == after.title:
            yield Reason("name", "", "its aliases changed, because its file or another note was renamed")

    # Series ------------------------------------------------------------------------------------------------------

    def _moved(self, key: str) -> dict[str, tuple[str, str]]:
        """Return the tickers a note rests on whose stored prices have changed, each with its newest days."""
        old, new = self._engine.before.prices, self._engine.after.prices
        changed = self._engine.changed.get(key, ())
        names = [each for kind, name in changed if kind in _SERIES for each in name.split(SEPARATOR)]
        missing = ("", "")
        return {
            ticker: (old.get(ticker, missing)[0], new.get(ticker, missing)[0])
            for ticker in self._tickers(names)
            if old.get(ticker, missing) != new.get(ticker, missing)
        }

    def _tickers(self, names: Iterable[str]) -> dict[str, None]:
        return {ticker: None for name in names for ticker in self._engine.leaves.tickers(name)}


def _of_day(before: KeptNote, after: KeptNote) -> Reason:
    old, new = (day_in_words(dt.date.fromisoformat(each.recipe.parts[DAY])) for each in (before, after))
    return Reason("day", "", f"the data go to {new}, no longer to {old}")


def _is_same(before: KeptNote, after: KeptNote) -> bool:
    """Return whether a note came out as before."""
    fields = ("kind", "title", "free", "tags", "further")
    return all(getattr(before, each) == getattr(after, each) for each in fields) and (
        before.body.regions == after.body.regions
    )


def renamed(old: str, new: str) -> Reason:
    """Return the reason why a note is written whose links follow a rename."""
    return Reason("renamed", new, f'"{old}" was renamed to "{new}"')
