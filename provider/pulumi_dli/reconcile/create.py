"""How a job comes under management: created anew, or adopted as it is found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from pulumi_dli.errors import (
    AdoptError,
    ConnectionFailedError,
    DliError,
    EngineGoneError,
    NotFoundError,
    ServiceError,
    TimeoutPassedError,
    UnseenError,
    effect_unknown,
    told,
)
from pulumi_dli.planning.diff import Costs, difference
from pulumi_dli.reconcile.ownership import MARK, is_ours, mark_of
from pulumi_dli.reconcile.transitions import start
from pulumi_dli.reconcile.update import Reached, bring
from pulumi_dli.reconcile.waiting import Job
from pulumi_dli.schema.properties import PROPERTIES, URN, control
from pulumi_dli.schema.statuses import DRAFT_STATUS, RUNNING, Phase, phase_of
from pulumi_dli.schema.value_types import wire

MOST_TAGS = 20
_NAME_EXISTS = "DLI.0006"


def create(job: Job, news: Mapping[str, Any], costs: Costs, held: Collection[str] = ()) -> tuple[Job, Reached]:
    """Create a job and bring it to its desired state; go on with one that an interrupted create left.

    `held` are the jobs that the resource has in this run already: such a one is being replaced. A new
    job that cannot be started is deleted again: nothing is stored for a create that fails.
    """
    job.before("create")
    try:
        new = replace(job, job_id=job.client.create_flink_jar_job(body_of(news)))
    except (ServiceError, ConnectionFailedError) as error:
        return _continued(job, news, costs, held, error)
    try:
        return new, _started(new, news)
    except (EngineGoneError, TimeoutPassedError, UnseenError) as error:
        raise told(error, f"the new job has id {new.job_id}; run pulumi up again to go on with it") from None
    except DliError as error:
        raise _undone(new, news, error) from None


def body_of(news: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of the create: the program's properties, and the mark by which the job is known as ours."""
    body = {each.name: wire(news[each.name]) for each in PROPERTIES if news.get(each.name) is not None}
    tags = body.get("tags", [])
    if news.get(URN) and len(tags) < MOST_TAGS:
        body["tags"] = [*tags, {"key": MARK, "value": mark_of(str(news[URN]))}]
    return body


def _continued(
    job: Job, news: Mapping[str, Any], costs: Costs, held: Collection[str], error: DliError
) -> tuple[Job, Reached]:
    """Go on with the job of an interrupted create, if there is one that is known to be ours."""
    if not effect_unknown(error) and getattr(error, "code", None) != _NAME_EXISTS:
        raise error
    for job_id in _of_this_name(job, news, error):
        if job_id in held:
            raise AdoptError(
                f"job {job_id} of this name is the one to be replaced: delete it first (delete_before_replace=True), "
                "which loses its state"
            )
        found = replace(job, job_id=job_id)
        details = found.show()
        if not is_ours(found, news, details):
            raise AdoptError(
                f"a job of this name exists already, with id {job_id}: set job_id='{job_id}' to adopt it, "
                "or choose another name"
            )
        job.say(f"{job.name}: going on with job {job_id}, which an interrupted create left")
        return found, bring(found, details.properties, news, difference(details.properties, news, costs))
    raise error


def _of_this_name(job: Job, news: Mapping[str, Any], error: DliError) -> list[str]:
    try:
        return job.client.find_flink_jobs(str(news.get("name")))
    except DliError as second:
        raise told(error, f"looking for the job of this name failed as well: {second}; run pulumi up again") from None


def _started(job: Job, news: Mapping[str, Any]) -> Reached:
    if control(news, "desired_state") != RUNNING:
        return Reached(job.show(), None, "created")
    return Reached(start(job, news, DRAFT_STATUS, restore=False), None, "created, started")


def _undone(job: Job, news: Mapping[str, Any], error: DliError) -> DliError:
    """Delete the job that could not be started; `on_failure` leave keeps it, and so does a start by another."""
    if control(news, "on_failure") == "leave":
        return told(error, f"the job is left with id {job.job_id}: run pulumi up again to go on with it, or delete it")
    try:
        job.before("delete the new job")
        if isinstance(error, ServiceError) and phase_of(job.show().status) in {Phase.RUNNING, Phase.MOVING}:
            # Its start was refused, and yet it runs: to delete it would take it from whoever started it.
            return told(error, f"somebody else started the new job {job.job_id}: it is left; run pulumi up again")
        job.client.delete_flink_job(job.job_id)
    except NotFoundError:
        pass
    except DliError as second:
        return told(error, f"deleting the new job {job.job_id} failed as well: {second}")
    return told(error, "the new job was deleted again, run pulumi up once the reason is mended")
