"""The bundled sample: real adjusted closes, 1990 to 2022, so that a first vault needs no network."""

from __future__ import annotations

import datetime as dt
import functools
import lzma
from importlib.resources import files

from thesisvault.market.bars import Bars, day_number
from thesisvault.market.records import Basis, Instrument
from thesisvault.market.sources.provider import NothingNew, UnknownSymbol

LAST_DAY = dt.date(2022, 12, 28)
_FILE = "sample.csv.xz"


class Sample:
    """A provider of the 26 series that come with the package; their closes are adjusted for splits and dividends."""

    name = "sample"
    remote = False
    label = "sample"
    basis: Basis = "adjusted"

    def fetch(self, instrument: Instrument, start: dt.date | None, end: dt.date) -> Bars:
        """Return the bars from `start` to `end`, both included.

        Raises:
            UnknownSymbol: The sample does not have it.
            NothingNew: It has no bar in those days.
        """
        symbol = instrument.symbol(self.name)
        if symbol not in _series():
            raise UnknownSymbol(f"the bundled sample has no {symbol}")
        days, closes = _series()[symbol]
        kept = Bars(days, closes, "adjusted").between(None if start is None else day_number(start), day_number(end))
        if not kept.days:
            raise NothingNew(f"the bundled sample ends on {LAST_DAY}")
        return kept


@functools.cache
def _series() -> dict[str, tuple[tuple[int, ...], tuple[float, ...]]]:
    packed = files("thesisvault.market.sources.bundled").joinpath(_FILE).read_bytes()
    head, *lines = lzma.decompress(packed).decode("ascii").splitlines()
    table = [line.split(",") for line in lines]
    days = [day_number(dt.date.fromisoformat(row[0])) for row in table]
    found: dict[str, tuple[tuple[int, ...], tuple[float, ...]]] = {}
    for place, ticker in enumerate(head.split(",")[1:], 1):
        cells = [(day, row[place]) for day, row in zip(days, table, strict=True) if row[place]]
        found[ticker] = (tuple(day for day, _ in cells), tuple(float(cell) for _, cell in cells))
    return found
