"""Where letters come from: the font of the package, and for scripts that it lacks the fonts of the machine.

Charts in Latin, Greek and Cyrillic letters need nothing but the package and are the same bytes everywhere. A name in
another script is drawn in a font of the machine that has it, if there is one.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from thesisvault.charts import agg
from thesisvault.charts.style import Weight

_FILES = (".ttf", ".otf", ".ttc")
_PLAIN_BELOW = "\N{LATIN SMALL LETTER TURNED A}"
"""The font of the package has every letter of a name before this one."""
_KNOWN_MOST = 4096
JOINED = "joined"
_OWN = str(Path(__file__).parent / "fonts")


def face(key: str) -> agg.Font:
    """Return an opened font by its key: a weight of the package's font, or the path of one of the machine."""
    return agg.font(key if os.sep in key else f"{_OWN}{os.sep}SourceSansPro-{key}.ttf")


@cache
def kerns(weight: Weight) -> dict[str, float | None]:
    """Return by how much pairs of letters of the package's font move together, in parts of `units` to the size.

    None stands for two letters that the font joins into one shape; a pair that is missing does not move. The font would
    tell each pair when it is asked, but that takes longer than to read them all: they lie in a file beside it, which
    `python -m tests.unit.charts.kerns` writes.
    """
    found: dict[str, float | None] = {}
    for line in Path(_OWN, f"SourceSansPro-{weight}.kerns").read_text("utf-8").splitlines():
        move, lefts, rights = line.split(" ")
        found.update(dict.fromkeys([a + b for a in lefts for b in rights], None if move == JOINED else float(move)))
    return found


@lru_cache(maxsize=_KNOWN_MOST)
def key_of(letter: str, weight: Weight) -> str | None:
    """Return the key of the font that draws a letter; None if there is none, or if it is no letter of a script."""
    if face(weight).number(letter):
        return weight
    # A picture such as an emoji is no part of a name's spelling, and fonts of pictures in colors cannot be drawn.
    if unicodedata.category(letter)[0] not in "LMN":
        return None
    return next((str(path) for path in _of_the_machine() if _has(str(path), letter)), None)


def can_write(text: str) -> bool:
    """Return whether every letter of a text can be drawn here; nothing is loaded for a text in Latin letters."""
    if all(letter < _PLAIN_BELOW for letter in text):
        return True
    return all(key_of(letter, "Regular") for letter in text if unicodedata.category(letter)[0] in "LMN")


def _has(path: str, letter: str) -> bool:
    try:
        number = face(path).number(letter)
        # Fonts of pixels know the letter and cannot draw it at every size.
        return number != 0 and face(path).advance(number, 32.0) > 0
    except (OSError, RuntimeError):
        return False


@cache
def _of_the_machine() -> tuple[Path, ...]:
    """The fonts of the machine, plain upright ones without serifs first; the same order in every process."""

    def rank(path: Path) -> tuple[bool, bool, str, str]:
        name = path.stem.lower()
        odd = any(word in name for word in ("bold", "italic", "oblique", "light", "thin", "black", "mono"))
        return odd, "serif" in name or "sans" not in name, name, str(path)

    found = {path for folder in _folders() for path in _fonts_in(folder) if "emoji" not in path.name.lower()}
    return tuple(sorted(found, key=rank))


def _fonts_in(folder: Path) -> Iterator[Path]:
    for here, _, names in os.walk(folder):
        yield from (Path(here, name) for name in names if name.lower().endswith(_FILES))


def _folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        return [
            Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts",
            home / r"AppData\Local\Microsoft\Windows\Fonts",
        ]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"]
