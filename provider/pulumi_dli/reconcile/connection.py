"""DLI as the settings name it, for all jobs of a host: what they share, and each job to work on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pulumi_dli.api.client import DliClient
from pulumi_dli.config.settings import Settings
from pulumi_dli.errors import EngineGoneError
from pulumi_dli.reconcile.polling import StatusBoard
from pulumi_dli.reconcile.waiting import Job
from pulumi_dli.redaction import secret_parts


class Connection:
    """One client and one listing for all who wait. Connects with the first request."""

    def __init__(self, settings: Settings, engine_answers: Callable[[], bool]) -> None:
        """Take where to connect, and how to tell whether the engine is still there."""
        self._engine_answers = engine_answers
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

    def _expect_engine(self) -> None:
        if not self._engine_answers():
            raise EngineGoneError("a request was not sent: the engine has ended; run pulumi up again to finish")
