"""Waiting for a job to reach a status: bounded, told to the user, given up when the engine has gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pulumi_dli.client import DliClient
from pulumi_dli.details import Details
from pulumi_dli.errors import EngineGoneError, TimeoutPassedError

FIRST_INTERVAL = 0.25
LONGEST_INTERVAL = 10.0
GROWTH = 1.5
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

    def show(self) -> Details:
        """Read the job from the service."""
        return self.client.show_flink_job(self.job_id)

    def before(self, step: str) -> None:
        """Announce a step; raises EngineGoneError where nobody waits for it any more."""
        if not self.engine_answers():
            raise EngineGoneError(
                f"stopped before the step '{step}': the engine has ended; run pulumi up again to finish"
            )
        self.say(f"{self.name}: {step}")


@dataclass(frozen=True)
class Wait:
    """What is waited for, and for how long: `until` tells whether it is there."""

    what: str
    until: Callable[[Details], bool]
    seconds: float
    on_timeout: str = ""


def wait(job: Job, waited: Wait) -> Details:
    """Poll the job until `waited.until` holds and return the details that show it.

    Raises TimeoutPassedError after `waited.seconds`, EngineGoneError when the engine has ended.
    """
    started = said = time.monotonic()
    interval = FIRST_INTERVAL
    while True:
        details = job.show()
        if waited.until(details):
            return details
        now = time.monotonic()
        if now - started >= waited.seconds:
            raise TimeoutPassedError(
                f"{waited.what} took longer than {waited.seconds:g} s; the job is in status {details.status}"
                + (f"; {waited.on_timeout}" if waited.on_timeout else "")
            )
        if now - said >= _SAY_EVERY:
            said = now
            job.say(f"{job.name}: {waited.what}: {details.status}, {now - started:.0f} s")
        _pause(job, waited.what, min(interval, max(0.05, waited.seconds - (now - started))))
        interval = min(interval * GROWTH, LONGEST_INTERVAL)


def _pause(job: Job, what: str, seconds: float) -> None:
    """Sleep in short pieces, so that a dead engine is noticed within a second or so."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 1.0))
        if not job.engine_answers():
            raise EngineGoneError(
                f"stopped while waiting ({what}): the engine has ended; run pulumi up again to finish"
            )
