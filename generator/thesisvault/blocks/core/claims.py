"""The models of claims: what was said, and how it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any

from pydantic import ConfigDict, field_validator, model_validator

from thesisvault.fields import Between, Day, Expr, Figure, Integer, Name, Prose, Truth, Word
from thesisvault.model import Model, PartError
from thesisvault.patterns import regex
from thesisvault.quantities import Quantity, TooManyDigitsError, parse_quantity
from thesisvault.scalars import parse_date, parse_truth
from thesisvault.written import like

EXPECTATIONS = ("expect", "at_least", "at_most", "between", "truth", "date", "count", "word")
_WIDEST = 0.10
"""The widest tolerance of a small fraction: ten points."""
_DIGITS = 10
"""How many times its last digit a tolerance may be, and half the figure where that is more."""


_BOUND = regex(
    r"\s*(?:(?P<more>>=?|≥|at least|more than|over|above|min\.?)|<=?|≤|at most|less than|under|below|up to|max\.?)\s*"
)
_RANGE = regex(
    r"(?P<low>[+-]?\d[\d.,]*(?:%|pp|bp|x)?)\s*(?:-|–|—|to|and|\.\.)\s*(?P<high>[+-]?\d[\d.,]*)(?P<unit>%|pp|bp|x)?"
)


def _one_of(schema: dict[str, Any]) -> None:
    """Put into a claim's JSON Schema that it has exactly one expectation, and what `within` goes with."""
    named = ", ".join(EXPECTATIONS)
    schema["anyOf"] = [{"required": [name], "errorMessage": f"a claim has one of {named}"} for name in EXPECTATIONS]
    schema["dependentSchemas"] = {
        name: {
            "errorMessage": f"a claim has one of {named}; found {name} as well",
            "properties": {other: False for other in EXPECTATIONS if other != name},
        }
        for name in EXPECTATIONS
    }
    goes_with = [
        {"required": [name], "errorMessage": "within goes with expect or count"} for name in ("expect", "count")
    ]
    schema["dependentSchemas"]["within"] = {"anyOf": goes_with}


class Claim(Model):
    """One claim and how it is checked."""

    model_config = ConfigDict(json_schema_extra=_one_of)

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
    count: Annotated[Integer, Between(-(10**9), 10**9)] | None = None
    """The whole number that was said."""
    word: Name | None = None
    """The word that was said, such as rotation."""
    on: Day | None = None
    """The day at which it is judged; left out, the last close before the source's day."""
    source: Word | None = None
    """The id of a source of this definition."""
    note: Prose | None = None
    """What to make of it, in words."""
    headline: Prose | None = None
    """What the first line of the fact check says of it while it is contradicted: the claim that matters most."""

    @field_validator("expect", mode="before")
    @classmethod
    def _one_figure(cls, value: object) -> object:
        """Refuse a bound or a range in place of a figure, and name the key that takes it."""
        if isinstance(value, str):
            if found := _BOUND.match(value):
                key = "at_least" if found["more"] else "at_most"
                raise ValueError(f'"{value}" is a bound; write {key}: {value[found.end() :]} in place of expect')
            if found := _RANGE.fullmatch(value):
                unit = found["unit"] or ""
                both = f"[{found['low'].removesuffix(unit)}{unit}, {found['high']}{unit}]"
                raise ValueError(f'"{value}" is a range; write between: {both} in place of expect')
        return value

    @model_validator(mode="after")
    def _one_expectation(self) -> Claim:
        given = [name for name in EXPECTATIONS if getattr(self, name) is not None]
        if len(given) != 1:
            if len(given) == 2 and self.date is not None:
                said = "date is a day that was claimed, on is the day at which a claim is checked"
                raise PartError(f"{said}; write on: {self.date}", "date", on_key=True)
            found = " and ".join(given) or "none"
            raise ValueError(f"a claim has one of {', '.join(EXPECTATIONS)}; found {found}")
        if self.within is not None:
            check_tolerance(self.within, [self.expect] if self.expect else [], self.count)
        if self.between is not None:
            low, high = self.between
            _same_unit(low, high, "between")
            if low.value > high.value:
                raise PartError(f"between {low.text} and {high.text} is empty; write the smaller one first", "between")
        return self

    @property
    def form(self) -> str:
        """Which of `EXPECTATIONS` it has."""
        return next(name for name in EXPECTATIONS if getattr(self, name, None) is not None)

    @property
    def figures(self) -> tuple[Quantity, ...]:
        """The figures that were said: one, two of a range, or none."""
        given = (self.expect, self.at_least, self.at_most, *(self.between or ()))
        return tuple(each for each in given if each is not None)

    @property
    def said(self) -> Quantity | None:
        """The figure that was said, the lower one of two; None where it was no figure."""
        return next(iter(self.figures), None)


def check_tolerance(within: Quantity, figures: Iterable[Quantity], count: int | None = None) -> None:
    """Refuse a tolerance that does not go with what was said, or that would decide the verdict by itself.

    Args:
        within: The tolerance.
        figures: The figures that it goes with; the widest one bounds it.
        count: The count that it goes with.

    Raises:
        PartError: It has another unit, is negative, or is wider than half the figure and ten of its last digits.
    """
    said = list(figures)
    if not said and count is None:
        raise PartError("within goes with expect or count", "within")
    if within.value < 0:
        raise PartError(f"within is {within.text}; a tolerance is zero or more", "within")
    if count is not None:
        if within.unit or within.value != round(within.value):
            raise PartError(f"within is {within.text}; of a count it is a whole number, as in within: 2", "within")
        widest = max(count / 2, _DIGITS)
    else:
        for each in said:
            _same_unit(each, within, "within")
        widest = max(max(abs(each.value) / 2, _DIGITS * each.step, _WIDEST * each.is_fraction) for each in said)
    # The margin only keeps a boundary case on its side of float noise.
    if within.value > widest * (1 + 1e-9):
        spoken = f"{count}" if count is not None else max(said, key=lambda each: abs(each.value)).text
        raise PartError(
            f"within {within.text} of {spoken} confirms nearly anything; narrow it, or claim a range", "within"
        )


def _same_unit(said: Quantity | None, other: Quantity | None, part: str) -> None:
    """Refuse figures that cannot be compared: 43pp within 3 would allow three hundred points."""
    if said is None or other is None or said.unit == other.unit:
        return
    if not (said.is_fraction and other.is_fraction):
        problem = f"{said.text} and {other.text} have different units; write both alike, as in 43pp and 3pp"
        raise PartError(problem, part)


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

    @model_validator(mode="after")
    def _readable(self) -> CellClaim:
        if self.expect is None:
            try:
                expectation(self.says)
            except TooManyDigitsError as problem:
                raise PartError(str(problem), "says") from None
        return self


def expectation(text: str) -> tuple[str, Any]:
    """Return what the bare text of a cell expects: which of `EXPECTATIONS`, and its value; a word if nothing else fits.

    >>> expectation("+18%")[0], expectation("+18%")[1].value
    ('expect', 0.18)
    >>> expectation(">20%")[0], expectation(">20%")[1].value
    ('at_least', 0.2)
    >>> expectation("a lot")
    ('word', 'a lot')

    Raises:
        TooManyDigitsError: It is a figure that nothing can be.
    """
    plain = text.strip().strip("*").strip()
    for name, bare, read in _readings(plain):
        try:
            return name, read(like(text, bare))
        except TooManyDigitsError:
            raise
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
