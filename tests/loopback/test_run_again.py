"""A source that refuses: the run says from when on it asks again, and a good one forgets that."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.loopback.exchange import Exchange
from tests.loopback.test_sixty_evenings import EVENINGS, listings, run, workspace
from thesisvault.runs.result import recall
from thesisvault.workspace import workspace_at

pytestmark = pytest.mark.usefixtures("new_client")


def test_a_refusal_is_waited_for_longer_each_time_and_forgotten_once_it_is_over(
    exchange: Exchange, tmp_path: Path
) -> None:
    exchange.admit(*listings())
    root = workspace(tmp_path / "ws")
    assert run(root, exchange, EVENINGS[0]).status == 0
    for minutes, day in ((15, EVENINGS[1]), (30, EVENINGS[2])):
        exchange.refuse(429)
        assert run(root, exchange, day).status == 5
        last = recall(workspace_at(root)).last
        assert last is not None
        assert last.again_at is not None
        assert last.again_at - last.ended == dt.timedelta(minutes=minutes)
    exchange.mend()
    assert run(root, exchange, EVENINGS[2]).status == 0
    last = recall(workspace_at(root)).last
    assert last is not None
    assert (last.again_at, last.refusals) == (None, 0)
