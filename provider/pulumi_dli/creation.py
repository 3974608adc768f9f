"""How a job comes under management: created anew, or adopted as it is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_dli.details import Details
from pulumi_dli.diff import Costs, difference, wire
from pulumi_dli.errors import (
    AdoptError,
    DliError,
    EngineGoneError,
    NotFoundError,
    ServiceError,
    TimeoutPassedError,
)
from pulumi_dli.lifecycle import Reached, bring
from pulumi_dli.moves import start
from pulumi_dli.plan import RUNNING
from pulumi_dli.spec import PROPERTIES, control
from pulumi_dli.statuses import DRAFT_STATUS, Phase, phase_of
from pulumi_dli.waiting import Job

_NAME_EXISTS = "DLI.0006"


def create(job: Job, news: Mapping[str, Any]) -> tuple[Job, Reached]:
    """Create a job and bring it to its desired state.

    A job that cannot be started is deleted again: nothing is stored for a create that fails.
    """
    job.before("create")
    job = replace(job, job_id=_created_id(job, news))
    try:
        return job, Reached(_started(job, news), None)
    except (EngineGoneError, TimeoutPassedError) as error:
        error.args = (f"{error}; the new job has id {job.job_id}: set job_id='{job.job_id}' to go on with it",)
        raise
    except DliError as error:
        raise _undone(job, news, error) from None


def _created_id(job: Job, news: Mapping[str, Any]) -> str:
    body = {each.name: wire(news[each.name]) for each in PROPERTIES if news.get(each.name) is not None}
    try:
        return job.client.create_flink_jar_job(body)
    except ServiceError as error:
        if error.code != _NAME_EXISTS:
            raise
        return _unfinished_create(job, news, error)


def _unfinished_create(job: Job, news: Mapping[str, Any], refusal: ServiceError) -> str:
    """Return the id of a draft of this name that never ran and is as wanted: an interrupted create left it."""
    for job_id in job.client.find_flink_jobs(str(news["name"])):
        details = job.client.show_flink_job(job_id)
        if details.status == DRAFT_STATUS and not details.ever_ran and not difference(details.properties, news).changes:
            return job_id
        raise AdoptError(
            f"a job of this name exists already, with id {job_id}: set job_id='{job_id}' to adopt it, "
            "or choose another name"
        )
    raise refusal


def _started(job: Job, news: Mapping[str, Any]) -> Details:
    if control(news, "desired_state") != RUNNING:
        return job.show()
    return start(job, news, DRAFT_STATUS, restore=False)


def _undone(job: Job, news: Mapping[str, Any], error: DliError) -> DliError:
    """Delete the job that could not be started; `on_failure` leave keeps it."""
    if control(news, "on_failure") == "leave":
        return _told(
            error, f"the job is left with id {job.job_id}: set job_id='{job.job_id}' to adopt it, or delete it"
        )
    try:
        job.client.delete_flink_job(job.job_id)
    except NotFoundError:
        pass
    except DliError as second:
        return _told(error, f"deleting the new job {job.job_id} failed as well: {second}")
    return _told(error, "the new job was deleted again, run pulumi up once the reason is mended")


def _told(error: DliError, more: str) -> DliError:
    error.args = (f"{error}; {more}",)
    return error


def adopt(job: Job, news: Mapping[str, Any], costs: Costs) -> Reached:
    """Take an existing job under management; without `adopt_changes` nothing of it may differ."""
    details = job.show()
    differing = [change.name for change in difference(details.properties, news).changes]
    if not _in_desired_state(details, news):
        differing.append("desired_state")
    if not differing:
        return Reached(details, details.update_time)
    if not control(news, "adopt_changes"):
        raise AdoptError(
            f"job {job.job_id} differs from the program in {', '.join(differing)}; set these as they are in DLI, "
            "or set adopt_changes=True to change the job"
        )
    return bring(job, details.properties, news, difference(details.properties, news, costs))


def _in_desired_state(details: Details, news: Mapping[str, Any]) -> bool:
    phase = phase_of(details.status)
    runs = phase in {Phase.RUNNING, Phase.MOVING, Phase.FINISHED}
    return phase is Phase.FINISHED or runs is (control(news, "desired_state") == RUNNING)
