"""What happened between two runs, also where the one before was of an earlier version."""

from __future__ import annotations

from thesisvault.runs.events import events_between

TITLES = {"one": "One"}


def says(before: dict[str, str], now: dict[str, str]) -> list[str]:
    return [each.says for each in events_between({"one": before}, {"one": now}, TITLES)]


def test_a_state_that_an_earlier_version_called_otherwise_is_no_event() -> None:
    before = {
        "kill: Trend": "tripped",
        "kill: Credit": "not tripped",
        "claim: Up 5%": "off",
        "claim: A day": "confirmed",
    }
    now = {"kill: Trend": "triggered", "kill: Credit": "clear", "claim: Up 5%": "near", "claim: A day": "confirmed"}
    assert says(before, now) == []


def test_a_state_that_changed_since_an_earlier_version_is_told_in_the_words_of_now() -> None:
    assert says({"kill: Trend": "not tripped"}, {"kill: Trend": "triggered"}) == [
        'One: the exit signal "Trend" went from clear to triggered.'
    ]
    assert says({"claim: Up 5%": "off"}, {"claim: Up 5%": "contradicted"}) == [
        'One: "Up 5%" was near, is contradicted.'
    ]
