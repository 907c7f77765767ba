"""Saves: what a build rests on, how it looked at one moment, and a wait for it to look otherwise.

A library wakes the wait, and may do so too often or not at all, as on a disk in the network. What decides is a look at
the files: their times, sizes and numbers, and the content of those that are so young that it may change without them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

import thesisvault
from thesisvault.digests import LIBRARIES, digest_of
from thesisvault.instant import TICK
from thesisvault.opening import read_plain
from thesisvault.session import Session
from thesisvault.workspace import SETTINGS_FILE, packaged

_STEP, _TICK = 100, 500
"""Milliseconds after which a first change wakes, and after which a wait wakes without any."""
_QUIET, _RETURN, _LONGEST = 0.1, 0.5, 3.0
"""Seconds without a change after which a batch of saves is over; the same where a file is gone, which an editor may be
about to put back; and the most that a batch takes while changes go on."""
_SHARE = 500
"""A look that nothing has asked for may take one part in so many of the time."""
_OF_EDITORS = ("~", ".swp", ".swx", ".tmp", "#")
"""Ends of names of what editors put beside a file while they have it open."""
_PROBE = "4913"
"""A file that Vim makes to find out whether it may write."""


class State(Struct, frozen=True):
    """How one file looked.

    Attributes:
        about: Times of its content and of its entry, in nanoseconds, its size and its number.
        content: Digest of its content, where it was young; an empty text elsewhere.
    """

    about: tuple[int, int, int, int]
    content: str = ""


Seen = Mapping[str, State]
"""How each file looked, by its path."""


class Places(Struct, frozen=True):
    """Where that lies which a build rests on.

    Attributes:
        root: The workspace.
        folders: Folders of definitions and templates, and those of price files.
        prices: Those of price files alone.
        besides: Beginnings of paths that a run itself writes to.
        follow_links: Whether linked folders are looked into.
    """

    root: Path
    folders: tuple[Path, ...]
    prices: tuple[Path, ...]
    besides: tuple[str, ...]
    follow_links: bool

    def are_prices(self, path: str) -> bool:
        """Return whether a file lies in a folder of price files."""
        return any(folder in Path(path).parents for folder in self.prices)


def places_of(session: Session) -> Places:
    """Return where that lies which a build of a workspace rests on, as its settings say now."""
    where, named = session.workspace, session.settings
    of_prices = [each.csv for each in named.providers if not isinstance(each, str)]
    names = [name for each in of_prices for name in (each.folder, each.dividends) if name]
    prices = tuple(dict.fromkeys(Path(os.path.normpath(where.root / name)) for name in names))
    own = tuple(dict.fromkeys((where.data, where.templates, packaged("templates"))))
    folders = tuple(dict.fromkeys((*own, *prices)))
    is_around = any(where.vault in (folder, *folder.parents) for folder in folders)
    besides = (str(where.memory), str(where.store), *(() if is_around else (f"{where.vault}{os.sep}",)))
    return Places(where.root, folders, prices, besides, where.follow_links)


def look_at_code() -> dict[str, State]:
    """Return how the program and the list of libraries look that are installed for it."""
    found: dict[str, State] = {}
    _take(str(LIBRARIES), {}, found)
    for path in files_in(Path(thesisvault.__file__).parent):
        if path.endswith(".py"):
            _take(path, {}, found)
    return {path: State(state.about) for path, state in found.items()}


def look(places: Places, before: Seen) -> dict[str, State]:
    """Return how all that a build rests on looks now.

    Args:
        places: Where it lies.
        before: How it looked before; the content of what was young then is compared once more.
    """
    found: dict[str, State] = {}
    _take(str(places.root / SETTINGS_FILE), before, found)
    for folder in places.folders:
        for path in files_in(folder, follow_links=places.follow_links):
            if path not in found and not path.startswith(places.besides):
                _take(path, before, found)
    return found


def files_in(folder: Path, *, follow_links: bool = False) -> Iterator[str]:
    """Yield the path of each file below a folder, but for hidden ones and those of editors."""
    entered: set[tuple[int, int]] = set()
    waiting = [str(folder)]
    while waiting:
        here = waiting.pop()
        try:
            about = os.stat(here)  # noqa: PTH116 - a Path for each of thousands takes too long
            if (about.st_dev, about.st_ino) in entered:
                continue  # a link that leads back
            entered.add((about.st_dev, about.st_ino))
            with os.scandir(here) as entries:
                for entry in entries:
                    name = entry.name
                    if name.startswith((".", "#")) or name.endswith(_OF_EDITORS) or name == _PROBE:
                        continue
                    if entry.is_dir(follow_symlinks=follow_links):
                        waiting.append(entry.path)
                    else:
                        yield entry.path
        except OSError:
            continue  # it is not there, or not now


def _take(path: str, before: Seen, found: dict[str, State]) -> None:
    try:
        about = os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return
    state = State((about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino))
    earlier = before.get(path)
    was_young = earlier is not None and earlier.about == state.about and bool(earlier.content)
    is_young = max(about.st_mtime_ns, about.st_ctime_ns) > time.time_ns() - TICK
    if was_young or is_young:
        content = _content(path)
        # What is old by now, and still the same, is known by its times from here on.
        if is_young or earlier is None or content != earlier.content:
            state = State(state.about, content)
    found[path] = state


def _content(path: str) -> str:
    try:
        return digest_of(read_plain(path))
    except OSError as problem:
        return str(problem.strerror)


def differ(before: Seen, after: Seen) -> list[str]:
    """Return the paths of files that came, went or changed, in order."""
    return sorted(path for path in {*before, *after} if _is_other(before.get(path), after.get(path)))


def _is_other(before: State | None, after: State | None) -> bool:
    if before is None or after is None:
        return before is not after
    # What was young in one look only is known by its times.
    return before.about != after.about or bool(before.content and after.content and before.content != after.content)


def wait(places: Places, before: Seen, missing: tuple[Path, ...]) -> None:
    """Wait until something looks otherwise, and then until a whole batch of saves is over.

    Args:
        places: Where that lies which a build rests on.
        before: How it looked.
        missing: Folders that were missing; that one of them is back ends the wait too.
    """
    cost, last = 0.0, float("-inf")
    for woken in _wakes(places):
        begun = time.monotonic()
        if any(folder.is_dir() for folder in missing):
            return
        if woken or begun - last >= _SHARE * cost or _are_other_settings(places, before):
            if differ(before, look(places, before)):
                _settle(places, before)
                return
            last = time.monotonic()
            cost = last - begun


def _are_other_settings(places: Places, before: Seen) -> bool:
    path, found = str(places.root / SETTINGS_FILE), dict[str, State]()
    _take(path, before, found)
    return _is_other(before.get(path), found.get(path))


def _settle(places: Places, before: Seen) -> None:
    """Wait until files look the same for a while."""
    begun = time.monotonic()
    now = look(places, before)
    while time.monotonic() - begun < _LONGEST:
        time.sleep(_RETURN if before.keys() - now.keys() else _QUIET)
        earlier, now = now, look(places, now)
        if not differ(earlier, now):
            return


def _wakes(places: Places) -> Iterator[bool]:
    """Yield at once and then whenever there may be something to see: True after a change, False after a while."""
    # No library is wanted where the files have changed while the last build was made.
    yield True
    from watchfiles import watch

    while True:
        # A folder tells of what lies in it. The workspace itself may be large: of it the settings alone are looked at.
        there = [folder for folder in places.folders if folder.is_dir()]
        try:
            for changes in (
                watch(*there, watch_filter=None, debounce=_STEP, step=_STEP, rust_timeout=_TICK, yield_on_timeout=True)
                if there
                else ()
            ):
                yield bool(changes)
                if there != [folder for folder in places.folders if folder.is_dir()]:
                    break
        except (OSError, RuntimeError):
            break  # the system watches no more folders for anybody, or refuses to watch this one
        if not there:
            time.sleep(_TICK / 1000)
            yield False
    while True:
        time.sleep(_TICK / 1000)
        yield False
