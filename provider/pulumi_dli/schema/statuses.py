"""The statuses of a Flink job, and what each lets one do.

Source: the pages on job details and on the job list of DLI's API reference. The flow between the
statuses is inferred.
"""

from __future__ import annotations

from enum import Enum

DRAFT_STATUS = "job_init"
# Ours, for a job that the service does not show.
UNSEEN_STATUS = "unknown"


class Phase(Enum):
    """What a status means to somebody who wants to change the job."""

    DRAFT = "never ran"
    RUNNING = "runs"
    STOPPED = "stopped"
    SUBMIT_FAILED = "could not be started"
    CRASHED = "ended in an exception"
    FINISHED = "ran to its end"
    ARREARS = "stopped by DLI because of arrears"
    MOVING = "on its way to another status"
    UNKNOWN = "in a status that this version does not know"


PHASES: dict[str, Phase] = {
    "job_init": Phase.DRAFT,
    "job_submitting": Phase.MOVING,
    "job_submit_fail": Phase.SUBMIT_FAILED,
    "job_running": Phase.RUNNING,
    "job_running_exception": Phase.CRASHED,
    "job_downloading": Phase.MOVING,
    "job_idle": Phase.MOVING,
    "job_canceling": Phase.MOVING,
    "job_cancel_success": Phase.STOPPED,
    # The cancelling failed, so the job is still there: only a stop can be tried again.
    "job_cancel_fail": Phase.RUNNING,
    "job_savepointing": Phase.MOVING,
    "job_finish": Phase.FINISHED,
    "job_arrearage_stopped": Phase.ARREARS,
    "job_arrearage_recovering": Phase.MOVING,
}
RUNNING, STOPPED = "running", "stopped"
_NOT_UP = frozenset({Phase.DRAFT, Phase.STOPPED, Phase.SUBMIT_FAILED, Phase.CRASHED})


def satisfies(status: str | None, desired: str) -> bool:
    """Tell whether a job in this status is where `desired_state` wants it.

    A batch job that ran to its end is what "running" asked for; what DLI stopped because of arrears is
    not started; a job on its way somewhere is left to arrive.
    """
    phase = phase_of(status)
    return phase not in _NOT_UP if desired == RUNNING else phase is not Phase.RUNNING


def phase_of(status: str | None) -> Phase:
    """Return the phase of a status; of one that DLI added later, ``Phase.UNKNOWN``."""
    return PHASES.get(status or "", Phase.UNKNOWN)


_AFTER_A_RUN = frozenset({Phase.RUNNING, Phase.STOPPED, Phase.CRASHED, Phase.FINISHED, Phase.ARREARS})


def has_run(status: str | None) -> bool:
    """Tell whether a job comes into this status only by running; one that was stopped early may not have run."""
    return phase_of(status) in _AFTER_A_RUN
