from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import io
import os
import subprocess
import sys
import zlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.unit.charts.samples import AS_OF, pair, samples, walk
from thesisvault.charts import png, specs
from thesisvault.charts.draw import draw, fingerprint, sheet, stamp

SCRIPT = """
import hashlib, sys
from thesisvault.charts.draw import draw, fingerprint
from tests.unit.charts.samples import AS_OF, samples
for name, chart in samples().items():
    print(name, hashlib.sha256(draw(chart, recipe=name, as_of=AS_OF)).hexdigest())
assert "matplotlib.pyplot" not in sys.modules
"""


def python(root, script, **environment):
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, env=dict(os.environ) | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_same_chart_gives_the_same_bytes_in_any_process_zone_and_with_any_settings(root, tmp_path):
    (tmp_path / "matplotlibrc").write_text("font.size: 30\npath.simplify: False\ntext.antialiased: False\n")
    other = python(root, SCRIPT, PYTHONHASHSEED="7", TZ="Pacific/Auckland", MATPLOTLIBRC=str(tmp_path))
    here = {n: hashlib.sha256(draw(c, recipe=n, as_of=AS_OF)).hexdigest() for n, c in samples().items()}
    assert other.split() == [word for pair_ in here.items() for word in pair_]


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
def test_a_chart_carries_its_stamp_and_is_a_small_png_with_a_transparent_ground(kind):
    chart = samples()[kind]
    data = draw(chart, recipe="chart: {pair: [XLE, IGV]} · ünï", as_of=AS_OF)
    assert stamp(data) == png.Stamp(
        "chart: {pair: [XLE, IGV]} · ünï",
        AS_OF,
        fingerprint(chart, recipe="chart: {pair: [XLE, IGV]} · ünï", as_of=AS_OF),
    )
    image = Image.open(io.BytesIO(data))
    image.load()
    assert image.size[0] == 1200
    assert image.convert("RGBA").getpixel((0, 0))[3] == 0
    assert len(data) <= (100 if kind == "rotation" else 60) * 1024
    assert b"Software" not in data
    assert b"tIME" not in data


def test_what_the_file_shows_is_what_was_drawn():
    chart = samples()["pair"]
    pixels = sheet(chart).pixels()
    shown = np.asarray(Image.open(io.BytesIO(draw(chart, recipe="", as_of=AS_OF))).convert("RGBA"))
    before, after = (p[..., :3].astype(float) * p[..., 3:] / 255 for p in (pixels, shown))
    assert np.abs(pixels[..., 3].astype(int) - shown[..., 3]).max() <= 64
    assert np.abs(before - after).max() <= 64
    assert np.abs(before - after).mean() < 0.1
    full = pixels[..., 3] == 255
    assert (pixels[full] == shown[full]).all(axis=1).mean() > 0.9


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
    shifted = specs.Line("XLE", base.lines[0].values.shift(1, freq="D"))
    nudged = specs.Line("XLE", base.lines[0].values * (1 + 1e-6 * np.arange(90)))
    changed = [
        pair(title="Other"), pair(small="other"), pair(pair=False), pair(lines=(shifted, base.lines[1])),
        pair(lines=(nudged, base.lines[1])), pair(lines=base.lines[::-1]), pair(marks=(specs.Mark(AS_OF, "x"),)),
        pair(lines=(dataclasses.replace(base.lines[0], side="buy"), base.lines[1])),
    ]  # fmt: skip
    prints = [fingerprint(chart, recipe="r", as_of=AS_OF) for chart in [base, *changed, *samples().values()]]
    prints += [fingerprint(base, recipe="s", as_of=AS_OF), fingerprint(base, recipe="r", as_of=dt.date(2026, 2, 26))]
    assert len(set(prints)) == len(prints)


def test_noise_below_ten_digits_and_the_unit_of_days_change_nothing():
    base = pair()
    line = base.lines[0].values
    quiet = pd.Series(line.to_numpy() * (1 + 1e-14), index=line.index.astype("datetime64[s]"))
    same = pair(lines=(specs.Line("XLE", quiet), base.lines[1]))
    assert fingerprint(same, recipe="r", as_of=AS_OF) == fingerprint(base, recipe="r", as_of=AS_OF)


def test_a_palette_of_few_colors_is_exact():
    pixels = np.random.default_rng(1).choice(np.array([0, 90, 255], np.uint8), (40, 50, 4))
    pixels[..., 3] = np.where(pixels[..., 3] == 0, 255, pixels[..., 3])
    image = Image.open(io.BytesIO(png.encode(pixels, png.Stamp("r", AS_OF, "d"))))
    assert (np.asarray(image.convert("RGBA")) == pixels).all()


def test_chunks_are_whole():
    data, kinds, at = draw_once(), [], 8
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        kinds.append(data[at + 4 : at + 8])
        assert zlib.crc32(data[at + 4 : at + 8 + size]) == int.from_bytes(data[at + 8 + size : at + 12 + size], "big")
        at += 12 + size
    assert kinds == [b"IHDR", b"iTXt", b"iTXt", b"iTXt", b"PLTE", b"tRNS", b"IDAT", b"IEND"]


def test_a_long_line_is_thinned_but_keeps_its_ends_and_extremes():
    from thesisvault.charts.series import points, thin

    whole = points(walk(6000, 8), "walk")
    slim = thin(whole, 300)
    assert len(slim.days) <= 300
    assert (np.diff(slim.days) > 0).all()
    assert {whole.values.min(), whole.values.max(), whole.values[0], whole.values[-1]} <= set(slim.values.tolist())
    assert set(zip(*slim, strict=True)) <= set(zip(*whole, strict=True))
