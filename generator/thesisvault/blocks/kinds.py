"""Imports every kind of block and every kind of chart, so that each stands in its registry.

A kind is a file: whatever lies in this folder and in `chart_kinds` is found by itself. Some kinds import a kind of
chart of which they are made, so both registries are put into alphabetical order at the end; schemas and messages list
the kinds in that order.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import ModuleType
from typing import TypeVar

from thesisvault import blocks
from thesisvault.blocks import chart_kinds
from thesisvault.blocks.core.block import KINDS
from thesisvault.blocks.core.chart import CHARTS

T = TypeVar("T")


def _modules(package: ModuleType) -> list[str]:
    """Return the names of the modules of a package, without its subpackages."""
    found = (f"{package.__name__}.{each.name}" for each in pkgutil.iter_modules(package.__path__) if not each.ispkg)
    return [name for name in found if name != __name__]


for _name in (*_modules(chart_kinds), *_modules(blocks)):
    import_module(_name)


def _sort(registry: dict[str, type[T]]) -> None:
    ordered = sorted(registry.items())
    registry.clear()
    registry.update(ordered)


_sort(KINDS)
_sort(CHARTS)
