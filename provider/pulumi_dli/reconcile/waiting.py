"""Waiting for a job to reach a status: bounded, with progress, given up when the engine has gone."""

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
    JobLeft,
    ServiceError,
    TimeoutPassedError,
    UnseenError,
    effect_unknown,
    followed,
)
from pulumi_dli.reconcile.limit import NO_LIMIT, Limit
from pulumi_dli.reconcile.polling import SharedPoller
from pulumi_dli.schema.observed_job import ObservedJob

FIRST_INTERVAL = 0.25
LONGEST_INTERVAL = 10.0
GROWTH = 1.5
# A service that fails longer than this ends a wait.
UNREACHABLE_FOR = 300.0
_SAY_EVERY = 5.0


@dataclass(frozen=True)
class JobHandle:
    """One job that is worked on, and the ways to see it, to inform the user, and to notice a dead engine."""

    client: DliClient
    job_id: str
    name: str
    say: Callable[[str], None]
    warn: Callable[[str], None]
    engine_answers: Callable[[], bool]
    board: SharedPoller
    secrets: frozenset[str] = frozenset()
    limit: Limit = NO_LIMIT

    def show(self) -> ObservedJob:
        """Read the job from the service."""
        observed = self.client.show_flink_job(self.job_id)
        return replace(observed, status_desc=observed.status_desc.masking(self.secrets))

    def look(self, last: ObservedJob) -> ObservedJob:
        """Read the job again, or, where a listing for all who wait shows no change, return `last`."""
        return last if self.board.status(self.job_id) == last.status else self.show()

    def before(self, step: str) -> None:
        """Announce a step; raises EngineGoneError where nobody waits for it any more."""
        if not self.engine_answers():
            raise engine_gone(f"stopped before the step '{step}'")
        self.say(f"{self.name}: {step}")


@dataclass(frozen=True)
class Wait:
    """What is waited for, and for how long: `until` says whether it is there.

    `on_timeout` says what that means for the job, `remedy` what to do then, `job_left` where it is.
    `patient`: something was begun, so a service that fails for a while does not end the wait.
    """

    what: str
    until: Callable[[ObservedJob], bool]
    seconds: float
    on_timeout: str = ""
    remedy: str | None = None
    job_left: JobLeft | None = None
    patient: bool = True


def wait(job: JobHandle, waited: Wait) -> ObservedJob:
    """Poll the job until `waited.until` holds and return the details that show it.

    Raises TimeoutPassedError after `waited.seconds`, EngineGoneError when the engine has ended.
    """
    with job.board.watched():
        return _waited(job, waited)


def _waited(job: JobHandle, waited: Wait) -> ObservedJob:
    started = said = time.monotonic()
    interval = FIRST_INTERVAL
    watch = _Watch(job, UNREACHABLE_FOR if waited.patient else 0.0)
    while (observed := watch.look()) is None or not waited.until(observed):
        now = time.monotonic()
        status = observed.status if observed else "unknown"
        if now - started >= waited.seconds:
            raise _timed_out(waited, status, job.limit)
        if now - said >= _SAY_EVERY:
            said = now
            job.say(f"{job.name}: {waited.what}: {watch.trouble or status}, {now - started:.0f} s")
        _pause(job, waited.what, min(interval, max(0.05, waited.seconds - (now - started))))
        interval = min(interval * GROWTH, LONGEST_INTERVAL)
    return observed


def engine_gone(what: str) -> EngineGoneError:
    """Return the error for what was not done because nobody waits for it any more."""
    finish = "run pulumi up again to finish"
    return EngineGoneError(f"{what}: the engine has ended", remedy=finish, job_left=JobLeft.UNFINISHED)


def _unseen(error: DliError) -> UnseenError:
    what = f"{error}; what became of the job is not known"
    return UnseenError(what, remedy="run pulumi up again", job_left=JobLeft.UNKNOWN)


def _timed_out(waited: Wait, status: str, limit: Limit) -> TimeoutPassedError:
    took = f"{waited.what} took longer than {waited.seconds:.6g} s{limit.words}"
    error = TimeoutPassedError(f"{took}; the job is in status {status}")
    return followed(error, waited.on_timeout, remedy=waited.remedy, job_left=waited.job_left)


class _Watch:
    """Looks at a job again and again; a service that fails for a while does not end the wait."""

    def __init__(self, job: JobHandle, patience: float) -> None:
        self._job = job
        self._patience = patience
        self._last: ObservedJob | None = None
        self._well_at = time.monotonic()
        self.trouble = ""

    def look(self) -> ObservedJob | None:
        """Return the newest details, None where there are none yet."""
        try:
            self._last = self._job.show() if self._last is None else self._job.look(self._last)
        except (AuthenticationError, ConnectionFailedError, ServiceError) as error:
            if not self._patience:
                raise
            if not _passes(error) or time.monotonic() - self._well_at > self._patience:
                raise _unseen(error) from None
            self.trouble = str(error)
        else:
            self._well_at, self.trouble = time.monotonic(), ""
        return self._last


def _passes(error: DliError) -> bool:
    """Tell whether a failed look may go well the next time."""
    return effect_unknown(error) or (isinstance(error, ServiceError) and error.status == HTTPStatus.TOO_MANY_REQUESTS)


def _pause(job: JobHandle, what: str, seconds: float) -> None:
    """Sleep in short pieces, so that a dead engine is noticed within a second or so."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 1.0))
        if not job.engine_answers():
            raise engine_gone(f"stopped while waiting ({what})")
