"""Installing, showing, proving and removing a schedule: which scheduler, what stands there, what changes.

Nothing is replaced or removed that a person has edited, unless they say so; what is not ours is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct, field

from thesisvault.errors import Finding, Place, UsageError, did_you_mean
from thesisvault.schedule.due import AfterClose, AtTime, Rule
from thesisvault.schedule.entry import Found, Job, Piece
from thesisvault.schedule.kinds.cron import Cron
from thesisvault.schedule.kinds.github import GitHub
from thesisvault.schedule.kinds.kind import Kind
from thesisvault.schedule.kinds.launchd import Launchd
from thesisvault.schedule.kinds.systemd import Systemd
from thesisvault.schedule.kinds.windows import Windows
from thesisvault.schedule.machine import Machine
from thesisvault.schedule.times import Exchange, in_words
from thesisvault.structs import as_plain
from thesisvault.workspace import Workspace

WORDS = ("systemd", "cron", "launchd", "windows", "github")
State = Literal["new", "changed", "same"]


class Plan(Struct, frozen=True):
    """What installing would do.

    Attributes:
        kind: The scheduler.
        job: What it is to call.
        pieces: What is written, and where.
        before: The entry that is there; None: there is none.
        state: Whether the entry is new, is changed, or is already as it should be.
    """

    kind: Kind
    job: Job
    pieces: tuple[Piece, ...]
    before: Found | None
    state: State

    def lines(self) -> list[str]:
        """Return what is written and where, for a person."""
        told = [f"{self.kind.title} {self.kind.name(self.job.workspace)}: {in_words(self.job.timing)}."]
        for each in self.pieces:
            told += ["", f"{each.where}:", *(f"  {line}".rstrip() for line in each.text.splitlines())]
        steps = self.kind.steps(self.job)
        return [*told, *([""] if steps else []), *(f"Then runs: {' '.join(words)}" for words in steps)]

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "kind": self.kind.word,
            "name": self.kind.name(self.job.workspace),
            "due": str(self.job.timing.rule),
            "state": self.state,
            "pieces": [as_plain(each) for each in self.pieces],
            "commands": self.kind.steps(self.job),
        }


class Removal(Struct):
    """What removing would do.

    Attributes:
        entries: The entries of the workspace, each with its scheduler.
    """

    entries: list[tuple[Kind, Found]] = field(default_factory=list)

    def lines(self, *, dry: bool) -> list[str]:
        """Return what is removed, for a person."""
        verb = "would remove" if dry else "removed"
        told = [
            f"{verb} {kind.title} {each.name} from {', '.join(piece.where for piece in each.pieces)}"
            for kind, each in self.entries
        ]
        return told or ["no schedule is installed for this workspace; nothing was removed."]

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "removed": [
                {"kind": kind.word, "name": each.name, "places": [piece.where for piece in each.pieces]}
                for kind, each in self.entries
            ]
        }


def all_kinds(machine: Machine, workspace: Workspace) -> list[Kind]:
    """Return all schedulers, in the order in which one is chosen."""
    local = [Launchd(machine), Windows(machine), Systemd(machine), Cron(machine)]
    return [*local, GitHub(machine, workspace.root)]


def choose_kind(kinds: Sequence[Kind], word: str | None) -> Kind:
    """Return the scheduler that a person named, else the first that is really there.

    Raises:
        UsageError: There is none of that name, or none at all.
    """
    if word is None:
        for each in kinds:
            if each.word != GitHub.word and not each.missing():
                return each
        reasons = "; ".join(each.missing() for each in kinds if each.word in ("systemd", "cron"))
        raise UsageError(
            f"there is no scheduler here: {reasons}.",
            hint="Install cron, or have a server call it: thesisvault schedule install --kind github",
        )
    for each in kinds:
        if each.word == word:
            return each
    hint = did_you_mean(word, WORDS)
    raise UsageError(f'--kind: unknown kind "{word}"; expected {", ".join(WORDS[:-1])} or {WORDS[-1]}.', hint=hint)


def check_rule(rule: Rule, exchange: Exchange) -> None:
    """Refuse a rule that calls before sources have the close.

    Raises:
        UsageError: It does.
    """
    if isinstance(rule, AfterClose) and rule.minutes < exchange.lag:
        raise UsageError(
            f"{rule} is too early: sources have the closes of {exchange.code} {exchange.lag} minutes later.",
            hint=f"Use --after {AfterClose(exchange.lag)}",
        )


def default_rule(exchange: Exchange) -> Rule:
    """Return when runs are wanted where nothing is said: as soon as sources have the close."""
    return AfterClose(exchange.lag)


def plan_entry(kind: Kind, job: Job) -> Plan:
    """Return what installing a job would do; a scheduler that is not here shows what it would be given.

    Raises:
        UsageError: The job cannot be written into this schedule.
        DiskError: The entries of the scheduler cannot be read.
    """
    pieces = kind.pieces(job)
    before = None if kind.missing() else _of_workspace(kind, job.workspace)
    state: State = "new" if before is None else "changed"
    can_be_mended = before is not None and before.trouble and kind.steps(job)
    if before and before.pieces == pieces and not can_be_mended:
        state = "same"
    return Plan(kind, job, pieces, before, state)


def install(plan: Plan, others: Sequence[Kind], *, force: bool) -> None:
    """Put an entry in place, unless it is already as it should be.

    Args:
        plan: What to do.
        others: All schedulers.
        force: Whether an entry that a person has edited is replaced.

    Raises:
        UsageError: The scheduler is not here, another one calls this workspace, or a person has edited the entry.
        DiskError: It cannot be written; all is as it was.
    """
    check_install(plan, others, force=force)
    if plan.state != "same":
        plan.kind.put(plan.job)


def check_install(plan: Plan, others: Sequence[Kind], *, force: bool) -> None:
    """Refuse what may not be installed; see `install`."""
    kind = plan.kind
    if why := kind.missing():
        hint = f"See what would be written: thesisvault schedule show --kind {kind.word}"
        raise UsageError(f"--kind {kind.word}: {why}.", hint=hint)
    for each in others:
        if each.word != kind.word and not each.missing() and _of_workspace(each, plan.job.workspace):
            hint = f"Remove it first: thesisvault schedule remove --kind {each.word}"
            raise UsageError(f"this workspace already has a {each.title}, and two would run at once.", hint=hint)
    if plan.before and plan.before.is_edited and not force:
        raise _edited(plan.before, "replace", "install")


def plan_removal(kinds: Sequence[Kind], workspace: Workspace, word: str | None, *, force: bool) -> Removal:
    """Return what removing the entries of a workspace would do.

    Args:
        kinds: All schedulers.
        workspace: The workspace, which need no longer be there.
        word: The kind to remove; None: all.
        force: Whether an entry that a person has edited is removed.

    Raises:
        UsageError: There is no such kind, or a person has edited an entry.
        DiskError: The entries cannot be read.
    """
    if word is not None:
        kinds = [choose_kind(kinds, word)]
    planned = Removal()
    for kind in kinds:
        if kind.missing():
            continue
        found = _of_workspace(kind, workspace)
        if found and found.is_edited and not force:
            raise _edited(found, "remove", "remove")
        if found:
            planned.entries.append((kind, found))
    return planned


def remove(planned: Removal) -> None:
    """Take entries away.

    Raises:
        DiskError: One cannot be taken away.
    """
    for kind, each in planned.entries:
        kind.take(each.name)


def told_rule(rule: Rule) -> str:
    """Return a rule as the options of `install` that give it."""
    if isinstance(rule, AtTime):
        return f"--at {rule.time:%H:%M}" + (f" --tz {rule.zone}" if rule.zone else "")
    return f"--after {rule}"


def _of_workspace(kind: Kind, workspace: Workspace) -> Found | None:
    name = kind.name(workspace)
    return next((each for each in kind.found() if each.name == name), None)


def _edited(found: Found, verb: str, command: str) -> UsageError:
    hint = f"To {verb} it nevertheless: thesisvault schedule {command} --force"
    said = f"the entry {found.name} was edited by hand, and is left alone."
    return UsageError(Finding(said, Place(found.pieces[0].where), hint, code="schedule-edited"))
