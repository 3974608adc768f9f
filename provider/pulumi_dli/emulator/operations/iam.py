"""Keystone v3: tokens by password, with project scope, and the list of projects."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from typing import Any

from ..errors import NO_PERMISSION, NOT_AUTHENTICATED, IdentityRefusedError, RefusedError
from ..jobs.state import State, now_ms
from ..jobs.storage import Token
from ..messages import Answer, Request
from ..options import TOKEN, Account
from .signatures import require_signature

LONGEST_LIFE_MS = 24 * 3600 * 1000
VERSION = {"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z"}
MEDIA_TYPE = "application/vnd.openstack.identity-v3+json"


def show_version(_state: State, request: Request) -> Answer:
    """Answer the discovery of versions."""
    links = [{"rel": "self", "href": f"{request.url}/v3/"}]
    media = [{"base": "application/json", "type": MEDIA_TYPE}]
    return Answer(200, {"version": {**VERSION, "links": links, "media-types": media}})


def create_token(state: State, request: Request) -> Answer:
    """Issue a token (for 24 h, unless the options say otherwise)."""
    auth = request.body["auth"]
    account = _account(state, auth["identity"]["password"]["user"])
    scope = auth.get("scope", "unscoped")
    asked = scope.get("project") if isinstance(scope, dict) else None
    project_id = _project(state, account, asked) if asked else None
    # It says what it is, to those who find it in a log.
    text, now = f"{TOKEN}-{secrets.token_urlsafe(48)}", now_ms()
    state.storage.add_token(text, Token(project_id, account.user, now + _life_ms(state)))
    body = {"token": _token_body(state, account, project_id, now)}
    return Answer(201, body, {"x-subject-token": text})


def list_projects(state: State, request: Request) -> Answer:
    """List the projects of the account."""
    name, enabled = request.query.get("name"), request.query.get("enabled", True)
    domain = _id_of("domain", state.options.accounts[0].domain)
    projects = [
        {
            "id": project_id,
            "name": found,
            "domain_id": domain,
            "parent_id": domain,
            "enabled": True,
            "is_domain": False,
            "description": "",
            "links": {"self": f"{request.url}/v3/projects/{project_id}"},
        }
        for project_id, found in state.storage.projects().items()
        if name in (None, found) and enabled
    ]
    links = {"self": f"{request.url}/v3/projects", "next": None, "previous": None}
    return Answer(200, {"projects": projects, "links": links})


def require_caller(state: State, request: Request, body: bytes) -> Token:
    """Return what the valid token or signature of a request opens; refuse it otherwise."""
    if "authorization" in request.headers:
        require_signature(state.options, request, body)
        project_id = request.headers.get("x-project-id")
        return Token(project_id, state.options.accounts[0].user, now_ms() + LONGEST_LIFE_MS)
    return require_token(state, request.headers)


def require_token(state: State, headers: Mapping[str, str]) -> Token:
    """Return the valid token of a request; refuse it otherwise."""
    text = headers.get("x-auth-token", "")
    if secrets.compare_digest(text.encode(), state.options.token.encode()):
        return Token(None, state.options.accounts[0].user, now_ms() + LONGEST_LIFE_MS)
    token = state.storage.token(text) if text else None
    if token is None or token.expires <= now_ms():
        raise RefusedError(NOT_AUTHENTICATED, "Authentication failed: the token is missing, unknown or expired.")
    return token


def require_project(state: State, request: Request, project_id: str, body: bytes) -> str:
    """Refuse a request whose token, or signature with X-Project-Id, does not open the project; return the user's id."""
    token = require_caller(state, request, body)
    static = request.headers.get("x-auth-token", "") == state.options.token
    known = project_id in state.storage.projects()
    if not known or (not static and token.project_id != project_id):
        raise RefusedError(NO_PERMISSION, "The token has no permission for this project.")
    return _id_of("user", token.user)


def user_id(name: str) -> str:
    """Return the id of the user of this name."""
    return _id_of("user", name)


def _account(state: State, given: Mapping[str, Any]) -> Account:
    for account in state.options.accounts:
        by_id = given.get("id") == _id_of("user", account.user)
        by_name = given.get("name") == account.user and _is_domain(account, given.get("domain"))
        password = secrets.compare_digest(given["password"].encode(), account.password.encode())
        if (by_id or by_name) and password:
            return account
    raise _unauthorized()


def _project(state: State, account: Account, asked: Mapping[str, Any]) -> str:
    for project_id, name in state.storage.projects().items():
        by_name = asked.get("name") == name and _is_domain(account, asked.get("domain"))
        if asked.get("id") == project_id or ("id" not in asked and by_name):
            return project_id
    raise _unauthorized()


def _is_domain(account: Account, given: Mapping[str, Any] | None) -> bool:
    return given is not None and (
        given.get("id") == _id_of("domain", account.domain) or given.get("name") == account.domain
    )


def _token_body(state: State, account: Account, project_id: str | None, now: int) -> dict[str, Any]:
    domain = {"id": _id_of("domain", account.domain), "name": account.domain}
    user = {"id": _id_of("user", account.user), "name": account.user, "domain": domain}
    body: dict[str, Any] = {
        "methods": ["password"],
        "issued_at": _timestamp(now),
        "expires_at": _timestamp(now + _life_ms(state)),
        "user": user,
    }
    if project_id is not None:
        name = state.storage.projects()[project_id]
        body["project"] = {"id": project_id, "name": name, "domain": domain}
        body["roles"] = [{"id": "0", "name": "te_admin"}]
        body["catalog"] = []
    return body


def _life_ms(state: State) -> int:
    return int(state.options.token_life * 1000)


def _timestamp(ms: int) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms / 1000))
    return f"{whole}.{ms % 1000:03d}000Z"


def _id_of(kind: str, name: str) -> str:
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:32]


def _unauthorized() -> IdentityRefusedError:
    message = "The request you have made requires authentication."
    return IdentityRefusedError(401, "Unauthorized", message)
