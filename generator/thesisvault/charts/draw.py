"""The door to the charts: a specification in, PNG bytes out, and what tells whether a picture is still up to date.

Neither this module nor `fingerprint` and `stamp` load matplotlib; `draw` does.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from thesisvault.charts import specs, style
from thesisvault.charts.series import Floats
from thesisvault.structs import names_of

if TYPE_CHECKING:
    from thesisvault.charts.png import Stamp
    from thesisvault.charts.sheet import Sheet


def draw(chart: specs.Chart, *, recipe: str, as_of: dt.date | None, data: str = "") -> bytes:
    """Return the chart as a PNG that carries its stamp; the same bytes from the same arguments, everywhere.

    Args:
        chart: What is drawn.
        recipe: How the chart was made, in words for its stamp.
        as_of: The last day of its data.
        data: Its fingerprint, if it is known already.

    Raises:
        ValueError: The data cannot be drawn; the message says why.
    """
    from thesisvault.charts import png

    drawn = sheet(chart)
    stamped = png.Stamp(recipe, as_of, data or fingerprint(chart, recipe=recipe, as_of=as_of))
    encoded = png.encode(drawn.pixels(), stamped)
    drawn.give_back()
    return encoded


def stamp(png_bytes: bytes) -> Stamp | None:
    """Return recipe, date and fingerprint of a drawn chart, or None for any other bytes."""
    from thesisvault.charts import png

    return png.stamp(png_bytes)


def fingerprint(chart: specs.Chart, *, recipe: str, as_of: dt.date | None) -> str:
    """Return a hash over all that a picture depends on: words, days, values to 10 significant digits, and the style."""
    digest = hashlib.sha256()
    day = as_of.isoformat() if as_of else ""
    for part in (f"style {style.STYLE_VERSION}", style.MADE_BY, recipe, day, *_parts(chart)):
        raw = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(raw))
        digest.update(raw)
    return digest.hexdigest()


def sheet(chart: specs.Chart) -> Sheet:
    """Return the chart drawn on a sheet, with the boxes of its words."""
    from thesisvault.charts.sheet import STUDIO

    with STUDIO:
        match chart:
            case specs.RebasedChart() | specs.RatioChart():
                from thesisvault.charts import lines

                return lines.rebased(chart) if isinstance(chart, specs.RebasedChart) else lines.ratio(chart)
            case specs.DrawdownChart() | specs.BreadthChart():
                from thesisvault.charts import areas

                return areas.drawdown(chart) if isinstance(chart, specs.DrawdownChart) else areas.breadth(chart)
            case specs.AnnualBarsChart() | specs.FlowBarsChart():
                from thesisvault.charts import bars

                return bars.annual(chart) if isinstance(chart, specs.AnnualBarsChart) else bars.flows(chart)
            case specs.HeatmapChart():
                from thesisvault.charts import heatmap

                return heatmap.heatmap(chart)
            case specs.RotationChart():
                from thesisvault.charts import rotation

                return rotation.rotation(chart)


def _parts(value: Any) -> list[str | bytes]:
    """Texts and bytes that stand for a value and all that lies in it, kind by kind."""
    names = names_of(type(value))
    if names is not None:
        found: list[str | bytes] = [type(value).__name__]
        for name in names:
            found += [name, *_parts(getattr(value, name))]
        return found
    if isinstance(value, tuple):
        return [f"{len(value)} in all", *(part for item in value for part in _parts(item))]
    if isinstance(value, str):
        return [f"str {value}"]  # a text that knows its place in a file makes the same picture
    if value is None or isinstance(value, bool):
        return [f"{type(value).__name__} {value}"]
    if isinstance(value, (int, float)):
        return [f"{value + 0.0:.10g}"]
    if isinstance(value, dt.date):
        return [value.isoformat()]
    if isinstance(value, specs.Values):
        return [value.name, value.days.astype("<i8").tobytes(), *_parts(value.values)]
    return [str(value.shape), _rounded(value).tobytes()]


def _rounded(values: Floats) -> Floats:
    """Values to 34 binary digits, which are 10 decimal ones: arithmetic that was ordered otherwise leaves no trace."""
    mantissa, exponent = np.frexp(values.astype("<f8"))
    near = np.ldexp(np.rint(np.ldexp(mantissa, 34)), exponent - 34)
    # Adding 0.0 makes one of the two zeros, and one nan stands for all.
    return np.where(np.isnan(near), np.nan, near + 0.0).astype("<f8")
