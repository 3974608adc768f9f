"""Jobs on a real Flink: starts it, and attends to each job that is not at rest.

What was asked for stands in the job's record (its status, its runs); again and again each job that is not at rest is
attended to: one look at the record, one step in Flink, one look at the outcome. So nothing is lost when two things
happen at the same time, or when Flink takes its time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from starlette.routing import Route

from ..jobs.job import Job
from ..jobs.state import State, now_ms
from ..jobs.statuses import WALKS, Event
from . import dashboard
from .attendance import GONE, Attendance
from .cluster import Cluster
from .distribution import Distribution
from .obs_paths import Objects
from .rest import Rest, UnreachableError

LOG = logging.getLogger("pulumi_dli.emulator")
SECONDS_BETWEEN_LOOKS = 0.25
AT_THE_SAME_TIME = 4
BY_FLINK = frozenset({Event.RUN, Event.STOP, Event.STOP_SAVING, Event.SAVE})
"""What Flink carries out; all else is the emulator's own doing."""


class FlinkEngine:
    """Runs jobs on a cluster of its own."""

    scripted = False

    def __init__(self, distribution: Distribution, obs: Path, work: Path | None, say: Callable[[str], None]) -> None:
        """Take what it needs; `begin` starts Flink. `work` keeps savepoints, None for this run only."""
        self._distribution, self._obs, self._work, self._say = distribution, obs, work, say
        self._over = threading.Event()
        self._busy: set[int] = set()
        self._threads = ThreadPoolExecutor(AT_THE_SAME_TIME, thread_name_prefix="flink")
        self._watch = threading.Thread(target=self._watch_all, name="flink", daemon=True)
        self._cluster: Cluster | None = None

    def walk(self, event: Event, now: int) -> list[tuple[int, str]]:
        """Return the first status that Flink leads on from, or the whole way where the emulator alone decides."""
        statuses = WALKS[event][:1] if event in BY_FLINK else WALKS[event]
        return [(now, status) for status in statuses]

    def begin(self, state: State) -> None:
        """Start Flink; jobs that ran on an earlier one have ended with it. Raises UnavailableError."""
        self._say(f"Flink {self._distribution.version} is starting on Java {self._distribution.java_version}")
        self._cluster = Cluster(self._distribution, self._work, self._say)
        self._state = state
        self._objects = Objects(self._obs, self._cluster.work)
        with state.lock:
            for job in state.storage.unrestful_jobs():
                self._give_up(job)
        self._watch.start()

    def close(self) -> None:
        """Stop looking, and end Flink."""
        self._over.set()
        if self._watch.is_alive():
            self._watch.join()
        if self._cluster is not None:
            self._cluster.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def routes(self) -> Sequence[Route]:
        """Return the addresses of Flink's own page."""
        return dashboard.routes(lambda: self._rest, lambda: self._state.control_token)

    def page(self, url: str) -> str:
        """Return the address that logs a browser in to Flink's own page."""
        return dashboard.link(url, self._state.control_token)

    def shown(self, job: Job) -> dict[str, Any] | None:
        """Return the job's page at Flink, its checkpoints and restarts."""
        kept = job.engine
        if "last_id" not in kept:
            return None
        return {
            "page": f"{dashboard.PATH}/#/job/running/{kept['last_id']}/overview",
            "checkpoints": kept.get("checkpoints", 0),
            "checkpoint_time": kept.get("checkpoint_time", 0),
            "restarts": kept.get("restarts", 0),
        }

    @property
    def _rest(self) -> Rest:
        assert self._cluster is not None  # noqa: S101 (begin comes first)
        return self._cluster.rest

    def _give_up(self, job: Job) -> None:
        now = now_ms()
        job.engine.clear()
        # Flink may have made another one after the last look at the job.
        job.checkpoint = self._objects.newest(job.checkpoint)
        if job.deleted or job.status == "job_submitting":
            pass
        elif job.status == "job_canceling":
            job.enter("job_cancel_success", now)
        elif job.status != "job_running_exception":
            job.making_savepoint = None
            job.enter("job_running_exception", now, GONE)
        self._state.save(job, now)

    def _watch_all(self) -> None:
        while not self._over.wait(SECONDS_BETWEEN_LOOKS):
            with self._state.lock:
                waiting = [job.job_id for job in self._state.storage.unrestful_jobs() if job.job_id not in self._busy]
                self._busy.update(waiting)
            for job_id in waiting:
                self._threads.submit(self._attend, job_id)

    def _attend(self, job_id: int) -> None:
        try:
            with self._state.lock:
                job = self._state.storage.job(job_id)
            if job is not None and not self._over.is_set():
                Attendance(self._state, self._rest, self._objects, self._place_of_jars(), job).take()
        except UnreachableError as error:
            if not self._over.is_set():
                LOG.warning("job %s: Flink does not answer: %s", job_id, error)
        except Exception:
            LOG.exception("job %s: attending to it failed", job_id)
        finally:
            with self._state.lock:
                self._busy.discard(job_id)

    def _place_of_jars(self) -> Path:
        assert self._cluster is not None  # noqa: S101 (jobs come after its start)
        return self._cluster.place.jars
