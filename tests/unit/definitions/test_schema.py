"""The JSON Schemas that the repository keeps are those of the models of today."""

from __future__ import annotations

import json
from pathlib import Path

from thesisvault.runs.schemas import library_at, schemas

ROOT = Path(__file__).resolve().parents[3]


def test_the_kept_schemas_are_those_of_the_models() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "schema").glob("*.json")}
    assert kept == dict(schemas(library_at(ROOT))), "the schemas are out of date; renew them: make schema"


def test_no_default_is_put_in_that_would_be_refused() -> None:
    """A time limit is kept in seconds and typed with its unit: an editor would put in 1200.0, which is refused."""
    refresh = json.loads(schemas()["settings.json"])["$defs"]["Refresh"]["properties"]
    assert [name for name, schema in refresh.items() if "default" in schema] == []
    assert json.loads(schemas()["thesis.json"])["properties"]["over"]["default"] == "ytd"
