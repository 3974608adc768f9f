"""One HTTP request to DLI or IAM: its proof, its repetitions, decoding, and every refusal as an error.

Repeated: GET, PUT and DELETE up to four times after a cut or 502, 503, 504; POST never after it may
have arrived. 429 for every method, since nothing was done; Retry-After is obeyed up to 60 s, and as
often as the service asks for it. No repetition begins later than 5 min after the first try. Each try
is proven again: a signature does not live long, and a token may have been renewed. Redirects are not
followed: a token would go with them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import requests

from pulumi_dli.api.auth.base import Auth
from pulumi_dli.api.connection_failure import CONNECT_TIMEOUT, READ_TIMEOUT, failure_of
from pulumi_dli.api.http_session import new_session
from pulumi_dli.api.rate_limit import RateLimiter
from pulumi_dli.api.response import Response, decoded
from pulumi_dli.api.retry import Tries
from pulumi_dli.config.table import NAMESPACE
from pulumi_dli.errors import (
    ConnectionFailedError,
    DliError,
    UnusableAnswerError,
)
from pulumi_dli.host.worker_pool import MOST_AT_ONCE

MOST_ANSWER_BYTES = 32 << 20
_CHUNK = 1 << 16


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
        self._rate = RateLimiter(requests_per_second, endpoint)
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
                return decoded(operation, answer, self._auth)
            except DliError as error:
                error.mask(self._auth.secrets_of(answer.sent))
                raise

    def answer(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Response:
        """Send one request and return its answer, whatever it says. Raises ConnectionFailedError."""
        # Encoded as signatures have it: a space is %20.
        url = f"{self.endpoint}{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        self._acquire_turn()
        tries, renewed = Tries(method), False
        while True:
            wait: float | None
            try:
                request = self._proven(method, url, content)
                answer = self._sent(operation, request)
            except requests.RequestException as error:
                wait = tries.after_failure(error)
                if wait is None:
                    raise self._no_answer(operation, error) from None
            else:
                if answer.status != HTTPStatus.UNAUTHORIZED:
                    self._auth.accepted()
                elif not renewed and self._auth.renew(request):
                    renewed = True
                    self._acquire_turn()
                    continue
                wait = tries.after(answer)
                if wait is None:
                    return answer
            time.sleep(wait)
            self._may_repeat()
            self._acquire_turn()

    def _acquire_turn(self) -> None:
        """Wait for a turn; after a wait the engine may have gone."""
        if self._rate.acquire():
            self._may_repeat()

    def _proven(self, method: str, url: str, content: bytes | None) -> requests.PreparedRequest:
        headers = {} if content is None else {"Content-Type": "application/json"}
        request = requests.Request(method, url, headers=headers, data=content, auth=self._auth)
        return self._session.prepare_request(request)

    def _sent(self, operation: str, request: requests.PreparedRequest) -> Response:
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
        return Response(response.status_code, response.headers, b"".join(chunks), request.headers)

    def _no_answer(self, operation: str, error: requests.RequestException) -> ConnectionFailedError:
        host = urlsplit(self.endpoint).netloc
        what, remedy = failure_of(error, host, self._setting)
        return ConnectionFailedError(f"{operation}: {what}", remedy=remedy)
