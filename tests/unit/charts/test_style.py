from __future__ import annotations

import re

import numpy as np
import pytest

from thesisvault.charts import style
from thesisvault.charts.heatmap import ink_on, luminance, shade

WORDS = {name: value for name, value in vars(style).items() if isinstance(value, str) and re.match("#", value)}
GROUNDS = {"CARD", "GRID", "AREA"}
TILES = {"TILE_LOW", "TILE_MIDDLE", "TILE_HIGH"}


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_luminance_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_every_color_of_words_and_lines_is_read_on_the_card():
    colors = {value for name, value in WORDS.items() if name not in GROUNDS | TILES}
    assert len(colors) >= 5
    weak = {c: contrast(c, style.CARD) for c in colors | {*style.PALETTE}}
    assert not {c: ratio for c, ratio in weak.items() if ratio < 4.5}
    assert contrast(style.INK, style.CARD) > 16


def test_the_figures_in_tiles_are_read_on_every_shade():
    for value in np.linspace(-1, 1, 81):
        assert contrast(shade(value), ink_on(shade(value))) >= 4.5


def test_sizes_come_from_the_phone_back():
    assert (style.WIDTH, style.HEIGHT) == (1200, 900)
    assert min(style.SMALL, style.AXIS, style.LABEL_LEAST, style.SUBTITLE, style.TITLE_LEAST) >= 29
    assert style.LABEL >= 0.03 * style.WIDTH
    assert min(style.LINE, style.LINE_SECOND) >= 0.004 * style.WIDTH


def test_colors_of_lines_differ():
    assert len(set(style.PALETTE)) == len(style.PALETTE) == 8
