"""The first line of an asset: a close is at its high only where it is the high itself."""

from __future__ import annotations

import pytest

from thesisvault.language.text import Figure, words_of
from thesisvault.language.values import Number
from thesisvault.runs.steps.compose.measured import under_high


@pytest.mark.parametrize(
    ("value", "shown", "begins", "said"),
    [
        (0.0, "0.0%", True, "At its 1-year high"),
        (0.0, "0.0%", False, "at its 1-year high"),
        (0.0002, "0.0%", True, "Less than 0.1% below its 1-year high"),
        (0.0002, "0.0%", False, "less than 0.1% below its 1-year high"),
        (0.0203, "2.0%", True, "2.0% below its 1-year high"),
    ],
)
def test_only_the_high_itself_is_called_the_high(value: float, shown: str, begins: bool, said: str) -> None:
    figure = Figure(shown, Number(value, "fraction", None))
    assert words_of(under_high(figure, value, "1-year high", begins=begins)) == said
