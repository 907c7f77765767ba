"""What can be drawn: frozen specifications that carry their series.

Values lie on ascending days; fractions are fractions (0.05 is 5 %). Structure is checked when a
specification is made, data when it is drawn; both say what is wrong in a ValueError. A gap (NaN) is skipped.
`title` is the finding in a sentence, `subtitle` says measure, period and unit, and `small` is the small print: tickers,
kind of return, last date, source.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from thesisvault.market.line import Line as Days
from thesisvault.structs import names_of
from thesisvault.words import plural

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Side = Literal["", "buy", "sell", "context"]

LINES_LEAST = 2
LINES_MOST = 8
MARKS_MOST = 8
PERIODS_MOST = 12
FLOWS_MOST = 60
TILES_LEAST = 2
TILES_MOST = 24
TAILS_MOST = 16


def _between(what: str, count: int, least: int, most: int) -> None:
    if not least <= count <= most:
        raise ValueError(f"{count} {what} given; this chart draws {least} to {most}")


class Values(Days):
    """Values by day as they are drawn, NaN for a gap; the name that they have where they come from is kept with them.

    Args:
        name: Their name in the definition, or what they are.
        days: Day numbers, counted from 1970-01-01, ascending.
        values: One value a day.
    """

    __slots__ = ("name",)

    def __init__(self, name: str, days: npt.NDArray[np.int64], values: npt.NDArray[np.float64]) -> None:
        super().__init__(days, values)
        self.name = name


class Line(Struct, frozen=True, eq=False):
    """One line: its name, its values (for rebased charts levels of any scale), and the side it stands for.

    A line that is only context, such as the market, is gray.
    """

    name: str
    values: Values
    side: Side = ""


class Mark(Struct, frozen=True):
    """A day worth a dotted rule, a word and its date; one outside the window is not drawn."""

    day: dt.date
    label: str


class RebasedChart(Struct, frozen=True, eq=False):
    """Lines (`LINES_LEAST` to `LINES_MOST`), each as its return since the first session that all of them have.

    With `pair` the first line is what is bought, the second what is sold: the gap is tinted in the color of the
    leader, and the spread, the first less the second in percentage points, stands between the ends. Lines and numbers
    reach from the first to the last common session. A range of more than three to one has a log scale, and says so.
    """

    title: str
    lines: tuple[Line, ...]
    small: str
    marks: tuple[Mark, ...] = ()
    pair: bool = False
    subtitle: str = ""

    def __post_init__(self) -> None:
        _between("lines", len(self.lines), LINES_LEAST, LINES_MOST)
        _between("marks", len(self.marks), 0, MARKS_MOST)
        if self.pair and len(self.lines) != 2:
            raise ValueError(f"a pair has 2 lines, what is bought and what is sold; {len(self.lines)} were given")


class RatioChart(Struct, frozen=True, eq=False):
    """A ratio and, if given, its average: the gap between them is tinted, and the distance stands between the ends.

    Days on which the ratio crosses its average are dotted, the last one is named. The scale is as in `RebasedChart`.
    """

    title: str
    values: Values
    average: Values | None
    average_label: str
    name: str
    small: str
    marks: tuple[Mark, ...] = ()
    subtitle: str = ""

    def __post_init__(self) -> None:
        _between("marks", len(self.marks), 0, MARKS_MOST)


class DrawdownChart(Struct, frozen=True, eq=False):
    """Lines of drawdowns (at most `LINES_MOST`): fractions of at most 0.

    The lows of the first line carry date and depth; the second is a gray area behind it.
    """

    title: str
    lines: tuple[Line, ...]
    small: str
    subtitle: str = ""

    def __post_init__(self) -> None:
        _between("lines", len(self.lines), 1, LINES_MOST)


class AnnualBarsChart(Struct, frozen=True):
    """Bars by period: `groups` are a name with one value per period; None is shown as n/a."""

    title: str
    periods: tuple[str, ...]
    groups: tuple[tuple[str, tuple[float | None, ...]], ...]
    small: str
    subtitle: str = ""

    def __post_init__(self) -> None:
        _between("periods", len(self.periods), 1, PERIODS_MOST)
        _between("groups", len(self.groups), 1, LINES_MOST)
        for name, values in self.groups:
            if len(values) != len(self.periods):
                found = f"{plural(len(values), 'value')} for {plural(len(self.periods), 'period')}"
                raise ValueError(f"{name} has {found}; give one per period")


class BreadthChart(Struct, frozen=True, eq=False):
    """A share of members (0 to 1) above or below a level; `line`, if given, is an index drawn in a panel above it."""

    title: str
    share: Values
    small: str
    level: float = 0.5
    line: Line | None = None
    subtitle: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.level <= 1:
            raise ValueError(f"the level of breadth is {self.level:g}; a share lies from 0 to 1")


class FlowBarsChart(Struct, frozen=True):
    """One bar per label, inflows up and outflows down, in `unit`."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    unit: str
    small: str
    subtitle: str = ""

    def __post_init__(self) -> None:
        _between("bars", len(self.labels), 1, FLOWS_MOST)
        if len(self.labels) != len(self.values):
            raise ValueError(
                f"{plural(len(self.labels), 'label')} for {plural(len(self.values), 'value')}; give one label per value"
            )


class HeatmapChart(Struct, frozen=True, eq=False):
    """A square symmetric matrix over `names`, from -1 to 1 as correlations are; what is alike stands together."""

    title: str
    names: tuple[str, ...]
    values: np.ndarray
    small: str
    subtitle: str = ""

    def __post_init__(self) -> None:
        _between("names", len(self.names), TILES_LEAST, TILES_MOST)
        if self.values.shape != (len(self.names), len(self.names)):
            raise ValueError(
                f"the matrix is {' by '.join(map(str, self.values.shape))} for {plural(len(self.names), 'name')}; "
                "it needs one row and one column per name"
            )


class Tail(Struct, frozen=True, eq=False):
    """The path of one name through a rotation chart: relative strength `x` and its momentum `y`, both around 100."""

    name: str
    x: Values
    y: Values


class RotationChart(Struct, frozen=True, eq=False):
    """Relative rotation: heads in four quadrants around (100, 100); those that moved most have color and a tail.

    Attributes:
        title: The finding.
        tails: The paths.
        small: Kind of prices, last date and source.
        across: What is measured from left to right.
        up: What is measured upward.
        subtitle: What is shown against what, and over how long.
    """

    title: str
    tails: tuple[Tail, ...]
    small: str
    across: str = "Relative strength"
    up: str = "Its change"
    subtitle: str = ""

    def __post_init__(self) -> None:
        _between("tails", len(self.tails), 1, TAILS_MOST)


Chart = (
    RebasedChart
    | RatioChart
    | DrawdownChart
    | AnnualBarsChart
    | BreadthChart
    | FlowBarsChart
    | HeatmapChart
    | RotationChart
)


def lines_in(thing: object) -> Iterator[Values]:
    """Yield all values by day of a specification."""
    if isinstance(thing, tuple):
        for each in thing:
            yield from lines_in(each)
    elif isinstance(thing, Values):
        yield thing
    else:
        for name in names_of(type(thing)) or ():
            yield from lines_in(getattr(thing, name))
