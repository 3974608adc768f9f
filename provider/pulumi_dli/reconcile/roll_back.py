"""What follows a failed update: the job as it was, its old settings again, or a clear word that it is down."""

from __future__ import annotations

from pulumi_dli.errors import DliError, JobLeft, followed
from pulumi_dli.planning.conflicts import way_back
from pulumi_dli.planning.diff import put_body
from pulumi_dli.planning.restore_point import can_restore, with_changes
from pulumi_dli.planning.steps import Step
from pulumi_dli.reconcile.outcome import UpdateContext
from pulumi_dli.reconcile.transitions import start
from pulumi_dli.reconcile.waiting import JobHandle
from pulumi_dli.schema.statuses import RUNNING

_DOWN = "THE JOB IS DOWN"
_EMPTY = ", with empty state (stateless)"
_LEFT_STOPPED = "but there is no savepoint to go on from: THE JOB IS LEFT STOPPED rather than started empty"
_AGAIN = "run pulumi up again"


def started_as_it_was(job: JobHandle, context: UpdateContext, error: DliError) -> DliError:
    """Start a job that this update stopped, before anything of it was changed."""
    if not context.stops:
        return error
    if context.controls.desired_state != RUNNING:
        return followed(error, "the job is stopped, as it is wanted", job_left=JobLeft.UNFINISHED)
    restore = Step.STOP in context.planned
    try:
        start(job, context.controls, job.show().status, restore=restore, goes_back=True)
    except DliError as second:
        return _down(error, f"starting the job as it was failed as well: {second}; {_DOWN}")
    return followed(error, "the job runs again as it was" + ("" if restore else _EMPTY), job_left=JobLeft.AS_BEFORE)


def rolled_back(job: JobHandle, context: UpdateContext, error: DliError, *, restore: bool) -> DliError:
    """Put the old values of the changed keys back and start the job as it was before this update."""
    if not context.controls.rolls_back or not context.stops:
        new = " with its new settings" if context.pending else ""
        return _down(error, f"{_DOWN}{new}", "run pulumi up again once the reason is fixed")
    try:
        return _old_settings_again(job, context, error, restore=restore)
    except DliError as second:
        return _down(error, f"rolling back failed as well: {second}; {_DOWN}")


def _old_settings_again(job: JobHandle, context: UpdateContext, error: DliError, *, restore: bool) -> DliError:
    observed = job.show()
    back, names = way_back(context.pending, context.before, observed)
    kept = f", but for {', '.join(names)}, which somebody else changed meanwhile" if names else ""
    if back:
        job.before(f"roll back {', '.join(change.name for change in back)}")
        job.client.update_flink_jar_job(job.job_id, put_body(back))
    if restore and not can_restore(with_changes(observed, back)):
        return followed(
            error,
            f"its old settings are back{kept}, {_LEFT_STOPPED}",
            remedy="import a savepoint in DLI's console and run pulumi up, or set upgrade_mode='stateless' to start it "
            "empty",
            job_left=JobLeft.STOPPED,
        )
    start(job, context.controls, observed.status, restore=restore, goes_back=True)
    return followed(
        error,
        f"rolled back: the job runs again with its old settings{kept}" + ("" if restore else _EMPTY),
        remedy="the same change is not tried again by itself: correct it, or change retry_nonce",
        job_left=JobLeft.ROLLED_BACK,
    )


def _down(error: DliError, outcome: str, remedy: str = _AGAIN) -> DliError:
    return followed(error, outcome, remedy=remedy, job_left=JobLeft.DOWN)
