"""How a job comes into being: created, or found again where an interrupted create left it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_dli.errors import (
    AdoptError,
    ConnectionFailedError,
    DliError,
    EngineGoneError,
    JobLeft,
    NotFoundError,
    ServiceError,
    TimeoutPassedError,
    UnseenError,
    effect_unknown,
    followed,
    leaving,
)
from pulumi_dli.planning.diff import Costs, difference
from pulumi_dli.reconcile.outcome import Outcome
from pulumi_dli.reconcile.ownership import MARK, is_ours, mark_of
from pulumi_dli.reconcile.transitions import start
from pulumi_dli.reconcile.update import reconcile
from pulumi_dli.reconcile.waiting import JobHandle
from pulumi_dli.schema.controls import Controls
from pulumi_dli.schema.properties import PROPERTIES
from pulumi_dli.schema.resource import URN
from pulumi_dli.schema.statuses import DRAFT_STATUS, RUNNING, Phase, phase_of
from pulumi_dli.schema.value_types import wire

MOST_TAGS = 20
_NAME_EXISTS = "DLI.0006"
_GO_ON = "run pulumi up again to go on with it"


def create(job: JobHandle, news: Mapping[str, Any], costs: Costs, made: str | None = None) -> tuple[JobHandle, Outcome]:
    """Create a job and bring it to its desired state; go on with one that an interrupted create left.

    `made` is what a create of this run made that then failed: an error hook had it called again. A new job that cannot
    be started is deleted again; where it is not, the error's `job_id` names it.
    """
    controls = Controls.of(news)
    if made is not None:
        return _gone_on(replace(job, job_id=made), news, costs)
    job.before("create")
    try:
        new = replace(job, job_id=job.client.create_flink_jar_job(body_of(news)))
    except (ServiceError, ConnectionFailedError) as error:
        return _continued(job, news, costs, error)
    try:
        return new, _started(new, controls)
    except (EngineGoneError, TimeoutPassedError, UnseenError) as error:
        followed(error, f"the new job has id {new.job_id}", remedy=_GO_ON, job_left=JobLeft.UNFINISHED)
        raise leaving(error, new.job_id) from None
    except DliError as error:
        raise _undone(new, controls, error) from None


def body_of(news: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of the create: the program's properties, and the mark by which the job is known as ours."""
    body = {each.name: wire(news[each.name]) for each in PROPERTIES if news.get(each.name) is not None}
    tags = body.get("tags", [])
    if news.get(URN) and len(tags) < MOST_TAGS:
        body["tags"] = [*tags, {"key": MARK, "value": mark_of(str(news[URN]))}]
    return body


def _continued(job: JobHandle, news: Mapping[str, Any], costs: Costs, error: DliError) -> tuple[JobHandle, Outcome]:
    """Go on with the job of an interrupted create, if there is one that is known to be ours."""
    if not effect_unknown(error) and error.code != _NAME_EXISTS:
        raise error
    for job_id in _of_this_name(job, news, error):
        found = replace(job, job_id=job_id)
        observed = found.show()
        if not is_ours(found, news, observed):
            raise AdoptError(
                f"a job of this name exists already, with id {job_id}",
                remedy=f"set job_id='{job_id}' to adopt it, or choose another name",
                job_left=JobLeft.UNTOUCHED,
            )
        return _gone_on(found, news, costs)
    raise error


def _gone_on(job: JobHandle, news: Mapping[str, Any], costs: Costs) -> tuple[JobHandle, Outcome]:
    """Bring a job that an earlier create made to what is wanted now."""
    job.say(f"{job.name}: going on with job {job.job_id}, which an interrupted create left")
    try:
        observed = job.show()
        wanted = difference(observed.properties, news, costs)
        return job, reconcile(job, observed.properties, Controls.of(news), wanted)
    except NotFoundError:
        raise
    except DliError as error:
        raise leaving(error, job.job_id) from None


def _of_this_name(job: JobHandle, news: Mapping[str, Any], error: DliError) -> list[str]:
    try:
        return job.client.find_flink_jobs(str(news.get("name")))
    except DliError as second:
        raise followed(
            error, f"looking for the job of this name failed as well: {second}", remedy="run pulumi up again"
        ) from None


def _started(job: JobHandle, controls: Controls) -> Outcome:
    if controls.desired_state != RUNNING:
        return Outcome(job.show(), None, "created")
    return Outcome(start(job, controls, DRAFT_STATUS, restore=False), None, "created, started")


def _undone(job: JobHandle, controls: Controls, error: DliError) -> DliError:
    """Delete the job that could not be started; `on_failure` leave keeps it, and so does a start by another."""
    if not controls.rolls_back:
        outcome = f"the job is left with id {job.job_id}"
        followed(error, outcome, remedy=f"{_GO_ON}, or delete it", job_left=JobLeft.UNFINISHED)
        return leaving(error, job.job_id)
    try:
        job.before("delete the new job")
        if isinstance(error, ServiceError) and phase_of(job.show().status) in {Phase.RUNNING, Phase.MOVING}:
            # Its start was refused, and yet it runs: to delete it would take it from whoever started it.
            outcome = f"somebody else started the new job {job.job_id}: it is left"
            followed(error, outcome, remedy="run pulumi up again", job_left=JobLeft.OF_ANOTHER)
            return leaving(error, job.job_id)
        job.client.delete_flink_job(job.job_id)
    except NotFoundError:
        pass
    except DliError as second:
        followed(error, f"deleting the new job {job.job_id} failed as well: {second}", job_left=JobLeft.UNFINISHED)
        return leaving(error, job.job_id)
    return followed(
        error,
        "the new job was deleted again",
        remedy="run pulumi up once the reason is fixed",
        job_left=JobLeft.DELETED,
    )
