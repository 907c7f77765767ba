"""What commands print with `--json`: the typed records from which `schema/report.json` is written.

Whatever makes such an answer is checked against these records by types, and the answers of all commands against the
schema by tests. A key that goes, or means something else, raises `JSON_VERSION`; a new one does not.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from thesisvault.errors import Level

_DOCUMENTED = with_config(ConfigDict(use_attribute_docstrings=True))

Version = Literal[1]
"""Another number once a key goes or means something else."""


@_DOCUMENTED
class FindingAnswer(TypedDict):
    """One thing to know or to fix."""

    level: Level
    """`error` stopped something, `warning` asks for attention, `info` only reports."""
    code: str
    """A stable word for programs, such as `unknown-ticker`; empty where there is none."""
    path: str | None
    """The file, from the workspace."""
    line: int | None
    """The line in it, from 1; 0 where it is not known."""
    column: int | None
    """The column in it, from 1; 0 where it is not known."""
    problem: str
    """What was found, and what was expected."""
    hint: str
    """What to do; empty where there is nothing."""


@_DOCUMENTED
class EventAnswer(TypedDict):
    """One thing that happened to a thesis, or to a run."""

    kind: Literal["failed", "kill-line", "verdict"]
    """A failed run, an exit signal that was crossed either way, or a claim whose verdict changed."""
    thesis: str
    """The id of the thesis or concept; empty for a run."""
    says: str
    """What happened, as a sentence."""


@_DOCUMENTED
class ReasonAnswer(TypedDict):
    """One thing that had changed since a note was last written."""

    kind: str
    """What kind of thing it is, such as `series` or `definition`."""
    name: str
    """Its name for programs; empty where there is only one of its kind."""
    says: str
    """What became of it."""


FigureAnswer = TypedDict(
    "FigureAnswer", {"figure": str, "from": str | None, "to": str | None, "series": list[str]}
)  # "from" is no name
"""A figure that came out differently, before and now, with the series behind it that changed."""
SpanAnswer = TypedDict("SpanAnswer", {"from": str | None, "to": str | None})
"""A day before, and now."""


@_DOCUMENTED
class WritingAnswer(TypedDict):
    """Why a note was written, or would be."""

    at: str
    """The moment of the run, in UTC."""
    as_of: SpanAnswer
    """The last day of data before, and with this writing."""
    reasons: list[ReasonAnswer]
    """What had changed, the most telling first."""
    figures: list[FigureAnswer]
    """Figures that came out differently."""


@_DOCUMENTED
class ReportAnswer(TypedDict):
    """What a command did and found."""

    version: Version
    command: Literal[
        "run", "refresh", "build", "check", "demo", "watch", "why", "prices",
        "new", "add", "log", "review", "claim", "close", "restore", "prune", "adopt", "rename",
    ]  # fmt: skip
    """The command; `why` with `--next`, `prices` with `--verify` or a change, `new` of an episode or entity."""
    as_of: str | None
    """The last day of data."""
    written: list[str]
    """Paths that were written, or would be, from the workspace."""
    removed: list[str]
    """Paths that were moved to the trash, or would be."""
    unchanged: int
    """How many files were as they should be."""
    dry_run: bool
    """Whether nothing was to be written."""
    nothing_new: bool
    """Whether sessions were due and no new bar came."""
    findings: list[FindingAnswer]
    """What was found, errors first."""
    events: NotRequired[list[EventAnswer]]
    """What happened to theses since a run last looked."""
    reasons: NotRequired[dict[str, WritingAnswer]]
    """Why each note was written, or would be, by its path."""
    series: NotRequired[int]
    """How many series were asked for, or audited."""
    new_bars: NotRequired[int]
    """How many bars were stored."""
    ended: NotRequired[dict[str, list[str]]]
    """Series by what became of them, such as `added`, `stale` or `unknown symbol`."""
    stale_series: NotRequired[int]
    """How many series end before the last session."""
    held_series: NotRequired[int]
    """How many series have bars that are held for review."""
    gone_series: NotRequired[int]
    """How many series are no longer known to any source."""
    definitions: NotRequired[int | Literal["invalid"]]
    """How many theses and concepts there are (`check`)."""
    bars: NotRequired[int]
    """How many stored bars were audited (`prices --verify`)."""
    settled: NotRequired[int]
    """How many reviews were settled (`prices --accept`, `--reject`)."""
    changed: NotRequired[int | list[str]]
    """How many corrections were made (`prices`), or the paths that were saved (`watch`)."""
    diff: NotRequired[str]
    """The lines that changed, or would."""
    file: NotRequired[str]
    """The file that could not be edited safely."""
    paste: NotRequired[str]
    """What to put into it by hand."""
    status: NotRequired[int]
    """The exit status that a build by hand would have had (`watch`)."""
    seconds: NotRequired[float]
    """How long the build took (`watch`)."""
    mended: NotRequired[list[str]]
    """Errors that are gone since the last build (`watch`)."""


@_DOCUMENTED
class NotDueAnswer(TypedDict):
    """A run that was not due, and was not made."""

    version: Version
    command: Literal["run"]
    due: Literal[False]
    next: str | None
    """When the next run is due, in UTC."""


@_DOCUMENTED
class SaidAnswer(TypedDict):
    """What was made, in sentences."""

    version: Version
    command: Literal["init", "new"]
    said: list[str]
    """What was made."""
    workspace: NotRequired[str]
    """The folder of the new workspace (`init`)."""


@_DOCUMENTED
class SchemaAnswer(TypedDict):
    """The schemas that were written."""

    version: Version
    command: Literal["schema"]
    folder: str
    """Where they are."""
    written: list[str]
    """Names of the files that were written, or would be."""
    dry_run: bool
    """Whether nothing was to be written."""


@_DOCUMENTED
class WhyAnswer(TypedDict):
    """Why a note was last written."""

    version: Version
    command: Literal["why"]
    note: str
    """Its id."""
    title: str
    """Its title."""
    path: str
    """Its path, from the workspace."""
    writing: WritingAnswer | None
    """Its last writing; `null` where that is not known."""
    inputs: NotRequired[dict[str, list[str]]]
    """What it depends on, by groups (`--inputs`)."""
    said: str
    """What is to be known besides; empty where there is nothing."""


@_DOCUMENTED
class OpenAnswer(TypedDict):
    """The address of the vault, or of a note."""

    version: Version
    command: Literal["open"]
    path: str
    """Its path, from the workspace."""
    uri: str
    """Its address in Obsidian."""
    known: bool
    """Whether Obsidian knows the vault."""
    opened: bool
    """Whether it was opened."""


@_DOCUMENTED
class CheckAnswer(TypedDict):
    """The outcome of one check."""

    about: str
    """What was looked at."""
    found: str
    """What was found."""
    todo: str
    """What to do about it; empty where there is nothing."""
    fine: bool
    """Whether there is nothing to do."""


@_DOCUMENTED
class DoctorAnswer(TypedDict):
    """What a run needs, and whether it is there."""

    version: Version
    command: Literal["doctor"]
    checks: list[CheckAnswer]
    """Each check, in the order in which they are made."""


@_DOCUMENTED
class EvalAnswer(TypedDict):
    """The value of an expression."""

    version: Version
    command: Literal["eval"]
    value: str
    """The value as a note shows it."""
    number: float | int | str | bool | None
    """The value itself; a day as YYYY-MM-DD; `null` where it is not known."""
    on: str | None
    """The day of the value."""
    as_of: str
    """The last day of data."""
    base: list[str]
    """The windows in it, each with the day that it begins on."""
    sources: list[str]
    """The series behind it."""
    notes: list[str]
    """What is to be known of them."""
    stale: list[str]
    """Series that end early."""
    snapshot: list[str]
    """Fundamentals, each with the day that they are of."""
    why: str | None
    """Why the value is not known."""


SeriesAnswer = TypedDict(
    "SeriesAnswer",
    {
        "name": str,
        "basis": str,
        "from": str,
        "to": str,
        "currency": str,
        "source": str,
        "in_quarantine": bool,
        "gone": bool,
    },
)
"""What is stored of one series on one basis: from which day to which, and from where."""


@_DOCUMENTED
class PricesAnswer(TypedDict):
    """What is stored of some series."""

    version: Version
    command: Literal["prices"]
    series: list[SeriesAnswer]
    """An entry per series and basis."""


@_DOCUMENTED
class ShownAnswer(TypedDict):
    """A figure as the home note shows it."""

    text: str
    """As it is shown."""
    value: float | None
    """What it was made from."""


@_DOCUMENTED
class ChangedClaimAnswer(TypedDict):
    """A claim whose verdict is another than a session before."""

    thesis: str
    """The title of the thesis or concept."""
    says: str
    """The claim."""
    before: str
    """Its verdict a session before."""
    now: str
    """Its verdict."""


@_DOCUMENTED
class ThesisAnswer(TypedDict):
    """Where a thesis stands."""

    id: str
    title: str
    status: str
    """`idea`, `active`, `watching` or `closed`, as shown."""
    since_opened: ShownAnswer
    """Long minus short since it was opened, as a fraction."""
    ytd: ShownAnswer
    """Long minus short this year, as a fraction."""
    spread: ShownAnswer
    """Long minus short over its main window, as a fraction."""
    window: str
    """The main window in words."""
    exit: ShownAnswer
    """How far the nearest exit signal is, in that signal's unit."""
    exit_in_moves: ShownAnswer
    """The same in usual daily moves."""
    review: str | None
    """When the next review is due."""


@_DOCUMENTED
class LastRunsAnswer(TypedDict):
    """How the last runs ended."""

    last: RunAnswer | None
    """The last run."""
    last_good: RunAnswer | None
    """The last good run."""


@_DOCUMENTED
class StatusAnswer(TypedDict):
    """The theses at a glance."""

    version: Version
    command: Literal["status"]
    as_of: str
    """The last day of data."""
    theses: list[ThesisAnswer]
    """The theses, those nearest to an exit first."""
    reviews: dict[str, str]
    """Reviews that are overdue or due soon, by title."""
    claims: list[ChangedClaimAnswer]
    """Claims whose verdict changed."""
    data: dict[str, str | int]
    """`text`, and how many series are stale, held for review, or gone."""
    runs: LastRunsAnswer
    """How the last runs ended."""


@_DOCUMENTED
class RunAnswer(TypedDict):
    """How a run ended."""

    began: str
    """When it began, in UTC."""
    ended: str
    """When it ended, in UTC."""
    status: int
    """Its exit status."""
    good: bool
    """Whether it left a vault that is as of the newest session."""
    said: str
    """What it did or why it failed, in one line."""
    wrong: list[str]
    """What went wrong."""
    written: list[str]
    """Paths that it wrote."""
    removed: list[str]
    """Paths that it moved to the trash."""
    events: list[EventAnswer]
    """What happened to theses since the last good run."""
    again_at: str | None
    """From when on sources that refused are asked again, in UTC."""
    refusals: int
    """How many runs in a row ended with sources that refused."""


@_DOCUMENTED
class PieceAnswer(TypedDict):
    """One thing that a scheduler is given."""

    where: str
    """The path, or the entry."""
    text: str
    """What it holds."""


@_DOCUMENTED
class EntryAnswer(TypedDict):
    """An entry of a scheduler."""

    kind: str
    """Its scheduler, such as `cron`."""
    name: str
    """Its name there."""
    due: str | None
    """Its rule, such as `close+45m`; `null` where it cannot be read."""
    places: list[str]
    """Where it is."""
    edited: bool
    """Whether it was edited by hand."""


@_DOCUMENTED
class PlanAnswer(TypedDict):
    """What `schedule install` writes."""

    version: Version
    command: Literal["schedule install", "schedule show"]
    kind: str
    """The scheduler."""
    name: str
    """The name of the entry there."""
    due: str
    """The rule, such as `close+45m`."""
    state: str
    """`new`, `changed` or `same`."""
    pieces: list[PieceAnswer]
    """What is written, and where."""
    commands: list[list[str]]
    """What is called after that."""
    dry_run: NotRequired[bool]
    """Whether nothing was to be written (`install`)."""


@_DOCUMENTED
class ScheduleAnswer(TypedDict):
    """What is known of the schedule of a workspace."""

    version: Version
    command: Literal["schedule status"]
    entries: list[EntryAnswer]
    """The entries of this workspace."""
    last: RunAnswer | None
    """The last run."""
    last_good: RunAnswer | None
    """The last good run."""
    due_since: str | None
    """Since when a run is due."""
    next: str | None
    """When the next run is due."""
    next_session: str | None
    """The session of that run."""
    findings: list[FindingAnswer]
    """What is wrong."""


@_DOCUMENTED
class RemovedEntry(TypedDict):
    """An entry that was removed, or would be."""

    kind: str
    name: str
    places: list[str]


@_DOCUMENTED
class RemovalAnswer(TypedDict):
    """What `schedule remove` removed."""

    version: Version
    command: Literal["schedule remove"]
    removed: list[RemovedEntry]
    """The entries that were removed, or would be."""
    dry_run: bool
    """Whether nothing was to be removed."""


@_DOCUMENTED
class AllowAnswer(TypedDict):
    """The commands that runs may call."""

    version: Version
    command: Literal["schedule allow"]
    commands: dict[str, list[str]]
    """The words of each command."""
    new: bool
    """Whether they were not allowed before."""
    dry_run: bool
    """Whether nothing was to be changed."""


Answer = (
    ReportAnswer
    | NotDueAnswer
    | SaidAnswer
    | SchemaAnswer
    | WhyAnswer
    | OpenAnswer
    | DoctorAnswer
    | EvalAnswer
    | PricesAnswer
    | StatusAnswer
    | PlanAnswer
    | ScheduleAnswer
    | RemovalAnswer
    | AllowAnswer
)
"""The answer of a command to `--json`."""
