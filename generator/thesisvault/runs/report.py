"""What a run says: events gathered while it goes, printed as text or JSON when it ends."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TextIO

from thesisvault.errors import Finding

_LEVELS = ("error", "warning", "remark")


@dataclass
class Report:
    """What one run did and found.

    Attributes:
        command: Its name.
        as_of: The last day of the data it used.
        written: Paths that were written, or would be.
        removed: Paths that were removed, or would be.
        unchanged: How many files were as they should be.
        findings: What needs a look.
        figures: Further facts, by name.
    """

    command: str
    as_of: dt.date | None = None
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    dry: bool = False

    def add(self, problem: Finding) -> None:
        """Add a finding once."""
        if problem not in self.findings:
            self.findings.append(problem)

    def count(self, level: str) -> int:
        """Return how many findings there are of a level."""
        return sum(1 for each in self.findings if each.level == level)

    @property
    def needs_a_look(self) -> bool:
        """Whether `--strict` turns this run into exit 1."""
        return any(each.level in ("error", "warning") for each in self.findings)

    def ordered(self) -> list[Finding]:
        """Return the findings, errors first, then by place."""
        return sorted(self.findings, key=lambda each: (_LEVELS.index(each.level), each.sort_key))

    def as_json(self) -> str:
        """Return the report for programs."""
        body = {
            "command": self.command,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "written": sorted(self.written),
            "removed": sorted(self.removed),
            "unchanged": self.unchanged,
            "dry_run": self.dry,
            **self.figures,
            "findings": [
                {
                    "level": each.level,
                    "code": each.code,
                    "path": each.place.path if each.place else None,
                    "line": each.place.line if each.place else None,
                    "column": each.place.column if each.place else None,
                    "problem": each.problem,
                    "hint": each.hint,
                }
                for each in self.ordered()
            ],
        }
        return json.dumps(body, indent=2, default=str)  # ASCII, whatever the console can show


def print_report(report: Report, out: TextIO | None = None, err: TextIO | None = None) -> None:
    """Print a report for a person: what needs a look first, then one line with what was done."""
    out, err = out or sys.stdout, err or sys.stderr
    for each in report.ordered():
        mark = {"error": "error", "warning": "look", "remark": "note"}[each.level]
        print(f"{mark}: {each}", file=err)
    print(summary(report), file=out)


def summary(report: Report) -> str:
    """Return the last line of a run."""
    said = []
    if report.as_of:
        said.append(f"as of {report.as_of}")
    if report.written or report.removed or report.unchanged:
        verb = "would write" if report.dry else "wrote"
        said.append(f"{verb} {len(report.written)} files, {report.unchanged} unchanged")
    if report.removed:
        said.append(f"{'would move' if report.dry else 'moved'} {len(report.removed)} to .trash")
    said += [
        f"{name.replace('_', ' ')}: {value}"
        for name, value in report.figures.items()
        # What is not to be trusted whole is named where there is any.
        if isinstance(value, int | str) and (value or not name.endswith("_series"))
    ]
    looks = report.count("warning") + report.count("error")
    said.append(f"{looks} to look at" if looks else "nothing to look at")
    return f"{report.command}: " + "; ".join(said) + "."


Progress = Callable[[str, int, int], None]
"""Called with what is going on, how many are done and how many there are."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Say nothing."""
