"""What was validated, as plain values that are kept from one run to the next and are not validated again.

A packed model holds what was typed and nothing else: of each key its value, a text that stands in its file as that text
alone, since where it stands follows from the keys and positions that lead to it. What comes back equals the model,
knows the same places and the same keys as typed; a model of which that does not hold is not packed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, TypeVar, cast

from thesisvault.errors import ThesisvaultError
from thesisvault.fields import read_window
from thesisvault.model import Model, OneKey
from thesisvault.quantities import Quantity, parse_quantity
from thesisvault.scalars import Window
from thesisvault.written import Source, Trail, Written, plain

M = TypeVar("M", bound=Model)
Packed = dict[str, Any]
"""The fields of a model that were written, by name, in the order of the model."""


class UnpackableError(ThesisvaultError):
    """A value has no packed form, or would not come back as it is."""


class _Elsewhere:
    """Stands in for a file while it is tried whether a model comes back; it is asked for no place."""


def pack(model: Model, trail: Trail = (), only: Collection[str] | None = None) -> Packed:
    """Return a model as plain values.

    Args:
        model: The model, with texts that know their places.
        trail: Where its mapping stands in the file.
        only: Names of the fields that are packed; all of them if left out.

    Raises:
        UnpackableError: It holds something that would not come back as it is.
    """
    packed = _packed_fields(model, trail, only)
    if only is None and unpack(type(model), packed, _Elsewhere(), trail) != model:  # type: ignore[arg-type]
        raise UnpackableError(f"{type(model).__name__} does not come back as it is")
    return packed


def unpack(model: type[M], packed: Packed, source: Source, trail: Trail = ()) -> M:
    """Return the model that was packed.

    Args:
        model: Its class.
        packed: What `pack` returned.
        source: The file that it stands in, to which the places of its texts lead.
        trail: Where its mapping stands in the file.
    """
    written = _written_names(model)
    values = {
        name: _unpacked(value, source, (*trail, written.get(name, name))) if type(value) in _HOLDING else value
        for name, value in packed.items()
    }
    return made_of(model, values)


# Packing -------------------------------------------------------------------------------------------------------------


def _packed_fields(model: Model, trail: Trail, only: Collection[str] | None = None) -> Packed:
    written = _written_names(type(model))
    return {
        name: _packed(getattr(model, name), (*trail, written.get(name, name)))
        for name in type(model).model_fields
        if name in model.model_fields_set and (only is None or name in only)
    }


def _packed(value: Any, trail: Trail) -> Any:
    """Return a value as plain ones: what is no number, truth, text of the file or tuple has a mark of what it is."""
    if value is None or type(value) in (bool, int, float):
        return value
    if isinstance(value, str):
        return _packed_text(value, trail)
    if type(value) is tuple:
        return [_packed(each, (*trail, nth)) for nth, each in enumerate(value)]
    if type(value) is dict:
        return {
            "mapping": [
                (_packed_text(key, (*trail, key), True), _packed(each, (*trail, key))) for key, each in value.items()
            ]
        }
    if isinstance(value, Model):
        return {"model": [_name_of(type(value)), _packed_fields(value, trail)]}
    if isinstance(value, OneKey):
        body = _packed_fields(value.body, (*trail, value.kind))
        return {
            "one": [
                _name_of(type(value)),
                _packed_text(value.kind, (*trail, value.kind), is_key=True),
                _name_of(type(value.body)),
                body,
            ]
        }
    if type(value) is dt.date:
        return {"day": value.isoformat()}
    if type(value) is Window:
        return {"window": _packed_text(value.text, trail)}
    if type(value) is Quantity:
        return {"figure": _packed_text(value.text, trail)}
    raise UnpackableError(f"{type(value).__name__} has no packed form")


def _packed_text(text: str, trail: Trail, is_key: bool = False) -> Any:
    if not isinstance(text, Written):
        return {"text": text}
    if text.trail == trail and text.is_key == is_key:
        return str(text)
    return {"elsewhere": [str(text), list(map(plain, text.trail)), text.is_key]}


# Unpacking -----------------------------------------------------------------------------------------------------------

_HOLDING = (str, list, dict)


def _unpacked(value: Any, source: Source, trail: Trail) -> Any:
    kind = type(value)
    if kind is str:
        return Written.at(value, source, trail)
    if kind is list:
        return tuple(_unpacked(each, source, (*trail, nth)) for nth, each in enumerate(value))
    if kind is dict:
        ((mark, held),) = value.items()
        return _MARKS[mark](held, source, trail)
    return value


def _key(held: Any, source: Source, trail: Trail) -> str:
    if type(held) is str:
        return Written.at(held, source, (*trail, held), is_key=True)
    return cast(str, _unpacked(held, source, trail))


def _mapping(held: Any, source: Source, trail: Trail) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for packed_key, packed in held:
        key = _key(packed_key, source, trail)
        found[key] = _unpacked(packed, source, (*trail, key))
    return found


def _model(held: Any, source: Source, trail: Trail) -> Model:
    name, fields = held
    return cast(Model, unpack(_classes()[name], fields, source, trail))


def _one(held: Any, source: Source, trail: Trail) -> OneKey:
    name, packed_key, body, fields = held
    kind = _key(packed_key, source, trail)
    return cast(OneKey, _classes()[name](kind, unpack(_classes()[body], fields, source, (*trail, kind))))


_MARKS: dict[str, Callable[[Any, Source, Trail], Any]] = {
    "text": lambda held, _source, _trail: held,
    "elsewhere": lambda held, source, _trail: Written.at(held[0], source, tuple(held[1]), is_key=held[2]),
    "mapping": _mapping,
    "model": _model,
    "one": _one,
    "day": lambda held, _source, _trail: dt.date.fromisoformat(held),
    "window": lambda held, source, trail: read_window(_unpacked(held, source, trail)),
    "figure": lambda held, source, trail: parse_quantity(_unpacked(held, source, trail)),
}


def made_of(model: type[M], values: Mapping[str, Any]) -> M:
    """Return a model of values that were validated before, under the names of its fields."""
    return cast(M, _blank(model).model_copy(update=values))


@cache
def _blank(model: type[Model]) -> Model:
    """Return a model with nothing written: its fields in their order, each with its default."""
    needed = {name: None for name, field in model.model_fields.items() if field.is_required()}
    return model.model_construct(_fields_set=set(), **needed)


@cache
def _written_names(model: type[Model]) -> dict[str, str]:
    """Return the keys of fields that are written otherwise than the field is called."""
    return {name: field.alias for name, field in model.model_fields.items() if field.alias}


@cache
def _classes() -> dict[str, Any]:
    """Return what may stand inside of models, by name; every kind of block is loaded with the models that hold it."""
    found: dict[str, Any] = {}
    waiting: list[Any] = [Model, OneKey]
    while waiting:
        for each in waiting.pop().__subclasses__():
            waiting.append(each)
            found[_name_of(each)] = each
    return found


def _name_of(kind: type) -> str:
    return f"{kind.__module__.removeprefix('thesisvault.')}.{kind.__qualname__}"
