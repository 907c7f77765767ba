from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.analytics.frames import inside, returns_inside, spans
from tests.unit.analytics.samples import WINDOWS, days, indexes
from thesisvault.scalars import Window, parse_window


def slow_span(sessions: list[dt.date], row: int, window: Window, as_of: dt.date | None) -> tuple[int, int]:
    """The rule of a window in plain loops, one session at a time."""
    session, end = sessions[row], row

    def last_by(day: dt.date) -> int:
        rows = [i for i, one in enumerate(sessions) if one <= day and (day - one).days <= 7]
        return rows[-1] if rows else -1

    if window.kind == "max":
        return 0, row
    if window.kind == "sessions":
        return (row - window.count, row) if row >= window.count else (-1, -1)
    first = window.first_day(session)
    assert first is not None
    base = last_by(first)
    if window.kind == "since" and session < first:
        return -1, -1
    if window.end is not None and window.kind in ("period", "range"):
        known_on = max(session, as_of or session) if row == len(sessions) - 1 else session
        end = last_by(window.end)
        if known_on < window.end or end <= base:
            return -1, -1
    return (base, end) if base >= 0 and end >= 0 else (-1, -1)


@given(indexes(), st.sampled_from(WINDOWS), st.one_of(st.none(), st.integers(0, 400)))
def test_spans_at_every_session_are_those_of_the_rule_applied_to_one_session_alone(index, text, later):
    window = parse_window(int(text) if text in ("2", "20") else text)
    sessions = [one.date() for one in index]
    as_of = None if later is None else sessions[-1] + dt.timedelta(days=later)
    found = spans(index, window, as_of=as_of)
    expected = [slow_span(sessions, row, window, as_of) for row in range(len(sessions))]
    assert list(zip(found.base.tolist(), found.end.tolist(), strict=True)) == expected
    assert bool(found.reason) == (found.base[-1] < 0)


@given(indexes(), st.sampled_from(WINDOWS))
def test_rows_inside_a_window_lie_after_its_first_day(index, text):
    window = parse_window(text)
    found = inside(index, window)
    for row in np.flatnonzero(found.known):
        first = window.first_day(index[row].date())
        if window.kind in ("calendar", "to_date", "period"):
            assert index[found.base[row]].date() > first
            assert found.base[row] == 0 or index[found.base[row] - 1].date() <= first
        elif window.kind == "sessions":
            assert found.end[row] - found.base[row] + 1 == window.count
        elif first:
            assert index[found.base[row]].date() <= first


@given(indexes(), st.sampled_from(WINDOWS), st.integers(1, 120))
def test_what_comes_later_changes_no_earlier_span(index, text, cut):
    cut = min(cut, len(index))
    for function in (spans, inside, returns_inside):
        whole, part = function(index, parse_window(text)), function(index[:cut], parse_window(text))
        assert whole.base[:cut].tolist() == part.base.tolist()
        assert whole.end[:cut].tolist() == part.end.tolist()


def test_a_year_that_ends_on_a_saturday_is_over_when_its_last_session_has_closed():
    index = days("2021-12-31 2022-06-30 2022-12-30 2023-01-03")
    assert spans(index, parse_window("2022")).base.tolist() == [-1, -1, 0, 0]
    assert spans(index, parse_window("2022")).end.tolist() == [-1, -1, 2, 2]
    friday = index[:3]
    assert spans(friday, parse_window("2022"), as_of=dt.date(2022, 12, 30)).base[-1] == -1
    assert spans(friday, parse_window("2022"), as_of=dt.date(2022, 12, 31)).base.tolist() == [-1, -1, 0]


def test_a_base_may_be_seven_days_old_and_no_older():
    assert spans(days("2025-12-24 2026-01-02"), parse_window("ytd")).base.tolist() == [-1, 0]
    assert spans(days("2025-12-23 2026-01-02"), parse_window("ytd")).base.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("sessions", "window", "reason"),
    [
        ("2023-07-03 2023-07-05", "2022", "the first close is 2023-07-03, 2022 needs one by 2021-12-31"),
        ("2025-12-31 2026-02-27", "2026", "use ytd: 2026 is not over"),
        ("2025-12-31 2026-02-27", "2026-03", "use mtd: 2026-03 is not over"),
        ("2025-12-31 2026-02-27", "2026Q1", "use since 2025-12-31: 2026Q1 is not over"),
        ("2025-12-31 2026-02-27", "2025-12-31..2026-03-03", "use since 2025-12-31: 2025-12-31..2026-03-03 is not over"),
        ("2025-12-31 2026-02-27", "5d", "6 closes are needed, there are 2"),
        ("2025-12-31 2026-02-27", "since 2026-03-02", "the last close is 2026-02-27, before 2026-03-02"),
        ("2025-12-01 2026-02-27", "ytd", "the last close by 2025-12-31 is 2025-12-01, more than 7 days older"),
        ("2021-12-31 2022-12-01 2023-03-01", "2022",
         "the last close by 2022-12-31 is 2022-12-01, more than 7 days older"),
        ("2026-02-27 2026-03-02", "2026-02-28..2026-03-01", "no close lies inside 2026-02-28..2026-03-01"),
    ],
)  # fmt: skip
def test_an_unknown_window_says_why(sessions, window, reason):
    assert spans(days(sessions), parse_window(window)).reason == reason
    assert inside(days(sessions), parse_window(window)).reason != "" or window == "5d"


def test_a_window_of_sessions_says_how_many_closes_its_average_needs():
    assert inside(days("2026-02-26 2026-02-27"), parse_window(200)).reason == "200 closes are needed, there are 2"


def test_one_close_has_no_return_in_its_whole_history():
    assert returns_inside(days("2026-02-27"), parse_window("max")).reason == "2 closes are needed, there is 1"


def test_no_closes_at_all_are_said_to_be_none():
    assert spans(pd.DatetimeIndex([]), parse_window("ytd")).reason == "there are no closes"
    assert inside(pd.DatetimeIndex([]), parse_window(5)).reason == "there are no closes"


class TestMonthlySeries:
    index = pd.date_range("2024-01-01", periods=24, freq="MS")

    def test_days_are_not_counted_in_months(self):
        assert "use weeks or a bare number of observations" in spans(self.index, parse_window("5d"), 31).reason

    def test_a_bare_number_counts_observations(self):
        assert spans(self.index, parse_window(3), 31).base.tolist()[:5] == [-1, -1, -1, 0, 1]

    def test_a_window_shorter_than_a_month_is_unknown(self):
        assert spans(self.index, parse_window("2w"), 31).reason == (
            "2w is shorter than the 31 days between two values of this series"
        )

    @pytest.mark.parametrize(("window", "base"), [("1m", 22), ("1y", 11), ("ytd", 11), ("mtd", 22), ("2025-12", 22)])
    def test_a_window_of_a_month_or_more_has_the_value_one_window_before(self, window, base):
        found = spans(self.index, parse_window(window), 31, as_of=dt.date(2026, 1, 5))
        assert (found.base[-1], found.end[-1]) == (base, 23)

    def test_an_empty_month_is_what_a_number_of_months_misses(self):
        index = self.index.delete(11)
        assert len(index) == 23
        assert spans(index, parse_window(12), 31).reason == (
            "there is no value for December 2024, from which 12 is counted"
        )

    def test_a_february_is_a_month(self):
        found = spans(self.index, parse_window("2025-02"), 31)
        assert (found.base[-1], found.end[-1]) == (12, 13)
