"""How a refresh asks: one request at a time, at a polite pace, with patience that ends.

The pace of a source rises while it answers and falls when it refuses. One that refuses is waited for, longer each time,
from a budget that all sources of a run share. A source that does
not answer is left behind: what it may still send is not waited for. One that fails again and again is asked for
something that it is known to have, and given up only if it fails for that too. None of this touches the store.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct, field

from thesisvault.interrupts import Interrupts
from thesisvault.market.sources.provider import Probed, Provider, ProviderError, ProviderFault, RateLimited

T = TypeVar("T")

GIVE_UP = 3
"""After so many faults in a row, without an answer between, a source has to show that it is there."""
_CONTENT = 10
"""After so many answers without a refusal the pace rises."""
_FASTER, _SLOWER = 0.8, 2.0
_SHORTEST, _LONGEST = 0.25, 16.0  # of the pause in the settings
_BEYOND = 1.5  # how far the pace stays below the one that was refused
_FIRST_WAIT = 2.0
_LONGEST_WAIT = 120.0
# A source may need several requests for one answer, each with a timeout of its own.
_PATIENCE = 4
_WORTH_TELLING = 2.0
_DAY = 24 * 60 * 60.0  # no limit may be longer


def in_short(seconds: float) -> str:
    """Return a time as settings take it.

    >>> in_short(1200), in_short(7200), in_short(90), in_short(0.5)
    ('20m', '2h', '90s', '500ms')
    """
    for unit, size in (("h", 3600), ("m", 60), ("s", 1)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{1000 * seconds:.0f}ms"


class NotAsked(ProviderError):  # noqa: N818 - it reads as what happened
    """The source was not asked, because it refuses or fails, or because the time of the run is over."""


class Limits(Struct, frozen=True):
    """How long a refresh may take, in seconds.

    Attributes:
        time: After this the run asks nobody any more.
        wait: How much of it may be spent waiting for sources that refuse.
        timeout: How long one answer may take.
        pause: Time between the beginnings of two requests to one source at first; down to a quarter of it while the
            source answers, and longer after it refused.
    """

    time: float = 20 * 60.0
    wait: float = 5 * 60.0
    timeout: float = 20.0
    pause: float = 1.0


class _Source(Struct):
    """What is known of one source in this run.

    Attributes:
        pause: The time between two requests now.
        shortest: What it may fall to.
        content: How many answers came since the pause last changed.
        next: When it may be asked again.
        refusals, faults: How many in a row.
        closed: Why it is not asked any more, if it is not.
        answered: The last question that it answered.
        worker: What asks it.
    """

    pause: float
    shortest: float
    content: int = 0
    next: float = 0.0
    refusals: int = 0
    faults: int = 0
    closed: str = ""
    answered: Callable[[], object] | None = None
    worker: _Worker | None = None


class Pace(Struct):
    """The patience of one run.

    Args:
        limits: How long it may take.
        clock: Seconds that only go forward.
        sleep: What waits.
        chance: A number from 0 to 1, for the jitter.
        interrupts: What holds Ctrl-C back while nothing waits.
        waits: Is told of a wait that somebody may wonder about: its seconds, and for what.
        reserved: So many seconds of the run are kept for what is asked for later.
    """

    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    interrupts: Interrupts = field(default_factory=Interrupts)
    waits: Callable[[float, str], None] = lambda _seconds, _for_what: None
    reserved: float = 0.0
    waited: float = 0.0
    _began: float | None = None
    _sources: dict[int, _Source] = field(default_factory=dict)

    def ask(self, provider: Provider, question: Callable[[], T], *, is_sample: bool = True) -> T:
        """Return the answer to a question that only reads, asked of a provider.

        Args:
            provider: Whom to ask.
            question: What to ask; it may be asked more than once.
            is_sample: An answer to it, or to one like it, shows that the source is there for all of them.

        Raises:
            NotAsked: The source is left alone, or the time of the run is over.
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: What the provider raises.
        """
        if not provider.remote:
            return question()
        pause = self.limits.pause
        source = self._sources.setdefault(id(provider), _Source(pause, _SHORTEST * pause))
        while True:
            self._turn(provider, source)
            try:
                answer = self._answer(provider, source, question)
            except RateLimited as refusal:
                self._wait(provider, source, refusal)
            except ProviderFault as fault:
                source.faults += 1
                if source.faults >= GIVE_UP:
                    self._doubt(provider, source, fault, is_sample=is_sample)
                raise
            except ProviderError:
                self._quicken(source)
                raise
            else:
                self._quicken(source)
                source.answered = question if is_sample else source.answered
                return answer

    def _doubt(self, provider: Provider, source: _Source, fault: ProviderFault, *, is_sample: bool) -> None:
        """Give a source up, unless it still answers for something that it is known to have.

        A source that fails for one series after another is not there, and asking on would only cost time; or these
        series are broken, and all others must not pay for them.
        """
        known = source.answered or (provider.probe if isinstance(provider, Probed) else None)
        why = f"{provider.label} failed {GIVE_UP} times in a row: {fault}"
        if known is not None and is_sample:
            try:
                self._turn(provider, source)
                self._answer(provider, source, known)
            except ProviderFault as problem:
                why = f"{provider.label} failed {GIVE_UP} times in a row, and then for a symbol that it has: {problem}"
            except ProviderError:  # an answer, or a refusal, which is for the next question to wait for
                source.faults = 0
                return
            else:
                source.faults = 0
                return
        source.closed = f"not asked, {why}"

    @property
    def left(self) -> float:
        """How many seconds of the run are left, without those that are kept for later."""
        if self._began is None:
            self._began = self.clock()
        return self.limits.time - self.reserved - (self.clock() - self._began)

    def _turn(self, provider: Provider, source: _Source) -> None:
        """Wait until the source may be asked again."""
        if source.closed:
            raise NotAsked(source.closed)
        now, left = self.clock(), self.left
        if source.next - now > left or left <= 0:
            limit, longer = in_short(self.limits.time), in_short(min(2 * self.limits.time, _DAY))
            raise NotAsked(
                f"not asked, the time_limit of {limit} is over; the next run goes on from here, "
                f"or allow more in thesisvault.yaml: `refresh: {{time_limit: {longer}}}`"
            )
        if now < source.next:
            self._sleep(source.next - now, f"the pause between two requests to {provider.label}")
        # A little unevenness keeps several machines from asking in step.
        source.next = max(now, source.next) + source.pause * (0.75 + 0.5 * self.chance())

    def _quicken(self, source: _Source) -> None:
        """Ask a little faster once a source has answered for a while."""
        source.faults = source.refusals = 0
        source.content += 1
        if source.content >= _CONTENT:
            source.content, source.pause = 0, max(source.shortest, _FASTER * source.pause)

    def _wait(self, provider: Provider, source: _Source, refusal: RateLimited) -> None:
        """Wait after a refusal, twice as long as after the last one; give up when the budget is spent."""
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**source.refusals) * (0.5 + self.chance())
        source.refusals += 1
        pause = self.limits.pause
        source.content, source.shortest = 0, min(_LONGEST * pause, max(source.shortest, _BEYOND * source.pause))
        source.pause = max(source.shortest, min(_LONGEST * pause, max(pause, _SLOWER * source.pause)))
        if wait > min(self.limits.wait - self.waited, self.left):
            source.closed = f"not asked, {provider.label} refuses for now" + (
                f" and still did after {max(1, round(self.waited))} s of waiting" if self.waited else ""
            )
            raise refusal
        self.waited += wait
        self._sleep(wait, str(refusal))

    def _sleep(self, seconds: float, for_what: str) -> None:
        if seconds >= _WORTH_TELLING:
            self.waits(seconds, for_what)
        with self.interrupts.allowed():
            self.sleep(seconds)

    def _answer(self, provider: Provider, source: _Source, question: Callable[[], T]) -> T:
        """Run the question beside this thread, so that a source which never answers cannot hold the run."""
        if source.worker is None:
            source.worker = _Worker()
        patience = max(0.05, min(_PATIENCE * self.limits.timeout, self.left))
        try:
            with self.interrupts.allowed():
                return source.worker.run(question, patience)  # type: ignore[no-any-return]
        except KeyboardInterrupt:
            source.worker = None  # the answer that it still brings is to no later question
            raise
        except queue.Empty:
            source.worker = None  # its thread may hang for ever; nobody waits for it
            within = f"within {patience:.0f} seconds" if patience >= 1 else "before the time of the run was over"
            raise ProviderFault(f"{provider.label} did not answer {within}") from None


class _Worker:
    """One thread that answers questions; it does not keep the process alive."""

    def __init__(self) -> None:
        self._questions: queue.SimpleQueue[Callable[[], Any]] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="source", daemon=True).start()

    def run(self, question: Callable[[], Any], patience: float) -> Any:
        """Return the answer, or raise what the question raised, or `queue.Empty` if it takes too long."""
        self._questions.put(question)
        answer, error = self._answers.get(timeout=patience)
        if error is not None:
            raise error
        return answer

    def _serve(self) -> None:
        while True:
            question = self._questions.get()
            try:
                self._answers.put((question(), None))
            except BaseException as error:  # noqa: BLE001 - it is raised again where the answer is awaited
                self._answers.put((None, error))
