"""What is known of a schedule: whether it stands, what it calls, when it last worked, and when it is due again."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field

from thesisvault.errors import Finding, NoDataError, Place, UsageError
from thesisvault.market.sessions import Sessions
from thesisvault.runs.log import CUT
from thesisvault.runs.result import RunResult, RunResults, recall
from thesisvault.schedule.due import Due, Rule, find_due, parse_rule
from thesisvault.schedule.entry import Found, Job
from thesisvault.schedule.kinds.github import GitHub
from thesisvault.schedule.kinds.kind import Kind
from thesisvault.schedule.machine import Machine
from thesisvault.schedule.manage import all_kinds, told_rule
from thesisvault.schedule.times import Exchange, Timing, in_words
from thesisvault.session import Session
from thesisvault.vault.lock import holder
from thesisvault.words import day_in_words
from thesisvault.workspace import Workspace

_GRACE = dt.timedelta(hours=2)
"""How long a run may be due before that is a warning: a scheduler may come late, and a run may take its time."""
_MEANINGS = {
    0: "good",
    1: "good, with warnings",
    2: "failed: wrong usage or invalid definitions",
    3: "failed: no data and no network",
    5: "failed: sessions were due and nothing new came",
    6: "failed: notes should have changed and did not",
    70: "failed: internal error (bug)",
    74: "failed: files could not be read or written",
    75: "did not start: another run was using the workspace",
    124: "failed: it took longer than run_limit",
    130: "was interrupted",
}


class Standing(Struct, frozen=True):
    """An entry of this workspace.

    Attributes:
        kind: The scheduler that has it.
        found: The entry.
        rule: When it wants runs; None: that cannot be read.
    """

    kind: Kind
    found: Found
    rule: Rule | None


class ScheduleStatus(Struct):
    """What is known of the schedule of a workspace.

    Attributes:
        exchange: The exchange of the benchmark.
        zone: The time zone in which moments are told; None: that of the machine.
        results: What is known of earlier runs.
        standing: The entries of this workspace.
        due: When the next run is due; None: nothing is scheduled.
        findings: What is wrong.
        is_at_work: Whether a run is at work now.
    """

    exchange: Exchange
    zone: dt.tzinfo | None
    results: RunResults
    standing: list[Standing] = field(default_factory=list)
    due: Due | None = None
    findings: list[Finding] = field(default_factory=list)
    is_at_work: bool = False

    @property
    def cut_off(self) -> dt.datetime | None:
        """When the last run began, if it neither ended nor is at work."""
        return None if self.is_at_work else self.results.under_way

    def lines(self, year: int) -> list[str]:
        """Return it for a person.

        Args:
            year: The current year.
        """
        told = [
            f"{each.kind.title} {each.found.name}: "
            + (f"{in_words(Timing(each.rule, self.exchange, year))}." if each.rule else "its times cannot be read.")
            for each in self.standing
        ]
        told = told or ["none"]
        rows = [("Schedule", line) for line in told]
        rows.append(("Last good run", self._told(self.results.last_good)))
        last, under_way = self.results.last, self.results.under_way
        is_same = last == self.results.last_good
        if under_way:
            what = "is at work" if self.is_at_work else f"did not end; it {CUT}"
            rows.append(("Last try", f"{in_zone(under_way, self.zone)}, {what}."))
        else:
            rows.append(("Last try", "the same" if last and is_same else self._told(last)))
        rows.append(("Next", self.next_told()))
        return [f"{name:<15}{text}" for name, text in rows]

    def as_json(self) -> dict[str, object]:
        """Return it as plain values; moments in UTC."""
        due = self.due
        return {
            "entries": [
                {
                    "kind": each.kind.word,
                    "name": each.found.name,
                    "due": str(each.rule) if each.rule else None,
                    "places": [piece.where for piece in each.found.pieces],
                    "edited": each.found.is_edited,
                }
                for each in self.standing
            ],
            "last": self.results.last.as_json() if self.results.last else None,
            "last_good": self.results.last_good.as_json() if self.results.last_good else None,
            "under_way": self.results.under_way.isoformat() if self.results.under_way else None,
            "at_work": self.is_at_work,
            "due_since": due.since.isoformat() if due and due.since else None,
            "next": due.next.isoformat() if due and due.next else None,
            "next_session": due.next_session.isoformat() if due and due.next_session else None,
            "findings": [each.as_json() for each in self.findings],
        }

    def _told(self, result: RunResult | None) -> str:
        if result is None:
            return "none yet"
        meaning = _MEANINGS.get(result.status, f"failed with exit status {result.status}")
        return f"{in_zone(result.began, self.zone)}, {meaning}. {result.said}".rstrip()

    def next_told(self) -> str:
        """Return when the next run is due, for a person."""
        if self.due is None:
            return "nothing is scheduled"
        told = "no session within two months"
        if self.due.next and self.due.next_session:
            session = day_in_words(self.due.next_session)
            told = f"{in_zone(self.due.next, self.zone)}, for the session of {session}"
        if self.due.since:
            return f"due since {in_zone(self.due.since, self.zone)}; then {told}"
        return told


@contextmanager
def exchange_of(session: Session) -> Iterator[Exchange]:
    """Give the sessions of the benchmark's exchange, from the store where there is one."""
    benchmark = session.library.instruments.get(session.settings.benchmark)
    code = benchmark.exchange if benchmark else "XNYS"
    try:
        with session.store(create=False) as store:
            yield Exchange(code, Sessions(store))
    except NoDataError:
        yield Exchange(code, Sessions())


@contextmanager
def schedule_of(session: Session) -> Iterator[ScheduleStatus]:
    """Give what is known of the schedule of a session's workspace on this machine.

    Raises:
        DiskError: The entries of a scheduler cannot be read.
    """
    machine, workspace = Machine(), session.workspace
    with exchange_of(session) as exchange:
        kinds, results = all_kinds(machine, workspace), recall(workspace)
        yield look(kinds, workspace, exchange, results, machine=machine, now=session.now)


def look(
    kinds: Sequence[Kind],
    workspace: Workspace,
    exchange: Exchange,
    results: RunResults,
    *,
    machine: Machine,
    now: dt.datetime,
) -> ScheduleStatus:
    """Return what is known of the schedule of a workspace.

    Args:
        kinds: All schedulers.
        workspace: The workspace.
        exchange: The exchange of the benchmark.
        results: What is known of earlier runs.
        machine: The machine.
        now: The moment of the question.

    Raises:
        DiskError: The entries of a scheduler cannot be read.
    """
    status = ScheduleStatus(exchange, machine.zone, results, is_at_work=holder(workspace.cache) is not None)
    for kind in kinds:
        if kind.missing():
            continue
        for found in kind.found():
            if found.name == kind.name(workspace):
                status.standing.append(_standing(kind, found))
            elif found.facts and _is_gone(kind, found):
                status.findings.append(_moved(kind, found))
    for each in status.standing:
        status.findings += _faults(each, workspace, exchange, machine, now)
    here = [each for each in status.standing if each.kind.word != GitHub.word]
    if not status.standing:
        said, hint = "no schedule is installed for this workspace.", "Install one: thesisvault schedule install"
        status.findings.append(Finding(said, hint=hint, level="warning", code="schedule-none"))
    if len(here) > 1:
        said = f"this workspace has {len(here)} entries, which run at once."
        hint = f"Remove one: thesisvault schedule remove --kind {here[-1].kind.word}"
        status.findings.append(Finding(said, hint=hint, level="warning", code="schedule-twice"))
    rule = next((each.rule for each in status.standing if each.rule), None)
    if rule:
        # Of runs on a server nothing is known here, so they count as done.
        good = now if not here else results.last_good.began if results.last_good else None
        # After a good run, of which a few series are missing, a call that does not come is no fault.
        again = results.last.again_at if here and results.last and not results.last.is_good else None
        status.due = find_due(rule, exchange, good, now, again)
    if here:  # what runs on a server is told there
        status.findings += _record(status, now)
    return status


def in_zone(moment: dt.datetime, zone: dt.tzinfo | None) -> str:
    """Return a moment as a person reads it, with the distance of its zone from UTC.

    >>> in_zone(dt.datetime(2026, 2, 27, 21, 45, tzinfo=dt.UTC), dt.timezone(dt.timedelta(hours=5, minutes=30)))
    '28 Feb 2026, 03:15 UTC+5:30'
    """
    local = moment.astimezone(zone)
    minutes = round((local.utcoffset() or dt.timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    distance = f"{'-' if minutes < 0 else '+'}{hours}" if minutes else ""
    return f"{day_in_words(local.date())}, {local:%H:%M} UTC{distance}" + (f":{rest:02}" if rest else "")


def _standing(kind: Kind, found: Found) -> Standing:
    try:
        return Standing(kind, found, parse_rule(found.facts.due) if found.facts else None)
    except UsageError:
        return Standing(kind, found, None)


def _faults(
    each: Standing, workspace: Workspace, exchange: Exchange, machine: Machine, now: dt.datetime
) -> list[Finding]:
    """Return what is wrong with an entry."""
    found, faults = each.found, list[Finding]()
    again = f"thesisvault schedule install {told_rule(each.rule)}" if each.rule else "thesisvault schedule install"

    def fault(code: str, problem: str, hint: str) -> None:
        place = Place(found.pieces[0].where)
        faults.append(Finding(problem, place, hint, level="warning", code=f"schedule-{code}"))

    if found.trouble:
        problem, _, hint = found.trouble.partition(". ")
        fault("idle", f"{problem}.", hint)
    if found.is_edited or not found.facts or not each.rule:
        fault("edited", "the entry was edited by hand.", f"If that was not meant: {again} --force")
        return faults
    python = found.facts.python
    if python and not _works(python, machine):
        problem = "cannot load thesisvault" if Path(python).exists() else "is gone"
        fault("python", f"it calls {python}, which {problem}.", f"Install it again: {again}")
        return faults
    if each.kind.pieces(Job(workspace, python, Timing(each.rule, exchange, now.year))) != found.pieces:
        fault("differs", "the entry is not as it would be written today.", f"Renew it: {again}")
    return faults


def _works(python: str, machine: Machine) -> bool:
    return machine.run([python, "-P", "-c", "import thesisvault"]).status == 0


def _is_gone(kind: Kind, found: Found) -> bool:
    root = Path(found.facts.workspace) if found.facts else Path()
    if isinstance(kind, GitHub):
        root = kind.folder().parent.parent / root
    return not root.is_dir()


def _moved(kind: Kind, found: Found) -> Finding:
    root = found.facts.workspace if found.facts else ""
    return Finding(
        f"the {kind.title} {found.name} calls a workspace that is gone: {root}.",
        Place(found.pieces[0].where),
        f"Remove it: thesisvault schedule remove --kind {kind.word} --workspace {_quoted(root, kind.machine)}",
        level="warning",
        code="schedule-moved",
    )


def _quoted(path: str, machine: Machine) -> str:
    return f'"{path}"' if machine.system == "win32" else shlex.quote(path)


def _record(status: ScheduleStatus, now: dt.datetime) -> list[Finding]:
    """Return what is wrong with the runs themselves."""
    last, due = status.results.last, status.due
    if status.cut_off:
        said, hint = f"the last run did not end: it {CUT}.", "Run it again: thesisvault run"
        return [Finding(said, hint=hint, level="warning", code="schedule-cut")]
    if last and not last.is_good:
        meaning = _MEANINGS.get(last.status, f"failed with exit status {last.status}")
        said, hint = f"the last run {meaning}.", "See why: thesisvault run"
        if last.again_at:
            said = f"{said[:-1]}; sources are asked again from {in_zone(last.again_at, status.zone)} on."
        return [Finding(said, hint=hint, level="warning", code="schedule-failed")]
    if due and due.since and last and now - due.since > _GRACE:
        said = f"a run is due since {in_zone(due.since, status.zone)}, and none has come."
        return [Finding(said, hint="Run it now: thesisvault run", level="warning", code="schedule-overdue")]
    return []
