"""How many CUs a job takes of its queue, and who gets what becomes free.

The documents say that a dedicated queue has a number of CUs and that a job takes `cu_number` of
them. They do not say what a submission does that finds too few free ones [inferred]: it stays
`job_submitting` until there are enough, first come, first served among those that fit; or it fails
(`--queue-full fail`). One that needs more than the queue has fails at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .job import Job
from .representation import effective, resource_config

MANY = 1 << 31
"""More than any queue has: keeps the arithmetic finite."""


@dataclass(frozen=True)
class Room:
    """What a queue has and how much of it is taken. `cus` None: not bounded."""

    cus: int | None
    taken: int

    @property
    def free(self) -> float:
        """How many CUs a job may still take."""
        return math.inf if self.cus is None else self.cus - self.taken


def cus_of(job: Job) -> int:
    """Return the CUs that a job takes while it is active.

    With `resource_config_version` v2 CU numbers do not count: then it is the CPU cores of one
    JobManager and of as many TaskManagers as the parallelism needs [inferred].
    """
    if effective(job, "resource_config_version") != "v2":
        return int(effective(job, "cu_number"))
    config = resource_config(effective(job, "resource_config") or {})
    managers: int = min(MANY, -(-config["parallel_number"] // config["max_slot"]))
    cores: float = config["jobmanager_resource_spec"]["cpu"] + managers * config["taskmanager_resource_spec"]["cpu"]
    return math.ceil(min(MANY, cores))


def refusal(job: Job, cus: int | None) -> str:
    """Return why a job can never run in a queue of so many CUs; empty if it can."""
    needed = cus_of(job)
    return f"The job needs {needed} CUs; its queue has {cus}." if cus is not None and needed > cus else ""


def admitted(waiting: Iterable[Job], there: Room) -> list[Job]:
    """Return those of the waiting jobs that get CUs now."""
    free, chosen = there.free, []
    for job in waiting:
        if cus_of(job) <= free:
            free -= cus_of(job)
            chosen.append(job)
    return chosen
