"""The kind `breadth`: how many members of a universe take part, and what kind of day it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from thesisvault.analytics import across
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, Table, captioned, head, say, small_lines
from thesisvault.fields import SeriesName, Share, Truth, Windows, Word
from thesisvault.language.formats import share
from thesisvault.language.text import Mention, Plain, Text
from thesisvault.offers import Offers
from thesisvault.scalars import parse_window
from thesisvault.structs import replace
from thesisvault.words import day_in_words, short_day
from thesisvault.written import like

_HALF = "half" if across.MOST == 0.5 else share(across.MOST)
_THRESHOLDS = f"A {across.ROTATION}: the index falls, more than {_HALF} of its members rise."
_FALLING = (across.ROTATION, across.BROAD_SELL_OFF)
_SESSIONS = 250


@register("breadth")
class BreadthBlock(BlockModel):
    """Participation over several windows, the class of the day, and how often such days come."""

    universe: Annotated[Word, Offers("universes")]
    """The id of a universe."""
    index: SeriesName | None = None
    """The index of the day's class; left out, the benchmark."""
    against: SeriesName | None = None
    """What members are measured against; left out, the benchmark."""
    over: Windows = (parse_window("1d"), parse_window("ytd"))
    """Windows, one column each."""
    moved: Share = 0.2
    """A move that counts as large, over the last of the windows."""
    base_rate: Truth = True
    """Whether a sentence says on how many of the recent down days most members rose."""

    def series(self) -> Iterator[str]:
        """Yield index and yardstick."""
        yield from filter(None, (self.index, self.against))

    def universes(self) -> Iterator[str]:
        """Yield the universe."""
        yield self.universe

    def fill(self, context: Context) -> Filled:
        """Return the table of participation with sentences on large moves and on the day."""
        universe = self.universe
        yardstick = context.resolve(self.against or "benchmark")
        index = context.resolve(self.index) if self.index else yardstick
        measures = (
            ("Up", "breadth(ret('{u}', '{w}') > 0) | share"),
            (
                f"Ahead of {context.label(yardstick)}",
                f"breadth(ret('{{u}}', '{{w}}') > ret('{yardstick}', '{{w}}')) | share",
            ),
            ("Median return", "median(ret('{u}', '{w}')) | pct"),
            ("Dispersion", "dispersion('{u}', '{w}') | share(1)"),
        )
        rows: list[tuple[Text, ...]] = []
        for label, source in measures:
            rows.append((say(label), *((context.figure(source.format(u=universe, w=w.text)),) for w in self.over)))
        rows.append(
            (
                (Mention(yardstick, context.label(yardstick)),),
                *((context.call("ret", yardstick, w.text),) for w in self.over),
            )
        )
        titles = [w.head(context.as_of) for w in self.over]
        table = Table(head("Members", *titles, right=range(1, len(titles) + 1)), tuple(rows))
        parts: dict[str, object] = {
            "table": table,
            "day": self._day(context, index),
            "base_rate": self._base_rate(context, index) if self.base_rate else (),
            "large": self._large(context),
        }
        return Filled("breadth", parts, lines=captioned(_THRESHOLDS, small_lines(rows)))

    def _day(self, context: Context, index: str) -> Text:
        kind = context.figure(f"session_kind('{self.universe}', '{index}')")
        up = context.figure(f"breadth(ret('{self.universe}', '1d') > 0) | share")
        if not kind.number.is_known:
            return (Plain(f"The kind of day on {day_in_words(context.as_of)} is not known: "), kind)
        day = short_day(kind.number.on, context.as_of) if kind.number.on else str(context.as_of)
        strong = replace(kind, text=f"a {kind.text}", strong=True)
        return (
            Plain(f"{day} was "),
            strong,
            Plain(f": the index ({context.label(index)}) "),
            context.figure(f"ret('{index}', '1d') | rose"),
            Plain(" and "),
            up,
            Plain(" of members rose."),
        )

    def _base_rate(self, context: Context, index: str) -> Text:
        value = context.value(like(self.universe, f"session_kind('{self.universe}', '{index}')"))
        recent = [kind for kind in value.whole()[-_SESSIONS:].tolist() if isinstance(kind, str)]
        rotations, falls = recent.count(across.ROTATION), sum(kind in _FALLING for kind in recent)
        if not falls:
            return ()
        part = share(rotations / falls)
        return say(f"Most members rose on {part} of the index's {falls} down days in {len(recent)} sessions.")

    def _large(self, context: Context) -> Text:
        window = self.over[-1]
        moved = f"ret('{self.universe}', '{window.text}')"
        size = share(self.moved)
        part = context.figure(f"breadth(abs({moved}) >= {self.moved}) | share")
        up = context.figure(f"count({moved} >= {self.moved}) | int")
        down = context.figure(f"count({moved} <= -{self.moved}) | int")
        words: list[Any] = [
            part,
            Plain(f" of members moved {size} or more ({window.head(context.as_of)}): "),
            up,
            Plain(" up, "),
            down,
            Plain(" down."),
        ]
        return tuple(words)
