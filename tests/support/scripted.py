"""A service whose answers a test writes down: real sockets, TLS where a certificate is given."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# A certificate that nobody trusts by himself, for 127.0.0.1, valid until 2120; its key guards nothing.
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmHJDpNgj1z4ip/gg
he49NPvWpV/7bNi2q68pFewYkp+hRANCAATsJyoDvSJWf9HKl80QK47Vf5MDWlxI
p8K+M8LBPBMVZJqnEYDN0wu/t3ANEqEz/AyPqMEz9fK/DXrXB2roZN4v
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBeTCCASCgAwIBAgIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBwdWx1bWkt
ZGxpIHRlc3RzMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAbMRkw
FwYDVQQDDBBwdWx1bWktZGxpIHRlc3RzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAE7CcqA70iVn/RypfNECuO1X+TA1pcSKfCvjPCwTwTFWSapxGAzdMLv7dwDRKh
M/wMj6jBM/Xyvw161wdq6GTeL6NTMFEwDwYDVR0RBAgwBocEfwAAATAPBgNVHRMB
Af8EBTADAQH/MA4GA1UdDwEB/wQEAwIChDAdBgNVHQ4EFgQUbBx0akhsWYcQzQ10
DnAg5hmJblIwCgYIKoZIzj0EAwIDRwAwRAIgVlbjDd17XeiyyLwAsdjF8cITm+JT
EsSzYIW8g5GhKacCICwFyH51/MFQH8p/ort9I6vbJ5nBpgIRn4qO93YVqL9R
-----END CERTIFICATE-----
"""


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    port: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer: JSON of a list or an object, other text as it is; or a cut, after `body` if there is one."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


CUT = Reply(body=b"", cut=True)
OK = Reply(body={"is_success": True})


class Scripted:
    """A service on this machine that gives the answers it was given, and remembers what was asked."""

    def __init__(self, answer: Callable[[Received], Reply]) -> None:
        self.received: list[Received] = []
        self._answer = answer
        self._lock = threading.Lock()
        self.url = ""

    @property
    def methods(self) -> list[str]:
        return [each.method for each in self.received]

    def take(self, received: Received) -> Reply:
        with self._lock:
            self.received.append(received)
            return self._answer(received)


def in_turn(*replies: Reply) -> Callable[[Received], Reply]:
    """Give the replies one after the other, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def scripted(
    answer: Callable[[Received], Reply], *, certificate: Path | None = None, context: ssl.SSLContext | None = None
) -> Iterator[Scripted]:
    """Serve on a free port of this machine, with TLS where there is a file with key and certificate, or a context."""
    service = Scripted(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            reply = service.take(Received(self.command, self.path, dict(self.headers), body, self.client_address[1]))
            if reply.cut and not reply.content:
                self.close_connection = True
                return
            self.send_response(reply.status)
            headers = {"Content-Type": "application/json", "X-Request-Id": "req-7", **reply.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content) + (10 if reply.cut else 0)))
            self.end_headers()
            self.wfile.write(reply.content)
            self.close_connection = reply.cut

        do_GET = do_PUT = do_POST = do_DELETE = do_CONNECT = handle_one  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        service.url = service.url.replace("http://", "https://")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
