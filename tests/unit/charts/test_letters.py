"""What is drawn with kept letters and bare pens, against the same drawn by matplotlib's own renderer."""

from __future__ import annotations

import pathlib
import string
from itertools import groupby

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from tests.unit.charts import kerns
from thesisvault.charts import agg, fonts, letters, style
from thesisvault.charts.sheet import Sheet

WIDTH, HEIGHT = 700, 300
CARD = [*(int(style.CARD[i : i + 2], 16) for i in (1, 3, 5)), 255]
FOLDER = pathlib.Path(fonts.__file__).parent / "fonts"
FOLDER_OF_MATPLOTLIB = pathlib.Path(mpl.get_data_path()) / "fonts" / "ttf"
SIZES = st.sampled_from([style.SMALL, style.AXIS, style.LABEL, style.TITLE, 37.0, style.SUBTITLE])
WEIGHTS = st.sampled_from(style.WEIGHTS)
PLAIN = st.text(sorted(letters._PLAIN), min_size=1, max_size=14)
FIGURES = st.text(string.digits + "+%.,:()-/ pK" + "\N{MINUS SIGN}\N{MIDDLE DOT}", min_size=1, max_size=14)
ANY = st.text(st.characters(codec="utf-8"), min_size=1, max_size=10)
TEXTS = st.one_of(PLAIN, FIGURES, ANY)


class Plain:
    """Matplotlib's own way to draw, with its default settings."""

    def __init__(self):
        self.renderer = RendererAgg(WIDTH, HEIGHT, 72)
        np.asarray(self.renderer.buffer_rgba())[:] = CARD

    def pen(self, color, alpha, width, cap="round", dashes=()):
        gc = self.renderer.new_gc()
        gc.set_foreground((*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)), alpha), isRGBA=True)
        gc.set_linewidth(width)
        gc.set_joinstyle("round")
        gc.set_capstyle(cap)
        if dashes:
            gc.set_dashes(0, list(dashes))
        return gc

    def font(self, size, weight):
        return FontProperties(fname=f"{FOLDER}/SourceSansPro-{weight}.ttf", size=size)

    def text(self, x, y, text, size, weight):
        pen = self.pen(style.BLUE, 1.0, 1.0)
        self.renderer.draw_text(pen, x, HEIGHT - y, text, self.font(size, weight), 0)

    def width_of(self, text, size, weight):
        return self.renderer.get_text_width_height_descent(text, self.font(size, weight), False)[0]

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
@given(TEXTS, SIZES, WEIGHTS, st.booleans())
@example("AVATAR: To Ty. 1.1 \N{MINUS SIGN}0.7", 38.0, "Bold", True)
@example("traffic off fluff software", 34.0, "Regular", True)
@example("(((\N{MIDDLE DOT}", 29.0, "Semibold", False)
def test_a_text_has_the_pixels_and_the_width_that_matplotlib_gives_it(text, size, weight, cold):
    clean = letters.printable(text, weight)
    assume(all(fonts.key_of(letter, weight) == weight for letter in clean))
    if cold:
        for kept in (letters.shapes, letters._row, letters._letters, letters._shape):
            kept.cache_clear()
    plain, sheet = Plain(), Sheet(WIDTH, HEIGHT)
    assert sheet.width_of(text, size, weight) == plain.width_of(clean, size, weight)
    sheet.text(10.3, 100.6, text, size, style.BLUE, weight=weight)
    plain.text(10, 101, clean, size, weight)
    assert (sheet.pixels() == plain.pixels()).all()
    assert (sheet.pixels() != np.array(CARD)).any() or not clean.strip()


@pytest.mark.parametrize("weight", style.WEIGHTS)
def test_the_file_of_kerns_says_what_the_font_says(weight):
    assert pathlib.Path(fonts._OWN, f"SourceSansPro-{weight}.kerns").read_text("utf-8") == kerns.text(weight)
    assert fonts.kerns(weight)["AV"] < -10 < 0 < fonts.kerns(weight)["(j"]
    assert fonts.kerns(weight)["ff"] is None
    assert "11" not in fonts.kerns(weight)


def test_the_font_has_figures_of_one_width_a_minus_and_arrows():
    for weight in style.WEIGHTS:
        font = fonts.face(weight)
        assert len({font.advance(font.number(digit), 40.0) for digit in string.digits + "\N{MINUS SIGN}"}) == 1
        assert all(map(font.number, "\N{RIGHTWARDS ARROW}\N{UPWARDS ARROW}\N{ALMOST EQUAL TO}"))


def test_a_name_in_a_script_that_the_font_lacks_is_drawn_in_a_font_of_the_machine(monkeypatch, tmp_path):
    georgian = "\u10e1\u10d0\u10e5\u10d0\u10e0\u10d7"
    assert not any(map(fonts.face("Regular").number, georgian))
    folder = tmp_path / "fonts"
    folder.mkdir()
    (folder / "broken.ttf").write_bytes(b"no font")
    for found in ([], [folder]):
        for kept in (fonts._of_the_machine, fonts.key_of, letters.printable, letters._row):
            kept.cache_clear()
        monkeypatch.setattr(fonts, "_folders", lambda found=found: found)
        assert not fonts.can_write(georgian)
        assert letters.printable(f"{georgian} 1") == "1"
    (folder / "sans.ttf").write_bytes((FOLDER_OF_MATPLOTLIB / "DejaVuSans.ttf").read_bytes())
    for kept in (fonts._of_the_machine, fonts.key_of, letters.printable, letters._row):
        kept.cache_clear()
    assert fonts.can_write(georgian)
    sheet = Sheet(WIDTH, HEIGHT)
    box = sheet.text(20, 100, f"XLE {georgian}", 40.0, style.INK)
    assert sheet.boxes[0][0] == f"XLE {georgian}"
    assert box.x1 - box.x0 > sheet.width_of("XLE", 40.0) + 100
    assert (sheet.pixels()[:, 120:] != np.array(CARD)).any()
    for kept in (fonts._of_the_machine, fonts.key_of, letters.printable, letters._row):
        kept.cache_clear()


def test_a_picture_among_letters_is_left_out_and_is_no_reason_for_the_ticker():
    assert fonts.can_write("Rockets \N{ROCKET}")
    assert letters.printable("Rockets \N{ROCKET}") == "Rockets"


@settings(max_examples=40)
@given(
    st.integers(0, 99), st.sampled_from([2, 90, 320]), st.floats(0.1, 1), st.sampled_from([(), (7, 6)]), st.booleans()
)
def test_strokes_areas_and_dots_have_the_pixels_that_matplotlib_gives_them(seed, count, alpha, dashes, butt):
    rng = np.random.default_rng(seed)
    xs, ys = np.linspace(20, 650, count), 150 + np.cumsum(rng.normal(0, 6, count)).clip(-120, 120)
    plain, sheet = Plain(), Sheet(WIDTH, HEIGHT)
    around = np.column_stack((np.append(xs, xs[::-1]), np.append(ys, np.full(count, 90.0))))
    face = plain.pen(style.GRAY, alpha, 0.0)
    plain.path(face, Path(around), face.get_rgb())
    sheet.fill(*around.T, style.GRAY, alpha)
    stroke = plain.pen(style.VERMILION, alpha, style.LINE, "butt" if butt or dashes else "round", dashes)
    plain.path(stroke, Path(np.column_stack((xs, ys))))
    sheet.line(xs, ys, style.VERMILION, style.LINE, alpha, dashes, butt=butt)
    plain.path(face, Path.circle((xs[-1], ys[-1]), style.DOT), face.get_rgb())
    sheet.dot(xs[-1], ys[-1], style.DOT, style.GRAY, alpha)
    assert (sheet.pixels() == plain.pixels()).all()
    assert (sheet.pixels() != np.array(CARD)).any()


@settings(max_examples=200)
@given(*[st.integers(-40, 2 * max(WIDTH, HEIGHT)).map(lambda half: half / 2)] * 2, st.floats(-9, 99), st.floats(-9, 99))
@example(20.5, 30.5, 4.0, 4.0)
@example(0.0, 0.0, 0.0, 9.0)
@example(-50.0, 20.0, 20.0, 20.0)
def test_rectangles_have_the_pixels_that_matplotlib_gives_them(x, y, across, up):
    plain, sheet = Plain(), Sheet(WIDTH, HEIGHT)
    face = plain.pen(style.GRAY, 1.0, 0.0)
    corners = [(x, y), (x + across, y), (x + across, y + up), (x, y + up)]
    plain.path(face, Path(corners), face.get_rgb())
    sheet.rect(x, y, x + across, y + up, style.GRAY)
    assert (sheet.pixels() == plain.pixels()).all()


@settings(max_examples=40)
@given(st.integers(0, 99), st.sampled_from([2, 3, 90, 320]))
def test_the_gaps_between_two_lines_have_the_pixels_that_matplotlib_gives_them(seed, count):
    rng = np.random.default_rng(seed)
    xs, (one, other) = np.linspace(20, 650, count), 150 + rng.normal(0, 40, (2, count)).clip(-140, 140)
    is_there = one > other
    plain, sheet = Plain(), Sheet(WIDTH, HEIGHT)
    places, codes = [], []
    for inside, segments in groupby(range(count - 1), lambda i: is_there[i] or is_there[i + 1]):
        if inside:
            gap = [*(run := list(segments)), run[-1] + 1]
            places += [(xs[i], max(one[i], other[i])) for i in gap] + [(xs[i], other[i]) for i in reversed(gap)]
            codes += [Path.MOVETO, *[Path.LINETO] * (2 * len(gap) - 1)]
    face = plain.pen(style.GRAY, style.TINT, 0.0)
    if places:
        plain.path(face, Path(places, codes), face.get_rgb())
    sheet.between(xs, np.maximum(one, other), other, is_there, style.GRAY, style.TINT)
    assert (sheet.pixels() == plain.pixels()).all()
    assert (sheet.pixels() != np.array(CARD)).any() == is_there.any()


def test_what_is_kept_of_letters_is_bounded():
    for kept in (
        letters.shapes,
        letters._row,
        letters._shape,
        letters._letters,
        letters._advance,
        letters.printable,
        agg.pen,
        fonts.key_of,
    ):
        assert kept.cache_info().maxsize
    assert fonts.key_of.cache_info().maxsize
    sheets = [Sheet(100 + k, 50) for k in range(5)]
    for each in sheets:
        each.give_back()
    assert len(agg._kept) <= agg._KEPT_MOST
