"""Text as a person wrote it in a file, which knows the place where it stands.

The reader makes one of every scalar and key; models keep them as they are. So a finding, from whatever layer, points at
the very value that is wrong and never at another one that reads the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar

from thesisvault.errors import Place

P = ParamSpec("P")
T = TypeVar("T")
V = TypeVar("V")
Trail: TypeAlias = tuple[str | int, ...]
"""Keys and list positions that lead to a value of a file."""


class Source(Protocol):
    """A file that was read, which knows where each of its values stands."""

    def place_of(self, trail: Trail, nth_braces: int | None = None) -> Place:
        """Return the place of the value at a trail, or of its n-th `{{`."""

    def place_at(self, trail: Trail, offset: int) -> Place:
        """Return the place of one character of the value at a trail."""

    def key_place(self, trail: Trail) -> Place:
        """Return the place of the key whose value stands at a trail."""


class Written(str):
    """A text with the file and the trail of keys and list positions that it was read from.

    It equals, hashes and prints as the plain text. What is made from it is plain text again; `like` keeps the place of
    a text that is only tidied.
    """

    __slots__ = ("is_key", "source", "trail")
    source: Source
    trail: Trail
    is_key: bool

    @classmethod
    def at(cls, text: str, source: Source, trail: Trail, *, is_key: bool = False) -> Written:
        """Return a text that stands at a trail of a file."""
        made = cls(text)
        made.source, made.trail, made.is_key = source, trail, is_key
        return made

    def place(self, nth_braces: int | None = None) -> Place:
        """Return the place of the text, or of its n-th `{{`, counted from 0."""
        if self.is_key:
            return self.source.key_place(self.trail)
        return self.source.place_of(self.trail, nth_braces)

    def place_at(self, offset: int) -> Place:
        """Return the place of one character of the text, counted from 0."""
        return self.source.key_place(self.trail) if self.is_key else self.source.place_at(self.trail, offset)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def like(original: str, tidied: str) -> str:
    """Return a tidied text with the place of the one that it was made from."""
    if isinstance(original, Written) and not isinstance(tidied, Written):
        return Written.at(tidied, original.source, original.trail, is_key=original.is_key)
    return tidied


def place_of(text: str, nth_braces: int | None = None) -> Place | None:
    """Return the place of a text, or of its n-th `{{`; None for a text that stands in no file."""
    return text.place(nth_braces) if isinstance(text, Written) else None


def plain(value: V, of: Callable[[str], str] = str) -> V:
    """Return texts, lists, tuples and mappings with texts that know no place, which would hold all of their file.

    Args:
        value: What they are in; anything else in it stays as it is.
        of: Makes a plain text of a text.

    >>> plain({"a": [Written("b")]})
    {'a': ['b']}
    """
    found: Any = value
    if isinstance(value, str):
        found = of(value)
    elif isinstance(value, list | tuple):
        found = type(value)(plain(each, of) for each in value)
    elif isinstance(value, Mapping):
        found = {plain(key, of): plain(each, of) for key, each in value.items()}
    return found  # type: ignore[no-any-return]


def kept_by_text(most: int, *, typed: bool = False) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that keeps the last answers of a function by its arguments, the first of which may be a text.

    A text that knows its place is taken for its letters alone: as long as its answer were kept, so would be all of the
    file that it stands in.

    Args:
        most: How many answers are kept.
        typed: Whether equal arguments of different types have answers of their own.
    """

    def decorate(work: Callable[P, T]) -> Callable[P, T]:
        answers = lru_cache(maxsize=most, typed=typed)(work)

        @wraps(work)
        def kept(*args: P.args, **named: P.kwargs) -> T:
            if args and isinstance(args[0], Written):
                return answers(str(args[0]), *args[1:], **named)  # type: ignore[arg-type]
            return answers(*args, **named)  # type: ignore[arg-type]

        return kept

    return decorate
