"""What identifies the data of a series without a bar being read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from thesisvault.market.store.database import understood
from thesisvault.market.store.exchanges import Exchanges
from thesisvault.market.store.seals import covered

# An index holds the seals and digests of packs, so that no page with bars is touched. What is put together comes in no
# promised order; another order is another digest, which costs a reading and is never wrong. A value that is damaged
# differs from what it was, so its digest does too.
_PACKS = "basis || ' ' || year || ' ' || ifnull(seal, '-') || ' ' || digest"
_FEEDS = (
    "basis || ' ' || source || ' ' || currency || ' ' || dividends_known || ' ' || first || ' ' || last || ' ' || "
    "currency_known || ' ' || doubt"
)
_ACTIONS = "day || ' ' || ifnull(dividend, '-') || ' ' || ifnull(split, '-') || ' ' || ifnull(seal, '-')"
_WHAT = ", ".join(
    f"(SELECT group_concat({what}, char(10)) FROM {table} WHERE series = s.id)"  # noqa: S608 - constants
    for table, what in (("pack", _PACKS), ("feed", _FEEDS), ("action", _ACTIONS))
)


class Digests(Exchanges):
    """A database that tells which series changed."""

    _names_checked = False

    def check_names(self) -> None:
        """Refuse a store in which a series is not under the name that was written, or cannot be found by it."""
        if self._names_checked:
            return
        for row in self.query(f"SELECT {covered('series', 's')} FROM series s NOT INDEXED"):  # noqa: S608
            self.sealed("series", f"the series that is now called {row[2]}", row)
        reached = self.query(
            "SELECT count(*) FROM series a NOT INDEXED JOIN series b ON b.name = a.name AND b.id = a.id"
        )
        if reached != self.query("SELECT count(*) FROM series NOT INDEXED"):
            raise self.damaged("a series cannot be found by its name")
        self._names_checked = True

    @understood
    def digests(self, names: Iterable[str] | None = None) -> dict[str, str]:
        """Return a digest of bars, feeds and actions, of all series or of those named; without bars there is none.

        A digest changes with everything that a figure can rest on, and is read from what the rows keep of themselves:
        it says what was written, not that the bars still are as written. Whoever reads bars compares their seals.
        """
        self.check_names()
        statement = f"SELECT s.name, {_WHAT} FROM series s"  # noqa: S608 - constants
        rows = self.by_name(statement, None if names is None else list(names))
        return {
            str(name): hashlib.blake2b(repr((name, packs, *more)).encode(), digest_size=16).hexdigest()
            for name, packs, *more in rows
            if packs is not None
        }
