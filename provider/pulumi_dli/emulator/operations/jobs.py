"""The handlers of the Flink job operations: plain data in, plain data out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import contract
from ..errors import EXISTS, INVALID_PARAMETER, NO_SUCH_JOB, NO_SUCH_OBJECT, UNSUPPORTED, RefusedError
from ..jobs import queues
from ..jobs import representation as details
from ..jobs.job import Job
from ..jobs.state import State, now_ms
from ..jobs.statuses import TABLE
from ..jobs.storage import Page
from ..messages import Answer, Request
from . import iam as identity

Item = Callable[[State, Request, Job], str | None]
"""Does to one job what a batch asks; returns a message if the job refuses."""


def create(state: State, request: Request) -> Answer:
    """Create a job as a draft."""
    properties = dict(request.body)
    tags = {tag["key"]: tag["value"] for tag in properties.pop("tags", ())}
    project_id, now = _project_id(request), now_ms()
    _check_name(state, project_id, properties.get("name"), None)
    _check_queue(state, properties.get("queue_name"))
    job_id = state.storage.next_job_id(state.options.first_job_id)
    job = Job(job_id, project_id, request.user_id, now, now, properties, tags)
    job.note("create", now)
    state.save(job, now)
    made = {"job_id": job.job_id, "status_name": job.status, "status_desc": job.status_desc}
    return Answer(200, state.success(True, "A Flink job is created successfully.", job=made))


def update(state: State, request: Request) -> Answer:
    """Merge the given properties into a job [seed]."""
    job, given = _job(state, request), request.body
    _record_needless(state, request, job)
    if not TABLE[job.status].stopped:
        _check_live(state, request, job)
    _check_name(state, job.project_id, given.get("name"), job.job_id)
    _check_queue(state, given.get("queue_name"))
    now = now_ms()
    job.properties.update(given)
    job.touch(now)
    job.note(f"update {', '.join(sorted(given))}", now)
    state.save(job, now)
    updated = {"update_time": job.update_time}
    return Answer(200, state.success(True, "The Flink job is updated successfully.", job=updated))


def show(state: State, request: Request) -> Answer:
    """Answer with the details of a job."""
    shown = _detail(state, _job(state, request))
    return Answer(200, state.success(True, "Job detail query succeeds.", job_detail=shown))


def list_jobs(state: State, request: Request) -> Answer:
    """Answer with a page of the jobs that the query means.

    The name filter finds names that contain the text: the documents do not say that it is exact,
    so nobody may rely on that.
    """
    query, now = request.query, now_ms()
    # There are neither edge jobs nor enterprise projects but the default one.
    beyond = "root_job_id" in query or query.get("sys_enterprise_project_name", "default") != "default"
    total, jobs = (0, []) if beyond else state.page(_page(request))
    users = {identity.user_id(account.user): account.user for account in state.options.accounts}
    shown = [
        _detail(state, job) if query["show_detail"] else details.summary(job, users.get(job.user_id, ""), now)
        for job in jobs
    ]
    listed = {"total_count": total, "jobs": shown}
    return Answer(200, state.success(True, "Querying of the job list succeeds.", job_list=listed))


def run(state: State, request: Request) -> Answer:
    """Submit jobs."""
    message = "The request for submitting DLI jobs is successfully delivered."
    return _batch(state, request, _run_one, message)


def stop(state: State, request: Request) -> Answer:
    """Stop jobs."""
    message = "The request for stopping DLI jobs is successfully delivered."
    return _batch(state, request, _stop_one, message)


def delete(state: State, request: Request) -> Answer:
    """Delete a job in any status; its record is kept, and counts as not existing."""
    _delete_one(state, request, _job(state, request))
    return Answer(200, state.success(True, "The job is deleted successfully."))


def batch_delete(state: State, request: Request) -> Answer:
    """Delete jobs."""
    return _batch(state, request, _delete_one, "The job is deleted successfully.")


def trigger_savepoint(state: State, request: Request) -> Answer:
    """Make a savepoint of a running job."""
    job = _job(state, request)
    if not TABLE[job.status].savepoint:
        raise RefusedError(UNSUPPORTED, f"The job is in status {job.status}; it must run for a savepoint.")
    now = now_ms()
    job.save(state.engine, now, request.body.get("savepoint_path", ""))
    state.save(job, now)
    return Answer(200, state.success(True, "The savepoint is being created."))


def import_savepoint(state: State, request: Request) -> Answer:
    """Make a path the savepoint from which the job starts next."""
    job, now = _job(state, request), now_ms()
    if request.body.get("job_id", job.job_id) != job.job_id:
        raise RefusedError(INVALID_PARAMETER, "job_id: must be the job of the address")
    path = request.body["savepoint_path"]
    job.savepoint = {"path": path, "time": now, "made_by": "import"}
    job.note("import savepoint", now)
    state.save(job, now)
    return Answer(200, state.success(True, "The savepoint is imported."))


def authorize_bucket(state: State, _request: Request) -> Answer:
    """Let DLI write into buckets; the emulator keeps nothing of it."""
    return Answer(200, state.success(True, "The following bucket is authorized."))


def show_tags(state: State, request: Request) -> Answer:
    """Answer with the tags of a job."""
    job, query = _job(state, request), request.query
    tags = [{"key": key, "value": value} for key, value in sorted(job.tags.items())]
    page = tags[query["offset"] :][: query.get("limit")]
    return Answer(200, {"tags": page, "sys_tags": [], "count": len(tags)})


def create_tags(state: State, request: Request) -> Answer:
    """Set tags of a job; a key that exists gets the new value."""
    job = _job(state, request)
    job.tags.update({tag["key"]: tag["value"] for tag in request.body["tags"]})
    return _save_tags(state, job)


def delete_tags(state: State, request: Request) -> Answer:
    """Remove tags of a job by their keys."""
    job = _job(state, request)
    for tag in request.body["tags"]:
        job.tags.pop(tag["key"], None)
    return _save_tags(state, job)


MOST_TAGS = 20


def _save_tags(state: State, job: Job) -> Answer:
    if len(job.tags) > MOST_TAGS:
        raise RefusedError(UNSUPPORTED, "A job has at most 20 tags.")
    now = now_ms()
    job.note("tags", now)
    state.save(job, now)
    return Answer(204, has_body=False)


def _run_one(state: State, request: Request, job: Job) -> str | None:
    resume = bool(request.body.get("resume_savepoint"))
    if not TABLE[job.status].run:
        _violate(state, request, job, "run_of_an_active_job")
        return f"The job is in status {job.status} and cannot be submitted."
    if resume and not job.ever_ran:
        _violate(state, request, job, "resume_savepoint_on_first_run")
        return "The job has never run, there is no savepoint to restore."
    if resume and job.savepoint is None and not job.has_checkpoint:
        _violate(state, request, job, "resume_without_savepoint")
        return "The job has no savepoint to restore."
    now, room = now_ms(), state.room(job.queue_name)
    reason = queues.refusal(job, room.cus)
    if not reason and state.options.queue_full == "fail" and queues.cus_of(job) > room.free:
        reason = f"The job needs {queues.cus_of(job)} CUs; its queue has {room.free} free."
    job.run(
        resume,
        state.engine,
        now,
        drop_savepoint=state.options.savepoint_removed == "run",
        waits=room.cus is not None and not reason,
        reason=reason,
    )
    state.save(job, now)
    return None


def _stop_one(state: State, request: Request, job: Job) -> str | None:
    if not TABLE[job.status].stop:
        _violate(state, request, job, "stop_of_an_inactive_job")
        return f"The job is in status {job.status} and cannot be stopped."
    now = now_ms()
    job.stop(bool(request.body.get("trigger_savepoint")), state.engine, now)
    state.save(job, now)
    return None


def _delete_one(state: State, _request: Request, job: Job) -> str | None:
    now = now_ms()
    job.deleted, job.waiting = True, None
    job.plan.clear()
    job.note("delete", now)
    state.save(job, now)
    return None


def _batch(state: State, request: Request, do_one: Item, done: str) -> Answer:
    items = []
    for job_id in request.body["job_ids"]:
        message = _refusal_of_item(state, request, do_one, job_id)
        items.append(state.success(message is None, done if message is None else message))
    return Answer(200, items)


def _refusal_of_item(state: State, request: Request, do_one: Item, job_id: int) -> str | None:
    scripted = request.refused_items.get(job_id, request.refused_items.get(None))
    if scripted is not None:
        return scripted
    job = state.job(job_id, _project_id(request))
    if job is None:
        return f"The job {job_id} does not exist."
    return do_one(state, request, job)


def _check_live(state: State, request: Request, job: Job) -> None:
    fixed = sorted(set(request.body) - contract.live_properties())
    if fixed:
        _violate(state, request, job, "restart_property_on_an_active_job", properties=fixed)
        raise RefusedError(UNSUPPORTED, f"The job is in status {job.status}; stop it to change {', '.join(fixed)}.")
    same = request.body.get("obs_bucket", "") == details.effective(job, "obs_bucket")
    if "obs_bucket" in request.body and same:
        _violate(state, request, job, "unchanged_obs_bucket_on_an_active_job")
        raise RefusedError(UNSUPPORTED, "The job runs; obs_bucket must not be sent unchanged.")


def _record_needless(state: State, request: Request, job: Job) -> None:
    # The documents allow it; but a client that sends only what changed never does this.
    same = sorted(k for k, value in request.body.items() if value == details.effective(job, k))
    if same or not request.body:
        _violate(state, request, job, "unchanged_value", properties=same)


def _check_name(state: State, project_id: str, name: str | None, own_id: int | None) -> None:
    if name and state.storage.is_name_taken(project_id, name, own_id):
        raise RefusedError(EXISTS, f"A job named {name} exists already.")


def _check_queue(state: State, queue: str | None) -> None:
    if queue and queue not in state.storage.queues():
        raise RefusedError(NO_SUCH_OBJECT, f"The queue {queue} does not exist.")


def _violate(state: State, request: Request, job: Job, kind: str, **more: Any) -> None:
    state.journal.violate(kind, request.number, job.job_id, operation=request.operation, status=job.status, **more)


def _job(state: State, request: Request) -> Job:
    job_id = request.path_parameters["job_id"]
    job = state.job(job_id, _project_id(request))
    if job is None:
        raise RefusedError(NO_SUCH_JOB, f"The job {job_id} does not exist.")
    return job


def _project_id(request: Request) -> str:
    return str(request.path_parameters["project_id"])


def _page(request: Request) -> Page:
    query = request.query
    return Page(
        _project_id(request),
        name=query.get("name", ""),
        status=query.get("status"),
        queue_name=query.get("queue_name"),
        job_type=query.get("job_type"),
        user_id=identity.user_id(query["user_name"]) if "user_name" in query else None,
        tags=_tags_of(query.get("tags", "")),
        rising=query["order"] == "asc",
        offset=query["offset"],
        limit=query["limit"],
    )


def _tags_of(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(",") if pair)
    return {key: value for key, _, value in pairs}


def _detail(state: State, job: Job) -> dict[str, Any]:
    shown = details.detail(job, unset_is_null=state.options.unset == "null")
    return {name: value for name, value in shown.items() if name not in state.options.left_out}
