"""What all tests share: no network beyond this machine, the real prices, and how hard Hypothesis tries."""

from __future__ import annotations

import ipaddress
import json
import os
import sys
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]

hypothesis.settings.register_profile("dev", max_examples=50, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("quick", max_examples=10, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


class NetworkBlockedError(RuntimeError):
    """A test tried to reach another machine. No OSError, so that code which bears a dead network cannot hide it."""


# An audit hook sees every use of a Python socket, by whatever name it was imported, and cannot be patched away. Code
# with sockets of its own (libcurl below yfinance) and child processes are sent to a closed port by the proxy variables.
_AUDITED = {
    "socket.connect": lambda args: args[1],
    "socket.sendto": lambda args: args[1],
    "socket.sendmsg": lambda args: args[1],
    "socket.getaddrinfo": lambda args: args[:2],
    "socket.gethostbyname": lambda args: args[:1],
}
_LOCAL_NAMES = {"", "localhost", "ip6-localhost"}
_NOWHERE = "http://127.0.0.1:9"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_EXCEPT = ("no_proxy", "NO_PROXY")
_STASH = "THESISVAULT_TESTS_OUTSIDE"  # the workers of pytest-xdist start when the variables are closed already


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple) or not address or address[0] is None:
        return True  # a socket of the file system, or one that is connected already
    host = address[0].decode() if isinstance(address[0], bytes) else str(address[0])
    try:
        return host in _LOCAL_NAMES or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _guard(event: str, args: tuple[Any, ...]) -> None:
    where = _AUDITED.get(event)
    if where is not None and not _is_local(address := where(args)):
        raise NetworkBlockedError(f"a test wants to reach {address[0]!r}; tests talk to this machine only")


def pytest_configure() -> None:
    sys.addaudithook(_guard)
    os.environ.setdefault(_STASH, json.dumps({name: os.environ.get(name) for name in (*_PROXIES, *_EXCEPT)}))
    os.environ.update(dict.fromkeys(_PROXIES, _NOWHERE) | dict.fromkeys(_EXCEPT, "localhost,127.0.0.1,::1"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def outside_environment() -> dict[str, str]:
    """The environment as it was before the network was closed, for the few tests that install packages."""
    before = dict(os.environ) | json.loads(os.environ[_STASH])
    return {name: text for name, text in before.items() if text is not None and not name.startswith("PYTHON")}


@pytest.fixture(scope="session")
def market_folder() -> Path:
    """The folder of real prices that the golden figures were made from."""
    named = os.environ.get("THESISVAULT_MARKET")
    folder = Path(named) if named else ROOT.parent / "shared" / "market"
    if not (folder / "prices").is_dir():
        pytest.skip(f"no real prices: {folder} has no prices/ in it; name a folder in THESISVAULT_MARKET")
    return folder
