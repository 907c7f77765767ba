"""What the note of a macro series says of its values: level, change, range, and how far they reach."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Table, head, say
from thesisvault.language.formats import bp, pct
from thesisvault.language.text import Figure, Plain, Text
from thesisvault.market.records import SeriesView
from thesisvault.runs.steps.compose.measured import bare, held
from thesisvault.runs.steps.compose.wording import period_in_words, sentences
from thesisvault.structs import replace
from thesisvault.words import day_in_words, plural

_OFTEN = {1: "daily", 7: "weekly", 31: "monthly", 92: "quarterly"}
_YEAR = "1y"
_QUARTER_DAYS = 92


class Macro(Struct, frozen=True):
    """A macro series with values.

    Attributes:
        key: Its id.
        view: Its values.
        context: What its note may see.
    """

    key: str
    view: SeriesView
    context: Context

    @property
    def is_rate(self) -> bool:
        """Whether it is in per cent, and changes by points."""
        return self.view.unit == "%"

    @property
    def of_day(self) -> dt.date:
        """The day that the newest value is of, which is earlier than the one on which it became known."""
        return self.view.of_last

    @property
    def last(self) -> str:
        """What the newest value is of, in words."""
        return period_in_words(self.of_day, self.view.period_days)

    @property
    def windows(self) -> tuple[tuple[str, str], ...]:
        """The windows over which its change is told, each with its words; none is shorter than its own steps."""
        short = ("3m", "a quarter") if self.view.period_days >= _QUARTER_DAYS else ("1m", "a month")
        return (short, (_YEAR, "a year"))

    def level(self) -> Figure:
        """Return the newest value."""
        return self.context.figure(f"level('{self.key}'){self._form}")

    @property
    def _form(self) -> str:
        return " | share(2)" if self.is_rate else ""

    def change(self, window: str) -> Figure:
        """Return its change: of a rate in hundredths of a point, of what is above zero in per cent, else as it is."""
        key = self.key
        moved = self.context.figure(f"change('{key}', '{window}')")
        value = moved.number.value
        if not isinstance(value, float):
            return moved
        if self.is_rate:
            return replace(moved, text=bp(value))
        if float(self.view.levels.values.min()) > 0:
            before = float(self.view.levels.values[-1]) - value
            return replace(moved, text=pct(value / before), number=replace(moved.number, value=value / before))
        return moved

    def extremes(self) -> tuple[Figure, Figure]:
        """Return the lowest and the highest value of a year, the one of a year ago included: the change is from it."""
        ago = f"level('{self.key}') - change('{self.key}', '{_YEAR}')"
        low, high = (
            self.context.figure(f"{pick}({each}('{self.key}', '{_YEAR}'), {ago}){self._form}")
            for pick, each in (("min", "low"), ("max", "high"))
        )
        return low, high


def macro_line(macro: Macro) -> Text:
    """Return one sentence: the newest value with what it is of, and how it has moved over a year."""
    level, (window, words) = macro.level(), macro.windows[-1]
    if not level.number.is_known:
        return say(sentences([level.number.reason]))
    last = ", the last value stored" if macro.view.is_stale else ""
    moved = macro.change(window)
    how = ""
    if isinstance(moved.number.value, float):
        size = moved.text.lstrip("+−")
        word = "up" if moved.number.value > 0 else "down"
        how = f"; {word} {size} in {words}" if any(c in size for c in "123456789") else f"; unchanged over {words}"
    return (bare(level), Plain(f" ({macro.last}{last}){how}."))


def macro_table(macro: Macro) -> Table:
    """Return the table of the newest value, its changes and its range.

    All of it is of one day, which stands on top; the first line of the note says if data end early.
    """
    rows: list[tuple[Text, ...]] = [(say("Latest"), (replace(macro.level(), silent=True),))]
    rows += [(say(f"Change over {words}"), (bare(macro.change(window)),)) for window, words in macro.windows]
    low, high = map(bare, macro.extremes())
    rows.append((say("Range, 1 year"), (low, Plain(" – "), high) if low.number.is_known else (low,)))
    return Table(head("Level", macro.last, right=[1]), tuple(rows))


def macro_data(macro: Macro, lag_days: int) -> Text:
    """Return what is stored, how often there is a value, and how late it is known.

    Args:
        macro: The series.
        lag_days: Days from the date of a value to its publication.
    """
    view = macro.view
    often = _OFTEN.get(view.period_days, "irregular")
    stretch = f"{often} values from {period_in_words(view.of_first, view.period_days)}"
    late = f"each is known {plural(lag_days, 'day')} after its date" if lag_days else ""
    known = f"The newest was published on {day_in_words(view.last)}" if view.observed is not None and lag_days else ""
    return say(sentences([stretch, late, known, *view.notes, held(macro.key, macro.context)]))
