"""What a note says of the trust its figures deserve: older data, bars in quarantine, symbols that are gone.

All of it is dated by days that lie in the store, so that the same prices give the same words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from thesisvault.blocks.core.context import Context
from thesisvault.errors import Finding, did_you_mean
from thesisvault.language.text import STALE, Mention, Part, Plain, Text
from thesisvault.market.reading.troubles import QuarantinedBars, Troubles
from thesisvault.notes.views import CalloutView
from thesisvault.words import day_in_words, plural, short_day

_MANY = 12


class Trust(Struct):
    """What a build found of the series that its notes use.

    Attributes:
        stale: Series that end before they should, with the day on which they end.
        troubled: Series with bars in quarantine, and those that no source knows any more.
        late_members: For each universe in use how many members it has, and those that end early.
    """

    stale: dict[str, dt.date] = field(default_factory=dict)
    troubled: dict[str, Troubles] = field(default_factory=dict)
    late_members: dict[str, tuple[int, dict[str, dt.date]]] = field(default_factory=dict)

    @property
    def quarantined(self) -> list[str]:
        """The series with bars in quarantine."""
        return [name for name, troubles in self.troubled.items() if troubles.quarantined]

    @property
    def gone(self) -> list[str]:
        """The series that no source knows any more."""
        return [name for name, troubles in self.troubled.items() if troubles.unknown_since]

    @property
    def early(self) -> dict[str, dt.date]:
        """All series that end early, members of universes too."""
        found = {name: day for _, late in self.late_members.values() for name, day in late.items()}
        return {**found, **self.stale}

    @property
    def figures(self) -> dict[str, int]:
        """How many there are of each, for a report."""
        return {"stale_series": len(self.early), "held_series": len(self.quarantined), "gone_series": len(self.gone)}

    def findings(self, as_of: dt.date, known: Iterable[str]) -> Iterator[Finding]:
        """Yield what a report says of it.

        Args:
            as_of: The last day of data.
            known: Tickers that a mistyped one may be meant for.
        """
        for name, day in sorted(self.stale.items(), key=lambda item: (item[1], item[0])):
            problem = f"{name} ends {day}, before {as_of}; the notes that use it say so."
            short = f"{name} ({day_in_words(day)})"
            yield Finding(problem, level="warning", code="stale", subject=name, alike="series end early", short=short)
        for universe, (members, late) in self.late_members.items():
            if late:
                ends, are = ("ends", "is") if len(late) == 1 else ("end", "are")
                problem = (
                    f"{universe}: {len(late)} of {plural(members, 'member')} {ends} before {as_of} and {are} not "
                    f"counted since: {shortened(late)}."
                )
                hint = f"Refresh them, or take those that are gone out of data/universes/{universe}.txt."
                yield Finding(problem, hint=hint, level="warning", code="stale-members", subject=universe)
        for name, troubles in self.troubled.items():
            for quarantined in troubles.quarantined:
                problem = (
                    f"{name}: {_bars(quarantined)} from {quarantined.source}, held for review: {quarantined.reason}."
                )
                hint = f"See what waits: thesisvault prices {name}; then --accept or --reject."
                yield Finding(
                    problem,
                    hint=hint,
                    level="warning",
                    code="quarantined",
                    subject=f"{name} {quarantined.since}",
                    alike="series held for review (thesisvault prices TICKER, then --accept or --reject)",
                    short=name,
                )
            if troubles.unknown_since:
                yield _unknown(name, troubles, known)


def add_stale(stale: dict[str, dt.date], found: Mapping[str, dt.date]) -> None:
    """Add the stale series behind a note to those behind others; of two days the earlier one counts."""
    for name, day in found.items():
        stale[name] = min(day, stale.get(name, day))


def _unknown(name: str, troubles: Troubles, known: Iterable[str]) -> Finding:
    """Return what a report says of a series that no source knows: it was given up, or never was there."""
    since = troubles.unknown_since
    if troubles.last is None:
        problem = f"{name}: no source has known it since {since}, and nothing of it is stored."
        guess = did_you_mean(name, (each for each in known if each != name))
        return Finding(
            problem,
            hint=guess or "Correct it in data/instruments.yaml.",
            level="warning",
            code="unknown-symbol",
            subject=name,
            alike="series known to no source",
            short=name,
        )
    problem = f"{name}: no source has known it since {since}; its history is kept."
    return Finding(
        problem,
        hint="If it was renamed, renamed_to in data/instruments.yaml joins both names.",
        level="warning",
        code="gone",
        subject=name,
        alike="series no longer quoted",
        short=name,
    )


def shortened(late: Mapping[str, dt.date]) -> str:
    """Return series with the day each ends, the oldest first, only some of them where there are many."""
    ordered = sorted(late.items(), key=lambda item: (item[1], item[0]))
    said = [f"{name} to {day}" for name, day in ordered[:_MANY]]
    return ", ".join(said) + (f" and {len(ordered) - _MANY} more" if len(ordered) > _MANY else "")


def _bars(quarantined: QuarantinedBars) -> str:
    first, last = quarantined.days[0], quarantined.days[-1]
    if quarantined.dividend:
        return quarantined.dividend
    return f"the bar of {first}" if len(quarantined.days) == 1 else f"{len(quarantined.days)} bars of {first} to {last}"


# Notes ------------------------------------------------------------------------------------------------------------


def stale_text(found: Mapping[str, dt.date], context: Context) -> Text:
    """Return the line that says where the stale series behind figures end, and why; empty if there are none."""
    if not found:
        return ()
    parts: list[Part] = []
    for name, day in sorted(found.items(), key=lambda item: (item[1], item[0])):
        parts += [Plain(", ")] if parts else []
        label = Mention(name, context.label(name))
        parts += [label, Plain(f" ends {short_day(day, context.as_of)}{_cause(name, day, context)}")]
    return (*parts, Plain(f"; figures marked {STALE} stop there."))


def _series(found: Mapping[str, dt.date], context: Context) -> Iterator[Part]:
    """Yield each series with the day it ends, and with the cause where it is known; the oldest first."""
    for i, (name, day) in enumerate(sorted(found.items(), key=lambda item: (item[1], item[0]))):
        if i:
            yield Plain("; ")
        yield Mention(name, context.label(name))
        yield Plain(f" to {day_in_words(day)}{_cause(name, day, context)}")


def _cause(name: str, day: dt.date, context: Context) -> str:
    """Return why a series ends on a day, in round brackets, where it is known."""
    troubles = context.scope.market.troubles(name)
    if troubles.unknown_since:
        return f" (no source has known it since {day_in_words(troubles.unknown_since)})"
    if any(quarantined.days[-1] > day and not quarantined.dividend for quarantined in troubles.quarantined):
        return " (later prices are held for review)"
    return ""


def trouble_callouts(name: str, context: Context) -> tuple[CalloutView, ...]:
    """Return the warnings at the top of the note of an instrument: bars in quarantine, a symbol that is gone."""
    troubles = context.scope.market.troubles(name)
    found: list[CalloutView] = []
    for quarantined in troubles.quarantined:
        bars = _bars(quarantined)
        is_, it, s = ("is", "it", "s") if len(quarantined.days) == 1 or quarantined.dividend else ("are", "them", "")
        why = f"{is_} under review since {quarantined.since} and count{s} nowhere: {quarantined.reason}. "
        show, take, drop = (f"`thesisvault prices {name}{words}`" for words in ("", " --accept", " --reject"))
        text: Text = (
            Plain(f"{bars[0].upper()}{bars[1:]} from {quarantined.source} {why}"),
            f"Look at {it} with {show}; then accept {it} with {take}, or reject {it} with {drop}.",
        )
        found.append(CalloutView("Prices held for review", text))
    if troubles.unknown_since:
        ends = f" and ends {troubles.last}"
        text = (
            Plain(
                f"No source has known {name} since {troubles.unknown_since}; its history is kept{ends}. "
                "It may be delisted or renamed: "
            ),
            "`renamed_to` in `data/instruments.yaml` joins both names.",
        )
        if troubles.last is None:
            said = f"No source has known {name} since {troubles.unknown_since}, and nothing of it is stored. "
            text = (Plain(f"{said}It may be mistyped: correct it in "), "`data/instruments.yaml`.")
        found.append(CalloutView("No longer quoted" if troubles.last else "Known to no source", text))
    return tuple(found)


def home_trust(trust: Trust, affected: Sequence[str], context: Context) -> tuple[str, Text]:
    """Return title and text of the fold in which the home note says what is not to be trusted whole, or nothing.

    Args:
        trust: What was found of the series that the notes use.
        affected: Titles of the theses and concepts of which figures rest on older data.
        context: Gives the names of series.
    """
    early, quarantined, gone = trust.early, trust.quarantined, trust.gone
    said = []
    if early:
        where = f" in {plural(len(affected), 'note')}" if affected else ""
        said.append(f"Stale data: {len(early)} series{where}")
    if quarantined:
        said.append(f"Prices held for review: {len(quarantined)} series")
    if gone:
        said.append(f"No longer quoted: {len(gone)} series")
    if not said:
        return "", ()
    parts: list[Part] = []
    if early:
        oldest = dict(sorted(early.items(), key=lambda item: (item[1], item[0]))[: 2 * _MANY])
        more = f"; and {len(early) - len(oldest)} more" if len(early) > len(oldest) else ""
        parts += [Plain("No later data is stored: "), *_ends(oldest, context), Plain(f"{more}.")]
        parts += [Plain(" Affects "), *_titles(affected), Plain(".")] if affected else []
    for words, names in (("Held for review: ", quarantined), ("No longer quoted by any source: ", gone)):
        if names:
            parts += [Plain(f"{' ' if parts else ''}{words}"), *_mentions(names, context), Plain(".")]
    return " · ".join(said), tuple(parts)


def _ends(found: Mapping[str, dt.date], context: Context) -> Iterator[Part]:
    """Yield series by the day on which they end, the oldest first."""
    for nth, day in enumerate(sorted(set(found.values()))):
        names = sorted((name for name, ends in found.items() if ends == day), key=context.label)
        yield from ([Plain("; ")] if nth else [])
        yield from _mentions(names, context)
        yield Plain(f" to {day_in_words(day)}")


def _titles(titles: Sequence[str]) -> Iterator[Part]:
    for i, title in enumerate(titles[:_MANY]):
        yield from ([Plain(", ")] if i else [])
        yield Mention(title, title=True)
    if len(titles) > _MANY:
        yield Plain(f" and {len(titles) - _MANY} more")


def _mentions(names: Iterable[str], context: Context) -> Iterator[Part]:
    for i, name in enumerate(names):
        if i:
            yield Plain(", ")
        yield Mention(name, context.label(name))
