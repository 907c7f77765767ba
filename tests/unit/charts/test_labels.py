from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesisvault.charts import labels
from thesisvault.charts.labels import Box, place, shorten, spread, wrap

CENTRE = st.floats(-200, 700)


@given(st.lists(st.tuples(CENTRE, st.floats(10, 60)), max_size=8))
def test_spread_labels_do_not_overlap_and_stay_inside(wanted):
    centers, sizes = [c for c, _ in wanted], [s for _, s in wanted]
    placed = spread(centers, sizes, 0, 500)
    spans = sorted((p - s / 2, p + s / 2) for p, s in zip(placed, sizes, strict=True))
    assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(spans))
    assert all(low >= -1e-6 and high <= 500 + 1e-6 for low, high in spans)


@given(st.lists(st.integers(1, 9), min_size=2, max_size=8, unique=True))
def test_labels_that_have_room_do_not_move(slots):
    centers = [slot * 50.0 for slot in slots]
    assert spread(centers, [40.0] * len(slots), 0, 500) == pytest.approx(centers)


def test_too_little_room_is_said():
    with pytest.raises(ValueError, match="3 labels need 90 pixels; there are 80"):
        spread([1, 2, 3], [30, 30, 30], 0, 80)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(50, 950), st.floats(50, 750)), min_size=1, max_size=14))
def test_names_are_placed_apart_inside_and_off_what_is_taken(heads):
    room, taken = Box(0, 0, 1000, 800), [Box(0, 760, 200, 800)]
    boxes = place(heads, [(150.0, 31.0)] * len(heads), room, taken, np.array(heads))
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in [*boxes[:i], *taken])
    assert all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= 1000 and b.y1 <= 800 for b in boxes)


def test_a_crowd_without_room_is_said():
    with pytest.raises(ValueError, match="no room"):
        place([(50.0, 50.0)] * 9, [(60.0, 31.0)] * 9, Box(0, 0, 100, 100), [], np.empty((0, 2)))


@given(st.text(max_size=60), st.integers(1, 30))
def test_shortened_text_fits_and_begins_like_the_whole(text, room):
    short = shorten(text, room, len)
    assert len(short) <= room
    assert text.startswith(short.removesuffix("…").rstrip())


@given(st.text("ab ", max_size=80), st.integers(3, 30))
def test_wrapped_text_has_at_most_two_rows_that_fit(text, room):
    rows = wrap(text, room, len)
    assert len(rows) <= 2
    assert all(len(row) <= room for row in rows)


def test_a_place_costs_what_it_overlaps_and_what_ties_cross():
    rng = np.random.default_rng(4)
    found = []
    for _ in range(4):
        corners, ties = rng.uniform(0, 300, (25, 2)), rng.uniform(0, 300, (25, 8, 2))
        found.append((np.hstack((corners, corners + np.array((60, 20)))), ties, rng.uniform(0, 9, 25)))
    crowd = labels._Crowd(found, 6.0)
    for chosen in rng.integers(0, 25, (5, 4)).tolist():
        boxes, ties, costs = found[2]
        others = [(Box(*found[j][0][k]), found[j][1][k]) for j, k in enumerate(chosen) if j != 2]
        for at, cost in enumerate(crowd.costs(chosen, 2)):
            box = Box(*boxes[at])
            over = sum(box.overlaps(other, 6.0) for other, _ in others)
            mine = sum(any(Box(*dot, *dot).overlaps(other, 2.0) for other, _ in others) for dot in ties[at])
            theirs = sum(box.overlaps(Box(*dot, *dot), 2.0) for _, tie in others for dot in tie)
            assert cost == pytest.approx(costs[at] + labels._CLASH * over + 60 * (mine + theirs))
