"""The report of a run: gathered while the run goes on, told as text or JSON at its end."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct, field

from thesisvault.errors import Finding, Level
from thesisvault.runs.engine.writing import Writing
from thesisvault.words import day_in_words, plural

if TYPE_CHECKING:
    from thesisvault.runs.result import Event, Standing

_LEVELS: tuple[Level, ...] = ("error", "warning", "info")
_COUNTED: tuple[Level, ...] = ("error", "warning")
_WELL = ("added", "up to date")
"""How the refresh of a series ends that has all that is due."""
_SAID = {
    "definitions": ("checked the vault and ", "definition"),
    "bars": ("checked ", "bar"),
    "settled": ("settled ", "review"),
    "changed": ("made ", "correction"),
}
"""How the counts of a report are told: a verb, and what is counted."""

JSON_VERSION = 1
"""The version of what commands print as JSON: another one where a key goes, or means something else."""

Figure = int | str | dict[str, list[str]]
"""A further fact of a report: a count, a word, or names by what became of them."""

Stage = Literal["prices", "vault", "check"]
"""A part of a run that finds things: fetching prices, writing the vault, checking it."""


class Report(Struct):
    """What one run did and found.

    Attributes:
        command: Name of the run.
        as_of: The last day of the data it used.
        written: Paths that were written, or would be.
        removed: Paths that were removed, or would be.
        unchanged: How many files were as they should be.
        findings: What was found, each finding once.
        figures: Further facts, by name.
        dry: Whether nothing was to be written.
        nothing_new: Whether sessions were due and no new bar came.
        reasons: Why each note was written, or would be, by its path; None for a run that writes none.
        events: What happened to theses since a run last looked; None where none looked.
        standing: Where kill lines and claims stand now; None where nobody looked.
        behind: Whether notes should have changed and did not.
        seconds: How long it took, where that was measured.
        whole: The stages that looked at everything, so that what they did not find again is over.
    """

    command: str
    as_of: dt.date | None = None
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: int = 0
    findings: list[Finding] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)
    dry: bool = False
    nothing_new: bool = False
    reasons: dict[str, Writing] | None = None
    events: tuple[Event, ...] | None = None
    standing: Standing | None = None
    behind: bool = False
    seconds: float = 0.0
    whole: set[Stage] = field(default_factory=set)
    _stages: dict[Finding, Stage] = field(default_factory=dict)

    def add(self, *findings: Finding, stage: Stage = "vault") -> None:
        """Add findings of a stage, each once."""
        fresh = [each for each in dict.fromkeys(findings) if each not in self._stages]
        self._stages |= dict.fromkeys(fresh, stage)
        self.findings += fresh

    def stage_of(self, finding: Finding) -> Stage:
        """Return the stage that found something."""
        return self._stages.get(finding, "vault")

    def follow(self, earlier: Report) -> None:
        """Take in what was written, removed and found earlier in the same run."""
        self.written = [*earlier.written, *self.written]
        self.removed = [*earlier.removed, *self.removed]
        self.add(*earlier.findings)

    def count(self, level: Level) -> int:
        """Return how many findings there are of a level."""
        return sum(1 for each in self.findings if each.level == level)

    def ordered(self) -> list[Finding]:
        """Return the findings, errors first, then by place."""
        return sorted(self.findings, key=lambda each: (_LEVELS.index(each.level), each.sort_key))

    def as_json(self) -> str:
        """Return the report for programs."""
        return json.dumps(self.body(), indent=2, default=str)  # ASCII, whatever the console can show

    def body(self) -> dict[str, object]:
        """Return the report as JSON has it."""
        return {
            "version": JSON_VERSION,
            "command": self.command,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "written": sorted(self.written),
            "removed": sorted(self.removed),
            "unchanged": self.unchanged,
            "dry_run": self.dry,
            "nothing_new": self.nothing_new,
            **self.figures,
            **({} if self.events is None else {"events": [each.as_json() for each in self.events]}),
            **({} if self.reasons is None else {"reasons": _as_json(self.reasons)}),
            "findings": [each.as_json() for each in self.ordered()],
        }


def _as_json(reasons: Mapping[str, Writing]) -> dict[str, object]:
    return {path: reasons[path].as_json() for path in sorted(reasons)}


def summary(report: Report, *, counted: bool = True) -> str:
    """Return what a run did, in one line.

    Args:
        report: The run.
        counted: Whether the line ends with how many errors and warnings there are.
    """
    said = [*_prices(report), *_files(report), *_figures(report)]
    if counted:
        counts = [plural(report.count(level), level) for level in _COUNTED if report.count(level)]
        said += [", ".join(counts) or "no warnings"]
    done = "; ".join(said) or "nothing to do"
    if report.as_of and report.command != "refresh":
        return f"As of {day_in_words(report.as_of)}: {done}."
    return f"{done[0].upper()}{done[1:]}."


def _prices(report: Report) -> Iterator[str]:
    """Yield what a refresh brought."""
    series, ended = report.figures.get("series"), report.figures.get("ended")
    if report.command != "refresh" or series is None or not isinstance(ended, dict):
        return
    well = sum(len(ended.get(result, ())) for result in _WELL)
    until = f" to {day_in_words(report.as_of)}" if report.as_of else ""
    took = f" in {report.seconds:.0f} s" if report.seconds >= 1 else ""
    yield f"updated {well} of {plural(int(str(series)), 'series')}{until}: {_new_bars(report) or 'no new bars'}{took}"


def _files(report: Report) -> Iterator[str]:
    """Yield what was done to files."""
    verb, moved = ("would write", "would move") if report.dry else ("wrote", "moved")
    written, unchanged = report.written, report.unchanged
    if len(written) == 1 and not unchanged:
        yield f"{verb} {written[0]}"
    elif written or (report.dry and unchanged):
        yield f"{verb} {plural(len(written), 'file')}, {unchanged} unchanged"
    elif unchanged and not report.removed:
        yield f"{plural(unchanged, 'file')} checked, all up to date"
    if report.removed:
        yield f"{moved} {plural(len(report.removed), 'file')} to .trash"
    if report.command != "refresh" and (bars := _new_bars(report)):
        yield bars


def _figures(report: Report) -> Iterator[str]:
    """Yield the further facts of a run that are counts, but for those that its findings tell."""
    for name, (verb, noun) in _SAID.items():
        value = report.figures.get(name)
        if isinstance(value, int):
            of = f" of {report.figures['series']} series" if name == "bars" else ""
            yield f"{verb}{plural(value, noun)}{of}"


def _new_bars(report: Report) -> str:
    count = report.figures.get("new_bars")
    return plural(count, "new bar") if isinstance(count, int) and count else ""


class Progress(Protocol):
    """Is told what is going on."""

    def __call__(self, what: str, done: int, total: int, detail: str = "", /) -> None:
        """Take the name of the work, how much is done, how much there is, and what exactly is under way."""


def silent(_what: str, _done: int, _total: int, _detail: str = "", /) -> None:
    """Report no progress."""
