"""When a request is sent again, and how long after."""

from __future__ import annotations

import time
from http import HTTPStatus

import requests
from urllib3.exceptions import InvalidHeader, MaxRetryError, NameResolutionError, NewConnectionError
from urllib3.util.retry import Retry

from pulumi_dli.api.response import Response

LONGEST_RETRY_AFTER = 60
LONGEST_TOTAL = 300.0
BACK_OFF = 0.5
LONGEST_BACK_OFF = 10.0
MOST_REPETITIONS = 4
MOST_CONNECTS = 2
SHORTEST_ASKED = 0.2  # of a wait that the service asks for again and again
_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
_BUSY = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


class Tries:
    """Counts the tries of one request, and says how long to wait before the next."""

    def __init__(self, method: str) -> None:
        """Begin to count, and to measure the time."""
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

    def after(self, answer: Response) -> float | None:
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
    return isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)) or is_unreachable(error)


def is_unreachable(error: requests.RequestException) -> bool:
    """Tell whether the host has no address, or takes no connection."""
    return isinstance(cause(error), (NewConnectionError, NameResolutionError))


def cause(error: requests.RequestException) -> BaseException | None:
    """Return urllib3's own reason for a failure of requests."""
    inner = error.args[0] if error.args else None
    return inner.reason if isinstance(inner, MaxRetryError) else inner if isinstance(inner, BaseException) else None


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a service asks to wait, at most LONGEST_RETRY_AFTER; None for what cannot be read."""
    if value is None:
        return None
    try:
        return min(float(LONGEST_RETRY_AFTER), max(0.0, Retry().parse_retry_after(value)))
    except InvalidHeader:
        return None
