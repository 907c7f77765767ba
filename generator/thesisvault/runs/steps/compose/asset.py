"""The views of an instrument and of a basket."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from thesisvault.blocks.constituents import ConstituentsBlock
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Table, figures_in, head, say, small_lines
from thesisvault.blocks.core.records import ClaimRecord
from thesisvault.definitions.library import Library
from thesisvault.language.text import Text
from thesisvault.market.records import SeriesView
from thesisvault.notes.properties.values import Value
from thesisvault.notes.views import AssetView, BasketView
from thesisvault.runs.steps.compose.parts import day_of, tidy, where_text, with_stale_line
from thesisvault.runs.steps.trust import trouble_callouts
from thesisvault.runs.steps.usage import Usage
from thesisvault.scalars import parse_window
from thesisvault.words import plural

_RETURNS = ("1d", "1m", "ytd", "1y")
_CHANGES = ("3m", "1y")
_PEAK = "1y"
_KINDS = {"etf": "ETF", "macro": "Macro series"}


@dataclass(frozen=True)
class Asset:
    """An instrument or a basket of which a note is made.

    Attributes:
        key: Its ticker or id.
        usage: Which notes use it.
        library: The definitions.
        base: What expressions are evaluated in.
        your_note: Path of the person's own note on it; empty if there is none.
        claims: The claims about it, each once, worst first.
    """

    key: str
    usage: Usage
    library: Library
    base: Context
    your_note: str = ""
    claims: tuple[ClaimRecord, ...] = ()


def instrument_note(asset: Asset) -> AssetView:
    """Return the view of an instrument: what it is, its newest figures, and which notes use it.

    Raises:
        BlockError: An expression in its description cannot be filled.
    """
    key, library = asset.key, asset.library
    instrument = library.instruments[key]
    context = Context(asset.base.scope, library, f"instrument-{key}")
    words = [_KINDS.get(instrument.kind, instrument.kind.capitalize()), key]
    words += [instrument.sector] if instrument.sector else []
    words += [f"in {instrument.unit}"] if instrument.unit and instrument.unit != "%" else []
    names = [key, *filter(None, [instrument.short]), *instrument.aliases, *library.former_names(key)]
    figures, lines = _figures(key, context, macro=instrument.kind == "macro")
    what = context.text(instrument.what) if instrument.what else ()
    day = day_of(figures_in((what, figures)))
    view = AssetView(
        id=f"instrument/{key}",
        title=instrument.name,
        aliases=_without(instrument.name, names),
        further={"ticker": key, "asset_kind": instrument.kind, **_properties(key, day, context)},
        what=what,
        standing=_standing(words, day),
        figures=figures,
        lines=lines,
        where=where_text(asset.usage),
        troubles=trouble_callouts(key, context),
        your_note=asset.your_note,
    )
    return with_stale_line(view, context)


def basket_note(asset: Asset) -> BasketView:
    """Return the view of a basket: what it is, its newest figures and members, and which notes use it.

    Raises:
        BlockError: An expression in its description cannot be filled.
    """
    key, basket = asset.key, asset.library.baskets[asset.key]
    context = Context(asset.base.scope, asset.library, f"basket-{key}")
    members = ConstituentsBlock.model_validate({"of": key}).fill(context)
    figures, lines = _figures(key, context, macro=False)
    what = context.text(basket.what) if basket.what else ()
    day = day_of(figures_in((what, figures, members)))
    view = BasketView(
        id=f"basket/{key}",
        title=basket.title,
        aliases=_without(basket.title, [key, *basket.aliases]),
        further=_properties(key, day, context),
        what=what,
        standing=_standing(["Basket", plural(len(basket.newest), "member")], day),
        figures=figures,
        lines=lines,
        members=members,
        where=where_text(asset.usage),
        your_note=asset.your_note,
    )
    return with_stale_line(view, context)


def _without(title: str, names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name != title))


def _standing(words: list[str], day: dt.date | None) -> Text:
    return say(" · ".join([*words, *([f"as of {day}"] if day else [])]), emphasis=True)


def _figures(key: str, context: Context, *, macro: bool) -> tuple[Table | None, tuple[Text, ...]]:
    """Return the table of newest figures and the small lines below it."""
    series = context.series(key)
    if isinstance(series, str):
        return None, ()
    return _macro_figures(key, series, context) if macro else _price_figures(key, series, context)


def _macro_figures(key: str, series: SeriesView, context: Context) -> tuple[Table, tuple[Text, ...]]:
    newest = context.figure(f"level('{key}'){' | share(2)' if series.unit == '%' else ''}")
    # The day that the value is of, which is earlier than the session on which it became known.
    known = series.observed is not None and newest.number.is_known
    of_day = series.observed[-1].date() if series.observed is not None and known else "–"
    rows: list[tuple[Text, ...]] = [(say("Newest value"), (newest,), say(str(of_day)))]
    for window in _CHANGES:
        change = context.figure(f"change('{key}', '{window}'){' | pp(2)' if series.unit == '%' else ''}")
        rows.append((say(f"Change over {window}"), (change,), say(str(dict(change.number.bases).get(window, "–")))))
    return Table(head("", "", "Day", right=[1]), tuple(rows)), small_lines(rows, bases=False)


def _price_figures(key: str, series: SeriesView, context: Context) -> tuple[Table, tuple[Text, ...]]:
    cells: list[Text] = [(context.call("ret", key, window),) for window in _RETURNS]
    titles = [parse_window(window).label for window in _RETURNS]
    cells.append((context.figure(f"drawdown('{key}', '{_PEAK}')"),))
    titles.append(f"From {parse_window(_PEAK).label.replace(' ', '-')} peak")
    if series.close is not None and series.basis != "value":
        cells.insert(0, (context.figure(f"close('{key}')"),))
        titles.insert(0, "Close")
    return Table(head(*titles, right=range(len(titles))), (tuple(cells),)), small_lines(cells)


def _properties(key: str, day: dt.date | None, context: Context) -> dict[str, Value]:
    found: dict[str, Value] = {"as_of": day} if day else {}
    series = context.series(key)
    if isinstance(series, str) or series.basis == "value":
        return found
    number = context.call("ret", key, "ytd").number
    if isinstance(number.value, float) and not number.stale:
        found["return_ytd_pct"] = tidy(number.value * 100)
    return found
