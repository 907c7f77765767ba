"""An edit of one file of definitions: made on its text, checked as a build would, and written if all is well."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from thesisvault.definitions.reading.load import read_text
from thesisvault.editing.splice import Change, Sheet, by_hand
from thesisvault.errors import DefinitionError, DiskError, Finding, Place, ThesisvaultError
from thesisvault.session import Session
from thesisvault.vault.write import ChangedMeanwhileError, read_bytes, seal, writable_mode, write_if_changed

_BOM = b"\xef\xbb\xbf"


class Edit(Struct, frozen=True):
    """What an edit made of a file.

    Attributes:
        shown: The file, relative to the workspace.
        before: Its text, empty if there was no file.
        after: Its new text.
        dry: Whether nothing was written.
        remarks: What to know of it.
    """

    shown: str
    before: str
    after: str
    dry: bool = False
    remarks: tuple[Finding, ...] = ()

    @property
    def diff(self) -> str:
        """The lines that changed, as a unified diff."""
        old, new = _lines(self.before), _lines(self.after)
        told = difflib.unified_diff(old, new, self.shown, self.shown, lineterm="")
        return "\n".join(line.rstrip("\r\n") for line in told)


class UneditedError(ThesisvaultError):
    """A file that is left as it was.

    Args:
        findings: Why.
        paste: What a person would put into it.
        shown: The file, relative to the workspace.
    """

    def __init__(self, findings: Sequence[Finding], paste: str, shown: str) -> None:
        super().__init__(findings)
        self.paste, self.shown = paste, shown


class ByHandError(UneditedError, DefinitionError):
    """A file that cannot be edited safely."""


class LeftAloneError(UneditedError, DiskError):
    """A file that cannot be written."""


@contextmanager
def held(session: Session, command: str, *, dry: bool) -> Iterator[None]:
    """Keep other runs out while the body looks and writes; what only looks keeps nobody out.

    Raises:
        LockedError: Another run holds the workspace.
        DiskError: The lock file cannot be made, or the folder of the definitions is not there.
    """
    session.need_data()
    if dry:
        yield
    else:
        with session.locked(command):
            yield


def save(
    session: Session,
    path: Path,
    changes: Sequence[Change],
    *,
    order: Sequence[str] = (),
    start: str = "",
    dry: bool = False,
) -> Edit:
    """Make changes in a file; return what they made of it.

    Args:
        session: The run.
        path: The file of definitions.
        changes: The changes, in order.
        order: The keys of the file in the order in which a new one takes its place.
        start: What a file that is not there yet begins with.
        dry: Whether to write nothing.

    Raises:
        ByHandError: The file cannot be edited safely.
        LeftAloneError: The file cannot be written.
        DefinitionError: With the changes a definition would be wrong; the file is as it was.
    """
    shown = session.workspace.shown(path)
    try:
        data = _content(path, shown)
        sheet = Sheet(_text(path, shown) if data is not None else start, shown, order)
        before = sheet.text if data is not None else ""
        for each in changes:
            sheet.make(each)
    except DiskError as problem:
        raise LeftAloneError(problem.findings, by_hand(changes), shown) from None
    except DefinitionError as problem:
        raise ByHandError(problem.findings, by_hand(changes), shown) from None
    if wrong := session.errors_with({path: sheet.text}):
        # A line of the text as it would be is found in no file.
        here = Place(shown)
        raise DefinitionError([each.at(here) if each.place and each.place.path == shown else each for each in wrong])
    edit = Edit(shown, before, sheet.text, dry)
    if not dry:
        marked = _BOM if data is not None and data.startswith(_BOM) else b""
        try:
            write_if_changed(path, marked + sheet.text.encode(), expected=seal(data))
        except (ChangedMeanwhileError, DiskError) as problem:
            raise LeftAloneError(_said(problem), by_hand(changes), shown) from None
    return edit


def _said(problem: ThesisvaultError) -> tuple[Finding, ...]:
    if isinstance(problem, ChangedMeanwhileError):
        place = problem.findings[0].place
        return (Finding("it has changed since it was read, and is left as it is.", place, "Run it again."),)
    return problem.findings


def _content(path: Path, shown: str) -> bytes | None:
    """Return the bytes of a file that can be edited; None if it is not there yet.

    Raises:
        DiskError: It is a link, is read-only, or is no file.
    """
    if path.is_symlink():
        hint = "Edit the file that it leads to."
        raise DiskError(Finding("it is a symbolic link, and is left as it is.", Place(shown), hint, code="disk"))
    return None if writable_mode(path) is None else read_bytes(path)


def _text(path: Path, shown: str) -> str:
    text, findings = read_text(path, shown)
    if text is None:
        raise DefinitionError(findings)
    return text


def _lines(text: str) -> list[str]:
    """Return the lines of a text; one that lacks its end is not the same as one that has it."""
    return text.splitlines()
