"""JSON Schema of what a person may write, for editors, and of what commands answer, for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema

from thesisvault.definitions.models.editors import Names, for_editors
from thesisvault.quantities import Quantity
from thesisvault.scalars import Window

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Writes defaults as a person would type them, and no titles that only repeat a key."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - its signature is given
        """Return False: a title made from the key says nothing that the key does not."""
        return False

    def encode_default(self, dft: Any) -> Any:
        """Return a default as it would be typed."""
        return _typed(dft)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return the schema with its default, unless that is nothing, empty or refused where a person types it."""
        result = super().default_schema(schema)
        if result.get("default") in (None, [], {}) or not _accepted(schema["schema"], result["default"]):
            result.pop("default", None)
        return result

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Return the schema of a mapping by name, with that of its names, which pydantic keeps for plain text only."""
        result = super().dict_schema(schema)
        if "patternProperties" not in result and "keys_schema" in schema:
            result["propertyNames"] = self.generate_inner(schema["keys_schema"])
        return result


def _typed(value: Any) -> Any:
    if isinstance(value, Window | Quantity):
        return value.text
    if isinstance(value, Mapping):
        return {str(key): _typed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_typed(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _accepted(schema: core_schema.CoreSchema, default: Any) -> bool:
    """Return whether a default can be typed: 1200.0 is no length of time, which needs its unit."""
    try:
        SchemaValidator(schema).validate_python(_as_text(default))
    except (ValidationError, SchemaError):
        return False
    return True


def _as_text(value: Any) -> Any:
    """Return a value as the reader sees it: text in lists and mappings."""
    if isinstance(value, Mapping):
        return {key: _as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def json_schemas(models: Mapping[str, Any], names: Names = MappingProxyType({})) -> Mapping[str, str]:
    """Return the text of a JSON Schema file for each model, by file name; the same text for the same arguments.

    Args:
        models: Models by the name of what they describe: `thesis` gives `thesis.json`. A file that maps ids to models
            is given as a type such as `dict[Ticker, InstrumentDefinition]`.
        names: What an editor offers, by the kind of place.
    """
    return {f"{name}.json": _schema_text(name, model, names) for name, model in sorted(models.items())}


def answer_schema(answer: Any, title: str, description: str) -> str:
    """Return the text of the JSON Schema of what a program reads.

    Args:
        answer: The type of the answer.
        title: What it is called.
        description: What it is.
    """
    body = TypeAdapter(answer).json_schema(mode="serialization", schema_generator=_Generator)
    head = {"$schema": _DIALECT, "title": title, "description": description}
    return json.dumps({**head, "anyOf": body["anyOf"], "$defs": dict(sorted(body["$defs"].items()))}, indent=2) + "\n"


def _schema_text(name: str, model: Any, names: Names) -> str:
    body = for_editors(TypeAdapter(model).json_schema(schema_generator=_Generator), names)
    head = {
        "$schema": _DIALECT,
        "title": name.replace("_", " ").replace("-", " ").capitalize(),
        "description": body.get("description", f"What {name} may hold."),
    }
    rest = {key: value for key, value in body.items() if key not in (*head, "$defs")}
    definitions = {"$defs": dict(sorted(body["$defs"].items()))} if "$defs" in body else {}
    return json.dumps({**head, **rest, **definitions}, indent=2, ensure_ascii=False) + "\n"
