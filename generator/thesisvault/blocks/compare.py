"""The kind `compare`: theses side by side, one column each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

from pydantic import Field, Tag, model_validator

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context, Definition
from thesisvault.blocks.core.filled import NOT_STATED, Filled, Table, head, say, small_lines
from thesisvault.blocks.core.sides import side_text
from thesisvault.blocks.core.signals import kill_text
from thesisvault.blocks.core.theses import Theses
from thesisvault.errors import did_you_mean
from thesisvault.fields import HIGHEST_CONVICTION, MOST_COLUMNS, Name, Prose
from thesisvault.language.text import Mention, Text
from thesisvault.model import BY_SHAPE, PartError
from thesisvault.scalars import SINCE_OPENED
from thesisvault.words import plural

Row = Annotated[Annotated[Name, Tag("text")] | Annotated[dict[Name, Prose], Tag("mapping")], BY_SHAPE]

_SIDE_BY_SIDE = 4


@register("compare")
class CompareBlock(BlockModel):
    """A table with one column per thesis."""

    of: Theses
    """Ids of theses."""
    rows: Annotated[tuple[Row, ...], Field(max_length=MOST_COLUMNS)] = ("sell", "buy", "spread", "age", "kill")
    """Known rows, or `{Label: text}` whose expressions see each column's buy, sell, benchmark and over,
    and the day on which it was opened; `since opened` is n/a in the column of one that does not say."""

    @model_validator(mode="after")
    def _known_rows(self) -> CompareBlock:
        for nth, row in enumerate(self.rows):
            if isinstance(row, str) and row not in ROWS:
                problem = f'unknown row "{row}"; known rows are {", ".join(ROWS)}. {did_you_mean(row, ROWS)}'
                raise PartError(problem.rstrip(), "rows", nth)
            if not isinstance(row, str) and len(row) != 1:
                raise PartError("a row of your own is one label with its text", "rows", nth)
        return self

    def definitions(self) -> Iterator[str]:
        """Yield the theses that are compared."""
        yield from self.of

    def fill(self, context: Context) -> Filled:
        """Return the table: one column per thesis, or one row per thesis where there are many."""
        owners = [context.library.definitions[each] for each in self.of]
        contexts = [context.for_definition(owner) for owner in owners]
        rows = []
        for row in self.rows:
            if isinstance(row, str):
                label, make = ROWS[row]
                cells = [make(owner, own) for owner, own in zip(owners, contexts, strict=True)]
            else:
                label, source = next(iter(row.items()))
                cells = [
                    own.where(**{SINCE_OPENED: own.scope.names.get(SINCE_OPENED, "")}).text(source) for own in contexts
                ]
            rows.append((say(label, strong=True), *cells))
        if len(owners) > _SIDE_BY_SIDE:
            table = Table(
                head("Thesis", *(row[0] for row in rows)),
                tuple(
                    ((Mention(o.model.title, title=True),), *(row[i + 1] for row in rows)) for i, o in enumerate(owners)
                ),
            )
        else:
            table = Table(head("", *((Mention(o.model.title, title=True),) for o in owners)), tuple(rows))
        return Filled("compare", {"table": table}, lines=small_lines(rows))


def _side(word: str) -> Callable[[Definition, Context], Text]:
    def cell(owner: Definition, context: Context) -> Text:
        name = owner.names.get(word)
        return side_text(name, owner.side_name(word), context) if name else say(NOT_STATED)

    return cell


def _side_return(word: str) -> Callable[[Definition, Context], Text]:
    def cell(owner: Definition, context: Context) -> Text:
        name = owner.names.get(word)
        return (context.call("ret", name, context.main_window.text),) if name else say(NOT_STATED)

    return cell


def _spread(owner: Definition, context: Context) -> Text:
    names = owner.names
    if "buy" not in names or "sell" not in names:
        return say(NOT_STATED)
    return (context.call("spread", names["buy"], names["sell"], context.main_window.text),)


def _age(owner: Definition, context: Context) -> Text:
    if not owner.model.opened:
        return say(NOT_STATED)
    days = (context.as_of - owner.model.opened).days
    return say(plural(days, "day") if days >= 0 else f"opens {owner.model.opened}")


def _text(attribute: str) -> Callable[[Definition, Context], Text]:
    def cell(owner: Definition, context: Context) -> Text:
        source = getattr(owner.model, attribute)
        return context.text(source) if source else say(NOT_STATED)

    return cell


ROWS: dict[str, tuple[str, Callable[[Definition, Context], Text]]] = {
    "status": ("Status", lambda owner, _: say(owner.model.status)),
    "conviction": (
        "Conviction",
        lambda owner, _: say(
            f"{owner.model.conviction} of {HIGHEST_CONVICTION}" if owner.model.conviction else NOT_STATED
        ),
    ),
    "age": ("Age", _age),
    "sell": ("Sell", _side("sell")),
    "buy": ("Buy", _side("buy")),
    "sell_return": ("Sold side", _side_return("sell")),
    "buy_return": ("Bought side", _side_return("buy")),
    "spread": ("Spread", _spread),
    "window": ("Window", lambda _, context: say(context.main_window.label)),
    "kill": ("To the kill line", kill_text),
    "verdict": ("Verdict", _text("verdict")),
    "summary": ("Summary", _text("summary")),
    "note": ("Note", lambda owner, _: (Mention(owner.model.title, title=True),)),
}
