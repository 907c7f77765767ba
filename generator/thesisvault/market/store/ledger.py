"""What happened to stored bars: corrections, bars held back, what a person decided of them, and dated snapshots.

A correction keeps every bar and action as it was before. A bar that is held back waits until a later refresh explains
it, or until a person accepts or rejects it.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Sequence

from msgspec import Struct

from thesisvault.market.bars import Bars, Snapshot, number_day
from thesisvault.market.records import Basis
from thesisvault.market.store.database import Database, stamp, understood
from thesisvault.market.store.packs import Pack
from thesisvault.market.store.seals import covered

_COLUMNS = "days, close, open, high, low, volume, actions"
_NOTHING = ""  # stands for a field where a source had none
Action = tuple[int, float, float]


class Correction(Struct, frozen=True):
    """One change of stored history.

    Attributes:
        name: The series.
        basis: What its closes are.
        made: When it was made.
        source: The provider whose bars it follows.
        reason: Why.
        bars: The bars that changed, as they were before.
        actions: Day, dividend and split of the actions that changed, as they were before; 0: there was none.
    """

    name: str
    basis: Basis
    made: str
    source: str
    reason: str
    bars: Pack
    actions: tuple[Action, ...] = ()

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day of what changed."""
        days = [*self.bars.days, *(a[0] for a in self.actions)]
        return number_day(min(days)), number_day(max(days))


class Quarantined(Struct, frozen=True):
    """Bars of one series that a source gave and that were not stored.

    Attributes:
        name: The series.
        source: The provider.
        since: The moment from which something of it is held back.
        reason: Why.
        bars: The bars, oldest first, with currency and actions.
        dividends_known: Whether the bars come with all dividends of the stored span.
        wrong_days: The days whose closes are doubted; the others only wait with them.
        wrong_dividends: Day and amount of the dividends that are doubted.
        bars_wait: The bars are not stored; else only dividends wait.
    """

    name: str
    source: str
    since: str
    reason: str
    bars: Bars
    dividends_known: bool = False
    wrong_days: tuple[int, ...] = ()
    wrong_dividends: tuple[tuple[int, float], ...] = ()
    bars_wait: bool = True

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day that is held back."""
        return number_day(self.bars.days[0]), number_day(self.bars.days[-1])

    @property
    def what(self) -> str:
        """What is held back, in a few words."""
        if not self.bars_wait:
            day, amount = self.wrong_dividends[0]
            more = f" and {len(self.wrong_dividends) - 1} more" if len(self.wrong_dividends) > 1 else ""
            return f"the dividend of {amount:g} on {number_day(day)}{more}"
        first, last = self.days
        count = len(self.bars.days)
        return f"the bar of {first}" if count == 1 else f"{count} bars from {first} to {last}"

    @property
    def says(self) -> str:
        """What is held back, in one sentence without its stop."""
        return f"{self.what} of {self.source}, since {self.since[:10]}: {self.reason}"


class Rejected(Struct, frozen=True):
    """What a person said is wrong of one series on one basis: days with closes, and days with dividends.

    Attributes:
        closes: Days and closes.
        dividends: Days and amounts.
        final: Those of the closes that were rejected a second time, which is not asked about again.
    """

    closes: frozenset[tuple[int, float]] = frozenset()
    dividends: frozenset[tuple[int, float]] = frozenset()
    final: frozenset[tuple[int, float]] = frozenset()


class DatedValue(Struct, frozen=True):
    """One fundamental as it was found on one day; `day` counts from 1970-01-01."""

    field: str
    day: int
    value: float
    currency: str
    source: str
    fetched: str


class Ledger(Struct):
    """What a store remembers besides its bars."""

    _database: Database

    # --- corrections -----------------------------------------------------------------------------------------------

    def record(
        self,
        key: int,
        basis: Basis,
        made: dt.datetime,
        source: str,
        reason: str,
        before: Pack,
        actions: Sequence[Action],
    ) -> None:
        """Keep what a correction changes; only inside `writing`."""
        self._database.write(
            f"INSERT INTO correction (series, basis, made, source, reason, {_COLUMNS}) "  # noqa: S608 - a constant
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, basis, stamp(made), source, reason, *before.blobs(), json.dumps(actions)),
        )

    @understood
    def corrections(self, names: Iterable[str] | None = None) -> list[Correction]:
        """Return corrections, oldest first."""
        rows = self._database.by_name(
            f"SELECT c.id, s.name, c.basis, c.made, c.source, c.reason, {_of('c')} "  # noqa: S608 - constants
            "FROM correction c JOIN series s ON s.id = c.series",
            None if names is None else list(names),
        )
        return [
            Correction(name, basis, made, source, reason, Pack.of_blobs(*blobs), _actions(actions))
            for _, name, basis, made, source, reason, *blobs, actions in sorted(rows, key=lambda row: int(row[0]))
        ]

    # --- bars held back --------------------------------------------------------------------------------------------

    def quarantine(self, waiting: Quarantined) -> None:
        """Keep bars back in place of what was held back of the same series, basis and source."""
        bars = waiting.bars
        with self._database.writing():
            key = self._database.series_id(waiting.name)
            earlier = self._database.query(
                "SELECT since FROM held WHERE series = ? AND basis = ? AND source = ?",
                (key, bars.basis, waiting.source),
            )
            actions = _as_actions(bars)
            self._database.write(
                "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    key,
                    bars.basis,
                    waiting.source,
                    earlier[0][0] if earlier else waiting.since,
                    waiting.reason,
                    bars.currency or "",
                    int(waiting.dividends_known),
                    json.dumps([waiting.wrong_days, waiting.wrong_dividends, waiting.bars_wait]),
                    *Pack.of_bars(bars).blobs(),
                    json.dumps(actions),
                ),
            )

    @understood
    def quarantined(self, names: Iterable[str] | None = None) -> list[Quarantined]:
        """Return what is held back, by series."""
        rows = self._database.by_name(
            f"SELECT s.name, {covered('held', 'h')} FROM held h JOIN series s ON s.id = h.series",  # noqa: S608
            None if names is None else list(names),
        )
        for name, *row in rows:
            self._database.sealed("held", str(name), row)
        return sorted(
            (_quarantined((name, *row)) for name, _, _, *row in rows),
            key=lambda each: (each.name, each.bars.basis, each.source),
        )

    def release(self, name: str, basis: Basis, source: str | None = None) -> None:
        """Hold nothing back any more of one series and basis, from one source or from all."""
        with self._database.writing():
            self._database.write(
                "DELETE FROM held WHERE series = ? AND basis = ? AND source = coalesce(?, source)",
                (self._database.series_id(name), basis, source),
            )

    def reject(self, waiting: Quarantined, made: dt.datetime) -> None:
        """Remember which closes and dividends are wrong, so that a source which repeats them is not listened to.

        What only waited with them is not remembered; a source that gives it again is judged anew.
        """
        bars, wrong = waiting.bars, set(waiting.wrong_days)
        closes = [("close", day, close) for day, close in zip(bars.days, bars.close, strict=True) if day in wrong]
        paid = [("dividend", day, amount) for day, amount in waiting.wrong_dividends]
        with self._database.writing():
            key = self._database.series_id(waiting.name)
            before = self.rejected([waiting.name]).get((waiting.name, bars.basis), Rejected())
            closes += [("final", day, close) for _, day, close in closes if (day, close) in before.closes]
            rows = [(key, bars.basis, *each, stamp(made)) for each in (*closes, *paid)]
            self._database.write_many("INSERT OR REPLACE INTO rejected VALUES (?, ?, ?, ?, ?, ?)", rows)
            self.release(waiting.name, bars.basis, waiting.source)

    @understood
    def rejected(self, names: Iterable[str] | None = None) -> dict[tuple[str, Basis], Rejected]:
        """Return what a person rejected, by series and basis."""
        rows = self._database.by_name(
            "SELECT s.name, r.basis, r.what, r.day, r.value FROM rejected r JOIN series s ON s.id = r.series",
            None if names is None else list(names),
        )
        found: dict[tuple[str, Basis], dict[str, set[tuple[int, float]]]] = {}
        for name, basis, what, day, value in rows:
            kinds = found.setdefault((str(name), basis), {"close": set(), "dividend": set(), "final": set()})
            kinds[what].add((int(day), float(value)))
        return {
            key: Rejected(frozenset(kinds["close"]), frozenset(kinds["dividend"]), frozenset(kinds["final"]))
            for key, kinds in found.items()
        }

    def take_back(self, waiting: Quarantined) -> None:
        """Forget that bars which are accepted now were rejected once; only inside `writing`."""
        key, bars = self._database.series_id(waiting.name), waiting.bars
        self._database.write_many(
            "DELETE FROM rejected WHERE series = ? AND basis = ? AND day = ?",
            [(key, bars.basis, day) for day in {*bars.days, *(day for day, _ in bars.dividends or ())}],
        )

    # --- dividends that an answer did not list -----------------------------------------------------------------------

    def set_unlisted(self, name: str, source: str, first: int, days: Iterable[int], due: int) -> None:
        """Remember which stored dividends an answer did not list, with the session of their first such answer.

        Args:
            name: The series.
            source: Who gave the answer.
            first: The first day that it covers; of earlier ones it says nothing.
            days: Their ex-dates.
            due: The newest session that the answer could know.
        """
        with self._database.writing():
            key, wanted = self._database.series_id(name), set(days)
            known = self._database.query(
                "SELECT day, due FROM unlisted WHERE series = ? AND source = ? AND day >= ?", (key, source, first)
            )
            before = {int(day): int(when) for day, when in known}
            for day in set(before) - wanted:
                self._database.write(
                    "DELETE FROM unlisted WHERE series = ? AND source = ? AND day = ?", (key, source, day)
                )
            self._database.write_many(
                "INSERT OR REPLACE INTO unlisted VALUES (?, ?, ?, ?)",
                [(key, source, day, before.get(day, due)) for day in wanted],
            )

    @understood
    def unlisted(self, names: Iterable[str] | None = None) -> dict[tuple[str, str], dict[int, int]]:
        """Return ex-dates and the session of the first answer without them, by series and source."""
        rows = self._database.by_name(
            "SELECT s.name, u.source, u.day, u.due FROM unlisted u JOIN series s ON s.id = u.series",
            None if names is None else list(names),
        )
        found: dict[tuple[str, str], dict[int, int]] = {}
        for name, source, day, due in rows:
            found.setdefault((str(name), str(source)), {})[int(day)] = int(due)
        return found

    # --- snapshots -------------------------------------------------------------------------------------------------

    def keep_snapshot(self, name: str, day: int, snapshot: Snapshot, source: str, fetched: dt.datetime) -> None:
        """Store the fundamentals of one day; those of that day that are stored already stay."""
        with self._database.writing():
            key = self._database.series_id(name)
            self._database.write_many(
                "INSERT OR IGNORE INTO snapshot VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                [
                    (key, what, day, value, snapshot.currency or "", source, stamp(fetched))
                    for what, value in snapshot.values.items()
                ],
            )

    @understood
    def snapshots(self, names: Iterable[str]) -> dict[str, list[DatedValue]]:
        """Return all dated fundamentals of each series, oldest first."""
        rows = self._database.by_name(
            f"SELECT s.name, {covered('snapshot', 'v')} "  # noqa: S608 - names of our own
            "FROM snapshot v JOIN series s ON s.id = v.series",
            list(names),
            " ORDER BY v.series, v.field, v.day",
        )
        found: dict[str, list[DatedValue]] = {}
        for name, *row in rows:
            self._database.sealed("snapshot", str(name), row)
            values = row[2:]
            if values[0] != _NOTHING:
                found.setdefault(str(name), []).append(DatedValue(*values))
        return found

    def no_snapshot(self, name: str, day: int, source: str, fetched: dt.datetime) -> None:
        """Remember that a source had no fundamentals on a day, so that it is not asked again at once."""
        self.keep_snapshot(name, day, Snapshot({_NOTHING: 0.0}), source, fetched)

    @understood
    def snapshots_asked(self, names: Iterable[str]) -> dict[str, dt.date]:
        """Return the newest day for which fundamentals of each series were asked, with an answer or without."""
        rows = self._database.by_name(
            "SELECT s.name, max(v.day) FROM snapshot v JOIN series s ON s.id = v.series",
            list(names),
            " GROUP BY v.series",
        )
        return {str(name): number_day(day) for name, day in rows}


def _of(table: str) -> str:
    return ", ".join(f"{table}.{column}" for column in _COLUMNS.split(", "))


def _as_actions(bars: Bars) -> list[tuple[int, float | None, float | None]]:
    """Return day, dividend and split; None for none, as a dividend of nought takes away the one that is stored."""
    paid, splits = dict(bars.dividends or ()), dict(bars.splits)
    return [(day, paid.get(day), splits.get(day)) for day in sorted({*paid, *splits})]


def _actions(text: str) -> tuple[Action, ...]:
    return tuple((int(day), float(paid), float(split)) for day, paid, split in json.loads(text))


def _quarantined(row: tuple[object, ...]) -> Quarantined:
    name, basis, source, since, reason, currency, known, wrong, *blobs, actions = row
    pack = Pack.of_blobs(*blobs)  # type: ignore[arg-type]
    columns = [None if all(map(math.isnan, column)) else tuple(column) for column in pack.columns[1:]]
    done = json.loads(str(actions))
    days, dividends, *waits = json.loads(str(wrong))  # the last is missing from what older versions wrote
    bars = Bars(
        tuple(pack.days),
        tuple(pack.close),
        basis,  # type: ignore[arg-type]
        open=columns[0],
        high=columns[1],
        low=columns[2],
        volume=columns[3],
        dividends=tuple((day, paid) for day, paid, _ in done if paid is not None),
        splits=tuple((day, split) for day, _, split in done if split),
        currency=str(currency) or None,
    )
    doubted = tuple((int(day), float(amount)) for day, amount in dividends)
    wait = bool(waits[0]) if waits else True
    return Quarantined(str(name), str(source), str(since), str(reason), bars, bool(known), tuple(days), doubted, wait)
