"""The kinds `chart` and `charts`: pictures drawn from stored prices, each with its recipe."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import Tag, model_validator

from thesisvault.analytics import relative, risk, rotation
from thesisvault.analytics.windows import spans
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, say
from thesisvault.charts import specs
from thesisvault.fields import BY_SHAPE, Day, Expr, Integer, Model, Name, Prose, SeriesName, Ticker, WindowText, Word
from thesisvault.language.text import Text, words_of
from thesisvault.scalars import Window, parse_window

KINDS = ("pair", "lines", "ratio", "drawdown", "annual", "breadth", "correlation", "rotation")
_MOST_LINES = 8


class Mark(Model):
    """A day that a chart marks."""

    on: Day
    """The day."""
    label: Name
    """What happened, in a word or two."""


Names = Annotated[
    Annotated[Ticker, Tag("text")] | Annotated[tuple[SeriesName, ...], Tag("list")],
    BY_SHAPE,
]


class ChartFields(Model):
    """One picture; exactly one of its kinds is named."""

    pair: tuple[SeriesName, SeriesName] | None = None
    """Two lines, the side that is bought first; the gap between them is tinted."""
    lines: tuple[SeriesName, ...] | None = None
    """Two to eight lines, set to zero at the start."""
    ratio: tuple[SeriesName, SeriesName] | None = None
    """One total-return index divided by another, with a moving average."""
    drawdown: tuple[SeriesName, ...] | None = None
    """Falls from the peak."""
    annual: tuple[SeriesName, ...] | None = None
    """Bars of calendar years; `years` says which."""
    breadth: Expr | None = None
    """A condition over a universe; the share for which it holds, as an area."""
    correlation: Names | None = None
    """A basket, or a list of names: correlations of daily returns as a heat map."""
    rotation: tuple[SeriesName, ...] | None = None
    """The relative-rotation picture of several names."""
    over: WindowText | None = None
    """The window; left out, the definition's own."""
    title: Name | None = None
    """The message in words."""
    caption: Prose | None = None
    """Words below the picture."""
    marks: tuple[Mark, ...] = ()
    """Days to mark."""
    name: Word | None = None
    """A name for the image file, if the default is not wanted."""
    average: Integer = 200
    """Sessions of the moving average of a ratio."""
    against: SeriesName | None = None
    """What a rotation picture measures against; left out, the benchmark."""
    weeks: Integer = 8
    """Length of the tails of a rotation picture."""
    years: tuple[WindowText, ...] = ()
    """Years of the bars."""

    @model_validator(mode="after")
    def _one_kind(self) -> ChartFields:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"a chart is one of {', '.join(KINDS)}; found {found}")
        if self.lines is not None and not 2 <= len(self.lines) <= _MOST_LINES:
            raise ValueError(f"lines takes two to eight names, found {len(self.lines)}")
        if self.pair is not None and self.pair[0] == self.pair[1]:
            raise ValueError(f"a pair of {self.pair[0]} with itself shows nothing")
        if self.ratio is not None and self.ratio[0] == self.ratio[1]:
            raise ValueError(f"the ratio of {self.ratio[0]} to itself is one")
        if self.annual is not None and not self.years:
            raise ValueError("annual lacks years, such as [2021, 2022, 2023]")
        return self

    @property
    def kind(self) -> str:
        """Which kind of picture it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    def named(self) -> Iterator[str]:
        """Yield the names of series in the picture."""
        subject = getattr(self, self.kind)
        if self.kind == "correlation" and isinstance(subject, str):
            yield subject
        elif self.kind != "breadth":
            yield from subject
        if self.against:
            yield self.against


class Unavailable(Exception):  # noqa: N818 - it reads as what happened
    """A picture cannot be drawn; its text says why."""


def draw_request(chart: ChartFields, context: Context) -> ChartRequest | str:
    """Return the request for a picture, or the reason why there is none."""
    try:
        spec = _SPECS[chart.kind](chart, context)
    except Unavailable as problem:
        return str(problem)
    caption = context.text(chart.caption) if chart.caption else ()
    return request(context, spec, recipe_of(chart, context), _slug(chart, context), caption)


def reach(chart: ChartFields, context: Context) -> tuple[Text, ...]:
    """Return the small line that says where a picture reaches into borrowed or thinner history, or nothing."""
    names = [context.resolve(name) for name in chart.named()]
    if chart.kind == "annual":
        figures = [context.call("ret", name, year.text) for name in names for year in chart.years]
        return reach_line(note for figure in figures if figure.number.is_known for note in figure.number.notes)
    if chart.kind == "rotation":
        weeks = chart.weeks + rotation.TREND_WEEKS + rotation.SMOOTHING_WEEKS + rotation.MOMENTUM_WEEKS
        return reach_line(early_notes(names, context.as_of - dt.timedelta(weeks=weeks), context))
    if chart.kind == "correlation":
        names = [member for name in names for member in context.library.members(name) or (name,)]
    # The average at the first session of a ratio looks further back.
    before = chart.average - 1 if chart.kind == "ratio" else 0
    return reach_line(early_notes(names, _begins(names, _window(chart, context), context, before), context))


def reach_line(notes: Iterable[str]) -> tuple[Text, ...]:
    """Return notes as one small line, or nothing."""
    words = "; ".join(dict.fromkeys(notes))
    return (say(f"{words}.", emphasis=True),) if words else ()


def early_notes(names: Sequence[str], begins: dt.date | None, context: Context) -> list[str]:
    """Return what matters of series to a picture or a table that begins on a day; nothing without a day."""
    views = [view for name in names if not isinstance(view := context.series(name), str)]
    return [text for view in views for until, text in view.early if begins is not None and begins < until]


def _begins(names: Sequence[str], window: Window, context: Context, before: int = 0) -> dt.date | None:
    """Return the day on which several names begin over a window, or so many sessions before; None if they do not."""
    if not early_notes(names, dt.date.min, context):
        return None  # there is nothing to say, whenever they begin
    try:
        whole, _ = levels(names, context)
        drawn = sliced(whole, window, context)
    except Unavailable:
        return None
    first = int(whole.index.searchsorted(drawn.index[0])) - before
    begins: dt.date = whole.index[max(first, 0)].date()
    return begins


def request(
    context: Context, spec: specs.Chart, recipe: Mapping[str, Any], slug: str, caption: Text = ()
) -> ChartRequest:
    """Return a picture with a file name that is its own in this note, and its recipe.

    Args:
        context: Where it stands.
        spec: What is drawn.
        recipe: From what: a plain mapping that says all that a person wrote.
        slug: What its file is called behind `chart-` and the note's id.
        caption: Words below it.
    """
    written = json.dumps(
        {"note": context.owner, "as_of": context.as_of.isoformat(), **recipe}, ensure_ascii=False, sort_keys=True
    )
    file = f"chart-{file_words(context.owner)}-{slug}"
    name, number = file, 1
    while context.taken.get(name, written) != written:
        number += 1
        name = f"{file}-{number}"
    context.taken[name] = written
    return ChartRequest(f"{name}.png", spec, written, context.as_of, caption)


def recipe_of(chart: ChartFields, context: Context) -> dict[str, Any]:
    """Return the recipe of a picture: its fields as written, and what its names stand for here."""
    names = {name: context.resolve(name) for name in chart.named() if context.resolve(name) != name}
    return {"chart": _plain(chart), **({"names": names} if names else {})}


def file_words(text: str) -> str:
    """Return a text as part of a file name: lower-case letters, digits and single dashes.

    >>> file_words("since 2025-10-29: ^GSPC")
    'since-2025-10-29-gspc'
    """
    words = "".join(c.lower() if c.isascii() and c.isalnum() else "-" for c in text)
    return "-".join(filter(None, words.split("-")))[:80]


def _plain(chart: ChartFields) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for key in type(chart).model_fields:
        value = getattr(chart, key)
        if value in (None, (), "") or (
            key in type(chart).model_fields and value == type(chart).model_fields[key].default
        ):
            continue
        shown[key] = _simple(value)
    return shown


def _simple(value: Any) -> Any:
    if isinstance(value, Window):
        return value.text
    if isinstance(value, tuple):
        return [_simple(each) for each in value]
    if isinstance(value, Model):
        return {key: _simple(getattr(value, key)) for key in type(value).model_fields}
    return value if isinstance(value, int | str | bool) else str(value)


def _slug(chart: ChartFields, context: Context) -> str:
    if chart.name:
        return chart.name
    words = [chart.kind] if chart.kind != "pair" else []
    subject = getattr(chart, chart.kind)
    names = [subject] if isinstance(subject, str) else list(subject)
    if chart.kind in ("breadth", "rotation") or len(names) > 3:
        words += [chart.kind] if chart.kind not in words else []
    else:
        words += [context.resolve(name).removeprefix(f"{context.owner}:") for name in names]
    if chart.over:
        words.append(chart.over.text)
    return file_words("-".join(words))


# Series ---------------------------------------------------------------------------------------------------------


def _window(chart: ChartFields, context: Context) -> Window:
    return chart.over or context.window(None)


def levels(names: Sequence[str], context: Context) -> tuple[pd.DataFrame, str]:
    """Return total-return levels of several names on their common sessions, and the kind of return they are.

    Raises:
        Unavailable: One of them has no prices.
    """
    columns, kinds, period = {}, [], 1
    for name in names:
        view = context.series(name)
        if isinstance(view, str):
            raise Unavailable(view)
        columns[name] = view.level
        period = max(period, view.period_days)
        kinds.append({"total": "total return", "price": "price return", "value": "value"}[view.basis])
    frame = pd.concat(columns, axis=1, join="inner").dropna()
    if frame.empty:
        raise Unavailable(f"{', '.join(names)} have no common session")
    frame.attrs["period_days"] = period
    return frame, " and ".join(dict.fromkeys(kinds))


def sliced(frame: pd.DataFrame, window: Window, context: Context) -> pd.DataFrame:
    """Return the rows of a window seen from its last session, the base row first.

    Raises:
        Unavailable: The window is not covered.
    """
    index = frame.index
    if frame.empty:
        raise Unavailable(f"{', '.join(map(str, frame.columns))}: nothing is known")
    assert isinstance(index, pd.DatetimeIndex)  # noqa: S101 - series of the market
    found = spans(index, window, frame.attrs.get("period_days", 1), context.as_of)
    base, end = int(found.base[-1]), int(found.end[-1])
    if base < 0:
        raise Unavailable(f"{', '.join(map(str, frame.columns))}: {found.reason}")
    return frame.iloc[base : end + 1]


def _small(kind: str, frame: pd.DataFrame | pd.Series) -> str:
    return f"{kind} · to {frame.index[-1].date()}"


def _line(name: str, frame: pd.DataFrame, context: Context, side: str = "") -> specs.Line:
    return specs.Line(context.label(context.resolve(name)), frame[name], side)  # type: ignore[arg-type]


def _marks(chart: ChartFields) -> tuple[specs.Mark, ...]:
    return tuple(specs.Mark(mark.on, mark.label) for mark in chart.marks)


def _title(chart: ChartFields, context: Context, default: str) -> str:
    if chart.title:
        return words_of(context.text(chart.title))
    return default


# Kinds of pictures ----------------------------------------------------------------------------------------------


def _pair(chart: ChartFields, context: Context) -> specs.Chart:
    assert chart.pair is not None  # noqa: S101 - chosen by its kind
    buy, sell = chart.pair
    window = _window(chart, context)
    if context.resolve(buy) == context.resolve(sell):
        raise Unavailable(f"{context.resolve(buy)} against itself shows nothing")
    frame, kind = levels(chart.pair, context)
    frame = sliced(frame, window, context)
    title = _title(
        chart,
        context,
        f"{context.label(context.resolve(buy))} against {context.label(context.resolve(sell))}, {window.label}",
    )
    lines = (_line(buy, frame, context, "buy"), _line(sell, frame, context, "sell"))
    return specs.RebasedChart(title, lines, _small(kind, frame), _marks(chart), pair=True)


def _lines(chart: ChartFields, context: Context) -> specs.Chart:
    assert chart.lines is not None  # noqa: S101
    window = _window(chart, context)
    frame, kind = levels(chart.lines, context)
    frame = sliced(frame, window, context)
    lines = tuple(_line(name, frame, context) for name in chart.lines)
    return specs.RebasedChart(
        _title(chart, context, f"{_names_of(lines)}, {window.label}"), lines, _small(kind, frame), _marks(chart)
    )


def _names_of(lines: Sequence[specs.Line]) -> str:
    names = [line.name for line in lines]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) < 4 else f"{names[0]} and {len(names) - 1} others"


def _ratio(chart: ChartFields, context: Context) -> specs.Chart:
    assert chart.ratio is not None  # noqa: S101
    a, b = chart.ratio
    frame, kind = levels(chart.ratio, context)
    ratio = relative.relative_strength(frame[a], frame[b])
    average = risk.sma(ratio, parse_window(str(chart.average)))
    whole = pd.DataFrame({"ratio": ratio, "average": average})
    whole.attrs.update(frame.attrs)
    both = sliced(whole, _window(chart, context), context)
    base = both["ratio"].iloc[0]
    name = f"{context.label(context.resolve(a))} / {context.label(context.resolve(b))}"
    averaged = both["average"] / base if both["average"].notna().any() else None
    title = _title(chart, context, f"{name}, {_window(chart, context).label}")
    return specs.RatioChart(
        title,
        both["ratio"] / base,
        averaged,
        f"{chart.average}-session average",
        name,
        _small(f"ratio of {kind}", both),
        _marks(chart),
    )


def _drawdown(chart: ChartFields, context: Context) -> specs.Chart:
    assert chart.drawdown is not None  # noqa: S101
    window = _window(chart, context)
    frame, kind = levels(chart.drawdown, context)
    frame = sliced(frame, window, context)
    fallen = frame / frame.cummax() - 1
    lines = tuple(_line(name, fallen, context) for name in chart.drawdown)
    return specs.DrawdownChart(
        _title(chart, context, f"Fall from the peak, {window.label}"), lines, _small(kind, frame)
    )


def _annual(chart: ChartFields, context: Context) -> specs.Chart:
    assert chart.annual is not None  # noqa: S101
    return _annual_spec(
        context, [context.resolve(n) for n in chart.annual], chart.years, _title(chart, context, "Total return by year")
    )


def _annual_spec(context: Context, names: Sequence[str], years: Sequence[Window], title: str) -> specs.Chart:
    groups = []
    for name in names:
        figures = [context.call("ret", name, year.text) for year in years]
        groups.append(
            (context.label(name), tuple(f.number.value if isinstance(f.number.value, float) else None for f in figures))
        )
    if all(value is None for _, values in groups for value in values):
        raise Unavailable(f"{', '.join(names)}: no year is covered")
    return specs.AnnualBarsChart(
        title, tuple(year.label for year in years), tuple(groups), f"total return · to {context.as_of}"
    )


def annual_chart(
    context: Context, names: Sequence[str], years: Sequence[Window], *, caption: str | None
) -> ChartRequest:
    """Return the request for bars of calendar years, for the block of annual returns.

    Raises:
        Unavailable: No year is covered.
    """
    spec = _annual_spec(context, names, years, "Total return by year")
    recipe = {"annual": list(names), "years": [year.text for year in years]}
    return request(context, spec, recipe, "annual-returns", context.text(caption) if caption else ())


def _breadth(chart: ChartFields, context: Context) -> specs.Chart:
    assert chart.breadth is not None  # noqa: S101
    value = context.value(f"breadth({chart.breadth})")
    if not isinstance(value.data, pd.Series) or value.data.empty:
        raise Unavailable(value.reason or "no data")
    frame = sliced(value.data.to_frame("share").dropna(), _window(chart, context), context)
    small = _small("today's members", frame)
    return specs.BreadthChart(_title(chart, context, "Breadth"), frame["share"], small, 0.5, None)


def _correlation(chart: ChartFields, context: Context) -> specs.Chart:
    subject = chart.correlation
    names = list(context.library.members(subject)) if isinstance(subject, str) else list(subject or ())
    return correlation_spec(
        names,
        _window(chart, context),
        context,
        _title(chart, context, f"Correlation of daily returns, {_window(chart, context).label}"),
    )


def correlation_matrix(names: Sequence[str], window: Window, context: Context) -> pd.DataFrame:
    """Return correlations of daily returns over a window, on common sessions.

    Raises:
        Unavailable: There are fewer than two names, or one has no prices, or the window is not covered.
    """
    if len(names) < 2:
        raise Unavailable("a correlation takes two names or more")
    frame, _ = levels(names, context)
    sliced(frame, window, context)
    return relative.correlation_matrix(frame, window)


def correlation_reach(names: Sequence[str], window: Window, context: Context) -> tuple[Text, ...]:
    """Return the small line that says where correlations reach into borrowed history, or nothing."""
    return reach_line(early_notes(names, _begins(names, window, context), context))


def correlation_spec(names: Sequence[str], window: Window, context: Context, title: str) -> specs.Chart:
    """Return the heat map of correlations."""
    matrix = correlation_matrix(names, window, context)
    return specs.HeatmapChart(
        title, tuple(context.short(n) for n in names), np.asarray(matrix), f"daily returns · to {context.as_of}"
    )


def _rotation(chart: ChartFields, context: Context) -> specs.Chart:
    assert chart.rotation is not None  # noqa: S101
    against = context.resolve(chart.against or "benchmark")
    yardstick = context.series(against)
    if isinstance(yardstick, str):
        raise Unavailable(yardstick)
    columns = {}
    for name in chart.rotation:
        view = context.series(name)
        if isinstance(view, str):
            raise Unavailable(view)
        columns[context.short(context.resolve(name))] = view.level
    paths = rotation.rotation_tails(pd.concat(columns, axis=1), yardstick.level, chart.weeks)
    tails = [specs.Tail(name, path.iloc[:, 0], path.iloc[:, 1]) for name, path in paths.items() if not path.empty]
    if not tails:
        raise Unavailable("no name has enough weeks of prices")
    default = f"{len(tails)} names against {context.short(against)}, {chart.weeks} weeks"
    return specs.RotationChart(_title(chart, context, default), tuple(tails), f"weekly closes · to {context.as_of}")


_SPECS = {
    "pair": _pair,
    "lines": _lines,
    "ratio": _ratio,
    "drawdown": _drawdown,
    "annual": _annual,
    "breadth": _breadth,
    "correlation": _correlation,
    "rotation": _rotation,
}


def _expressions(chart: ChartFields) -> Iterator[tuple[str, tuple[str, ...]]]:
    if chart.breadth:
        yield f"breadth({chart.breadth})", ()


@register("chart")
class ChartBlock(BlockModel, ChartFields):
    """One picture."""

    def fill(self, context: Context) -> Filled:
        """Return the picture, or the reason why there is none."""
        found = draw_request(self, context)
        if isinstance(found, str):
            return Filled("chart", {"chart": None}, lines=(say(f"Chart n/a: {found}.", emphasis=True),))
        return Filled("chart", {"chart": found}, charts=(found,), lines=reach(self, context))

    def expressions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the condition of a breadth picture."""
        yield from _expressions(self)

    def series(self) -> Iterator[str]:
        """Yield the names in the picture."""
        yield from self.named()


@register("charts")
class ChartsBlock(BlockModel):
    """Pictures side by side."""

    shorthand: ClassVar[str] = "charts"
    charts: tuple[ChartFields, ...]
    """The pictures, two or three."""

    @model_validator(mode="after")
    def _few(self) -> ChartsBlock:
        if not 1 <= len(self.charts) <= 4:
            raise ValueError(f"charts takes one to four pictures, found {len(self.charts)}")
        return self

    def fill(self, context: Context) -> Filled:
        """Return the pictures that can be drawn, and the reasons for the others."""
        found = [draw_request(chart, context) for chart in self.charts]
        drawn = tuple(each for each in found if isinstance(each, ChartRequest))
        lines = tuple(say(f"Chart n/a: {each}.", emphasis=True) for each in found if isinstance(each, str))
        lines += tuple(dict.fromkeys(line for chart in self.charts for line in reach(chart, context)))
        return Filled("charts", {"charts": drawn}, charts=drawn, lines=lines)

    def expressions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the conditions of breadth pictures."""
        for chart in self.charts:
            yield from _expressions(chart)

    def series(self) -> Iterator[str]:
        """Yield the names in the pictures."""
        for chart in self.charts:
            yield from chart.named()
