"""What became of the last run, and of the last good one: kept in the cache of the workspace for the next to read.

A run is good if the vault is as of the newest session: exit status 0, or 1, where `--strict` wanted a look at it.
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from thesisvault.errors import DiskError
from thesisvault.opening import read_plain
from thesisvault.vault.write import write_if_changed
from thesisvault.workspace import Workspace

FILE = "run.json"
_VERSION = 1
_GOOD = (0, 1)
_LONGEST = 500


@dataclass(frozen=True)
class RunResult:
    """One run and its end.

    Attributes:
        began: When it began, with a zone.
        ended: When it ended, with a zone.
        status: Its exit status.
        said: What it did or why it failed, in one line.
    """

    began: dt.datetime
    ended: dt.datetime
    status: int
    said: str

    @property
    def is_good(self) -> bool:
        """Whether the run left a vault that is as of the newest session."""
        return self.status in _GOOD

    def as_json(self) -> dict[str, str | int]:
        """Return it as plain values; moments in UTC, to the second."""
        return {
            "began": _written(self.began),
            "ended": _written(self.ended),
            "status": self.status,
            "said": self.said[:_LONGEST],
        }

    @classmethod
    def of_json(cls, kept: Any) -> RunResult:
        """Return the result that was kept as plain values.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        began, ended = (dt.datetime.fromisoformat(kept[name]) for name in ("began", "ended"))
        status, said = kept["status"], kept["said"]
        if began.tzinfo is None or ended.tzinfo is None or type(status) is not int or not isinstance(said, str):
            raise ValueError("a moment without a zone, or a status that is not a number")
        return cls(began, ended, status, said)


@dataclass(frozen=True)
class RunResults:
    """What is known of earlier runs.

    Attributes:
        last: The last run, good or not; None before the first.
        last_good: The last good run; None before the first.
    """

    last: RunResult | None = None
    last_good: RunResult | None = None


def recall(workspace: Workspace) -> RunResults:
    """Return what is known of earlier runs; nothing where the file is missing or unreadable."""
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        kept = json.loads(read_plain(workspace.cache / FILE))
        if kept["version"] == _VERSION:
            last, good = (kept[name] and RunResult.of_json(kept[name]) for name in ("last", "last_good"))
            return RunResults(last or None, good or None)
    return RunResults()


def remember(workspace: Workspace, result: RunResult) -> None:
    """Keep the result of a run; the last good one stays known after a bad one.

    A file that cannot be written is left as it is: a run does not fail for the lack of a memory.
    """
    good = result if result.is_good else recall(workspace).last_good
    body = {
        "version": _VERSION,
        "last": result.as_json(),
        "last_good": good.as_json() if good else None,
    }
    with suppress(DiskError):
        write_if_changed(workspace.cache / FILE, (json.dumps(body, indent=1) + "\n").encode())


def _written(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")
