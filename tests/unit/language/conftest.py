"""One little market for all tests of the language."""

from __future__ import annotations

import pytest

from tests.unit.language.samples import little_market, scope_on
from thesisvault.language.evaluate import Scope
from thesisvault.market.reading.market import Market


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return little_market(tmp_path_factory.mktemp("little"))


@pytest.fixture
def scope(market: Market) -> Scope:
    return scope_on(market)
