"""How a request proves who sends it: by a given token, by one that IAM gives for a password, or by a signature."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from pulumi_dli.addresses import host_of
from pulumi_dli.credentials import ACCESS_KEY, TOKEN, Credentials, choose, expect_allowed, iam_address
from pulumi_dli.errors import AuthenticationError, ConfigurationError
from pulumi_dli.sessions import USER_AGENT, new_session
from pulumi_dli.settings import NAMESPACE, Settings
from pulumi_dli.signing import DATE_FORMAT, DATE_HEADER, Unsigned, authorization

TOKEN_HEADER = "X-Auth-Token"  # noqa: S105 - the header's name
SECURITY_TOKEN_HEADER = "X-Security-Token"  # noqa: S105 - the header's name
PROJECT_HEADER = "X-Project-Id"
LOGIN_TIMEOUT = 60.0
# A token is renewed so long before its end, or in the last tenth of a shorter life.
MARGIN = 120.0
_SIGNED = ("content-type", "host", DATE_HEADER.lower(), PROJECT_HEADER.lower(), SECURITY_TOKEN_HEADER.lower())
_MOST_IN_VAIN = 2
_LOGIN_WAITS = (0.5, 2.0)
_BUSY = frozenset({429, 502, 503, 504})
_MOST_SKEW = 15 * 60
# So long, in seconds, other requests wait for the answer to the first signature.
FIRST_ALONE = 2.0


class Auth(AuthBase):
    """Puts a proof into each request, also into each repetition. Safe to share between threads."""

    remedy = ""
    """What to do where the service refuses the proof."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the proof into the request. Raises AuthenticationError where there is none."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Name the kind, never its secrets."""
        return f"{type(self).__name__}()"

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Tell whether a refused request is worth a second try, with another proof than it bore."""
        del refused
        return False

    def accepted(self) -> None:
        """Hear that the service has not refused a proof."""

    def turn(self) -> AbstractContextManager[None]:
        """Return what a request is sent in. Raises AuthenticationError where it would be refused as one before was."""
        return nullcontext()

    def for_project(self, project_id: str) -> Auth:
        """Return what proves requests for a project, where it is named in them."""
        del project_id
        return self

    def secrets_of(self, sent: Mapping[str, str]) -> tuple[str, ...]:
        """Return what must not be read in the service's own words about a request with these headers."""
        return tuple(sent[name] for name in (TOKEN_HEADER, SECURITY_TOKEN_HEADER) if sent.get(name))


class _Standing:
    """What the service makes of a proof that stays the same; shared by all requests that bear it.

    One that was refused before any was accepted is not tried again, so a stack of a hundred jobs does not send a
    wrong one a hundred times: IAM locks an access key after a few.
    """

    def __init__(self, first_alone: float = 0.0) -> None:
        """Let the first request go alone for so many seconds; later ones would be refused with it."""
        self._first_alone = first_alone
        self._begun = threading.Lock()
        self._answered = threading.Event()
        self._accepted = False
        self._refusal: str | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Send a request; see Auth.turn."""
        if not self._begun.acquire(blocking=False) and not self._answered.wait(self._first_alone):
            self._answered.set()  # a slow one is waited for once
        if self._refusal is not None:
            raise AuthenticationError(self._refusal)
        try:
            yield
            self._accepted = True
        except AuthenticationError as error:
            if not self._accepted:
                self._refusal = str(error)
            raise
        finally:
            self._answered.set()


class StaticToken(Auth):
    """Sends a token that the user has; it cannot be renewed."""

    remedy = f"renew {NAMESPACE}:token, or give user and password so that it is renewed by itself"

    def __init__(self, token: str) -> None:
        """Keep the token for every request."""
        self._token = token
        self._standing = _Standing()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into the request."""
        request.headers[TOKEN_HEADER] = self._token
        return request

    def turn(self) -> AbstractContextManager[None]:
        """Send no further request with a refused token."""
        return self._standing.turn()


class SignedRequests(Auth):
    """Signs each request with an access key, at the moment at which it is sent."""

    remedy = f"check {NAMESPACE}:accessKey and {NAMESPACE}:secretKey, and {NAMESPACE}:securityToken of a temporary key"

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        form: str,
        security_token: str | None = None,
    ) -> None:
        """Keep the keys; `form` is one of signing.FORMS. Requests are for the whole account, until for_project."""
        self._access_key = access_key
        self._secret_key = secret_key
        self._form = form
        self._headers = {SECURITY_TOKEN_HEADER: security_token}
        self._standing = _Standing(FIRST_ALONE)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign method, address, body and the headers that matter."""
        url = str(request.url)
        request.headers.update({name: value for name, value in self._headers.items() if value})
        request.headers["Host"] = urlsplit(url).netloc
        request.headers[DATE_HEADER] = datetime.now(timezone.utc).strftime(DATE_FORMAT)
        signed = {name: str(value) for name, value in request.headers.items() if name.lower() in _SIGNED}
        body = request.body.encode() if isinstance(request.body, str) else request.body
        unsigned = Unsigned(str(request.method), url, signed, body)
        request.headers["Authorization"] = authorization(self._form, self._access_key, self._secret_key, unsigned)
        return request

    def turn(self) -> AbstractContextManager[None]:
        """Send no further request with a refused key."""
        return self._standing.turn()

    def for_project(self, project_id: str) -> SignedRequests:
        """Return a signer that names the project."""
        signer = copy(self)
        signer._headers = {**self._headers, PROJECT_HEADER: project_id}
        return signer

    def secrets_of(self, sent: Mapping[str, str]) -> tuple[str, ...]:
        """Return the keys, too."""
        return (*super().secrets_of(sent), self._access_key, self._secret_key)


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
        self._refusal: str | None = None

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
            raise AuthenticationError(self._refusal)
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
            raise AuthenticationError(self._failure(error)) from None
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

    def _failure(self, error: Exception) -> str:
        who = self._account
        line = (
            f"login at {who['auth_url']} failed for user {who['username'] or who['user_id']}, "
            f"domain {who['user_domain_name'] or who['user_domain_id']}, "
            f"project {who['project_id'] or who['project_name']}: {_reason(error)}"
        )
        if getattr(error, "http_status", None) == requests.codes.unauthorized:
            self._refusal = line
        return line


def _reason(error: Exception) -> str:
    from keystoneauth1.exceptions import connection  # noqa: PLC0415 - slow import, rarely needed

    status = getattr(error, "http_status", None)
    if status == requests.codes.unauthorized:
        return "user, password, domain or project is wrong"
    if status:
        return f"HTTP {status}"
    if isinstance(error, connection.SSLError):
        return f"no usable answer: its certificate is not trusted; name its authority with {NAMESPACE}:caCert"
    if isinstance(error, connection.ConnectFailure):
        return f"no usable answer: it cannot be reached; check {NAMESPACE}:authUrl, {NAMESPACE}:region and the network"
    return f"no usable answer ({type(error).__name__})"


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


def make_auth(settings: Settings) -> Auth:
    """Take the first complete set of credentials.

    Raises ConfigurationError that lists what was looked at and what is missing.
    """
    credentials = choose(settings)
    if settings.endpoint is not None:
        expect_allowed(credentials, settings.endpoint, settings)
    auth = _auth(settings, credentials)
    if not credentials.ambient:
        auth.remedy += " (destroy and refresh use the config of the last up: after a change run pulumi up first)"
    return auth


def _auth(settings: Settings, credentials: Credentials) -> Auth:
    if credentials.kind is TOKEN:
        return StaticToken(str(credentials.get("token")))
    if credentials.kind is ACCESS_KEY:
        if settings.signature is None:
            raise ConfigurationError(
                f"the form of signatures is not known for {host_of(settings.endpoint or '')}: set {NAMESPACE}:cloud or "
                f"{NAMESPACE}:signature to otc or huawei"
            )
        return SignedRequests(
            str(credentials.get("accessKey")),
            str(credentials.get("secretKey")),
            settings.signature,
            credentials.get("securityToken"),
        )
    return KeystonePassword(settings, credentials)


def clock_remark(seconds_ahead: float) -> str | None:
    """Say what is wrong with this machine's clock, where it is why signatures are refused."""
    if abs(seconds_ahead) < _MOST_SKEW:
        return None
    ahead = "ahead of" if seconds_ahead > 0 else "behind"
    return (
        f"this machine's clock is {abs(seconds_ahead) / 60:.0f} min {ahead} the service's, and a signature is good for "
        "15 min: set the clock"
    )
