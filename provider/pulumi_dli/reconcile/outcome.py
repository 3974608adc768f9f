"""What a job came to, and what one update works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.planning.diff import Change, Difference
from pulumi_dli.planning.steps import Step, stops
from pulumi_dli.schema.controls import Controls
from pulumi_dli.schema.observed_job import ObservedJob


@dataclass(frozen=True)
class Outcome:
    """What a job came to: as it is now, `update_time` where a PUT said it, and what was done ("" for nothing)."""

    observed: ObservedJob
    update_time: int | None
    done: str = ""


@dataclass(frozen=True)
class UpdateContext:
    """One update: what was stored, what is wanted, what of it is still to be sent, and the job before it."""

    olds: Mapping[str, Any]
    controls: Controls
    wanted: Difference
    pending: tuple[Change, ...]
    before: ObservedJob
    planned: tuple[Step, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether this update stops the job itself."""
        return stops(self.planned)
