"""A proxy on this machine that answers for the hosts of the sources itself, and refuses all others.

The client that is tested is told of it as of any proxy: by `HTTPS_PROXY`, and by the certificate to trust. It connects,
makes its TLS and sends its requests as it would to the real hosts, in this process or in one of its own.
"""

from __future__ import annotations

import contextlib
import http.server
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import trustme

HOSTS = (
    "fc.yahoo.com",
    "guce.yahoo.com",
    "consent.yahoo.com",
    "finance.yahoo.com",
    "query1.finance.yahoo.com",
    "query2.finance.yahoo.com",
    "fred.stlouisfed.org",
)
Manner = Literal["whole", "hang", "dribble", "dribble_head", "short", "reset"]


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    host: str
    path: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What is sent back, and how.

    `hang` sends nothing until the client leaves, `dribble` one byte in a twentieth of a second, `dribble_head` the same
    from the first line on, `short` half of what the length announces, `reset` nothing, and closes.
    """

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    manner: Manner = "whole"


@dataclass
class Proxy:
    """Where it listens, whom it answers by, and which other hosts were asked for."""

    certificate: Path
    answer: Callable[[Asked], Answer]
    address: str = ""
    foreign: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        """What a client has to be told: curl_cffi, requests and urllib read these variables themselves."""
        proxies = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        trusted = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
        return {
            **dict.fromkeys(proxies, self.address),
            **dict.fromkeys(trusted, str(self.certificate)),
            **dict.fromkeys(("no_proxy", "NO_PROXY"), ""),
        }


@contextlib.contextmanager
def running(folder: Path, answer: Callable[[Asked], Answer]) -> Iterator[Proxy]:
    """Give a proxy that listens; its certificate is made in a folder and trusted by no one who is not told to."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(tls)
    proxy = Proxy(folder / "authority.pem", answer)
    with _Listener(proxy, tls) as listening:
        proxy.address = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.closing.set()
            listening.shutdown()
            thread.join()


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, proxy: Proxy, tls: ssl.SSLContext) -> None:
        self.proxy, self.tls = proxy, tls
        super().__init__(("127.0.0.1", 0), _Outer)


class _Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener
    timeout = 120
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass


class _Outer(_Quiet):
    """What the proxy is asked: to connect to a host."""

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        if host not in HOSTS or port != "443":
            self._refuse(self.path)
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError), self.server.tls.wrap_socket(self.connection, server_side=True) as inner:
            _Inner(inner, self.client_address, self.server, host)

    def do_GET(self) -> None:
        self._refuse(self.path)

    def do_POST(self) -> None:
        self.do_GET()

    def _refuse(self, what: str) -> None:
        self.server.proxy.foreign.append(what)
        self.send_error(502, "not one of the hosts of the sources")


class _Inner(_Quiet):
    """What a host is asked, inside TLS."""

    def __init__(self, connection: ssl.SSLSocket, client: object, server: _Listener, host: str) -> None:
        self.host = host
        super().__init__(connection, client, server)

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self._send(self.server.proxy.answer(Asked(self.host, parts.path, query)))

    def do_POST(self) -> None:
        self.do_GET()

    def _send(self, answer: Answer) -> None:
        closing = self.server.proxy.closing
        if answer.manner in ("hang", "reset"):
            self.close_connection = True
            self._wait_for_leaving() if answer.manner == "hang" else None
            return
        announced = len(answer.body) * (2 if answer.manner == "short" else 1)
        head = f"HTTP/1.1 {answer.status} {http.HTTPStatus(answer.status).phrase}\r\nContent-Type: {answer.kind}\r\n"
        head += "".join(f"{name}: {text}\r\n" for name, text in answer.headers)
        sent = f"{head}Content-Length: {announced}\r\n\r\n".encode()
        slow = {"dribble": answer.body, "dribble_head": sent + answer.body}.get(answer.manner, b"")
        self.wfile.write((sent + answer.body).removesuffix(slow) if slow else sent + answer.body)
        for byte in slow:
            if closing.is_set():
                break
            self.wfile.write(bytes((byte,)))
            time.sleep(0.05)
        self.close_connection = self.close_connection or answer.manner != "whole"

    def _wait_for_leaving(self) -> None:
        self.connection.settimeout(0.1)
        while not self.server.proxy.closing.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return
