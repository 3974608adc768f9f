"""DLI as the settings name it, for all jobs of a host: what they share, and each job to work on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pulumi_dli.api.client import DliClient
from pulumi_dli.config.settings import Settings
from pulumi_dli.reconcile.limit import Limit
from pulumi_dli.reconcile.polling import SharedPoller
from pulumi_dli.reconcile.waiting import JobHandle, engine_gone
from pulumi_dli.schema.resource import secrets_of


class Connection:
    """One client and one listing for all who wait. Connects with the first request."""

    def __init__(self, settings: Settings, engine_answers: Callable[[], bool]) -> None:
        """Take where to connect, and how to tell whether the engine is still there."""
        self._engine_answers = engine_answers
        self.client = DliClient(settings, self._expect_engine)
        self._board = SharedPoller(self.client)

    def job(
        self,
        job_id: str,
        bags: Collection[Mapping[str, Any]],
        *,
        name: str,
        say: Callable[[str], None],
        warn: Callable[[str], None],
        limit: Limit,
    ) -> JobHandle:
        """Return a job to work on; `bags` are the properties whose secrets no message may repeat."""
        return JobHandle(
            client=self.client,
            job_id=job_id,
            name=name,
            say=say,
            warn=warn,
            engine_answers=self._engine_answers,
            board=self._board,
            secrets=secrets_of(*bags),
            limit=limit,
        )

    def _expect_engine(self) -> None:
        if not self._engine_answers():
            raise engine_gone("a request was not sent")
