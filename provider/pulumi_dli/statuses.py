"""The statuses of a Flink job, and what each lets one do.

Source: the pages on job details and on the job list of DLI's API reference. The flow between the
statuses is inferred.
"""

from __future__ import annotations

from enum import Enum

DRAFT_STATUS = "job_init"
RUNNING_STATUS = "job_running"
STOPPED_STATUS = "job_cancel_success"


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


def phase_of(status: str | None) -> Phase:
    """Return the phase of a status; of one that DLI added later, ``Phase.UNKNOWN``."""
    return PHASES.get(status or "", Phase.UNKNOWN)
