"""The kind `changes`: what is different since the session before."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np

from thesisvault.analytics.bounds import day_of
from thesisvault.analytics.kernels import deviation, growth
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, say
from thesisvault.blocks.core.judging import judge, judging_day
from thesisvault.blocks.core.signals import holds_now
from thesisvault.fields import Between, Integer, SeriesName, Word
from thesisvault.language.formats import pct
from thesisvault.language.text import Mention, Part, Plain, Text
from thesisvault.offers import Offers
from thesisvault.words import short_day

_USUAL = 60
"""Sessions before the last whose moves are called usual."""
_LARGE = 2.0
"""How many times its usual move makes a move large."""
_USUAL_SAID = f"Usual: the standard deviation of the {_USUAL} sessions before."
SINCE_BEFORE = "Since the session before"
"""The heading of what changed where no day is known, and its name where it must not change from day to day."""
_ONE_WEEK = 6
"""Up to so many days ago a weekday says which day is meant."""
_TURNS: dict[tuple[bool, bool | None], str] = {
    (True, True): "Triggered",
    (True, False): "Clear again",
    (False, True): "Now",
    (False, False): "No longer",
    (True, None): "Unknown now",
    (False, None): "Unknown now",
}
"""What is said of a signal by whether it ends a thesis and whether it holds now."""


@register("changes")
class ChangesBlock(BlockModel):
    """Signals that changed, exit signals that were triggered, verdicts that changed, and large moves."""

    of: tuple[SeriesName, ...] = ()
    """Tickers whose moves are looked at."""
    theses: tuple[Annotated[Word, Offers("theses")], ...] = ()
    """Definitions whose signals are looked at; left out, all of them."""
    top: Annotated[Integer, Between(0, 100)] = 5
    """How many moves are shown at most."""

    def series(self) -> Iterator[str]:
        """Yield the names whose moves are looked at."""
        yield from self.of

    def definitions(self) -> Iterator[str]:
        """Yield the definitions that are named."""
        yield from self.theses

    def fill(self, context: Context) -> Filled:
        """Return what turned and the largest moves; if there is nothing, one line says so."""
        before = session_before(context)
        if before is None:
            return Filled("changes", {"since": None})
        owners = [context.library.definitions[each] for each in self.theses] or list(
            context.library.definitions.values()
        )
        rows: list[Text] = []
        for owner in owners:
            rows += _flips(owner, context, before)
            rows += _verdicts(owner, context, before)
        if moves := _moves(context, [context.resolve(name) for name in self.of], self.top):
            rows.append(moves)
        lines = (say(_USUAL_SAID, emphasis=True),) if moves else ()
        return Filled("changes", {"rows": tuple(rows), "since": before}, lines=lines)


def since_words(before: dt.date, now: dt.date) -> str:
    """Return since when something is told, for a heading: the weekday of the session before, or its day.

    Args:
        before: The session before.
        now: The last day of data.

    >>> since_words(dt.date(2026, 2, 26), dt.date(2026, 2, 27)), since_words(dt.date(2026, 2, 17), dt.date(2026, 2, 27))
    ('Since Thursday', 'Since 17 Feb')
    """
    return f"Since {f'{before:%A}' if (now - before).days <= _ONE_WEEK else short_day(before, now)}"


def session_before(context: Context) -> dt.date | None:
    """Return the session before the newest one of the benchmark, or None without prices."""
    return _session(context, 2)


def newest_session(context: Context) -> dt.date:
    """Return the newest session of the benchmark, which a holiday or a weekend is not; the last day without prices."""
    return _session(context, 1) or context.as_of


def _session(context: Context, back: int) -> dt.date | None:
    view = context.series("benchmark")
    if isinstance(view, str) or len(view.levels) < back:
        return None
    return day_of(int(view.levels.days[-back]))


def _flips(owner: Any, context: Context, before: dt.date) -> list[Text]:
    own = context.for_definition(owner)
    earlier = own.frozen(before)
    found: list[Text] = []
    for signal in owner.model.signals:
        old, new = holds_now(signal, earlier), holds_now(signal, own)
        if old != new:
            word = _TURNS[signal.kills, new]
            found.append((Plain(f"{word}:", strong=True), Plain(f" {signal.name}"), *_in(owner, context)))
    return found


def _in(owner: Any, context: Context) -> Text:
    """Return the note that a change belongs to, in brackets; nothing within that note."""
    return () if owner is context.definition else (Plain(" ("), Mention(owner.model.title, title=True), Plain(")"))


def _verdicts(owner: Any, context: Context, before: dt.date) -> list[Text]:
    """Return the claims without a day of their own whose verdict is another than at the session before."""
    own = context.for_definition(owner)
    found: list[Text] = []
    for claim in owner.model.claims:
        if claim.on is not None or judging_day(own, claim.on, claim.source) != own.as_of:
            continue
        old, new = judge(claim, own.frozen(before)), judge(claim, own)
        if old.outcome != new.outcome:
            word = Plain(f"Now {new.outcome}:", strong=True)
            found.append((word, Plain(" "), *new.says, Plain(f", was {old.outcome}"), *_in(owner, context)))
    return found


def _moves(context: Context, names: list[str], top: int) -> Text:
    """Return the largest moves for their series as one line; nothing if none is large."""
    measured: list[tuple[float, str, float]] = []
    for name in names:
        view = context.series(name)
        if isinstance(view, str) or view.is_stale or len(view.levels) < _USUAL + 2:
            continue
        newest = view.levels.values[-_USUAL - 2 :]
        daily = growth(newest[1:], newest[:-1])
        move, before = float(daily[-1]), daily[:-1]
        before = before[~np.isnan(before)]
        every = np.array([0]), np.array([len(before) - 1])
        usual = float(deviation(before, *every)[0])
        if math.isfinite(move) and usual > 0:
            measured.append((move / usual, name, move))
    measured.sort(key=lambda m: (-abs(m[0]), m[1]))
    parts: list[Part] = []
    for sigma, name, move in measured[:top]:
        if abs(sigma) >= _LARGE:
            usually = f"{abs(sigma):.1f} × usual" if not parts else f"{abs(sigma):.1f} ×"
            parts += [Plain(", ")] if parts else [Plain("Large moves:", strong=True), Plain(" ")]
            parts += [Mention(name, context.label(name)), Plain(f" {pct(move)} ({usually})")]
    return tuple(parts)
