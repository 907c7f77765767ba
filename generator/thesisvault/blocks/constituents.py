"""The kind `constituents`: the members of a basket with weights, returns and what each contributed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, Table, captioned, head, say, small_lines
from thesisvault.fields import Ticker, Windows
from thesisvault.language.formats import formatted
from thesisvault.language.text import Figure, Mention, Text
from thesisvault.market.records import major
from thesisvault.scalars import parse_window
from thesisvault.structs import replace

_MOST_ROWS = 15
_SHOWN_OF_MANY = 12
_SMALL = 0.005
"""A weight below it is zero in whole percent."""


@register("constituents")
class ConstituentsBlock(BlockModel):
    """A table of a basket's members, the heaviest first: weight, returns, and points over the last window."""

    of: Ticker
    """The id of a basket."""
    over: Windows = (parse_window("1d"), parse_window("ytd"))
    """Windows, one column each; what each member contributed is of the last."""

    def fill(self, context: Context) -> Filled:
        """Return the table of members, the basket itself last."""
        name = context.resolve(self.of)
        basket = context.scope.market.baskets.get(name)
        if basket is None:
            return self._of_one(name, context)
        last = self.over[-1]
        weights = {m: context.call("weight", name, m) for m in basket.tickers}
        given = {m: context.call("contribution", name, m, last.text) for m in basket.tickers}
        members = [m for m in basket.tickers if not (_is_zero(weights[m]) and _is_zero(given[m]))]
        gone = [m for m in basket.tickers if m not in members]
        members.sort(key=lambda m: -_value(weights[m]))
        shown = members if len(members) <= _MOST_ROWS else members[:_SHOWN_OF_MANY]
        # Whole percent are enough, unless one would show as nothing.
        digits = 1 if any(0 < _value(weights[m]) < _SMALL for m in shown) else 0
        rows: list[tuple[Text, ...]] = [
            (
                (Mention(m, context.label(m)),),
                (_weight(weights[m], digits),),
                *((context.call("ret", m, w.text),) for w in self.over),
                (_bare(given[m]),),
            )
            for m in shown
        ]
        if len(shown) < len(members):
            rows.append(self._others(name, shown, len(members), context))
        rows.append(
            (
                (Mention(name, context.label(name), strong=True),),
                say("100%" if any(each.number.is_known for each in weights.values()) else "–"),
                *((context.call("ret", name, w.text),) for w in self.over),
                (_bare(context.figure(f"ret('{name}', '{last.text}') | pp")),),
            )
        )
        titles = ("Member", "Weight", *(w.head(context.as_of) for w in self.over), "Points")
        of = "" if len(self.over) == 1 else f", {last.label}"
        lines = captioned(f"Points: contribution to the basket's return{of}, pp.", small_lines(rows))
        lines = (*lines, *_in_own_currency(shown, basket.currency, context))
        if gone:
            lines = (*lines, say(f"Not held over {last.label}: {', '.join(gone)}.", emphasis=True))
        table = Table(head(*titles, right=range(1, len(titles))), tuple(rows))
        return Filled("constituents", {"table": table, "count": say(str(len(members)))}, lines=lines)

    def _others(self, name: str, shown: Sequence[str], count: int, context: Context) -> tuple[Text, ...]:
        """Return the row of those that are not shown one by one."""
        weight = " - ".join(["1", *(f"weight('{name}', '{m}')" for m in shown)])
        last = self.over[-1].text
        given = " - ".join([f"ret('{name}', '{last}')", *(f"contribution('{name}', '{m}', '{last}')" for m in shown)])
        rest = (context.figure(f"({weight}) | share(0)"),), (_bare(context.figure(f"({given}) | pp")),)
        return say(f"{count - len(shown)} others"), rest[0], *(say("–") for _ in self.over), rest[1]

    def _of_one(self, name: str, context: Context) -> Filled:
        """Return the table of a name that is not a basket: its own returns."""
        row: tuple[Text, ...] = (
            (Mention(name, context.label(name)),),
            *((context.call("ret", name, w.text),) for w in self.over),
        )
        titles = [w.head(context.as_of) for w in self.over]
        table = Table(head("Return", *titles, right=range(1, len(titles) + 1)), (row,))
        return Filled("constituents", {"table": table, "count": say("1")}, lines=small_lines([row]))

    def series(self) -> Iterator[str]:
        """Yield the basket."""
        yield self.of


def _in_own_currency(members: Sequence[str], currency: str, context: Context) -> tuple[Text, ...]:
    """Return the line that says whose returns are not in the currency of their weight and contribution."""
    views = {member: context.series(member) for member in members}
    own = [m for m, v in views.items() if not isinstance(v, str) and v.basis != "value" and v.currency]
    foreign = [m for m in own if major(views[m].currency) != major(currency)]  # type: ignore[union-attr]
    if not foreign:
        return ()
    words = f"Returns of {', '.join(foreign)} are in their own currency, weights and contributions in {currency}."
    return (say(words, emphasis=True),)


def _weight(figure: Figure, digits: int) -> Figure:
    """Return a weight in so many digits."""
    return replace(figure, text=formatted(figure.number, "share", (digits,))) if figure.number.is_known else figure


def _bare(figure: Figure) -> Figure:
    """Return a figure in points without its unit, which the line below the table gives."""
    return replace(figure, text=figure.text.removesuffix("pp"))


def _value(figure: Figure) -> float:
    value = figure.number.value
    return value if isinstance(value, float) else -1.0


def _is_zero(figure: Figure) -> bool:
    return figure.number.value == 0.0
