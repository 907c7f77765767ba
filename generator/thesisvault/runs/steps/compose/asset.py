"""The views of an instrument and of a basket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct

from thesisvault.blocks.constituents import ConstituentsBlock
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import figures_in, reason_lines, say
from thesisvault.blocks.core.records import ClaimRecord
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.baskets import BasketDefinition
from thesisvault.language.text import Text
from thesisvault.market.records import SeriesView
from thesisvault.notes.properties.values import Value
from thesisvault.notes.views import AssetView, BasketView
from thesisvault.runs.steps.compose.holders import claim_line, elsewhere, theses_table
from thesisvault.runs.steps.compose.macro import Macro, macro_data, macro_line, macro_table
from thesisvault.runs.steps.compose.measured import (
    YEAR,
    Priced,
    basket_line,
    chart,
    data,
    data_title,
    performance,
    performance_caption,
    price_line,
    priced,
    risk,
    unusual,
)
from thesisvault.runs.steps.compose.parts import day_of, tidy, with_stale_line
from thesisvault.runs.steps.compose.small import with_small_lines
from thesisvault.runs.steps.compose.wording import sentences
from thesisvault.runs.steps.trust import trouble_callouts
from thesisvault.runs.steps.usage import Usage, versus
from thesisvault.scalars import parse_window
from thesisvault.structs import replace
from thesisvault.words import day_in_words, plural

V = TypeVar("V", bound=AssetView)
_KINDS = {"etf": "ETF", "macro": "Macro series"}
_WINDOWS = ("1d", "ytd", YEAR)
_OF_BASKET = ("1m", "ytd", YEAR)
_OPEN_CLAIMS = 5
"""How many claims are shown unfolded."""


class Asset(Struct, frozen=True):
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
    """Return the view of an instrument: where it stands, how it did, and which notes use it.

    Raises:
        BlockError: An expression in its description cannot be filled.
    """
    key, library = asset.key, asset.library
    instrument = library.instruments[key]
    context = Context(asset.base.scope, library, f"instrument-{key}")
    words = [_KINDS.get(instrument.kind, instrument.kind.capitalize()), key]
    words += [instrument.sector] if instrument.sector else []
    words += [f"in {instrument.unit}"] if instrument.unit not in ("", "%", "index") else []
    names = [key, *filter(None, [instrument.short]), *instrument.aliases, *library.former_names(key)]
    series = context.series(key)
    view = AssetView(
        id=f"instrument/{key}",
        title=instrument.name,
        aliases=_without(instrument.name, names),
        further={"ticker": key, "asset_kind": instrument.kind},
        line=say(f"No {'values' if instrument.kind == 'macro' else 'prices'} stored."),
        what=context.text(instrument.what) if instrument.what else (),
        standing=(),
        troubles=trouble_callouts(key, context),
        your_note=asset.your_note,
    )
    view = _with_uses(view, asset, context)
    if isinstance(series, str):
        return _finished(view, words, asset, context)
    if instrument.kind == "macro":
        macro = Macro(key, series, context)
        return _finished(_with_values(view, macro, instrument.lag or 0), words, asset, context, macro.last)
    is_sector = instrument.versus is None
    found = priced(key, series, versus(library, key), context, is_sector=is_sector)
    view = replace(_with_prices(view, found, asset, _WINDOWS), line=price_line(found))
    return _finished(view, words, asset, context)


def basket_note(asset: Asset) -> BasketView:
    """Return the view of a basket: where it stands, how it and its members did, and which notes use it.

    Raises:
        BlockError: An expression in its description cannot be filled.
    """
    key, basket = asset.key, asset.library.baskets[asset.key]
    context = Context(asset.base.scope, asset.library, f"basket-{key}")
    members = ConstituentsBlock.model_validate({"of": key, "over": ["ytd"]}).fill(context)
    series = context.series(key)
    view = BasketView(
        id=f"basket/{key}",
        title=basket.title,
        aliases=_without(basket.title, [key, *basket.aliases]),
        line=say(sentences([f"No index: {series}"])) if isinstance(series, str) else (),
        what=context.text(basket.what) if basket.what else (),
        standing=(),
        members=members,
        your_note=asset.your_note,
    )
    view = _with_uses(view, asset, context)
    if not isinstance(series, str):
        found = priced(key, series, versus(asset.library, key), context)
        view = replace(
            _with_prices(view, found, asset, _OF_BASKET), line=basket_line(found), hindsight=_hindsight(basket, series)
        )
    words = ["Basket", plural(len(basket.newest), "member")]
    return _finished(view, words, asset, context)


def _with_prices(view: V, found: Priced, asset: Asset, windows: Sequence[str]) -> V:
    """Return a view with what its prices give."""
    table, dangers = performance(found, windows), risk(found)
    is_basket = view.kind == "basket"
    caption = performance_caption(found, long=not is_basket)
    return replace(
        view,
        performance=table,
        caption=caption,
        lines=reason_lines(figures_in((table, caption))),
        chart=chart(found) if is_basket or _is_held_or_shown(asset) else None,
        risk=dangers,
        risk_lines=reason_lines(figures_in(dangers), besides=figures_in((table, caption))),
        unusual=unusual(found),
        data_title=data_title(found.view, day_in_words(found.view.last)),
        data=data(found),
    )


def _with_values(view: AssetView, macro: Macro, lag_days: int) -> AssetView:
    """Return a view with what the values of a macro series give."""
    table = macro_table(macro)
    return replace(
        view,
        line=macro_line(macro),
        performance=table,
        lines=reason_lines(figures_in(table)),
        data_title=data_title(macro.view, macro.last),
        data=macro_data(macro, lag_days),
    )


def _is_held_or_shown(asset: Asset) -> bool:
    """Return whether a thesis or a basket holds an asset, or a note charts it or claims something about it.

    A vault has many assets that are only mentioned, of which a picture each would cost more than it tells.
    """
    usage = asset.usage
    return bool(usage.positions or usage.baskets or usage.by.get("shown") or asset.claims)


def _with_uses(view: V, asset: Asset, context: Context) -> V:
    """Return a view with the notes that use the asset, and the claims about it."""
    claims = tuple(claim_line(each, context) for each in asset.claims)
    return replace(
        view,
        theses=theses_table(asset.usage, context),
        elsewhere=elsewhere(asset.key, asset.usage, context),
        claims=claims[:_OPEN_CLAIMS],
        more_claims=claims[_OPEN_CLAIMS:],
    )


def _finished(view: V, words: Sequence[str], asset: Asset, context: Context, last: str = "") -> V:
    """Return a view with the day of its data, and what follows from it.

    Args:
        view: The view, all else in it.
        words: What it is, in a word each.
        asset: What it is made of.
        context: What it may see.
        last: What its newest value is of, in words; empty: the day of its data.
    """
    day = day_of(figures_in(view.shown))
    standing = say(" · ".join([*words, *([last or day_in_words(day)] if day else [])]), emphasis=True)
    further = {**view.further, **_properties(asset.key, day, context)}
    view = replace(view, standing=standing, further=further)
    marked = any(each.mark() for each in figures_in(view.shown) if each.number.stale)
    return with_small_lines(with_stale_line(view, context) if marked else view, context)


def _hindsight(basket: BasketDefinition, series: SeriesView) -> Text:
    """Return that figures reach back to before the members were chosen, as long as any of them does."""
    first = parse_window(YEAR).first_day(series.last)
    if basket.chosen is None or first is None or first >= basket.chosen:
        return ()
    on = basket.chosen
    year_began = (on.month, on.day) <= (1, 7)
    return say(f"Chosen with hindsight: history before {on.year if year_began else day_in_words(on)} flatters.")


def _without(title: str, names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name != title))


def _properties(key: str, day: dt.date | None, context: Context) -> dict[str, Value]:
    found: dict[str, Value] = {"as_of": day} if day else {}
    series = context.series(key)
    if isinstance(series, str) or series.basis == "value":
        return found
    number = context.call("ret", key, "ytd").number
    if isinstance(number.value, float) and not number.stale:
        found["return_ytd_pct"] = tidy(number.value * 100)
    return found
