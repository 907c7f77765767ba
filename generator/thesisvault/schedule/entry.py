"""An entry: what a scheduler is told to call for one workspace, and the seal by which it is known again.

Each text that is put into a scheduler holds one line of comment with the facts that it was made from and a digest of
the rest. So a later command finds the entries of all workspaces, tells what has become of what they point to, and never
replaces one that a person has edited.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from thesisvault.errors import UsageError
from thesisvault.patterns import regex
from thesisvault.schedule.times import Timing
from thesisvault.structs import as_plain
from thesisvault.workspace import Workspace, real_path

_SEAL = regex(r"thesisvault-seal ([0-9a-f]{12}) (\{.*\})")
_LONGEST_SLUG = 30


class Facts(Struct, frozen=True):
    """What an entry was made from.

    Attributes:
        workspace: The folder of the workspace; for a repository on a server, relative to it.
        python: The Python that is called; empty where the entry brings its own.
        due: The rule, as `run --due` takes it.
    """

    workspace: str
    python: str
    due: str


class Job(Struct, frozen=True):
    """What is to be called, and when.

    Attributes:
        workspace: The workspace.
        python: The Python that the package is installed in.
        timing: When runs are wanted.
    """

    workspace: Workspace
    python: str
    timing: Timing

    @property
    def name(self) -> str:
        """The name of the entry, which no other workspace of the machine has."""
        return name_of(self.workspace.root)

    @property
    def facts(self) -> Facts:
        """What the entry is made from."""
        return Facts(str(real_path(self.workspace.root)), self.python, str(self.timing.rule))

    def command(self) -> list[str]:
        """Return the words of the command.

        Raises:
            UsageError: A path holds a character that no scheduler can be told.
        """
        facts = self.facts
        for path in (facts.workspace, facts.python):
            refuse(path, lambda c: not c.isprintable(), "a character that does not show")
        return [facts.python, "-P", "-m", "thesisvault", "run", "--due", facts.due, "--workspace", facts.workspace]


class Piece(Struct, frozen=True):
    """One text of an entry.

    Attributes:
        where: The file that it is in, or the name of the list, such as `crontab`.
        text: The text.
    """

    where: str
    text: str


class Found(Struct, frozen=True):
    """An entry of ours that a scheduler has.

    Attributes:
        name: Its name.
        pieces: Its texts as they are; one that is missing is left out.
        facts: What it was made from; None: no seal can be read.
        is_edited: Whether a person has changed it.
        trouble: Why the scheduler does not call it, with what to do; empty: it does.
    """

    name: str
    pieces: tuple[Piece, ...]
    facts: Facts | None
    is_edited: bool
    trouble: str = ""


def name_of(root: Path) -> str:
    """Return the name of the entry of a workspace.

    >>> name_of(Path("/no/such folder/Über Theses"))
    'thesisvault-ber-theses-c5371bbb'
    """
    path = str(real_path(root))
    return named(Path(path).name, path)


def named(title: str, whole: str) -> str:
    """Return a name in small letters that tells a folder by its title, and any two by a digest of the whole path."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower())[:_LONGEST_SLUG].strip("-")
    return "-".join(filter(None, ["thesisvault", slug, _digest(whole)[:8]]))


def refuse(text: str, is_bad: Callable[[str], bool], what: str) -> None:
    """Refuse a path with a character that a scheduler cannot be told.

    Raises:
        UsageError: It has one.
    """
    if any(map(is_bad, text)):
        raise UsageError(
            f"{text} holds {what}, which cannot be written into this schedule.", hint="Move it to a plainer path."
        )


def sealed(head: str, rest: str, facts: Facts, comment: str) -> str:
    """Return a text with its seal.

    Args:
        head: Lines that have to come before the seal; may be empty.
        rest: The lines after it.
        facts: What the text was made from.
        comment: A comment of the format as a whole line, with `{}` for the seal.
    """
    told = json.dumps(as_plain(facts), sort_keys=True).replace("--", "-\\u002d")  # two would end a comment of XML
    seal = f"thesisvault-seal {_digest(told + head + rest)[:12]} {told}"
    return head + comment.replace("{}", seal) + "\n" + rest


def unsealed(text: str) -> tuple[Facts | None, bool]:
    """Return the facts that a text was made from, and whether it has been changed since; no facts: it is not ours."""
    lines = text.replace("\r\n", "\n").splitlines(keepends=True)
    for at, line in enumerate(lines):
        if seal := _SEAL.search(line):
            try:
                facts = Facts(**json.loads(seal[2]))
            except (ValueError, TypeError, RecursionError):
                return None, True
            if not all(isinstance(each, str) for each in as_plain(facts).values()):
                return None, True
            rest = "".join([*lines[:at], *lines[at + 1 :]])
            return facts, _digest(seal[2] + rest)[:12] != seal[1]
    return None, True


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
