"""The controls over HTTP, under /_emulator."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..contract import InvalidError, decode
from ..control import Control, UnknownError
from ..messages import Answer, Request

Query = Mapping[str, str]
Action = Callable[[Control, str, Any, Query], Answer]


class ControlRoute(NamedTuple):
    """One control; its path may hold `{name}`, the id (or name) of a fault or job."""

    method: str
    path: str
    action: Action


def _requests(control: Control, _name: str, _body: Any, query: Query) -> Answer:
    found = control.requests(
        query.get("operation"),
        query.get("job"),
        query.get("writes_only") == "true",
        int(query.get("since", 0)),
    )
    return Answer(200, {"requests": found})


def _clear_requests(control: Control, _name: str, _body: Any, _query: Query) -> Answer:
    control.clear_requests()
    return DONE


def _clear_faults(control: Control, _name: str, _body: Any, _query: Query) -> Answer:
    control.clear_faults()
    return DONE


def _remove_fault(control: Control, name: str, _body: Any, _query: Query) -> Answer:
    control.remove_fault(name)
    return DONE


def _release(control: Control, name: str, _body: Any, _query: Query) -> Answer:
    control.release(name)
    return DONE


def _says(name: str, read: Callable[[Control], Any]) -> Action:
    def action(control: Control, _name: str, _body: Any, _query: Query) -> Answer:
        return Answer(200, {name: read(control)})

    return action


DONE = Answer(204, has_body=False)
CONTROL_ROUTES: tuple[ControlRoute, ...] = (
    ControlRoute("GET", "/requests", _requests),
    ControlRoute("DELETE", "/requests", _clear_requests),
    ControlRoute("GET", "/violations", _says("violations", Control.violations)),
    ControlRoute("POST", "/faults", lambda c, _n, b, _q: Answer(201, {"id": c.add_fault(**b)})),
    ControlRoute("GET", "/faults", _says("faults", Control.faults)),
    ControlRoute("DELETE", "/faults", _clear_faults),
    ControlRoute("DELETE", "/faults/{name}", _remove_fault),
    ControlRoute("POST", "/faults/{name}/release", _release),
    ControlRoute("GET", "/jobs", _says("jobs", Control.jobs)),
    ControlRoute("GET", "/jobs/{name}", lambda c, n, _b, _q: Answer(200, c.job(n))),
    ControlRoute("PATCH", "/jobs/{name}", lambda c, n, b, _q: Answer(200, c.patch_job(n, **b))),
    ControlRoute("POST", "/jobs/{name}/behaviour", lambda c, n, b, _q: Answer(200, c.set_behaviour(n, **b))),
    ControlRoute("PUT", "/durations", lambda c, _n, b, _q: Answer(200, c.set_durations(b))),
    ControlRoute("POST", "/expire-tokens", _says("expired", Control.expire_tokens)),
)


def control_answer(control: Control, route: ControlRoute, request: Request, raw: bytes) -> Answer:
    """Carry out a control; a wrong one is answered with a sentence."""
    given = request.headers.get("x-emulator-token", "").encode()
    if not secrets.compare_digest(given, control.state.control_token.encode()):
        return Answer(401, {"error": "X-Emulator-Token is missing or wrong."})
    try:
        body = decode(raw) if raw else {}
        if not isinstance(body, dict):
            raise InvalidError("the body is not a JSON object")
        return route.action(control, request.path_parameters.get("name", ""), body, request.query)
    except UnknownError as error:
        return Answer(404, {"error": str(error)})
    except (ValueError, TypeError) as error:
        return Answer(400, {"error": str(error)})
