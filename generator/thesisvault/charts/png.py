"""PNG: pixels in, a small file with a stamp out; and the stamp of a file back.

Charts have few colors, so pixels become a palette of at most 128: exact when that many suffice, else the commonest
colors exactly and the rest (edges of strokes) by their nearest. The stamp stands in `iTXt` chunks before the pixels.
"""

from __future__ import annotations

import datetime as dt
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import deflate
import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EFFORT = 5
"""Of libdeflate, from 1 to 12: smaller files than zlib's own choice at a third of its time; more gains no percent."""
_COLORS_MOST = 128
_PART = 128
"""How many colors are compared at a time: few enough that no library for matrices starts threads for them."""
_OPAQUE = 255
_CELL = np.array((1 << 15, 1 << 10, 1 << 5, 1), np.uint32)
"""What five binary digits of each channel are worth in the number of a cell."""
_SLOTS = 16
"""Binary digits of a place in the table that finds the different colors."""
_HELD = 4 << 20
"""Bytes; more than any block that a picture is encoded in."""
_KEPT_MOST = 1
"""For so many sizes of pictures memory is kept."""
_KEYS = ("thesisvault-recipe", "thesisvault-as-of", "thesisvault-data")

Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Whole = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Shades = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Packed = np.ndarray[tuple[int, ...], np.dtype[np.uint32]]
Truths = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


class Stamp(NamedTuple):
    """What a chart carries in its own file: how it was made, the last day of its data, the fingerprint of both.

    A chart of a person's own numbers has no such day.
    """

    recipe: str
    as_of: dt.date | None
    data: str


class _Desk:
    """Memory that a picture of a size is encoded in: fresh memory costs as much as what is done in it.

    Args:
        height: Of the picture in pixels.
        width: Of it in pixels.
    """

    def __init__(self, height: int, width: int) -> None:
        self.size = height, width
        self.rows: Bytes = np.zeros((height, width + 1), np.uint8)
        """Rows as PNG has them: a 0, for no filter, and then the pixels."""
        self.turns: Truths = np.zeros(-(-height * width // 8) * 8, np.bool_)
        """Whether another color comes after each pixel; in whole eights, the last of which may be partly unused."""


_kept: dict[tuple[int, int], _Desk] = {}


def _hold_memory() -> None:
    """Have memory that is freed stay with the process for what is made next.

    The C library of Linux gives blocks from 128 KB up back to the system and asks for them anew, page by page, which
    takes a tenth of the time of a picture; but from the size of a block on that it has seen freed it does so no more.
    A block that nobody writes to costs nothing, there and elsewhere.
    """
    np.empty(_HELD, np.uint8)


_hold_memory()


def encode(pixels: Bytes, stamp: Stamp) -> bytes:
    """Return a PNG of pixels (height, width, 4: RGBA, not premultiplied) that carries a stamp."""
    height, width = pixels.shape[:2]
    desk = _kept.pop((height, width), None) or _Desk(height, width)
    palette, indices = _palette(pixels, desk.turns)
    desk.rows[:, 1:] = indices.reshape(height, width)
    parts = [_SIGNATURE, _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))]
    values = (stamp.recipe, stamp.as_of.isoformat() if stamp.as_of else None, stamp.data)
    parts += [
        _chunk(b"iTXt", key.encode() + b"\0\0\0\0\0" + value.encode())
        for key, value in zip(_KEYS, values, strict=True)
        if value is not None
    ]
    parts.append(_chunk(b"PLTE", palette[:, :3].tobytes()))
    if palette[0, 3] < _OPAQUE:  # the most transparent color comes first
        parts.append(_chunk(b"tRNS", palette[:, 3].tobytes()))
    parts += [
        _chunk(b"IDAT", bytes(deflate.zlib_compress(desk.rows.data, _EFFORT))),
        _chunk(b"IEND", b""),
    ]
    if len(_kept) < _KEPT_MOST:
        _kept[desk.size] = desk
    return b"".join(parts)


def stamp(png_bytes: bytes) -> Stamp | None:
    """Return the stamp of a PNG, or None if it has none that is whole; the first few kilobytes of a file suffice."""
    found: dict[str, str] = {}
    for kind, body in _chunks(png_bytes):
        if kind == b"IDAT":
            break
        if kind == b"iTXt":
            key, _, rest = body.partition(b"\0")
            name = key.decode("latin-1")
            if name in _KEYS and rest.startswith(b"\0\0\0\0"):
                found[name] = rest[4:].decode("utf-8", "replace")
    try:
        recipe, as_of, data = found[_KEYS[0]], found.get(_KEYS[1]), found[_KEYS[2]]
        return Stamp(recipe, dt.date.fromisoformat(as_of) if as_of else None, data)
    except (KeyError, ValueError):
        return None


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(png_bytes: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each whole, undamaged chunk from the start."""
    if not png_bytes.startswith(_SIGNATURE):
        return
    at = len(_SIGNATURE)
    while at + 12 <= len(png_bytes):
        (size,) = struct.unpack_from(">I", png_bytes, at)
        end = at + 12 + size
        if end > len(png_bytes):
            return
        kind, body = png_bytes[at + 4 : at + 8], png_bytes[at + 8 : end - 4]
        if struct.unpack_from(">I", png_bytes, end - 4)[0] != zlib.crc32(kind + body):
            return
        yield kind, body
        at = end


def _palette(pixels: Bytes, turns: Truths) -> tuple[Bytes, Bytes]:
    """Colors (n, 4), the most transparent first, and the index of each pixel.

    Works on runs of equal pixels, of which a chart has some ten thousand, instead of on a million pixels; and what is
    found out about colors is put together before any run is looked at again.

    Args:
        pixels: As `encode` takes them.
        turns: Memory of a `_Desk`.
    """
    flat = np.ascontiguousarray(pixels).view("<u4").ravel()
    ends = _ends(flat, turns)
    lengths = np.diff(ends, prepend=-1)
    different = _different(flat.take(ends))
    # What nothing is seen of is one color.
    exact = np.where(different.values >> 24 == 0, np.uint32(0), different.values)
    exact, place = _distinct(exact)
    colors: Bytes = exact.astype("<u4").view(np.uint8).reshape(-1, 4)
    if len(colors) > _COLORS_MOST:
        counts = np.bincount(place, different.sums(lengths)).astype(np.int64)
        colors, nearest = _reduce(colors, counts)
        place = nearest.take(place)
    order = np.lexsort((*colors.T[:3], colors[:, 3]))
    rank = np.empty(len(order), np.uint8)
    rank[order] = np.arange(len(order))
    return colors[order], np.repeat(different.each(rank.take(place)), lengths)


def _ends(flat: Packed, turns: Truths) -> Whole:
    """The places of the last pixels of all runs.

    Eight pixels are looked at together, since most are in the midst of a run: that takes half of the time.
    """
    count = len(flat)
    np.not_equal(flat[1:], flat[:-1], out=turns[: count - 1])
    turns[count - 1] = True
    eights = turns.view(np.uint64)
    found = np.flatnonzero(eights != 0)
    inside = np.flatnonzero(eights.take(found).view(np.bool_))
    return np.asarray((found << 3).take(inside >> 3) + (inside & 7))


class _Different(NamedTuple):
    """The different ones among many numbers, in no order, and which number is which of them."""

    values: Packed
    slots: Whole
    """Of each number its place in a table."""
    found: Whole
    """The places of the first of the different ones; the others had to give way."""
    rest: Whole
    """Which of the many numbers are among the others,"""
    others: Whole
    """and which of the others they are."""

    def sums(self, amounts: Whole) -> Whole:
        """Return for each of the different ones the sum of the amounts of those numbers that are equal to it."""
        own = amounts.astype(np.float64)  # which sums are made of
        own[self.rest] = 0
        first = np.bincount(self.slots, own, 1 << _SLOTS).take(self.found)
        return np.append(first, np.bincount(self.others, amounts.take(self.rest))).astype(np.int64)

    def each(self, said: Bytes) -> Bytes:
        """Return for each of the many numbers what is said of the one of the different ones that it is."""
        table = np.zeros(1 << _SLOTS, np.uint8)
        table[self.found] = said[: len(self.found)]
        whole = table.take(self.slots)
        whole[self.rest] = said[len(self.found) :].take(self.others)
        return whole


def _different(values: Packed) -> _Different:
    """The different ones among whole numbers of 32 bits.

    Numbers find their places in a table by a hash; those whose place another has taken are sorted, and they are few.
    That takes a fifth of the time of sorting all.
    """
    slots = ((values * np.uint32(2654435761)) >> np.uint32(32 - _SLOTS)).astype(np.intp)
    table = np.zeros(1 << _SLOTS, np.uint32)
    table[0] = 1  # which has another place, as 0 has in any other: what a place holds tells whether it is taken
    empty = table.copy()
    table[slots] = values
    found = np.flatnonzero(table != empty)
    rest = np.flatnonzero(table.take(slots) != values)
    others, which = _distinct(values.take(rest))
    return _Different(np.append(table.take(found), others), slots, found, rest, which)


def _distinct(values: Packed) -> tuple[Packed, Whole]:
    """The different ones among numbers of 32 bits in their order, and for each number which of them it is."""
    order, begins = _grouped(values)
    which = np.empty(len(order), np.int64)
    which[order] = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(order)))
    return values.take(order.take(begins)), which


def _grouped(values: Packed) -> tuple[Whole, Whole]:
    """Where numbers of 32 bits stand when they are sorted, equal ones as they came, and where each of them begins.

    A number and its place in one are sorted in a fraction of the time that places take that go along with numbers.
    """
    paired = np.sort(values.astype(np.uint64) << 32 | np.arange(len(values), dtype=np.uint64))
    numbers = paired >> 32
    turns = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
    return (paired & 0xFFFFFFFF).astype(np.int64), np.append(0, turns)[: len(values)]


def _reduce(colors: Bytes, counts: Whole) -> tuple[Bytes, Whole]:
    """As many of many colors as a palette holds, and for each of the many the index of the one that stands for it.

    Colors are sorted into cells (5 bits a channel); the commonest color of each of the fullest cells is kept.
    """
    cell = (colors >> 3).astype(np.uint32).dot(_CELL)
    order, begins = _grouped(cell)
    ordered = counts.take(order)
    most = np.repeat(np.maximum.reduceat(ordered, begins), np.diff(begins, append=len(order)))
    commonest = np.flatnonzero(ordered == most)
    champions = order.take(commonest.take(np.searchsorted(commonest, begins)))
    weights = np.add.reduceat(ordered, begins)
    kept = champions[np.argsort(-weights, kind="stable")[:_COLORS_MOST]]
    # What is seen is color times opacity: two faint colors are alike whatever their hues. Whole numbers of so few
    # digits are added exactly, in any order, so that every machine finds the same.
    opacity = colors[:, 3:].astype(np.uint16)
    seen = np.ones((len(colors), 5), np.float32)
    seen[:, :3] = (colors[:, :3] * opacity + np.uint16(127)) // np.uint16(255)
    seen[:, 3:4] = opacity
    return colors[kept], _nearest(seen, seen.take(kept, axis=0))


def _nearest(seen: Shades, kept: Shades) -> Whole:
    """For each of some colors the index of the nearest one that is kept; colors are four channels and a 1.

    What is compared is the square of the distance, less what is the same for all: a product of matrices, in which the
    ones add the squares of the colors kept.
    """
    theirs = -2 * kept.T
    theirs[4] = np.square(kept[:, :4]).sum(axis=1)
    apart = np.empty((_PART, len(kept)), np.float32)
    found = np.empty(len(seen), np.int64)
    for start in range(0, len(seen), _PART):
        part = seen[start : start + _PART]
        np.matmul(part, theirs, out=apart[: len(part)]).argmin(axis=1, out=found[start : start + _PART])
    return found
