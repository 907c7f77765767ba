"""Ctrl-C during a refresh: pressed once, twice, and at the worst moments."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext

import pytest

from tests.unit.market.samples import bars
from thesisvault import interrupts
from thesisvault.interrupts import Interrupts, ended_by_others, heard, pressable
from thesisvault.market.records import Instrument
from thesisvault.market.refresh.pace import Limits, Pace
from thesisvault.market.refresh.refresh import refresh
from thesisvault.market.store.store import Store

FRIDAY = dt.date(2026, 2, 27)
EVENING = dt.datetime(2026, 2, 27, 22, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def plain_handler():
    """Python's own handler, which a shell that starts the tests in the background has kept from being there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "store.sqlite") as opened:
        yield opened


def press():
    signal.raise_signal(signal.SIGINT)


class Source:
    """A source that has everything."""

    basis = "split_adjusted"

    def __init__(self, name="source", remote=True, hook=lambda _name: None):
        self.name = self.label = name
        self.remote, self.hook = remote, hook

    def fetch(self, instrument, *_):
        self.hook(instrument.ticker)
        return bars({FRIDAY: 10.0}, dividends=())


def run(store, *sources, **more):
    more.setdefault("pace", Pace(Limits(pause=0)))
    wanted = [Instrument(name, name, "stock") for name in "ABCDE"]
    return refresh(store, wanted, sources, end=FRIDAY, now=EVENING, **more)


def stored(store):
    return "".join(sorted(store.feeds()))


def test_ctrl_c_while_an_answer_is_judged_ends_the_run_after_it_is_stored(store):
    # A file is read in the main thread, where Ctrl-C would break off whatever goes on.
    source = Source(remote=False, hook=lambda name: press() if name == "C" else None)
    with pytest.raises(KeyboardInterrupt):
        run(store, source)
    assert stored(store) == "ABC"


def test_ctrl_c_while_bars_are_written_loses_none_however_often_it_is_pressed(store, monkeypatch):
    merge = store.merge

    def pressing(*args, **more):
        press()
        press()
        merge(*args, **more)

    monkeypatch.setattr(store, "merge", pressing)
    source = Source(remote=False, hook=lambda name: press() if name == "D" else None)
    with pytest.raises(KeyboardInterrupt):
        run(store, source)
    assert stored(store) == "ABCD"


def test_ctrl_c_while_all_is_being_written_at_the_end_is_not_forgotten(store, monkeypatch):
    merge = store.merge
    monkeypatch.setattr(store, "merge", lambda *args, **more: (press(), merge(*args, **more)))
    with pytest.raises(KeyboardInterrupt):
        run(store, Source())
    assert stored(store) == "ABCDE"


def test_ctrl_c_ends_a_wait_and_a_second_one_disturbs_nothing(store):
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            press()

    now = [0.0]
    pace = Pace(Limits(pause=1), clock=lambda: now[0], sleep=sleep, chance=lambda: 0.5)
    with pytest.raises(KeyboardInterrupt):
        run(store, Source(), pace=pace)
    assert (stored(store), len(waits)) == ("AB", 2)


def test_ctrl_c_ends_the_wait_for_an_answer_and_keeps_what_another_source_gave(store):
    let_go = threading.Event()

    def hang(name):
        if name == "B":
            threading.Timer(0.2, press_main).start()
            let_go.wait(20)

    def press_main():
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    class Blind(Source):
        """Gives no dividends, so that the next source is asked as well."""

        def fetch(self, *_):
            return bars({FRIDAY: 10.0})

    with pytest.raises(KeyboardInterrupt):
        run(store, Blind("blind"), Source(hook=hang))
    let_go.set()
    assert stored(store) == "AB"


def test_the_handler_is_what_it_was_afterwards(store):
    run(store, Source())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        run(store, Source(remote=False, hook=lambda _name: press()), insist=True)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_whoever_handles_or_ignores_the_signal_already_goes_on_doing_so():
    pressed = []

    def own(*_):
        pressed.append(True)

    for handler in (own, signal.SIG_IGN):
        signal.signal(signal.SIGINT, handler)
        with Interrupts() as interrupts:
            press()
            interrupts.check()
        assert signal.getsignal(signal.SIGINT) is handler
    assert pressed == [True]


def test_in_another_thread_nothing_is_held_back():
    ended = []

    def work():
        with Interrupts() as interrupts, interrupts.allowed():
            ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [True]


class Finalized:
    """Something in whose finalizer Ctrl-C is pressed."""

    def __del__(self):
        press()


def test_a_press_that_falls_into_a_finalizer_is_delivered_again_and_in_silence(capfd):
    def work():
        with heard():
            Finalized()
            time.sleep(30)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert capfd.readouterr() == ("", "")


def test_a_press_in_a_finalizer_also_ends_a_wait_that_is_allowed(capfd):
    def work():
        with heard(), Interrupts() as interrupts, interrupts.allowed():
            Finalized()
            time.sleep(30)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="nobody sends signals there")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
def test_who_ends_a_process_that_ignores_ctrl_c_is_heard_in_a_finalizer_too(capfd, number):
    """So a shell starts what it starts in the background."""

    class Ended:
        def __del__(self):
            signal.pthread_kill(threading.main_thread().ident, signal.Signals[number])

    def work():
        with heard(), ended_by_others():
            Ended()
            time.sleep(30)

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    own = signal.signal(signal.Signals[number], signal.SIG_DFL)  # who starts the tests may have it ignored
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.Signals[number], own)
    assert capfd.readouterr() == ("", "")


def test_another_press_does_not_disturb_what_the_first_one_ends():
    cleaned = []

    def work():
        with heard():
            try:
                press()
            finally:
                press()
                cleaned.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert cleaned == [True]


def test_other_faults_in_finalizers_are_told_as_ever(capfd, monkeypatch):
    class Faulty:
        def __del__(self):
            raise ValueError("told")

    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    with heard():
        Faulty()
    assert "ValueError: told" in capfd.readouterr().err


def test_handler_and_hook_are_what_they_were_after_a_command():
    hook = sys.unraisablehook
    with heard():
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert sys.unraisablehook is hook


def test_a_command_leaves_alone_who_ignores_the_signal():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with heard():
        press()


@pytest.mark.parametrize("is_held", [False, True])
def test_where_ctrl_c_is_ignored_only_a_press_of_our_own_is_heard(is_held: bool) -> None:
    def pressed_by(whom: Callable[[], None]) -> None:
        with Interrupts() if is_held else nullcontext():
            whom()

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pressable():
        pressed_by(press)  # as anybody else does
        with pytest.raises(KeyboardInterrupt):
            pressed_by(interrupts.press)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
