"""The kind `episodes`: historical rotations with computed figures; and the model of one episode."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from msgspec import Struct
from pydantic import model_validator

from thesisvault.analytics.episodes import widest_spread
from thesisvault.analytics.relative import common_rows
from thesisvault.blocks.chart_kinds.pair import PairChart
from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.chart import ChartModel, WindowChart, missing_line
from thesisvault.blocks.core.claims import Claim
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import ChartRequest, Filled, Table, head, reason_lines, say
from thesisvault.blocks.core.judging import Verdict, judge
from thesisvault.blocks.core.sides import Side, side_text
from thesisvault.charts.scales import month_words
from thesisvault.fields import Day, Name, Prose, SpanDays, Word
from thesisvault.language.formats import points
from thesisvault.language.text import Figure, Plain, Text
from thesisvault.model import Model, PartError
from thesisvault.offers import Offers
from thesisvault.scalars import months_before, parse_window
from thesisvault.structs import replace
from thesisvault.words import day_in_words, plural

_MONTH = 30
"""Days of a month in a length of time; whole months are counted by the calendar."""
_MEAN_MONTH = 30.44


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
    chart: ChartModel | None = None
    """Title, headline and marks of its chart, or another kind; a pair shows the sides over the whole episode."""
    claims: tuple[Claim, ...] = ()
    """Moves that were stated about it."""
    no_prices: Prose | None = None
    """Why there are no prices for it, if so."""
    aliases: tuple[Name, ...] = ()
    """Other names."""

    @model_validator(mode="after")
    def _in_order(self) -> EpisodeDefinition:
        if self.end and self.end <= self.start:
            raise PartError(f"end {self.end} is not after start {self.start}", "end")
        if not self.no_prices and not (self.sell and self.buy):
            raise ValueError("an episode has sell and buy, or no_prices with the reason why it has none")
        if isinstance(self.chart, PairChart):
            self._same_as_table(self.chart)
        return self

    def _same_as_table(self, chart: PairChart) -> None:
        """Refuse a pair that would show another spread than the table.

        Raises:
            PartError: It names other sides, or another window.
        """
        sides = {"buy": self.buy, "sell": self.sell}
        meant = tuple(word if side is None else side.single or word for word, side in sides.items())
        if not all(name in (word, of) for name, word, of in zip(chart.pair, sides, meant, strict=True)):
            found = ", ".join(chart.pair)
            raise PartError(f"pair: [{found}] is not what the table compares; write pair: [buy, sell]", "chart", "pair")
        if chart.over and chart.over.text != self.window:
            raise PartError(
                f"over: {chart.over.text} is not the episode, {self.window}; leave over out", "chart", "over"
            )

    @property
    def window(self) -> str:
        """The window of the episode."""
        return f"{self.start}..{self.end}" if self.end else f"since {self.start}"

    @property
    def months(self) -> str:
        """How long it lasted, in words."""
        if not self.end:
            return "ongoing"
        return plural(round((self.end - self.start).days / _MEAN_MONTH), "month")

    @property
    def aftermath_words(self) -> str:
        """How long what followed is measured, in words."""
        months, days = divmod(self.aftermath, _MONTH)
        return plural(self.aftermath, "day") if days else plural(months, "month")

    @property
    def aftermath_end(self) -> dt.date | None:
        """The last day of what followed; None while the episode goes on."""
        if not self.end:
            return None
        months, days = divmod(self.aftermath, _MONTH)
        return self.end + dt.timedelta(days=self.aftermath) if days else months_before(self.end, -months)

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


class EpisodeItem(Struct, frozen=True):
    """What stands below the table about one episode.

    Attributes:
        title: Its name.
        trigger: What set it off.
        what: What happened.
        sides: What was bought and sold, with their returns, and when the gap was widest.
        chart: Its chart, if it can be drawn.
        missing: Why there is none.
        verdicts: What became of the moves that were stated about it.
        judged: How many of them are confirmed, in words.
        open: Whether it stands open.
    """

    title: Text
    trigger: Text
    what: Text
    sides: Text
    chart: ChartRequest | None
    missing: Text
    verdicts: tuple[Verdict, ...]
    judged: str
    open: bool


@register("episodes")
class EpisodesBlock(BlockModel):
    """A table of historical rotations, each with chart and stated moves below."""

    of: tuple[Annotated[Word, Offers("episodes")], ...] = ()
    """Ids of episodes; left out, all of them, newest first."""
    open: Annotated[Word, Offers("episodes")] | None = None
    """The episode whose chart stands open; the others are folded."""

    def episodes(self) -> Iterator[str]:
        """Yield the episodes that are named."""
        yield from self.of
        if self.open:
            yield self.open

    def fill(self, context: Context) -> Filled:
        """Return the table and the details of each episode."""
        everything: Mapping[str, EpisodeDefinition] = context.library.episodes
        ids = self.of or tuple(sorted(everything, key=lambda k: everything[k].start, reverse=True))
        rows: list[tuple[Text, ...]] = []
        items: list[EpisodeItem] = []
        shown: list[Figure] = []
        for episode_id in ids:
            episode = everything[episode_id]
            own = _inside(episode_id, episode, context)
            figures = _figures(episode, own)
            shown += figures.values()
            rows.append(_row(episode, figures))
            items.append(_item(episode_id, episode, own, figures, is_open=episode_id == self.open))
        table = Table(head("Period", "Rotation", "Spread", "Length", "What followed", right=[2, 4]), tuple(rows))
        charts = tuple(item.chart for item in items if item.chart)
        words = f"Spread: total return, long minus short.{_what_followed([everything[each] for each in ids])}"
        lines = (say(words, emphasis=True), *reason_lines(shown))
        return Filled("episodes", {"table": table, "items": tuple(items)}, charts=charts, lines=lines)


def _inside(episode_id: str, episode: EpisodeDefinition, context: Context) -> Context:
    """Return the context of an episode: its sides, what they are called, and its window."""
    named = {word: side.name for word, side in (("buy", episode.buy), ("sell", episode.sell)) if side and side.name}
    return replace(context.where(**context.library.episode_names(episode_id)), called=named)


def _figures(episode: EpisodeDefinition, context: Context) -> dict[str, Figure]:
    if not (episode.buy and episode.sell):
        return {}
    buy, sell = context.resolve("buy"), context.resolve("sell")
    found = {
        "buy": context.call("ret", buy, episode.window),
        "sell": context.call("ret", sell, episode.window),
        "spread": context.call("spread", buy, sell, episode.window),
    }
    after = episode.aftermath_end
    if after and after <= context.as_of:
        found["after"] = context.call("spread", buy, sell, f"{episode.end}..{after}")
    return found


def _what_followed(episodes: Sequence[EpisodeDefinition]) -> str:
    """Return the sentence that says over how long what followed is measured; the commonest length comes first."""
    lengths: dict[str, list[str]] = {}
    for episode in episodes:
        if episode.end and episode.buy and episode.sell:
            lengths.setdefault(episode.aftermath_words, []).append(episode.title)
    if not lengths:
        return ""
    first, *others = sorted(lengths, key=lambda length: -len(lengths[length]))
    rest = "".join(f"; {length} after {', '.join(lengths[length])}" for length in others)
    return f" What followed: the same over the {first} after the end{rest}."


def _row(episode: EpisodeDefinition, figures: Mapping[str, Figure]) -> tuple[Text, ...]:
    start, end = (month_words(day) if day else "" for day in (episode.start, episode.end))
    period = f"{start} to {end}" if end else f"since {start}"
    spread: Text = (figures["spread"],) if "spread" in figures else say("no prices")
    after: Text = (
        (figures["after"],)
        if "after" in figures
        else say("ongoing" if not episode.end else "no prices" if not figures else "not over")
    )
    return (say(period), say(episode.type or episode.title), spread, say(episode.months), after)


def _item(
    episode_id: str, episode: EpisodeDefinition, context: Context, figures: Mapping[str, Figure], *, is_open: bool
) -> EpisodeItem:
    chart: ChartRequest | None = None
    missing: Text = context.text(episode.no_prices) if episode.no_prices else ()
    if figures:
        found = _chart(episode_id, episode).request(context)
        if isinstance(found, str):
            missing = missing_line(found)
        else:
            chart = found
    verdicts = tuple(judge(claim, context) for claim in episode.claims)
    return EpisodeItem(
        title=say(episode.title),
        trigger=context.text(episode.trigger) if episode.trigger else (),
        what=context.text(episode.what) if episode.what else (),
        sides=(*_sides(episode, context, figures), *_widest(episode, context)),
        chart=chart,
        missing=missing,
        verdicts=verdicts,
        judged=_judged(verdicts),
        open=is_open,
    )


def _chart(episode_id: str, episode: EpisodeDefinition) -> ChartModel:
    """Return the chart of an episode: its own, else both sides over the episode."""
    chart = episode.chart or PairChart.model_validate({"pair": ["buy", "sell"], "over": episode.window})
    left_out: dict[str, Any] = {"name": chart.name or f"episode-{episode_id}"}
    left_out["caption"] = episode.caption or chart.caption
    if isinstance(chart, WindowChart):
        left_out["over"] = chart.over or parse_window(episode.window)
    return chart.model_copy(update=left_out)


def _sides(episode: EpisodeDefinition, context: Context, figures: Mapping[str, Figure]) -> Text:
    """Return `Long: Energy (XLE) +64.3%. Short: ...`."""
    words: list[Any] = []
    for label, word, side in (("Long", "buy", episode.buy), ("Short", "sell", episode.sell)):
        if side and word in figures:
            holding = side_text(context.resolve(word), side.name or "", context)
            words += [Plain(f"{label}: "), *holding, Plain(" "), figures[word], Plain(". ")]
    return tuple(words)


def _widest(episode: EpisodeDefinition, context: Context) -> Text:
    """Return when the gap between the sides was widest, where that was not at the end."""
    buy, sell = context.series("buy"), context.series("sell")
    if isinstance(buy, str) or isinstance(sell, str) or not (episode.buy and episode.sell):
        return ()
    end = episode.end or context.as_of
    if end <= episode.start or end > context.as_of:
        return ()
    rows, others = common_rows(buy.levels.days, sell.levels.days)
    long, short = buy.levels.values[rows], sell.levels.values[others]
    found = widest_spread(buy.levels.days[rows], long, short, episode.start, end, as_of=context.as_of)
    if found is None or found.day == found.last_close:
        return ()
    return (Plain(f"The spread was widest on {day_in_words(found.day)}, at {points(found.spread)}."),)


def _judged(verdicts: tuple[Verdict, ...]) -> str:
    confirmed = sum(v.outcome == "confirmed" for v in verdicts)
    return f"{confirmed} of {plural(len(verdicts), 'claim')} confirmed" if verdicts else ""
