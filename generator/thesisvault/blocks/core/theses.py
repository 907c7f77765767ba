"""Ids of theses that stand side by side."""

from __future__ import annotations

from typing import Annotated

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
