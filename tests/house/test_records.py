"""Records are structs; a dataclass is one for a reason that the architecture page gives."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from msgspec import Struct

import thesisvault

CODE = Path(thesisvault.__file__).parent

DATACLASSES = {
    # Loaded with the command line, before a command that needs more is known.
    "cli.steady._Settled",
    "errors.Finding",
    "errors.Place",
    "workspace.Workspace",
    # Held by definitions: pydantic writes dataclasses down, and no structs.
    "quantities.Quantity",
    "scalars.Window",
    # A field is no argument, or does not count where two are compared.
    "language.kinds.Typed",
    "market.refresh.run.Run",
    "runs.engine.engine.Engine",
    "runs.engine.kept.KeptNote",
    "vault.index.VaultIndex",
    # Attributes that are no fields, or a base that is abstract.
    "definitions.library.Library",
    "language.evaluate.Scope",
    "runs.steps.making.Making",
}


def classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(thesisvault.__path__, "thesisvault."):
        if not module.name.endswith("__main__"):
            found = importlib.import_module(module.name)
            yield from (
                each for each in vars(found).values() if isinstance(each, type) and each.__module__ == found.__name__
            )


def structs() -> Iterator[type[Struct]]:
    return (each for each in classes() if issubclass(each, Struct))


def parts_of(kind: type) -> Iterator[object]:
    return (each for base in kind.__mro__ for each in vars(base).values())


def name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("thesisvault.")


def test_dataclasses_are_those_that_cannot_be_structs() -> None:
    found = {name_of(each) for each in classes() if "__dataclass_fields__" in vars(each)}
    assert found == DATACLASSES


def test_what_a_struct_works_out_once_has_where_to_lie() -> None:
    """Without `dict=True` the first to ask would get an error."""
    once = [each for each in structs() if any(isinstance(of, cached_property) for of in parts_of(each))]
    assert len(once) > 5
    assert [name_of(each) for each in once if not each.__dictoffset__] == []


def test_every_struct_is_seen_by_the_garbage_collector() -> None:
    """One that is not seen would never be freed once it lies in a circle."""
    assert [name_of(each) for each in structs() if not each.__struct_config__.gc] == []


def test_records_are_asked_by_what_knows_all_kinds_of_them() -> None:
    """`dataclasses.replace` fails for a struct, and `is_dataclass` passes it over in silence; mypy sees neither."""
    early = ("errors.py", "structs.py")
    asking = {"asdict", "astuple", "fields", "is_dataclass", "replace"}
    found = []
    for path in CODE.rglob("*.py"):
        if path.relative_to(CODE).as_posix() in early:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "dataclasses":
                found += [f"{path}: {each.name}" for each in node.names if each.name in asking]
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "dataclasses":
                found += [f"{path}: {node.attr}"] if node.attr in asking else []
            if isinstance(node, ast.Attribute) and ast.unparse(node) == "object.__setattr__":
                found.append(f"{path}: {ast.unparse(node)}")
    assert found == []
