"""When a run is due: against moments computed from the hours of exchanges alone, and over a year of calls."""

from __future__ import annotations

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest

from tests.unit.schedule.jobs import SESSIONS, exchange, moment
from thesisvault.errors import UsageError
from thesisvault.runs.result import wait_after
from thesisvault.schedule.due import AfterClose, AtTime, Rule, due_moment, find_due, moments, parse_rule
from thesisvault.schedule.times import Timing

# Hours as the exchanges publish them: time zone, usual close, close of half days, and the half days of 2025 and 2026.
HOURS = {
    "XNYS": ("America/New_York", "16:00", "13:00", "2025-07-03 2025-11-28 2025-12-24 2026-11-27 2026-12-24"),
    "XLON": ("Europe/London", "16:30", "12:30", "2025-12-24 2025-12-31 2026-12-24 2026-12-31"),
    "XTKS": ("Asia/Tokyo", "15:30", "", ""),
    "XETR": ("Europe/Berlin", "17:30", "14:00", "2025-12-30 2026-12-30"),
}
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2026, 12, 31)
NEW_YORK = "America/New_York"


def close_of(code: str, session: dt.date) -> dt.datetime:
    zone, usual, half, days = HOURS[code]
    told = dt.time.fromisoformat(half if session.isoformat() in days.split() else usual)
    return dt.datetime.combine(session, told, ZoneInfo(zone))


@pytest.mark.parametrize("code", HOURS)
def test_after_the_close_each_session_of_two_years_is_due_on_time(code: str) -> None:
    found = dict(moments(AfterClose(105), exchange(code), FIRST, LAST))
    assert len(found) > 480
    for session, due in found.items():
        assert due == close_of(code, session).astimezone(dt.UTC) + dt.timedelta(minutes=105), session


@pytest.mark.parametrize("code", HOURS)
@pytest.mark.parametrize(("zone", "time"), [(NEW_YORK, "17:30"), ("Europe/Berlin", "06:00"), ("Asia/Tokyo", "23:15")])
def test_by_the_clock_each_session_is_due_at_the_first_such_time_that_has_its_close(
    code: str, zone: str, time: str
) -> None:
    lag = dt.timedelta(minutes=45 if code == "XNYS" else 90)
    rule = AtTime(dt.time.fromisoformat(time), zone)
    for session, due in moments(rule, exchange(code), FIRST, LAST):
        ready = close_of(code, session).astimezone(dt.UTC) + lag
        candidates = [dt.datetime.combine(session + dt.timedelta(days=n), rule.time, ZoneInfo(zone)) for n in range(3)]
        assert due == min(each.astimezone(dt.UTC) for each in candidates if each.astimezone(dt.UTC) >= ready), session


def test_a_time_that_the_clocks_skip_is_due_an_hour_later_by_the_wall() -> None:
    found = dict(moments(AtTime(dt.time(2, 30), NEW_YORK), exchange(), dt.date(2026, 3, 6), dt.date(2026, 3, 6)))
    assert found == {dt.date(2026, 3, 6): moment(2026, 3, 7, 7, 30)}
    rule = AtTime(dt.time(2, 30), NEW_YORK)  # asked on a day of its own, the change of 8 March
    assert due_moment(rule, moment(2026, 3, 8, 5), 0) == moment(2026, 3, 8, 7, 30)


def test_nothing_is_due_before_sources_have_the_close() -> None:
    assert due_moment(AfterClose(0), moment(2026, 2, 27, 21), 45) == moment(2026, 2, 27, 21, 45)


@pytest.mark.parametrize(
    ("last_good", "now", "since"),
    [
        (None, (2026, 2, 27, 21, 45), (2026, 2, 27, 21, 45)),  # to the minute
        ((2026, 2, 27, 21, 44), (2026, 2, 27, 21, 45), (2026, 2, 27, 21, 45)),
        ((2026, 2, 27, 21, 45), (2026, 2, 27, 21, 46), None),
        ((2026, 2, 26, 21, 45), (2026, 2, 27, 21, 44), None),
        ((2026, 2, 27, 21, 50), (2026, 3, 1, 12), None),  # a weekend
        ((2026, 2, 20, 22), (2026, 3, 1, 12), (2026, 2, 27, 21, 45)),  # a week asleep
        ((2026, 11, 25, 22), (2026, 11, 26, 22), None),  # Thanksgiving
        ((2026, 11, 25, 22), (2026, 11, 27, 18, 45), (2026, 11, 27, 18, 45)),  # the half day after it
        ((2031, 1, 1), (2026, 2, 27, 22), (2026, 2, 27, 21, 45)),  # left behind by a clock that went wrong
    ],
)
def test_a_run_is_due_once_the_moment_of_a_session_has_passed_since_the_last_good_one(
    last_good: tuple[int, ...] | None, now: tuple[int, ...], since: tuple[int, ...] | None
) -> None:
    found = find_due(AfterClose(45), exchange(), moment(*last_good) if last_good else None, moment(*now))
    assert found.since == (moment(*since) if since else None)


def test_the_next_moment_passes_over_weekends_and_holidays() -> None:
    found = find_due(AfterClose(45), exchange(), None, moment(2026, 4, 2, 21))
    assert (found.next, found.next_session) == (moment(2026, 4, 6, 20, 45), dt.date(2026, 4, 6))  # Good Friday


ZONES = ["UTC", NEW_YORK, "Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe"]
RULES: list[Rule] = [AfterClose(105), AtTime(dt.time(17, 30), NEW_YORK)]


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("code", HOURS)
def test_calls_at_the_times_of_a_machine_build_each_session_of_a_year_once_and_at_once(
    code: str, rule: Rule, zone: str
) -> None:
    runs, _ = simulated(code, rule, zone, asleep=0.0)
    wanted = [due for _, due in moments(rule, exchange(code), dt.date(2026, 1, 5), dt.date(2026, 12, 30))]
    assert [run for run in runs if wanted[0] <= run <= wanted[-1]] == list(dict.fromkeys(wanted))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("code", HOURS)
def test_a_machine_that_sleeps_at_random_misses_and_doubles_no_session(code: str, seed: int) -> None:
    runs, built = simulated(code, AfterClose(105), ZONES[seed], asleep=0.6, seed=seed)
    assert built == sorted(set(built))
    sessions = [day for day, _ in moments(AfterClose(105), exchange(code), dt.date(2026, 1, 5), built[-1])]
    # A run brings all that was missed, so there are fewer runs than sessions, each with something new.
    assert len(runs) == len(built) < len(sessions)


def simulated(
    code: str, rule: Rule, zone: str, *, asleep: float, seed: int = 0
) -> tuple[list[dt.datetime], list[dt.date]]:
    """Return when runs came in 2026, and the newest session of each, on a machine that sleeps through some calls."""
    chance, local = random.Random(seed), ZoneInfo(zone)
    times = Timing(rule, exchange(code), 2026).times_in(local)
    last_good: dt.datetime | None = moment(2026, 1, 4)
    runs, built = [], []
    calls = sorted(
        dt.datetime.combine(dt.date(2026, 1, 4) + dt.timedelta(days=n), time, local).astimezone(dt.UTC)
        for n in range(370)
        for time in times
    )
    for now in calls:
        if chance.random() < asleep:
            continue
        found = find_due(rule, exchange(code), last_good, now)
        if found.since is not None and found.session is not None:
            last_good = now
            runs.append(now)
            built.append(found.session)
    return runs, built


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("refusals", range(5))
def test_a_source_that_refuses_is_asked_again_on_the_same_evening_until_it_answers(zone: str, refusals: int) -> None:
    local, took = ZoneInfo(zone), dt.timedelta(minutes=3)
    calls = sorted(
        dt.datetime.combine(dt.date(2026, 5, 4) + dt.timedelta(days=n), time, local).astimezone(dt.UTC)
        for n in range(-1, 3)
        for time in Timing(AfterClose(45), exchange(), 2026).calls_in(local)
    )
    last_good, again_at, refused = moment(2026, 5, 1, 21), None, 0
    for now in calls:
        due = find_due(AfterClose(45), exchange(), last_good, now, again_at)
        if due.since is None or due.session != dt.date(2026, 5, 4):
            continue
        if refused == refusals:
            assert now - moment(2026, 5, 4, 20, 45) <= dt.timedelta(hours=8)
            return
        refused += 1
        again_at = now + took + wait_after(refused)
    pytest.fail(f"{refused} calls were refused and none came after the last")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("close", AfterClose(0)),
        ("close+45m", AfterClose(45)),
        ("close+2h", AfterClose(120)),
        ("close+1h30m", AfterClose(90)),
        ("close+24h", AfterClose(1440)),
        ("17:30", AtTime(dt.time(17, 30))),
        ("7:05 Asia/Tokyo", AtTime(dt.time(7, 5), "Asia/Tokyo")),
    ],
)
def test_a_rule_is_read_and_written(text: str, rule: Rule) -> None:
    assert parse_rule(text) == rule
    assert parse_rule(str(rule)) == rule


@pytest.mark.parametrize(
    "text",
    [
        *("", "close+", "close+45", "close-45m", "close + 45m", "open+45m", "close+25h", "close+1441m", "close+9999m"),
        *("24:00", "17:60", "17", "5pm", "17:30 Mars/Base", "17:30 America/new_york", "17:30  UTC", "٣:30"),
    ],
)
def test_what_is_no_rule_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_rule(text)
    assert refused.value.findings[0].hint


def test_sessions_of_an_exchange_that_nobody_knows_follow_the_week() -> None:
    assert Timing(AfterClose(90), exchange("XXXX"), 2026).own_times() == (dt.time(23, 30),)
    assert SESSIONS.sessions_between("XXXX", dt.date(2026, 2, 27), dt.date(2026, 3, 2)) == [
        dt.date(2026, 2, 27),
        dt.date(2026, 3, 2),
    ]
