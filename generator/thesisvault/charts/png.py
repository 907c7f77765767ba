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
"""How many colors are compared at a time: their distances stay in the processor's cache."""
_OPAQUE = 255
_SLOTS = 16
"""Binary digits of a place in the table that finds the different colors."""
_KEYS = ("thesisvault-recipe", "thesisvault-as-of", "thesisvault-data")

Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
Whole = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Shades = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Packed = np.ndarray[tuple[int, ...], np.dtype[np.uint32]]


class Stamp(NamedTuple):
    """What a chart carries in its own file: how it was made, the last day of its data, the fingerprint of both.

    A chart of a person's own numbers has no such day.
    """

    recipe: str
    as_of: dt.date | None
    data: str


def encode(pixels: Bytes, stamp: Stamp) -> bytes:
    """Return a PNG of pixels (height, width, 4: RGBA, not premultiplied) that carries a stamp."""
    height, width = pixels.shape[:2]
    palette, indices = _palette(pixels)
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = indices.reshape(height, width)
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
        _chunk(b"IDAT", bytes(deflate.zlib_compress(rows.data, _EFFORT))),
        _chunk(b"IEND", b""),
    ]
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


def _palette(pixels: Bytes) -> tuple[Bytes, Bytes]:
    """Colors (n, 4), the most transparent first, and the index of each pixel.

    Works on runs of equal pixels, of which a chart has some ten thousand, instead of on a million pixels.
    """
    flat = np.ascontiguousarray(pixels).view("<u4").ravel()
    ends = np.append(np.flatnonzero(flat[1:] != flat[:-1]), flat.size - 1)
    lengths = np.diff(ends, prepend=-1)
    exact, which = _different(flat[ends])
    # What nothing is seen of is one color.
    exact[exact >> 24 == 0] = 0
    order = np.argsort(exact, kind="stable")
    distinct = np.append(True, np.diff(exact[order]) != 0)
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(distinct) - 1
    which = place[which]
    exact = exact[order][distinct]
    colors = exact.astype("<u4").view(np.uint8).reshape(-1, 4)
    if len(colors) > _COLORS_MOST:
        colors, nearest = _reduce(colors, np.bincount(which, lengths).astype(np.int64))
        which = nearest[which]
    order = np.lexsort((*colors.T[:3], colors[:, 3]))
    rank = np.empty(len(order), np.uint8)
    rank[order] = np.arange(len(order))
    return colors[order], np.repeat(rank[which], lengths)


def _different(values: Packed) -> tuple[Whole, Whole]:
    """The different ones among whole numbers of 32 bits, in no order, and for each number which of them it is.

    Numbers find their places in a table by a hash; those whose place another has taken are sorted, and they are few.
    That takes a fifth of the time of sorting all.
    """
    slots = (values * np.uint32(2654435761)) >> np.uint32(32 - _SLOTS)
    table = np.zeros(1 << _SLOTS, np.uint32)
    table[slots] = values
    taken = np.zeros(1 << _SLOTS, np.bool_)
    taken[slots] = True
    found = np.flatnonzero(taken)
    number = np.zeros(1 << _SLOTS, np.uint16)
    number[found] = np.arange(len(found))
    which = number[slots].astype(np.int64)
    rest = np.flatnonzero(table[slots] != values)
    others, places = np.unique(values[rest], return_inverse=True)
    which[rest] = len(found) + places
    return np.append(table[found], others), which


def _reduce(colors: Bytes, counts: Whole) -> tuple[Bytes, Whole]:
    """As many of many colors as a palette holds, and for each of the many the index of the one that stands for it.

    Colors are sorted into cells (5 bits a channel); the commonest color of each of the fullest cells is kept.
    """
    wide = colors.astype(np.int64)
    cell = ((wide[:, 0] >> 3) << 15) | ((wide[:, 1] >> 3) << 10) | ((wide[:, 2] >> 3) << 5) | (wide[:, 3] >> 3)
    order = np.lexsort((-counts, cell))
    first = np.append(True, np.diff(cell[order]) != 0)
    champions = order[first]
    weights = np.bincount(np.cumsum(first) - 1, counts[order])
    kept = champions[np.argsort(-weights, kind="stable")[:_COLORS_MOST]]
    # What is seen is color times opacity: two faint colors are alike whatever their hues. Whole numbers of so few
    # digits are added exactly, in any order, so that every machine finds the same.
    opacity = wide[:, 3:]
    seen = np.hstack(((wide[:, :3] * opacity + 127) // 255, opacity)).astype(np.float32)
    return colors[kept], np.concatenate(
        [_nearest(part, seen[kept]) for part in np.split(seen, range(_PART, len(seen), _PART))]
    )


def _nearest(seen: Shades, kept: Shades) -> Whole:
    """For each of some colors the index of the nearest one that is kept.

    What is compared is the square of the distance, less what is the same for all. No matrix product: its threads would
    cost more than they save.
    """
    apart = np.square(kept).sum(axis=1) - 2 * seen[:, :1] * kept[:, 0]
    product = np.empty_like(apart)
    for channel in range(1, 4):
        apart -= np.multiply(2 * seen[:, channel, None], kept[:, channel], out=product)
    return np.asarray(apart.argmin(axis=1))
