"""What filling a block gives: cells of text, tables, chart requests and the small lines below.

Plain records. The notes layer turns them into Markdown through one template per kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Literal, TypeVar

from msgspec import Struct, field

from thesisvault.charts.specs import Chart
from thesisvault.language.text import Figure, Plain, Text
from thesisvault.patterns import regex
from thesisvault.scalars import parse_window
from thesisvault.structs import names_of
from thesisvault.words import day_in_words, days_in_words, short_day

T = TypeVar("T")
NOT_STATED = "not stated"
"""Stands where a definition says nothing of what others say."""
_FEW = 3
_NO_SURPRISE = 4
"""Days by which a base may lie before the first day of its window: a weekend and two holidays."""


class Column(Struct, frozen=True):
    """The head of a column and how its cells stand."""

    title: Text
    align: Literal["left", "right"] = "left"


class Table(Struct, frozen=True):
    """A table; every row has one cell per column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Text, ...], ...]


class ChartRequest(Struct, frozen=True):
    """A picture that a note embeds.

    Attributes:
        file: Name of the image in the attachments folder.
        chart: What is to be drawn.
        recipe: From what, as one line of JSON; it travels in the image.
        as_of: The last day of its data; None for a person's own numbers, which have none.
        caption: Words below it.
    """

    file: str
    chart: Chart
    recipe: str
    as_of: dt.date | None
    caption: Text = ()


class Filled(Struct, frozen=True):
    """A filled block.

    Attributes:
        kind: Names the template.
        parts: What the template shows, by name.
        charts: The pictures it embeds, in order.
        lines: Small lines below it: base days, reasons for `n/a`.
    """

    kind: str
    parts: dict[str, object] = field(default_factory=dict)
    charts: tuple[ChartRequest, ...] = ()
    lines: tuple[Text, ...] = ()

    def __getattr__(self, name: str) -> object:
        """Give templates short access: `block.table`."""
        try:
            return self.parts[name]
        except KeyError:
            raise AttributeError(name) from None


def say(text: str, *, strong: bool = False, emphasis: bool = False) -> Text:
    """Return words of the generator's own as a text."""
    return (Plain(text, strong, emphasis),) if text else ()


def head(*titles: str | Text, right: Iterable[int] = ()) -> tuple[Column, ...]:
    """Return the head of a table; columns whose numbers are in `right` are aligned to the right."""
    flush = set(right)
    return tuple(
        Column(say(title) if isinstance(title, str) else title, "right" if i in flush else "left")
        for i, title in enumerate(titles)
    )


def inside(thing: object, kind: type[T]) -> Iterator[T]:
    """Yield everything of a kind inside filled blocks, tables, texts and views, in the order a reader meets it."""
    found: list[T] = []
    _gather(thing, kind, found)
    return iter(found)


def _gather(thing: Any, kind: type[T], found: list[T]) -> None:
    if isinstance(thing, kind):
        found.append(thing)
        return
    of: Any = type(thing)
    parts = _parts_of(of)
    if parts is not None:
        for each in parts(thing):
            _gather(each, kind, found)


@cache
def _parts_of(kind: Any) -> Callable[[Any], Iterable[object]] | None:
    """Return what gives the parts of all things of a type, in the order a reader meets them; None: they have none."""
    if issubclass(kind, Filled):
        return lambda filled: (*filled.parts.values(), *filled.charts)
    if issubclass(kind, list | tuple):
        return iter
    if issubclass(kind, Mapping):
        return lambda mapping: mapping.values()
    names = names_of(kind) if kind.__module__.startswith(("thesisvault.blocks", "thesisvault.notes")) else None
    if not names:
        return None
    return attrgetter(*names) if len(names) > 1 else lambda record: (getattr(record, names[0]),)


def figures_in(thing: object) -> Iterator[Figure]:
    """Yield every figure inside a thing."""
    return inside(thing, Figure)


def charts_in(thing: object) -> tuple[ChartRequest, ...]:
    """Return the pictures inside a thing, each file once; a block names its own twice, in `charts` and in place."""
    return tuple({chart.file: chart for chart in inside(thing, ChartRequest)}.values())


def base_line(figures: Iterable[Figure]) -> Text:
    """Return the small line that names kind of return and last day of the figures, or nothing.

    A base day is named only where it surprises: where series begin on different days, or some days before the window.
    """
    kinds: dict[str, None] = {}
    bases: dict[str, dict[dt.date, None]] = {}
    fresh: set[dt.date] = set()
    stale: set[dt.date] = set()
    currencies: dict[str, dict[str, None]] = {}
    own = True
    for figure in figures:
        number = figure.number
        if not number.is_known:
            continue
        kinds.update(dict.fromkeys(sorted(number.returns)))
        for name, currency in number.currencies if number.returns else ():
            currencies.setdefault(_side_of(name), {})[currency] = None
        own = own and not any(" converted from " in note for note in number.notes)
        for window, day in number.bases:
            bases.setdefault(window, {})[day] = None
        if number.on and not number.settled:
            (stale if number.stale else fresh).add(number.on)
    if not kinds and not fresh:
        return ()
    what = " and ".join(f"{kind} return" for kind in kinds) or "change"
    # Those that end too early say so themselves; exchanges may well have had their last sessions on different days.
    ends = sorted(fresh or stale)
    words = f"{what[0].upper()}{what[1:]}" + (f" to {_days(ends)}" if ends else "")
    now = max(ends, default=dt.date.min)
    shown = [
        f"{_called(window)} from {' or '.join(short_day(day, now) for day in days)}"
        for window, days in bases.items()
        if _surprises(window, days, ends)
    ]
    if len({currency for each in currencies.values() for currency in each}) > 1:
        named = ", ".join(f"{name} {' and '.join(each)}" for name, each in currencies.items())
        shown.append(f"each in its own currency: {named}" if own else f"in several currencies: {named}")
    return say(f"{words}; {', '.join(shown)}." if shown else f"{words}.", emphasis=True)


def _surprises(text: str, days: Iterable[dt.date], ends: Sequence[dt.date]) -> bool:
    """Return whether a reader would guess another base day of a window than it has."""
    try:
        window = parse_window(text)
    except ValueError:
        return True
    if window.kind in ("since", "range", "max"):
        return window.kind == "max"
    first = window.first_day(ends[-1]) if ends else None
    if first is None:
        return False
    return any(not 0 <= (first - day).days <= _NO_SURPRISE for day in days)


def _called(window: str) -> str:
    """Return a window as it is called in a line."""
    try:
        label = parse_window(window).label
    except ValueError:
        return window
    return label


def _side_of(name: str) -> str:
    """Return what a reader calls a series: the basket that a side of a thesis holds is its `buy` or its `sell`."""
    owner, _, word = name.partition(":")
    return word if owner and word in ("buy", "sell") else name


def _days(days: list[dt.date]) -> str:
    if len(days) > _FEW:
        return f"days from {day_in_words(days[0])} to {day_in_words(days[-1])}"
    return " or ".join([*(short_day(day, days[-1]) for day in days[:-1]), day_in_words(days[-1])])


def dated_lines(figures: Iterable[Figure]) -> tuple[Text, ...]:
    """Return one small line that says of which days the fundamentals among the figures are, or nothing."""
    days: dict[dt.date, dict[str, None]] = {}
    for figure in figures:
        for name, day in figure.number.dated if figure.number.is_known else ():
            days.setdefault(day, {})[name] = None
    if not days:
        return ()
    newest_first = sorted(days, reverse=True)
    if len(days) == 1:
        return (say(f"Fundamentals as of {day_in_words(newest_first[0])}.", emphasis=True),)
    said = "; ".join(f"{', '.join(days[day])} as of {day_in_words(day)}" for day in newest_first)
    return (say(f"Fundamentals: {said}.", emphasis=True),)


def reason_lines(figures: Iterable[Figure], *, dated: bool = True, besides: Iterable[Figure] = ()) -> tuple[Text, ...]:
    """Return small lines: of which days fundamentals are, what is not available and why, what a reader must know.

    Args:
        figures: What stands above them.
        dated: Whether to say of which days fundamentals are; in running text each number says so itself.
        besides: Figures nearby whose own lines say what they have in common with these.
    """
    figures, told = tuple(figures), tuple(besides)
    reasons, notes = (dict.fromkeys(each for each in of(figures) if each not in set(of(told))) for of in (_why, _notes))
    lines = list(dated_lines(figures)) if dated else []
    if reasons:
        lines.append(say(days_in_words("n/a: " + "; ".join(reasons) + "."), emphasis=True))
    if notes:
        lines.append(say(days_in_words("; ".join(_counted_together(notes)) + "."), emphasis=True))
    return tuple(lines)


_OF_MEMBERS = regex(r"(.+: )([0-9]+)( of [0-9]+ of today's members have prices)")
COVERAGE = regex(
    r"(?P<universe>[\w-]+): (?P<few>[0-9]+)(?: to (?P<many>[0-9]+))? of (?P<all>[0-9]+) of today's members have prices"
    r"(?P<late>[^.;]*)(?P<end>[.;] ?)"
)
"""How many members of a universe have prices, as a small line says it."""


def _counted_together(notes: Iterable[str]) -> list[str]:
    """Return notes with those of one universe on many days as one, from the fewest members to the most.

    >>> of_days = [f"u: {n} of 9 of today's members have prices" for n in (7, 5, 6)]
    >>> _counted_together([*of_days, "another"])
    ["u: 5 to 7 of 9 of today's members have prices", 'another']
    """
    counts: dict[tuple[str, str], list[int]] = {}
    found: dict[object, str] = {}
    for note in notes:
        if told := _OF_MEMBERS.fullmatch(note):
            key = told[1], told[3]
            counts.setdefault(key, []).append(int(told[2]))
            few, many = min(counts[key]), max(counts[key])
            found[key] = f"{key[0]}{few if few == many else f'{few} to {many}'}{key[1]}"
        else:
            found[note] = note
    return list(found.values())


def _why(figures: Iterable[Figure]) -> Iterator[str]:
    return (f.number.reason for f in figures if not f.number.is_known and f.number.reason)


def _notes(figures: Iterable[Figure]) -> Iterator[str]:
    return (note for f in figures if f.number.is_known for note in f.number.notes)


def one_line(*texts: Text) -> Text:
    """Return small lines of the generator's own as one, each a sentence of it."""
    words = (part.text if isinstance(part, Plain) else "" for text in texts for part in text)
    return say(" ".join(filter(None, words)), emphasis=True)


def captioned(says: str, lines: Sequence[Text]) -> tuple[Text, ...]:
    """Return the small lines below a table with a remark of its own, joined with the line of its days if it has one."""
    first = lines[0] if lines and not is_reason(lines[0]) else ()
    return (one_line(first, say(says)), *lines[bool(first) :])


def is_reason(line: Text) -> bool:
    """Return whether a small line says why something is not available."""
    return bool(line) and isinstance(line[0], Plain) and line[0].text.startswith("n/a")


def small_lines(thing: object, *, bases: bool = True) -> tuple[Text, ...]:
    """Return the small lines that belong under a block: base days first, then what is not available."""
    found = tuple(figures_in(thing))
    line = base_line(found) if bases else ()
    return (*((line,) if line else ()), *reason_lines(found))
