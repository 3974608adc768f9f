"""How long an operation may take by the user's `custom_timeouts`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.errors import JobLeft, TimeoutPassedError
from pulumi_dli.schema.controls import Controls

_TIMEOUTS = ("stop_timeout", "start_timeout")


@dataclass(frozen=True)
class Limit:
    """When an operation is to end, by the clock that only goes forward; `explicit` timeouts of the program win."""

    seconds: float | None = None
    ends_at: float | None = None
    explicit: frozenset[str] = frozenset()

    @classmethod
    def of(cls, seconds: float | None, inputs: Mapping[str, Any]) -> Limit:
        """Start the clock of an operation that may take so many seconds; None: the defaults count."""
        if seconds is None:
            return cls()
        explicit = frozenset(name for name in _TIMEOUTS if inputs.get(name) is not None)
        return cls(seconds, time.monotonic() + seconds, explicit)

    def stop(self, controls: Controls, *, goes_on: bool) -> float:
        """Return how long to wait for a stop; one that is followed by a start is not cut short."""
        left = self._left("stop_timeout", controls.stop_timeout)
        return max(left, controls.stop_timeout) if goes_on else left

    def start(self, controls: Controls, *, goes_back: bool) -> float:
        """Return how long to wait for a start; that of a roll-back is not cut short."""
        return controls.start_timeout if goes_back else self._left("start_timeout", controls.start_timeout)

    def settling(self, controls: Controls) -> float:
        """Return how long to wait for a job that is on its way, before anything is done to it."""
        return max(self.stop(controls, goes_on=False), self.start(controls, goes_back=False))

    @property
    def words(self) -> str:
        """What a time-out adds, so that a reader looks at the right number."""
        if self.seconds is None or self.explicit:
            return ""
        return f" (custom_timeouts allow the operation {self.seconds:g} s)"

    def expect_time(self, what: str) -> None:
        """Raise TimeoutPassedError where the time is over: asked before a stop, never between stop and start."""
        if self.ends_at is not None and time.monotonic() >= self.ends_at:
            raise TimeoutPassedError(
                f"{self.seconds:g} s (custom_timeouts) were over before the step '{what}'",
                remedy="run pulumi up again, or allow more in custom_timeouts",
                job_left=JobLeft.UNTOUCHED,
            )

    def _left(self, name: str, own: float) -> float:
        if self.ends_at is None or name in self.explicit:
            return own
        return max(0.0, self.ends_at - time.monotonic())


NO_LIMIT = Limit()
