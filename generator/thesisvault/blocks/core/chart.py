"""What all kinds of charts share: the registry, the base of their models, and how a chart is asked for.

A chart is written as one mapping, such as `{pair: [buy, sell], over: 90d}`. The one key that names a kind chooses the
model before anything is validated, so that a misspelt key gives one finding. The models live in `chart_kinds`, one
file per kind; each registers itself when its module is imported.
"""

from __future__ import annotations

import datetime as dt
import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from thesisvault.blocks.core.block import BlockModel
from thesisvault.blocks.core.chart_words import names_on
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, say
from thesisvault.blocks.core.levels import Levels, Unavailable, begins, early_notes, note_line
from thesisvault.charts import specs
from thesisvault.charts.fonts import can_write
from thesisvault.errors import nearest
from thesisvault.fields import Day, Name, Prose, WindowText, Word
from thesisvault.language.text import Text, words_of
from thesisvault.model import Model, PartError
from thesisvault.offers import JsonSchema
from thesisvault.scalars import Window

CHARTS: dict[str, type[ChartModel]] = {}
C = TypeVar("C", bound="type[ChartModel]")
_NAMED_ONE_BY_ONE = 3


class ChartModel(BlockModel):
    """One chart; its single kind key says which, and each kind has its own keys.

    A subclass that can draw is the model of one kind. A field of an abstract type, such as this one, takes any kind.
    """

    kind: ClassVar[str]
    title: Name | None = None
    """The finding in a sentence; left out, one is made of names and figures."""
    caption: Prose | None = None
    """Words below the chart."""
    name: Word | None = None
    """A name for the image file, if the default is not wanted."""

    # What a kind provides ---------------------------------------------------------------------------------------

    @abstractmethod
    def spec(self, context: Context) -> specs.Chart:
        """Return what is drawn.

        Raises:
            Unavailable: It cannot be drawn from the stored data.
        """

    def notes(self, context: Context) -> Iterable[str]:  # noqa: ARG002 - for kinds that know more
        """Return what a reader must know of the early history that is shown."""
        return ()

    # What all kinds do ------------------------------------------------------------------------------------------

    @property
    def subject(self) -> str | tuple[str, ...]:
        """What stands under the kind key."""
        subject: str | tuple[str, ...] = getattr(self, self.kind)
        return subject

    def series(self) -> Iterator[str]:
        """Yield the names of series in the chart."""
        yield from (self.subject,) if isinstance(self.subject, str) else self.subject

    def fill(self, context: Context) -> Filled:
        """Return the chart, or the reason why there is none."""
        found = self.request(context)
        if isinstance(found, str):
            return Filled("chart", {"chart": None}, lines=(missing_line(found),))
        return Filled("chart", {"chart": found}, charts=(found,), lines=note_line(self.notes(context)))

    def request(self, context: Context) -> ChartRequest | str:
        """Return the request for the chart, or the reason why there is none."""
        try:
            spec = self.spec(context)
        except Unavailable as problem:
            return str(problem)
        caption = context.text(self.caption) if self.caption else ()
        return request(context, spec, self.recipe(context), self.slug(context), caption)

    def recipe(self, context: Context) -> dict[str, Any]:
        """Return from what the chart is drawn: its fields as written, and what its names stand for here."""
        names = {name: context.resolve(name) for name in self.series() if context.resolve(name) != name}
        written = {
            key: _as_written(value)
            for key, field in type(self).model_fields.items()
            if (value := getattr(self, key)) not in (None, (), "") and value != field.default
        }
        return {"chart": written, **({"names": names} if names else {})}

    def slug(self, context: Context) -> str:
        """Return what the image file is called behind `chart-` and the note's id."""
        return self.name or file_words("-".join(self.slug_words(context)))

    def slug_words(self, context: Context) -> list[str]:
        """Return kind and names of the chart, as words of its file name; many names are left out."""
        names = [self.subject] if isinstance(self.subject, str) else self.subject
        if len(names) > _NAMED_ONE_BY_ONE:
            return [self.kind]
        return [self.kind, *(context.resolve(name).removeprefix(f"{context.owner}:") for name in names)]

    def finding(self, context: Context, default: str) -> str:
        """Return the title as plain words; the default if none was written, or in letters that no font here has."""
        return _written(self.title, context) or default

    # How a kind is chosen ---------------------------------------------------------------------------------------

    @classmethod
    def is_kind(cls) -> bool:
        """Return whether this is the model of one kind, not a base of several."""
        return not getattr(cls.spec, "__isabstractmethod__", False)

    @classmethod
    def kinds(cls) -> dict[str, type[ChartModel]]:
        """Return the kinds that a field of this type takes, by key."""
        return {kind: model for kind, model in CHARTS.items() if issubclass(model, cls)}

    @classmethod
    def choose(cls, data: Any, info: ValidationInfo) -> ChartModel:
        """Return the chart that a mapping stands for.

        Raises:
            PydanticCustomError: It is not a mapping, or the key that should name its kind is misspelt.
            ValueError: It names no kind, or several.
        """
        if isinstance(data, cls):
            return data
        if not isinstance(data, dict):
            raise PydanticCustomError("dict_type", "expected a mapping")
        kinds = cls.kinds()
        given = [kind for kind in kinds if kind in data]
        if len(given) == 1:
            return kinds[given[0]].model_validate(data, context=info.context)
        unknown = [str(key) for key in data if key not in cls.allowed_keys()]
        if unknown and not given:
            word = next((word for word in unknown if nearest(word, kinds)), unknown[0])
            context = {"noun": "chart", "known": list(kinds), "word": word}
            raise PydanticCustomError("one_key_unknown", "expected a known kind", context)
        raise ValueError(f"a chart is one of {', '.join(kinds)}; found {' and '.join(given) or 'none'}")

    @classmethod
    def allowed_keys(cls) -> list[str]:
        """Return the keys that may be written: the kind, its own keys, those of all charts."""
        if not cls.is_kind():
            return list(dict.fromkeys(key for model in cls.kinds().values() for key in model.allowed_keys()))
        return sorted(super().allowed_keys(), key=lambda key: (key != cls.kind, key in ChartModel.model_fields))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of a kind, or one that chooses among the kinds when it validates."""
        if cls.is_kind():
            return handler(source)
        return core_schema.with_info_plain_validator_function(cls.choose, ref=f"{cls.__module__}.{cls.__qualname__}")

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        """Return the JSON Schema of a kind, or one of all kinds, in which a kind's key rules what else may stand."""
        if cls.is_kind():
            return super().__get_pydantic_json_schema__(schema, handler)
        # Wrapped, because a bare schema would be handled without the functions of its own model.
        bodies = {
            kind: handler.resolve_ref_schema(
                handler(core_schema.definitions_schema(model.__pydantic_core_schema__, []))
            )
            for kind, model in cls.kinds().items()
        }
        return _of_all_kinds(bodies)


def _of_all_kinds(bodies: Mapping[str, JsonSchema]) -> JsonSchema:
    """Return one JSON Schema for charts of several kinds.

    Its properties are those of all kinds, because editors offer no keys of alternatives that are still open. The key
    of a kind refuses those of the others, requires what the kind needs, and says what a key means with it.

    Args:
        bodies: The JSON Schema of each kind by its key.
    """
    properties: JsonSchema = {}
    for body in bodies.values():
        for name, schema in body["properties"].items():
            properties.setdefault(name, schema)
    meanings = {
        name: [b["properties"][name] for b in bodies.values() if name in b["properties"]] for name in properties
    }
    open_ = {name for name, found in meanings.items() if any(each != found[0] for each in found)}
    for name in open_:
        properties[name] = {"anyOf": [each for i, each in enumerate(meanings[name]) if each not in meanings[name][:i]]}
    rules = {}
    for kind, body in bodies.items():
        own = body["properties"]
        others = {name: False for name in properties if name in bodies and name != kind and name not in own}
        foreign = {name: False for name in properties if name not in own and name not in bodies}
        rules[kind] = {
            "required": [name for name in body["required"] if name != kind],
            "properties": {name: own[name] for name in sorted(open_) if name in own},
            "allOf": [
                {"errorMessage": f"a chart has one kind; found {kind} as well", "properties": others},
                {"errorMessage": f"a chart of the kind {kind} has no such key", "properties": foreign},
            ],
        }
    named = ", ".join(bodies)
    first = [name for name in properties if name in bodies]
    return {
        "type": "object",
        "title": "Chart",
        "description": "One chart; a single key says its kind.",
        "properties": {name: properties[name] for name in [*first, *(n for n in properties if n not in first)]},
        "additionalProperties": False,
        "anyOf": [{"required": [kind], "errorMessage": f"a chart is one of {named}"} for kind in bodies],
        "dependentSchemas": rules,
    }


def chart_kind(kind: str) -> Callable[[C], C]:
    """Return a decorator that puts the model of a kind of chart into the registry."""

    def put(model: C) -> C:
        model.kind = kind
        CHARTS[kind] = model
        return model

    return put


# Fields of several kinds --------------------------------------------------------------------------------------------


class Mark(Model):
    """A day that a chart marks."""

    on: Day
    """The day."""
    label: Name
    """What happened, in a word or two."""


Marks = Annotated[tuple[Mark, ...], Field(max_length=specs.MARKS_MOST)]


class Headline(Model):
    """The finding of a chart for either sign of what it shows."""

    positive: Name
    """The finding where the first name is ahead, or the ratio or share above its level."""
    negative: Name
    """The finding where it is behind or below."""


class WindowChart(ChartModel):
    """Base of the charts over a window."""

    over: WindowText | None = None
    """The window; left out, the definition's own."""

    def window(self, context: Context) -> Window:
        """Return the window over which the chart is drawn."""
        return context.window(self.over) if self.over else context.main_window

    def slug_words(self, context: Context) -> list[str]:
        """Return the words of the file name, with the window if it was written."""
        return [*super().slug_words(context), *([self.over.text] if self.over else [])]

    def notes(self, context: Context) -> Iterable[str]:
        """Return what a reader must know of the history from the window's first session on."""
        names = self.members(context)
        return early_notes(names, begins(names, self.window(context), context, self.lookback), context)

    def members(self, context: Context) -> list[str]:
        """Return the series that are shown."""
        return [context.resolve(name) for name in self.series()]

    @property
    def lookback(self) -> int:
        """How many sessions before the window its first value rests on."""
        return 0


class SignedChart(WindowChart):
    """Base of the charts that show something of either sign, such as a spread."""

    headline: Headline | None = None
    """The finding for either sign, in place of a title; a chart that is even has the default."""

    @model_validator(mode="after")
    def _one_finding(self) -> SignedChart:
        if self.title and self.headline:
            raise PartError("title and headline both say the finding; keep one of them", "headline")
        return self

    def found(self, context: Context, number: float, default: str) -> str:
        """Return the title, or the headline for the sign of a number; the default if there is none, or no sign."""
        if not self.headline or number == 0:
            return self.finding(context, default)
        return _written(self.headline.positive if number > 0 else self.headline.negative, context) or default


def _written(text: str | None, context: Context) -> str:
    """Return a text as plain words; nothing if there is none, or one in letters that no font here has."""
    words = words_of(context.text(text)) if text else ""
    return words if can_write(words) else ""


# Requests -----------------------------------------------------------------------------------------------------------


def request(
    context: Context, spec: specs.Chart, recipe: Mapping[str, Any], slug: str, caption: Text = ()
) -> ChartRequest:
    """Return a chart with a file name that is its own in this note, and its recipe.

    Args:
        context: Where it stands.
        spec: What is drawn.
        recipe: From what: a plain mapping that says all that a person wrote.
        slug: What its file is called behind `chart-` and the note's id.
        caption: Words below it.
    """
    day = _last_day(spec, context.as_of)
    dated = {"as_of": day.isoformat()} if day else {}
    written = json.dumps({"note": context.owner, **dated, **recipe}, ensure_ascii=False, sort_keys=True)
    file = f"chart-{file_words(context.owner)}-{slug}"
    name, number = file, 1
    while context.taken.get(name, written) != written:
        number += 1
        name = f"{file}-{number}"
    context.taken[name] = written
    return ChartRequest(f"{name}.png", spec, written, day, caption)


def _last_day(spec: specs.Chart, as_of: dt.date) -> dt.date | None:
    """Return the last day of the data of a chart, which a later build leaves as it is unless they go on.

    Bars by period and correlations do not say their days, and stand on the day of the build.
    """
    if isinstance(spec, specs.FlowBarsChart):
        return None
    days = [line.last for line in specs.lines_in(spec) if len(line)]
    return min(as_of, max(days)) if days else as_of


def missing_line(reason: str) -> Text:
    """Return the small line that stands in place of a chart that cannot be drawn."""
    return say(f"Chart n/a: {reason}.", emphasis=True)


def file_words(text: str) -> str:
    """Return a text as part of a file name: lower-case letters, digits and single dashes.

    >>> file_words("since 2025-10-29: ^GSPC")
    'since-2025-10-29-gspc'
    """
    words = "".join(c.lower() if c.isascii() and c.isalnum() else "-" for c in text)
    return "-".join(filter(None, words.split("-")))[:80]


def _as_written(value: Any) -> Any:
    if isinstance(value, Window):
        return value.text
    if isinstance(value, tuple):
        return [_as_written(each) for each in value]
    if isinstance(value, Model):
        return {key: _as_written(getattr(value, key)) for key in type(value).model_fields}
    return value if isinstance(value, int | str | bool) else str(value)


# What specifications are made of ------------------------------------------------------------------------------------


def lines_of(names: Sequence[str], shown: Levels, context: Context, pair: bool = False) -> tuple[specs.Line, ...]:
    """Return levels as lines with their names; among several the market is context."""
    market = context.resolve("benchmark")
    sides: list[specs.Side] = ["buy", "sell"] if pair else []
    if not pair:
        sides = ["context" if len(names) > 2 and context.resolve(name) == market else "" for name in names]
    named = zip(names, names_on(names, context), sides, strict=True)
    return tuple(specs.Line(words, shown.drawn(name), side) for name, words, side in named)


def marked(marks: Sequence[Mark]) -> tuple[specs.Mark, ...]:
    """Return marks as a specification holds them."""
    return tuple(specs.Mark(mark.on, mark.label) for mark in marks)
