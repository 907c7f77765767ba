"""The audit of a whole store: is every bar as it was written, can it be one, and do the sources agree.

It reads and reports; it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
from msgspec import Struct

from thesisvault.analytics.bounds import Ints
from thesisvault.analytics.kernels import Floats
from thesisvault.analytics.relative import common_rows
from thesisvault.analytics.returns import total_return
from thesisvault.market.bars import number_day
from thesisvault.market.records import PAYS_NOTHING, Basis, Instrument
from thesisvault.market.refresh.jumps import odd_bars
from thesisvault.market.refresh.mislabeled import suspected_from
from thesisvault.market.sessions import Sessions
from thesisvault.market.store.entries import Feed
from thesisvault.market.store.ledger import Correction
from thesisvault.market.store.packs import Pack, joined
from thesisvault.market.store.store import Store
from thesisvault.words import plural

_GAPS_SHOWN = 3
# Two sources of the same day's return may round differently; more than this is a dividend that one of them lacks.
_SAME_RETURN = 0.002


class Fault(Struct, frozen=True):
    """Something that the audit found.

    Attributes:
        name: The series; empty: the whole file.
        text: What it is.
        level: `error`: what is stored is not what was written, or cannot be; `warning`: it is worth a look;
            `info`: it is worth knowing.
    """

    name: str
    text: str
    level: Literal["error", "warning", "info"]


class Audit(Struct, frozen=True):
    """What an audit looked at and found."""

    series: int
    bars: int
    faults: tuple[Fault, ...]


def audit(store: Store, instruments: Mapping[str, Instrument]) -> Audit:
    """Return what is wrong with a store, or worth a look.

    Args:
        store: The store.
        instruments: What definitions say of its series; others are only looked at for what they say themselves.
    """
    with store.reading():
        return _audit(store, instruments)


def _audit(store: Store, instruments: Mapping[str, Instrument]) -> Audit:
    faults = [Fault("", text, "error") for text in store.faults()]
    feeds = store.feeds()
    sessions = Sessions(store)
    bars = 0
    for name, by_basis in feeds.items():
        packs: dict[Basis, Pack] = {}
        for basis, feed in by_basis.items():
            years = store.packs_of(name, basis)
            whole = joined([pack for pack, _ in years.values()])
            bars += len(whole.days)
            wrong = list(_written(name, feed, years, whole))
            faults += wrong
            if not wrong:
                packs[basis] = whole
        instrument = instruments.get(name)
        for basis, whole in packs.items():
            faults += _plausible(name, basis, whole, instrument, sessions)
        faults += _dividends(store, name, by_basis, packs, instrument)
        faults += [Fault(name, feed.doubt, "warning") for feed in by_basis.values() if feed.doubt]
    for quarantined in store.ledger.quarantined():
        faults.append(Fault(quarantined.name, f"held for review: {quarantined.says}", "warning"))
    faults += _settled(store)
    return Audit(len(feeds), bars, tuple(faults))


def _settled(store: Store) -> Iterator[Fault]:
    """Yield what was corrected, rejected or decided, and which dividends may go."""
    for (name, source), days in sorted(store.ledger.unlisted().items()):
        shown = ", ".join(str(number_day(day)) for day in sorted(days))
        yield Fault(
            name, f"{source} did not list the dividend of {shown}; another answer without it takes it away", "info"
        )
    for (name, basis), rejected in sorted(store.ledger.rejected().items()):
        bars = store.bars(name, basis)
        for day, close in sorted(rejected.closes):
            if bars is None or day not in bars.days:
                text = f"the close of {close:.6g} on {number_day(day)} was rejected, and no other one has come"
                yield Fault(name, text, "info")
    for name, decisions in store.decisions.made().items():
        yield from (Fault(name, each.says, "info") for each in decisions)
    corrections: dict[str, list[Correction]] = {}
    for correction in store.ledger.corrections():
        corrections.setdefault(correction.name, []).append(correction)
    for name, made in sorted(corrections.items()):
        earlier = f"; {plural(len(made) - _GAPS_SHOWN, 'earlier correction')}" if len(made) > _GAPS_SHOWN else ""
        for each in made[-_GAPS_SHOWN:]:
            yield Fault(name, f"corrected on {each.made[:10]}: {each.reason}{earlier}", "info")
            earlier = ""


def _written(name: str, feed: Feed, years: Mapping[int, tuple[Pack, str]], whole: Pack) -> Iterator[Fault]:
    """Yield what tells that the stored bars are not those that were written."""
    for year, (pack, kept) in years.items():
        if pack.digest != kept:
            yield Fault(name, f"{feed.basis} bars of {year} are not what was written: their digest differs", "error")
        if any(number_day(d).year != year for d in (pack.days[0], pack.days[-1]) if pack.days):
            yield Fault(name, f"{feed.basis} bars of another year lie among those of {year}", "error")
    days = np.asarray(whole.days)
    if not len(days):
        yield Fault(name, f"no {feed.basis} bar is stored, though the index lists one", "error")
        return
    back = np.flatnonzero(np.diff(days) <= 0)
    if len(back):
        yield Fault(name, f"{number_day(int(days[back[0] + 1]))} does not come after the day before it", "error")
    if (number_day(int(days[0])), number_day(int(days[-1]))) != (feed.first, feed.last):
        yield Fault(
            name,
            f"{feed.basis} bars are from {number_day(int(days[0]))} to {number_day(int(days[-1]))}, but the "
            f"index says {feed.first} to {feed.last}",
            "error",
        )
    closes = np.asarray(whole.close)
    odd = np.flatnonzero(~np.isfinite(closes) | ((closes <= 0) & (feed.basis != "value")))
    if len(odd):
        yield Fault(name, f"a close of {closes[odd[0]]:g} on {number_day(int(days[odd[0]]))}", "error")


def _plausible(
    name: str, basis: Basis, whole: Pack, instrument: Instrument | None, sessions: Sessions
) -> Iterator[Fault]:
    """Yield bars that no market made, and sessions without a bar."""
    if basis == "value":
        return
    gap = 14 if instrument is None else max(14, 3 * instrument.period_days)
    if odd := odd_bars(whole.days, whole.close, gap=gap):
        more = f", and {plural(len(odd.places) - 1, 'more bar')} like it" if len(odd.places) > 1 else ""
        yield Fault(name, f"{odd.why} on {number_day(whole.days[odd.places[0]])}{more}", "warning")
    if instrument is None or instrument.frequency != "daily":
        return
    known = sessions.day_numbers(instrument.exchange, number_day(whole.days[0]), number_day(whole.days[-1]))
    missing = sessions.without_bar(instrument.exchange, whole.days)
    extra = sorted(set(whole.days) - set(known))
    for days, what in ((missing, "no bar on"), (extra, f"a bar without a session of {instrument.exchange} on")):
        if days:
            shown = ", ".join(str(number_day(d)) for d in days[-_GAPS_SHOWN:])
            more = f" and {len(days) - _GAPS_SHOWN} earlier days" if len(days) > _GAPS_SHOWN else ""
            yield Fault(name, f"{what} {shown}{more} ({basis.replace('_', '-')} closes)", "info")


def _dividends(
    store: Store,
    name: str,
    feeds: Mapping[Basis, Feed],
    packs: Mapping[Basis, Pack],
    instrument: Instrument | None,
) -> Iterator[Fault]:
    """Yield dividends that cannot be, and days on which the total return of two sources differs."""
    plain, adjusted = packs.get("split_adjusted"), packs.get("adjusted")
    if plain is None or (instrument is not None and instrument.kind in PAYS_NOTHING):
        return
    paid = [(day, amount) for day, amount, _ in store.actions([name]).get(name, []) if amount]
    days, closes = _known(plain)
    on = np.array([day for day, _ in paid], dtype=np.int64)
    try:
        level = total_return(days, closes, on, np.array([amount for _, amount in paid], dtype=np.float64))
    except ValueError as error:
        yield Fault(name, f"its dividends cannot be used: {error}", "error")
        return
    if not feeds["split_adjusted"].dividends_known:
        return
    stored = store.bars(name, "split_adjusted")
    if stored is not None and (day := suspected_from(stored)) is not None:
        yield Fault(
            name,
            f"closes before its newest dividend, of {number_day(day)}, are no whole cents, and later ones are: they "
            "seem to be adjusted for dividends, which then count twice; see what its source gives now: thesisvault "
            f"refresh {name}",
            "warning",
        )
    if adjusted is None:
        return
    others, given = _known(adjusted)
    rows, places = common_rows(days, others)
    derived, given = level[rows], given[places]
    apart = derived[1:] / derived[:-1] - given[1:] / given[:-1]
    off = np.flatnonzero(np.abs(apart) > _SAME_RETURN)
    if len(off):
        last = number_day(int(days[rows[off[-1] + 1]]))
        yield Fault(
            name,
            f"the total return of {last} differs by {apart[off[-1]] * 100:+.2f}pp between "
            f"{feeds['split_adjusted'].source} and {feeds['adjusted'].source}, as it does on {len(off) - 1} other days",
            "warning",
        )


def _known(pack: Pack) -> tuple[Ints, Floats]:
    """Return the days that have a close, and the closes."""
    days, closes = np.array(pack.days, dtype=np.int64), np.array(pack.close)
    there = ~np.isnan(closes)
    return days[there], closes[there]
