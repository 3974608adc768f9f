"""Everything that a running emulator knows: what handlers and controls work on."""

from __future__ import annotations

import secrets
import threading
import time
from typing import Any

from .. import contract
from ..options import Options
from ..steering.faults import Faults
from ..steering.journal import Journal
from ..steering.rate_limit import Limit
from . import queues
from .job import Job
from .queues import Room
from .runtime import Engine, Timed
from .statuses import Durations
from .storage import Page, Storage

MOST_JOB_ID = (1 << 63) - 1


def now_ms() -> int:
    """Return the time in ms since the epoch."""
    return time.time_ns() // 1_000_000


class State:
    """The emulator's state. Hold `lock` while using it: tests look in from other threads."""

    def __init__(self, options: Options, engine: Engine | None = None) -> None:
        """Open the storage and write what the options add to it; without an engine the clock moves jobs on."""
        self.options = options
        self.lock = threading.RLock()
        self.storage = Storage(options.data)
        self.journal = Journal(log_secrets=options.log_secrets, quiet=options.quiet)
        self.faults = Faults(frozenset(contract.operations()))
        self.durations = Durations(options.time_factor)
        self.limit = Limit(options.requests_per_second)
        self.engine: Engine = engine or Timed(self.durations)
        self.control_token = options.control_token or secrets.token_urlsafe(16)
        for project in options.projects:
            self.storage.add_project(project.id, project.name)
        self.storage.set_queues(dict(options.queues))
        for queue in self.storage.queues():
            self._admit(queue, now_ms())

    def job(self, job_id: int, project_id: str | None = None) -> Job | None:
        """Return a job as it is by now; None if it is not there, deleted, or of another project."""
        self.catch_up()
        job = self.storage.job(job_id)
        if job is None or job.deleted or project_id not in (None, job.project_id):
            return None
        return job

    def jobs(self, project_id: str | None = None, *, deleted: bool = False) -> list[Job]:
        """Return jobs as they are by now, by rising id."""
        self.catch_up()
        return self.storage.jobs(project_id, deleted=deleted)

    def page(self, page: Page) -> tuple[int, list[Job]]:
        """Return how many jobs match as they are by now, and those of the page."""
        self.catch_up()
        return self.storage.page(page)

    def find(self, id_or_name: int | str) -> Job | None:
        """Return a job by its id, or else by its name, the deleted ones last."""
        self.catch_up()
        text = str(id_or_name)
        number = contract.from_text(text, "integer")
        job = self.storage.job(number) if isinstance(number, int) and 0 <= number <= MOST_JOB_ID else None
        if job is not None:
            return job
        return min(self.storage.jobs_named(text), key=lambda job: (job.deleted, -job.job_id), default=None)

    def save(self, job: Job, now: int) -> None:
        """Write a job; if it has made room in its queue, those that wait for it go on."""
        with self.storage.transaction():
            self.storage.save_job(job)
            self._admit(job.queue_name, now)

    def room(self, queue_name: str) -> Room:
        """Return what a queue has and how much of it is taken."""
        return Room(self.storage.queues().get(queue_name), self.storage.taken_cus(queue_name))

    def catch_up(self) -> None:
        """Let every job enter the statuses that are due by now, in the order of time."""
        now = now_ms()
        while (job := self.storage.due_job(now)) is not None:
            due = job.plan[0][0]
            job.catch_up(due)
            self.save(job, due)

    def _admit(self, queue_name: str, now: int) -> None:
        waiting = self.storage.waiting_jobs(queue_name)
        for job in queues.admitted(waiting, self.room(queue_name)) if waiting else ():
            job.admit(self.engine, now)
            self.storage.save_job(job)

    def success(self, done: bool, message: str, **more: Any) -> dict[str, Any]:
        """Return an answer's body with `is_success` in the cloud's form."""
        value = done if self.options.cloud == "otc" else str(done).lower()
        return {"is_success": value, "message": message, **more}
