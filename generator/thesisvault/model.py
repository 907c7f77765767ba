"""The base of all models of definitions, and objects whose one key says their kind."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import MutableMapping
from functools import cache
from itertools import pairwise
from typing import Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationInfo,
    create_model,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from thesisvault.errors import ThesisvaultError
from thesisvault.offers import JsonSchema


def _shape(value: object) -> str:
    return "mapping" if isinstance(value, (dict, BaseModel)) else "text" if isinstance(value, str) else "list"


BY_SHAPE = Discriminator(_shape)
"""Chooses a member of a union by what was written, so that one mistake gives one finding.

Members are tagged `text`, `list` or `mapping`:

    Annotated[Annotated[tuple[Ticker, ...], Tag("list")] | Annotated[dict[Ticker, Share], Tag("mapping")], BY_SHAPE]
"""


class Model(BaseModel):
    """Base of every model of a definition: frozen, no unknown keys, a docstring under a field describes it.

    Attributes:
        shorthand: Name in YAML of the field that a bare text or list fills where no mapping is written:
            `text: "..."` for `text: {says: "..."}`. It cannot be a field that is a mapping itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    shorthand: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _note_and_unfold(cls, data: Any, info: ValidationInfo) -> Any:
        # Errors of pydantic do not say which model an unknown key met; who validates may ask for a record of it.
        if isinstance(info.context, Attempts):
            info.context.note(data, cls)
        if cls.shorthand and not isinstance(data, (dict, cls)):
            return {cls.shorthand: data}
        return data

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        """Return the model's JSON Schema; with a shorthand, either the bare value or the object."""
        result = handler(schema)
        body = handler.resolve_ref_schema(result)
        for name, words in descriptions(cls).items():
            if "properties" in body and name in cls.model_fields:
                body["properties"][cls.model_fields[name].alias or name]["description"] = words
        if cls.shorthand and "anyOf" not in body:
            whole = dict(body)
            body.clear()
            body["anyOf"] = [whole["properties"][cls.shorthand], whole]
        return result

    @classmethod
    def allowed_keys(cls) -> list[str]:
        """Return the keys that may be written, in the order of the model."""
        return [field.alias or name for name, field in cls.model_fields.items()]


@cache
def descriptions(model: type[Model]) -> dict[str, str]:
    """Return what is said of each field of a model, under it or in it, by the name of the field.

    It is read from the source when a schema is made: pydantic would do so for every model in every run.
    """
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if not issubclass(each, Model):
            continue
        (written,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
        for field, below in pairwise(written.body if isinstance(written, ast.ClassDef) else ()):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                found.pop(field.target.id, None)
                if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                    found[field.target.id] = inspect.cleandoc(str(below.value.value))
    return found | {name: field.description for name, field in model.model_fields.items() if field.description}


class PartError(ThesisvaultError, ValueError):
    """What a validator raises where one value below its own is to blame, so that a finding points there.

    Args:
        words: What is wrong, in words that are fit for the person who typed it.
        trail: Keys and list positions, as written, from the validated value to the guilty one.
        on_key: The key at the end of the trail is wrong, not its value.
    """

    def __init__(self, words: str, *trail: str | int, on_key: bool = False) -> None:
        super().__init__(words)
        self.trail, self.on_key = trail, on_key


class Attempts:
    """Which models were tried on which object; pass one as the context of a validation to have it filled."""

    def __init__(self) -> None:
        self._tried: dict[int, list[type[Model]]] = {}

    def note(self, data: object, model: type[Model]) -> None:
        """Remember that a model was tried on an object, which must outlive this record."""
        self._tried.setdefault(id(data), []).append(model)

    def on(self, data: object) -> list[type[Model]]:
        """Return the models that were tried on an object, in order."""
        return self._tried.get(id(data), [])


class OneKey:
    """An object with exactly one key, which says what kind of thing its value is: `- chart: {...}`.

    Subclass it with a registry of kinds, which may be filled after the class is made, so that a kind can hold a list
    of its own family:

        BLOCKS: dict[str, type[Model]] = {}
        class Block(OneKey, noun="block", kinds=BLOCKS): ...
        class Fold(Model):
            blocks: tuple[Block, ...]
        BLOCKS["fold"] = Fold

    Attributes:
        kind: The key.
        body: The validated value under the key.
    """

    noun: ClassVar[str] = "object"
    kinds: ClassVar[MutableMapping[str, type[Model]]] = {}
    __slots__ = ("body", "kind")

    def __init_subclass__(cls, noun: str = "block", kinds: MutableMapping[str, type[Model]] | None = None) -> None:
        """Set the registry and the word for the thing in messages."""
        cls.noun, cls.kinds = noun, {} if kinds is None else kinds

    def __init__(self, kind: str, body: Model) -> None:
        self.kind = kind
        self.body = body

    def __eq__(self, other: object) -> bool:
        """Two are equal if kind and body are."""
        return type(other) is type(self) and (self.kind, self.body) == (other.kind, other.body)

    def __hash__(self) -> int:
        return hash((self.kind, self.body))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.kind!r}, {self.body!r})"

    @classmethod
    def read(cls, data: Any, info: core_schema.ValidationInfo[Any]) -> OneKey:
        """Return the object that a mapping with one known key stands for.

        Raises:
            PydanticCustomError: There is not exactly one known key.
            ValidationError: The value under the key is wrong.
        """
        if isinstance(data, cls):
            return data
        context = {"noun": cls.noun, "known": list(cls.kinds)}
        if not isinstance(data, dict):
            raise PydanticCustomError("one_key_type", "expected a mapping with one key", context)
        if len(data) != 1:
            raise PydanticCustomError("one_key_count", "expected exactly one key", context)
        kind = next(iter(data))
        if kind not in cls.kinds:
            raise PydanticCustomError("one_key_unknown", "expected a known kind", context)
        holder = _holder(str(kind), cls.kinds[kind]).model_validate(data, context=info.context)
        return cls(kind, holder.body)  # type: ignore[attr-defined]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return a schema that reads the registry when it validates, not when it is made."""
        # An annotation's function, unlike a class's own, may answer with a reference to what is still being made.
        return core_schema.with_info_plain_validator_function(
            cls.read,
            ref=f"{cls.__module__}.{cls.__qualname__}:{id(cls)}",
            metadata={"pydantic_js_annotation_functions": [cls.json_schema]},
        )

    @classmethod
    def json_schema(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        """Return an object schema with one property a kind, of which exactly one must be there."""
        if cls in _IN_PROGRESS:
            return handler(core_schema.definition_reference_schema(schema["ref"]))
        _IN_PROGRESS.add(cls)
        try:
            # Wrapped, because a bare schema would be handled without the functions of its own model.
            properties = {
                kind: handler(core_schema.definitions_schema(model.__pydantic_core_schema__, []))
                for kind, model in cls.kinds.items()
            }
        finally:
            _IN_PROGRESS.discard(cls)
        return {
            "type": "object",
            "title": cls.__name__,
            "description": f"One {cls.noun}: a single key that says its kind.",
            "properties": properties,
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        }


_IN_PROGRESS: set[type[OneKey]] = set()


@cache
def _holder(kind: str, model: type[Model]) -> type[BaseModel]:
    # A model with the kind as its only key puts the key into the place of every error below it.
    return create_model(f"One{model.__name__}", body=(model, Field(alias=kind)))


def one_key(name: str, kinds: MutableMapping[str, type[Model]], noun: str = "block") -> type[OneKey]:
    """Return a new `OneKey` class; write a `class` statement instead where a type checker has to know it."""
    return type(name, (OneKey,), {}, noun=noun, kinds=kinds)
