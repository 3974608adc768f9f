"""The steps that bring a job to what was asked for: one table of phase, cost and desired state."""

from __future__ import annotations

from enum import Enum

from pulumi_dli.planning.diff import Difference
from pulumi_dli.schema.properties import Cost
from pulumi_dli.schema.statuses import RUNNING, STOPPED, Phase


class Step(Enum):
    """One thing done to a job, as a reader of the preview sees it."""

    WAIT = "wait for its status to settle"
    STOP = "stop with savepoint"
    STOP_EMPTY = "stop without savepoint (its state is lost)"
    PUT = "update"
    RUN = "start"
    RESTORE = "start from its savepoint"
    REPORT = "report its status"


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


def action(job: str, difference: Difference, planned: tuple[Step, ...]) -> str:
    """Return the line that says what an update will do to the job, naming properties, never values.

    For example ``clickstream: stop with savepoint, update cu_number, parallel_number, restart``.
    """
    if planned == (Step.PUT,) and difference.cost is Cost.LIVE:
        return f"{job}: update in place: {', '.join(difference.names)}"
    if not planned:
        return f"{job}: no request, no effect on the job: {', '.join((*difference.controls, *difference.taken))}"
    stopped = planned[0] in {Step.STOP, Step.STOP_EMPTY}
    return f"{job}: " + ", ".join(_words(step, difference, after_stop=stopped) for step in planned)


_DONE = {
    Step.STOP: "stopped with savepoint",
    Step.STOP_EMPTY: "stopped without savepoint",
    Step.RUN: "started",
    Step.RESTORE: "started from its savepoint",
    Step.REPORT: "not started",
}


def done(planned: tuple[Step, ...], names: tuple[str, ...]) -> str:
    """Return what was done, such as ``stopped with savepoint, updated cu_number, restarted``."""
    stopped = bool({Step.STOP, Step.STOP_EMPTY} & set(planned))
    again = {Step.RESTORE: "restarted", Step.RUN: "restarted empty"} if stopped else {}
    words = {**_DONE, Step.PUT: f"updated {', '.join(names)}", **again}
    return ", ".join(words[step] for step in planned) or "nothing was left to do"


def _words(step: Step, difference: Difference, *, after_stop: bool) -> str:
    if step is Step.PUT:
        return f"update {', '.join(difference.names)}"
    if after_stop and step is Step.RESTORE:
        return "restart"
    if after_stop and step is Step.RUN:
        return "restart empty"
    return str(step.value)
