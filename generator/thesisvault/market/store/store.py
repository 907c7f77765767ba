"""The market store: one SQLite file, many readers, one writer, and no bar ever deleted.

Closes lie packed by series, basis and year: a blob of little-endian int32 days since 1970 and a blob of float64 closes,
which reads fourteen times faster than a row a bar. Each pack keeps a digest, so that what changed is known without
reading it. What is stored changes only through a correction, which keeps what was there before (`ledger`).
This module imports neither numpy nor pandas, so that a run with nothing to do stays quick.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

from thesisvault.market.bars import Bars, day_number, number_day
from thesisvault.market.records import Basis
from thesisvault.market.store.database import stamp, understood
from thesisvault.market.store.decisions import Decisions
from thesisvault.market.store.digests import Digests
from thesisvault.market.store.entries import Column, Feed, Status
from thesisvault.market.store.ledger import Ledger
from thesisvault.market.store.packs import Pack, by_year, checked, digest, floats, ints, joined, merged
from thesisvault.market.store.seals import covered

_ACTIONS = f"SELECT s.name, {covered('action', 'a')} FROM action a JOIN series s ON s.id = a.series"  # noqa: S608
_OTHERS = "p.open, p.high, p.low, p.volume"
_COLUMNS = f"p.days, p.close, {_OTHERS}"
# Amounts of the same dividend differ in the digits that a source rounds away.
_SAME_AMOUNT = 1e-4


class Store(Digests):
    """An open market store; `Database` says how it opens."""

    def __init__(self, path: Path | str, *, create: bool = True) -> None:
        super().__init__(path, create=create)
        self.ledger = Ledger(self)
        self.decisions = Decisions(self)
        # A build asks four times for all that is stored, and each answer is checked by its seals.
        self._all_feeds: tuple[tuple[int, int], dict[str, dict[Basis, Feed]]] | None = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- reading ---------------------------------------------------------------------------------------------------

    @understood
    def feeds(self, names: Iterable[str] | None = None) -> dict[str, dict[Basis, Feed]]:
        """Return what is stored, by name and basis; of all series, or of those named."""
        version = self.version()
        if names is None and version and self._all_feeds and self._all_feeds[0] == version:
            return {name: dict(of_one) for name, of_one in self._all_feeds[1].items()}
        head = "SELECT s.name, f.basis, f.source, f.currency, f.dividends_known, f.first, f.last, f.fetched"
        more = f", f.quoted_in, f.exchange, f.currency_known, f.confirmed, f.doubt, {covered('feed', 'f')}"
        tail = " FROM feed f JOIN series s ON s.id = f.series"
        found: dict[str, dict[Basis, Feed]] = {}
        self.check_names()
        for name, basis, source, currency, known, first, last, *rest in self.by_name(
            head + more + tail, _listed(names)
        ):
            when, unit, exchange, said, settled, doubt, *row = rest
            self.sealed("feed", name, row)
            days, confirmed = (number_day(first), number_day(last)), number_day(settled) if settled else None
            feed = Feed(
                name, basis, source, currency, bool(known), *days, when, unit, exchange, bool(said), confirmed, doubt
            )
            found.setdefault(feed.name, {})[feed.basis] = feed
        if names is None and version:
            self._all_feeds = version, {name: dict(of_one) for name, of_one in found.items()}
        return found

    @understood
    def statuses(self, names: Iterable[str] | None = None) -> dict[str, Status]:
        """Return how the last refresh of each series ended; of all series, or of those named."""
        self.check_names()
        rows = self.by_name(
            "SELECT s.name, s.status, s.detail, s.checked, s.misses, s.due, s.again_from, s.strikes, s.unknown_since "
            "FROM series s",
            _listed(names),
        )
        return {
            name: Status(
                name,
                status,
                detail,
                dt.datetime.fromisoformat(moment) if moment else None,
                misses,
                number_day(due) if due else None,
                None if again is None else number_day(again),
                strikes,
                dt.date.fromisoformat(unknown) if unknown else None,
            )
            for name, status, detail, moment, misses, due, again, strikes, unknown in rows
        }

    @understood
    def columns(self, names: Iterable[str]) -> dict[str, dict[Basis, Column]]:
        """Return days and closes of many series at once, by name and basis; those without a bar are left out."""
        wanted = list(names)
        statement = f"SELECT s.name, {covered('pack', 'p')} FROM pack p JOIN series s ON s.id = p.series"  # noqa: S608 - names of our own
        with self.reading():
            feeds = self.feeds(wanted)
            rows = self.by_name(statement, wanted, " ORDER BY p.series, p.basis, p.year")
        parts: dict[tuple[str, str], tuple[list[bytes], list[bytes]]] = {}
        for name, *row in rows:
            self.sealed("pack", name, row)
            _, _, basis, _, days, close = row
            blobs = parts.setdefault((str(name), str(basis)), ([], []))
            blobs[0].append(days)
            blobs[1].append(close)
        found: dict[str, dict[Basis, Column]] = {}
        for name, by_basis in feeds.items():
            for basis, feed in by_basis.items():
                if (name, basis) in parts:
                    days_parts, close_parts = parts[name, basis]
                    self._whole(feed, days_parts)
                    found.setdefault(name, {})[basis] = Column(feed, b"".join(days_parts), b"".join(close_parts))
        return found

    @understood
    def actions(self, names: Iterable[str]) -> dict[str, list[tuple[int, float, float]]]:
        """Return day, dividend and split (0 where there is none) of each series, oldest first."""
        found: dict[str, list[tuple[int, float, float]]] = {}
        for name, *row in self.by_name(_ACTIONS, list(names), " ORDER BY a.series, a.day"):
            self.sealed("action", name, row)
            _, _, day, dividend, split = row
            found.setdefault(str(name), []).append((int(day), float(dividend or 0), float(split or 0)))
        return found

    @understood
    def bars(self, name: str, basis: Basis, start: dt.date | None = None) -> Bars | None:
        """Return what is stored of one series on one basis, all or from the year of a day on; None: nothing at all."""
        with self.reading():
            feed = self.feeds([name]).get(name, {}).get(basis)
            if feed is None:
                return None
            packs = self._packs(name, basis, start.year if start else 0)
            actions = self.actions([name]).get(name, []) if basis == "split_adjusted" else []
        whole = joined([packs[year] for year in sorted(packs)])
        given = [tuple(c) if not all(map(math.isnan, c)) else None for c in whole.columns[1:]]
        if start is not None and whole.days:
            actions = [a for a in actions if a[0] >= whole.days[0]]
        return Bars(
            tuple(whole.days),
            tuple(whole.close),
            basis,
            open=given[0],
            high=given[1],
            low=given[2],
            volume=given[3],
            dividends=tuple((d, a) for d, a, _ in actions if a) if feed.dividends_known else None,
            splits=tuple((d, s) for d, _, s in actions if s),
            currency=feed.currency if feed.currency_known else None,
            quoted_in=feed.quoted_in or None,
            exchange=feed.exchange or None,
        )

    @understood
    def closes(self, name: str, basis: Basis, start: dt.date) -> tuple[array[int], array[float]]:
        """Return days and closes from the year of a day on."""
        rows = self.query(
            f"SELECT {covered('pack', 'p')} FROM pack p JOIN series s ON s.id = p.series "  # noqa: S608 - names of our own
            "WHERE s.name = ? AND p.basis = ? AND p.year >= ? ORDER BY p.year",
            (name, basis, start.year),
        )
        for row in rows:
            self.sealed("pack", name, row)
        return ints(b"".join(row[-2] for row in rows)), floats(b"".join(row[-1] for row in rows))

    def _whole(self, feed: Feed, days: Sequence[bytes]) -> None:
        """Refuse bars of which the first or the last is not what is known of the series: some are gone."""
        if (ints(days[0])[0], ints(days[-1])[-1]) != (day_number(feed.first), day_number(feed.last)):
            raise self.damaged(f"{feed.name}: closes that were written are not there")

    @understood
    def data_hash(self, name: str, until: dt.date) -> str:
        """Return a digest of all that a series is made of up to a day; closes count to 10 digits.

        The same bars give the same digest, whatever came after that day; a series without a bar gives an empty text.
        """
        limit = day_number(until)
        seal = hashlib.sha256()
        rows = self.query(
            f"SELECT p.digest, {covered('pack', 'p')} FROM pack p JOIN series s ON s.id = p.series "  # noqa: S608
            "WHERE s.name = ? AND p.year <= ? ORDER BY p.basis, p.year",
            (name, until.year),
        )
        some = False
        for kept, *row in rows:
            self.sealed("pack", name, row)
            _, _, basis, year, days_blob, close_blob = row
            days = ints(days_blob)
            if days[0] > limit:
                continue
            if days[-1] > limit:
                count = sum(1 for d in days if d <= limit)
                kept = digest(days[:count], floats(close_blob)[:count])
            seal.update(f"{basis} {year} {kept}\n".encode())
            some = True
        for day, dividend, split in self.actions([name]).get(name, []):
            if day <= limit:
                seal.update(f"{day} {dividend:.10g} {split:.10g}\n".encode())
        for basis, feed in sorted(self.feeds([name]).get(name, {}).items()):
            seal.update(f"{basis} {feed.currency} {feed.dividends_known:d}\n".encode())
        return seal.hexdigest()[:16] if some else ""

    @understood
    def packs_of(self, name: str, basis: Basis) -> dict[int, tuple[Pack, str]]:
        """Return the bars of each year with the digest stored beside them."""
        rows = self.query(
            f"SELECT p.year, p.digest, {_COLUMNS} FROM pack p JOIN series s ON s.id = p.series "  # noqa: S608 - a constant
            "WHERE s.name = ? AND p.basis = ? ORDER BY p.year",
            (name, basis),
        )
        return {int(year): (Pack.of_blobs(*blobs), str(kept)) for year, kept, *blobs in rows}

    # --- writing ---------------------------------------------------------------------------------------------------

    def merge(
        self,
        name: str,
        bars: Bars,
        *,
        source: str,
        fetched: dt.datetime,
        currency: str,
        dividends_known: bool | None = None,
        reason: str = "",
    ) -> int:
        """Store bars by day and return how many days are new; what is stored and not in `bars` stays.

        Args:
            name: The series.
            bars: Oldest first. A bar of a stored day must agree with it, unless there is a reason. A dividend of nought
                takes away the one that is stored.
            source: What is remembered as the origin of the newest bars.
            fetched: When it was fetched.
            currency: ISO code of the closes.
            dividends_known: Whether dividends of the whole stored span are known; None: as `bars` says.
            reason: Why stored bars change; they are kept in a correction that gives it, as actions that change are.

        Raises:
            ValueError: The days do not ascend, a close cannot be one, or a stored bar would change without a reason.
        """
        checked(name, bars)
        if not bars.days and not bars.dividends and not bars.splits:
            return 0
        with self.writing():
            key = self.series_id(name)
            stored = self._packs(name, bars.basis, number_day(bars.days[0]).year) if bars.days else {}
            added, before = 0, []
            for year, fresh in by_year(Pack.of_bars(bars)):
                old = stored.get(year)
                union, changed = merged(old, fresh) if old else (fresh, Pack.of_rows({}))
                added += len(union.days) - (len(old.days) if old else 0)
                if changed.days:
                    before.append(changed)
                self._write_pack(key, bars.basis, year, union)
            actions = self._write_actions(key, name, bars) if bars.dividends is not None or bars.splits else []
            if before and not reason:
                raise ValueError(f"{name}: what is stored of {number_day(before[0].days[0])} would change, and why?")
            if before or actions:
                why = reason or "a dividend or split of a stored day was listed late or changed"
                self.ledger.record(key, bars.basis, fetched, source, why, joined(before), actions)
            known = bars.dividends is not None if dividends_known is None else dividends_known
            if not bars.days:
                self.write(
                    "UPDATE feed SET dividends_known = ? WHERE series = ? AND basis = ?", (int(known), key, bars.basis)
                )
                return 0
            self.write(
                "INSERT INTO feed (series, basis, source, currency, dividends_known, first, last, fetched, quoted_in, "
                "exchange, currency_known) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (series, basis) DO UPDATE SET "
                "source = excluded.source, currency = excluded.currency, dividends_known = excluded.dividends_known, "
                "first = min(first, excluded.first), last = max(last, excluded.last), fetched = excluded.fetched, "
                "quoted_in = excluded.quoted_in, exchange = excluded.exchange, "
                "currency_known = max(currency_known, excluded.currency_known)",
                (
                    key,
                    bars.basis,
                    source,
                    currency,
                    int(known),
                    bars.days[0],
                    bars.days[-1],
                    stamp(fetched),
                    bars.quoted_in or "",
                    bars.exchange or "",
                    int(bars.currency is not None),
                ),
            )
        return added

    def _write_actions(self, key: int, name: str, bars: Bars) -> list[tuple[int, float, float]]:
        """Store dividends and splits; return those of stored days as they were before, where they change."""
        dividends, splits = dict(bars.dividends or ()), dict(bars.splits)
        stored = {day: (paid, split) for day, paid, split in self.actions([name]).get(name, [])}
        feed = self.query(
            "SELECT first, last FROM feed WHERE series = ? AND basis = ? AND dividends_known", (key, bars.basis)
        )
        first, last = feed[0] if feed else (0, -1)
        before = []
        for day in sorted({*dividends, *splits}):
            was = stored.get(day, (0.0, 0.0))
            now = (dividends.get(day, was[0]), splits.get(day, was[1]))
            if all(math.isclose(a, b, rel_tol=_SAME_AMOUNT) for a, b in zip(was, now, strict=True)):
                continue
            if first <= day <= last or any(a and not math.isclose(a, b) for a, b in zip(was, now, strict=True)):
                before.append((day, *was))
            self.write("DELETE FROM action WHERE series = ? AND day = ?", (key, day))
            if any(now):
                self.write("INSERT INTO action VALUES (?, ?, ?, ?, NULL)", (key, day, now[0] or None, now[1] or None))
        return before

    def retract(self, name: str, basis: Basis, reason: str, source: str, made: dt.datetime) -> None:
        """Take all bars of one basis out of a series, with the dividends and splits on it; a correction keeps them."""
        with self.writing():
            key, packs = self.series_id(name), self._packs(name, basis, 0)
            actions = self.actions([name]).get(name, []) if basis == "split_adjusted" else []
            self.ledger.record(
                key, basis, made, source, reason, joined([packs[year] for year in sorted(packs)]), actions
            )
            self.write("DELETE FROM pack WHERE series = ? AND basis = ?", (key, basis))
            self.write("DELETE FROM feed WHERE series = ? AND basis = ?", (key, basis))
            if actions:
                self.write("DELETE FROM action WHERE series = ?", (key,))

    def confirm(self, name: str, basis: Basis, day: int) -> None:
        """Remember that bars up to a day were given again, or decided on; what was doubted of them is settled."""
        with self.writing():
            self.write(
                "UPDATE feed SET confirmed = max(confirmed, min(last, ?)), "
                "doubt = CASE WHEN ? >= last THEN '' ELSE doubt END WHERE series = ? AND basis = ?",
                (day, day, self.series_id(name), basis),
            )

    def doubt(self, name: str, basis: Basis, text: str) -> None:
        """Remember what is strange about the newest bar; empty: nothing is."""
        with self.writing():
            self.write("UPDATE feed SET doubt = ? WHERE series = ? AND basis = ?", (text, self.series_id(name), basis))

    def set_status(self, status: Status) -> None:
        """Remember how the refresh of a series ended."""
        with self.writing():
            self.write(
                "UPDATE series SET status = ?, detail = ?, checked = ?, misses = ?, due = ?, again_from = ?, "
                "strikes = ?, unknown_since = ? WHERE id = ?",
                (
                    status.status,
                    status.detail,
                    stamp(status.checked) if status.checked else "",
                    status.misses,
                    day_number(status.due) if status.due else 0,
                    None if status.again_from is None else day_number(status.again_from),
                    status.strikes,
                    status.unknown_since.isoformat() if status.unknown_since else "",
                    self.series_id(status.name),
                ),
            )

    def log_run(self, started: dt.datetime, ended: dt.datetime, summary: str) -> None:
        """Remember that a refresh took place."""
        with self.writing():
            self.write(
                "INSERT INTO run (started, ended, summary) VALUES (?, ?, ?)", (stamp(started), stamp(ended), summary)
            )

    def _packs(self, name: str, basis: Basis, first: int) -> dict[int, Pack]:
        rows = self.query(
            f"SELECT {covered('pack', 'p')}, {_OTHERS} FROM pack p JOIN series s ON s.id = p.series "  # noqa: S608
            "WHERE s.name = ? AND p.basis = ? AND p.year >= ?",
            (name, basis, first),
        )
        found = {}
        for seal, series, kept, year, days, close, *others in rows:
            self.sealed("pack", name, (seal, series, kept, year, days, close))
            found[int(year)] = Pack.of_blobs(days, close, *others)
        return found

    def _write_pack(self, key: int, basis: Basis, year: int, pack: Pack) -> None:
        self.write(
            "INSERT OR REPLACE INTO pack VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (key, basis, year, *pack.blobs(), pack.digest),
        )


def _listed(names: Iterable[str] | None) -> Sequence[str] | None:
    return None if names is None else list(names)
