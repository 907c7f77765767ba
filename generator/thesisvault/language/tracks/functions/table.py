"""How every function makes a track, by its name."""

from __future__ import annotations

from collections.abc import Mapping

from thesisvault.language.tracks.functions.call import Build
from thesisvault.language.tracks.functions.fundamentals import FUNDAMENTALS
from thesisvault.language.tracks.functions.members import MEMBERS
from thesisvault.language.tracks.functions.plain import PLAIN
from thesisvault.language.tracks.functions.prices import PRICES
from thesisvault.language.tracks.functions.windows import WINDOWS

BUILD: Mapping[str, Build] = {**PRICES, **WINDOWS, **MEMBERS, **PLAIN, **FUNDAMENTALS}
