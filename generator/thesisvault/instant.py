"""Nothing to do: told again at once, before anything is loaded that takes time.

A run that wrote nothing leaves behind what it was asked, what it said, until when that holds, and a listing of all that
it rests on: names, times, sizes and numbers of files. As long as the listing is the same, the same question has the
same answer. Whatever is unusual, a link, a file of the last two seconds, another run at work, leads to a whole run:
this module may cost time and never correctness. It imports the standard library alone.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys
import zlib

FOLDER = "instant"
TICK = 2 * 10**9
"""Age in nanoseconds below which a file may change without a change of its times: FAT counts in steps of 2 s."""
COMMANDS = ("build", "check")
"""Commands that say the same as long as nothing has changed."""

_HEAD = b"thesisvault instant 2"
_MARKS = ("HOME", "LANG", "LC_", "NO_COLOR", "PYTHON", "THESISVAULT", "TZ")
"""Beginnings of the names of what a command says otherwise by: home folder, language, colors, encodings, time zone."""
_SAID = "said.json"
_OWN = (
    FOLDER,
    "lock",
    "lock.json",
    "notes.json",
    "made.notes",
    "made.seal",
    "checked.json",
    "checked.seal",
    "last-error.txt",
    "run.log",
    "run.log.1",
    "run.log.2",
    "run.log.3",
    _SAID,
)
"""Files of the cache folder on which no answer rests, or not by their times."""
_SETTINGS, _CACHE = "thesisvault.yaml", ".thesisvault"
_PLAIN = 2
"""The version of marshal in which equal values have equal bytes; later ones show who else holds a value."""
_BY_NUMBER = os.scandir in os.supports_fd
"""Whether a folder can be listed by the number of an open file: files are then looked up in it, not from the root."""
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)

Roots = list[tuple[str, str]]
"""What a run rests on: how it is listed, and its path. `tree` is a folder with all that is in it but hidden folders,
`cache` the folder of caches, `code` a package, `one` a single file or folder."""
Said = list[tuple[bool, str]]
"""What was printed, in order: whether to the standard error, and the text."""

_Line = str | tuple[str, int, int, int, int, int]
"""A line of a listing: a path or a name, or the name of a file with its times in nanoseconds, modified and changed,
size, number and mode."""


class UnclearError(Exception):
    """Something cannot be listed, or not in a way that would show every change."""


# Listing -----------------------------------------------------------------------------------------------------------


def listing(roots: Roots) -> bytes:
    """Return what a run rests on, as bytes to compare.

    Raises:
        UnclearError: There is a symbolic link, or a folder cannot be read.
    """
    lines: list[_Line] = []
    try:
        for how, path in roots:
            lines.append(path)
            if how == "one":
                _one(path, lines)
            elif how == "cache":
                _tree(path, lines, _OWN)
                lines.append(_without_times(os.path.join(path, _SAID)))  # noqa: PTH118
            else:
                _tree(path, lines, ("__pycache__",) if how == "code" else ())
        return marshal.dumps(lines, _PLAIN)
    except (OSError, RecursionError, ValueError) as problem:
        raise UnclearError from problem


def newest(seen: bytes) -> int:
    """Return when anything in a listing changed last, in nanoseconds since 1970."""
    lines: list[_Line] = marshal.loads(seen)  # noqa: S302 - made by listing, in this process
    return max((max(line[1:3]) for line in lines if isinstance(line, tuple)), default=0)


def _one(path: str, lines: list[_Line]) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        lines.append("-")
        return
    if stat.S_ISLNK(found.st_mode):
        raise UnclearError
    lines.append(("", found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_mode))


def _tree(folder: str, lines: list[_Line], without: tuple[str, ...]) -> None:
    try:
        where = os.open(folder, _FOLDER) if _BY_NUMBER else folder
    except FileNotFoundError:
        lines.append("-")
        return
    below = []
    try:
        with os.scandir(where) as found:
            # This loop runs once a file, and is most of what an answer costs.
            for entry in sorted(found, key=_by_name):
                name = entry.name
                if name in without:
                    continue
                if entry.is_symlink():
                    raise UnclearError
                if entry.is_dir(follow_symlinks=False):
                    lines.append(name)
                    if not name.startswith("."):
                        below.append(name)
                    continue
                about = entry.stat(follow_symlinks=False)
                lines.append((name, about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino, about.st_mode))
    finally:
        if isinstance(where, int):
            os.close(where)
    for name in below:
        path = os.path.join(folder, name)  # noqa: PTH118
        lines.append(path)
        _tree(path, lines, without)


def _without_times(path: str) -> str:
    """Return what earlier runs have said, without the line that says when the last of them ran."""
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return "-"
    with os.fdopen(number, "rb") as file:
        kept = b"".join(line for line in file.read().splitlines(True) if not line.startswith(b' "ran"'))
    return kept.decode("utf-8", "surrogateescape")


def _by_name(entry: os.DirEntry[str]) -> str:
    return entry.name


# The answer --------------------------------------------------------------------------------------------------------


_CLEAN = "--clean"
"""Whoever asks for everything anew believes nothing that was kept, and no kept answer either."""


def can_tell() -> bool:
    """Return whether there is somewhere to print to; a program without a console may have nothing."""
    return sys.stdout is not None and sys.stderr is not None


def question(arguments: list[str]) -> bytes:
    """Return what is asked, with all that changes how it is answered and is no file."""
    marks = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith(_MARKS))
    streams = [f"{each.encoding} {each.isatty()}" for each in (sys.stdout, sys.stderr)]
    # Another person may not be allowed to read or write the same files.
    who = " ".join(map(str, (os.geteuid(), os.getegid(), *os.getgroups()))) if hasattr(os, "geteuid") else ""
    parts = (who, sys.version, sys.executable, __file__, os.getcwd(), *streams, *marks, "", *arguments)  # noqa: PTH109
    return "\0".join(parts).encode("utf-8", "surrogateescape")


def keep(cache: str, asked: bytes, since: int, until: int, roots: Roots, seen: bytes, status: int, said: Said) -> None:
    """Keep an answer; where it cannot be written, the next run is a whole one.

    Args:
        cache: The folder of caches.
        asked: The question.
        since: The second since 1970 at which the answer was found.
        until: The second since 1970 from which the answer no longer holds.
        roots: What it rests on.
        seen: The listing of that.
        status: The exit status.
        said: What was printed.
    """
    texts = [part for is_error, text in said for part in (b"e" if is_error else b"o", _bytes(text))]
    places = [_bytes(part) for root in roots for part in root]
    numbers = [str(each).encode() for each in (since, until, status, len(roots), len(said))]
    parts = [asked, *numbers, *places, seen, *texts]
    body = b"".join(b"%d\n%b" % (len(part), part) for part in parts)
    target = os.path.join(cache, FOLDER, _command(asked))  # noqa: PTH118
    temporary = f"{target}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
        with open(temporary, "wb") as file:  # noqa: PTH123
            file.write(b"%b %d\n%b" % (_HEAD, zlib.crc32(body), body))
        os.replace(temporary, target)  # noqa: PTH105
    except OSError:
        try:  # noqa: SIM105 - contextlib is not loaded yet, and would cost more than all else here
            os.unlink(temporary)  # noqa: PTH108
        except OSError:
            pass


def answer(arguments: list[str], now: float) -> int | None:
    """Print what a run would say and return its exit status, or None: a run has to find out.

    Args:
        arguments: Those of the command line, without the name of the program.
        now: The moment, in seconds since 1970.
    """
    if not can_tell() or _CLEAN in arguments or not any(each in COMMANDS for each in arguments):
        return None
    try:
        asked = question(arguments)
        cache = os.path.join(_root(arguments), _CACHE)  # noqa: PTH118
        kept = _kept(os.path.join(cache, FOLDER, _command(asked)))  # noqa: PTH118
        if kept is None or kept[0] != asked:
            return None
        _, since, until, status, roots, seen, said = kept
        if not since <= now < until or not _is_free(os.path.join(cache, "lock")):  # noqa: PTH118
            return None
        if listing(roots) != seen:
            return None
        _tell(said)
    except (UnclearError, OSError, ValueError, IndexError):  # also an output that is full: a run says so in its words
        return None
    return status


def _command(asked: bytes) -> str:
    arguments = asked.split(b"\0\0", 1)[-1].split(b"\0")
    return next((name for name in COMMANDS if name.encode() in arguments), "other")


def _root(arguments: list[str]) -> str:
    """Return the workspace, found as every command finds it.

    Raises:
        ValueError: There is none.
    """
    start = ""
    for place, each in enumerate(arguments):
        if each in ("-w", "--workspace"):
            start = arguments[place + 1]
        elif each.startswith("--workspace="):
            start = each.partition("=")[2]
        elif each.startswith("-w"):
            start = each[2:]
    folder = os.path.realpath(start or os.curdir)
    while True:
        join = os.path.join
        if os.path.lexists(join(folder, _SETTINGS)) or os.path.isdir(join(folder, "data", "theses")):  # noqa: PTH112
            return folder
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            raise ValueError
        folder = above


def _kept(path: str) -> tuple[bytes, int, int, int, Roots, bytes, Said] | None:
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            return None
        data = file.read()
    head, _, body = data.partition(b"\n")
    if head != b"%b %d" % (_HEAD, zlib.crc32(body)):
        return None
    parts, place = [], 0
    while place < len(body):
        begins = body.index(b"\n", place) + 1
        place = begins + int(body[place:begins])
        parts.append(body[begins:place])
    asked, (since, until, status, many, lines) = parts[0], map(int, parts[1:6])
    rest = parts[6:]
    if len(rest) != 2 * many + 1 + 2 * lines or place != len(body):
        return None
    texts = [each.decode("utf-8", "surrogateescape") for each in rest[: 2 * many]]
    said = [
        (rest[at] == b"e", rest[at + 1].decode("utf-8", "surrogateescape")) for at in range(2 * many + 1, len(rest), 2)
    ]
    return asked, since, until, status, list(zip(texts[::2], texts[1::2], strict=True)), rest[2 * many], said


def _is_free(lock: str) -> bool:
    """Return whether no other run is at work in the workspace; False also where that cannot be found out."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        number = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(number)
    return True


def _tell(said: Said) -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    for is_error, text in said:
        stream = sys.stderr if is_error else sys.stdout
        try:
            stream.write(text)
            stream.flush()
        except BrokenPipeError:  # a reader such as head has gone away
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
