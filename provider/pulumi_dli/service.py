"""What a provider does at the service: its connection, and one method per operation of a resource."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pulumi_dli import creation, lifecycle
from pulumi_dli.client import DliClient
from pulumi_dli.details import Details
from pulumi_dli.errors import EngineGoneError
from pulumi_dli.lifecycle import Reached
from pulumi_dli.masking import secret_parts
from pulumi_dli.polling import StatusBoard
from pulumi_dli.settings import Settings
from pulumi_dli.waiting import Job


class Service:
    """DLI as the settings name it, for all jobs of a host. Connects with the first request."""

    def __init__(self, settings: Settings, engine_answers: Callable[[], bool]) -> None:
        """Take where to connect, and how to tell whether the engine is still there."""
        self._costs, self._engine_answers = settings.costs, engine_answers
        self.client = DliClient(settings, self._expect_engine)
        self._board = StatusBoard(self.client)

    def job(
        self,
        job_id: str,
        bags: Collection[Mapping[str, Any]],
        *,
        name: str,
        say: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> Job:
        """Return a job to work on; `bags` are the properties whose secrets no message may tell."""
        return Job(
            client=self.client,
            job_id=job_id,
            name=name,
            say=say,
            warn=warn,
            engine_answers=self._engine_answers,
            board=self._board,
            secrets=secret_parts(*bags),
        )

    def create(self, job: Job, props: Mapping[str, Any], held: Collection[str]) -> tuple[Job, Reached]:
        """Create the job and start it; or adopt the one that `job_id` names."""
        if props.get("job_id"):
            return job, creation.adopt(job, props, self._costs)
        return creation.create(job, props, self._costs, held)

    def look_up(self, job: Job) -> Details:
        """Return the details of a job that is not managed; fail for one of another type."""
        details = job.show()
        creation.refuse_other_type(details)
        return details

    def update(self, job: Job, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Reached:
        """Bring the job to its new properties."""
        return lifecycle.update(job, olds, news, self._costs)

    def delete(self, job: Job, props: Mapping[str, Any]) -> None:
        """Delete the job, or do what `on_delete` says."""
        lifecycle.delete(job, props)

    def _expect_engine(self) -> None:
        if not self._engine_answers():
            raise EngineGoneError("a request was not sent: the engine has ended; run pulumi up again to finish")
