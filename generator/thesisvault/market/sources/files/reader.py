"""Reads a file of prices, values or dividends: what stands in it, what it proves of itself, what it leaves open."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from operator import itemgetter

from msgspec import Struct

from thesisvault.market.bars import Bars, Remark, number_day, rescaled, scaled, times
from thesisvault.market.sources.files.cells import Cells
from thesisvault.market.sources.files.closes import Contradiction, lasting_factors, off_grid
from thesisvault.market.sources.files.columns import Role, roles_of
from thesisvault.market.sources.files.form import Closes, Form, Market
from thesisvault.market.sources.files.meaning import Meaning, Open, meaning_of
from thesisvault.market.sources.files.numbers import MISSING
from thesisvault.market.sources.files.table import Table, table_of
from thesisvault.market.sources.files.units import MINOR, unit_in, unit_of
from thesisvault.market.sources.provider import ProviderFault
from thesisvault.patterns import regex
from thesisvault.structs import replace
from thesisvault.words import plural

_SHOWN = 3
_ROWS_SHOWN = 5
_COLUMNS_SHOWN = 10
_LARGE = 0.25
"""No dividend is so large a part of the close, unless it is read in a unit a hundred times too large."""
_PLAIN_FOLDER = regex(r"[A-Za-z_./][\w./ -]*")
_UNKNOWN_DIVIDENDS = "say it in the name of the column, as `Dividends (GBX)` or `Dividends (GBP)`"


class Dividends(Struct, frozen=True):
    """What a file of dividends holds.

    Attributes:
        amounts: Cash per share by ex-date, as paid.
        unit: What it is in, if the name of its column says it.
    """

    amounts: Mapping[int, float]
    unit: str | None = None


def read_prices(
    text: str,
    label: str,
    form: Form = Form(),  # noqa: B008 - frozen
    market: Market = Market(),  # noqa: B008 - frozen
    *,
    dividends: Dividends | None = None,
) -> Bars:
    """Return the bars in a file of prices, oldest first, with remarks on what could not be used.

    Args:
        text: The whole file, its lines ending in a line feed.
        label: What messages call it.
        form: What the settings say.
        market: What is known of the market of the series.
        dividends: Cash per share by ex-date, as paid, from elsewhere; they count in place of those in the file.

    Raises:
        ProviderFault: It is no such file, contradicts itself or the settings, or leaves open what must be known.
    """
    table = table_of(text, label, separator=form.separator, columns=form.columns, tickers=market.names)
    table, form, exported = _of_one_basis(table, form)
    cells = Cells(table, form, market)
    symbol = _one_symbol(table, cells)
    try:
        meaning = meaning_of(table, cells, form, market)
    except Contradiction as problem:
        line = table.header if problem.row is None else cells.lines[problem.row]
        raise ProviderFault(
            f"{label}:{line}: {problem}. Correct the file, or what `closes` says of it in the settings"
        ) from None
    except Open as question:
        raise ProviderFault(f"{label}:{table.header}: {question}. {_where_to_say(form)}") from None
    if exported:
        meaning = replace(meaning, why=f"the column {table.names[table.roles[Role.BASIS]].strip()} says so")
    if dividends is not None and meaning.closes != "adjusted":
        meaning = replace(meaning, dividends=dividends.amounts, unit=dividends.unit, doubt=None)
    bars = _in_major_unit(_bars(table, cells, meaning), table, cells, meaning.unit, market.hundredths)
    doubted, remarks = _unlisted_splits(bars, form, market)
    told = (*_remarks(table, cells, meaning), *_other_symbol(label, symbol, market.names), *remarks)
    return replace(bars, doubted=doubted, remarks=told)


def _where_to_say(form: Form) -> str:
    """Return where to say what closes are: at their folder in the settings, or by the names of folders."""
    if not form.folder:
        return (
            "Put the file into a subfolder `prices` if they are adjusted for dividends, as those of Stooq's US shares, "
            "and into `unadjusted` if for splits only"
        )
    folder = form.folder if _PLAIN_FOLDER.fullmatch(form.folder) else json.dumps(form.folder, ensure_ascii=False)
    return (
        "If they are adjusted for dividends, as those of Stooq's US shares, write "
        f"`csv: {{folder: {folder}, closes: adjusted}}` at providers in thesisvault.yaml; if for splits only, "
        "`closes: split_adjusted` there, and if as traded, `closes: raw`"
    )


def read_values(
    text: str,
    label: str,
    series: str,
    form: Form = Form(),  # noqa: B008 - frozen
) -> Bars:
    """Return the observations of a macro series; an empty cell or a point is none.

    Raises:
        ProviderFault: It is no such file.
    """
    table = table_of(
        text,
        label,
        needed=(Role.CLOSE,),
        series=series,
        lone=True,
        separator=form.separator,
        columns=form.columns,
    )
    if not any(cell.strip().casefold() not in MISSING for cell in table.column(Role.CLOSE)):
        return Bars((), (), "value")
    cells = Cells(table, form, Market(weekends=True), positive=False)
    name = table.names[table.roles[Role.CLOSE]].strip()
    other = () if roles_of(name) else _other_symbol(label, name, (series,))
    return Bars(cells.days, cells.close, "value", remarks=(*_refused(table, cells), *other))


def read_dividends(text: str, label: str, form: Form = Form()) -> Dividends:  # noqa: B008 - frozen
    """Return the cash per share by ex-date of a file of dividends.

    Raises:
        ProviderFault: It is no such file, or a row of it cannot be used: none of them can be done without.
    """
    table = table_of(
        text,
        label,
        needed=(Role.DIVIDEND,),
        separator=form.separator,
        columns={role: name for role, name in form.columns.items() if role in (Role.DAY, Role.DIVIDEND)},
    )
    if not table.lines:
        return Dividends({})
    cells = Cells(table, form, Market(weekends=True), role=Role.DIVIDEND, positive=False)
    for line, why in cells.refused:
        raise ProviderFault(f"{label}:{line}: {why.replace('the close', 'the dividend')}")
    amounts = {day: amount for day, amount in (cells.amounts(Role.DIVIDEND) or {}).items() if amount}
    return Dividends(amounts, cells.paid_in)


def _of_one_basis(table: Table, form: Form) -> tuple[Table, Form, bool]:
    """Return the rows of one basis of an export of this program, which names it in a column, and what it says.

    Raises:
        ProviderFault: The settings ask for another one.
    """
    if Role.BASIS not in table.roles:
        return table, form, False
    column = [cell.strip() for cell in table.column(Role.BASIS)]
    kinds: tuple[Closes, ...] = ("split_adjusted", "adjusted") if form.closes is None else (form.closes,)
    kind = next((each for each in kinds if each in column), None)
    if kind is None:
        there = " and ".join(sorted(set(column))) or "nothing"
        raise table.fault(table.header, f"rows whose basis is {there}", f"some that are {' or '.join(kinds)}")
    rows = [row for row, said in enumerate(column) if said == kind]
    columns = {role: tuple(cells[row] for row in rows) for role, cells in table.columns.items()}
    kept = replace(table, columns=columns, lines=[table.lines[row] for row in rows])
    return kept, replace(form, closes=kind), form.closes is None


def _bars(table: Table, cells: Cells, meaning: Meaning) -> Bars:
    """Return bars on the basis of the newest shares."""
    if meaning.closes == "adjusted":
        beside = Role.ADJUSTED not in table.roles
        close = cells.close if beside or table.price is Role.ADJUSTED else cells.numbers(Role.ADJUSTED) or ()
        splits = tuple(sorted(meaning.splits.items()))
        bars = Bars(cells.days, close, "adjusted", splits=splits)
        if not beside:
            return bars
    else:
        bars = Bars(cells.days, cells.close, "split_adjusted", splits=tuple(sorted(meaning.splits.items())))
    bars = replace(
        bars,
        open=cells.numbers(Role.OPEN),
        high=cells.numbers(Role.HIGH),
        low=cells.numbers(Role.LOW),
        volume=cells.numbers(Role.VOLUME, scaled=True),
        dividends=None if meaning.dividends is None else tuple(sorted(meaning.dividends.items())),
    )
    return rescaled(bars, bars.splits) if meaning.closes == "raw" and meaning.splits else bars


def _unlisted_splits(
    bars: Bars, form: Form, market: Market
) -> tuple[tuple[tuple[int, float], ...], tuple[Remark, ...]]:
    """Return the lasting changes of closes that are to be held as splits nobody lists, and remarks on others.

    Where the settings say that splits are taken care of, as a folder may hold the worst days of many companies, only a
    clear one among closes of whole cents is held: those of a file that was adjusted for anything are not whole cents.
    """
    if not market.pays:
        return (), ()
    listed = {day for day, _ in bars.splits}
    rows = tuple(
        row for row, day in enumerate(bars.days) if listed and any(bars.days[row - 1] < ex <= day for ex in listed)
    )
    said = form.closes in ("split_adjusted", "adjusted")
    held: list[tuple[int, float]] = []
    remarks: list[Remark] = []
    for each in lasting_factors(bars.close, rows):
        day = bars.days[each.row]
        whole = said and off_grid(bars.close[: each.row + 1], {}) is None
        if not said or (whole and each.is_clear):
            held.append((day, each.ratio))
        elif whole:
            what = f"closes move to {times(each.ratio)} for good on {number_day(day)}; if that is a split, list it"
            remarks.append(Remark(what, "unlisted-splits", "warning"))
    return tuple(held), tuple(remarks)


def _in_major_unit(bars: Bars, table: Table, cells: Cells, paid_in: str | None, hundredths: str) -> Bars:
    """Return bars with the currency that the file says, quotes in hundredths brought to it.

    Args:
        bars: As they stand in the file.
        table: The table.
        cells: Its cells.
        paid_in: The unit of dividends; None: nothing says it. Empty: that of the closes.
        hundredths: What the definition of the series says that it is quoted in, where that is such a unit.

    Raises:
        ProviderFault: Closes or dividends are in several currencies, or it is open which unit dividends are in.
    """
    said = _currency(table, cells)
    if said is None and Role.BASIS not in table.roles:  # an export of this program is in the currency already
        said = hundredths or None
    paid_in = said or "" if paid_in == "" else paid_in
    currency = MINOR.get(said or "", said)
    if bars.dividends and paid_in and MINOR.get(paid_in, paid_in) != currency:
        found = f"dividends in {paid_in} and closes in {said or 'a unit that nothing says'}"
        raise table.fault(table.header, found, "one currency for both")
    if said is not None and said in MINOR and bars.dividends and paid_in is None:
        paid_in = _proven_minor(bars, said, table)
    whole = bars.dividends
    if said in MINOR:
        bars = replace(scaled(bars, _hundredth), quoted_in=said)
    if whole and paid_in is not None:
        factor = 0.01 if paid_in in MINOR else 1.0
        bars = replace(bars, dividends=tuple((day, amount * factor) for day, amount in whole))
    return replace(bars, currency=currency)


def _hundredth(value: float, _day: int) -> float:
    return value / 100


def _proven_minor(bars: Bars, unit: str, table: Table) -> str:
    """Return the unit of the closes if dividends can be of no other, as they would be too large for it.

    Raises:
        ProviderFault: They can be of the currency just as well.
    """
    days = bars.days
    for day, amount in bars.dividends or ():
        before = bisect_left(days, day) - 1
        if before >= 0 and 100 * amount > _LARGE * bars.close[before]:
            return unit
    day, amount = max(bars.dividends or (), key=itemgetter(1))
    found = (
        f"closes in {unit} and a dividend of {amount:g} on {number_day(day)}, which may be in {unit} or {MINOR[unit]}"
    )
    raise table.fault(table.header, found, f"a unit of dividends; {_UNKNOWN_DIVIDENDS}")


def _currency(table: Table, cells: Cells) -> str | None:
    """Return the unit of the closes, by a column, by the name of theirs, or by what stands beside them."""
    codes = {code.strip() for code in cells.written(Role.CURRENCY)} - {""}
    said = {unit_of(code) or code.upper() for code in codes} | cells.units
    said |= {unit for unit in (unit_in(table.names[table.roles[table.price]]),) if unit}
    if len(said) > 1:
        raise ProviderFault(f"{table.label}: found closes in {' and '.join(sorted(said))}; expected one currency")
    return next(iter(said), None)


def _one_symbol(table: Table, cells: Cells) -> str:
    """Return the symbol that a column or a header of three lines names; empty: none does."""
    if Role.SYMBOL not in table.roles:
        return table.stacked
    seen = Counter(map(str.strip, cells.written(Role.SYMBOL)))
    seen.pop("", None)
    if len(seen) > 1:
        names = ", ".join(list(seen)[:_SHOWN])
        raise ProviderFault(
            f"{table.label}: found rows of {len(seen)} symbols ({names}); expected one file for each ticker"
        )
    is_number = table.names[table.roles[Role.SYMBOL]].strip().casefold() in ("isin", "wkn")
    return "" if is_number else next(iter(seen), "")


def _other_symbol(label: str, said: str, names: tuple[str, ...]) -> tuple[Remark, ...]:
    """Return a remark where a file names a symbol that is none of a series, be it with an exchange or without."""
    own = {_plain(name) for name in names}
    short = {_plain(re.split(r"[.\-]", name)[0]) for name in names}
    known = {_plain(said), _plain(re.split(r"[.\- ]", said)[0]), _plain(said.rpartition(":")[2])}
    is_isin = re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", said.strip())
    if not said or not names or is_isin or known & own or _plain(said) in short:
        return ()
    text = f"{label} says that it is of {said}; if that is another name of it, nothing is wrong"
    return (Remark(text, "other-symbol", "warning"),)


def _plain(symbol: str) -> str:
    return "".join(filter(str.isalnum, symbol.casefold()))


def _remarks(table: Table, cells: Cells, meaning: Meaning) -> tuple[Remark, ...]:
    found = [*_refused(table, cells)]
    if meaning.why:
        found.append(Remark(meaning.words, "read-as"))
    if meaning.doubt is not None:
        text, row = meaning.doubt
        found.append(Remark(f"{table.label}:{cells.lines[row]}: {text}", "other-dividends", "warning"))
    if table.unknown:
        found.append(Remark(f"nobody understands the {_columns(table.unknown)}", "unknown-column"))
    if meaning.closes == "raw" and Role.SPLIT not in table.roles and not meaning.splits:
        what = "closes are as traded, and no column lists splits: a split would pass for a loss"
        found.append(Remark(what, "unlisted-splits", "warning"))
    return tuple(found)


def _columns(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _COLUMNS_SHOWN} more" if len(names) > _COLUMNS_SHOWN else ""
    return f"{'column' if len(names) == 1 else 'columns'} {', '.join(names[:_COLUMNS_SHOWN])}{more}"


def _refused(table: Table, cells: Cells) -> tuple[Remark, ...]:
    rows = cells.refused
    found = [Remark(f"{table.label}:{line}: {why}", "refused-row") for line, why in rows[:_ROWS_SHOWN]]
    if len(rows) > _ROWS_SHOWN:
        found.append(Remark(f"{table.label}: {plural(len(rows) - _ROWS_SHOWN, 'more row')} like these", "refused-row"))
    return tuple(found)
