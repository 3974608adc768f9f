"""Watching many jobs with few requests: where several wait, one page of the job list serves all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from pulumi_dli.api.client import PAGE, DliClient

# A listing that is younger than this serves the next one who asks.
SHARED_FOR = 0.2


class SharedPoller:
    """The statuses of the jobs that threads of this host wait for.

    A listing of the project's jobs serves all who wait; it is used where it needs fewer requests than
    asking for each of them: more jobs wait than the list has pages.
    """

    def __init__(self, client: DliClient) -> None:
        """Ask nothing yet."""
        self._client = client
        self._lock = threading.Lock()
        self._listing = threading.Lock()
        self._waiting = 0
        self._pages = 1
        self._statuses: dict[str, str] = {}
        self._listed_at = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count one who waits."""
        with self._lock:
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def status(self, job_id: str) -> str | None:
        """Return the status of a job from a listing made after the call; None where it is better asked for alone."""
        with self._lock:
            if self._waiting <= self._pages:
                return None
        asked = time.monotonic()
        with self._listing:
            if self._listed_at < asked - SHARED_FOR:
                self._listed_at = time.monotonic()
                self._statuses = self._client.list_statuses()
                self._pages = max(1, -(-len(self._statuses) // PAGE))
            return self._statuses.get(job_id)
