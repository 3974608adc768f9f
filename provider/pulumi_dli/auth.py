"""How a request proves who sends it: a token that is given, or one that Keystone gives for a password."""

from __future__ import annotations

import threading
from typing import Any, cast

import requests
from requests.auth import AuthBase

from pulumi_dli.errors import AuthenticationError, ConfigurationError
from pulumi_dli.settings import NAMESPACE, Settings

TOKEN_HEADER = "X-Auth-Token"  # noqa: S105 - the header's name


class StaticToken(AuthBase):
    """Sends a token that the user has; it cannot be renewed."""

    def __init__(self, token: str) -> None:
        """Keep the token for every request."""
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into the request."""
        request.headers[TOKEN_HEADER] = self._token
        return request

    def __repr__(self) -> str:
        """Name the kind, never the token."""
        return "StaticToken()"


class KeystonePassword(AuthBase):
    """Logs in with user and password when the first token is needed; renews it before it expires.

    One login serves all threads. A token that the service refuses (401) is renewed once per request.
    """

    def __init__(self, settings: Settings) -> None:
        """Keep the account; nothing is sent yet."""
        self._settings = settings
        self._lock = threading.Lock()
        self._plugin: Any = None
        self._keystone: Any = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put a valid token into the request."""
        request.headers[TOKEN_HEADER] = self.token()
        request.register_hook("response", self._renewed)  # type: ignore[no-untyped-call]
        return request

    def __repr__(self) -> str:
        """Name the kind, never the account's secrets."""
        return "KeystonePassword()"

    def token(self) -> str:
        """Return a valid token; logs in if there is none. Raises AuthenticationError."""
        return str(self._asked("get_token"))

    def project_id(self) -> str:
        """Return the id of the project that the token is for."""
        return str(self._asked("get_project_id"))

    def _asked(self, question: str) -> Any:
        from keystoneauth1.exceptions import ClientException  # noqa: PLC0415 - slow import, rarely needed

        with self._lock:
            self._prepare()
            try:
                return self._answer(question)
            # Keystone answers that lack a part show as KeyError and the like.
            except (ClientException, KeyError, TypeError, ValueError) as error:
                self._plugin.invalidate()
                raise AuthenticationError(_login_failure(self._settings, error)) from None

    def _answer(self, question: str) -> Any:
        answer = getattr(self._plugin, question)(self._keystone)
        if not answer:
            self._plugin.invalidate()
            raise AuthenticationError(f"login at {self._settings.auth_url} gave a token without a project")
        return answer

    def _prepare(self) -> None:
        if self._plugin is not None:
            return
        from keystoneauth1.identity.v3 import Password  # noqa: PLC0415 - slow import, rarely needed
        from keystoneauth1.session import Session  # noqa: PLC0415

        settings = self._settings
        self._plugin = Password(
            auth_url=settings.auth_url or "",
            username=settings.user_name,
            password=settings.password or "",
            user_domain_name=settings.domain_name,
            project_id=settings.project_id,
            project_name=None if settings.project_id else settings.project_name,
            project_domain_name=None if settings.project_id else settings.domain_name,
        )
        self._keystone = Session(verify=settings.ca_cert or True, timeout=60, redirect=False)

    def _renewed(self, response: requests.Response, **options: Any) -> requests.Response:
        if response.status_code != requests.codes.unauthorized:
            return response
        self._forget(response.request.headers.get(TOKEN_HEADER))
        request = response.request.copy()
        request.headers[TOKEN_HEADER] = self.token()
        request.deregister_hook("response", self._renewed)  # type: ignore[no-untyped-call]
        _ = response.content  # frees the connection
        return cast("Any", response).connection.send(request, **options)  # type: ignore[no-any-return]

    def _forget(self, refused: str | bytes | None) -> None:
        """Drop the token that was refused, unless another thread has a newer one already."""
        with self._lock:
            access = self._plugin.auth_ref
            if access is not None and access.auth_token == refused:
                self._plugin.invalidate()


def _login_failure(settings: Settings, error: Exception) -> str:
    account = (
        f"user {settings.user_name}, domain {settings.domain_name}, "
        f"project {settings.project_id or settings.project_name}"
    )
    status = getattr(error, "http_status", None)
    if status == requests.codes.unauthorized:
        reason = "user, password or domain is wrong"
    elif status:
        reason = f"HTTP {status}"
    else:
        reason = f"no usable answer ({type(error).__name__})"
    return f"login at {settings.auth_url} failed for {account}: {reason}"


def make_auth(settings: Settings) -> StaticToken | KeystonePassword:
    """Choose the first complete set of credentials: a token, or user and password.

    Raises ConfigurationError that lists what was looked at and what is missing.
    """
    if settings.token:
        return StaticToken(settings.token)
    needed = {
        "userName": settings.user_name,
        "password": settings.password,
        "domainName": settings.domain_name,
        "authUrl": settings.auth_url,
        "projectId or projectName": settings.project_id or settings.project_name,
    }
    missing = [name for name, value in needed.items() if not value]
    if not missing:
        return KeystonePassword(settings)
    raise ConfigurationError(
        f"no credentials: neither a token ({NAMESPACE}:token, OS_TOKEN, OS_AUTH_TOKEN, HW_AUTH_TOKEN) nor a complete "
        f"login with a password (missing: {', '.join(missing)}) was found in the stack's config or the environment"
    )
