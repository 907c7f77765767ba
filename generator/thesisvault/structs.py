"""Records of ours, whatever they are made with: the names of their fields, and one as plain values. Lowest layer.

Nearly all are structs of msgspec, a few are dataclasses; the architecture page says which. Whoever walks over records
or writes them down asks here, and so overlooks neither.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec import structs as of_msgspec

if TYPE_CHECKING:
    # To mypy a struct is a dataclass too, so it checks names and types of what is replaced.
    from dataclasses import replace as replace
else:

    def replace(record: Any, /, **changes: Any) -> Any:
        """Return a copy of a record, of whatever kind, with some of its fields changed.

        Raises:
            TypeError: It has no such field, or is no record.
        """
        if isinstance(record, Struct):
            return of_msgspec.replace(record, **changes)
        return dataclasses.replace(record, **changes)


def names_of(kind: type) -> tuple[str, ...] | None:
    """Return the names of the fields of a kind of record, those of its bases first; None if it is no kind of record.

    >>> names_of(int) is None
    True
    """
    if issubclass(kind, Struct):
        return kind.__struct_fields__
    if dataclasses.is_dataclass(kind):
        return tuple(each.name for each in dataclasses.fields(kind))
    return None


def as_plain(thing: Any) -> Any:
    """Return a record as a mapping of its fields, and so each that lies in it or in its tuples, lists and mappings.

    All else stays as it is. A tuple stays one, and so does a named tuple.
    """
    kind = type(thing)
    names = names_of(kind)
    if names is not None:
        return {name: as_plain(getattr(thing, name)) for name in names}
    if issubclass(kind, list | tuple):
        found = [as_plain(each) for each in thing]
        return kind(*found) if hasattr(kind, "_fields") else kind(found)
    if issubclass(kind, dict):
        return {as_plain(key): as_plain(each) for key, each in thing.items()}
    return thing
