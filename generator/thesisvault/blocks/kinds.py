"""Imports every kind of block, so that each stands in the registry."""

from __future__ import annotations

from thesisvault.blocks import (  # noqa: F401 - imported to be registered
    annual_returns,
    breadth,
    changes,
    chart,
    claims,
    compare,
    constituents,
    correlation,
    drivers,
    episodes,
    flows,
    fold,
    prose,
    quote,
    related,
    returns,
    scenarios,
    signals,
    sources,
    table,
    targets,
    timeline,
    updates,
)
