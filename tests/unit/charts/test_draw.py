from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import platform
import subprocess
import sys
import zlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.charts.samples import AS_OF, pair, samples, values, walk
from thesisvault.charts import png, specs, style
from thesisvault.charts.draw import draw, fingerprint, sheet, stamp
from thesisvault.charts.series import Points, cross, points, thin
from thesisvault.structs import replace

SCRIPT = """
import hashlib, sys
from thesisvault.charts.draw import draw, fingerprint
from tests.unit.charts.samples import AS_OF, samples
for name, chart in samples().items():
    print(name, hashlib.sha256(draw(chart, recipe=name, as_of=AS_OF)).hexdigest())
assert "matplotlib" not in sys.modules
import matplotlib.pyplot as plt
plt.figure().canvas.draw()
from matplotlib import ft2font
from thesisvault.charts import fonts
assert type(fonts.face("Bold")._font) is ft2font.FT2Font
"""


FAULTS = """
from resource import RUSAGE_SELF, getrusage
from thesisvault.charts.draw import draw
from tests.unit.charts.samples import AS_OF, samples
chart = samples()["pair"]
for turn in range(8):
    before = getrusage(RUSAGE_SELF).ru_minflt
    draw(chart, recipe="", as_of=AS_OF)
print(getrusage(RUSAGE_SELF).ru_minflt - before)
"""


def python(root, script, **environment):
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, env=dict(os.environ) | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        {"PYTHONHASHSEED": "8", "LC_ALL": "tr_TR.UTF-8", "OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"},
        {"PYTHONHASHSEED": "9", "LC_ALL": "C", "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX512_SKX AVX2 FMA3"},
    ],
    ids=lambda environment: environment["PYTHONHASHSEED"],
)
def test_the_same_chart_gives_the_same_bytes_in_any_process_zone_and_with_any_settings(root, tmp_path, environment):
    (tmp_path / "matplotlibrc").write_text("font.size: 30\npath.simplify: False\ntext.antialiased: False\n")
    other = python(root, SCRIPT, MATPLOTLIBRC=str(tmp_path), MPLBACKEND="agg", **environment)
    here = {n: hashlib.sha256(draw(c, recipe=n, as_of=AS_OF)).hexdigest() for n, c in samples().items()}
    assert other.split() == [word for pair_ in here.items() for word in pair_]


def test_a_chart_has_the_same_bytes_whatever_was_drawn_before_and_leaves_other_sheets_alone():
    charts = samples()
    first = {name: draw(chart, recipe=name, as_of=AS_OF) for name, chart in charts.items()}
    held = sheet(charts["pair"]).pixels()
    before = held.copy()
    again = {name: draw(charts[name], recipe=name, as_of=AS_OF) for name in reversed(charts)}
    assert again == first
    assert (held == before).all()


def test_a_fingerprint_needs_no_matplotlib_and_is_the_same_in_every_process(root):
    script = (
        "import sys\nfrom thesisvault.charts.draw import fingerprint\n"
        "from tests.unit.charts.samples import AS_OF, pair\n"
        "print(fingerprint(pair(), recipe='r', as_of=AS_OF))\n"
        "from thesisvault.charts import specs, style\n"
        "print(any(name.startswith('matplotlib') for name in sys.modules))"
    )
    # The samples need a sheet only to judge one, so its module is there, but matplotlib is not.
    assert python(root, script, PYTHONHASHSEED="1").split() == [fingerprint(pair(), recipe="r", as_of=AS_OF), "False"]


@pytest.mark.parametrize("kind", samples())
def test_a_chart_carries_its_stamp_and_is_a_small_png_with_a_ground_of_its_own(kind):
    chart = samples()[kind]
    data = draw(chart, recipe="chart: {pair: [XLE, IGV]} · ünï", as_of=AS_OF)
    assert stamp(data) == png.Stamp(
        "chart: {pair: [XLE, IGV]} · ünï",
        AS_OF,
        fingerprint(chart, recipe="chart: {pair: [XLE, IGV]} · ünï", as_of=AS_OF),
    )
    image = Image.open(io.BytesIO(data))
    image.load()
    assert image.size == (1200, 900)
    assert image.convert("RGBA").getpixel((0, 0)) == (0xFB, 0xF8, 0xF3, 255)
    assert len(data) <= 64 * 1024
    assert b"Software" not in data
    assert b"tIME" not in data


def test_what_the_file_shows_is_what_was_drawn():
    chart = samples()["pair"]
    pixels = sheet(chart).pixels()
    shown = np.asarray(Image.open(io.BytesIO(draw(chart, recipe="", as_of=AS_OF))).convert("RGBA"))
    before, after = (p[..., :3].astype(float) * p[..., 3:] / 255 for p in (pixels, shown))
    assert np.abs(pixels[..., 3].astype(int) - shown[..., 3]).max() <= 64
    assert np.abs(before - after).max() <= 72
    assert np.abs(before - after).mean() < 0.05
    assert (pixels == shown).all(axis=2).mean() > 0.97


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + b"\xff" * 40])
def test_other_bytes_have_no_stamp(data):
    assert stamp(data) is None


@settings(max_examples=100)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_a_damaged_file_has_the_whole_stamp_or_none(at, junk):
    data = draw_once()
    assert stamp(data[:at] + junk + data[at + len(junk) :]) in (None, stamp(data))
    assert stamp(data[:at]) in (None, stamp(data))


def draw_once(cache: list[bytes] = []) -> bytes:  # noqa: B006  (drawn once on purpose)
    if not cache:
        cache.append(draw(pair(), recipe="r", as_of=AS_OF))
    return cache[0]


def test_a_picture_of_another_program_has_no_stamp():
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    assert stamp(out.getvalue()) is None


def test_everything_a_picture_shows_changes_its_fingerprint():
    base = pair()
    first = base.lines[0].values
    shifted = specs.Line("XLE", specs.Values("", first.days + 1, first.values))
    nudged = specs.Line("XLE", specs.Values("", first.days, first.values * (1 + 1e-6 * np.arange(90))))
    renamed = specs.Line("XLE", specs.Values("buy", first.days, first.values))
    changed = [
        pair(title="Other"), pair(small="other"), pair(subtitle="other"),
        pair(pair=False), pair(lines=(shifted, base.lines[1])), pair(lines=(renamed, base.lines[1])),
        pair(lines=(nudged, base.lines[1])), pair(lines=base.lines[::-1]), pair(marks=(specs.Mark(AS_OF, "x"),)),
        pair(lines=(replace(base.lines[0], side="buy"), base.lines[1])),
    ]  # fmt: skip
    prints = [fingerprint(chart, recipe="r", as_of=AS_OF) for chart in [base, *changed, *samples().values()]]
    prints += [fingerprint(base, recipe="s", as_of=AS_OF), fingerprint(base, recipe="r", as_of=dt.date(2026, 2, 26))]
    assert len(set(prints)) == len(prints)


def test_noise_below_ten_digits_changes_nothing():
    base = pair()
    line = base.lines[0].values
    quiet = specs.Values("", line.days, line.values * (1 + 1e-14))
    same = pair(lines=(specs.Line("XLE", quiet), base.lines[1]))
    assert fingerprint(same, recipe="r", as_of=AS_OF) == fingerprint(base, recipe="r", as_of=AS_OF)


@pytest.mark.parametrize("seed", [0, 6, 16])
def test_noise_below_ten_digits_moves_no_name_of_a_crowded_rotation(seed):
    def words(noise):
        rng = np.random.default_rng(seed)
        tails = []
        for n in range(12):
            x, y = (100 + rng.normal(0, 2, 4)) * (1 + noise * rng.normal(0, 1, 4)), 100 + rng.normal(0, 2, 4)
            days = np.arange(4)
            tails.append(specs.Tail(f"Number {n}", specs.Values("x", days, x), specs.Values("y", days, y)))
        boxes = sheet(specs.RotationChart("Crowd", tuple(tails), "")).boxes
        return np.array([box for _, box in boxes])

    assert np.abs(words(1e-15) - words(0.0)).max() < 0.01


def test_zeros_gaps_and_the_edge_of_a_power_of_two_have_one_fingerprint_each():
    def of(*values):
        line = specs.Line("A", specs.Values("", np.arange(len(values)), np.array(values)))
        return fingerprint(pair(lines=(line, line)), recipe="r", as_of=AS_OF)

    other_nan = np.frombuffer(b"\1\0\0\0\0\0\xf8\xff")[0]
    assert of(0.0, 1.0, np.nan) == of(-0.0, 1 - 1e-15, other_nan)
    assert len({of(0.0, 1.0), of(1e-300, 1.0), of(0.0, 1 + 1e-9), of(0.0, np.inf), of(0.0, -np.inf)}) == 5


def test_different_colors_are_told_apart_even_where_they_want_the_same_place():
    rng = np.random.default_rng(2)
    values = rng.choice(rng.integers(0, 2**32, 40_000, dtype=np.uint32), 90_000)
    values[:2] = 0, 1
    different = png._different(values)
    assert sorted(different.values.tolist()) == np.unique(values).tolist()
    assert len(different.rest) > 10_000
    said, amounts = rng.integers(0, 256, len(different.values), dtype=np.uint8), rng.integers(1, 9, len(values))
    words = dict(zip(different.values.tolist(), said.tolist(), strict=True))
    assert different.each(said).tolist() == [words[value] for value in values.tolist()]
    sums = dict(zip(different.values.tolist(), different.sums(amounts).tolist(), strict=True))
    assert all(sums[value] == amounts[values == value].sum() for value in values[:500].tolist())
    assert sum(sums.values()) == amounts.sum()


def test_what_nothing_is_seen_of_is_one_color():
    pixels = np.random.default_rng(3).choice(np.array([0, 90, 255], np.uint8), (20, 30, 4))
    pixels[..., 3] = 0
    image = Image.open(io.BytesIO(png.encode(pixels, png.Stamp("r", AS_OF, "d"))))
    assert len(image.getcolors()) == 1
    assert (np.asarray(image.convert("RGBA"))[..., 3] == 0).all()


def test_each_color_too_many_is_shown_by_the_nearest_that_is_kept():
    pixels = np.full((40, 40, 4), 255, np.uint8)
    pixels[..., :2] = np.stack(np.meshgrid(np.arange(40), np.arange(40)), axis=-1) * 6
    shown = np.asarray(Image.open(io.BytesIO(png.encode(pixels, png.Stamp("r", AS_OF, "d")))).convert("RGBA"))
    kept = np.unique(shown.reshape(-1, 4), axis=0).astype(int)
    assert len(kept) == png._COLORS_MOST
    away = ((pixels.reshape(-1, 1, 4).astype(int) - kept) ** 2).sum(axis=2).min(axis=1)
    assert (((pixels.astype(int) - shown) ** 2).sum(axis=2).ravel() == away).all()


def test_kept_is_the_commonest_color_of_each_of_the_fullest_cells():
    rng = np.random.default_rng(7)
    colors = np.unique(rng.integers(0, 100, (3000, 4), dtype=np.uint8), axis=0)
    counts = rng.integers(1, 4, len(colors))
    cells: dict[tuple[int, ...], list[int]] = {}
    for i, color in enumerate(colors.tolist()):
        cells.setdefault(tuple(part >> 3 for part in color), []).append(i)
    fullest = sorted(cells, key=lambda cell: (-sum(counts[cells[cell]]), cell))[: png._COLORS_MOST]
    kept, nearest = png._reduce(colors, counts)
    assert kept.tolist() == [colors[max(cells[cell], key=lambda i: counts[i])].tolist() for cell in fullest]
    # Alike is what is seen alike: of a faint color, little.
    many, few = (
        np.hstack(((some[:, :3] * some[:, 3:] + 127) // 255, some[:, 3:]))
        for some in (colors.astype(int), kept.astype(int))
    )
    assert (nearest == np.square(many[:, None] - few).sum(axis=2).argmin(axis=1)).all()


def test_the_nearest_color_is_the_nearest_also_among_faint_ones():
    seen = np.random.default_rng(6).integers(0, 256, (2 * png._PART + 44, 4)).astype(np.float32)
    kept = seen[:40]
    away = np.square(seen[:, None].astype(int) - kept.astype(int)).sum(axis=2)
    with_ones = np.column_stack((seen, np.ones(len(seen), np.float32)))
    assert (png._nearest(with_ones, with_ones[:40]) == away.argmin(axis=1)).all()


def test_what_draws_and_packs_is_what_the_fingerprint_says_and_no_other_is_allowed(root):
    from importlib.metadata import version
    from tomllib import loads

    asked = loads((root / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    pinned = next(each for each in asked if each.startswith("deflate"))
    minor = version("matplotlib").rpartition(".")[0]
    assert pinned == f"deflate=={version('deflate')}"
    assert f"matplotlib {minor}, {pinned.replace('==', ' ')}" == style.MADE_BY
    assert any(each.startswith(f"matplotlib>={minor},<") for each in asked)


def test_a_palette_of_few_colors_is_exact():
    rng = np.random.default_rng(1)
    for height, width in [(40, 50), (1, 1), (3, 5), (40, 50), (2, 8), (3, 5), (1, 9), (40, 50)]:
        for most in (1, 3):  # of one color, and of all
            pixels = rng.choice(np.array([90, 255, 0][:most], np.uint8), (height, width, 4))
            pixels[..., 3] = np.where(pixels[..., 3] == 0, 255, pixels[..., 3])
            image = Image.open(io.BytesIO(png.encode(pixels, png.Stamp("r", AS_OF, "d"))))
            assert (np.asarray(image.convert("RGBA")) == pixels).all()
    assert len(png._kept) <= png._KEPT_MOST


def test_chunks_are_whole():
    data, kinds, at = draw_once(), [], 8
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        kinds.append(data[at + 4 : at + 8])
        assert zlib.crc32(data[at + 4 : at + 8 + size]) == int.from_bytes(data[at + 8 + size : at + 12 + size], "big")
        at += 12 + size
    assert kinds == [b"IHDR", b"iTXt", b"iTXt", b"iTXt", b"PLTE", b"IDAT", b"IEND"]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries keep memory in ways of their own")
def test_a_picture_is_made_in_memory_that_the_process_has(root):
    assert int(python(root, FAULTS)) < 30


def test_a_long_line_is_thinned_but_keeps_its_ends_and_extremes():
    whole = points(values(walk(6000, 8)), "walk")
    slim = thin(whole, 300)
    assert len(slim.days) <= 300
    assert (np.diff(slim.days) > 0).all()
    assert {whole.values.min(), whole.values.max(), whole.values[0], whole.values[-1]} <= set(slim.values.tolist())
    assert set(zip(*slim, strict=True)) <= set(zip(*whole, strict=True))


@pytest.mark.parametrize("decimals", [8, 0])  # at none, many points are as far as others
def test_of_neighbors_the_point_farthest_from_the_chord_around_them_is_kept(decimals):
    whole = points(values(walk(1000, 9).round(decimals)), "walk")
    edges = np.linspace(1, 999, 97).astype(int)
    buckets = [range(a, b) for a, b in pairwise(edges.tolist())]
    level = whole.values.tolist()
    means = [level[0], *(sum(level[i] for i in each) / len(each) for each in buckets), level[-1]]
    chosen = [
        max(each, key=lambda i, chord=(before + after) / 2: abs(level[i] - chord))
        for each, before, after in zip(buckets, means, means[2:], strict=False)
    ]
    ends = {0, 999, int(whole.values.argmin()), int(whole.values.argmax())}
    assert thin(whole, 100).days.tolist() == whole.days[sorted({*chosen, *ends})].tolist()


def test_two_lines_are_known_on_each_day_of_either_and_where_they_cross():
    a, b = Points(np.array([0.0, 4.0, 6.0]), np.array([0.0, 4.0, 4.0])), Points(np.arange(1.0, 9.0), np.full(8, 2.5))
    days, over, under = cross(a, b)
    assert days.tolist() == [1, 2, 2.5, 3, 4, 5, 6]
    assert over.tolist() == [1, 2, 2.5, 3, 4, 4, 4]
    assert under.tolist() == [2.5] * 7


def test_all_values_of_a_specification_are_found_in_its_records() -> None:
    of_pair, of_rotation, of_breadth = (samples()[name] for name in ("pair", "rotation", "breadth"))
    assert isinstance(of_pair, specs.RebasedChart)
    assert list(specs.lines_in(of_pair)) == [line.values for line in of_pair.lines]
    assert isinstance(of_rotation, specs.RotationChart)
    assert list(specs.lines_in(of_rotation)) == [each for tail in of_rotation.tails for each in (tail.x, tail.y)]
    assert len(list(specs.lines_in(of_breadth))) == 2
