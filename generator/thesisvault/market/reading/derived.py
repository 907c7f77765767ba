"""Chains and conversions as a market makes them: as they are kept, else made of their series and kept then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from thesisvault.market.reading.conversions import converted_view
from thesisvault.market.reading.currency import Step
from thesisvault.market.reading.kept import Kept, Origin
from thesisvault.market.reading.packing import packed_view, unpacked_view
from thesisvault.market.reading.stored import Stored
from thesisvault.market.records import SeriesView


class Derived:
    """Makes what is derived of series, as of one last day.

    Args:
        shared: What all markets on the store share.
        last_day: Nothing later is seen.
        kept: Where it is kept; None: nowhere.
    """

    def __init__(self, shared: Stored, last_day: dt.date, kept: Kept | None) -> None:
        self._shared, self._last_day, self._kept = shared, last_day, kept
        self._origins: dict[str, Origin] = {}

    def chain(self, name: str, views: Sequence[SeriesView], absent: Sequence[str]) -> SeriesView:
        """Return a chain; see `chains.chained`."""
        from thesisvault.market.reading.chains import chained

        if self._kept is None:
            return chained(name, views, absent)
        origins = (self._shared.origin(view.name) for view in views)
        origin = self._origins[name] = Origin.of(origins, name, absent, [*map(_seen, views)])
        return _of(self._kept, f"chain {name}", origin, views[0], lambda: chained(name, views, absent))

    def conversion(self, name: str, view: SeriesView, currency: str, way: tuple[Step, ...]) -> SeriesView:
        """Return a series in another currency; see `conversions.converted_view`.

        Args:
            name: What it is called, with its currency.
            view: The series as it is quoted.
            currency: The currency that it is wanted in.
            way: How it is converted.

        Raises:
            MissingSeries: Nothing is stored of a rate, or the two have no day in common.
        """
        shared, kept = self._shared, self._kept

        def make() -> SeriesView:
            return converted_view(view, currency, way, shared.own, self._last_day)

        if kept is None:
            return make()
        rates = [step.rate.ticker for step in way if shared.own(step.rate.ticker) is not None]
        of = self._origins.get(view.name) or shared.origin(view.name)
        recipe = (self._last_day, _seen(view), currency, [(step.rate.ticker, step.multiply) for step in way])
        origin = Origin.of([of, *map(shared.origin, rates)], recipe)
        return _of(kept, f"conversion {name}", origin, view, make)


def _of(kept: Kept, name: str, origin: Origin, head: SeriesView, make: Callable[[], SeriesView]) -> SeriesView:
    view = kept.find(name, origin.key, lambda entry: unpacked_view(entry, head))
    if view is None:
        view = make()
        kept.put(name, origin, packed_view(view, head))
    return view


def _seen(view: SeriesView) -> tuple[object, ...]:
    """Return what can differ between two views of one series as far as others are made from them."""
    return view.name, len(view.levels), view.basis, view.currency, view.period_days, view.notes, view.early
