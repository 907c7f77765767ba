"""Words that keep out of each other's way: end labels in a column, names around heads, titles in rows.

Pure geometry in pixels, y upwards. Nothing is random: the same words and places give the same layout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from thesisvault.charts.png import Truths, Whole
from thesisvault.charts.series import Floats

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
Measure = Callable[[str], float]

_AWAY = np.array((16.0, 24.0, 38.0, 58.0, 84.0, 116.0, 155.0))
_ACROSS, _UP = (np.array([float(turn(k * np.pi / 8)) for k in range(16)]) for turn in (np.cos, np.sin))
"""How far from a head a name may stand, and in which directions."""
_CLASH = 1e6
"""What it costs when two names overlap: more than anything else together."""


class Box(NamedTuple):
    """A rectangle in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlaps(self, other: Box, gap: float = 0.0) -> bool:
        """Return whether two boxes come closer than `gap`; touching edges do not overlap."""
        return (
            self.x0 < other.x1 + gap
            and other.x0 < self.x1 + gap
            and self.y0 < other.y1 + gap
            and other.y0 < self.y1 + gap
        )


def spread(centers: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Return centers that keep their order, do not overlap, stay between low and high, and moved as little as can be.

    Of equal ones the first comes out highest.

    Isotonic regression by pooling adjacent violators (least squares), then clipped to the room.

    Raises:
        ValueError: The room is too small for all of them.

    >>> spread([10, 10], [4, 4], 0, 20)
    [12.0, 8.0]
    """
    if sum(sizes) > high - low + 1e-6:
        raise ValueError(f"{len(sizes)} labels need {sum(sizes):.0f} pixels; there are {high - low:.0f}")
    if not sizes:
        return []
    order = sorted(range(len(centers)), key=lambda i: (centers[i], -i))
    offsets, reach = [], 0.0
    for i in order:
        offsets.append(reach + sizes[i] / 2)
        reach += sizes[i]
    pools: list[list[float]] = []
    for k, i in enumerate(order):
        pools.append([centers[i] - offsets[k], 1.0])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, count = pools.pop()
            before = pools[-1]
            before[0] = (before[0] * before[1] + mean * count) / (before[1] + count)
            before[1] += count
    starts = [mean for mean, count in pools for _ in range(int(count))]
    placed = [0.0] * len(order)
    for k, i in enumerate(order):
        placed[i] = min(max(starts[k], low), high - reach) + offsets[k]
    return placed


def shorten(text: str, room: float, measure: Measure) -> str:
    """Return the text, or as much of its beginning as fits with an ellipsis."""
    if measure(text) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle].rstrip() + ELLIPSIS) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def wrap(text: str, room: float, measure: Measure) -> list[str]:
    """Return the text on one row, or on two of like width broken between words; what does not fit gets an ellipsis.

    >>> wrap("one two three four", 10, len)
    ['one two', 'three four']
    """
    words = text.split()
    if measure(" ".join(words)) <= room or len(words) < 2:
        return [shorten(" ".join(words), room, measure)] if words else []
    pairs = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    fitting = [pair for pair in pairs if max(map(measure, pair)) <= room]
    if fitting:
        return list(min(fitting, key=lambda pair: max(map(measure, pair))))
    longest = max((pair for pair in pairs if measure(pair[0]) <= room), key=lambda pair: len(pair[0]), default=pairs[0])
    return [shorten(row, room, measure) for row in longest]


def _candidates(head: tuple[float, float], width: float, height: float, room: Box) -> tuple[Floats, Floats]:
    """Boxes around a head, near ones in sixteen directions and far ones on a grid, and what their distance costs."""
    x, y = head
    away, across, up = (part.ravel() for part in np.broadcast_arrays(_AWAY[:, None], _ACROSS, _UP))
    near = x + across * (away + width / 2), y + up * (away + height / 2)
    columns = np.linspace(room.x0 + width / 2, room.x1 - width / 2, 12)
    rows = np.linspace(room.y0 + height / 2, room.y1 - height / 2, 24)
    far = np.repeat(columns, len(rows)), np.tile(rows, len(columns))
    cx, cy = (np.concatenate(both) for both in zip(near, far, strict=True))
    costs = away - 16 + 4 * (1 - across) + 3 * np.abs(up), 150.0 + np.hypot(far[0] - x, far[1] - y)
    return np.column_stack((cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)), np.concatenate(costs)


def _hits(boxes: Floats, others: Floats, gap: float) -> Truths:
    """Whether each box (rows) comes closer than `gap` to each other box (columns)."""
    a, b = boxes[:, None, :], others[None, :, :]
    return (
        (a[..., 0] < b[..., 2] + gap)
        & (b[..., 0] < a[..., 2] + gap)
        & (a[..., 1] < b[..., 3] + gap)
        & (b[..., 1] < a[..., 3] + gap)
    )


def place(
    heads: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    room: Box,
    taken: Sequence[Box],
    ink: Floats,
    gap: float = 6.0,
) -> list[Box]:
    """Return a box for the name of each head: none overlaps another or what is taken, none leaves the room.

    Each name in turn moves to the place that costs least given all others, until nothing moves; far places, ink
    underneath and places off to the left cost. Several orders are tried and the cheapest outcome is kept.

    Args:
        heads: Centers of the heads.
        sizes: Width and height of each name.
        room: Where names may stand.
        taken: Boxes that no name may touch.
        ink: Points (rows of x and y) that names should rather not cover.
        gap: Least distance between two names.

    Raises:
        ValueError: There is no room for all names.
    """
    found = [_allowed(head, size, room, taken, ink) for head, size in zip(heads, sizes, strict=True)]
    count = len(found)
    crowd = _Crowd(found, gap)
    least, best = np.inf, [0] * count
    for shift in range(min(count, 4)):
        chosen = [int(costs.argmin()) for _, _, costs in found]
        for _ in range(12):
            before = list(chosen)
            for i in [(k + shift) % count for k in range(count)]:
                chosen[i] = int(crowd.costs(chosen, i).argmin())
            if chosen == before:
                break
        total = sum(float(crowd.costs(chosen, i)[chosen[i]]) for i in range(count))
        if total < least:
            least, best = total, chosen
    if least >= _CLASH:
        raise ValueError(f"there is no room for {count} names")
    return [Box(*map(float, boxes[k])) for (boxes, _, _), k in zip(found, best, strict=True)]


def _allowed(
    head: tuple[float, float], size: tuple[float, float], room: Box, taken: Sequence[Box], ink: Floats
) -> tuple[Floats, Floats, Floats]:
    """The boxes that a name may have, points along the tie from its head to each, and what each costs by itself."""
    boxes, costs = _candidates(head, *size, room)
    inside = (boxes[:, 0] >= room.x0) & (boxes[:, 1] >= room.y0) & (boxes[:, 2] <= room.x1) & (boxes[:, 3] <= room.y1)
    if taken:
        inside &= ~_hits(boxes, np.array(taken), 2.0).any(axis=1)
    boxes, costs = boxes[inside], costs[inside]
    if not len(costs):
        raise ValueError("there is no room for a name")
    if len(ink):
        costs = costs + 9.0 * _hits(boxes, np.column_stack((ink, ink)), 3.0).sum(axis=1)
    ends = np.column_stack((np.clip(head[0], boxes[:, 0], boxes[:, 2]), np.clip(head[1], boxes[:, 1], boxes[:, 3])))
    share = np.linspace(0.0, 1.0, 8)[None, :, None]
    ties = np.array(head) + (ends[:, None, :] - np.array(head)) * share
    return boxes, ties, costs


class _Crowd:
    """What names cost each other; what a place of one costs the others is worked out once.

    Args:
        found: For each name its boxes, the points of the ties to them, and what each costs by itself.
        gap: Least distance between two names.
    """

    def __init__(self, found: Sequence[tuple[Floats, Floats, Floats]], gap: float) -> None:
        self._found, self._gap = found, gap
        self._dots = [np.column_stack((flat, flat)) for flat in (ties.reshape(-1, 2) for _, ties, _ in found)]
        self._known: dict[tuple[int, int, int], tuple[Truths, Truths, Whole]] = {}

    def costs(self, chosen: Sequence[int], i: int) -> Floats:
        """Return what each place of name i costs, given the places of all others: overlaps, ties that cross names."""
        costs = self._found[i][2]
        others = [self._by(i, j, k) for j, k in enumerate(chosen) if j != i]
        if not others:
            return costs
        overlaps = np.sum([hits for hits, _, _ in others], axis=0)
        mine = np.logical_or.reduce([hits for _, hits, _ in others]).reshape(len(costs), -1).sum(axis=1)
        theirs = np.sum([hits for _, _, hits in others], axis=0)
        return np.asarray(costs + _CLASH * overlaps + 60.0 * (mine + theirs))

    def _by(self, i: int, j: int, k: int) -> tuple[Truths, Truths, Whole]:
        """Which boxes of name i, and which points of their ties, name j at its place k hits; and how often its tie."""
        if (i, j, k) not in self._known:
            boxes, name, tie = self._found[i][0], self._found[j][0][k][None], self._found[j][1][k]
            self._known[i, j, k] = (
                _hits(boxes, name, self._gap)[:, 0],
                _hits(self._dots[i], name, 2.0)[:, 0],
                _hits(boxes, np.column_stack((tie, tie)), 2.0).sum(axis=1),
            )
        return self._known[i, j, k]
