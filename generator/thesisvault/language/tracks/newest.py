"""The newest value of a track as a number, with all that goes with it."""

from __future__ import annotations

from thesisvault.analytics.bounds import calendar_day
from thesisvault.language import kinds, values
from thesisvault.language.kinds import Kind
from thesisvault.language.parse import ExpressionError
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.track import Track
from thesisvault.language.values import Number
from thesisvault.quantities import is_currency

_SHOWN: dict[str, values.Kind] = {
    "return": "fraction",
    "difference in points": "spread",
    "rate": "share",
    "share": "share",
    "volatility": "share",
    "multiple": "multiple",
    "count": "count",
    "price": "money",
    "price difference": "difference",
    "difference of index points": "difference",
    "total-return level": "index",
    "condition": "truth",
    "day": "day",
    "word": "word",
}


def shown_kind(kind: Kind) -> values.Kind:
    """Return how a kind is shown where no filter says so.

    >>> shown_kind(kinds.SPREAD), shown_kind(kinds.amount("USD")), shown_kind(kinds.amount("persons"))
    ('spread', 'money', 'number')
    """
    if kind.family == "amount" and kinds.is_difference(kind):
        return "difference"
    if kind.family == "amount":
        return "money" if is_currency(kind.unit) else "number"
    return _SHOWN.get(kind.name, "number")


def newest(track: Track) -> Number:
    """Return the newest value, dated by the last session at which all of its series have one.

    Raises:
        ExpressionError: The track has one value per member of a universe.
    """
    if track.number is None:
        track.number = _newest(track)
    return track.number


def _newest(track: Track) -> Number:
    if track.columns is not None:
        raise ExpressionError(
            "found one number per member of a universe; wrap it in count(), breadth(), mean() or median()"
        )
    spot = track.spot
    if track.is_empty:
        return _number(track, None, why=track.why() or "no common session")
    if spot.void:
        return _number(track, None, spot.facts.settled, spot.void)
    value, on = track.latest(), spot.on
    if isinstance(value, str):
        return _number(track, value, on)
    if value is None or value != value:
        zero = "a division by zero" if track.calendar is None else "not known on its last session"
        return _number(track, None, on, track.why() or zero)
    if track.typed.kind.family != "day":
        return _number(track, value, on)
    day = calendar_day(float(value))
    return _number(track, day, on, "" if day else "a day outside of the years 1 to 9999")


def _number(track: Track, value: object, on: object = None, why: str = "") -> Number:
    facts, kind = track.spot.facts, track.typed.kind
    settled = facts.settled is not None
    return Number(
        value,  # type: ignore[arg-type]
        shown_kind(kind),
        on,  # type: ignore[arg-type]
        why,
        kind.unit,
        () if settled else facts.stale,
        facts.notes + _mixed(facts),
        facts.bases,
        facts.sources,
        facts.returns,
        settled,
        facts.dated,
        facts.currencies,
    )


def _mixed(facts: Facts) -> tuple[str, ...]:
    """Return that a number compares prices in several currencies, none of them converted; empty where it does not."""
    if len(facts.currencies) < 2 or len({currency for _, currency in facts.currencies}) < 2:
        return ()
    return (f"{', '.join(f'{name} in {currency}' for name, currency in facts.currencies)}: not converted",)
