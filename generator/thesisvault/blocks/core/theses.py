"""Ids of theses that stand side by side."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from thesisvault.fields import MOST_ROWS, Word
from thesisvault.model import PartError
from thesisvault.offers import Offers


def _each_once(ids: tuple[str, ...]) -> tuple[str, ...]:
    for nth, each in enumerate(ids):
        if each in ids[:nth]:
            raise PartError(f'"{each}" is duplicated; a thesis cannot be compared with itself', nth)
    return ids


Theses = Annotated[
    tuple[Annotated[Word, Offers("theses")], ...], Field(max_length=MOST_ROWS), AfterValidator(_each_once)
]


def short_title(model: Any) -> str:
    """Return the title of a thesis as a narrow cell shows it: with an arrow for the way from one side to the other.

    >>> from types import SimpleNamespace
    >>> short_title(SimpleNamespace(title="Software to energy", sell="IGV", buy="XLE"))
    'Software → energy'
    """
    title: str = model.title
    return title.replace(" to ", " → ", 1) if model.sell and model.buy else title
