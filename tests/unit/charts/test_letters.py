"""What is drawn with kept letters and bare pens, against the same drawn by matplotlib's own renderer."""

from __future__ import annotations

import string

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from thesisvault.charts import agg, letters, style
from thesisvault.charts.sheet import CAPITAL, Sheet

WIDTH, HEIGHT = 700, 300
SIZES = st.sampled_from([style.SMALL, style.AXIS, style.LABEL, style.TITLE, 37.0, style.NUMBER])
PLAIN = st.text(sorted(letters._PLAIN), min_size=1, max_size=14)
FIGURES = st.text(string.digits + "+%.,:()-/ pK" + "\N{MINUS SIGN}\N{MIDDLE DOT}", min_size=1, max_size=14)
ANY = st.text(st.characters(codec="utf-8"), min_size=1, max_size=10)
TEXTS = st.one_of(PLAIN, FIGURES, ANY)


class Plain:
    """Matplotlib's own way to draw, with its default settings."""

    def __init__(self):
        self.renderer = RendererAgg(WIDTH, HEIGHT, 72)

    def pen(self, color, alpha, width, cap="round", dashes=()):
        gc = self.renderer.new_gc()
        gc.set_foreground((*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)), alpha), isRGBA=True)
        gc.set_linewidth(width)
        gc.set_joinstyle("round")
        gc.set_capstyle(cap)
        if dashes:
            gc.set_dashes(0, list(dashes))
        return gc

    def font(self, size, bold):
        name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
        return FontProperties(fname=f"{mpl.get_data_path()}/fonts/ttf/{name}", size=size)

    def text(self, x, y, text, size, bold, angle):
        pen = self.pen(style.BLUE, 1.0, 1.0)
        self.renderer.draw_text(pen, x, HEIGHT - y, text, self.font(size, bold), angle)

    def width_of(self, text, size, bold):
        return self.renderer.get_text_width_height_descent(text, self.font(size, bold), False)[0]

    def path(self, pen, path, face=None):
        self.renderer.draw_path(pen, path, IdentityTransform(), face)

    def pixels(self):
        return np.asarray(self.renderer.buffer_rgba())


@pytest.fixture(autouse=True)
def default_settings():
    defaults = {key: value for key, value in mpl.rcParamsDefault.items() if "backend" not in key}
    with mpl.rc_context(defaults):
        yield


@settings(max_examples=300)
@given(TEXTS, SIZES, st.booleans(), st.booleans())
@example("AVATAR: To Ty. 1.1 \N{MINUS SIGN}0.7", 38.0, True, True)
@example("traffic off fluff", 28.0, False, True)
@example("(((\N{MIDDLE DOT}", 24.0, False, False)
def test_a_text_has_the_pixels_and_the_width_that_matplotlib_gives_it(text, size, bold, cold):
    clean = letters.printable(text, bold)
    if cold:
        for kept in (letters._row, letters._shape, letters._kerns):
            kept.cache_clear()
    plain, sheet = Plain(), Sheet(WIDTH, HEIGHT)
    assert sheet.width_of(text, size, bold) == plain.width_of(clean, size, bold)
    sheet.text(10.3, 100.6, text, size, style.BLUE, bold=bold)
    plain.text(10, 101, clean, size, bold, 0)
    assert (sheet.pixels() == plain.pixels()).all()
    assert sheet.pixels().any() or not clean.strip()


@given(TEXTS, SIZES, st.floats(0, 1), st.floats(0, 1))
def test_an_upright_text_has_the_pixels_that_matplotlib_gives_it(text, size, right, up):
    plain, sheet = Plain(), Sheet(WIDTH, HEIGHT)
    box = sheet.text(300 + right, 150 + up, text, size, style.BLUE, upright=True)
    left, base = 300 + right - size * CAPITAL / 2, 150 + up - sheet.width_of(text, size) / 2
    plain.text(left + size * CAPITAL, base, letters.printable(text), size, False, 90)
    assert box.y0 == base
    assert (sheet.pixels() == plain.pixels()).all()


@settings(max_examples=40)
@given(
    st.integers(0, 99), st.sampled_from([2, 90, 320]), st.floats(0.1, 1), st.sampled_from([(), (7, 6)]), st.booleans()
)
def test_strokes_areas_and_dots_have_the_pixels_that_matplotlib_gives_them(seed, count, alpha, dashes, butt):
    rng = np.random.default_rng(seed)
    xs, ys = np.linspace(20, 650, count), 150 + np.cumsum(rng.normal(0, 6, count)).clip(-120, 120)
    plain, sheet = Plain(), Sheet(WIDTH, HEIGHT)
    around = np.column_stack((np.append(xs, xs[::-1]), np.append(ys, np.full(count, 90.0))))
    face = plain.pen(style.GREEN, alpha, 0.0)
    plain.path(face, Path(around), face.get_rgb())
    sheet.fill(*around.T, style.GREEN, alpha)
    stroke = plain.pen(style.VERMILION, alpha, style.LINE, "butt" if butt or dashes else "round", dashes)
    plain.path(stroke, Path(np.column_stack((xs, ys))))
    sheet.line(xs, ys, style.VERMILION, style.LINE, alpha, dashes, butt=butt)
    plain.path(face, Path.circle((xs[-1], ys[-1]), style.DOT), face.get_rgb())
    sheet.dot(xs[-1], ys[-1], style.DOT, style.GREEN, alpha)
    assert (sheet.pixels() == plain.pixels()).all()
    assert sheet.pixels().any()


def test_what_is_kept_of_letters_is_bounded():
    for kept in (letters._row, letters._shape, letters._number, letters._advance, letters.printable, agg.pen):
        assert kept.cache_info().maxsize
    sheets = [Sheet(100 + k, 50) for k in range(5)]
    for each in sheets:
        each.give_back()
    assert len(agg._kept) <= agg._KEPT_MOST
