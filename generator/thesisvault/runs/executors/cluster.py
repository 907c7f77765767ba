"""Workers of a Dask scheduler, on this machine or on others that reach the workspace under the same path."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from thesisvault.errors import ThesisvaultError, UsageError
from thesisvault.runs.executors.orders import refusal
from thesisvault.runs.executors.worker import answer, close

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT = 10.0
"""Seconds in which the scheduler has to answer, and to have a worker."""
_MANY = 16
"""How many workers are reckoned with; how many there are changes while they work."""
_LOGS = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado", "tornado.application")


class SchedulerError(ThesisvaultError):
    """A scheduler that cannot be reached, has no worker or was lost."""

    exit_status = 69


class Cluster:
    """Workers of a Dask scheduler.

    Args:
        address: Host and port of the scheduler.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    def __len__(self) -> int:
        return _MANY

    def answers(self, orders: Sequence[bytes], version: str) -> Generator[bytes, None, None]:
        """Yield the answer to each order as it comes; an order that several workers died of has none.

        Raises:
            UsageError: The library is not installed.
            SchedulerError: The scheduler cannot be reached, has no worker, or was lost.
        """
        client = self._client()
        try:
            yield from self._gathered(client, orders, version)
            client.run(close)
        except (OSError, TimeoutError) as problem:
            raise self._lost() from problem
        finally:
            client.close(timeout=_CONNECT)

    def _client(self) -> Client:
        try:
            from distributed import Client
            from distributed.versions import VersionMismatchWarning
        except ImportError:
            said = "--executor dask:// needs a library that is not installed."
            raise UsageError(said, hint='Install it: pip install "thesisvault[dask]"') from None
        for name in _LOGS:  # what they say of a lost scheduler is said below, once
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", VersionMismatchWarning)
                client = Client(f"tcp://{self._address}", timeout=_CONNECT, set_as_default=False, name="thesisvault")
        except (OSError, TimeoutError, ValueError) as problem:
            said = f"no Dask scheduler answers at {self._address} within {_CONNECT:.0f} seconds."
            raise SchedulerError(said, hint="Start one: dask scheduler") from problem
        try:
            client.wait_for_workers(1, timeout=_CONNECT)
        except (OSError, TimeoutError) as problem:
            client.close(timeout=_CONNECT)
            said = f"the Dask scheduler at {self._address} has no worker."
            raise SchedulerError(said, hint=f"Start one: dask worker --nthreads 1 tcp://{self._address}") from problem
        return client

    def _gathered(self, client: Client, orders: Sequence[bytes], version: str) -> Iterator[bytes]:
        from distributed import as_completed

        coming = as_completed([client.submit(answer, order, version, pure=False) for order in orders], loop=client.loop)
        for future in coming:
            if future.status == "finished":
                yield future.result(timeout=_CONNECT)
            elif future.status == "error":
                yield from self._failed(future)
            else:
                raise self._lost()

    @staticmethod
    def _failed(future: Future[bytes]) -> Iterator[bytes]:
        from distributed import KilledWorker

        problem = future.exception(timeout=_CONNECT)
        if not isinstance(problem, KilledWorker):  # a worker that knows nothing of this program, or of this version
            yield refusal(f"it failed ({type(problem).__name__}: {problem})")

    def _lost(self) -> SchedulerError:
        said = f"the Dask scheduler at {self._address} was lost."
        return SchedulerError(said, hint="Start it again, or build without it: --executor processes")
