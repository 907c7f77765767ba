"""Makes the JSON Schemas of models fit for editors: what they offer, and what they take for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from thesisvault.offers import OFFERS, JsonSchema, Offer

Names = Mapping[Offer, Mapping[str, str]]
"""What an editor offers in each kind of place: what is put in, and what it is in a few words."""

_NOTHING = {"type": "null"}
_EXPECTED: Mapping[Offer, str] = {
    "series": "a ticker, the id of a basket, or a chain such as QQQ | us-tech",
    "held": "a ticker or the id of a basket",
    "tickers": "a ticker",
    "windows": "a window such as 5d, 90d, 1y, ytd, 2022 or since 2025-10-29",
    "universes": "the id of a universe",
    "theses": "the id of a thesis or concept",
    "episodes": "the id of an episode",
    "notes": "the name of a note",
}
_LIST = [{"label": "[ ]", "description": "A list in one line.", "body": "[$1]"}]
_CHOICES = ("anyOf", "oneOf", "allOf")


def for_editors(schema: JsonSchema, names: Names) -> JsonSchema:
    """Return a schema in which every place offers its names and every scalar that is needed is not empty.

    Args:
        schema: The JSON Schema of a model, with `OFFERS` at places where names may be offered.
        names: The names.
    """
    used: set[Offer] = set()
    result: JsonSchema = _finished(schema, names, used)
    if used:
        result["$defs"] = {**result.get("$defs", {}), **{_key(what): _offered(what, names[what]) for what in used}}
    return result


def _key(what: Offer) -> str:
    return f"offered-{what}"


def _offered(what: Offer, names: Mapping[str, str]) -> JsonSchema:
    if what == "functions":
        # As snippets, so that an expression is nothing but text for whatever checks it.
        snippets = [{"label": label, "description": says, "body": label} for label, says in names.items()]
        return {"defaultSnippets": snippets}
    wrong = f"expected {_EXPECTED[what]}"
    return {"enum": list(names), "enumDescriptions": list(names.values()), "errorMessage": wrong}


def _finished(node: Any, names: Names, used: set[Offer]) -> Any:
    """Return a part of a schema, finished from the inside outwards."""
    if isinstance(node, list):
        return [_finished(each, names, used) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _finished(value, names, used) for key, value in node.items()}
    if "oneOf" in made:
        # Where a schema has neither type nor `anyOf`, an editor puts in a key without its colon.
        made["anyOf"] = made.pop("oneOf")
    made = _one_kind_of_item(_without_nothing(made))
    for name in made.get("required", ()):
        if name in made.get("properties", {}):
            made["properties"][name] = _filled(made["properties"][name])
    for key in ("items", "additionalProperties"):
        if key in made:
            made[key] = _filled(made[key])
    if made.get("type") == "array" and _is_scalar(made.get("items", {})):
        # Put in as [ ], which goes in block and flow style; an editor would put in lines with dashes.
        said = {"description": made.pop("description")} if "description" in made else {}
        made = {**said, "defaultSnippets": _LIST, "anyOf": [made]}
    what = made.pop(OFFERS, None) if isinstance(made.get(OFFERS), str) else None
    if what is not None and names.get(what):
        used.add(what)
        link = {"$ref": f"#/$defs/{_key(what)}"}
        rest = made["anyOf"]
        made["anyOf"] = [rest[0] | link, *rest[1:]] if what == "functions" else [link, *rest]
    return made


def _without_nothing(node: JsonSchema) -> JsonSchema:
    """Return a schema without the alternative of nothing, which an editor would offer as `null`."""
    if _NOTHING not in node.get("anyOf", ()):
        return node
    rest = [each for each in node["anyOf"] if each != _NOTHING]
    around = {key: value for key, value in node.items() if key != "anyOf"}
    return {**rest[0], **around} if len(rest) == 1 else {**node, "anyOf": rest}


def _one_kind_of_item(node: JsonSchema) -> JsonSchema:
    """Return the schema of a list of so many things of one kind with their schema as that of every item.

    An editor offers nothing in lists whose items have a schema each.
    """
    each = node.get("prefixItems", [])
    if not each or any(one != each[0] for one in each) or "items" in node:
        return node
    kept = {key: value for key, value in node.items() if key != "prefixItems"}
    return {**kept, "items": _filled(each[0])}


def _is_scalar(node: JsonSchema) -> bool:
    return any("if" in each for each in node.get("anyOf", ()))


def _filled(node: Any) -> Any:
    """Return the schema of a scalar that refuses nothing in the place of a value; of anything else, itself."""
    if not isinstance(node, dict):
        return node
    if "if" in node:
        return {**node, "if": {"type": list(dict.fromkeys([*node["if"]["type"], "null"]))}}
    return {key: [_filled(each) for each in value] if key in _CHOICES else value for key, value in node.items()}
