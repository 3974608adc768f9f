"""Flink's own page, read-only, under the emulator's address.

Flink itself answers nobody but the emulator. What runs code there, or changes anything, is not passed on; the rest
needs a login: the link that the emulator prints at its start, which becomes a cookie.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlencode

import urllib3
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from .rest import Rest

PATH = "/flink"
COOKIE = "dli-emulator-flink"
SECONDS = 30.0
PASSED_ON = frozenset({"content-type", "content-encoding", "etag", "last-modified"})
HEADERS = {
    "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; script-src 'self' 'unsafe-inline'; worker-src 'self' blob:; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
LOGIN = "Open the link to Flink's page that the emulator printed when it started.\n"


def link(url: str, token: str) -> str:
    """Return the address that logs a browser in."""
    return f"{url}{PATH}/?{urlencode({'token': token})}"


def routes(rest: Callable[[], Rest], token: Callable[[], str]) -> list[Route]:
    """Return the routes of Flink's page; `token` is the emulator's start token."""

    async def page(http: Request) -> Response:
        given = http.query_params.get("token")
        if given is not None and secrets.compare_digest(given.encode(), token().encode()):
            answer = RedirectResponse(f"{PATH}/", 303)
            answer.set_cookie(COOKIE, token(), path=PATH, httponly=True, samesite="strict")
            return answer
        if not secrets.compare_digest(http.cookies.get(COOKIE, "").encode(), token().encode()):
            return PlainTextResponse(LOGIN, 401)
        path = http.path_params.get("path", "")
        if not _only_reads(path):
            return PlainTextResponse("The emulator passes on only what reads.\n", 403)
        query = f"?{http.url.query}" if http.url.query else ""
        return await to_thread.run_sync(_fetched, rest(), f"/{path}{query}")

    slash = Route(PATH, lambda _http: RedirectResponse(f"{PATH}/", 307), methods=["GET"])
    return [slash, Route(f"{PATH}/{{path:path}}", page, methods=["GET"])]


def _only_reads(path: str) -> bool:
    # A plan of a JAR runs its main method; two addresses for YARN cancel by GET.
    parts = path.split("/")
    return parts[0] != "jars" and not any(part.startswith("yarn-") or part in (".", "..") for part in parts)


def _fetched(rest: Rest, path: str) -> Response:
    try:
        answer = rest.pool.request("GET", path, timeout=SECONDS, decode_content=False)
    except urllib3.exceptions.HTTPError:
        return PlainTextResponse("Flink does not answer.\n", 502)
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() in PASSED_ON}
    return Response(answer.data, answer.status, {**headers, **HEADERS})
