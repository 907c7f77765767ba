"""Series side by side: every value in its place, and an earlier day is the same with fewer rows and columns."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from thesisvault.analytics.bounds import day_of
from thesisvault.market.line import Line
from thesisvault.market.panel import Panel

lines = st.dictionaries(
    st.text("ABCDE", min_size=1, max_size=2),
    st.dictionaries(st.integers(10, 40), st.floats(1, 100), min_size=1).map(
        lambda found: Line(np.array(sorted(found), dtype=np.int64), np.array([found[day] for day in sorted(found)]))
    ),
    max_size=5,
)


def cells(panel: Panel) -> dict[str, dict[int, float]]:
    return {
        name: {int(d): v for d, v in zip(panel.days, panel.values[:, n].tolist(), strict=True) if v == v}
        for n, name in enumerate(panel.names)
    }


@given(lines)
def test_every_value_is_in_its_place(found):
    panel = Panel.of(found)
    assert cells(panel) == {n: dict(zip(x.days.tolist(), x.values.tolist(), strict=True)) for n, x in found.items()}
    assert panel.first.tolist() == [panel.days.tolist().index(found[name].days[0]) for name in panel.names]
    assert panel.first.tolist() == sorted(panel.first.tolist())
    assert not np.isnan(panel.values).all(axis=1).any()


@given(lines, st.integers(5, 45))
def test_up_to_a_day_it_is_that_of_the_series_up_to_the_day(found, day):
    cut = Panel.of(found).until(day_of(day))
    known = {n: line.until(day_of(day)) for n, line in found.items() if line.days[0] <= day}
    whole = Panel.of(known)
    assert cells(cut) == cells(whole)
    assert cut.days.tolist() == whole.days.tolist()
    assert cut.first.tolist() == whole.first.tolist()


@given(lines, st.integers(5, 45))
def test_the_first_gap_of_each_series_is_known(found, day):
    for panel in (whole := Panel.of(found).until(day_of(day)), whole.since(len(whole.days) // 2)):
        for column, (first, gap) in enumerate(zip(panel.first, panel.gap, strict=True)):
            known = ~np.isnan(panel.values[:, column])
            assert known[first:gap].all()
            assert gap in (0, len(known)) or not known[gap]
