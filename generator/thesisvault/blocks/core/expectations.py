"""What may be claimed of which kind of value, and how the value is shown in the notation of the claim.

A claim is written as its kind is: points of a difference, per cent of a return, money in the currency of the price. The
check before anything is fetched and the judgement on prices both come from here.
"""

from __future__ import annotations

import datetime as dt
import math

from thesisvault.blocks.core.claims import Claim
from thesisvault.language import formats, kinds
from thesisvault.language.kinds import Kind, Typed
from thesisvault.language.values import Number
from thesisvault.quantities import SIGNS, Quantity, is_currency

_BARE = {"truth": "truth: true or truth: false", "day": "date: 2026-02-27", "word": "word: rotation"}
_OTHERS = {"truth": "truth", "date": "day", "word": "word"}
_MORE = 4
"""How many further digits are shown at most to tell a figure from the claim that it misses."""


def misfit(claim: Claim, typed: Typed) -> tuple[str, str]:
    """Return what is wrong with what is claimed of a kind, and the text to blame; two empty texts where it fits."""
    kind = typed.kind
    if kind.family == "any":
        return "", ""
    form = claim.form
    if form in _OTHERS:
        if kind.family == _OTHERS[form]:
            return "", ""
        claimed = f'"{claim.word}"' if form == "word" else f"{'a ' if form == 'date' else ''}{form}"
        return f"{claimed} was claimed of {kind}; {notation(kind)}", claim.word or claim.check
    if form == "count":
        fits = kind in (kinds.COUNT, kinds.NUMBER)
        if fits and (can_be := kinds.beyond(claim.count or 0, typed)):
            return f"{claim.count} was claimed, and {can_be}", claim.check
        return ("", "") if fits else (f"a count was claimed of {kind}; {notation(kind)}", claim.check)
    for said in claim.figures:
        if not _fits(said, kind):
            return f"{said.text} was claimed of {kind}; {notation(kind)}", said.text
        if can_be := kinds.beyond(said.value, typed):
            instead = f"; write -{said.text.lstrip('+')}" if typed.bounds == kinds.FALL and not said.about else ""
            return f"{said.text} was claimed, and {can_be}{instead}", said.text
    return "", ""


def _fits(said: Quantity, kind: Kind) -> bool:
    family = kind.family
    if family in ("truth", "day", "word", "level"):
        return False
    if said.value == 0 and not said.unit:
        return True  # nothing is nothing in every unit
    if family == "fraction":
        return said.unit == ("pp" if kind == kinds.SPREAD else "%")
    if family == "plain":
        return said.unit in (("",) if kind in (kinds.COUNT, kinds.CORRELATION) else ("", "x"))
    if family == "points" or (family == "amount" and not is_currency(kind.unit) and kind.unit):
        return not said.unit
    return said.is_money and said.unit == (kind.unit or said.unit)


def notation(kind: Kind) -> str:
    """Return how a claim of a kind is written, as the end of a message: `write it with %, as in +18%`."""
    family = kind.family
    if family in _BARE:
        return f"write {_BARE[family]}"
    if family == "level":
        return "claim a return of it, a ratio of two levels, or close()"
    if family == "fraction":
        if kind == kinds.SPREAD:
            return "write it in points, as in 43pp"
        return f"write it with %, as in {'+18%' if kind == kinds.RETURN else '4.25%'}"
    if family == "plain":
        if kind == kinds.COUNT:
            return "write a whole number, as in count: 312"
        return f"write a plain number, as in {'0.2' if kind == kinds.CORRELATION else '1.3'}"
    if family == "points":
        return "write a plain number, as in 6,878.88"
    if kind.unit and not is_currency(kind.unit):
        return "write a plain number, as in 1.2M"
    example = formats.amount_of(12.5, kind.unit or "USD") if family == "price" else f"{_sign(kind.unit)}1.2B"
    pence = " or 350p" if kind.unit == "GBP" and family == "price" else ""
    return f"write it in {kind.unit or 'its currency'}, as in {example}{pence}"


def _sign(currency: str) -> str:
    return SIGNS.get(currency or "USD", f"{currency} ")


def claimed(claim: Claim) -> str:
    """Return what was claimed, in words: `43pp within 3pp`, `at least 60%`, `6% to 8%`, `yes`."""
    if claim.expect is not None:
        within = f" within {claim.within.text}" if claim.within else ""
        return f"{claim.expect.text}{within}"
    if claim.at_least is not None:
        return f"at least {claim.at_least.text}"
    if claim.at_most is not None:
        return f"at most {claim.at_most.text}"
    if claim.between is not None:
        return f"{claim.between[0].text} to {claim.between[1].text}"
    if claim.truth is not None:
        return "yes" if claim.truth else "no"
    if claim.count is not None:
        within = f" within {claim.within.text}" if claim.within else ""
        return f"{formats.integer(claim.count)}{within}"
    return str(claim.date or claim.word)


def shown(claim: Claim, number: Number, kind: Kind, *, holds: bool) -> str:
    """Return what the data say in the notation of the claim.

    Args:
        claim: What was said.
        number: What was computed.
        kind: What it is.
        holds: The claim is confirmed; where it is not, as many digits are shown as tell the two apart.
    """
    value = number.value
    if value is None or isinstance(value, str | dt.date) or number.kind == "truth":
        return formats.formatted(number)
    said = claim.said
    if said is None:
        return formats.integer(value) if value == round(value) else formats.num(value)
    text = ""
    for more in range(_MORE + 1):
        text = _like(said, value, kind, more)
        if holds or all(text.lstrip("+") != _like(each, each.value, kind, more).lstrip("+") for each in claim.figures):
            break
    return text


def _like(said: Quantity, value: float, kind: Kind, more: int) -> str:
    """Return a value in the notation of what was said, with so many digits more."""
    if said.basis_points:
        return formats.bp(value, said.decimals + more)
    if said.is_fraction or kind.family == "fraction":
        digits = max(1, round(-math.log10(said.step)) - 2) + more
        if kind == kinds.SPREAD:
            return formats.pp(value, digits)
        return formats.pct(value, digits) if kind == kinds.RETURN else formats.share(value, digits)
    if said.unit == "x":
        return formats.mult(value, max(1, said.decimals) + more)
    if kind.family in ("price", "amount") and (is_currency(kind.unit) or said.is_money):
        text = _money(said, value, kind.unit or said.unit, more)
        return formats.signed(text, value) if kinds.is_difference(kind) else text
    value /= said.size
    digits = said.decimals if value == round(value) and not more else max(2, said.decimals) + more
    text = formats.num(value, digits) + said.scale
    return formats.signed(text, value) if kinds.is_difference(kind) else text


def _money(said: Quantity, value: float, currency: str, more: int) -> str:
    if said.pence:
        return f"{formats.num(value * 100, max(1, said.decimals) + more)}p"
    if said.scale and value:
        sign = formats.MINUS if value < 0 else ""
        return f"{sign}{_sign(currency)}{formats.num(abs(value) / said.size, max(2, said.decimals) + more)}{said.scale}"
    return formats.amount_of(value, currency, max(2, said.decimals) + more)
