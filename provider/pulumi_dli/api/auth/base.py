"""A proof of who sends a request: token or signature."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from datetime import datetime, timezone
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from pulumi_dli.api.auth.signing import DATE_FORMAT, DATE_HEADER, Unsigned, authorization
from pulumi_dli.config.table import NAMESPACE
from pulumi_dli.errors import AuthenticationError

TOKEN_HEADER = "X-Auth-Token"  # noqa: S105 - the header's name
SECURITY_TOKEN_HEADER = "X-Security-Token"  # noqa: S105 - the header's name
PROJECT_HEADER = "X-Project-Id"
_SIGNED = ("content-type", "host", DATE_HEADER.lower(), PROJECT_HEADER.lower(), SECURITY_TOKEN_HEADER.lower())
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
        """Tell whether a refused request is worth a second try, with another proof than it had."""
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
    """What the service makes of a proof that stays the same; shared by all requests that carry it.

    One that was refused before any was accepted is not tried again, so a stack of a hundred jobs does not send a
    wrong one a hundred times: IAM locks an access key after a few.
    """

    def __init__(self, first_alone: float = 0.0) -> None:
        """Let the first request go alone for so many seconds; later ones would be refused with it."""
        self._first_alone = first_alone
        self._begun = threading.Lock()
        self._answered = threading.Event()
        self._accepted = False
        self._refusal: AuthenticationError | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Send a request; see Auth.turn."""
        if not self._begun.acquire(blocking=False) and not self._answered.wait(self._first_alone):
            self._answered.set()  # a slow one is waited for once
        if self._refusal is not None:
            raise copy(self._refusal)
        try:
            yield
            self._accepted = True
        except AuthenticationError as error:
            if not self._accepted:
                self._refusal = copy(error)
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


def clock_remark(seconds_ahead: float) -> tuple[str, str] | None:
    """Return what is wrong with this machine's clock and what to do, where it is why signatures are refused."""
    if abs(seconds_ahead) < _MOST_SKEW:
        return None
    ahead = "ahead of" if seconds_ahead > 0 else "behind"
    minutes = f"{abs(seconds_ahead) / 60:.0f} min"
    return (
        f"this machine's clock is {minutes} {ahead} the service's, and a signature is good for 15 min",
        "set the clock",
    )
