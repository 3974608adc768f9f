"""The id of the project that requests are for: as configured, from the login, or asked of IAM by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_dli.api.auth.base import Auth
from pulumi_dli.api.auth.keystone import KeystonePassword
from pulumi_dli.api.transport import Transport
from pulumi_dli.config.credentials import TOKEN, choose, iam_address
from pulumi_dli.config.settings import Settings
from pulumi_dli.config.table import NAMESPACE
from pulumi_dli.errors import ConfigurationError, UnusableAnswerError


def project_id_of(settings: Settings, auth: Auth) -> str:
    """Return the project's id. Asks IAM where only the name is known.

    Without a name it is the project that has the region's name, which every account has; a token
    alone does not tell which project it is for. Raises ConfigurationError where there is none.
    """
    if settings.project_id is not None:
        return settings.project_id
    if isinstance(auth, KeystonePassword):
        return auth.project_id()
    credentials = choose(settings)
    name = settings.project_name or (settings.region if credentials.kind is not TOKEN else "")
    if not name:
        raise ConfigurationError(
            f"no project: set {NAMESPACE}:projectId or OS_PROJECT_ID ({NAMESPACE}:projectName or OS_PROJECT_NAME)"
        )
    iam = Transport(iam_address(settings, credentials), auth, ca_cert=settings.ca_cert, setting="authUrl")
    return _only(name, list_projects(iam, name), iam.endpoint)


def list_projects(iam: Transport, name: str | None = None) -> list[Mapping[str, Any]]:
    """Return the projects of the account (KeystoneListProjects), of one name or all."""
    answer = iam.request("ListProjects", "GET", "/projects", query={"name": name} if name else None)
    projects = answer.get("projects") if isinstance(answer, dict) else None
    if not isinstance(projects, list):
        raise UnusableAnswerError("ListProjects", status=200, message="the answer has no projects")
    return [each for each in projects if isinstance(each, dict) and isinstance(each.get("id"), str)]


def _only(name: str, projects: list[Mapping[str, Any]], address: str) -> str:
    found = [str(each["id"]) for each in projects if each.get("name") == name]
    if len(found) != 1:
        raise ConfigurationError(
            f"{len(found) or 'no'} projects are called {name} at {address}: correct {NAMESPACE}:projectName, or set "
            f"{NAMESPACE}:projectId"
        )
    return found[0]
