"""What the market is told of the instruments that definitions describe."""

from __future__ import annotations

import pytest

from thesisvault.definitions.library import Library
from thesisvault.definitions.models.instruments import InstrumentDefinition
from thesisvault.definitions.models.settings import Settings


@pytest.mark.parametrize(
    ("written", "exchange"),
    [({"kind": "crypto"}, "24/7"), ({"kind": "crypto", "exchange": "XNYS"}, "XNYS"), ({"kind": "etf"}, "XNYS")],
)
def test_crypto_trades_always_unless_an_exchange_is_written(written: dict[str, str], exchange: str) -> None:
    coin = InstrumentDefinition.model_validate({"name": "Coin", **written})
    instruments, _ = Library(Settings(), instruments={"COIN": coin}).records
    assert instruments["COIN"].exchange == exchange
