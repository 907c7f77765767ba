"""Jobs for tests of schedules: workspaces of any name, machines of any system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import field

from thesisvault.market.sessions import Sessions
from thesisvault.schedule.due import AfterClose, Rule
from thesisvault.schedule.entry import Job
from thesisvault.schedule.machine import Answer, Machine
from thesisvault.schedule.times import Exchange, Timing
from thesisvault.workspace import workspace_at

SESSIONS = Sessions()
BERLIN = ZoneInfo("Europe/Berlin")
ODD_NAMES = (
    *(
        "plain",
        "two words",
        "100% mine",
        "%h and %Y %%",
        'say "so"',
        "it's",
        "a$HOME`b`",
        "Übersicht 株",
        "a;b&c|d<e>f",
    ),
    *("{}", "--", "a--b---c", "-->", "#hash", "~", "!x", "*", "[a]", "trailing "),
)


class Recorded(Machine, frozen=True):
    """A machine whose schedulers are not here: keeps what they are told, and answers as it is told to."""

    told: list[list[str]] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)

    def run(self, words: Sequence[str], given: bytes = b"") -> Answer:
        del given
        self.told.append(list(words))
        refused = self.failing & set(words)
        return Answer(1, b"", f"{refused.pop()} is out of order") if refused else Answer(0, b"running\n", "")


def exchange(code: str = "XNYS") -> Exchange:
    return Exchange(code, SESSIONS)


def job(root: Path, rule: Rule | None = None, python: str = "/opt/python/bin/python3", code: str = "XNYS") -> Job:
    return Job(workspace_at(root), python, Timing(rule or AfterClose(45), exchange(code), 2026))


def with_later(*times: str) -> list[str]:
    """Return times of day as HH:MM, and those at which a run that a source refused is tried again, earliest first."""
    minutes = [int(hours) * 60 + int(rest) for hours, rest in (time.split(":") for time in times)]
    found = {(at + later) % 1440 for at in minutes for later in (0, 30, 60, 120, 240, 480)}
    return [f"{at // 60:02}:{at % 60:02}" for at in sorted(found)]


def moment(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type]
