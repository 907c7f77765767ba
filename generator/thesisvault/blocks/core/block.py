"""The registry of kinds and what every block model shares.

A block is written as an object with one key, `- chart: {...}`; the key names the kind, the kind its model. A model
registers itself here when its module is imported; `thesisvault.blocks.kinds` imports them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, TypeVar

from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled
from thesisvault.blocks.core.guard import filling
from thesisvault.model import Model, OneKey

KINDS: dict[str, type[Model]] = {}
M = TypeVar("M", bound="type[BlockModel]")


class BlockModel(Model):
    """Base of the models of blocks."""

    def fill(self, context: Context) -> Filled:
        """Return the block filled from the market that the context sees."""
        raise NotImplementedError

    def expressions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the bare expressions of the block, each with the names that only it may use (`row`, `column`)."""
        yield from ()

    def claims(self) -> Iterator[tuple[Claim, dict[str, str]]]:
        """Yield the claims of the block, each with what the names stand for that only it may use."""
        yield from ()

    def series(self) -> Iterator[str]:
        """Yield the names of series that the block shows."""
        yield from ()

    def universes(self) -> Iterator[str]:
        """Yield the ids of universes that the block shows."""
        yield from ()

    def definitions(self) -> Iterator[str]:
        """Yield the ids of theses and concepts that the block names."""
        yield from ()

    def episodes(self) -> Iterator[str]:
        """Yield the ids of episodes that the block names."""
        yield from ()

    def sources(self) -> Iterator[str]:
        """Yield the ids of sources that the block names."""
        yield from ()


def register(kind: str) -> Callable[[M], M]:
    """Return a decorator that puts a model into the registry under its kind."""

    def put(model: M) -> M:
        KINDS[kind] = model
        return model

    return put


class Block(OneKey, noun="block", kinds=KINDS):
    """One block of a definition: its kind and its model."""


def fill_all(blocks: Sequence[Block], context: Context) -> tuple[Filled, ...]:
    """Return the blocks filled in order."""
    filled = []
    for block in blocks:
        assert isinstance(block.body, BlockModel)  # noqa: S101 - the registry holds nothing else
        with filling(f'the block "{block.kind}"', block.kind):
            filled.append(block.body.fill(context))
    return tuple(filled)


def walk(blocks: Sequence[Block]) -> Iterator[tuple[str, BlockModel]]:
    """Yield every block with its kind, nested ones after the one that holds them."""
    for block in blocks:
        assert isinstance(block.body, BlockModel)  # noqa: S101 - the registry holds nothing else
        yield block.kind, block.body
        inner = getattr(block.body, "blocks", ())
        if inner:
            yield from walk(inner)


def texts_of(thing: object) -> Iterator[str]:
    """Yield every text inside a model, a list or a mapping, nested blocks included, each as it was typed."""
    return (each for each in leaves_of(thing) if isinstance(each, str))


def leaves_of(thing: object) -> Iterator[object]:
    """Yield every value inside a model, a list or a mapping, keys of mappings and nested blocks included."""
    found: list[object] = []
    _gather(thing, found)
    return iter(found)


def _gather(thing: Any, found: list[object]) -> None:
    of: Any = type(thing)
    parts = _parts_of(of)
    if parts is None:
        found.append(thing)
    else:
        for each in parts(thing):
            _gather(each, found)


@cache
def _parts_of(kind: Any) -> Callable[[Any], Iterable[object]] | None:
    """Return what gives the parts of all things of a type, in order; None: they are leaves."""
    if issubclass(kind, Model):
        names = tuple(kind.model_fields)
        return lambda model: [getattr(model, name) for name in names]
    if issubclass(kind, OneKey):
        return lambda block: (block.body,)
    if issubclass(kind, Mapping):
        return lambda mapping: chain.from_iterable(mapping.items())
    return iter if issubclass(kind, list | tuple) else None
