"""How a refresh asks: one request at a time, at a polite pace, with patience that ends.

A source that refuses is waited for, longer each time, from a budget that all sources of a run share. A source that does
not answer is left behind: what it may still send is not waited for. None of this touches the store.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from thesisvault.market.sources.provider import Provider, ProviderError, ProviderFault, RateLimited

T = TypeVar("T")

GIVE_UP = 3
"""After so many faults in a row, without an answer between, a source is left alone for the rest of the run."""
_FIRST_WAIT = 2.0
_LONGEST_WAIT = 120.0
# A source may need several requests for one answer, each with a timeout of its own.
_PATIENCE = 4


class NotAsked(ProviderError):  # noqa: N818 - it reads as what happened
    """The source was not asked, because it refuses or fails, or because the time of the run is over."""


@dataclass(frozen=True)
class Limits:
    """How long a refresh may take, in seconds.

    Attributes:
        time: After this the run asks nobody any more.
        wait: How much of it may be spent waiting for sources that refuse.
        timeout: How long one answer may take.
        pause: Time between the beginnings of two requests to one source.
    """

    time: float = 20 * 60.0
    wait: float = 5 * 60.0
    timeout: float = 20.0
    pause: float = 1.0


@dataclass
class _Source:
    """What is known of one source in this run."""

    next: float = 0.0
    refusals: int = 0
    faults: int = 0
    closed: str = ""
    worker: _Worker | None = None


@dataclass
class Pace:
    """The patience of one run.

    Args:
        limits: How long it may take.
        clock: Seconds that only go forward.
        sleep: What waits.
        chance: A number from 0 to 1, for the jitter.
    """

    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    waited: float = 0.0
    _began: float | None = None
    _sources: dict[int, _Source] = field(default_factory=dict)

    def ask(self, provider: Provider, question: Callable[[], T]) -> T:
        """Return the answer to a question that only reads, asked of a provider.

        Raises:
            NotAsked: The source is left alone, or the time of the run is over.
            UnknownSymbol, NothingNew, RateLimited, ProviderFault: What the provider raises.
        """
        if not provider.remote:
            return question()
        source = self._sources.setdefault(id(provider), _Source())
        while True:
            self._turn(source)
            try:
                answer = self._answer(provider, source, question)
            except RateLimited as refusal:
                self._wait(provider, source, refusal)
            except ProviderFault as fault:
                source.faults += 1
                if source.faults >= GIVE_UP:
                    # A source that fails for one series after another is not there; asking on would only cost time.
                    source.closed = f"not asked, {provider.label} failed {GIVE_UP} times in a row: {fault}"
                raise
            except ProviderError:
                source.faults = source.refusals = 0
                raise
            else:
                source.faults = source.refusals = 0
                return answer

    def _left(self) -> float:
        if self._began is None:
            self._began = self.clock()
        return self.limits.time - (self.clock() - self._began)

    def _turn(self, source: _Source) -> None:
        """Wait until the source may be asked again."""
        if source.closed:
            raise NotAsked(source.closed)
        now = self.clock()
        if source.next - now > self._left() or self._left() <= 0:
            raise NotAsked(f"not asked, the run has taken its {self.limits.time:g} seconds")
        if now < source.next:
            self.sleep(source.next - now)
        # A little unevenness keeps several machines from asking in step.
        source.next = max(now, source.next) + self.limits.pause * (0.75 + 0.5 * self.chance())

    def _wait(self, provider: Provider, source: _Source, refusal: RateLimited) -> None:
        """Wait after a refusal, twice as long as after the last one; give up when the budget is spent."""
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**source.refusals) * (0.5 + self.chance())
        source.refusals += 1
        if wait > min(self.limits.wait - self.waited, self._left()):
            source.closed = f"not asked, {provider.label} refuses for now" + (
                f" and still did after {max(1, round(self.waited))} s of waiting" if self.waited else ""
            )
            raise refusal
        self.waited += wait
        self.sleep(wait)

    def _answer(self, provider: Provider, source: _Source, question: Callable[[], T]) -> T:
        """Run the question beside this thread, so that a source which never answers cannot hold the run."""
        if source.worker is None:
            source.worker = _Worker()
        patience = max(0.05, min(_PATIENCE * self.limits.timeout, self._left()))
        try:
            return source.worker.run(question, patience)  # type: ignore[no-any-return]
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
