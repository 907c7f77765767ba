"""The outcome of one check, and how a check that cannot be made becomes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from thesisvault.errors import Finding, ThesisvaultError
from thesisvault.structs import as_plain


class Checked(Struct, frozen=True):
    """What one check found.

    Attributes:
        about: What was looked at, in a word or two.
        found: What was found, in words.
        todo: What to do about it; empty where nothing is.
    """

    about: str
    found: str
    todo: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether there is nothing to do."""
        return not self.todo

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {**as_plain(self), "fine": self.is_fine}


def checked(about: str, check: Callable[[], Checked]) -> Checked:
    """Return what a check found; an error that ended it is what was found, its hint what to do.

    Args:
        about: What is looked at.
        check: Looks at it.
    """
    try:
        return check()
    except ThesisvaultError as problem:
        return with_findings(about, "", problem.findings)
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        return Checked(about, f"{where}{(problem.strerror or str(problem)).lower()}.", "Fix that and rerun.")


def with_findings(about: str, fine: str, findings: Iterable[Finding]) -> Checked:
    """Return the outcome of a check that gathers findings: the first one, and how many more there are.

    Args:
        about: What was looked at.
        fine: What is said where there are none.
        findings: What was found.
    """
    found = list(findings)
    if not found:
        return Checked(about, fine)
    first, more = found[0], f" {len(found) - 1} more." if found[1:] else ""
    said = f"{first.place}: {first.problem}" if first.place else first.problem
    return Checked(about, f"{said}{more}", first.hint or "Fix that and rerun.")
