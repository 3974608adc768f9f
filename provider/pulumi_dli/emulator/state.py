"""Everything that a running emulator knows: what handlers and controls work on."""

from __future__ import annotations

import secrets
import threading
import time
from typing import Any

from . import contract
from .faults import Faults
from .job import Job
from .journal import Journal
from .options import Options
from .statuses import Durations
from .storage import Storage


def now_ms() -> int:
    """Return the time in ms since the epoch."""
    return time.time_ns() // 1_000_000


class State:
    """The emulator's state. Hold `lock` while using it: tests look in from other threads."""

    def __init__(self, options: Options) -> None:
        """Open the storage and write what the options add to it."""
        self.options = options
        self.lock = threading.RLock()
        self.storage = Storage(options.data)
        self.journal = Journal(log_secrets=options.log_secrets, quiet=options.quiet)
        self.faults = Faults(frozenset(contract.operations()))
        self.durations = Durations(options.time_factor)
        self.control_token = options.control_token or secrets.token_urlsafe(16)
        for project in options.projects:
            self.storage.add_project(project.id, project.name)
        self.storage.set_queues(dict(options.queues))

    def job(self, job_id: int, project_id: str | None = None) -> Job | None:
        """Return a job as it is by now; None if it is not there, deleted, or of another project."""
        job = self.storage.job(job_id)
        if job is None or job.deleted or project_id not in (None, job.project_id):
            return None
        return self._current(job)

    def jobs(self, project_id: str | None = None, *, deleted: bool = False) -> list[Job]:
        """Return jobs as they are by now, by rising id."""
        return [self._current(job) for job in self.storage.jobs(project_id, deleted=deleted)]

    def find(self, id_or_name: int | str) -> Job | None:
        """Return a job by its id, or else by its name, the deleted ones last."""
        text = str(id_or_name)
        found = [job for job in self.jobs(deleted=True) if text in (str(job.job_id), job.name)]
        return min(
            found,
            key=lambda job: (str(job.job_id) != text, job.deleted, -job.job_id),
            default=None,
        )

    def success(self, done: bool, message: str, **more: Any) -> dict[str, Any]:
        """Return an answer's body with `is_success` in the cloud's form."""
        value = done if self.options.cloud == "otc" else str(done).lower()
        return {"is_success": value, "message": message, **more}

    def _current(self, job: Job) -> Job:
        if not job.deleted and job.catch_up(now_ms()):
            self.storage.save_job(job)
        return job
