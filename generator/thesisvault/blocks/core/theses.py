"""Ids of theses that stand side by side."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from thesisvault.fields import Word


def _each_once(ids: tuple[str, ...]) -> tuple[str, ...]:
    if twice := [each for i, each in enumerate(ids) if each in ids[:i]]:
        raise ValueError(f'"{twice[0]}" is duplicated; a thesis cannot be compared with itself')
    return ids


Theses = Annotated[tuple[Word, ...], AfterValidator(_each_once)]
