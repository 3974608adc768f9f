"""One HTTP request to DLI or IAM: its proof, its repetitions, decoding, and every refusal as an error.

Repeated: GET, PUT and DELETE up to four times after a cut or 502, 503, 504; POST never after it may
have arrived. 429 for every method, since nothing was done; Retry-After is obeyed up to 60 s, and as
often as the service asks for it. No repetition begins later than 5 min after the first try. Each try
is proven anew: a signature does not live long, and a token may have been renewed. Redirects are not
followed: a token would go with them.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

from pulumi_dli.auth import Auth, SignedRequests, clock_remark
from pulumi_dli.errors import (
    AuthenticationError,
    ConnectionFailedError,
    DliError,
    NotFoundError,
    ServiceError,
    UnusableAnswerError,
)
from pulumi_dli.pacing import Pace
from pulumi_dli.sessions import new_session
from pulumi_dli.settings import NAMESPACE
from pulumi_dli.workers import MOST_AT_ONCE

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0
LONGEST_RETRY_AFTER = 60
LONGEST_TOTAL = 300.0
BACK_OFF = 0.5
LONGEST_BACK_OFF = 10.0
MOST_REPETITIONS = 4
MOST_CONNECTS = 2
SHORTEST_ASKED = 0.2  # of a wait that the service asks for again and again
MOST_ANSWER_BYTES = 32 << 20
_CHUNK = 1 << 16
_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
_BUSY = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
_UNCLEAR = "whether the request took effect is not known, run pulumi up again to finish"
GONE_CODES = frozenset({"DLI.16001", "DLI.0023"})
_TITLE = re.compile(r"<title>\s*([^<]{1,80}?)\s*</title>", re.IGNORECASE)
# What gateways repeat behind the reason: the request, with its headers.
_REPEATED = re.compile(r",?\s*canonicalRequest:", re.IGNORECASE)
_REMEDIES = {
    "DLI.0002": "create it in DLI first, or correct its name (queue_name, say) in the program",
    "DLI.0003": "the account lacks the permission",
    "DLI.1028": "a quota is used up",
}


@dataclass(frozen=True)
class Answer:
    """An answer that was read to its end, and the headers of the request that it is for."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    sent: Mapping[str, str]

    @property
    def seconds_ahead(self) -> float:
        """How far this machine's clock is ahead of the service's; 0 where the answer bears no date."""
        try:
            return time.time() - parsedate_to_datetime(self.headers["Date"]).timestamp()
        except (KeyError, TypeError, ValueError):
            return 0.0


class _Tries:
    """Counts the tries of one request, and says how long to wait before the next."""

    def __init__(self, method: str) -> None:
        self._repeatable = method in _REPEATABLE
        self._begun = time.monotonic()
        self._count = 0

    def after_failure(self, error: requests.RequestException) -> float | None:
        """Return the seconds to wait before another try; None: no further one."""
        if _never_sent(error):
            return self._next(MOST_CONNECTS)
        if isinstance(error, requests.exceptions.SSLError):
            return None
        return self._next(MOST_REPETITIONS) if self._repeatable else None

    def after(self, answer: Answer) -> float | None:
        """Return the seconds to wait before another try; None: the answer counts."""
        turned_away = answer.status == HTTPStatus.TOO_MANY_REQUESTS
        if not turned_away and not (answer.status in _BUSY and self._repeatable):
            return None
        asked_for = retry_after(answer.headers.get("Retry-After"))
        if turned_away and asked_for is not None and self._count >= MOST_REPETITIONS:
            return self._in_time(max(asked_for, SHORTEST_ASKED))
        return self._next(MOST_REPETITIONS, asked_for)

    def _next(self, most: int, asked_for: float | None = None) -> float | None:
        self._count += 1
        usual = 0.0 if self._count == 1 else min(LONGEST_BACK_OFF, BACK_OFF * 2 ** (self._count - 1))
        return None if self._count > most else self._in_time(usual if asked_for is None else asked_for)

    def _in_time(self, wait: float) -> float | None:
        return None if time.monotonic() + wait > self._begun + LONGEST_TOTAL else wait


def _never_sent(error: requests.RequestException) -> bool:
    """Tell whether the connection itself could not be made."""
    if isinstance(error, requests.exceptions.SSLError):
        return False
    return isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)) or _is_unreachable(error)


def _is_unreachable(error: requests.RequestException) -> bool:
    return "NewConnectionError" in str(error) or "NameResolutionError" in str(error)


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a service asks to wait, at most LONGEST_RETRY_AFTER; None for what cannot be read."""
    if value is None:
        return None
    try:
        return min(float(LONGEST_RETRY_AFTER), max(0.0, Retry().parse_retry_after(value)))
    except InvalidHeader:
        return None


class Transport:
    """Sends requests to one endpoint; shared by all threads."""

    def __init__(
        self,
        endpoint: str,
        auth: Auth,
        *,
        ca_cert: str | None = None,
        setting: str = "endpoint",
        may_repeat: Callable[[], None] = lambda: None,
        requests_per_second: float | None = None,
    ) -> None:
        """Set up the session; nothing is sent yet.

        `setting` is the one that holds the address. `may_repeat` raises where a request that had to wait is not to be
        sent any more. `requests_per_second` is a budget that all processes of the user share (Pace).
        """
        self.endpoint = endpoint
        self._setting = f"{NAMESPACE}:{setting}"
        self._auth = auth
        self._verify: str | bool = ca_cert or True
        self._may_repeat = may_repeat
        self._pace = Pace(requests_per_second, endpoint)
        self._session = new_session(endpoint, connections=MOST_AT_ONCE)

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
        with self._auth.turn():
            answer = self.answer(operation, method, path, body=body, query=query)
            try:
                return _decoded(operation, answer, self._auth)
            except DliError as error:
                raise _without(error, self._auth.secrets_of(answer.sent)) from None

    def answer(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """Send one request and return its answer, whatever it says. Raises ConnectionFailedError."""
        # Encoded as signatures have it: a space is %20.
        url = f"{self.endpoint}{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        self._take_turn()
        tries, renewed = _Tries(method), False
        while True:
            wait: float | None
            try:
                request = self._proven(method, url, content)
                answer = self._sent(operation, request)
            except requests.RequestException as error:
                wait = tries.after_failure(error)
                if wait is None:
                    raise ConnectionFailedError(self._no_answer(operation, error)) from None
            else:
                if answer.status != HTTPStatus.UNAUTHORIZED:
                    self._auth.accepted()
                elif not renewed and self._auth.renew(request):
                    renewed = True
                    self._take_turn()
                    continue
                wait = tries.after(answer)
                if wait is None:
                    return answer
            time.sleep(wait)
            self._may_repeat()
            self._take_turn()

    def _take_turn(self) -> None:
        """Wait for a turn; after a wait the engine may have gone."""
        if self._pace.take_turn():
            self._may_repeat()

    def _proven(self, method: str, url: str, content: bytes | None) -> requests.PreparedRequest:
        headers = {} if content is None else {"Content-Type": "application/json"}
        request = requests.Request(method, url, headers=headers, data=content, auth=self._auth)
        return self._session.prepare_request(request)

    def _sent(self, operation: str, request: requests.PreparedRequest) -> Answer:
        response = self._session.send(
            request,
            timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
            allow_redirects=False,
            verify=self._verify,
            stream=True,
        )
        chunks, size = [], 0
        for chunk in response.iter_content(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > MOST_ANSWER_BYTES:
                response.close()
                raise UnusableAnswerError(
                    operation,
                    status=response.status_code,
                    message=f"the answer is larger than {MOST_ANSWER_BYTES >> 20} MiB",
                )
        return Answer(response.status_code, response.headers, b"".join(chunks), request.headers)

    def _no_answer(self, operation: str, error: requests.RequestException) -> str:
        host = urlsplit(self.endpoint).netloc
        if isinstance(error, requests.exceptions.SSLError):
            return f"{operation}: {_tls_failure(host, str(error), self._setting)}"
        if isinstance(error, requests.exceptions.ProxyError):
            return f"{operation}: the proxy for {host} cannot be used; check HTTPS_PROXY, or except it by NO_PROXY"
        if isinstance(error, requests.ConnectTimeout):
            return f"{operation}: {host} accepted no connection within {CONNECT_TIMEOUT:.0f} s; check {self._setting}"
        if isinstance(error, requests.ReadTimeout) or "Read timed out" in str(error):
            return f"{operation}: {host} gave no answer within {READ_TIMEOUT:.0f} s; {_UNCLEAR}"
        if _is_unreachable(error):
            return f"{operation}: {host} cannot be reached; check {self._setting}, {NAMESPACE}:region and the network"
        return f"{operation}: {host} cut the connection; {_UNCLEAR}"


def _tls_failure(host: str, said: str, setting: str) -> str:
    """Tell OpenSSL's reasons apart by its words."""
    if "certificate" not in said.lower():
        return f"{host} does not speak TLS 1.2 or newer, or no TLS at all; check {setting}"
    if "mismatch" in said or "doesn't match" in said:
        return f"the certificate of {host} is for another name; check {setting}"
    if "has expired" in said or "not yet valid" in said:
        return f"the certificate of {host} is out of date; check this machine's clock"
    return f"the certificate of {host} is not trusted; name its authority with {NAMESPACE}:caCert"


def _without(error: DliError, secrets: Iterable[str]) -> DliError:
    """Remove secrets of the request that the service repeats in its own words."""
    for secret in secrets:
        error.args = (str(error).replace(secret, "***"),)
        if isinstance(error, ServiceError):
            error.message = error.message.replace(secret, "***")
    return error


def _decoded(operation: str, response: Answer, auth: Auth) -> Any:
    parsed = _json(response)
    request_id = response.headers.get("X-Request-Id")
    if response.status == HTTPStatus.UNAUTHORIZED:
        raise AuthenticationError(
            f"{operation} was refused: {_reason(parsed)} ({_facts(response, parsed)}); "
            f"{_remedy(response, parsed, auth)}"
        )
    if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        if isinstance(parsed, (dict, list)):
            for item in parsed if isinstance(parsed, list) else [parsed]:
                _expect_success(operation, response, item)
            return parsed
        raise UnusableAnswerError(
            operation,
            status=response.status,
            message=_what_came(response),
            request_id=request_id,
        )
    if isinstance(parsed, dict) and (code := parsed.get("error_code")):
        kind = NotFoundError if code in GONE_CODES else ServiceError
        raise kind(
            operation,
            status=response.status,
            code=str(code),
            message=str(parsed.get("error_msg") or "no reason given"),
            request_id=request_id,
            remedy=_REMEDIES.get(str(code)),
        )
    if isinstance(parsed, dict) and parsed.get("message"):
        raise ServiceError(
            operation,
            status=response.status,
            message=str(parsed["message"]),
            request_id=request_id,
        )
    raise UnusableAnswerError(
        operation,
        status=response.status,
        message=_what_came(response),
        request_id=request_id,
        remedy="check dli:endpoint, or try again later",
    )


def _expect_success(operation: str, response: Answer, answer: Any) -> None:
    """Raise ServiceError where `is_success` is neither absent nor true.

    It is a boolean in some pages of DLI's API reference and a string in others: both are read.
    """
    told = answer.get("is_success") if isinstance(answer, dict) else None
    if told is None or told is True or (isinstance(told, str) and told.lower() == "true"):
        return
    raise ServiceError(
        operation,
        status=response.status,
        code=str(answer["error_code"]) if answer.get("error_code") else None,
        message=str(answer.get("message") or answer.get("error_msg") or "no reason given"),
        request_id=response.headers.get("X-Request-Id"),
    )


def _json(response: Answer) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _reason(parsed: Any) -> str:
    """Return the service's own words for a refused proof, without the request that it may repeat there."""
    told = str(parsed.get("error_msg") or _keystone_message(parsed) or "") if isinstance(parsed, dict) else ""
    return " ".join(_REPEATED.split(told)[0].split()).rstrip(".") or "the token is not valid, or has expired"


def _keystone_message(parsed: Mapping[str, Any]) -> str | None:
    error = parsed.get("error")
    return error.get("message") if isinstance(error, dict) else None


def _remedy(response: Answer, parsed: Any, auth: Auth) -> str:
    if isinstance(auth, SignedRequests):
        if remark := clock_remark(response.seconds_ahead):
            return remark
        if "reach the limit" in _reason(parsed):
            return "IAM has locked the access key after wrong signatures: correct its secret key and wait 5 min"
    return auth.remedy


def _facts(response: Answer, parsed: Any) -> str:
    facts = [f"HTTP {response.status}"]
    if isinstance(parsed, dict) and parsed.get("error_code"):
        facts.append(str(parsed["error_code"]))
    if request_id := response.headers.get("X-Request-Id"):
        facts.append(f"request id {request_id}")
    return ", ".join(facts)


def _what_came(response: Answer) -> str:
    """Describe an answer that is not DLI's, without repeating its text."""
    if "Location" in response.headers:
        target = urlsplit(response.headers.get("Location", "")).netloc or "another place"
        return f"the answer redirects to {target}, which is not followed"
    if not response.content:
        return "the answer is empty"
    kind = response.headers.get("Content-Type", "text without a type").split(";")[0]
    title = _TITLE.search(response.content.decode(errors="replace")) if "html" in kind else None
    return f"the answer is {kind}, not JSON" + (f' ("{" ".join(title[1].split())}")' if title else "")
