"""How a job is deleted, stopped for good, or left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_dli.errors import NotFoundError
from pulumi_dli.planning.actions import Removal, removal_of
from pulumi_dli.reconcile.transitions import stop, wait_until_settled
from pulumi_dli.reconcile.waiting import JobHandle
from pulumi_dli.schema.controls import Controls
from pulumi_dli.schema.statuses import Phase, phase_of


def delete(job: JobHandle, olds: Mapping[str, Any]) -> None:
    """Do what `on_delete` says; an adopted job is left alone. A job that is gone counts as deleted."""
    removal = removal_of(olds)
    if removal is Removal.KEPT_ADOPTED:
        job.warn(f"{job.name}: the adopted job {job.job_id} is left as it is; pulumi only forgets it")
        return
    if removal is Removal.KEPT:
        job.say(f"{job.name}: on_delete is retain: job {job.job_id} is left as it is")
        return
    try:
        if removal is Removal.STOPPED:
            _stop_for_good(job, Controls.of(olds))
        else:
            job.before("delete")
            job.client.delete_flink_job(job.job_id)
    except NotFoundError:
        job.say(f"{job.name}: job {job.job_id} was gone already")


def _stop_for_good(job: JobHandle, controls: Controls) -> None:
    observed = wait_until_settled(job, controls)
    if phase_of(observed.status) is Phase.RUNNING:
        stop(job, controls, observed.status, savepoint=not controls.stateless)
