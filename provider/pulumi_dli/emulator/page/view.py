"""What the page shows, as plain data: queues with their jobs, one job's timeline, the latest requests."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from pulumi_dli.version import __version__

from ..jobs.job import Job
from ..jobs.queues import cus_of
from ..jobs.representation import effective
from ..jobs.state import State
from ..jobs.statuses import DESCRIPTIONS, TABLE
from ..steering.journal import SECRET_PROPERTIES, masked

MOST_JOBS = 100
"""Of a queue; the active and the newest ones."""
MOST_REQUESTS = 60
MOST_EVENTS = 200
LABELS: Mapping[str, str] = {"create": "created", "run": "started", "delete": "deleted", "tags": "tags changed"}
FIRST_REFUSAL = 400


def view(state: State, job_id: int | None) -> dict[str, Any]:
    """Return everything that the page shows; `job_id` is the job whose timeline is open."""
    with state.lock:
        state.catch_up()
        job = None if job_id is None else state.storage.job(job_id)
        return {
            "version": __version__,
            "cloud": state.options.cloud,
            "time_factor": f"{state.options.time_factor:g}",
            "queues": [_queue(state, name) for name in _queue_names(state)],
            "job": None if job is None else _job(state, job),
            "wanted": job_id,
            "requests": [_request(each) for each in state.journal.latest(MOST_REQUESTS, job_id)],
        }


def _queue_names(state: State) -> list[str]:
    used = state.storage.used_queues()
    return [*state.storage.queues(), *sorted(used - set(state.storage.queues()))]


def _queue(state: State, name: str) -> dict[str, Any]:
    room = state.room(name)
    count, jobs = state.storage.shown_jobs(name, MOST_JOBS)
    return {
        "name": name or "without a queue",
        "cus": room.cus,
        "taken": room.taken,
        "count": count,
        "more": count - len(jobs),
        "jobs": [_line(job) for job in jobs],
    }


def _line(job: Job) -> dict[str, Any]:
    return {
        "id": job.job_id,
        "name": job.name,
        "status": job.status,
        "tone": tone(job.status),
        "status_desc": job.status_desc,
        "cus": cus_of(job),
        "updated": clock(job.update_time),
    }


def _job(state: State, job: Job) -> dict[str, Any]:
    properties = masked(job.properties, SECRET_PROPERTIES)
    events = state.storage.history(job.job_id)[-MOST_EVENTS:]
    return {
        **_line(job),
        "deleted": job.deleted,
        "project_id": job.project_id,
        "queue": effective(job, "queue_name"),
        "savepoint": job.savepoint["path"] if job.savepoint else None,
        "flink": _flink(state, job),
        "tags": job.tags,
        "properties": {name: _text(value) for name, value in sorted(properties.items())},
        "events": [_event(job, each) for each in reversed(events)],
    }


def _flink(state: State, job: Job) -> dict[str, Any] | None:
    shown = state.engine.shown(job)
    return shown and {**shown, "latest": clock(shown["checkpoint_time"]) if shown["checkpoint_time"] else ""}


def _event(job: Job, event: Mapping[str, Any]) -> dict[str, Any]:
    is_status = event["event"] == "status"
    return {
        "time": clock(event["time"]),
        "is_status": is_status,
        "text": TABLE[event["status"]].meaning if is_status else _label(event["event"]),
        "restored": _restored(job, event),
        "status": event["status"],
        "tone": tone(event["status"]),
    }


def _label(event: str) -> str:
    if event.startswith("update "):
        return f"updated: {event.removeprefix('update ')}"
    return LABELS.get(event, event)


def _restored(job: Job, event: Mapping[str, Any]) -> str | None:
    runs = [run for run in job.runs if event["event"].startswith("run") and run["submitted"] == event["time"]]
    return runs[0]["restored_from"] if runs else None


def _request(entry: Mapping[str, Any]) -> dict[str, Any]:
    refused = entry["cut"] or (entry["status"] or 0) >= FIRST_REFUSAL
    waits = entry["status"] is None and not entry["cut"]
    return {
        "seq": entry["seq"],
        "time": clock(round(entry["time"] * 1000)),
        "operation": entry["operation"] or "no operation",
        "method": entry["method"],
        "path": entry["path"],
        "query": entry["query"],
        "outcome": "cut" if entry["cut"] else "waits" if waits else str(entry["status"]),
        "tone": "moving" if waits else "bad" if refused else "good",
        "milliseconds": entry["milliseconds"],
        "fault": entry["fault"],
        "request_id": entry["request_id"],
        "body": None if entry["body"] is None else _text(entry["body"]),
        "answer": None if entry["answer"] is None else _text(entry["answer"]),
    }


def tone(status: str) -> str:
    """Return how a status is coloured; its name stands there as well."""
    if status in DESCRIPTIONS:
        return "bad"
    if TABLE[status].lasts is not None:
        return "moving"
    return "good" if status == "job_running" else "still"


def clock(ms: int) -> str:
    """Return a time in ms since the epoch as a clock of this machine shows it."""
    return f"{time.strftime('%H:%M:%S', time.localtime(ms / 1000))}.{ms % 1000:03d}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
