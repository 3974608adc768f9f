"""How a job is deleted, stopped for good, or left alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_dli.errors import (
    NotFoundError,
)
from pulumi_dli.reconcile.transitions import steady, stop
from pulumi_dli.reconcile.waiting import Job
from pulumi_dli.schema.properties import control
from pulumi_dli.schema.statuses import Phase, phase_of


def delete(job: Job, olds: Mapping[str, Any]) -> None:
    """Do what `on_delete` says; an adopted job is left alone. A job that is gone counts as deleted."""
    how = control(olds, "on_delete")
    if "job_id" in (olds.get("managed") or ()):
        job.warn(f"{job.name}: the adopted job {job.job_id} is left as it is; pulumi only forgets it")
        return
    if how == "retain":
        job.say(f"{job.name}: on_delete is retain: job {job.job_id} is left as it is")
        return
    try:
        if how == "stop":
            _stop_for_good(job, olds)
        else:
            job.before("delete")
            job.client.delete_flink_job(job.job_id)
    except NotFoundError:
        job.say(f"{job.name}: job {job.job_id} was gone already")


def _stop_for_good(job: Job, olds: Mapping[str, Any]) -> None:
    details = steady(job, olds)
    if phase_of(details.status) is Phase.RUNNING:
        stop(job, olds, details.status, savepoint=control(olds, "upgrade_mode") == "savepoint")
