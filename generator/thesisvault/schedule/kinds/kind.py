"""What all schedulers have in common, and what those have that read files from a folder."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from thesisvault.errors import DiskError, Finding, Place, UsageError
from thesisvault.schedule.entry import Found, Job, Piece, name_of, unsealed
from thesisvault.schedule.machine import Machine
from thesisvault.vault.write import ChangedMeanwhileError, read_bytes, seal, write_if_changed
from thesisvault.workspace import Workspace


class Kind(ABC):
    """One scheduler of a machine."""

    word: ClassVar[str]
    """How `--kind` names it."""
    title: ClassVar[str]
    """How a person calls an entry in it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    @abstractmethod
    def missing(self) -> str:
        """Return why this scheduler cannot be used here, as the end of a sentence; empty: it can."""

    def name(self, workspace: Workspace) -> str:
        """Return the name of the entry of a workspace."""
        return name_of(workspace.root)

    @abstractmethod
    def pieces(self, job: Job) -> tuple[Piece, ...]:
        """Return what is written for a job, and where.

        Raises:
            UsageError: The job cannot be written into this schedule.
        """

    def steps(self, job: Job) -> list[list[str]]:
        """Return the commands that make the scheduler read what was written."""
        del job
        return []

    @abstractmethod
    def found(self) -> list[Found]:
        """Return the entries of ours that the scheduler has, of all workspaces.

        Raises:
            DiskError: They cannot be read.
        """

    @abstractmethod
    def put(self, job: Job) -> None:
        """Write an entry, in place of an earlier one for the same workspace, and have the scheduler read it.

        Raises:
            DiskError: It cannot be written, or the scheduler does not take it; all is as it was.
        """

    @abstractmethod
    def take(self, name: str) -> None:
        """Take an entry away.

        Raises:
            DiskError: It cannot be taken away.
        """

    def hints(self, job: Job) -> list[str]:
        """Return what a person should know once the entry is in place."""
        del job
        return []


class FileKind(Kind):
    """A scheduler that reads files of its own from a folder."""

    @abstractmethod
    def folder(self) -> Path:
        """Return the folder."""

    @abstractmethod
    def suffixes(self) -> tuple[str, ...]:
        """Return what the names of an entry's files end with."""

    @abstractmethod
    def texts(self, job: Job) -> dict[str, str]:
        """Return the text of each file by its suffix.

        Raises:
            UsageError: The job cannot be written into this schedule.
        """

    def encoded(self, text: str) -> bytes:
        """Return a text as the bytes of its file."""
        return text.encode()

    def decoded(self, data: bytes) -> str:
        """Return the text of a file."""
        return data.decode("utf-8", "replace")

    def trouble(self, name: str) -> str:
        """Return why the scheduler does not call an entry, with what to do; empty: it does."""
        del name
        return ""

    def before_steps(self, name: str) -> None:
        """Prepare the scheduler for files that have just been written."""
        del name

    def before_taking(self, name: str) -> None:
        """Have the scheduler forget an entry whose files will be removed."""

    def after_taking(self) -> None:
        """Tell the scheduler that files were removed."""

    def pieces(self, job: Job) -> tuple[Piece, ...]:
        """Return what is written for a job, and where."""
        return tuple(
            Piece(str(self._path(self.name(job.workspace), end)), text) for end, text in self.texts(job).items()
        )

    def found(self) -> list[Found]:
        """Return the entries of ours that the scheduler has, of all workspaces."""
        first, *_ = self.suffixes()
        with suppress(FileNotFoundError, NotADirectoryError):
            names = sorted(
                each.name.removesuffix(first) for each in self.folder().iterdir() if each.name.endswith(first)
            )
            found = [self._entry(name) for name in names if name.startswith("thesisvault")]
            return [each for each in found if each]
        return []

    def put(self, job: Job) -> None:
        """Write the files of an entry and have the scheduler read them; what fails leaves all as it was."""
        name, before = self.name(job.workspace), dict[Path, bytes | None]()
        try:
            for end, text in self.texts(job).items():
                path = self._path(name, end)
                held = self._own(path)
                write_if_changed(path, self.encoded(text), seal(held))
                before[path] = held
            self.before_steps(name)
            for words in self.steps(job):
                self.machine.must(words)
        except BaseException as problem:
            if before:
                self._restore(job, before)
            if isinstance(problem, ChangedMeanwhileError):
                raise DiskError(problem.findings) from None
            raise

    def take(self, name: str) -> None:
        """Remove the files of an entry, once the scheduler has forgotten it."""
        self.before_taking(name)
        for end in self.suffixes():
            path = self._path(name, end)
            try:
                path.unlink(missing_ok=True)
            except OSError as problem:
                said = f"it cannot be removed: {(problem.strerror or str(problem)).lower()}."
                raise DiskError(Finding(said, Place(str(path)), "Remove it by hand.")) from None
        self.after_taking()

    def _restore(self, job: Job, before: dict[Path, bytes | None]) -> None:
        was_there = all(data is not None for data in before.values())
        with suppress(DiskError):
            if not was_there:
                self.before_taking(self.name(job.workspace))
        for path, data in before.items():
            with suppress(DiskError, OSError):
                if data is None:
                    path.unlink(missing_ok=True)
                else:
                    write_if_changed(path, data)
        with suppress(DiskError):
            for words in self.steps(job) if was_there else ():
                self.machine.run(words)
            self.after_taking()

    def _own(self, path: Path) -> bytes | None:
        """Return the content of a file that is ours or not there.

        Raises:
            UsageError: It is somebody else's.
        """
        data = read_bytes(path)
        if data is not None and "thesisvault-seal " not in self.decoded(data):
            said = "this file was not written by thesisvault, and is left alone."
            raise UsageError(Finding(said, Place(str(path)), "Move it away and rerun."))
        return data

    def _entry(self, name: str) -> Found | None:
        pieces, facts, edited = [], None, False
        for end in self.suffixes():
            path = self._path(name, end)
            data = read_bytes(path)
            text = "" if data is None else self.decoded(data)
            if "thesisvault-seal " not in text:
                continue
            pieces.append(Piece(str(path), text))
            told, is_edited = unsealed(text)
            facts, edited = facts or told, edited or is_edited
        return Found(name, tuple(pieces), facts, edited, self.trouble(name)) if pieces else None

    def _path(self, name: str, end: str) -> Path:
        return self.folder() / f"{name}{end}"
