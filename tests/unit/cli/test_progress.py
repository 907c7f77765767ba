"""What somebody sees of long work."""

from __future__ import annotations

import contextlib
import os
import sys

import pytest

from thesisvault.cli.progress import Lines, progress_bar


def test_where_there_is_no_terminal_a_line_comes_every_half_minute() -> None:
    now, lines = [0.0], []
    told = Lines(lines.append, clock=lambda: now[0])
    for second in range(0, 100, 5):
        now[0] = second
        told("prices", second, 212, "XLE, 200 left, about 2 min" if second < 60 else "")
    assert lines == [
        "prices: 30 of 212; XLE, 200 left, about 2 min",
        "prices: 60 of 212",
        "prices: 90 of 212",
    ]


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
def test_a_terminal_shows_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    import pty

    leader, follower = pty.openpty()
    with os.fdopen(follower, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("COLUMNS", "120")
        monkeypatch.setenv("TERM", "xterm")
        with progress_bar() as told:
            told("prices", 12, 212, "XLE, 200 left; waiting 16 s: Yahoo refuses for now [sic]")
            told("prices", 13, 212, "")
    shown = b""
    with contextlib.suppress(OSError):  # which is how a terminal that nobody writes to ends
        while chunk := os.read(leader, 4096):
            shown += chunk
    os.close(leader)
    assert b"13/212" in shown
    assert b"XLE, 200 left; waiting 16 s: Yahoo refuses for now [sic]" in shown
