"""Stopping and starting a job: asked for, checked, and watched until the status shows it."""

from __future__ import annotations

import time
from collections.abc import Callable

from pulumi_dli.errors import DliError, JobLeft, StatusError, TimeoutPassedError, effect_unknown
from pulumi_dli.planning.steps import Step
from pulumi_dli.planning.wording import STEPS
from pulumi_dli.reconcile.waiting import JobHandle, Wait, wait
from pulumi_dli.schema.controls import Controls
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.statuses import Phase, phase_of

# What was accepted shows in the status within seconds; a status that stays longer counts as the answer.
STOP_SHOWS_WITHIN = 60.0
START_SHOWS_WITHIN = 10.0
# After an answer that does not say whether the request took effect, the status shows it within this time.
DOUBT_LASTS = 10.0


def wait_until_settled(job: JobHandle, controls: Controls) -> ObservedJob:
    """Wait until the job is on its way nowhere, and return its details."""
    return wait(
        job,
        Wait(
            "waiting for the job's status to settle",
            lambda seen: phase_of(seen.status) not in {Phase.MOVING, Phase.UNKNOWN},
            job.limit.settling(controls),
            "nothing was changed",
            "look at the job in DLI's console, then run pulumi up again",
            JobLeft.UNTOUCHED,
            patient=False,
        ),
    )


def stop(job: JobHandle, controls: Controls, was: str, *, savepoint: bool, goes_on: bool = False) -> ObservedJob:
    """Stop a job whose status `was` this, with a savepoint or without, and return its details.

    `goes_on`: it is started again afterwards. Raises StatusError where the job runs on or ends in an exception,
    TimeoutPassedError after `stop_timeout`.
    """
    step = STEPS[Step.STOP if savepoint else Step.STOP_EMPTY]
    job.limit.expect_time(step)
    job.before(step)
    shown = _asked(lambda: job.client.stop_flink_job(job.job_id, trigger_savepoint=savepoint), was, STOP_SHOWS_WITHIN)

    def ended(observed: ObservedJob) -> bool:
        phase = phase_of(observed.status)
        counts = shown.counts(observed.status)
        if phase is Phase.RUNNING and counts:
            shown.raise_doubt()
            raise StatusError(
                f"the stop failed, the job is in status {described(observed)}; no property was changed",
                job_left=JobLeft.UNTOUCHED,
            )
        return phase not in {Phase.RUNNING, Phase.MOVING, Phase.UNKNOWN}

    observed = wait(
        job,
        Wait(
            "stopping with a savepoint" if savepoint else "stopping",
            ended,
            job.limit.stop(controls, goes_on=goes_on),
            "it will be stopped once its savepoint is complete",
            "run pulumi up again then, to finish this update",
            JobLeft.UNFINISHED,
        ),
    )
    if phase_of(observed.status) is Phase.CRASHED:
        raise StatusError(
            f"the stop ended in status {described(observed)}; no property was changed", job_left=JobLeft.DOWN
        )
    return observed


def start(job: JobHandle, controls: Controls, was: str, *, restore: bool, goes_back: bool = False) -> ObservedJob:
    """Start a job whose status `was` this, plainly or from its savepoint; see it run for `settle_time`.

    `goes_back`: this undoes an update. Raises StatusError where it does not come up or does not keep running,
    TimeoutPassedError after `start_timeout`. A job that runs to its end meanwhile is as good as running.
    """
    job.before(STEPS[Step.RESTORE if restore else Step.RUN])
    shown = _asked(lambda: job.client.run_flink_job(job.job_id, resume_savepoint=restore), was, START_SHOWS_WITHIN)

    def runs(observed: ObservedJob) -> bool:
        phase = phase_of(observed.status)
        up = phase in {Phase.RUNNING, Phase.FINISHED}
        counts = shown.counts(observed.status)
        if counts:
            shown.raise_doubt()
        if counts and not up and phase not in {Phase.MOVING, Phase.UNKNOWN}:
            raise StatusError(f"the job did not start: {described(observed)}", job_left=JobLeft.DOWN)
        return up and counts

    started = wait(
        job,
        Wait(
            "starting",
            runs,
            job.limit.start(controls, goes_back=goes_back),
            "it may still start",
            "look at it in DLI's console, or run pulumi up again",
            JobLeft.MAY_BE_DOWN,
        ),
    )
    return _settled(job, controls, started)


def described(observed: ObservedJob) -> str:
    """Return a status with the service's reason for it."""
    return f"{observed.status} ({observed.status_desc or 'no reason given'})"


def _settled(job: JobHandle, controls: Controls, started: ObservedJob) -> ObservedJob:
    settle_time = controls.settle_time
    if not settle_time or phase_of(started.status) is Phase.FINISHED:
        return started

    def left(observed: ObservedJob) -> bool:
        return phase_of(observed.status) is not Phase.RUNNING

    try:
        observed = wait(job, Wait("watching whether it keeps running", left, settle_time))
    except TimeoutPassedError:
        return started
    if phase_of(observed.status) is Phase.FINISHED:
        return observed
    raise StatusError(
        f"the job ran for less than settle_time ({settle_time:g} s): {described(observed)}", job_left=JobLeft.DOWN
    )


class _Shown:
    """Whether a status is the effect of what was asked, or still the one from before."""

    def __init__(self, was: str, within: float, doubt: DliError | None = None) -> None:
        self._was = was
        self._until = time.monotonic() + within
        self._moved = False
        self._doubt = doubt

    def counts(self, status: str) -> bool:
        """Tell whether this status is an answer; a status that never moves becomes one with time."""
        self._moved = self._moved or status != self._was
        return self._moved or time.monotonic() > self._until

    def raise_doubt(self) -> None:
        """Raise the error of a request that had no effect after all."""
        if self._doubt is not None and not self._moved:
            self._doubt.job_left = self._doubt.job_left or JobLeft.UNKNOWN
            raise self._doubt


def _asked(request: Callable[[], None], was: str, within: float) -> _Shown:
    """Send a request; where its answer does not tell whether it took effect, let the status tell."""
    try:
        request()
    except DliError as error:
        if not effect_unknown(error):
            raise
        return _Shown(was, DOUBT_LASTS, error)
    return _Shown(was, within)
