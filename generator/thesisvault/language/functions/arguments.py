"""What each kind of argument takes, stated once: the check of definitions and the evaluation read it from here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Literal

from thesisvault.errors import did_you_mean
from thesisvault.language import kinds
from thesisvault.language.kinds import Typed
from thesisvault.language.parse import ExpressionError, Plain
from thesisvault.market.fundamentals import FIELDS
from thesisvault.quantities import parse_quantity
from thesisvault.scalars import Window, parse_date, parse_window
from thesisvault.written import kept_by_text

Takes = Literal[
    "series",
    "single",
    "window",
    "universe",
    "day",
    "condition",
    "number",
    "basis",
    "target",
    "field",
    "any",
    "basket",
    "member",
    "group",
    "periods",
]

BASES = ("total", "price")
FLOW = "flow"
"""The fundamental that `fund` computes itself: money into a fund, from the number of its shares."""
NO_SESSIONS = "ema takes a number of sessions such as 50, found '{}'"
"""An exponential average has no first day, so a window of the calendar says nothing of its weights."""
_YEARS = range(1900, 2101)
_MANY = 10


@kept_by_text(256, typed=True)
def read_window(plain: Plain) -> Window:
    """Return the window that an argument names.

    Raises:
        ExpressionError: It names none.
    """
    if isinstance(plain, bool) or plain is None:
        raise ExpressionError("expected a window such as 'ytd', '90d' or 200")
    if isinstance(plain, int | float):
        if plain != int(plain):
            raise ExpressionError(f"{plain} is not a window; a number of sessions is whole")
        if int(plain) in _YEARS:
            year = int(plain)
            raise ExpressionError(f"{year} without quotes means so many sessions; write '{year}' for the year")
        if plain <= 0:
            raise ExpressionError(f"{plain:g} is not a window; a number of sessions is one or more")
        plain = int(plain)
    try:
        return parse_window(plain)
    except ValueError as problem:
        raise ExpressionError(str(problem)) from None


def read_day(plain: Plain) -> dt.date:
    """Return the day that an argument names.

    Raises:
        ExpressionError: It names none.
    """
    try:
        return parse_date(read_text(plain, "a day such as '2026-02-27'"))
    except ValueError as problem:
        raise ExpressionError(str(problem)) from None


def read_text(plain: Plain, what: str) -> str:
    """Return an argument that is text in quotes.

    Args:
        plain: The argument.
        what: What is expected, for the message.

    Raises:
        ExpressionError: It is something else.
    """
    if not isinstance(plain, str):
        raise ExpressionError(f"expected {what} in quotes")
    return plain


def read_basis(plain: Plain) -> str:
    """Return `total` or `price`.

    Raises:
        ExpressionError: It is neither.
    """
    if plain not in BASES:
        raise ExpressionError(f"basis is '{plain}'; expected 'total' or 'price'")
    return str(plain)


def read_target(plain: Plain) -> float:
    """Return a target price.

    Raises:
        ExpressionError: It is no number above zero.
    """
    try:
        said = parse_quantity(plain) if isinstance(plain, str) else None
    except ValueError as problem:
        raise ExpressionError(str(problem)) from None
    if said is not None and not said.is_money and said.unit:
        raise ExpressionError(
            f"found the target {plain}, which is not a price; write a price, as in upside('XOM', 150)"
        )
    value = plain if isinstance(plain, int | float) else said.value if said is not None else None
    if value is None or isinstance(value, bool) or value <= 0:
        raise ExpressionError("upside takes a target price above zero, as in upside('XOM', 150)")
    return float(value)


def read_field(plain: Plain) -> str:
    """Return the name of a fundamental.

    Raises:
        ExpressionError: There is none of that name.

    >>> read_field("forward_pe")
    'forward_pe'
    """
    known = (*FIELDS, FLOW)
    if plain not in known:
        problem = f'"{plain}" is not a fundamental; there are {", ".join(known)}. {did_you_mean(str(plain), known)}'
        raise ExpressionError(problem.rstrip())
    return str(plain)


def read_universe(plain: Plain, known: Iterable[str]) -> str:
    """Return the id of a universe.

    Raises:
        ExpressionError: There is no such universe.
    """
    options = list(known)
    name = read_text(plain, "a universe")
    if name not in options:
        raise ExpressionError(f'"{name}" is not a known universe. {did_you_mean(name, options)}'.rstrip())
    return name


def read_periods(plain: Plain) -> int:
    """Return a number of periods to go back.

    Raises:
        ExpressionError: It is not a whole number of one or more.
    """
    if isinstance(plain, bool) or not isinstance(plain, int | float) or plain != int(plain) or not 1 <= plain <= 10_000:
        raise ExpressionError(f"expected a whole number of periods, such as 1, found {plain}")
    return int(plain)


def read_group(plain: Plain) -> tuple[str, ...]:
    """Return the names in a list such as `NVDA, MSFT, META`; one name is a basket or a universe.

    Raises:
        ExpressionError: It is not text.
    """
    return tuple(name.strip() for name in read_text(plain, "a basket, or tickers with commas between them").split(","))


def read_basket(plain: Plain, known: Iterable[str]) -> str:
    """Return the id of a basket.

    Raises:
        ExpressionError: There is no such basket.
    """
    options = list(known)
    name = read_text(plain, "a basket")
    if name not in options:
        raise ExpressionError(f'"{name}" is not a known basket. {did_you_mean(name, options)}'.rstrip())
    return name


def read_amount(text: str) -> tuple[float, str] | None:
    """Return an amount of money written in quotes and its currency; None where the text is none.

    >>> read_amount("$39.3T"), read_amount("€1.2bn"), read_amount("XLE")
    ((39300000000000.0, 'USD'), (1200000000.0, 'EUR'), None)
    """
    try:
        found = parse_quantity(text)
    except ValueError:
        return None
    return (found.value, found.unit) if found.is_money else None


def constant_kind(value: float | int | str | bool) -> Typed:
    """Return the kind of what was written: a number, money, a day, a word, or true and false.

    >>> constant_kind("2026-01-02").kind.name, constant_kind("$90").kind.name, constant_kind("rotation").kind.name
    ('day', 'amount', 'word')
    """
    if isinstance(value, bool):
        return Typed(kinds.TRUTH)
    if isinstance(value, str):
        money = read_amount(value)
        if money is not None:
            return Typed(kinds.amount(money[1]), money=True)
        return Typed(kinds.WORD if written_day(value) is None else kinds.DAY)
    return Typed(kinds.NUMBER, written=True, value=float(value), whole=isinstance(value, int))


def written_day(text: str) -> dt.date | None:
    """Return the day that a text in quotes is; None where it is something else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def figure_meant(text: str) -> str:
    """Return what to write for a number or a percentage that stands in quotes; an empty text for any other text.

    >>> figure_meant("5%"), figure_meant("10"), figure_meant("$90"), figure_meant("rotation")
    ('0.05', '10', '', '')
    """
    try:
        found = parse_quantity(text)
    except ValueError:
        return ""
    return "" if found.is_money else f"{found.value:.12f}".rstrip("0").rstrip(".")


def no_member(basket: str, name: str, members: Collection[str]) -> str:
    """Return that a basket has no such member, and which was meant."""
    more = f" and {len(members) - _MANY} more" if len(members) > _MANY else ""
    hint = did_you_mean(name, members) or f"Its members are {', '.join(list(members)[:_MANY])}{more}."
    return f'"{name}" is not a member of {basket}. {hint}'
