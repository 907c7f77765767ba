"""Text as a person wrote it in a file, which knows the place where it stands.

The reader makes one of every scalar and key; models keep them as they are. So a finding, from whatever layer, points at
the very value that is wrong and never at another one that reads the same.
"""

from __future__ import annotations

from typing import Protocol

from thesisvault.errors import Place


class Source(Protocol):
    """A file that was read, which knows where each of its values stands."""

    def place_of(self, trail: tuple[str | int, ...], nth_braces: int | None = None) -> Place:
        """Return the place of the value at a trail, or of its n-th `{{`."""

    def place_at(self, trail: tuple[str | int, ...], offset: int) -> Place:
        """Return the place of one character of the value at a trail."""

    def key_place(self, trail: tuple[str | int, ...]) -> Place:
        """Return the place of the key whose value stands at a trail."""


class Written(str):
    """A text with the file and the trail of keys and list positions that it was read from.

    It equals, hashes and prints as the plain text. What is made from it is plain text again; `like` keeps the place of
    a text that is only tidied.
    """

    __slots__ = ("is_key", "source", "trail")
    source: Source
    trail: tuple[str | int, ...]
    is_key: bool

    @classmethod
    def at(cls, text: str, source: Source, trail: tuple[str | int, ...], *, is_key: bool = False) -> Written:
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
