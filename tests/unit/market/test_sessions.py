"""Sessions of exchanges, and when the last one was over."""

import datetime as dt
import subprocess
import sys

import pytest

from thesisvault.market.sessions import Sessions
from thesisvault.market.store.store import Store


@pytest.fixture(scope="module")
def sessions(tmp_path_factory):
    with Store(tmp_path_factory.mktemp("sessions") / "store.sqlite") as store:
        yield Sessions(store)


@pytest.mark.parametrize(
    ("exchange", "day", "expected"),
    [
        ("XNYS", dt.date(2026, 2, 28), dt.date(2026, 2, 27)),
        ("XNYS", dt.date(2026, 7, 3), dt.date(2026, 7, 2)),
        ("XNYS", dt.date(2001, 9, 14), dt.date(2001, 9, 10)),
        ("XNYS", dt.date(1990, 1, 2), dt.date(1990, 1, 2)),
        ("XNYS", dt.date(1985, 6, 2), dt.date(1985, 5, 31)),
        ("XLON", dt.date(2026, 12, 28), dt.date(2026, 12, 24)),
        ("24/7", dt.date(2026, 2, 28), dt.date(2026, 2, 28)),
        ("NOWHERE", dt.date(2026, 7, 4), dt.date(2026, 7, 3)),
    ],
)
def test_the_last_session_knows_weekends_and_holidays(sessions, exchange, day, expected):
    assert sessions.last_session(exchange, day) == expected


@pytest.mark.parametrize(
    ("exchange", "now", "expected"),
    [
        ("XNYS", "2026-02-27T21:44:00+00:00", "2026-02-26"),
        ("XNYS", "2026-02-27T21:45:00+00:00", "2026-02-27"),
        ("XNYS", "2026-02-28T12:00:00+00:00", "2026-02-27"),
        ("XNYS", "2026-11-27T18:50:00+00:00", "2026-11-27"),
        ("XNYS", "2026-02-28T05:00:00+09:00", "2026-02-26"),
        ("XTKS", "2026-02-27T08:30:00+00:00", "2026-02-27"),
        ("24/7", "2026-02-28T00:01:00+00:00", "2026-02-27"),
        ("NOWHERE", "2026-02-27T12:00:00+00:00", "2026-02-26"),
        ("NOWHERE", "2026-03-01T12:00:00+00:00", "2026-02-27"),
    ],
)
def test_a_session_counts_once_it_has_closed_and_sources_had_time(sessions, exchange, now, expected):
    assert sessions.last_finished_session(exchange, dt.datetime.fromisoformat(now)) == dt.date.fromisoformat(expected)


def test_sessions_between_include_both_ends(sessions):
    found = sessions.sessions_between("XNYS", dt.date(2026, 2, 13), dt.date(2026, 2, 17))
    assert found == [dt.date(2026, 2, 13), dt.date(2026, 2, 17)]
    assert len(sessions.sessions_between("XNYS", dt.date(2022, 1, 1), dt.date(2022, 12, 31))) == 251


def test_sessions_follow_the_bars_of_the_real_spy(sessions, market_folder):
    lines = (market_folder / "prices" / "SPY.csv").read_text().splitlines()[1:]
    days = [dt.date.fromisoformat(line.split(",")[0]) for line in lines]
    assert sessions.sessions_between("XNYS", days[0], days[-1]) == days


@pytest.mark.parametrize("exchange", ["XNYS", "NOWHERE"])
def test_the_calendar_library_is_loaded_once_for_a_store(tmp_path, root, exchange):
    code = (
        "import sys, datetime as dt; from thesisvault.market.store.store import Store; "
        "from thesisvault.market.sessions import Sessions; "
        f"s = Sessions(Store({str(tmp_path / 's.sqlite')!r})); "
        f"print(s.last_session({exchange!r}, dt.date(2026, 2, 28)), 'exchange_calendars' in sys.modules)"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert [line.strip() for line in said] == ["2026-02-27 True", "2026-02-27 False"]
