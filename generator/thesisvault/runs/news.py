"""News: what a run found that the run before did not, and what stood before, as a count.

What was said is remembered in `.thesisvault/said.json`, by the stage of a run that found it. Only a stage that looked
at everything forgets what it did not find again. Without the file everything is new. It is written after the report
was printed, so that nothing counts as said that nobody could read.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import get_args

from msgspec import Struct, field

from thesisvault.errors import STRICT, DiskError, Finding, Level, Strict
from thesisvault.opening import read_plain
from thesisvault.runs.report import Report, Stage
from thesisvault.vault.write import write_if_changed
from thesisvault.words import plural

_FILE = "said.json"
_ROWS, _WIDTH = 18, 100
"""What is new may fill so many rows of so many columns; with the lines below it that is one screen."""
_NAMES = 8
"""So many of those alike are named."""
_LABEL = 7
"""The width of a label with the blanks behind it."""


class Sort(Struct, frozen=True):
    """What findings of one code are.

    Attributes:
        noun: What one is called where they are counted.
        many: What several are called, where that is not the regular plural.
        strict: The word of `--strict` that asks for them.
        lasts: Whether it stands until somebody does something. What merely happened in a run is new each time.
    """

    noun: str
    many: str = ""
    strict: Strict | None = None
    lasts: bool = True


SORTS: Mapping[str, Sort] = {
    "contradicted": Sort("contradicted claim", strict="contradicted"),
    "stale": Sort("stale series", strict="stale"),
    "stale-members": Sort("universe with stale members", "universes with stale members", "stale"),
    "gone": Sort("series known to no source", "series known to no source", "stale"),
    "unknown-symbol": Sort("series known to no source", "series known to no source", "stale"),
    "failed": Sort("series that failed", "series that failed", "stale"),
    "rate-limited": Sort("series not fetched", "series not fetched", "stale"),
    "not-asked": Sort("series not fetched", "series not fetched", "stale"),
    "nothing-new": Sort("run without news", strict="stale", lasts=False),
    "quarantined": Sort("series held for review", "series held for review", "quarantine"),
    "refused-bars": Sort("series with refused bars", "series with refused bars", "quarantine"),
    "corrected": Sort("correction", strict="quarantine", lasts=False),
    "unconfirmed": Sort("unconfirmed move", lasts=False),
    "no-fundamentals": Sort("series without new fundamentals", "series without new fundamentals"),
    "read-as": Sort("reading of price files", "readings of price files"),
    "refused-row": Sort("refused row of a price file", "refused rows of price files", "quarantine"),
    "unknown-column": Sort("unknown column"),
    "unlisted-splits": Sort("file with unlisted splits", "files with unlisted splits", "quarantine"),
    "other-symbol": Sort("price file of another symbol", "price files of other symbols", "quarantine"),
    "other-dividends": Sort("file with other dividends", "files with other dividends", "quarantine"),
    "unusable-file": Sort("unusable price file", strict="stale"),
    "left-behind": Sort("note left behind", "notes left behind", "stale", lasts=False),
    "clock": Sort("doubt about the clock", "doubts about the clock", lasts=False),
    "kept-edit": Sort("kept edit", strict="edits", lasts=False),
    "kept-property": Sort("kept property", "kept properties", "edits", lasts=False),
    "damaged-markers": Sort("note with damaged markers", "notes with damaged markers", "edits"),
    "broken-properties": Sort("note with broken properties", "notes with broken properties", "edits"),
    "foreign-note": Sort("note of somebody else", "notes of somebody else", "edits"),
    "not-available": Sort("figure that is n/a", "figures that are n/a"),
    "no-letters": Sort("name that no font can write", "names that no font can write"),
    "link-as-text": Sort("link shown as text", "links shown as text", "links"),
    "picture-as-text": Sort("picture shown as text", "pictures shown as text", "links"),
    "code-as-text": Sort("piece of code shown as text", "pieces of code shown as text"),
    "deleted-note": Sort("deleted note"),
    "copied-note": Sort("copied note"),
    "conflicted-copy": Sort("conflicted copy", "conflicted copies", "edits"),
    "away-note": Sort("note that is elsewhere", "notes that are elsewhere", "edits"),
    "missing-note": Sort("missing note of yours", "missing notes of yours", "links"),
    "orphaned-note": Sort("note without a definition", "notes without a definition"),
    "moved-id": Sort("note that waits for its id", "notes that wait for their ids"),
    "dead-link": Sort("dead link", strict="links"),
    "dead-embed": Sort("dead embed", strict="links"),
    "dead-fragment": Sort("dead link", strict="links"),
    "double-block": Sort("doubled block", strict="links"),
    "double-name": Sort("doubled name", strict="links"),
}
_OTHER = Sort("other finding")


def sort_of(finding: Finding) -> Sort:
    """Return what a finding is."""
    return SORTS.get(finding.code, _OTHER)


def needs_a_look(report: Report, strict: Iterable[str]) -> bool:
    """Return whether a report holds an error or a warning that `--strict` asks for; every one if it names all."""
    asked, everything = set(strict), set(STRICT) <= set(strict)
    serious = [each for each in report.findings if each.level != "info"]
    return any(everything or sort_of(each).strict in asked for each in serious)


# Memory -----------------------------------------------------------------------------------------------------------


class Said(Struct, frozen=True):
    """What earlier runs have said.

    Attributes:
        ran: When the last of them ran, if any did.
        keys: What each stage has found that still stands, as `key_of` names it.
    """

    ran: dt.datetime | None = None
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def knows(self, finding: Finding) -> bool:
        """Return whether a finding was said before and lasts."""
        return sort_of(finding).lasts and any(key_of(finding) in keys for keys in self.keys.values())

    def after(self, report: Report, now: dt.datetime) -> Said:
        """Return what has been said once a report is told."""
        found: dict[Stage, set[str]] = {stage: set() for stage in get_args(Stage)}
        for each in report.findings:
            if each.level != "error" and sort_of(each).lasts:
                found[report.stage_of(each)].add(key_of(each))
        standing = {
            stage: frozenset() if stage in report.whole else self.keys.get(stage, frozenset()) for stage in found
        }
        return Said(now, {stage: standing[stage] | keys for stage, keys in found.items()})


def key_of(finding: Finding) -> str:
    """Return the name by which a later run knows a finding again: its line may move, and so may figures in its text."""
    where = finding.place.path if finding.place else ""
    return "\t".join((finding.code, where, finding.subject or finding.problem))


def read_said(cache: Path) -> Said:
    """Return what earlier runs have said; nothing where the file is missing or cannot be read."""
    try:
        found = json.loads(read_plain(cache / _FILE))
        keys = {stage: frozenset(map(str, found["said"][stage])) for stage in get_args(Stage)}
        return Said(dt.datetime.fromisoformat(found["ran"]).astimezone(dt.UTC), keys)
    except (OSError, ValueError, LookupError, TypeError):
        return Said()


def write_said(cache: Path, said: Said) -> None:
    """Remember what was said; where that cannot be written, all of it is new again next time."""
    body = {"ran": said.ran.isoformat() if said.ran else None, "said": {k: sorted(v) for k, v in said.keys.items()}}
    try:
        write_if_changed(cache / _FILE, json.dumps(body, indent=1).encode(), within=cache.parent)
    except DiskError:
        return


# Telling ----------------------------------------------------------------------------------------------------------


def told(report: Report, said: Said, details: str = "thesisvault build --all") -> Iterator[tuple[str, str]]:
    """Yield the lines of a report below its summary, each with its label: New, Info, Known and Next.

    What is new has a line for each cause, what was known is a count, and what is new beyond one screen is counted.
    Errors are not among them.

    Args:
        report: What was found.
        said: What earlier runs have said.
        details: The command that lists everything.
    """
    findings = [each for each in report.ordered() if each.level != "error"]
    fresh = [each for each in findings if not said.knows(each)]
    known = [each for each in findings if said.knows(each)]
    groups = list(_grouped(fresh))
    hints = {hint for each in groups if (hint := each.hint)}
    shown, left = _fitting(groups, with_hints=len(hints) > 1)
    for label, level in (("New", "warning"), ("Info", "info")):
        yield from _labeled(label, [line for line, each in shown if each.level == level])
    if left:
        yield "", f"and {counted(left)} more"
    elif known and not fresh:
        yield "New", "nothing"
    if known:
        yield "Known", f"{counted(known)}. Details: {details}"
    if len(hints) == 1:
        yield "Next", _as_sentence(*hints)
    elif left and not known:
        yield "Next", f"See all of them: {details}"


def laid_out(lines: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield lines as they are printed, behind their labels.

    >>> list(laid_out([("New", "nothing"), ("Known", "1 dead link")]))
    ['New    nothing', 'Known  1 dead link']
    """
    yield from (f"{label:<{_LABEL}}{line}" for label, line in lines)


def _labeled(label: str, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    yield from (("" if n else label, line) for n, line in enumerate(lines))


def _as_sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def counted(findings: Iterable[Finding]) -> str:
    """Return how many findings there are of each sort, the most first.

    >>> counted([Finding("a", code="stale"), Finding("b", code="dead-link"), Finding("c", code="dead-link")])
    '2 dead links, 1 stale series'
    """
    numbers = Counter((sort.noun, sort.many) for sort in map(sort_of, findings))
    last = (_OTHER.noun, _OTHER.many)
    ordered = sorted(numbers.items(), key=lambda item: (item[0] == last, -item[1], item[0]))
    return ", ".join(plural(number, *names) for names, number in ordered)


class _Group(Struct, frozen=True):
    """Findings of one cause, which share a line.

    Attributes:
        line: What is said of them.
        findings: The findings.
    """

    line: str
    findings: tuple[Finding, ...]

    @property
    def level(self) -> Level:
        """Their level."""
        return self.findings[0].level

    @property
    def hint(self) -> str:
        """What to do about them; empty where that differs or there is nothing."""
        hints = {each.hint for each in self.findings}
        return hints.pop() if len(hints) == 1 else ""


def _grouped(findings: Iterable[Finding]) -> Iterator[_Group]:
    """Yield findings by their cause; causes of several come first, and what is only reported last."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.level, each.code, each.alike or each.problem), []).append(each)
    for group in sorted(groups.values(), key=lambda group: (group[0].level == "info", len(group) == 1)):
        first = group[0]
        if len(group) == 1:
            yield _Group(f"{first.place}: {first.problem}" if first.place else first.problem, (first,))
        elif first.alike:
            yield _Group(f"{len(group)} {first.alike}: {_named(group)}.", tuple(group))
        else:
            yield _Group(f"{first.problem} In {len(group)} places: {_named(group)}.", tuple(group))


def _named(group: Iterable[Finding]) -> str:
    """Return the names of findings, those that stand for most first, and how many findings are left out."""
    names = Counter(each.short or each.subject or (each.place.path if each.place else "") for each in group)
    first = names.most_common(_NAMES)
    left = names.total() - sum(number for _, number in first)
    more = f" and {left} more" if left else ""
    return ", ".join(name if number == 1 else f"{name} ({number})" for name, number in first) + more


def _fitting(groups: Iterable[_Group], *, with_hints: bool) -> tuple[list[tuple[str, _Group]], list[Finding]]:
    """Return the lines that fit one screen, each with its findings, and the findings of the others."""
    rows, shown, left = 0, list[tuple[str, _Group]](), list[Finding]()
    for each in groups:
        line = f"{each.line} {each.hint}".rstrip() if with_hints else each.line
        rows += -(-(_LABEL + len(line)) // _WIDTH)
        if rows <= _ROWS:
            shown.append((line, each))
        else:
            left += each.findings
    return shown, left
