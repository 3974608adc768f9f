"""How a job is changed: a readable sequence of checked steps.

What was done is always read from the service, never remembered: an interrupted run is finished by the
next one, whatever step it had reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_dli.errors import (
    ConflictError,
    DliError,
    EngineGoneError,
    JobError,
    JobLeft,
    NotFoundError,
    ServiceError,
    TimeoutPassedError,
    UnseenError,
    followed,
)
from pulumi_dli.planning.conflicts import conflicting, still_to_send
from pulumi_dli.planning.diff import Change, Costs, Difference, difference
from pulumi_dli.planning.rejection import refuse_rejected
from pulumi_dli.planning.restore_point import first_run_or_restore, phase_to_start_from, with_changes
from pulumi_dli.planning.steps import Step, starts, steps
from pulumi_dli.planning.wording import done
from pulumi_dli.reconcile.outcome import Outcome, UpdateContext
from pulumi_dli.reconcile.put import send
from pulumi_dli.reconcile.roll_back import rolled_back, started_as_it_was
from pulumi_dli.reconcile.transitions import start, stop, wait_until_settled
from pulumi_dli.reconcile.waiting import JobHandle
from pulumi_dli.schema.controls import Controls
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.properties import BY_NAME
from pulumi_dli.schema.property import Cost, highest_cost
from pulumi_dli.schema.statuses import Phase, phase_of


def update(job: JobHandle, olds: Mapping[str, Any], news: Mapping[str, Any], costs: Costs) -> Outcome:
    """Bring a job from whatever status it is in to the wanted properties and the desired state.

    `olds` are the stored outputs, `news` the wanted inputs; `costs` overrides what changes cost. A
    change of control inputs that do not move the job asks the service nothing, unless an update failed before.
    """
    wanted = difference(olds, news, costs)
    refuse_rejected(olds, news, wanted)
    if not wanted.moves and not olds.get("unfinished"):
        return Outcome(_as_stored(job, olds), None)
    return reconcile(job, olds, Controls.of(news), wanted)


def reconcile(job: JobHandle, olds: Mapping[str, Any], controls: Controls, wanted: Difference) -> Outcome:
    """Read the job, decide the steps by its actual status, and take them."""
    try:
        observed = wait_until_settled(job, controls)
    except NotFoundError as error:
        raise followed(
            error,
            "the job is gone",
            remedy="run pulumi refresh, and the next pulumi up creates it again, without its state",
        ) from None
    _refuse_conflict(wanted.changes, controls, observed, olds)
    context = UpdateContext(olds, controls, wanted, still_to_send(wanted.changes, observed), observed)
    context = replace(context, planned=_planned(job, context))
    outcome = _taken(job, context, Outcome(observed, None))
    _warn_of_ignored(job, context, outcome.observed)
    return replace(outcome, done=done(context.planned, tuple(change.name for change in context.pending)))


def _taken(job: JobHandle, context: UpdateContext, outcome: Outcome) -> Outcome:
    """Take the planned steps; an error of one after the PUT knows what was sent, which not all details show."""
    sent: frozenset[str] = frozenset()
    for step in context.planned:
        try:
            outcome = _do(step, job, context, outcome)
        except DliError as error:
            error.sent = sent
            raise
        if step is Step.PUT:
            sent = frozenset(change.name for change in context.pending)
    return outcome


def _as_stored(job: JobHandle, olds: Mapping[str, Any]) -> ObservedJob:
    """Return the stored state as observed: a change of control inputs alone asks the service nothing."""
    return ObservedJob(
        job_id=job.job_id,
        status=str(olds.get("status") or ""),
        update_time=None,
        start_time=int(olds["start_time"]) if olds.get("start_time") else None,
        savepoint=None,
        properties={name: olds[name] for name in BY_NAME if olds.get(name) is not None},
    )


def _refuse_conflict(
    changes: tuple[Change, ...],
    controls: Controls,
    observed: ObservedJob,
    stored: Mapping[str, Any],
    *seen: Mapping[str, Any],
) -> None:
    names = conflicting(changes, observed, stored, *seen)
    if names and controls.on_conflict == "fail":
        raise ConflictError(
            f"somebody else, or a pulumi up that was cut off, changed {', '.join(names)} of the job since the last "
            "finished pulumi up or refresh",
            remedy="run pulumi refresh to see it, or set on_conflict='overwrite'",
        )


def _planned(job: JobHandle, context: UpdateContext) -> tuple[Step, ...]:
    restarts = context.wanted.restarts and not _restarted_already(job, context)
    cost = Cost.RESTART if restarts else highest_cost(change.cost for change in context.pending)
    phase = phase_to_start_from(context.before, context.olds)
    planned = steps(
        phase,
        cost,
        context.controls.desired_state,
        stateless=context.controls.stateless,
        puts=bool(context.pending),
    )
    if Step.RESTORE in planned and Step.STOP not in planned:
        updated = with_changes(context.before, context.pending)
        planned = tuple(first_run_or_restore(step, phase, updated, context.olds) for step in planned)
    return planned


def _restarted_already(job: JobHandle, context: UpdateContext) -> bool:
    """Tell whether the job was started since the state was stored: an interrupted run is not repeated."""
    before, now = context.olds.get("start_time"), context.before.start_time
    if phase_of(context.before.status) is not Phase.RUNNING or not before or not now or now <= before:
        return False
    job.warn(
        f"{job.name}: the job was started already since the last pulumi up, by an interrupted run or by hand; "
        "it is not restarted once more (change restart_nonce again if it should be)"
    )
    return True


def _warn_of_ignored(job: JobHandle, context: UpdateContext, observed: ObservedJob) -> None:
    """Warn of properties that the service accepted and shows with another value all the same."""
    left = still_to_send(context.pending, observed)
    ignored = ", ".join(change.name for change in left if change.name in observed.properties)
    if ignored:
        job.warn(f"{job.name}: DLI took the update, but shows another value for {ignored}; see pulumi refresh")


def _do(step: Step, job: JobHandle, context: UpdateContext, outcome: Outcome) -> Outcome:
    match step:
        case Step.STOP | Step.STOP_EMPTY:
            was, goes_on = context.before.status, starts(context.planned)
            stopped = stop(job, context.controls, was, savepoint=step is Step.STOP, goes_on=goes_on)
            return replace(outcome, observed=stopped)
        case Step.PUT:
            return _put(job, context, outcome)
        case Step.RUN | Step.RESTORE:
            return _start(job, context, outcome, restore=step is Step.RESTORE)
        case _:
            job.warn(f"{job.name}: the job {phase_of(outcome.observed.status).value}; it is not started")
            return outcome


def _put(job: JobHandle, context: UpdateContext, outcome: Outcome) -> Outcome:
    """Send the changed properties; after a refusal a job that this update stopped is started as it was."""
    try:
        pending = _recompared(context, outcome.observed) if context.stops else context.pending
        update_time = send(job, context, pending)
    except EngineGoneError:
        raise
    except DliError as error:
        raise started_as_it_was(job, context, _with_override(error, context)) from None
    return Outcome(with_changes(outcome.observed, pending), update_time)


def _recompared(context: UpdateContext, observed: ObservedJob) -> tuple[Change, ...]:
    """Compare again after the stop: a savepoint can take long enough for somebody to change the job."""
    _refuse_conflict(context.wanted.changes, context.controls, observed, context.olds, context.before.properties)
    return still_to_send(context.wanted.changes, observed)


def _with_override(error: DliError, context: UpdateContext) -> DliError:
    """Name the way out where the service refuses to change something in a running job."""
    live = context.planned == (Step.PUT,) and phase_of(context.before.status) is Phase.RUNNING
    if not live or not isinstance(error, ServiceError):
        return error
    costs = ", ".join(f'"{change.name}": "RESTART"' for change in context.pending)
    return followed(error, remedy=f"if the service wants the job stopped for this, set dli:changeCost to {{{costs}}}")


def _start(job: JobHandle, context: UpdateContext, outcome: Outcome, *, restore: bool) -> Outcome:
    # A batch job that ended while it was being stopped has nothing to go on from.
    restore = restore and phase_of(outcome.observed.status) is not Phase.FINISHED
    try:
        return replace(outcome, observed=start(job, context.controls, outcome.observed.status, restore=restore))
    except (EngineGoneError, TimeoutPassedError, UnseenError):
        raise
    except (JobError, ServiceError) as error:
        raise rolled_back(job, context, error, restore=restore) from None
    except DliError as error:
        raise followed(
            error, "the job may be down", remedy="run pulumi up again to finish", job_left=JobLeft.MAY_BE_DOWN
        ) from None
