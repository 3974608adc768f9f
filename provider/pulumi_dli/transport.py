"""One HTTP request to DLI: authentication, retries, decoding, and every refusal as an error.

Retries: GET, PUT and DELETE up to four times after a cut or 502, 503, 504; POST never after it may
have arrived. 429 is retried for every method, since nothing was done; Retry-After is obeyed up to 60 s.
Redirects are not followed: a token would go with them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from typing_extensions import Self
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

from pulumi_dli.auth import TOKEN_HEADER
from pulumi_dli.errors import (
    AuthenticationError,
    ConnectionFailedError,
    DliError,
    NotFoundError,
    ServiceError,
    UnusableAnswerError,
)
from pulumi_dli.version import __version__
from pulumi_dli.workers import MOST_AT_ONCE

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0
LONGEST_RETRY_AFTER = 60
_UNCLEAR = "whether the request took effect is not known, run pulumi up again to finish"
GONE_CODES = frozenset({"DLI.16001", "DLI.0023"})
_TITLE = re.compile(r"<title>\s*([^<]{1,80}?)\s*</title>", re.IGNORECASE)
_REMEDIES = {
    "DLI.0002": "create it in DLI first, or correct its name (queue_name, say) in the program",
    "DLI.0003": "the account lacks the permission",
    "DLI.1028": "a quota is used up",
}


class _Retry(Retry):
    """urllib3's retries, and 429 for any method: a request that was turned away had no effect.

    Before each repetition `may_repeat` is asked; it raises where nobody waits for the request any more.
    """

    def __init__(self, *args: Any, may_repeat: Callable[[], None] = lambda: None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._may_repeat = may_repeat

    def new(self, **options: Any) -> Self:
        return super().new(may_repeat=self._may_repeat, **options)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        super().sleep(response)
        self._may_repeat()

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        if status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return bool(self.total)
        return super().is_retry(method, status_code, has_retry_after)

    def parse_retry_after(self, retry_after: str) -> float:
        try:
            return super().parse_retry_after(retry_after)
        except InvalidHeader:
            return 0.0  # unreadable: the usual back-off counts


def _retries(may_repeat: Callable[[], None]) -> Retry:
    return _Retry(
        may_repeat=may_repeat,
        total=4,
        connect=2,
        other=0,
        backoff_factor=0.5,
        backoff_max=10,
        status_forcelist={502, 503, 504},
        allowed_methods={"GET", "PUT", "DELETE"},
        raise_on_status=False,
        respect_retry_after_header=True,
        retry_after_max=LONGEST_RETRY_AFTER,
    )


class Transport:
    """Sends requests to one endpoint; shared by all threads."""

    def __init__(
        self,
        endpoint: str,
        auth: AuthBase,
        *,
        ca_cert: str | None = None,
        may_repeat: Callable[[], None] = lambda: None,
    ) -> None:
        """Set up the session; nothing is sent yet. `may_repeat` raises where a request is not to be repeated."""
        self.endpoint = endpoint
        self._auth = auth
        self._verify: str | bool = ca_cert or True
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"pulumi-dli/{__version__}"
        adapter = HTTPAdapter(max_retries=_retries(may_repeat), pool_maxsize=MOST_AT_ONCE)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def request(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Any:
        """Send one request and return the JSON of a good answer.

        Raises ConnectionFailedError, AuthenticationError, ServiceError or one of its kinds.
        """
        try:
            response = self._session.request(
                method,
                f"{self.endpoint}{path}",
                json=body,
                params=query,
                auth=self._auth,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                allow_redirects=False,
                verify=self._verify,
            )
        except requests.RequestException as error:
            raise ConnectionFailedError(self._no_answer(operation, error)) from None
        try:
            return _decoded(operation, response)
        except DliError as error:
            raise _without_token(error, response) from None

    def _no_answer(self, operation: str, error: requests.RequestException) -> str:
        host = urlsplit(self.endpoint).netloc
        if isinstance(error, requests.exceptions.SSLError):
            return f"{operation}: the certificate of {host} is not trusted; name its authority with dli:caCert"
        if isinstance(error, requests.ConnectTimeout):
            return f"{operation}: {host} accepted no connection within {CONNECT_TIMEOUT:.0f} s; check dli:endpoint"
        if isinstance(error, requests.ReadTimeout) or "Read timed out" in str(error):
            return f"{operation}: {host} gave no answer within {READ_TIMEOUT:.0f} s; {_UNCLEAR}"
        if "NewConnectionError" in str(error) or "NameResolutionError" in str(error):
            return f"{operation}: {host} cannot be reached; check dli:endpoint, dli:region and the network"
        return f"{operation}: {host} cut the connection; {_UNCLEAR}"


def _without_token(error: DliError, response: requests.Response) -> DliError:
    """Remove the token that the service repeats in its own words."""
    token = response.request.headers.get(TOKEN_HEADER)
    if isinstance(token, str):
        error.args = (str(error).replace(token, "***"),)
        if isinstance(error, ServiceError):
            error.message = error.message.replace(token, "***")
    return error


def _decoded(operation: str, response: requests.Response) -> Any:
    parsed = _json(response)
    request_id = response.headers.get("X-Request-Id")
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        raise AuthenticationError(
            f"{operation} was refused: {_reason(parsed)} ({_facts(response, parsed)}); "
            "renew dli:token, or give user and password so that it is renewed by itself"
        )
    if HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
        if isinstance(parsed, (dict, list)):
            for item in parsed if isinstance(parsed, list) else [parsed]:
                _expect_success(operation, response, item)
            return parsed
        raise UnusableAnswerError(
            operation,
            status=response.status_code,
            message=_what_came(response),
            request_id=request_id,
        )
    if isinstance(parsed, dict) and (code := parsed.get("error_code")):
        kind = NotFoundError if code in GONE_CODES else ServiceError
        raise kind(
            operation,
            status=response.status_code,
            code=str(code),
            message=str(parsed.get("error_msg") or "no reason given"),
            request_id=request_id,
            remedy=_REMEDIES.get(str(code)),
        )
    if isinstance(parsed, dict) and parsed.get("message"):
        raise ServiceError(
            operation,
            status=response.status_code,
            message=str(parsed["message"]),
            request_id=request_id,
        )
    raise UnusableAnswerError(
        operation,
        status=response.status_code,
        message=_what_came(response),
        request_id=request_id,
        remedy="check dli:endpoint, or try again later",
    )


def _expect_success(operation: str, response: requests.Response, answer: Any) -> None:
    """Raise ServiceError where `is_success` is neither absent nor true.

    It is a boolean in some pages of DLI's API reference and a string in others: both are read.
    """
    told = answer.get("is_success") if isinstance(answer, dict) else None
    if told is None or told is True or (isinstance(told, str) and told.lower() == "true"):
        return
    raise ServiceError(
        operation,
        status=response.status_code,
        code=str(answer["error_code"]) if answer.get("error_code") else None,
        message=str(answer.get("message") or answer.get("error_msg") or "no reason given"),
        request_id=response.headers.get("X-Request-Id"),
    )


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, requests.JSONDecodeError, UnicodeDecodeError):
        return None


def _reason(parsed: Any) -> str:
    """Return the service's own words for a refused token."""
    told = str(parsed.get("error_msg") or "") if isinstance(parsed, dict) else ""
    return " ".join(told.split()).rstrip(".") or "the token is not valid, or has expired"


def _facts(response: requests.Response, parsed: Any) -> str:
    facts = [f"HTTP {response.status_code}"]
    if isinstance(parsed, dict) and parsed.get("error_code"):
        facts.append(str(parsed["error_code"]))
    if request_id := response.headers.get("X-Request-Id"):
        facts.append(f"request id {request_id}")
    return ", ".join(facts)


def _what_came(response: requests.Response) -> str:
    """Describe an answer that is not DLI's, without repeating its text."""
    if response.is_redirect or "Location" in response.headers:
        target = urlsplit(response.headers.get("Location", "")).netloc or "another place"
        return f"the answer redirects to {target}, which is not followed"
    if not response.content:
        return "the answer is empty"
    kind = response.headers.get("Content-Type", "text without a type").split(";")[0]
    title = _TITLE.search(response.text) if "html" in kind else None
    return f"the answer is {kind}, not JSON" + (f' ("{" ".join(title[1].split())}")' if title else "")
