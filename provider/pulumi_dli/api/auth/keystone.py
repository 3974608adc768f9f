"""A token of IAM for a user name and password."""

from __future__ import annotations

import threading
import time
from copy import copy
from typing import Any

import requests

from pulumi_dli.api.auth.base import TOKEN_HEADER, Auth
from pulumi_dli.api.http_session import USER_AGENT, new_session
from pulumi_dli.config.credentials import Credentials, iam_address
from pulumi_dli.config.settings import Settings
from pulumi_dli.config.table import NAMESPACE
from pulumi_dli.errors import AuthenticationError

LOGIN_TIMEOUT = 60.0
# A token is renewed so long before its end, or in the last tenth of a shorter life.
MARGIN = 120.0
_MOST_IN_VAIN = 2
_LOGIN_WAITS = (0.5, 2.0)
_BUSY = frozenset({429, 502, 503, 504})


class KeystonePassword(Auth):
    """Logs in with user and password when the first token is needed; renews it before it expires.

    One login serves all threads. A token that the service refuses (401) is renewed once per request, but
    not for ever where it refuses fresh ones. A refused password is not tried again: IAM locks accounts
    after a few failures.
    """

    remedy = "the token is fresh: check the user's permissions, the project and the region"

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        """Keep the account; nothing is sent yet."""
        self._account = _account(settings, credentials)
        self._ca_cert = settings.ca_cert
        self._lock = threading.Lock()
        self._plugin: Any = None
        self._keystone: Any = None
        self._good_until = 0.0
        self._in_vain = 0  # logins since a token of them was accepted
        self._refusal: AuthenticationError | None = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put a valid token into the request."""
        request.headers[TOKEN_HEADER] = self.token()
        return request

    def token(self) -> str:
        """Return a valid token; logs in if there is none. Raises AuthenticationError."""
        with self._lock:
            return str(self._access().auth_token)

    def project_id(self) -> str:
        """Return the id of the project that the token is for."""
        with self._lock:
            return str(self._access().project_id)

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Drop the token that was refused, unless another thread has a newer one already."""
        with self._lock:
            if self._in_vain >= _MOST_IN_VAIN:
                return False
            access = self._plugin.auth_ref if self._plugin is not None else None
            if access is not None and access.auth_token == refused.headers.get(TOKEN_HEADER):
                self._plugin.invalidate()
        return True

    def accepted(self) -> None:
        """Note that the token is good."""
        self._in_vain = 0

    def _access(self) -> Any:
        from keystoneauth1.exceptions import ClientException  # noqa: PLC0415 - slow import, rarely needed

        if self._refusal is not None:
            raise copy(self._refusal)
        self._prepare()
        if self._plugin.auth_ref is not None and time.monotonic() < self._good_until:
            return self._plugin.auth_ref
        self._plugin.invalidate()
        try:
            access = self._logged_in()
            life = (access.expires - access.issued).total_seconds()
            has_project = bool(access.auth_token and access.project_id)
        # Keystone answers that lack a part show as KeyError and the like.
        except (ClientException, KeyError, TypeError, ValueError) as error:
            self._plugin.invalidate()
            raise self._failure(error) from None
        if not has_project:
            self._plugin.invalidate()
            raise AuthenticationError(f"login at {self._account['auth_url']} gave a token without a project")
        # By its length, not by its end: this machine's clock may differ from the service's.
        self._in_vain += 1
        self._good_until = time.monotonic() + life - min(MARGIN, life / 10)
        return access

    def _logged_in(self) -> Any:
        """Log in; try again where IAM is busy."""
        from keystoneauth1.exceptions import HttpError  # noqa: PLC0415 - slow import, rarely needed

        for wait in (*_LOGIN_WAITS, None):
            try:
                return self._plugin.get_access(self._keystone)
            except HttpError as error:
                if wait is None or error.http_status not in _BUSY:
                    raise
                time.sleep(wait)
        return None

    def _prepare(self) -> None:
        if self._plugin is not None:
            return
        from keystoneauth1.identity.v3 import Password  # noqa: PLC0415 - slow import, rarely needed
        from keystoneauth1.session import Session  # noqa: PLC0415 - as above

        self._plugin = Password(**self._account)
        self._keystone = Session(
            session=new_session(self._account["auth_url"]),
            verify=self._ca_cert or True,
            timeout=LOGIN_TIMEOUT,
            redirect=False,
            user_agent=USER_AGENT,
            connect_retries=2,
        )

    def _failure(self, error: Exception) -> AuthenticationError:
        who = self._account
        why, remedy = _reason(error)
        failed = AuthenticationError(
            f"login at {who['auth_url']} failed for user {who['username'] or who['user_id']}, "
            f"domain {who['user_domain_name'] or who['user_domain_id']}, "
            f"project {who['project_id'] or who['project_name']}: {why}",
            remedy=remedy,
        )
        if getattr(error, "http_status", None) == requests.codes.unauthorized:
            self._refusal = copy(failed)
        return failed


def _reason(error: Exception) -> tuple[str, str | None]:
    """Return why there is no token, and what to do."""
    from keystoneauth1.exceptions import connection  # noqa: PLC0415 - slow import, rarely needed

    status = getattr(error, "http_status", None)
    if status == requests.codes.unauthorized:
        return "user, password, domain or project is wrong", None
    if status:
        return f"HTTP {status}", None
    if isinstance(error, connection.SSLError):
        return "no usable answer: its certificate is not trusted", f"name its authority with {NAMESPACE}:caCert"
    if isinstance(error, connection.ConnectFailure):
        remedy = f"check {NAMESPACE}:authUrl, {NAMESPACE}:region and the network"
        return "no usable answer: it cannot be reached", remedy
    return f"no usable answer ({type(error).__name__})", None


def _account(settings: Settings, credentials: Credentials) -> dict[str, Any]:
    """Return what Keystone's password method is asked with: project scope, by id or by name and domain."""
    project_id = credentials.get("projectId")
    domain = {"name": credentials.get("domainName"), "id": credentials.get("domainId")}
    of_project = {"name": settings.value("projectDomainName"), "id": settings.value("projectDomainId")}
    if not any(of_project.values()):
        of_project = domain
    return {
        "auth_url": iam_address(settings, credentials),
        "username": credentials.get("userName"),
        "user_id": credentials.get("userId"),
        "password": credentials.get("password"),
        "user_domain_name": domain["name"],
        "user_domain_id": domain["id"],
        "project_id": project_id,
        "project_name": None if project_id else credentials.get("projectName") or settings.region,
        "project_domain_name": None if project_id else of_project["name"],
        "project_domain_id": None if project_id else of_project["id"],
    }
