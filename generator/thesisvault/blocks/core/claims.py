"""The models of claims: what was said, and how it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import model_validator

from thesisvault.fields import Day, Expr, Figure, Integer, Name, Prose, Truth, Word
from thesisvault.model import Model
from thesisvault.scalars import Quantity, parse_date, parse_quantity, parse_truth

EXPECTATIONS = ("expect", "at_least", "at_most", "between", "truth", "date", "count", "word")
_RELATIVE = ("%", "pp")


class Claim(Model):
    """One claim and how it is checked."""

    says: Prose
    """The claim in words."""
    check: Expr
    """The expression that computes what is claimed."""
    expect: Figure | None = None
    """The figure that was said."""
    within: Figure | None = None
    """Tolerance; left out, it follows from the precision of what was said."""
    at_least: Figure | None = None
    """The figure is this or more."""
    at_most: Figure | None = None
    """The figure is this or less."""
    between: tuple[Figure, Figure] | None = None
    """The figure lies between two, both included."""
    truth: Truth | None = None
    """The condition holds, or does not."""
    date: Day | None = None
    """The day that was said."""
    count: Integer | None = None
    """The whole number that was said."""
    word: Name | None = None
    """The word that was said, such as rotation."""
    on: Day | None = None
    """The day at which it is judged; left out, the last close before the source's day."""
    source: Word | None = None
    """The id of a source of this definition."""
    note: Prose | None = None
    """What to make of it, in words."""

    @model_validator(mode="after")
    def _one_expectation(self) -> Claim:
        given = [name for name in EXPECTATIONS if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"a claim has one of {', '.join(EXPECTATIONS)}; found {found}")
        if self.within is not None and self.expect is None:
            raise ValueError("within goes with expect")
        _same_unit(self.expect, self.within)
        if self.within is not None and self.within.value < 0:
            raise ValueError(f"within is {self.within.text}; a tolerance is zero or more")
        if self.between is not None:
            low, high = self.between
            _same_unit(low, high)
            if low.value > high.value:
                raise ValueError(f"between {low.text} and {high.text} is empty; write the smaller one first")
        return self

    @property
    def said(self) -> Quantity | None:
        """The figure that was said, the lower one of two; None where it was no figure."""
        return self.expect or self.at_least or self.at_most or (self.between[0] if self.between else None)


def _same_unit(said: Quantity | None, other: Quantity | None) -> None:
    """Refuse figures that cannot be compared: 43pp within 3 would allow three hundred points."""
    if said is None or other is None or said.unit == other.unit:
        return
    if said.unit not in _RELATIVE or other.unit not in _RELATIVE:
        raise ValueError(f"{said.text} and {other.text} have different units; write both alike, as in 43pp and 3pp")


class CellClaim(Model):
    """A table cell that is a claim; what it leaves out comes from its table."""

    says: Prose
    """What was said, as it is shown."""
    check: Expr | None = None
    """The expression that computes it."""
    expect: Figure | None = None
    """The figure that was said, if `says` is not just that figure."""
    within: Figure | None = None
    """Tolerance."""
    on: Day | None = None
    """The day at which it is judged."""
    source: Word | None = None
    """The id of a source of this definition."""


def expectation(text: str) -> tuple[str, Any]:
    """Return what the bare text of a cell expects: which of `EXPECTATIONS`, and its value; a word if nothing else fits.

    >>> expectation("+18%")[0], expectation("+18%")[1].value
    ('expect', 0.18)
    >>> expectation(">20%")[0], expectation(">20%")[1].value
    ('at_least', 0.2)
    >>> expectation("a lot")
    ('word', 'a lot')
    """
    plain = text.strip().strip("*").strip()
    for name, bare, read in _readings(plain):
        try:
            return name, read(bare)
        except ValueError:
            continue
    return "word", plain


def _readings(plain: str) -> Iterator[tuple[str, str, Callable[[str], Any]]]:
    """Yield the expectations that a text may stand for, each with the text to read and what reads it."""
    if plain.startswith(">"):
        yield "at_least", plain.lstrip(">= "), parse_quantity
    elif plain.startswith("<"):
        yield "at_most", plain.lstrip("<= "), parse_quantity
    else:
        if plain.endswith("+"):
            yield "at_least", plain[:-1], parse_quantity
        yield "expect", plain, parse_quantity
        yield "date", plain, parse_date
        yield "truth", plain, parse_truth
