"""A source that errs and mends itself: the store ends as after one clean fetch, or with a question for a person."""

import datetime as dt
import os
import random
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.unit.market.exchange import Exchange, Listing
from tests.unit.market.test_steps import refreshed, weekdays
from thesisvault.market.bars import day_number, number_day
from thesisvault.market.store.store import Store
from thesisvault.structs import replace

NAME = "A"
MACHINE = settings(
    max_examples=int(os.environ.get("HEALS_EXAMPLES", "20")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LONG_AGO = weekdays(dt.date(1987, 9, 1), 60)


@dataclass
class Fallible(Exchange):
    """A source that errs for as long as a test wants.

    Attributes:
        factors: What closes are multiplied by, by day.
        lacks: Days that it leaves out.
        paid: Dividends that it lists in place of the true ones; nought: it does not list one.
        begins: The first day that it knows of.
    """

    factors: dict[dt.date, float] = field(default_factory=dict)
    lacks: set[dt.date] = field(default_factory=set)
    paid: dict[dt.date, float] = field(default_factory=dict)
    begins: dt.date = dt.date(2000, 1, 1)

    def fetch(self, instrument, start, end):
        bars = super().fetch(instrument, start, end)
        days = [number_day(day) for day in bars.days]
        places = [i for i, day in enumerate(days) if day not in self.lacks and day >= self.begins]
        first = days[places[0]]
        listed = {number_day(d): a for d, a in bars.dividends}
        listed |= {day: amount for day, amount in self.paid.items() if first <= day <= days[-1]}
        return replace(
            bars,
            days=tuple(bars.days[i] for i in places),
            close=tuple(bars.close[i] * self.factors.get(days[i], 1.0) for i in places),
            open=None,
            volume=None,
            dividends=tuple(sorted((day_number(d), a) for d, a in listed.items() if a and d >= first)),
        )

    def mend(self):
        """Err no more."""
        self.factors, self.lacks, self.paid = {}, set(), {}


def seen(path, first=None):
    """Return closes, dividends and splits of a store from a day on."""
    with Store(path) as store:
        bars = store.bars(NAME, "split_adjusted")
        first = first or bars.days[0]
        closes = {number_day(d): c for d, c in zip(bars.days, bars.close, strict=True) if d >= first}
        return closes, {number_day(d): a for d, a in bars.dividends if d >= first}, bars.splits, first


class Heals(RuleBasedStateMachine):
    """Random days, actions and errors, a refresh after each error, and a sound source at the end."""

    @initialize(seed=st.integers(0, 2**32 - 1))
    def begin(self, seed):
        self.chance = random.Random(seed)
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "store.sqlite"
        old = {day: 0.05 * self.chance.uniform(0.98, 1.02) for day in LONG_AGO}
        self.exchange = Fallible({NAME: Listing(old)})
        self.listing = self.exchange.listings[NAME]
        self.day, self.price, self.recent = dt.date(2019, 12, 31), 100.0, []
        self.pass_days(70)
        for place in (10, 25, 40, 55, 65):
            self.listing.dividends[self.recent[place]] = 0.5
        self.refresh()

    def pass_days(self, count):
        for day in weekdays(self.day + dt.timedelta(days=1), count):
            self.day = self.exchange.today = day
            self.price *= 1 + self.chance.uniform(-0.02, 0.02)
            self.price /= self.listing.splits.get(day, 1.0)
            self.listing.closes[day] = self.price
            self.recent.append(day)

    def refresh(self):
        refreshed(self.path, self.exchange, [NAME])
        self.exchange.mend()

    @rule(count=st.integers(1, 12))
    def days_pass_and_are_fetched(self, count):
        self.pass_days(count)
        self.refresh()

    @rule()
    def a_dividend_goes_ex(self):
        self.pass_days(1)
        self.listing.dividends[self.day] = round(self.price * 0.005, 4)

    @rule(ratio=st.sampled_from([2.0, 3.0, 10.0, 0.2]))
    def a_split_goes_ex(self, ratio):
        self.listing.splits[weekdays(self.day + dt.timedelta(days=1), 1)[0]] = ratio
        self.pass_days(1)

    @rule()
    def the_source_learns_of_decades_ago(self):
        self.exchange.begins = dt.date(1980, 1, 1)

    @rule(factor=st.sampled_from([0.01, 0.5, 0.8, 0.9, 0.97, 1.1, 1.4, 2.0, 100.0]), back=st.integers(0, 7))
    def a_glitch(self, factor, back):
        self.pass_days(1)
        self.exchange.factors = {self.recent[-1 - back]: factor}
        self.refresh()

    @rule(back=st.integers(1, 15), count=st.integers(1, 3))
    def a_hole(self, back, count):
        self.pass_days(2)
        self.exchange.lacks = set(self.recent[-1 - back : -1 - back + count]) - {self.day}
        self.refresh()

    @rule(back=st.integers(0, 4))
    def a_dividend_that_nobody_paid(self, back):
        self.pass_days(1)
        self.exchange.paid = {self.recent[-1 - back]: round(self.price * 0.007, 4)}
        self.refresh()

    @rule(factor=st.sampled_from([0.0, 10.0, 100.0]))
    def a_dividend_that_is_listed_wrong(self, factor):
        self.a_dividend_goes_ex()
        self.exchange.paid = {self.day: self.listing.dividends[self.day] * factor}
        self.refresh()

    @invariant()
    def the_store_is_sound(self):
        if hasattr(self, "path"):
            with Store(self.path) as store:
                assert store.faults() == []

    def teardown(self):
        if not hasattr(self, "path"):
            return
        try:
            for _ in range(4):
                self.pass_days(1)
                self.refresh()
            with Store(self.path) as store:
                questions = store.ledger.quarantined()
            closes, paid, splits, first = seen(self.path)
            if questions:
                assert all(each.reason and each.days for each in questions)
                return
            clean = self.folder / "clean.sqlite"
            refreshed(clean, self.exchange, [NAME])
            theirs = seen(clean, first)
            assert closes == pytest.approx(theirs[0], rel=1e-9)
            assert paid == pytest.approx(theirs[1], rel=1e-9)
            assert splits == theirs[2]
        finally:
            shutil.rmtree(self.folder)


Heals.TestCase.settings = MACHINE
TestHeals = Heals.TestCase
