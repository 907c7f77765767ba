"""Ready-made faults: answers that are no answer, and ways to tamper with the bars of one."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from tests.loopback.exchange import Tampering
from tests.loopback.proxy import Answer

HANG = Answer(manner="hang")
RESET = Answer(manner="reset")
SHORT = Answer(body=b'{"chart": {"result": [{"meta"', manner="short")
CUT_JSON = Answer(body=b'{"chart": {"result": [{"meta": {"currency": "USD", "sym')
HTML_PAGE = Answer(body=b"<!DOCTYPE html><html><title>Yahoo</title>Please wait</html>", kind="text/html")
DOWN_PAGE = Answer(body=b"<!DOCTYPE html><html>Will be right back...</html>", kind="text/html")
HOLLOW = Answer(body=b'{"chart": {"result": [], "error": null}}')
BAD_CRUMB = Answer(401, b'{"finance": {"result": null, "error": {"code": "Unauthorized", "description": "Invalid"}}}')
DRIBBLE = Answer(body=b" " * 10_000, manner="dribble")


def empty(result: dict[str, Any]) -> None:
    """No bar at all, as for days without a session."""
    result.pop("timestamp", None)
    result.pop("events", None)
    result["indicators"] = {"quote": [{}], "adjclose": [{}]}


def nulls(last: int) -> Tampering:
    """The last bars have no prices, and a volume."""

    def tampering(result: dict[str, Any]) -> None:
        for name, column in _columns(result).items():
            if name != "volume":
                column[-last:] = [None] * last

    return tampering


def doubled(day: dt.date) -> Tampering:
    """A day stands twice, at two times of it and with two closes: the second is one greater."""

    def tampering(result: dict[str, Any]) -> None:
        place = _place(result, day)
        result["timestamp"].insert(place + 1, result["timestamp"][place] + 60)
        for name, column in _columns(result).items():
            column.insert(place + 1, column[place] + (name != "volume"))

    return tampering


def disordered(result: dict[str, Any]) -> None:
    """The bars come newest first."""
    result["timestamp"].reverse()
    for column in _columns(result).values():
        column.reverse()


def extra_bar(day: dt.date, close: float) -> Tampering:
    """A bar of a day on which there was none: at a weekend, or far in the future."""

    def tampering(result: dict[str, Any]) -> None:
        zone = ZoneInfo(result["meta"]["exchangeTimezoneName"])
        when = int(dt.datetime.combine(day, dt.time(12), zone).timestamp())
        # The newest bar stays the last: yfinance leaves out a last one that is later than now.
        place = sum(1 for stamp in result["timestamp"][:-1] if stamp < when)
        result["timestamp"].insert(place, when)
        for name, column in _columns(result).items():
            column.insert(place, 1 if name == "volume" else close)

    return tampering


def missing(day: dt.date) -> Tampering:
    """A day is left out."""

    def tampering(result: dict[str, Any]) -> None:
        place = _place(result, day)
        for column in (result["timestamp"], *_columns(result).values()):
            del column[place]

    return tampering


def scaled(day: dt.date, factor: float) -> Tampering:
    """All prices of one day are multiplied."""

    def tampering(result: dict[str, Any]) -> None:
        # An answer that does not reach the day is as it should be.
        place = _place(result, day)
        for name, column in _columns(result).items():
            if place is not None and name != "volume":
                column[place] *= factor

    return tampering


def replaced(day: dt.date, close: float) -> Tampering:
    """The close of one day is another."""

    def tampering(result: dict[str, Any]) -> None:
        place = _place(result, day)
        if place is not None:
            _columns(result)["close"][place] = close

    return tampering


def quoted_in(currency: str) -> Tampering:
    """The same numbers in another currency."""
    return lambda result: result["meta"].update(currency=currency)


def without(name: str) -> Tampering:
    """Something is missing that Yahoo says about every symbol."""
    return lambda result: result["meta"].pop(name)


def unscaled_split(day: dt.date, ratio: int) -> Tampering:
    """A split is listed, and the bars before it are not on its basis."""

    def tampering(result: dict[str, Any]) -> None:
        when = result["timestamp"][_place(result, day)]
        split = {"date": when, "numerator": ratio, "denominator": 1, "splitRatio": f"{ratio}:1"}
        result.setdefault("events", {}).setdefault("splits", {})[str(when)] = split

    return tampering


def paid(day: dt.date, amount: float) -> Tampering:
    """A dividend is listed on a day that the answer reaches; of nought: the one of that day is not listed."""

    def tampering(result: dict[str, Any]) -> None:
        place = _place(result, day)
        if place is None:
            return
        listed = result.setdefault("events", {}).setdefault("dividends", {})
        when = result["timestamp"][place]
        listed.pop(str(when), None)
        if amount:
            listed[str(when)] = {"amount": amount, "date": when}

    return tampering


def _columns(result: dict[str, Any]) -> dict[str, list[Any]]:
    indicators = result["indicators"]
    return {**indicators["quote"][0], **indicators["adjclose"][0]}


def _place(result: dict[str, Any], day: dt.date) -> int | None:
    zone = ZoneInfo(result["meta"]["exchangeTimezoneName"])
    days = [dt.datetime.fromtimestamp(stamp, zone).date() for stamp in result["timestamp"]]
    return days.index(day) if day in days else None
