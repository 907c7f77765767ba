"""The JSON Schemas that the repository keeps are those of the models of today."""

from __future__ import annotations

from pathlib import Path

from thesisvault.runs.init import schemas

KEPT = Path(__file__).resolve().parents[3] / "schema"


def test_the_kept_schemas_are_those_of_the_models() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in KEPT.glob("*.json")}
    assert kept == dict(schemas()), "the schemas are out of date; renew them: make schema"
