"""The kind `episodes`: historical rotations with computed figures; and the model of one episode."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import model_validator

from thesisvault.analytics.episodes import episode_figures
from thesisvault.blocks.chart import ChartFields, draw_request
from thesisvault.blocks.claims import Claim, Verdict, judge
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, Table, head, reason_lines, say
from thesisvault.blocks.core.sides import Side, side_text
from thesisvault.fields import Day, Model, Name, Prose, SpanDays, Word
from thesisvault.language.formats import points
from thesisvault.language.text import Figure, Plain, Text
from thesisvault.scalars import months_before, parse_window


class EpisodeDefinition(Model):
    """One historical rotation."""

    title: Name
    """Its name, such as 2022: the Fed hikes."""
    start: Day
    """The day whose close the rotation is measured from."""
    end: Day | None = None
    """Its last day; left out while it goes on."""
    sell: Side | None = None
    """What was sold."""
    buy: Side | None = None
    """What was bought."""
    type: Name | None = None
    """Its type, such as Growth to value."""
    trigger: Prose | None = None
    """What set it off."""
    what: Prose | None = None
    """What happened, in a few sentences."""
    aftermath: SpanDays = 180
    """Days after the end over which what followed is measured."""
    caption: Prose | None = None
    """Words below its chart."""
    chart: ChartFields | None = None
    """Another chart than buy against sell."""
    claims: tuple[Claim, ...] = ()
    """Moves that were stated about it."""
    no_prices: Prose | None = None
    """Why there are no prices for it, if so."""
    aliases: tuple[Name, ...] = ()
    """Other names."""

    @model_validator(mode="after")
    def _in_order(self) -> EpisodeDefinition:
        if self.end and self.end <= self.start:
            raise ValueError(f"end {self.end} is not after start {self.start}")
        if not self.no_prices and not (self.sell and self.buy):
            raise ValueError("an episode has sell and buy, or no_prices with the reason why it has none")
        return self

    @property
    def window(self) -> str:
        """The window of the episode."""
        return f"{self.start}..{self.end}" if self.end else f"since {self.start}"

    @property
    def months(self) -> str:
        """How long it lasted, in words."""
        if not self.end:
            return "ongoing"
        days = (self.end - self.start).days
        months = round(days / 30.44)
        return f"{months} months" if months != 1 else "1 month"

    def names(self, episode: str) -> Mapping[str, str]:
        """Return what `buy`, `sell` and `over` stand for in it."""
        sides = {
            word: side_series(f"episode:{episode}", word, side)
            for word, side in (("buy", self.buy), ("sell", self.sell))
            if side
        }
        return {**sides, "over": self.window}


def side_series(owner: str, word: str, side: Side) -> str:
    """Return the series behind a side: its single name, or the unnamed basket that carries the owner's id."""
    return side.single or f"{owner}:{word}"


@register("episodes")
class EpisodesBlock(BlockModel):
    """A table of historical rotations, each with chart and stated moves below."""

    of: tuple[Word, ...] = ()
    """Ids of episodes; left out, all of them, newest first."""
    open: Word | None = None
    """The episode whose chart stands open; the others are folded."""

    def episodes(self) -> Iterator[str]:
        """Yield the episodes that are named."""
        yield from self.of
        if self.open:
            yield self.open

    def fill(self, context: Context) -> Filled:
        """Return the table and the details of each episode."""
        everything = context.library.episodes
        ids = self.of or tuple(sorted(everything, key=lambda k: everything[k].start, reverse=True))
        rows, items, shown = [], [], []
        for episode_id in ids:
            episode = everything[episode_id]
            own = context.where(**episode.names(episode_id))
            figures = _figures(episode, own)
            shown += list(figures.values())
            rows.append(_row(episode, figures))
            items.append(_item(episode_id, episode, own, figures, is_open=episode_id == self.open))
        table = Table(head("Period", "Rotation", "Spread", "Length", "What followed", right=[2, 4]), tuple(rows))
        charts = tuple(item["chart"] for item in items if item["chart"])
        lines = (
            say(
                "Spread: total return bought minus sold. What followed: the same over the six months after the end.",
                emphasis=True,
            ),
            *reason_lines(shown),
        )
        return Filled("episodes", {"table": table, "items": tuple(items)}, charts=charts, lines=lines)


def _figures(episode: EpisodeDefinition, context: Context) -> dict[str, Figure]:
    if not (episode.buy and episode.sell):
        return {}
    buy, sell = context.resolve("buy"), context.resolve("sell")
    found = {
        "buy": context.call("ret", buy, episode.window),
        "sell": context.call("ret", sell, episode.window),
        "spread": context.call("spread", buy, sell, episode.window),
    }
    if episode.end:
        after = episode.end + dt.timedelta(days=episode.aftermath)
        if episode.aftermath % 30 == 0:
            after = months_before(episode.end, -(episode.aftermath // 30))
        if after <= context.as_of:
            found["after"] = context.call("spread", buy, sell, parse_window(f"{episode.end}..{after}").text)
    return found


def _row(episode: EpisodeDefinition, figures: Mapping[str, Figure]) -> tuple[Text, ...]:
    period = f"{episode.start:%Y-%m} to {episode.end:%Y-%m}" if episode.end else f"since {episode.start:%Y-%m}"
    spread: Text = (figures["spread"],) if "spread" in figures else say("no prices")
    after: Text = (
        (figures["after"],)
        if "after" in figures
        else say("ongoing" if not episode.end else "no prices" if not figures else "not over")
    )
    return (say(period), say(episode.type or episode.title), spread, say(episode.months), after)


def _item(
    episode_id: str, episode: EpisodeDefinition, context: Context, figures: Mapping[str, Figure], *, is_open: bool
) -> dict[str, Any]:
    chart: ChartRequest | None = None
    missing: Text = context.text(episode.no_prices) if episode.no_prices else ()
    if figures:
        fields = episode.chart or ChartFields.model_validate(
            {"pair": ["buy", "sell"], "over": episode.window, "title": episode.title}
        )
        if fields.over is None:
            fields = fields.model_copy(update={"over": parse_window(episode.window)})
        if fields.name is None:
            fields = fields.model_copy(update={"name": f"episode-{episode_id}"})
        found = draw_request(fields.model_copy(update={"caption": episode.caption or fields.caption}), context)
        if isinstance(found, str):
            missing = say(f"Chart n/a: {found}.", emphasis=True)
        else:
            chart = found
    verdicts = tuple(judge(claim, context) for claim in episode.claims)
    return {
        "id": episode_id,
        "title": say(episode.title),
        "trigger": context.text(episode.trigger) if episode.trigger else (),
        "what": context.text(episode.what) if episode.what else (),
        "sides": (*_sides(episode, context, figures), *_widest(episode, context)),
        "chart": chart,
        "missing": missing,
        "verdicts": verdicts,
        "judged": _judged(verdicts),
        "open": is_open,
    }


def _sides(episode: EpisodeDefinition, context: Context, figures: Mapping[str, Figure]) -> Text:
    """Return `Bought: Energy (XLE) +64.3%. Sold: ...`."""
    words: list[Any] = []
    for label, word, side in (("Bought", "buy", episode.buy), ("Sold", "sell", episode.sell)):
        if side and word in figures:
            held = side_text(context.resolve(word), side.name or "", context)
            words += [Plain(f"{label}: "), *held, Plain(" "), figures[word], Plain(". ")]
    return tuple(words)


def _widest(episode: EpisodeDefinition, context: Context) -> Text:
    """Return when the gap between the sides was widest, where that was not at the end."""
    buy, sell = context.series("buy"), context.series("sell")
    if isinstance(buy, str) or isinstance(sell, str) or not (episode.buy and episode.sell):
        return ()
    end = episode.end or context.as_of
    if end <= episode.start or end > context.as_of:
        return ()
    found = episode_figures(buy.level, sell.level, episode.start, end, as_of=context.as_of)
    if not found.largest_spread_day or found.largest_spread_day == found.last_close:
        return ()
    return (Plain(f"The spread was widest on {found.largest_spread_day}, at {points(found.largest_spread)}."),)


def _judged(verdicts: tuple[Verdict, ...]) -> str:
    confirmed = sum(v.outcome == "confirmed" for v in verdicts)
    return f"{confirmed} of {len(verdicts)} stated moves confirmed" if verdicts else ""
