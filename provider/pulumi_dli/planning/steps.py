"""The steps that bring a job to what was asked for: one table of phase, cost and desired state."""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum

from pulumi_dli.planning.diff import Difference
from pulumi_dli.schema.property import Cost
from pulumi_dli.schema.statuses import RUNNING, STOPPED, Phase


class Step(Enum):
    """One thing done to a job; its words are in `wording`."""

    WAIT = "wait"
    STOP = "stop-with-savepoint"
    STOP_EMPTY = "stop-without-savepoint"
    PUT = "put"
    RUN = "run"
    RESTORE = "restore"
    REPORT = "report"


def stops(planned: Collection[Step]) -> bool:
    """Tell whether these steps stop a job that runs."""
    return Step.STOP in planned or Step.STOP_EMPTY in planned


def starts(planned: Collection[Step]) -> bool:
    """Tell whether these steps start the job, empty or from its state."""
    return Step.RUN in planned or Step.RESTORE in planned


_NOT_RUNNING = {
    **{(cost, RUNNING): (Step.PUT, Step.RESTORE) for cost in Cost},
    **{(cost, STOPPED): (Step.PUT,) for cost in Cost},
}
_DRAFT = {
    **{(cost, RUNNING): (Step.PUT, Step.RUN) for cost in Cost},
    **{(cost, STOPPED): (Step.PUT,) for cost in Cost},
}

# Phase -> (cost of the change, desired state) -> steps. A PUT without a changed property is left out.
TABLE: dict[Phase, dict[tuple[Cost, str], tuple[Step, ...]]] = {
    Phase.RUNNING: {
        (Cost.NONE, RUNNING): (),
        (Cost.LIVE, RUNNING): (Step.PUT,),
        (Cost.RESTART, RUNNING): (Step.STOP, Step.PUT, Step.RESTORE),
        (Cost.NONE, STOPPED): (Step.STOP,),
        (Cost.LIVE, STOPPED): (Step.STOP, Step.PUT),
        (Cost.RESTART, STOPPED): (Step.STOP, Step.PUT),
    },
    Phase.DRAFT: _DRAFT,
    Phase.STOPPED: _NOT_RUNNING,
    Phase.SUBMIT_FAILED: _NOT_RUNNING,
    Phase.CRASHED: _NOT_RUNNING,
    Phase.FINISHED: {
        # A batch job that came to its end is what "running" asked for.
        (Cost.NONE, RUNNING): (),
        (Cost.LIVE, RUNNING): (Step.PUT,),
        (Cost.RESTART, RUNNING): (Step.PUT, Step.RUN),
        **{(cost, STOPPED): (Step.PUT,) for cost in Cost},
    },
    Phase.ARREARS: {
        **{(cost, RUNNING): (Step.PUT, Step.REPORT) for cost in Cost},
        **{(cost, STOPPED): (Step.PUT,) for cost in Cost},
    },
    Phase.MOVING: {(cost, state): (Step.WAIT,) for cost in Cost for state in (RUNNING, STOPPED)},
    Phase.UNKNOWN: {(cost, state): (Step.WAIT,) for cost in Cost for state in (RUNNING, STOPPED)},
}


def steps(phase: Phase, cost: Cost, desired: str, *, stateless: bool = False, puts: bool = True) -> tuple[Step, ...]:
    """Return the steps from `phase` to the desired state.

    `cost` is that of the changed properties, ``RESTART`` also where only a restart was asked for.
    `puts` is whether any property is to be sent; with `stateless` nothing is saved or restored.
    """
    empty = {Step.STOP: Step.STOP_EMPTY, Step.RESTORE: Step.RUN} if stateless else {}
    planned = (empty.get(step, step) for step in TABLE[phase][cost, desired])
    return tuple(step for step in planned if puts or step is not Step.PUT)


def cost_of(difference: Difference) -> Cost:
    """Return the cost of a difference, a restart that was asked for included."""
    return Cost.RESTART if difference.restarts else difference.cost
