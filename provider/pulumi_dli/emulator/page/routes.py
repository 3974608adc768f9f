"""The addresses of the page."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..jobs.state import MOST_JOB_ID, State
from .view import view

FILES: Mapping[str, str] = {
    "htmx-4.0.1.min.js": "text/javascript",
    "live.js": "text/javascript",
    "style.css": "text/css",
}
HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
TEMPLATES = Environment(
    loader=PackageLoader("pulumi_dli.emulator.page", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def routes(state: State) -> list[Route]:
    """Return the routes of the page and of its files."""

    async def page(http: Request) -> Response:
        return _page(state, http)

    return [Route("/", page), *(Route(f"/_page/{name}", _file) for name in FILES)]


def _page(state: State, http: Request) -> Response:
    # `part=live` is what changes; the page asks for it again and again.
    name = "live.html" if http.query_params.get("part") == "live" else "page.html"
    html = TEMPLATES.get_template(name).render(view(state, _job_id(http.query_params.get("job", ""))))
    return Response(html, headers=dict(HEADERS), media_type="text/html")


async def _file(http: Request) -> Response:
    name = http.url.path.rpartition("/")[2]
    return Response(files(__package__).joinpath(name).read_bytes(), headers=dict(HEADERS), media_type=FILES[name])


def _job_id(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_JOB_ID)) else None
    return number if number is not None and number <= MOST_JOB_ID else None
