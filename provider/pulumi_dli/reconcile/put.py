"""Sending the changed properties: a PUT that took effect never counts as failed."""

from __future__ import annotations

from pulumi_dli.errors import DliError, JobLeft, effect_unknown, followed
from pulumi_dli.planning.conflicts import still_to_send
from pulumi_dli.planning.diff import Change, put_body
from pulumi_dli.reconcile.outcome import UpdateContext
from pulumi_dli.reconcile.waiting import JobHandle
from pulumi_dli.schema.observed_job import ObservedJob


def send(job: JobHandle, context: UpdateContext, pending: tuple[Change, ...]) -> int | None:
    """Announce and send the PUT, and return its `update_time` (ms since the epoch); None where nothing is to be sent.

    Even a refusal may follow a PUT that took effect: the transport repeats one whose answer was lost.
    """
    job.before(f"update {', '.join(change.name for change in pending)}")
    if not pending:
        return None
    try:
        update_time = job.client.update_flink_jar_job(job.job_id, put_body(pending))
    except DliError as error:
        observed = _shown_after(job, error)
        if still_to_send(context.wanted.changes, observed):
            raise error from None
        return observed.update_time
    return _from_details(job) if update_time is None else update_time


def _shown_after(job: JobHandle, error: DliError) -> ObservedJob:
    try:
        return job.show()
    except DliError:
        unknown = JobLeft.UNKNOWN if effect_unknown(error) else None
        raise followed(error, job_left=unknown) from None


def _from_details(job: JobHandle) -> int | None:
    """Read `update_time` where the PUT's answer lacks it; where that fails too, the old one stays."""
    try:
        update_time = job.show().update_time
    except DliError as error:
        update_time, reason = None, str(error)
    else:
        reason = "neither the answer of the update nor the details hold it"
    if update_time is None:
        job.warn(f"{job.name}: the update took effect, but update_time is not known ({reason}); the old one is kept")
    return update_time
