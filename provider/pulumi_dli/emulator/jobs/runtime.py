"""What moves jobs on after an event: the clock (today's default), or a real Flink (`flink.runtime`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from starlette.routing import Route

from .job import Job
from .statuses import Durations, Event

if TYPE_CHECKING:
    from .state import State


class UnavailableError(Exception):
    """The engine that was asked for cannot work here; the message says what is missing and what to do."""


class Engine(Protocol):
    """Moves jobs on. Handlers write into a job's record what was asked for; the engine does it."""

    scripted: bool
    """Whether a test may say what becomes of a job; otherwise it really happens."""

    def walk(self, event: Event, now: int) -> list[tuple[int, str]]:
        """Return when, in ms since the epoch, the event brings a job into which status, as far as it is known."""

    def begin(self, state: State) -> None:
        """Start to move the jobs of this state on."""

    def close(self) -> None:
        """Stop, and leave nothing running."""

    def routes(self) -> Sequence[Route]:
        """Return the addresses that it adds to the emulator's."""

    def page(self, url: str) -> str | None:
        """Return the address of a page of its own, for an emulator at this URL; None if it has none."""

    def shown(self, job: Job) -> dict[str, Any] | None:
        """Return what the page shows of the engine's side of a job."""


class Timed:
    """The clock: a status that passes lasts as long as the table says."""

    scripted = True

    def __init__(self, durations: Durations) -> None:
        """Take the durations, which tests may change."""
        self._durations = durations

    def walk(self, event: Event, now: int) -> list[tuple[int, str]]:
        """Return the whole way."""
        return self._durations.walk(event, now)

    def begin(self, state: State) -> None:
        """Nothing to start: whoever looks at a job lets it catch up."""

    def close(self) -> None:
        """Nothing runs."""

    def routes(self) -> Sequence[Route]:
        """Add nothing."""
        return ()

    def page(self, url: str) -> None:  # noqa: ARG002 (the protocol's)
        """Have none."""
        return

    def shown(self, job: Job) -> None:  # noqa: ARG002 (the protocol's)
        """Show nothing."""
        return
