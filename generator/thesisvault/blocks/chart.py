"""The kind `chart`: one chart drawn from stored prices; `chart_kinds` holds one file per kind of chart."""

from thesisvault.blocks.core.block import register
from thesisvault.blocks.core.chart import ChartModel

register("chart")(ChartModel)
