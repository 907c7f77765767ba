"""The chart `rotation`: where several series stand against a yardstick, and which way they go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field

from thesisvault.analytics import rotation
from thesisvault.blocks.core.chart import ChartModel, chart_kind
from thesisvault.blocks.core.chart_words import called, is_plural, names_on, source_words
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.levels import Unavailable, early_notes
from thesisvault.charts.specs import TAILS_MOST, Tail, Values
from thesisvault.charts.specs import RotationChart as RotationSpec
from thesisvault.fields import Between, Integer, SeriesName
from thesisvault.words import day_in_words, plural

_LONGEST = 520


@chart_kind("rotation")
class RotationChart(ChartModel):
    """The relative rotation of several names."""

    rotation: Annotated[tuple[SeriesName, ...], Field(min_length=1, max_length=TAILS_MOST)]
    """The names, one tail each."""
    against: SeriesName | None = None
    """What they are measured against; left out, the benchmark."""
    weeks: Annotated[Integer, Between(1, _LONGEST)] = 4
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
        weeks = self.weeks + rotation.TREND_WEEKS + rotation.SMOOTHING_WEEKS + rotation.MOMENTUM_WEEKS
        names = [context.resolve(name) for name in self.series()]
        return early_notes(names, context.as_of - dt.timedelta(weeks=weeks), context)

    def spec(self, context: Context) -> RotationSpec:
        """Return one tail per name that has enough weeks of prices."""
        against = context.resolve(self.against or "benchmark")
        yardstick = context.series(against)
        if isinstance(yardstick, str):
            raise Unavailable(yardstick)
        series = {}
        for name, words in zip(self.rotation, names_on(self.rotation, context), strict=True):
            view = context.series(name)
            if isinstance(view, str):
                raise Unavailable(view)
            series[words] = (view.levels.days, view.levels.values)
        over = (yardstick.levels.days, yardstick.levels.values)
        paths = rotation.rotation_tails(series, over, self.weeks)
        tails = tuple(
            Tail(name, Values("x", path.days, path.x), Values("y", path.days, path.y))
            for name, path in paths.items()
            if len(path.days)
        )
        if not tails:
            raise Unavailable("no name has enough weeks of prices")
        places = {tail.name: float(tail.x.values[-1]) for tail in tails}
        best, worst = max(places, key=lambda name: places[name]), min(places, key=lambda name: places[name])
        yard = called(self.against or "benchmark", context)
        default = f"{best} {'lead' if is_plural(best) else 'leads'}, {worst} {'lag' if is_plural(worst) else 'lags'}"
        if len(tails) == 1:
            default = (
                f"{best} {'are' if is_plural(best) else 'is'} {'ahead of' if places[best] >= 100 else 'behind'} {yard}"
            )
        small = f"100 is the mean of those weeks. Weekly closes to {day_in_words(context.as_of)}"
        return RotationSpec(
            self.finding(context, default),
            tails,
            ". ".join(filter(None, (small, source_words([against], context)))),
            rotation.ACROSS,
            rotation.UP,
            f"Relative to {yard}, total return, last {plural(self.weeks, 'week')}",
        )
