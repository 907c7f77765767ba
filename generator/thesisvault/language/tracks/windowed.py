"""Functions of a series and a window."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from msgspec import Struct

from thesisvault.analytics.bounds import Ints, Mode, why_unknown
from thesisvault.analytics.kernels import Floats, Kernel
from thesisvault.analytics.single import One
from thesisvault.language.kinds import Typed
from thesisvault.language.tracks.calendars import Calendar, Calendars
from thesisvault.language.tracks.facts import Facts
from thesisvault.language.tracks.track import Every, Spot, Stored, Track
from thesisvault.language.tracks.track import One as Value
from thesisvault.scalars import Window
from thesisvault.structs import replace

Kernels = Callable[["Source"], Kernel]


class Source(Struct, frozen=True, eq=False):
    """Values without gaps that windows are measured on.

    Attributes:
        values: Sessions, or sessions x members.
        dated: The days that the values are of.
        rows: Their rows in the track that they are of; None: all, in order.
        columns: The columns of a universe that they are; None: of a single series, or all.
    """

    values: Floats
    dated: Calendar
    rows: Ints | None = None
    columns: Ints | None = None


def sources(of: Track, calendars: Calendars) -> list[Source]:
    """Return the values of a track without gaps: one source, and for a universe one per pattern of gaps."""
    if isinstance(of, Stored) and not of.gaps:
        return [Source(of.whole(), of.dated)]
    values = of.whole()
    if values.ndim == 2 and isinstance(of, Stored) and of.begins is not None:
        return _of_members(values, of.begins, of.dated, calendars)
    known = ~np.isnan(values)
    if known.all():
        return [Source(values, of.dated)]
    if values.ndim == 1:
        rows = np.flatnonzero(known)
        return [Source(values[rows], calendars.of(of.dated.days[rows]), rows)] if rows.size else []
    return _of_members(values, np.full(values.shape[1], -1), of.dated, calendars)


def _of_members(values: Floats, begins: Ints, dated: Calendar, calendars: Calendars) -> list[Source]:
    """Return the values of a universe, one source per pattern of gaps.

    Args:
        values: Sessions x members.
        begins: The first row of each member that has a value at every session from there on, -1 for another.
        dated: The days that the values are of.
        calendars: Those of the build.
    """
    alike: dict[tuple[int, int] | bytes, list[int]] = {}
    before, run = -1, 0
    for column, begin in enumerate(begins.tolist()):
        # Neighbors that begin together and have no gap are cut out; only others are gathered.
        run, before = run + (begin != before), begin
        pattern = (begin, run) if begin >= 0 else (~np.isnan(values[:, column])).tobytes()
        alike.setdefault(pattern, []).append(column)
    found = []
    for pattern, group in alike.items():
        columns = np.array(group, dtype=np.int64)
        if isinstance(pattern, tuple):
            begin = pattern[0]
            own = values[begin:, group[0] : group[-1] + 1]
            rows = np.arange(begin, len(values)) if begin else None
            found.append(Source(own, calendars.from_row(dated, begin), rows, columns))
            continue
        rows = np.flatnonzero(np.frombuffer(pattern, dtype=bool))
        if rows.size:
            own = values[np.ix_(rows, columns)]
            found.append(Source(own, calendars.of(dated.days[rows]), rows, columns))
    return found


class Windowed(Track):
    """What each window of a series gives.

    Args:
        of: The series.
        window: The window.
        kernel: Gives the kernel for values without gaps.
        one: The same formula for the values of one window; None: only the kernel knows it.
        typed: The kind of the result.
        mode: Which rows of a window the kernel takes.
        calendars: Those of the build.
        as_of: Number of the day that all is seen from: a window to date is unknown as long as its year or month has no
            value.
        notes: What a reader must know of the function.
        shows_base: The window's base day goes with the number.
        otherwise: Why a value may be unknown although the window is known.
    """

    def __init__(
        self,
        of: Track,
        window: Window,
        kernel: Kernels,
        typed: Typed,
        mode: Mode,
        calendars: Calendars,
        as_of: int,
        notes: tuple[str, ...] = (),
        shows_base: bool = True,
        otherwise: str = "",
        one: One | None = None,
    ) -> None:
        self.of, self.window, self.kernel, self.typed, self.mode = of, window, kernel, typed, mode
        self.calendars, self.as_of, self.notes, self.shows_base = calendars, as_of, notes, shows_base
        self.otherwise, self.one = otherwise, one
        self._found: Spot | None = None
        self._parts: list[tuple[Source, Kernel]] | None = None
        self.calendar, self.dated, self.pace, self.columns, self.name = (
            of.calendar,
            of.dated,
            of.pace,
            of.columns,
            of.name,
        )

    @property
    def parts(self) -> list[tuple[Source, Kernel]]:
        """The values that windows are measured on, each with its kernel."""
        if self._parts is None:
            self._parts = [(source, self.kernel(source)) for source in sources(self.of, self.calendars)]
        return self._parts

    @property
    def void(self) -> str:  # type: ignore[override]
        """Why its newest value says nothing about today: the year or month to date has no value yet."""
        return self.spot.void

    @property
    def facts(self) -> Facts:  # type: ignore[override]
        """What a reader must know beside its newest value."""
        return self.spot.facts

    @property
    def spot(self) -> Spot:
        """Its newest window, which is found once for all that is measured over it."""
        if self._found is not None:
            return self._found
        of, window = self.of, self.window
        if of.spots is None:
            of.spots = {}
        key = (window.text, window.kind, self.mode, self.as_of, self.shows_base, self.notes)
        found = of.spots.get(key)
        if found is None:
            base, end = (-1, -1) if self.is_empty else self._newest()
            facts = self._facts(base, end)
            on = None if self.is_empty else facts.settled or self.dated.day(-1)
            found = of.spots[key] = Spot(base, end, facts, self._void(), on)
        self._found = found
        return found

    def latest(self) -> Value:
        """Return the value of its newest window."""
        of = self.of
        if self.one is None or self._whole is not None or not isinstance(of, Stored) or of.gaps:
            return super().latest()
        spot = self.spot
        return math.nan if spot.base < 0 else self.one(*of.cut(spot.base, spot.end))

    def _void(self) -> str:
        if self.window.kind != "to_date" or self.is_empty:
            return self.of.void
        unit = "datetime64[M]" if self.window.text == "mtd" else "datetime64[Y]"
        begins = np.datetime64(self.as_of, "D").astype(unit)
        newest = self.dated.day(-1)
        if np.datetime64(newest, "D").astype(unit) >= begins:
            return self.of.void
        first = begins.astype("datetime64[D]").item()
        since = f"{first:%B %Y}" if self.window.text == "mtd" else str(first.year)
        return f"{f'{self.name}: ' if self.name else ''}nothing of {since} yet, the latest value is of {newest}"

    def _at(self, row: int) -> Value:
        if self.one is not None and isinstance(self.of, Stored) and not self.of.gaps:
            base, end = self.dated.window(row, self.window, self.pace, self.mode)
            return math.nan if base < 0 else self.one(*self.of.cut(base, end))
        out: Value = math.nan if self.columns is None else np.full(len(self.columns), np.nan)
        for source, kernel in self.parts:
            own = row if source.rows is None else _place(source.rows, row)
            if own < 0:
                continue
            base, end = source.dated.window(own, self.window, self.pace, self.mode)
            if base < 0:
                continue
            if self.one is not None and source.values.ndim == 1:
                return self.one(source.values[base : end + 1])
            value = kernel(source.values, np.array([base]), np.array([end]))[0]
            if self.columns is None:
                return float(value)
            out[slice(None) if source.columns is None else source.columns] = value
        return out

    def _every(self) -> Every:
        shape = (len(self.dated),) if self.columns is None else (len(self.dated), len(self.columns))
        out = np.full(shape, np.nan)
        for source, kernel in self.parts:
            known, base, end = source.dated.windows(self.window, self.pace, self.mode)
            if not known.size:
                continue
            found = kernel(source.values, base, end)
            rows = known if source.rows is None else source.rows[known]
            if source.columns is None:
                out[rows] = found
                continue
            run, columns = _run(rows), _run(source.columns)
            if run and columns:
                out[run, columns] = found
            else:
                out[np.ix_(rows, source.columns)] = found
        return out

    def _newest(self) -> tuple[int, int]:
        """Base and end of the newest window, in rows of the whole series, -1 where unknown."""
        if self.columns is None and (not isinstance(self.of, Stored) or self.of.gaps):
            parts = self.parts
            if not parts or (parts[0][0].rows is not None and parts[0][0].rows[-1] != len(self.dated) - 1):
                return -1, -1
            source = parts[0][0]
            base, end = source.dated.window(len(source.dated) - 1, self.window, self.pace, self.mode)
            if base >= 0 and source.rows is not None:
                return int(source.rows[base]), int(source.rows[end])
            return base, end
        return self.dated.window(len(self.dated) - 1, self.window, self.pace, self.mode)

    def _facts(self, base: int, end: int) -> Facts:
        found = self.of.facts.noted(*self.notes)
        if base < 0:
            return found
        begins = self.dated.day(max(base - 1, 0) if self._starts_before else base)
        if self.shows_base and self.window.kind != "sessions":
            bases = tuple(dict.fromkeys((*found.bases, (self.window.text, begins))))
            found = replace(found, bases=bases)
        if self.window.is_fixed:
            found = replace(found, settled=self.dated.day(end))
        return found.reaching(begins)

    @property
    def _starts_before(self) -> bool:
        """Whether the window's base is the value before the first one that is inside."""
        return self.mode == "returns" or (
            self.mode == "inside" and self.window.kind in ("calendar", "to_date", "period")
        )

    def why(self) -> str:
        """Return why its newest value is unknown."""
        if self.is_empty or (said := self.of.why()):
            return self.of.why()
        if self.spot.base >= 0:
            return self.otherwise
        days = self.dated.days
        said = why_unknown(days, len(days) - 1, self.window, self.pace, self.mode)
        return f"{self.name}: {said}" if self.name and self.name not in said else said


def _place(rows: Ints, row: int) -> int:
    found = int(rows.searchsorted(row))
    return found if found < len(rows) and rows[found] == row else -1


def _run(places: Ints) -> slice | None:
    """Return ascending places as a slice; None where they have gaps."""
    first, last = int(places[0]), int(places[-1])
    return slice(first, last + 1) if last - first == len(places) - 1 else None
