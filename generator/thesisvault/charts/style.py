"""The one place for colors, sizes, fonts and margins of every chart.

A chart is a card with a ground of its own, so it reads the same on a light and on a dark page. Sizes are pixels on a
picture 1200 wide, chosen from the phone back: at 380 pixels the smallest text is 9 pixels high. Two colors that any
eye tells apart stand for the sides; gray is context only.
"""

from __future__ import annotations

from typing import Final, Literal

STYLE_VERSION: Final = 2
"""Raised with every change that alters a picture, so that charts drawn before are drawn again."""
MADE_BY: Final = "matplotlib 3.11, deflate 0.9.0"
"""What draws and what packs; each version has bytes of its own, so `pyproject.toml` allows no others."""

CARD: Final = "#fbf8f3"
INK: Final = "#1b1b1b"
NOTES: Final = "#5c5c5c"
GRID: Final = "#d5d1ca"

GRAY: Final = "#6b675f"
AREA: Final = "#d8d4cd"
BLUE: Final = "#0b6fa8"
VERMILION: Final = "#c2440f"

BUY: Final = BLUE
SELL: Final = VERMILION
PALETTE: Final = (BLUE, VERMILION, "#857000", "#7a3e9d", "#2a7d5f", "#b8397a", "#4c5fc4", "#6b675f")
"""Colors of lines in their order, the first two those of the sides."""

TILE_TEXT: Final = ("#ffffff", "#000000")
TILE_LOW: Final = "#a8430a"
TILE_MIDDLE: Final = "#e6e2db"
TILE_HIGH: Final = "#005f9e"

TINT: Final = 0.08
"""Opacity of what fills the gap between two lines."""

WIDTH: Final = 1200
HEIGHT: Final = 900

Weight = Literal["Regular", "Semibold", "Bold"]
WEIGHTS: Final[tuple[Weight, ...]] = ("Regular", "Semibold", "Bold")
"""The weights of the font that comes with the package, Source Sans Pro."""

SMALL: Final = 29.0
AXIS: Final = 34.0
LABEL: Final = 40.0
LABEL_LEAST: Final = 32.0
SUBTITLE: Final = 36.0
TITLE: Final = 54.0
TITLE_LEAST: Final = 46.0

LINE: Final = 5.6
LINE_SECOND: Final = 5.0
RULE: Final = 2.0
DOT: Final = 8.0
SPOT: Final = 5.5
"""Radius of the dots of marks, crossings and lows."""

MARGIN: Final = 40.0
TITLE_TOP: Final = 48.0
"""Upper edge of the title's capitals below the upper edge of the picture."""
FOOT: Final = 28.0
"""Baseline of the small print above the lower edge."""
DATES: Final = 82.0
"""Baseline of the dates above the lower edge."""
FLOOR: Final = 136.0
"""Lower edge of the plot above the lower edge of the picture."""

LEFT: Final = 132.0
"""Left edge of every plot over time; left of it the levels, so that charts one below another share their edges."""
RIGHT: Final = 888.0
"""Right edge of every plot over time; what is right of it is for the names of the lines."""
LABEL_GAP: Final = 24.0

POINTS_MOST: Final = 320
"""More points than this on one line are thinned: a stroke of 0.4 % cannot show them apart."""
