"""What should be there by a day: the newest value of a series, and until when nothing more can come."""

from __future__ import annotations

import datetime as dt

from thesisvault.market.bars import number_day
from thesisvault.market.reading.stored import Stored
from thesisvault.market.records import Basket, Instrument

# How many days after its next period a macro value may be late, by its frequency: holidays, and the day of release.
# No exchange rests for longer between two sessions.
_LONGEST_BREAK = dt.timedelta(days=14)
_MACRO_SLACK = {"daily": 4, "weekly": 2, "monthly": 14, "quarterly": 30}
# The same where nobody said how long after its date a value is published.
_MACRO_SLACK_UNSAID = {"daily": 4, "weekly": 7, "monthly": 45, "quarterly": 120}


class Due:
    """What should be there on the last day of a market.

    Args:
        shared: Definitions and sessions.
        last_day: The last day that is seen.
        benchmark: The ticker whose exchange is home.
    """

    def __init__(self, shared: Stored, last_day: dt.date, benchmark: str) -> None:
        self._shared, self._last_day, self._benchmark = shared, last_day, benchmark
        self._quiets: dict[str, dt.date] = {}
        self._lasts: dict[str, dt.date] = {}

    def quiet_until(self, exchange: str) -> dt.date:
        """Return the day before the next session of an exchange, after which nothing more can come."""
        if exchange not in self._quiets:
            tomorrow = self._last_day + dt.timedelta(days=1)
            later = self._shared.sessions.day_numbers(exchange, tomorrow, self._last_day + _LONGEST_BREAK)
            self._quiets[exchange] = number_day(later[0] - 1) if later else self._last_day + _LONGEST_BREAK
        return self._quiets[exchange]

    def of(self, instrument: Instrument) -> dt.date:
        """Return the day that the newest value of an instrument should have."""
        if instrument.kind != "macro":
            return self._last(instrument.exchange) - dt.timedelta(days=instrument.period_days - 1)
        slack = (_MACRO_SLACK if instrument.lag_days else _MACRO_SLACK_UNSAID)[instrument.frequency]
        return self._last_day - dt.timedelta(days=instrument.period_days + slack)

    def of_basket(self, basket: Basket) -> dt.date:
        """Return the day that the newest value of a basket should have."""
        exchanges = {self._shared.instrument(ticker).exchange for ticker, _ in basket.members} or {"XNYS"}
        return min(self._last(exchange) for exchange in exchanges)

    def _last(self, exchange: str) -> dt.date:
        """Return the last session of an exchange that had closed when the benchmark's last one had.

        A build of the evening stands on the day that New York has just closed; a coin's day still has hours to go.
        """
        if exchange not in self._lasts:
            self._lasts[exchange] = self._found_last(exchange)
        return self._lasts[exchange]

    def _found_last(self, exchange: str) -> dt.date:
        home = self._shared.instrument(self._benchmark).exchange
        sessions = self._shared.sessions
        due = sessions.last_session(exchange, self._last_day)
        if exchange == home or due < sessions.last_session(home, self._last_day):
            return due
        closes, home_closes = sessions.close_minute(exchange, due), sessions.close_minute(home, due)
        ends_later = closes > home_closes if sessions.last_session(home, due) == due else exchange == "24/7"
        return sessions.last_session(exchange, due - dt.timedelta(days=1)) if ends_later else due
