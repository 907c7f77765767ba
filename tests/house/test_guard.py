"""The guard of the network does what tests rely on."""

from __future__ import annotations

import socket
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

ELSEWHERE = "192.0.2.1"  # set aside for documentation (RFC 5737): no machine answers there


def test_a_python_socket_cannot_leave_this_machine() -> None:
    with socket.socket() as open_socket, pytest.raises(RuntimeError, match="this machine only"):
        open_socket.connect((ELSEWHERE, 80))


def test_a_name_elsewhere_is_not_even_looked_up() -> None:
    with pytest.raises(RuntimeError, match="this machine only"):
        socket.getaddrinfo("example.invalid", 443)


def test_curl_below_python_cannot_leave_this_machine() -> None:
    curl = pytest.importorskip("curl_cffi.requests")
    with pytest.raises(curl.RequestsError, match=r"127\.0\.0\.1"):
        curl.get(f"https://{ELSEWHERE}/", timeout=5)


def test_a_server_on_this_machine_can_be_reached() -> None:
    class Hello(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hello) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=60) as answer:
            assert answer.read() == b"hello"
        answering.join()
