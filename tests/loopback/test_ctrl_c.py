"""Ctrl-C in a real refresh from the imitation of Yahoo: a process of its own, and real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.loopback import faults, fifty
from tests.loopback.fifty import SYMBOLS, stored
from tests.stories.workspaces import COMMAND, unmeasured

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C reaches a whole console there")


@pytest.fixture
def folder(exchange, tmp_path):
    """A new workspace, and the market on Friday evening."""
    exchange.moment, exchange.listings = fifty.evening(fifty.LAST), fifty.market()
    made = fifty.make(tmp_path / "new")
    fifty.change(made, pause="100ms", timeout="20s")
    return made


def interrupted(folder, when: Callable[[], bool], presses: int, gap: float) -> tuple[int, str]:
    """Press Ctrl-C some times in a refresh, from when something is so; return how it ended and what it said."""
    with subprocess.Popen(
        [*COMMAND, "refresh", "-w", folder],
        env=unmeasured(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # What a shell starts in the background ignores Ctrl-C, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as running:
        until = time.monotonic() + 300
        while not when() and running.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        for _ in range(presses):
            if running.poll() is None:
                running.send_signal(signal.SIGINT)
                time.sleep(gap)
        said, _ = running.communicate(timeout=300)
    return running.returncode, said


@pytest.mark.parametrize(("presses", "gap"), [(1, 0.0), (2, 0.0), (2, 0.02), (20, 0.002)])
def test_ctrl_c_loses_nothing_that_was_fetched(exchange, folder, presses, gap):
    status, said = interrupted(folder, lambda: exchange.count() >= 8, presses, gap)
    assert (status, said) == (130, "interrupted; what was written is whole, the rest is as it was.\n")
    asked = [symbol for symbol in SYMBOLS if exchange.count(symbol)]
    assert len(asked) >= 8
    # Of the last one the answer may not have arrived.
    fifty.assert_whole(folder, exchange, asked[:-1])
    assert fifty.is_sound(folder)
    assert not any(stored(folder, symbol) for symbol in SYMBOLS if symbol not in asked)


@pytest.mark.parametrize("fault", [faults.HANG, 429], ids=["an answer", "a source that refuses"])
def test_ctrl_c_ends_a_wait_for(exchange, folder, fault):
    exchange.refuse(fault, SYMBOLS[5])
    requests = 1 if fault is faults.HANG else 2  # yfinance asks again where it is refused
    status, said = interrupted(folder, lambda: exchange.count(SYMBOLS[5]) >= requests, 2, 0.05)
    assert (status, said) == (130, "interrupted; what was written is whole, the rest is as it was.\n")
    fifty.assert_whole(folder, exchange, SYMBOLS[:5])
    assert exchange.count(SYMBOLS[6]) == 0
