"""An account of one writing of a note: when it was, what had changed, and which figures came out differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

Cause = Literal[
    "first",
    "unknown",
    "restored",
    "edited",
    "elsewhere",
    "renamed",
    "code",
    "day",
    "setting",
    "template",
    "definition",
    "instrument",
    "entity",
    "basket",
    "episode",
    "universe",
    "series",
    "name",
    "notes",
]
"""Kinds of reasons, by what changed."""


class Reason(Struct, frozen=True):
    """One thing that had changed.

    Attributes:
        kind: What kind of thing it is.
        name: Names it for programs: an id, a ticker, a file, a setting; empty where there is only one of its kind.
        says: Says for a person what became of it, as a clause.
    """

    kind: Cause
    name: str
    says: str


class FigureChange(Struct, frozen=True):
    """A figure of a note that came out differently.

    Attributes:
        label: What it is called.
        before: As it was shown; None for a new one.
        after: As it is shown now; None for one that is gone.
        series: The tickers behind it whose stored prices had changed.
    """

    label: str
    before: str | None
    after: str | None
    series: tuple[str, ...] = ()


class Writing(Struct, frozen=True):
    """One writing of a note.

    Attributes:
        at: Moment of the run, in ISO form, UTC.
        as_of: The last day of data before, and with this writing, in ISO form; None where it is not known.
        reasons: What had changed, the most telling first.
        figures: Figures that came out differently, in the order of the note.
    """

    at: str
    as_of: tuple[str | None, str | None]
    reasons: tuple[Reason, ...]
    figures: tuple[FigureChange, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the account for programs."""
        return {
            "at": self.at,
            "as_of": {"from": self.as_of[0], "to": self.as_of[1]},
            "reasons": [{"kind": each.kind, "name": each.name, "says": each.says} for each in self.reasons],
            "figures": [
                {"figure": each.label, "from": each.before, "to": each.after, "series": list(each.series)}
                for each in self.figures
            ],
        }

    @staticmethod
    def of_json(found: Mapping[str, Any]) -> Writing:
        """Return an account as it was kept.

        Raises:
            KeyError: Something is missing.
            TypeError: Something is of another type.
        """
        return Writing(
            _text(found["at"]),
            (_known(found["as_of"]["from"]), _known(found["as_of"]["to"])),
            tuple(Reason(each["kind"], _text(each["name"]), _text(each["says"])) for each in found["reasons"]),
            tuple(
                FigureChange(_text(f["figure"]), _known(f["from"]), _known(f["to"]), tuple(map(_text, f["series"])))
                for f in found["figures"]
            ),
        )


class KeptFigure(Struct, frozen=True):
    """A figure as a note shows it.

    Attributes:
        label: What it is called.
        shown: The figure with its mark.
        series: The names of the series behind it.
    """

    label: str
    shown: str
    series: tuple[str, ...] = ()


def figure_changes(before: Sequence[KeptFigure], after: Sequence[KeptFigure]) -> list[tuple[FigureChange, KeptFigure]]:
    """Return the figures that came out differently, each with the figure behind it.

    Figures of one label are compared in their order. Where there are more or fewer of it than before, which of them is
    which is not known, so those that are new and those that are gone are told, and none is paired.

    >>> old, new = [KeptFigure("ytd", "+1%"), KeptFigure("1y", "+2%")], [KeptFigure("ytd", "+3%")]
    >>> [(each.label, each.before, each.after) for each, _ in figure_changes(old, new)]
    [('ytd', '+1%', '+3%'), ('1y', '+2%', None)]
    """
    olds, news = _by_label(before), _by_label(after)
    found = []
    for label in dict.fromkeys((*news, *olds)):
        old, new = olds.get(label, []), news.get(label, [])
        if len(old) == len(new):
            pairs = zip(old, new, strict=True)
            found += [(FigureChange(label, a.shown, b.shown), b) for a, b in pairs if a.shown != b.shown]
            continue
        found += [(FigureChange(label, None, each.shown), each) for each in _without(new, old)]
        found += [(FigureChange(label, each.shown, None), each) for each in _without(old, new)]
    return list({change: (change, figure) for change, figure in found}.values())


def _by_label(figures: Iterable[KeptFigure]) -> dict[str, list[KeptFigure]]:
    found: dict[str, list[KeptFigure]] = {}
    for each in figures:
        found.setdefault(each.label, []).append(each)
    return found


def _without(figures: Iterable[KeptFigure], others: Iterable[KeptFigure]) -> list[KeptFigure]:
    """Return the figures of which the others have no equal."""
    left = [each.shown for each in others]
    found = []
    for each in figures:
        if each.shown in left:
            left.remove(each.shown)
        else:
            found.append(each)
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _known(value: object) -> str | None:
    return None if value is None else _text(value)
