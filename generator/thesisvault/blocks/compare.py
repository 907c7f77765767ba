"""The kind `compare`: theses side by side, one column each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

from pydantic import Field, Tag, model_validator

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context, Definition
from thesisvault.blocks.core.exits import exit_text, nearest_exit
from thesisvault.blocks.core.filled import NOT_STATED, Filled, Table, captioned, head, say, small_lines
from thesisvault.blocks.core.sides import side_text
from thesisvault.blocks.core.theses import Theses, short_title
from thesisvault.errors import did_you_mean
from thesisvault.fields import HIGHEST_CONVICTION, MOST_COLUMNS, Name, Prose
from thesisvault.language.text import Figure, Mention, Text
from thesisvault.model import BY_SHAPE, PartError
from thesisvault.scalars import SINCE_OPENED
from thesisvault.structs import replace
from thesisvault.words import short_day, unbroken

Row = Annotated[Annotated[Name, Tag("text")] | Annotated[dict[Name, Prose], Tag("mapping")], BY_SHAPE]

_SIDE_BY_SIDE = 4
_POINTS = ("since_opened", "spread")
"""Rows whose figures are all in points."""
_FIGURES = (*_POINTS, "age", "exit", "sell_return", "buy_return", "conviction")
"""Rows that are short enough for a column of theirs, and flush right."""


@register("compare")
class CompareBlock(BlockModel):
    """A table with one column per thesis."""

    of: Theses
    """Ids of theses."""
    rows: Annotated[tuple[Row, ...], Field(max_length=MOST_COLUMNS)] = ("since_opened", "spread", "age")
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
        """Return the table: a row per thesis, or a column per thesis where few are compared in words."""
        owners = [context.library.definitions[each] for each in self.of]
        contexts = [context.for_definition(owner) for owner in owners]
        upright = len(owners) <= _SIDE_BY_SIDE and not all(row in _FIGURES for row in self.rows if isinstance(row, str))
        upright = upright or (len(owners) <= _SIDE_BY_SIDE and any(not isinstance(row, str) for row in self.rows))
        found: list[tuple[Text, tuple[Text, ...]]] = []
        for row in self.rows:
            if isinstance(row, str):
                label, make = ROWS[row]
                if row == "spread" and not upright:
                    label = _window_of_all(contexts) or label
                cells = tuple(make(owner, own) for owner, own in zip(owners, contexts, strict=True))
                found.append((say(label), cells if upright or row not in _POINTS else tuple(map(_bare, cells))))
            else:
                label, source = next(iter(row.items()))
                of = [own.where(**{SINCE_OPENED: own.scope.names.get(SINCE_OPENED, "")}) for own in contexts]
                found.append((say(label), tuple(own.text(source) for own in of)))
        if upright:
            columns = head("Point", *((Mention(o.model.title, title=True),) for o in owners))
            table = Table(columns, tuple((label, *cells) for label, cells in found))
            return Filled("compare", {"table": table}, lines=small_lines(table.rows))
        rows = tuple(
            ((Mention(o.model.title, short_title(o.model), title=True),), *(cells[i] for _, cells in found))
            for i, o in enumerate(owners)
        )
        first = "Rotation" if all(o.model.sell and o.model.buy for o in owners) else "Thesis"
        right = [n for n, row in enumerate(self.rows, 1) if row in _FIGURES]
        table = Table(head(first, *(label for label, _ in found), right=right), rows)
        lines = small_lines(rows)
        said = ["Long minus short, pp."] if any(row in _POINTS for row in self.rows) else []
        said += ["Exit in: usual daily moves."] if "exit" in self.rows else []
        lines = captioned(" ".join(said), lines) if said else lines
        return Filled("compare", {"table": table}, lines=lines)


def _window_of_all(contexts: Sequence[Context]) -> str:
    """Return the main window of several theses as the head of a column; empty if they have different ones."""
    labels = {context.main_window.head(context.as_of) for context in contexts}
    return labels.pop() if len(labels) == 1 else ""


def _bare(cell: Text) -> Text:
    """Return a cell without the unit of its figure, which the line below the table gives."""
    return tuple(replace(p, text=p.text.removesuffix("pp")) if isinstance(p, Figure) else p for p in cell)


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


def _since_opened(owner: Definition, context: Context) -> Text:
    names = owner.names
    if "buy" not in names or "sell" not in names or context.life is None:
        return say(NOT_STATED)
    if owner.model.opened >= context.as_of:
        return say("new")
    return (context.call("spread", names["buy"], names["sell"], context.life.text),)


def _age(owner: Definition, context: Context) -> Text:
    opened = owner.model.opened
    if not opened:
        return say(NOT_STATED)
    days = (context.as_of - opened).days
    return say(f"{days}d" if days >= 0 else f"opens {unbroken(short_day(opened, context.as_of))}")


def _exit(owner: Definition, context: Context) -> Text:
    """Return the usual daily moves to the nearest exit signal."""
    nearest = nearest_exit(owner, context)
    return (nearest.moves,) if nearest and nearest.moves else say(NOT_STATED)


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
    "since_opened": ("Since opened", _since_opened),
    "sell": ("Short", _side("sell")),
    "buy": ("Long", _side("buy")),
    "sell_return": ("Short side", _side_return("sell")),
    "buy_return": ("Long side", _side_return("buy")),
    "spread": ("Spread", _spread),
    "window": ("Window", lambda _, context: say(context.main_window.label)),
    "kill": ("Nearest exit", exit_text),
    "exit": ("Exit in", _exit),
    "verdict": ("Verdict", _text("verdict")),
    "summary": ("Summary", _text("summary")),
    "note": ("Note", lambda owner, _: (Mention(owner.model.title, title=True),)),
}
