"""Servers on this machine: a web server that answers as a test tells it to, and an imitation of the sources."""

from __future__ import annotations

import datetime as dt
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.loopback.exchange import Exchange
from tests.loopback.proxy import HOSTS, Answer, Proxy, running

Told = tuple[int, str]


@dataclass
class Server:
    """Answers each request by `answer(path, query)`, and remembers them."""

    address: str = ""
    answer: Callable[[str, dict[str, list[str]]], Told] = lambda *_: (404, "")
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            told.asked.append(self.path)
            status, text = told.answer(parts.path, parse_qs(parts.query))
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        told.address = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield told
        listening.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def proxy(tmp_path_factory) -> Iterator[Proxy]:
    """The way to the sources that every client of the tests is sent on."""
    with running(tmp_path_factory.mktemp("proxy"), lambda _: Answer(503)) as listening:
        yield listening


@pytest.fixture
def exchange(proxy, monkeypatch) -> Iterator[Exchange]:
    """An empty market in the evening of 2026-02-27, a Friday; Yahoo and FRED are what it says."""
    made = Exchange(dt.datetime(2026, 2, 27, 23, 0, tzinfo=dt.UTC))
    proxy.answer = made.answer
    for name, text in proxy.environment.items():
        monkeypatch.setenv(name, text)
    yield made
    assert proxy.foreign == [], "a host that is none of the sources' was asked for"
    assert {asked.host for asked in made.asked} <= set(HOSTS)


@pytest.fixture
def new_client(monkeypatch) -> None:
    """Make yfinance forget what it keeps for as long as a process lives: session, cookie, crumb, zones, answers."""
    yfinance = pytest.importorskip("yfinance")
    monkeypatch.setattr(yfinance.data.SingletonMeta, "_instances", {})
    monkeypatch.setattr(yfinance.cache._TzCacheManager, "_tz_cache", None)
    monkeypatch.setattr(yfinance.cache._CookieCacheManager, "_Cookie_cache", None)
    monkeypatch.setattr(yfinance.base, "_tz_info_fetch_ctr", 0)
    yfinance.data.YfData.cache_get.cache_clear()
