"""Writes what the package's font says of pairs of letters into files beside it: python -m tests.unit.charts.kerns"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from thesisvault.charts import agg, fonts, letters, style

PLAIN = sorted(letters._PLAIN)


def text(weight: style.Weight) -> str:
    """Return the lines of a weight: by how much letters on the left and on the right, all with all, move together."""
    alike = defaultdict(str)
    for left in PLAIN:
        for move, rights in moves(left, weight).items():
            alike[move, rights] += left
    return "".join(f"{move} {lefts} {rights}\n" for (move, rights), lefts in sorted(alike.items()))


def moves(left: str, weight: style.Weight) -> dict[str, str]:
    """Return the moves after a letter, each with the letters that move by it; those that do not move are left out."""
    module = agg._module("", "ft2font")
    font, unhinted = module.FT2Font(f"{fonts._OWN}/SourceSansPro-{weight}.ttf"), module.LoadFlags.NO_HINTING
    font.set_size(font.units_per_EM, agg.DPI)
    found = defaultdict(str)
    for right in PLAIN:
        items = font._layout(left + right, flags=unhinted)
        if len(items) == 1:
            found[fonts.JOINED] += right
        else:
            wide = font.load_glyph(items[0].glyph_index, flags=unhinted).horiAdvance / 64
            if move := items[1].x - items[0].x - wide:
                found[f"{move:g}"] += right
    return found


if __name__ == "__main__":
    for each in style.WEIGHTS:
        Path(fonts._OWN, f"SourceSansPro-{each}.kerns").write_bytes(text(each).encode())
