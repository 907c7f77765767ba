"""What became of the last run, and of the last good one: kept in the cache of the workspace for the next to read.

A run is good if the vault is as of the newest session: exit status 0, or 1, where `--strict` wanted a look at it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal, get_args

from msgspec import Struct, field
from msgspec.structs import asdict

from thesisvault.errors import DiskError, LockedError
from thesisvault.opening import read_plain
from thesisvault.structs import replace
from thesisvault.vault.write import write_if_changed
from thesisvault.workspace import Workspace

FILE = "run.json"
_VERSION = 1
_GOOD = (0, 1)
_LONGEST = 500
_MOST = 1_000
"""So many paths, and so many lines of what went wrong, are kept of a run."""
_MOMENTS = ("began", "ended", "again_at")
_WAITS = (15, 30, 60, 120, 240)
"""Minutes until a source that refused is asked again, after one refusal, after two in a row, and so on."""

EventKind = Literal["failed", "kill-line", "verdict"]
Standing = Mapping[str, Mapping[str, str]]
"""The state of each kill line and claim, by the id of its definition."""


class Event(Struct, frozen=True):
    """One thing that happened.

    Attributes:
        kind: `failed`: a run did; `kill-line`: one was crossed, either way; `verdict`: another one than before.
        thesis: The id of the thesis or concept; empty for a run.
        says: What happened, as a sentence.
    """

    kind: EventKind
    thesis: str
    says: str

    def as_json(self) -> dict[str, str]:
        """Return it as plain values."""
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Any) -> Event:
        """Return the event that was kept as plain values.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        if kept["kind"] not in get_args(EventKind):
            raise ValueError("an event of no known kind")
        return cls(kept["kind"], str(kept["thesis"]), str(kept["says"]))


class RunResult(Struct, frozen=True):
    """One run and its end.

    Attributes:
        began: When it began, with a zone.
        ended: When it ended, with a zone.
        status: Its exit status.
        said: What it did or why it failed, in one line.
        wrong: What went wrong, a line each: errors, and commands of the settings that failed.
        written: Paths of the files that it wrote.
        removed: Paths of the files that it moved to the trash.
        events: What happened to theses since the last good run.
        again_at: From when on sources that refused may be asked again, with a zone; None: none did.
        refusals: How many runs in a row ended with sources that refused.
        as_of: The last day of its data; None if it did not come to that.
    """

    began: dt.datetime
    ended: dt.datetime
    status: int
    said: str
    wrong: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    again_at: dt.datetime | None = None
    refusals: int = 0
    as_of: dt.date | None = None

    @property
    def is_good(self) -> bool:
        """Whether the run left a vault that is as of the newest session."""
        return self.status in _GOOD

    def as_json(self) -> dict[str, object]:
        """Return it as plain values; moments in UTC, to the second."""
        return {
            "began": _written(self.began),
            "ended": _written(self.ended),
            "status": self.status,
            "good": self.is_good,
            "said": self.said[:_LONGEST],
            "wrong": [each[:_LONGEST] for each in self.wrong[:_MOST]],
            "written": list(self.written[:_MOST]),
            "removed": list(self.removed[:_MOST]),
            "events": [each.as_json() for each in self.events],
            "again_at": _written(self.again_at) if self.again_at else None,
            "refusals": self.refusals,
            "as_of": self.as_of.isoformat() if self.as_of else None,
        }

    @classmethod
    def of_json(cls, kept: Any) -> RunResult:
        """Return the result that was kept as plain values.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        began, ended, again = (dt.datetime.fromisoformat(text) if (text := kept.get(key)) else None for key in _MOMENTS)
        status, said, refusals = kept["status"], kept["said"], kept.get("refusals", 0)
        if began is None or ended is None or not all(map(_is_moment, filter(None, (began, ended, again)))):
            raise ValueError("a moment is missing, has no zone, or is of no time of ours")
        if type(status) is not int or type(refusals) is not int or not isinstance(said, str):
            raise ValueError("a status, a count or a line of the wrong type")
        wrong, written, removed = (tuple(map(str, kept.get(key, ()))) for key in ("wrong", "written", "removed"))
        events = tuple(Event.of_json(each) for each in kept.get("events", ()))
        day = kept.get("as_of")
        as_of = dt.date.fromisoformat(day) if day else None
        return cls(began, ended, status, said, wrong, written, removed, events, again, refusals, as_of)


class RunResults(Struct, frozen=True):
    """What is known of earlier runs.

    Attributes:
        last: The last run, good or not; None before the first.
        last_good: The last good run; None before the first.
        standing: Where kill lines and claims stood when a run last looked.
        under_way: When a run began that has not ended: it is at work, or was cut off; None: each has ended.
    """

    last: RunResult | None = None
    last_good: RunResult | None = None
    standing: Standing = field(default_factory=dict)
    under_way: dt.datetime | None = None


def recall(workspace: Workspace) -> RunResults:
    """Return what is known of earlier runs; nothing where the file is missing or unreadable."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        kept = json.loads(read_plain(workspace.cache / FILE))
        if kept["version"] == _VERSION:
            last, good = (kept[name] and RunResult.of_json(kept[name]) for name in ("last", "last_good"))
            standing = {
                str(thesis): {str(name): str(state) for name, state in states.items()}
                for thesis, states in kept.get("standing", {}).items()
            }
            begun = kept.get("under_way")
            under_way = dt.datetime.fromisoformat(begun) if begun else None
            known = RunResults(last or None, good or None, standing)
            return replace(known, under_way=under_way) if under_way and _is_moment(under_way) else known
    return RunResults()


def begin(workspace: Workspace, now: dt.datetime) -> dt.datetime | None:
    """Keep that a run begins; return when an earlier one began that was cut off, None if there is none.

    Only a run that holds the lock may do so: then no other is at work.

    Args:
        workspace: The workspace.
        now: When the run begins, with a zone.
    """
    before = recall(workspace)
    _write(workspace, replace(before, under_way=now))
    return before.under_way


def remember(workspace: Workspace, result: RunResult, standing: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Keep the result of a run; the last good one stays known after a bad one.

    A file that cannot be written is left as it is: a run does not fail for the lack of a memory.

    Args:
        workspace: The workspace.
        result: The run.
        standing: Where kill lines and claims stand; left out, as it was.
    """
    before = recall(workspace)
    known = RunResults(
        result,
        result if result.is_good else before.last_good,
        before.standing if standing is None else standing,
        # A run that found another at work has not ended that one.
        before.under_way if result.status == LockedError.exit_status else None,
    )
    _write(workspace, known)


def _write(workspace: Workspace, known: RunResults) -> None:
    body = {
        "version": _VERSION,
        "last": known.last.as_json() if known.last else None,
        "last_good": known.last_good.as_json() if known.last_good else None,
        "standing": known.standing,
        "under_way": _written(known.under_way) if known.under_way else None,
    }
    with suppress(DiskError):
        write_if_changed(workspace.cache / FILE, (json.dumps(body, indent=1) + "\n").encode(), within=workspace.root)


def wait_after(refusals: int) -> dt.timedelta:
    """Return how long sources are left alone after so many runs in a row that they refused, longer each time."""
    return dt.timedelta(minutes=_WAITS[min(max(refusals, 1), len(_WAITS)) - 1])


def _is_moment(moment: dt.datetime) -> bool:
    """Return whether a moment has a zone and can be told in any other."""
    return moment.tzinfo is not None and dt.MINYEAR + 1 < moment.year < dt.MAXYEAR


def _written(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")
