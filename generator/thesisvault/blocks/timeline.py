"""The kind `timeline`: dated events in the order given."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from thesisvault.blocks.core.block import BlockModel, register
from thesisvault.blocks.core.context import Context
from thesisvault.blocks.core.filled import Filled, Table, head, say, small_lines
from thesisvault.fields import MOST_ROWS, Day, Name, Prose
from thesisvault.language.text import Text
from thesisvault.model import Model
from thesisvault.words import short_day, unbroken


class Event(Model):
    """One event; `on` where the day is known, else `when` in words."""

    on: Day | None = None
    """The day."""
    when: Name | None = None
    """The time in words, such as Late Oct 2025."""
    event: Prose
    """What happened."""

    @model_validator(mode="after")
    def _one_date(self) -> Event:
        if (self.on is None) == (self.when is None):
            raise ValueError("an event has either on (a day) or when (words), not both and not neither")
        return self


@register("timeline")
class TimelineBlock(BlockModel):
    """Dated events as a table."""

    shorthand: ClassVar[str] = "events"
    events: Annotated[tuple[Event, ...], Field(max_length=MOST_ROWS)]
    """The events, oldest first."""

    def fill(self, context: Context) -> Filled:
        """Return the table of events."""
        rows = tuple((_day(each, context), context.text(each.event)) for each in self.events)
        table = Table(head("Date", "Event"), rows)
        return Filled("timeline", {"table": table}, lines=small_lines(rows, bases=False))


def _day(event: Event, context: Context) -> Text:
    return say(unbroken(short_day(event.on, context.as_of))) if event.on else context.text(str(event.when))
