"""Holds what a command prints with `--json` to the documented schema, and to nothing beyond it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).parents[2] / "schema" / "report.json"


@cache
def _validator() -> jsonschema.protocols.Validator:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    # A program must bear keys that it does not know; here, none goes undocumented.
    for each in _objects(schema):
        each.setdefault("additionalProperties", False)
    return jsonschema.Draft202012Validator(schema)


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for each in schema.values():
            yield from _objects(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _objects(each)


def faults(answer: Any) -> list[str]:
    """Return what in an answer is not as the schema says, for the record of its command that fits best."""
    found = jsonschema.exceptions.best_match(_validator().iter_errors(answer))
    return [] if found is None else [f"{found.json_path}: {found.message[:500]}"]


def valid(text: str) -> dict[str, Any]:
    """Return an answer that is as the schema says."""
    answer: dict[str, Any] = json.loads(text)
    assert faults(answer) == [], text[:2_000]
    return answer
