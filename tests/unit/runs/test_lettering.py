"""What a report says of names that no font can write."""

from __future__ import annotations

from pathlib import Path

import pytest

from thesisvault.charts import fonts
from thesisvault.definitions.library import Library
from thesisvault.definitions.models.instruments import InstrumentDefinition
from thesisvault.definitions.models.settings import Settings
from thesisvault.runs.steps.lettering import unlettered
from thesisvault.structs import replace


@pytest.fixture(autouse=True)
def _fresh() -> None:
    fonts.key_of.cache_clear()


def test_a_name_that_no_font_can_write_is_said_with_what_stands_in_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = {"7203.T": "\u30c8\u30e8\u30bf", "MC.PA": "Moët", "GAZP": "Газпром", "EYDAP": "ΕΥΔΑΠ"}
    instruments = {
        ticker: InstrumentDefinition.model_validate({"name": ticker, "short": short, "kind": "stock"})
        for ticker, short in names.items()
    }
    library = replace(Library(Settings()), instruments=instruments)
    monkeypatch.setattr(fonts, "_of_the_machine", lambda: ())
    (found,) = unlettered(library)
    assert found.problem == 'no font here has the letters of "\u30c8\u30e8\u30bf"; charts show 7203.T.'
    assert (found.level, found.code) == ("warning", "no-letters")
    fonts.key_of.cache_clear()
