"""Waiting for a job to reach a status: bounded, told to the user, given up when the engine has gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from pulumi_dli.api.client import DliClient
from pulumi_dli.errors import (
    AuthenticationError,
    ConnectionFailedError,
    DliError,
    EngineGoneError,
    ServiceError,
    TimeoutPassedError,
    UnseenError,
    effect_unknown,
)
from pulumi_dli.reconcile.polling import StatusBoard
from pulumi_dli.redaction import masked
from pulumi_dli.schema.observed_job import Details

FIRST_INTERVAL = 0.25
LONGEST_INTERVAL = 10.0
GROWTH = 1.5
# A service that fails longer than this ends a wait.
UNREACHABLE_FOR = 300.0
_SAY_EVERY = 5.0


@dataclass(frozen=True)
class Job:
    """One job that is worked on, and the ways to see it, to tell the user, and to notice a dead engine."""

    client: DliClient
    job_id: str
    name: str
    say: Callable[[str], None]
    warn: Callable[[str], None]
    engine_answers: Callable[[], bool]
    board: StatusBoard
    secrets: frozenset[str] = frozenset()

    def show(self) -> Details:
        """Read the job from the service."""
        details = self.client.show_flink_job(self.job_id)
        return replace(details, status_desc=masked(details.status_desc, self.secrets))

    def look(self, last: Details) -> Details:
        """Read the job again, or, where a listing for all who wait shows no change, return `last`."""
        return last if self.board.status(self.job_id) == last.status else self.show()

    def before(self, step: str) -> None:
        """Announce a step; raises EngineGoneError where nobody waits for it any more."""
        if not self.engine_answers():
            raise EngineGoneError(
                f"stopped before the step '{step}': the engine has ended; run pulumi up again to finish"
            )
        self.say(f"{self.name}: {step}")


@dataclass(frozen=True)
class Wait:
    """What is waited for, and for how long: `until` tells whether it is there.

    `patient`: something was begun, so a service that fails for a while does not end the wait.
    """

    what: str
    until: Callable[[Details], bool]
    seconds: float
    on_timeout: str = ""
    patient: bool = True


def wait(job: Job, waited: Wait) -> Details:
    """Poll the job until `waited.until` holds and return the details that show it.

    Raises TimeoutPassedError after `waited.seconds`, EngineGoneError when the engine has ended.
    """
    with job.board.watched():
        return _waited(job, waited)


def _waited(job: Job, waited: Wait) -> Details:
    started = said = time.monotonic()
    interval = FIRST_INTERVAL
    watch = _Watch(job, UNREACHABLE_FOR if waited.patient else 0.0)
    while (details := watch.look()) is None or not waited.until(details):
        now = time.monotonic()
        status = details.status if details else "unknown"
        if now - started >= waited.seconds:
            raise TimeoutPassedError(
                f"{waited.what} took longer than {waited.seconds:g} s; the job is in status {status}"
                + (f"; {waited.on_timeout}" if waited.on_timeout else "")
            )
        if now - said >= _SAY_EVERY:
            said = now
            job.say(f"{job.name}: {waited.what}: {watch.trouble or status}, {now - started:.0f} s")
        _pause(job, waited.what, min(interval, max(0.05, waited.seconds - (now - started))))
        interval = min(interval * GROWTH, LONGEST_INTERVAL)
    return details


class _Watch:
    """Looks at a job again and again; a service that fails for a while does not end the wait."""

    def __init__(self, job: Job, patience: float) -> None:
        self._job = job
        self._patience = patience
        self._last: Details | None = None
        self._well_at = time.monotonic()
        self.trouble = ""

    def look(self) -> Details | None:
        """Return the newest details, None where there are none yet."""
        try:
            self._last = self._job.show() if self._last is None else self._job.look(self._last)
        except (AuthenticationError, ConnectionFailedError, ServiceError) as error:
            if not self._patience:
                raise
            if not _passes(error) or time.monotonic() - self._well_at > self._patience:
                raise UnseenError(f"{error}; what became of the job is not known: run pulumi up again") from None
            self.trouble = str(error)
        else:
            self._well_at, self.trouble = time.monotonic(), ""
        return self._last


def _passes(error: DliError) -> bool:
    """Tell whether a failed look may go well the next time."""
    return effect_unknown(error) or (isinstance(error, ServiceError) and error.status == HTTPStatus.TOO_MANY_REQUESTS)


def _pause(job: Job, what: str, seconds: float) -> None:
    """Sleep in short pieces, so that a dead engine is noticed within a second or so."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 1.0))
        if not job.engine_answers():
            raise EngineGoneError(
                f"stopped while waiting ({what}): the engine has ended; run pulumi up again to finish"
            )
