"""Who may talk to the emulator: programs of this machine, and the pages that it serves itself.

A page in a browser may resolve its own name to 127.0.0.1 (so Host must be a local name), and may send
simple requests anywhere (so Origin, which browsers add to those, must be the emulator's own).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request as HttpRequest
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import FOREIGN_ORIGIN, WRONG_HOST, RefusedError
from ..messages import Answer

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def refusal(headers: Mapping[str, str], names: frozenset[str]) -> RefusedError | None:
    """Return why a request with these headers is not served; None if it is."""
    host = headers.get("host", "").lower()
    if _name(host) not in names:
        return RefusedError(WRONG_HOST, "The emulator answers to local names only; see --allow-host.")
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin.lower()).netloc != host:
        return RefusedError(FOREIGN_ORIGIN, "The emulator takes no requests from pages of other origins.")
    return None


def allowed_names(host: str, more: tuple[str, ...]) -> frozenset[str]:
    """Return the names in the Host header that are served: loopback ones, the own one and those given."""
    return LOOPBACK | {_bracketed(host.lower()), *(name.lower() for name in more)}


@dataclass(frozen=True)
class Guard:
    """The application behind the check; it meets every route, whoever adds one."""

    app: ASGIApp
    names: frozenset[str]
    refuse: Callable[[HttpRequest, Answer], ASGIApp]
    """Makes the response of a refusal."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        app = self.app
        if scope["type"] == "http":
            http = HttpRequest(scope, receive)
            refused = refusal(http.headers, self.names)
            if refused is not None:
                app = self.refuse(http, Answer(refused.status, refused.body))
        await app(scope, receive, send)


def _name(host: str) -> str:
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
