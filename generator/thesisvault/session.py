"""A session: one run over one workspace, which opens each thing it works with at most once.

A command makes one session and passes it down. Settings, folders, definitions, the index of the vault, the lock and
the market store are opened when they are first wanted, so a command that does not need the vault never looks at it.
What may not live here: any decision about what is fetched, filled, placed or written.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from thesisvault.definitions.cards import read_kept, write_kept
from thesisvault.definitions.checks.crosscheck import crosscheck
from thesisvault.definitions.checks.kept import KeptFindings, read_findings, write_findings
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.settings import Settings
from thesisvault.definitions.read import missing_data, read_library, read_settings
from thesisvault.digests import digest_of_code
from thesisvault.errors import DefinitionError, DiskError, Finding, NoDataError, Place
from thesisvault.notes.typed.as_text import as_text
from thesisvault.opening import read_plain
from thesisvault.structs import replace
from thesisvault.surroundings import all_is_loaded
from thesisvault.vault.cache import warm_scan
from thesisvault.vault.index import VaultIndex
from thesisvault.vault.lock import locked
from thesisvault.vault.write import write_if_changed
from thesisvault.workspace import BEHIND_A_LINK, SETTINGS_FILE, Workspace, make_folder, whats_missing, workspace_at

if TYPE_CHECKING:
    from thesisvault.language.evaluate import Scope
    from thesisvault.market.reading.market import Market
    from thesisvault.market.store.store import Store

_READ_FROM_DISK = ("_read_settings", "workspace", "index", "library", "_checked")


class Session:
    """One run over one workspace.

    Args:
        root: The folder of the workspace.
        now: The moment of the run, which decides what the last finished session of an exchange is.
    """

    def __init__(self, root: Path, now: dt.datetime) -> None:
        all_is_loaded()
        self.root = root
        self.now = now
        self.clean = False
        """Whether all is to be found anew, whatever is known of earlier runs."""
        self._lock_depth = 0
        self._open_store: Store | None = None
        self._markets: list[Market] = []
        self._index_before: VaultIndex | None = None
        self.lies: Mapping[Path, Path] = {}
        """Where each file lies so far of which the index says where it would be; see `foresee`."""
        self.before: Callable[[], None] = lambda: None
        """Called once the run holds the lock and before it looks at anything."""

    # Definitions --------------------------------------------------------------------------------------------------

    @cached_property
    def _read_settings(self) -> tuple[Settings, list[Finding]]:
        return read_settings(self.root)

    @property
    def settings(self) -> Settings:
        """The settings; the defaults if the file is missing or broken."""
        return self._read_settings[0]

    @property
    def has_sound_settings(self) -> bool:
        """Whether nothing is wrong in the settings; else defaults may stand in for what was meant."""
        return all(each.level != "error" for each in self._read_settings[1])

    @cached_property
    def workspace(self) -> Workspace:
        """The folders of the workspace, as the settings name them."""
        named = self.settings
        return workspace_at(
            self.root, named.vault, named.folder, named.data, named.templates, follow_links=named.follow_links
        )

    @cached_property
    def code(self) -> str:
        """Digest of the code that what is kept from one run to the next follows from."""
        return digest_of_code()

    @cached_property
    def library(self) -> Library:
        """All definitions, mistakes among them; `findings` says what is wrong."""
        cache = self.workspace.cache
        kept = read_kept(cache, self.code, as_text, clean=self.clean)
        library = read_library(self.workspace, self.settings, kept)
        write_kept(cache, kept)
        if self._read_settings[1]:
            library.unread.add(SETTINGS_FILE)
        return library

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with settings and definitions, in order of place; links may reach a person's own notes."""
        return self._findings_on(None)

    def _findings_on(self, as_of: dt.date | None) -> tuple[Finding, ...]:
        # A period that is over on the day that a run asks for, or on that of the settings, may be spoken of.
        day = max(self.settings.as_of or self.now.date(), as_of or dt.date.min)
        if day not in self._checked:
            names = frozenset(self.foreign_names)
            kept = KeptFindings(self.code) if self.clean else read_findings(self.workspace.cache, self.code)
            between = crosscheck(self.library, names, day, kept)
            write_findings(self.workspace.cache, kept)
            bare = self._bare_data() if self.workspace.data.is_dir() else []
            found = [*self._read_settings[1], *self.library.findings, *bare, *between]
            self._checked[day] = tuple(sorted(dict.fromkeys(found), key=lambda each: each.sort_key))
        return self._checked[day]

    @cached_property
    def _checked(self) -> dict[dt.date, tuple[Finding, ...]]:
        return {}

    def errors_with(self, drafts: Mapping[Path, str]) -> list[Finding]:
        """Return the errors that definitions would have, and do not have now, if some files held other texts.

        Args:
            drafts: Texts, without a byte order mark, by the files that they would stand in.
        """
        known = Counter((each.place and each.place.path, each.problem) for each in self.findings)
        workspace = replace(self.workspace, drafts=drafts)
        library = read_library(
            workspace, self.settings, read_kept(self.workspace.cache, self.code, as_text, clean=self.clean)
        )
        day = self.settings.as_of or self.now.date()
        between = crosscheck(
            library, frozenset(self.foreign_names), day, read_findings(self.workspace.cache, self.code)
        )
        found = []
        for each in dict.fromkeys([*library.findings, *between]):
            what = (each.place and each.place.path, each.problem)
            known[what] -= 1
            if each.level == "error" and known[what] < 0:
                found.append(each)
        return sorted(found, key=lambda each: each.sort_key)

    def need_data(self) -> None:
        """Go on only with the folder of the definitions.

        Raises:
            DiskError: It is not there, or only the place is in which it lies at other times.
        """
        if missing := missing_data(self.workspace) or self._bare_data():
            raise DiskError(missing)

    def _bare_data(self) -> list[Finding]:
        """Return the error that the folder of the definitions holds nothing, while there are notes made from some.

        So it looks where the disk with them is not mounted. Prices may have been fetched into it.
        """
        data, where = self.workspace.data, self.workspace
        if any(not each.name.startswith(".") and each != where.store.parent for each in data.iterdir()):
            return []
        if not any(note.id for note in self.index.notes):
            return []
        problem = "the folder of the definitions is empty, but the vault holds notes that were made from some."
        hint = f"Put them back; for a new beginning, move {where.shown(where.notes)} away."
        return [Finding(problem, Place(where.shown(data)), hint, code="no-folder")]

    def need_way_to_vault(self) -> None:
        """Go on only with a vault, or where one can be made; what stands in its place is found when it is read.

        Raises:
            DiskError: It lies behind a link that leads nowhere.
        """
        vault = self.workspace.vault
        if (wrong := whats_missing(vault)) == BEHIND_A_LINK:
            hint = f"Put back what it was, or name another in {SETTINGS_FILE} (vault: FOLDER)."
            place = Place(self.workspace.shown(vault))
            raise DiskError(Finding(f"the vault {wrong}; nothing was written.", place, hint, code="no-folder"))

    def sound_library(self, as_of: dt.date | None = None) -> Library:
        """Return the definitions if none of them is wrong.

        Args:
            as_of: The last day of data that a run asks for.

        Raises:
            DefinitionError: At least one is; the error holds all findings of all files.
            DiskError: Their folder is not there.
        """
        self.need_data()
        broken = [each for each in self._findings_on(as_of) if each.level == "error"]
        if broken:
            self.need_data()  # it may have gone while they were read
            raise DefinitionError(broken)
        return self.library

    # The vault ----------------------------------------------------------------------------------------------------

    @cached_property
    def index(self) -> VaultIndex:
        """What is in the vault; a note that has not changed since an earlier run is not read again."""
        where = self.workspace
        return warm_scan(where.vault, where.cache, where.corner, self._index_before, follow=where.follow_links)

    def vault_changed(self) -> None:
        """Have the vault looked at again when its index is next wanted, because this run has written to it.

        The disk is asked rather than what was meant to be written: another program may have answered a write with one
        of its own, and a check that follows is a statement about the disk. Only files that changed are read again.
        """
        self._index_before = self.__dict__.pop("index", self._index_before)

    def foresee(self, index: VaultIndex, lies: Mapping[Path, Path]) -> None:
        """Have this run, which writes nothing, see the vault as it would be.

        Args:
            index: The vault as it would be.
            lies: Where each file lies so far that would have been moved.
        """
        self.__dict__["index"], self.lies = index, lies

    @property
    def foreign_names(self) -> list[str]:
        """Names, aliases and paths of the notes that do not belong to the generator."""
        notes = [note for note in (*self.index.notes, *self.index.absent) if not note.id]
        names = [name for note in notes for name in (note.basename, *note.aliases)]
        return [*names, *(note.path.removesuffix(".md") for note in notes if "/" in note.path)]

    # The lock -----------------------------------------------------------------------------------------------------

    @contextmanager
    def locked(self, command: str) -> Iterator[None]:
        """Keep other runs out of the workspace while the body runs; inside a lock of this session it does nothing.

        A run locks before it looks: a note that another run writes after this one looked would pass for a note deleted
        by hand. What was read before the lock is therefore read again. Commands that only look take no lock.

        Args:
            command: Name of the run, for a second run that finds the lock taken.

        Raises:
            LockedError: Another run holds the lock.
            DiskError: The lock file cannot be made.
        """
        if self._lock_depth:
            yield
            return
        for name in _READ_FROM_DISK:
            self.__dict__.pop(name, None)
        # Settings cannot move the lock: they would have to be read before it.
        with locked(workspace_at(self.root).cache, command):
            self._lock_depth += 1
            try:
                self.before()
                yield
            finally:
                self._lock_depth -= 1

    # Prices -------------------------------------------------------------------------------------------------------

    @contextmanager
    def store(self, *, create: bool) -> Iterator[Store]:
        """Give the market store while the body runs; a store that was made and stayed empty is removed at the end.

        Args:
            create: Whether to make a store if there is none.

        Raises:
            NoDataError: There is no store, and `create` is false.
            DiskError: The store cannot be opened, or there is no folder of definitions to make it in.
        """
        if self._open_store is not None:
            yield self._open_store
            return
        from thesisvault.market.store.store import Store

        path, shown = self.workspace.store, self.workspace.shown
        self.need_data()
        if not create and not os.path.lexists(path):
            place, hint = Place(shown(path)), "Fetch them: thesisvault refresh"
            raise NoDataError(Finding("no prices are stored.", place, hint, code="no-data"))
        try:
            make_folder(path.parent, self.workspace.data)
        except OSError as problem:
            said = f"the folder cannot be made: {problem.strerror}."
            raise DiskError(Finding(said, Place(shown(path.parent)))) from None
        store = self._open_store = Store(path)
        try:
            self._check_structure(store)
            yield store
            for market in self._markets:
                market.keep()
        finally:
            self._open_store = None
            self._markets = []
            store.discard()

    def _check_structure(self, store: Store) -> None:
        """Look at the pages of a store once after each change of its file; each row is looked at when it is read.

        Raises:
            DiskError: It is damaged.
        """
        status, checked = store.path.stat(), self.workspace.cache / "store-checked.json"
        now = [status.st_size, status.st_mtime_ns, status.st_ino]
        with suppress(OSError, ValueError):
            if json.loads(read_plain(checked)) == now:
                return
        store.check_structure()
        with suppress(DiskError):
            write_if_changed(checked, json.dumps(now).encode(), within=self.workspace.root)

    def last_day(self, store: Store, as_of: dt.date | None) -> dt.date:
        """Return the last day of data: the one given, else that of the settings, else the last finished session."""
        from thesisvault.market.sessions import Sessions

        fixed = as_of or self.settings.as_of
        if fixed:
            return fixed
        benchmark = self.library.instruments.get(self.settings.benchmark)
        return Sessions(store).last_finished_session(benchmark.exchange if benchmark else "XNYS", self.now)

    def scope(self, store: Store, day: dt.date, *, clean: bool = False) -> Scope:
        """Return what expressions are evaluated in: the market up to a day, universes and names of the settings.

        Args:
            store: The market store.
            day: The last day of data.
            clean: Make every series of what is stored anew, whatever an earlier run kept of it.
        """
        from thesisvault.language.evaluate import Scope
        from thesisvault.market.reading.market import Market

        benchmark = self.settings.benchmark
        kept = self.workspace.cache / "series.map"
        market = Market(store, *self.library.records, last_day=day, benchmark=benchmark, kept=kept)
        if clean:
            market.forget_kept()
        self._markets.append(market)
        names = {"benchmark": benchmark, "over": "ytd"}
        return Scope(market, self.library.universes, names, self.library.labels)
