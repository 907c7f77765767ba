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
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from thesisvault.errors import STRICT, DiskError, Finding, Strict
from thesisvault.opening import read_plain
from thesisvault.runs.report import Report, Stage
from thesisvault.vault.write import write_if_changed
from thesisvault.words import plural

_FILE = "said.json"
_ROWS, _WIDTH = 18, 100
"""What is new may fill so many rows of so many columns; with the lines below it that is one screen."""
_NAMES = 5
"""So many of those alike are named."""


@dataclass(frozen=True)
class Sort:
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
    "quarantined": Sort("series in quarantine", "series in quarantine", "quarantine"),
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


@dataclass(frozen=True)
class Said:
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
        write_if_changed(cache / _FILE, json.dumps(body, indent=1).encode())
    except DiskError:
        return


# Telling ----------------------------------------------------------------------------------------------------------


def told(report: Report, said: Said, lister: str = "--all", *, claims_in_one: bool = False) -> Iterator[str]:
    """Yield the lines of a report for a person: errors whole, then what is new, then a count of what stood before.

    Those alike share a line. What is new beyond one screen is counted.

    Args:
        report: What was found.
        said: What earlier runs have said.
        lister: The option or command that lists everything.
        claims_in_one: Whether one line tells of all claims that the prices contradict.
    """
    ordered = report.ordered()
    yield from (line_of(each) for each in ordered if each.level == "error")
    findings = [each for each in ordered if each.level != "error"]
    wrong = [each for each in findings if claims_in_one and each.code == "contradicted"]
    findings = [each for each in findings if each not in wrong]
    fresh = [each for each in findings if not said.knows(each)]
    shown, left = _fitting(list(_grouped(fresh)))
    yield from shown
    if left:
        yield f"And {counted(left)} {'is' if len(left) == 1 else 'are'} new. {lister} lists them."
    if known := [each for each in findings if said.knows(each)]:
        yield f"Known {counted(known)}. {lister} lists them."
    if wrong:
        do = "does" if len(wrong) == 1 else "do"
        counted_claims = f"{plural(len(wrong), 'claim')} {do} not hold against the prices"
        yield f"{counted_claims}, and the notes say so. {lister} lists them."


def line_of(finding: Finding) -> str:
    """Return the line of one finding, after its level."""
    return f"{finding.level}: {finding}"


def counted(findings: Iterable[Finding]) -> str:
    """Return how many findings there are of each sort, the most first.

    >>> counted([Finding("a", code="stale"), Finding("b", code="dead-link"), Finding("c", code="dead-link")])
    '2 dead links, 1 stale series'
    """
    numbers = Counter((sort.noun, sort.many) for sort in map(sort_of, findings))
    last = (_OTHER.noun, _OTHER.many)
    ordered = sorted(numbers.items(), key=lambda item: (item[0] == last, -item[1], item[0]))
    return ", ".join(plural(number, *names) for names, number in ordered)


def _grouped(findings: Iterable[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Yield each line with the findings that it tells; lines that tell several come first."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for each in findings:
        groups.setdefault((each.level, each.code, each.alike or str(each)), []).append(each)
    for group in sorted(groups.values(), key=lambda group: (group[0].level == "info", len(group) == 1)):
        if len(group) == 1:
            yield line_of(group[0]), group
            continue
        names = [each.short or each.subject for each in group]
        more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
        hint = f" {group[0].hint}" if len({each.hint for each in group}) == 1 and group[0].hint else ""
        yield f"{group[0].level}: {len(group)} {group[0].alike}: {', '.join(names[:_NAMES])}{more}.{hint}", group


def _fitting(lines: list[tuple[str, list[Finding]]]) -> tuple[list[str], list[Finding]]:
    """Return the lines that fit one screen, and the findings of the others."""
    rows, shown = 0, 0
    for line, _ in lines:
        rows += -(-len(line) // _WIDTH)
        if rows > _ROWS:
            break
        shown += 1
    return [line for line, _ in lines[:shown]], [each for _, group in lines[shown:] for each in group]
