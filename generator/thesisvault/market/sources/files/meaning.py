"""Decides what the closes of a file are: as traded, adjusted for splits, or for splits and dividends.

Values count for more than the header, and the header for more than nothing; the settings may say it, and what
contradicts them is an error. What is left open is asked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from msgspec import Struct

from thesisvault.market.records import MarketError
from thesisvault.market.sources.files.cells import LEAST, MOST, Cells
from thesisvault.market.sources.files.closes import Contradiction, Step, off_grid, splits_are_in, steps
from thesisvault.market.sources.files.columns import Role
from thesisvault.market.sources.files.form import Closes, Form, Market
from thesisvault.market.sources.files.table import Table

_ROUNDED = 0.002
"""By so large a part closes may lie outside of low and high, which sources round by themselves."""
_FEW = 3
_ALIKE = 0.03
"""By so large a part an amount that adjusted closes imply may differ from the one that was paid."""
_STOOQ = {"<close>", "zamkniecie"}
_AS_TRADED = {"split_coefficient", "splitfactor", "dividend_amount", "divcash"}
_ALPHA_VANTAGE = {"timestamp", "open", "high", "low", "close", "volume"}
_SPLIT_ADJUSTED = {"close/last", "change %", "quote"}
_WORDS: Mapping[Closes, str] = {
    "raw": "as traded",
    "split_adjusted": "adjusted for splits only",
    "adjusted": "adjusted for splits and dividends",
}


class Open(MarketError):  # noqa: N818 - it is a question, not an error
    """What a file leaves open; the text is what was found."""


class Meaning(Struct, frozen=True):
    """What the closes of a file are.

    Attributes:
        closes: What they are adjusted for.
        why: What showed it; empty: the settings say so.
        splits: Ratio of new to old shares by day.
        dividends: Cash per share by day; None: the file does not tell.
        unit: The unit of the dividends; None: nothing says it. Empty: that of the closes.
        doubt: What is strange about the dividends, and the row that shows it.
    """

    closes: Closes
    why: str
    splits: Mapping[int, float]
    dividends: Mapping[int, float] | None
    unit: str | None = None
    doubt: tuple[str, int] | None = None

    @property
    def words(self) -> str:
        """One clause: what the closes were read as, and what showed it."""
        return f"closes were read as {_WORDS[self.closes].removeprefix('as ')}: {self.why}"


class _Hint(Struct, frozen=True):
    """What a header says of the closes below it; where it is firm, settings that differ are an error."""

    closes: Closes
    telling: str
    firm: bool = False


def meaning_of(table: Table, cells: Cells, form: Form, market: Market) -> Meaning:
    """Return what the closes of a file are.

    Raises:
        Contradiction: Columns, or a column and the settings, cannot both be true.
        Open: Nothing shows it.
    """
    listed = {day: ratio for day, ratio in (cells.amounts(Role.SPLIT) or {}).items() if ratio != 1.0}
    rows = _by_row(cells.days, listed)
    paid = cells.amounts(Role.DIVIDEND)
    shows = splits_are_in(cells.close, rows) if rows else None
    if rows and form.closes == "raw" and shows is False:
        raise Contradiction(
            "the settings say `closes: raw`, and the split of this day is no jump of the closes", min(rows)
        )
    if shows and form.closes not in (None, "raw") and Role.ADJUSTED not in table.roles:
        raise Contradiction(f"the settings say `closes: {form.closes}`, and the closes jump at this split", min(rows))
    if {Role.CLOSE, Role.ADJUSTED} <= table.roles.keys():
        return _of_two_columns(cells, form, listed, rows, paid, shows)
    closes, why = _of_one_column(table, cells, form, market, rows, paid, shows)
    if form.closes is None:
        _within_day(cells)
    unit = cells.paid_in if paid else None
    return Meaning(closes, why, listed, None if closes == "adjusted" else paid, unit)


def _within_day(cells: Cells) -> None:
    """Raise Open where closes lie outside of what was traded on their days, as if adjusted and the others not."""
    low, high = cells.numbers(Role.LOW), cells.numbers(Role.HIGH)
    if low is None or high is None:
        return
    outside = [
        row
        for row, (close, least, most) in enumerate(zip(cells.close, low, high, strict=True))
        if 0 < most < close / (1 + _ROUNDED) or close * (1 + _ROUNDED) < least
    ]
    if len(outside) >= max(_FEW, len(cells.close) // 20):
        raise Open(
            f"{len(outside)} closes, such as {cells.close[outside[0]]:g} in line {cells.lines[outside[0]]}, do not lie "
            "between low and high of their day, so that one of them is of something else"
        )


def _of_two_columns(
    cells: Cells,
    form: Form,
    listed: Mapping[int, float],
    rows: Mapping[int, float],
    paid: Mapping[int, float] | None,
    shows: bool | None,
) -> Meaning:
    """Decide by the factor between closes and adjusted closes, which moves at splits and dividends alone."""
    adjusted = cells.numbers(Role.ADJUSTED) or ()
    for row, value in enumerate(adjusted):
        if not LEAST <= value <= MOST:
            raise Contradiction("found a close without an adjusted close above 0", row)
    if form.closes == "adjusted":
        return Meaning("adjusted", "", listed, None)
    implied = steps(cells.close, adjusted)
    ratios = {step.row: step.split for step in implied if step.split != 1.0}
    if ratios and form.closes == "split_adjusted":
        first = min(ratios)
        raise Contradiction(
            f"the settings say `closes: split_adjusted`, and the close moves by a split of {_ratio(ratios[first])} "
            "that the adjusted close does not show",
            first,
        )
    if shows and not ratios:
        raise Contradiction("the close and the adjusted close jump alike at the split of this day", min(rows))
    if rows and (unlisted := sorted(set(ratios) - set(rows))):
        raise Contradiction(
            f"the close moves by a split of {_ratio(ratios[unlisted[0]])} that the column of splits lacks", unlisted[0]
        )
    days = cells.days
    closes: Closes = "raw" if ratios else "split_adjusted"
    why = "adjusted closes stand beside them" + (" and do not jump at splits" if ratios else "")
    if not rows and ratios:
        listed = {days[row]: ratio for row, ratio in ratios.items()}
    # What the factor implies is of the shares after that day; a column tells it of the shares of the day.
    worked_out = {days[step.row]: step.dividend for step in implied if step.dividend}
    if paid is None:
        return Meaning(closes, f"{why}; dividends were worked out from both", listed, worked_out, "")
    unit = cells.paid_in
    both = [worked_out[day] / amount for day, amount in paid.items() if day in worked_out]
    if unit is None and both and all(abs(each / 100 - 1) < _ALIKE for each in both):
        paid, unit = {day: amount * 100 for day, amount in paid.items()}, ""
    elif unit is None and both and all(abs(each - 1) < _ALIKE for each in both):
        unit = ""
    return Meaning(closes, why, listed, paid, unit, _differing(cells, implied, paid))


def _differing(cells: Cells, implied: Sequence[Step], paid: Mapping[int, float]) -> tuple[str, int] | None:
    """Return the newest dividend of which the adjusted closes tell another amount than the column, and its row."""
    for step in reversed(implied):
        listed = paid.get(cells.days[step.row], 0.0)
        if abs(step.dividend - listed) > max(_ALIKE * max(listed, step.dividend), _ROUNDED * cells.close[step.row - 1]):
            what = f"the adjusted close implies a dividend of {step.dividend:.4g}"
            return f"{what}, and the column of dividends lists {f'{listed:g}' if listed else 'none'}", step.row
    return None


def _of_one_column(
    table: Table,
    cells: Cells,
    form: Form,
    market: Market,
    rows: Mapping[int, float],
    paid: Mapping[int, float] | None,
    shows: bool | None,
) -> tuple[Closes, str]:
    hint = _hint(table)
    if form.closes is not None:
        _agree(form.closes, hint, cells.close, rows, paid)
        return form.closes, ""
    if shows:
        return "raw", "they jump at the splits that the file lists"
    if hint is not None and hint.closes == "raw" and shows is False:
        raise Contradiction(
            f"the header has {hint.telling}, and the split of this day is no jump of the closes", min(rows)
        )
    if not market.pays:
        return "split_adjusted", "nothing of its kind pays a dividend"
    whole = off_grid(cells.close, rows) is None
    if hint is not None and hint.closes == "adjusted" and hint.firm and whole and any((paid or {}).values()):
        raise Open(
            f"the header has {hint.telling}, which is of adjusted closes, and all closes are whole cents, which is not"
        )
    if hint is not None:
        return hint.closes, f"the header has {hint.telling}"
    if whole:
        return "split_adjusted", "all are whole cents, which closes adjusted for dividends are not"
    raise Open("nothing shows whether its closes are adjusted for dividends")


def _agree(
    said: Closes,
    hint: _Hint | None,
    close: Sequence[float],
    rows: Mapping[int, float],
    paid: Mapping[int, float] | None,
) -> None:
    """Raise Contradiction where a firm header is of other closes than the settings say."""
    if hint is None or not hint.firm or hint.closes == said or {hint.closes, said} == {"raw", "split_adjusted"}:
        return
    bad: int | None = None
    if hint.closes == "adjusted" and paid is not None:
        bad = off_grid(close, rows)
        if bad is None:
            return  # whole cents bear out the settings
    shown = "" if bad is None else f"; {close[bad]:.10g} is no close of whole cents"
    raise Contradiction(
        f"the settings say `closes: {said}`, and a header with {hint.telling} is of closes "
        f"{_WORDS[hint.closes]}{shown}",
        bad,
    )


def _hint(table: Table) -> _Hint | None:
    """Return what the header says of the closes; None where it leaves it open.

    yfinance's own export has dividends and splits and no adjusted close, because its closes are adjusted for both.
    Alpha Vantage and Tiingo call the closes as traded `close`, with a coefficient or factor of splits beside them; so
    does Alpha Vantage's daily file, whose days are called `timestamp`, and so do Polygon's flat files. Nasdaq,
    Investing.com, Google Finance and Portfolio Performance adjust for splits. Stooq adjusts for dividends too.
    """
    written = {name.strip().strip('"').casefold(): name.strip().strip('"') for name in table.names}
    names = written.keys()

    def shown(wanted: set[str]) -> str:
        return " and ".join(written[name] for name in written if name in wanted)

    if Role.BASIS in table.roles:
        return None
    if Role.CLOSE not in table.roles:
        return _Hint(
            "adjusted", written[table.names[table.roles[Role.ADJUSTED]].strip().strip('"').casefold()], firm=True
        )
    if table.stacked:
        return _Hint("adjusted", "three lines, as yfinance writes it", firm=True)
    if {"dividends", "stock splits"} <= names:
        return _Hint("adjusted", f"{shown({'dividends', 'stock splits'})} and no Adj Close", firm=True)
    if names & _AS_TRADED:
        return _Hint("raw", shown(_AS_TRADED), firm=True)
    if names & _STOOQ:
        return _Hint("adjusted", f"{shown(_STOOQ)}, as Stooq writes it")
    if names == _ALPHA_VANTAGE:
        return _Hint("raw", "timestamp beside open to volume, as Alpha Vantage writes it")
    if "window_start" in names:
        return _Hint("raw", "window_start, as Polygon's flat files do")
    if names & _SPLIT_ADJUSTED:
        return _Hint("split_adjusted", shown(_SPLIT_ADJUSTED))
    if {"o", "h", "l", "c", "t"} <= names:
        return _Hint("split_adjusted", "o, h, l, c and t, as Polygon writes them")
    return None


def _by_row(days: Sequence[int], listed: Mapping[int, float]) -> dict[int, float]:
    """Return splits by the row of their day, or of the next one after it."""
    found: dict[int, float] = {}
    for day, ratio in listed.items():
        row = bisect_left(days, day)
        if 0 < row < len(days):
            found[row] = found.get(row, 1.0) * ratio
    return found


def _ratio(split: float) -> str:
    return f"{split:g} for 1" if split >= 1 else f"1 for {1 / split:g}"
