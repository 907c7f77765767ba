"""What the home note says of scheduled runs: that the last one failed and why, and how far the last good one reached.

It says nothing before the first run, so that a vault that is only ever built, and a clean copy of it, read alike.
"""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from thesisvault.language.text import Plain, Text
from thesisvault.runs.log import CUT
from thesisvault.runs.result import RunResults
from thesisvault.words import day_in_words

INTERRUPTED = 130
"""The exit status of a run that a person stopped: that is no failure to tell."""
_LONGEST = 300


class LastRun(Struct, frozen=True):
    """How the last runs ended, as far as the home note says it.

    Attributes:
        failed: When and why the last run failed; empty if it did not.
        failed_title: The title of that.
        good: How far the last good run reached; empty if there was none, or that is not known.
    """

    failed: Text = ()
    failed_title: str = ""
    good: Text = ()


def last_run(results: RunResults) -> LastRun | None:
    """Return what is to be said of the last runs; None if there is nothing to say.

    Args:
        results: What is known of them. No run is at work: one that is under way was cut off.
    """
    last, good = results.last, results.last_good
    reached = reached_by(good.as_of) if good and good.as_of else None
    known = f" The last good run had prices up to {day_in_words(good.as_of)}." if good and good.as_of else ""
    if results.under_way:
        said = f"{_moment(results.under_way)}: it {CUT}.{known}"
        return LastRun((Plain(said),), "The last run did not end", reached.good if reached else ())
    if last is None or last.is_good or last.status == INTERRUPTED:
        return reached
    why = " ".join((last.wrong[0] if last.wrong else last.said).split()).removeprefix("error: ")
    why = why if len(why) <= _LONGEST else f"{why[:_LONGEST]}…"
    ended = "" if why.endswith((".", "!", "?", "…")) else "."
    said = f"{_moment(last.ended)}: {why or 'no reason is known'}{ended}{known}"
    return LastRun((Plain(said),), "The last run failed", reached.good if reached else ())


def reached_by(day: dt.date) -> LastRun:
    """Return what is to be said after a good run with prices up to a day."""
    return LastRun(good=(Plain(f"Last good run: prices up to {day_in_words(day)}.", emphasis=True),))


def _moment(at: dt.datetime) -> str:
    utc = at.astimezone(dt.UTC)
    return f"{day_in_words(utc.date())}, {utc:%H:%M} UTC"
