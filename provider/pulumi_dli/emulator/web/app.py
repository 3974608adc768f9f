"""The ASGI application: requests become data, answers become bytes, faults come in between."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route as HttpRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from pulumi_dli.version import __version__

from .. import contract
from ..control import Control
from ..errors import NO_SUCH_API, TOO_LARGE, TOO_MANY, RefusedError
from ..jobs.state import State
from ..messages import Answer, Request
from ..operations import dispatch as service
from ..operations.routes import ROUTES, Route
from ..page import routes as page
from ..steering.faults import Fault
from .connections import abort
from .control_routes import CONTROL_ROUTES, ControlRoute, control_answer
from .host_check import Guard, allowed_names

MOST_BODY_BYTES = 1 << 20

Endpoint = Callable[[HttpRequest], Awaitable[Any]]


def application(state: State) -> ASGIApp:
    """Return the application that serves a state."""
    routes = [*page.routes(state), HttpRoute("/health", _health), HttpRoute("/openapi.yaml", _description)]
    routes += state.engine.routes()
    routes += [
        HttpRoute(f"/_emulator{control.path}", _control(state, control), methods=[control.method])
        for control in CONTROL_ROUTES
    ]
    routes += [HttpRoute(r.path, _operation(state, r), methods=[r.method]) for r in ROUTES]
    # Clients whose auth URL ends in a slash discover the version there.
    version = next(route for route in ROUTES if route.operation == "ShowVersion")
    routes.append(HttpRoute("/v3/", _operation(state, version), methods=["GET"]))
    every = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"]
    routes.append(HttpRoute("/{rest:path}", _operation(state, None), methods=every))
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    names = allowed_names(state.options.host, state.options.allow_hosts)

    def refuse(http: HttpRequest, answer: Answer) -> ASGIApp:
        with state.lock:
            entry = state.journal.begin(_request(http, None))
            state.journal.end(entry, answer)
        return _response(answer, entry["request_id"])

    return Guard(app, names, refuse)


async def _health(_http: HttpRequest) -> Response:
    return _response(Answer(200, {"status": "ok", "version": __version__}))


async def _description(_http: HttpRequest) -> Response:
    return Response(contract.text(), media_type="application/yaml")


class Cut:
    """An answer that is none: the connection closes without a byte."""

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Close the connection, and wait until the server has noticed."""
        abort(scope["client"], scope["server"])
        while (await receive())["type"] != "http.disconnect":
            pass


def _operation(state: State, route: Route | None) -> Endpoint:
    async def endpoint(http: HttpRequest) -> ASGIApp:
        return await _Call(state, route, http).answer()

    return endpoint


def _control(state: State, route: ControlRoute) -> Endpoint:
    control = Control(state)

    async def endpoint(http: HttpRequest) -> Response:
        raw = await _read(http)
        if raw is None:
            return _response(_too_large())
        return _response(control_answer(control, route, _request(http, None), raw))

    return endpoint


class _Call:
    """One request to the service on its way through log, faults and handler."""

    def __init__(self, state: State, route: Route | None, http: HttpRequest) -> None:
        self._state, self._route, self._http = state, route, http
        request = _request(http, route.operation if route else None)
        with state.lock:
            self._entry = state.journal.begin(request)
        self._request = replace(request, number=self._entry["seq"])

    async def answer(self) -> ASGIApp:
        """Return what to send back: the answer, or a cut."""
        try:
            answer = await self._answer()
        except ClientDisconnect:
            answer = None
        with self._state.lock:
            self._state.journal.end(self._entry, answer)
        return Cut() if answer is None else _response(answer, self._entry["request_id"])

    async def _answer(self) -> Answer | None:
        raw = await _read(self._http)
        if raw is None:
            return _too_large()
        body = _decoded(raw)
        with self._state.lock:
            jobs = service.mentioned_jobs(self._state, self._request, body)
            shown = body if body is not None or not raw else f"<{len(raw)} bytes that are not JSON>"
            self._state.journal.add_body(self._entry, shown, jobs.ids)
            if not self._state.limit.takes():
                return _too_many()
            fault = self._state.faults.take(self._request.operation, jobs.texts)
        if fault is None:
            return self._carry_out(raw)
        self._entry["fault"] = fault.id
        return await self._with_fault(fault, raw)

    async def _with_fault(self, fault: Fault, raw: bytes) -> Answer | None:
        normal = None
        if fault.item_refused is not None:
            self._request = replace(self._request, refused_items=self._refused_items(fault))
        if fault.timing is True:
            normal = self._carry_out(raw)
        if not await self._state.faults.wait(fault) or (fault.cut and fault.timing != "late"):
            return None
        if fault.timing == "late":
            normal = self._carry_out(raw)
        if fault.cut:
            return None
        return fault.scripted() if fault.answer is not None else normal

    def _refused_items(self, fault: Fault) -> dict[int | None, str]:
        message = (fault.item_refused or {})["message"]
        if fault.job is None:
            return {None: message}
        with self._state.lock:
            job = self._state.find(fault.job)
        return {} if job is None else {job.job_id: message}

    def _carry_out(self, raw: bytes) -> Answer:
        if self._route is None:
            message = f"There is no {self._request.method} {self._request.path}."
            return service.refusal_answer(RefusedError(NO_SUCH_API, message))
        answer = service.carry_out(self._state, self._route, self._request, raw)
        self._entry["job_ids"] += service.made_jobs(answer)
        return answer


def _request(http: HttpRequest, operation: str | None) -> Request:
    return Request(
        operation,
        http.method,
        http.url.path,
        dict(http.path_params),
        dict(http.query_params),
        {key.lower(): value for key, value in http.headers.items()},
        target=http.scope["raw_path"] + b"?" + http.scope["query_string"],
        url=f"{http.url.scheme}://{http.url.netloc}",
    )


async def _read(http: HttpRequest) -> bytes | None:
    # None: more than the limit. It is read to its end all the same, or else the client, still
    # sending, would see a broken connection instead of the answer.
    chunks, size = [], 0
    async for chunk in http.stream():
        size += len(chunk)
        if size <= MOST_BODY_BYTES:
            chunks.append(chunk)
    return b"".join(chunks) if size <= MOST_BODY_BYTES else None


def _decoded(raw: bytes) -> Any:
    try:
        return contract.decode(raw)
    except contract.InvalidError:
        return None


def _too_many() -> Answer:
    refusal = service.refusal_answer(RefusedError(TOO_MANY, "The throttling threshold has been reached."))
    return replace(refusal, headers={"Retry-After": "1"})


def _too_large() -> Answer:
    return service.refusal_answer(RefusedError(TOO_LARGE, "The body is larger than 1 MiB."))


def _response(answer: Answer, request_id: str | None = None) -> Response:
    headers = {"x-request-id": request_id or uuid.uuid4().hex, **answer.headers}
    if answer.text is not None:
        content, kind = answer.text.encode(), "text/html"
    elif answer.has_body:
        content, kind = json.dumps(answer.body).encode(), "application/json"
    else:
        content, kind = b"", None
    return Response(content, answer.status, headers, headers.get("content-type", kind))
