"""One request carried out, from its token to its answer, without a socket in sight."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import contract
from ..errors import INVALID_PARAMETER, SERVER_ERROR, IdentityRefusedError, RefusedError
from ..jobs.state import MOST_JOB_ID, State
from ..messages import Answer, Request
from . import iam as identity
from .routes import Route

LOG = logging.getLogger("pulumi_dli.emulator")


def carry_out(state: State, route: Route, request: Request, raw_body: bytes) -> Answer:
    """Check a request and carry it out; refusals become answers, too."""
    try:
        with state.lock, state.storage.transaction():
            return route.handler(state, _checked(state, route, request, raw_body))
    except (RefusedError, IdentityRefusedError) as refusal:
        return Answer(refusal.status, refusal.body)
    except contract.InvalidError as error:
        return _invalid(route, str(error))
    except Exception:
        LOG.exception("%s failed", route.operation)
        return refusal_answer(RefusedError(SERVER_ERROR, "The emulator has an error; see its log."))


def refusal_answer(refusal: RefusedError) -> Answer:
    """Return the answer that a refusal is."""
    return Answer(refusal.status, refusal.body)


@dataclass(frozen=True)
class Mentioned:
    """The jobs that a request is about, as it says itself: their ids, and ids and names as text."""

    ids: tuple[int, ...]
    texts: frozenset[str]


def mentioned_jobs(state: State, request: Request, body: Any) -> Mentioned:
    """Return the jobs that a request is about; it need not be a valid one."""
    given = [request.path_parameters.get("job_id", "")]
    names = [request.query.get("name", "")]
    if isinstance(body, dict):
        batch = body.get("job_ids")
        given += batch if isinstance(batch, list) else []
        names += [str(body.get("name", ""))] if request.operation == "CreateFlinkJarJob" else []
    texts = {str(item) for item in given} - {""}
    ids = sorted(item for item in map(_job_id, texts) if item is not None)
    names += [job.name for job in map(state.job, ids) if job is not None]
    return Mentioned(tuple(ids), frozenset(texts | set(names) - {""}))


def made_jobs(answer: Answer) -> list[int]:
    """Return the ids of the jobs that an answer says it has created."""
    job = answer.body.get("job", {}) if isinstance(answer.body, dict) else {}
    return [job["job_id"]] if "job_id" in job else []


def _job_id(text: str) -> int | None:
    number = contract.from_text(text, "integer")
    return number if isinstance(number, int) and 0 <= number <= MOST_JOB_ID else None


def _checked(state: State, route: Route, request: Request, raw_body: bytes) -> Request:
    operation = contract.operations()[route.operation]
    path = operation.check_path(request.path_parameters)
    user_id = ACCESS[route.access](state, request, path, raw_body)
    query = operation.check_query(request.query)
    body = _body(operation, request.headers, raw_body)
    return replace(request, path_parameters=path, query=query, body=body, user_id=user_id)


def _body(operation: contract.Operation, headers: Mapping[str, str], raw: bytes) -> Any:
    if operation.body is None:
        return None
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise contract.InvalidError("the Content-Type must be application/json")
    body = contract.decode(raw)
    operation.check_body(body)
    return body


def _invalid(route: Route, message: str) -> Answer:
    if route.access != "project":
        refused = IdentityRefusedError(400, "Bad Request", message)
        return Answer(refused.status, refused.body)
    return refusal_answer(RefusedError(INVALID_PARAMETER, message))


def _project_access(state: State, request: Request, path: Mapping[str, Any], raw_body: bytes) -> str:
    return identity.require_project(state, request, path["project_id"], raw_body)


def _token_access(state: State, request: Request, _path: Mapping[str, Any], raw_body: bytes) -> str:
    try:
        return identity.require_caller(state, request, raw_body).user
    except RefusedError:
        message = "The request you have made requires authentication."
        raise IdentityRefusedError(401, "Unauthorized", message) from None


def _open_access(_state: State, _request: Request, _path: Mapping[str, Any], _raw_body: bytes) -> str:
    return ""


ACCESS: Mapping[str, Callable[[State, Request, Mapping[str, Any], bytes], str]] = {
    "project": _project_access,
    "token": _token_access,
    "anyone": _open_access,
}
