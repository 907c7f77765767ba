"""The one place for colors, sizes, fonts and margins of every chart.

Sizes are pixels on a picture 1200 wide, chosen from the phone back: at 380 pixels the smallest text is still read.
Colors of text and lines have a contrast of at least 3.5 on white and on Obsidian's dark ground (`LIGHT`, `DARK`),
which leaves a narrow band of lightness; so hues carry the difference, and names stand beside what they name.
"""

from __future__ import annotations

from typing import Final

STYLE_VERSION: Final = 1
"""Raised with every change that alters a picture, so that charts drawn before are drawn again."""
MADE_BY: Final = "matplotlib 3.11, deflate 0.9.0"
"""What draws and what packs; each version has bytes of its own, so `pyproject.toml` allows no others."""

LIGHT: Final = "#ffffff"
DARK: Final = "#1e1e1e"

GRAY: Final = "#7d7d7d"
BLUE: Final = "#007ac2"
VERMILION: Final = "#d55e00"
GREEN: Final = "#008f66"
OCHRE: Final = "#9a7400"

BUY: Final = BLUE
SELL: Final = VERMILION
PALETTE: Final = (BLUE, VERMILION, "#2a847e", "#c042ba", "#6c8a30", "#846ce4", "#d6456b", "#a872a2")
"""Colors of lines in their order, the first two those of the sides: the set that a search found farthest apart in
Oklab, as seen with normal, protanope and deuteranope eyes."""

QUADRANTS: Final = {"leading": GREEN, "weakening": OCHRE, "lagging": VERMILION, "improving": BLUE}

TILE_TEXT: Final = ("#ffffff", "#000000")
TILE_LOW: Final = "#a8430a"
TILE_MIDDLE: Final = "#d9dcdf"
TILE_HIGH: Final = "#005f9e"

TINT: Final = 0.13
GRID: Final = 0.28

WIDTH: Final = 1200
HEIGHT: Final = 675
HEIGHT_ROTATION: Final = 1080

SMALL: Final = 24.0
AXIS: Final = 28.0
LABEL: Final = 31.0
TITLE: Final = 38.0
TITLE_LEAST: Final = 32.0
NUMBER: Final = 52.0

LINE: Final = 5.2
LINE_SECOND: Final = 4.8
RULE: Final = 2.0
DOT: Final = 7.5

MARGIN: Final = 28.0
FOOT: Final = 20.0
"""Baseline of the small print above the lower edge."""
DATES: Final = 64.0
"""Baseline of the dates above the lower edge."""
FLOOR: Final = 106.0
"""Lower edge of the plot above the lower edge of the picture."""

LABEL_ROOM: Final = 250.0
"""The most that end labels may take from the plot, of the picture's width."""
POINTS_MOST: Final = 320
"""More points than this on one line are thinned: a stroke of 0.4 % cannot show them apart."""
