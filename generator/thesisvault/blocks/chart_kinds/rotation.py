"""The chart `rotation`: where several series stand against a yardstick, and which way they go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field

from thesisvault.blocks.core.chart import ChartModel, chart_kind, last_day
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import Unavailable, early_notes
from thesisvault.charts.specs import TAILS_MOST, Tail
from thesisvault.charts.specs import RotationChart as RotationSpec
from thesisvault.fields import Between, Integer, SeriesName
from thesisvault.words import plural

_LONGEST = 520


@chart_kind("rotation")
class RotationChart(ChartModel):
    """The relative rotation of several names."""

    rotation: Annotated[tuple[SeriesName, ...], Field(min_length=1, max_length=TAILS_MOST)]
    """The names, one tail each."""
    against: SeriesName | None = None
    """What they are measured against; left out, the benchmark."""
    weeks: Annotated[Integer, Between(1, _LONGEST)] = 8
    """Length of the tails in weeks."""

    def series(self) -> Iterator[str]:
        """Yield the names and the yardstick, if it was written."""
        yield from self.rotation
        if self.against:
            yield self.against

    def slug_words(self, context: Context) -> list[str]:  # noqa: ARG002 - such charts have many names
        """Return the words of the file name: the kind alone."""
        return [self.kind]

    def notes(self, context: Context) -> Iterable[str]:
        """Return what a reader must know of the history that the tails and their averages rest on."""
        from thesisvault.analytics import rotation

        weeks = self.weeks + rotation.TREND_WEEKS + rotation.SMOOTHING_WEEKS + rotation.MOMENTUM_WEEKS
        names = [context.resolve(name) for name in self.series()]
        return early_notes(names, context.as_of - dt.timedelta(weeks=weeks), context)

    def spec(self, context: Context) -> RotationSpec:
        """Return one tail per name that has enough weeks of prices."""
        import pandas as pd

        from thesisvault.analytics import rotation

        against = context.resolve(self.against or "benchmark")
        yardstick = context.series(against)
        if isinstance(yardstick, str):
            raise Unavailable(yardstick)
        columns = {}
        for name in self.rotation:
            view = context.series(name)
            if isinstance(view, str):
                raise Unavailable(view)
            columns[context.short(context.resolve(name))] = view.level
        paths = rotation.rotation_tails(pd.concat(columns, axis=1), yardstick.level, self.weeks)
        tails = tuple(Tail(name, path["x"], path["y"]) for name, path in paths.items() if not path.empty)
        if not tails:
            raise Unavailable("no name has enough weeks of prices")
        default = f"{plural(len(tails), 'name')} against {context.short(against)}, {plural(self.weeks, 'week')}"
        small = last_day("weekly closes", context.as_of)
        return RotationSpec(self.headline(context, default), tails, small, rotation.FORMULA)
