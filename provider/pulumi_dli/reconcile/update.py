"""How a job is changed and deleted: each a readable sequence of checked steps.

What was done is always read from the service, never remembered: an interrupted run is finished by the
next one, whatever step it had reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_dli.errors import (
    ConflictError,
    DliError,
    EngineGoneError,
    JobError,
    NotFoundError,
    ServiceError,
    TimeoutPassedError,
    UnseenError,
    told,
)
from pulumi_dli.planning.diff import Change, Costs, Difference, difference, put_body
from pulumi_dli.planning.restore_point import can_restore, first_run_or_restore, with_changes
from pulumi_dli.planning.steps import Step, done, steps
from pulumi_dli.reconcile.transitions import start, steady, stop
from pulumi_dli.reconcile.waiting import Job
from pulumi_dli.schema.observed_job import Details
from pulumi_dli.schema.properties import BY_NAME, Cost, control, dearest
from pulumi_dli.schema.statuses import RUNNING, Phase, phase_of

_DOWN = "THE JOB IS DOWN"
_EMPTY = ", with empty state (stateless)"
_LEFT_STOPPED = (
    "but there is no savepoint to go on from: THE JOB IS LEFT STOPPED rather than started empty; import a savepoint in "
    "DLI's console and run pulumi up, or set upgrade_mode='stateless' to start it empty"
)


@dataclass(frozen=True)
class Reached:
    """What a job came to: its details, `update_time` where a PUT told it, and what was done ("" for nothing)."""

    details: Details
    update_time: int | None
    done: str = ""


def update(job: Job, olds: Mapping[str, Any], news: Mapping[str, Any], costs: Costs) -> Reached:
    """Bring a job from whatever status it is in to the wanted properties and the desired state.

    `olds` are the stored outputs, `news` the wanted inputs; `costs` overrides what changes cost. A
    change of control inputs that do not move the job asks the service nothing.
    """
    wanted = difference(olds, news, costs)
    if not wanted.moves:
        return Reached(_as_stored(job, olds), None)
    return bring(job, olds, news, wanted)


def bring(job: Job, olds: Mapping[str, Any], news: Mapping[str, Any], wanted: Difference) -> Reached:
    """Read the job, decide the steps by its actual status, and take them."""
    try:
        details = steady(job, news)
    except NotFoundError as error:
        raise told(
            error, "the job is gone: run pulumi refresh, and the next pulumi up creates it anew, without its state"
        ) from None
    _refuse_conflict(wanted, news, details, olds)
    pending = _pending(wanted, details)
    work = Work(olds, news, wanted, pending, details)
    work = replace(work, planned=_planned(job, work))
    reached = Reached(details, None)
    for step in work.planned:
        reached = _do(step, job, work, reached)
    _tell_ignored(job, work, reached.details)
    return replace(reached, done=done(work.planned, tuple(change.name for change in pending)))


@dataclass(frozen=True)
class Work:
    """One update: what was stored, what is wanted, what of it is still to be sent, and the job before it."""

    olds: Mapping[str, Any]
    news: Mapping[str, Any]
    wanted: Difference
    pending: tuple[Change, ...]
    before: Details
    planned: tuple[Step, ...] = ()

    @property
    def stops(self) -> bool:
        """Whether this update stops the job itself."""
        return bool({Step.STOP, Step.STOP_EMPTY} & set(self.planned))


def _as_stored(job: Job, olds: Mapping[str, Any]) -> Details:
    """Return the stored state as details: a change of control inputs alone asks the service nothing."""
    return Details(
        job_id=job.job_id,
        status=str(olds.get("status") or ""),
        status_desc="",
        update_time=None,
        start_time=int(olds["start_time"]) if olds.get("start_time") else None,
        savepoint=None,
        properties={name: olds[name] for name in BY_NAME if olds.get(name) is not None},
    )


def _pending(wanted: Difference, details: Details) -> tuple[Change, ...]:
    """Leave out what the service has already, from an interrupted run or from somebody's hand."""
    return tuple(
        change
        for change in wanted.changes
        if change.name not in details.properties
        or not BY_NAME[change.name].same(details.properties[change.name], change.new)
    )


def _refuse_conflict(
    wanted: Difference, news: Mapping[str, Any], details: Details, stored: Mapping[str, Any], *seen: Mapping[str, Any]
) -> None:
    """Three-way comparison: theirs is neither what was stored, nor what this update has seen, nor what is wanted."""
    names = [change.name for change in wanted.changes if _conflicts(change, details, stored, *seen)]
    if names and control(news, "on_conflict") == "fail":
        raise ConflictError(
            f"somebody else, or a pulumi up that was cut off, changed {', '.join(names)} of the job since the last "
            "finished pulumi up or refresh; run pulumi refresh to see it, or set on_conflict='overwrite'"
        )


def _conflicts(change: Change, details: Details, stored: Mapping[str, Any], *seen: Mapping[str, Any]) -> bool:
    if change.name not in details.properties:
        return False
    theirs, each = details.properties[change.name], BY_NAME[change.name]
    # What the program did not set before is not stored; what it had at the first look is no conflict.
    bases = [stored[change.name]] if stored.get(change.name) is not None else []
    bases += [properties.get(change.name) for properties in seen]
    return bool(bases) and not any(each.same(theirs, base) for base in (*bases, change.new))


def _planned(job: Job, work: Work) -> tuple[Step, ...]:
    restarts = work.wanted.restarts and not _restarted_already(job, work.olds, work.before)
    cost = Cost.RESTART if restarts else dearest(change.cost for change in work.pending)
    phase = phase_of(work.before.status)
    stateless = control(work.news, "upgrade_mode") == "stateless"
    desired = control(work.news, "desired_state")
    planned = steps(phase, cost, desired, stateless=stateless, puts=bool(work.pending))
    if Step.RESTORE in planned and Step.STOP not in planned:
        updated = with_changes(work.before, work.pending)
        planned = tuple(first_run_or_restore(step, phase, updated) for step in planned)
    return planned


def _restarted_already(job: Job, olds: Mapping[str, Any], details: Details) -> bool:
    """Tell whether the job was started since the state was stored: an interrupted run is not repeated."""
    before, now = olds.get("start_time"), details.start_time
    if phase_of(details.status) is not Phase.RUNNING or not before or not now or now <= before:
        return False
    job.warn(
        f"{job.name}: the job was started already since the last pulumi up, by an interrupted run or by hand; "
        "it is not restarted once more (change restart_nonce again if it should be)"
    )
    return True


def _tell_ignored(job: Job, work: Work, details: Details) -> None:
    """Warn of properties that the service accepted and shows with another value all the same."""
    left = _pending(Difference(work.pending, ()), details)
    ignored = ", ".join(change.name for change in left if change.name in details.properties)
    if ignored:
        job.warn(f"{job.name}: DLI took the update, but shows another value for {ignored}; see pulumi refresh")


def _do(step: Step, job: Job, work: Work, reached: Reached) -> Reached:
    match step:
        case Step.STOP | Step.STOP_EMPTY:
            return replace(reached, details=stop(job, work.news, work.before.status, savepoint=step is Step.STOP))
        case Step.PUT:
            return _put(job, work, reached)
        case Step.RUN | Step.RESTORE:
            return _start(job, work, reached, restore=step is Step.RESTORE)
        case _:
            job.warn(f"{job.name}: the job {phase_of(reached.details.status).value}; it is not started")
            return reached


def _put(job: Job, work: Work, reached: Reached) -> Reached:
    """Send the changed properties; after a refusal a job that this update stopped is started as it was."""
    try:
        pending = _recompared(work, reached.details) if work.stops else work.pending
        job.before(f"update {', '.join(change.name for change in pending)}")
        update_time = _sent(job, work, pending) if pending else None
    except EngineGoneError:
        raise
    except DliError as error:
        raise _started_as_it_was(job, work, _with_override(error, work)) from None
    return Reached(with_changes(reached.details, pending), update_time)


def _sent(job: Job, work: Work, pending: tuple[Change, ...]) -> int | None:
    """Send the PUT and return its `update_time`; one that took effect never counts as failed.

    Even a refusal may follow a PUT that took effect: the transport repeats one whose answer was lost.
    """
    try:
        update_time = job.client.update_flink_jar_job(job.job_id, put_body(pending))
    except DliError as error:
        details = _shown_after(job, error)
        if _pending(work.wanted, details):
            raise error from None
        return details.update_time
    return _told_by_details(job) if update_time is None else update_time


def _shown_after(job: Job, error: DliError) -> Details:
    try:
        return job.show()
    except DliError:
        raise error from None


def _recompared(work: Work, details: Details) -> tuple[Change, ...]:
    """Compare again after the stop: a savepoint can take long enough for somebody to change the job."""
    _refuse_conflict(work.wanted, work.news, details, work.olds, work.before.properties)
    return _pending(work.wanted, details)


def _told_by_details(job: Job) -> int | None:
    """Read `update_time` where the PUT's answer lacks it; where that fails too, the old one stays."""
    try:
        update_time = job.show().update_time
    except DliError as error:
        update_time, reason = None, str(error)
    else:
        reason = "neither the answer of the update nor the details hold it"
    if update_time is None:
        job.warn(f"{job.name}: the update took effect, but update_time is not known ({reason}); the old one is kept")
    return update_time


def _with_override(error: DliError, work: Work) -> DliError:
    """Name the way out where the service refuses to change something in a running job."""
    if (
        isinstance(error, ServiceError)
        and work.planned == (Step.PUT,)
        and phase_of(work.before.status) is Phase.RUNNING
    ):
        names = [change.name for change in work.pending]
        costs = ", ".join(f'"{name}": "RESTART"' for name in names)
        return told(error, f"if the service wants the job stopped for this, set dli:changeCost to {{{costs}}}")
    return error


def _started_as_it_was(job: Job, work: Work, error: DliError) -> DliError:
    if not work.stops or control(work.news, "desired_state") != RUNNING:
        return error
    restore = Step.STOP in work.planned
    try:
        start(job, work.news, job.show().status, restore=restore)
    except DliError as second:
        return told(error, f"starting the job as it was failed as well: {second}; {_DOWN}, run pulumi up again")
    return told(error, "the job runs again as it was" + ("" if restore else _EMPTY))


def _start(job: Job, work: Work, reached: Reached, *, restore: bool) -> Reached:
    # A batch job that ended while it was being stopped has nothing to go on from.
    restore = restore and phase_of(reached.details.status) is not Phase.FINISHED
    try:
        return replace(reached, details=start(job, work.news, reached.details.status, restore=restore))
    except (EngineGoneError, TimeoutPassedError, UnseenError):
        raise
    except (JobError, ServiceError) as error:
        raise _rolled_back(job, work, error, restore=restore) from None
    except DliError as error:
        raise told(error, "the job may be down: run pulumi up again to finish") from None


def _rolled_back(job: Job, work: Work, error: DliError, *, restore: bool) -> DliError:
    """Put the old values of the changed keys back and start the job as it was before this update."""
    if control(work.news, "on_failure") == "leave" or not work.stops:
        new = " with its new settings" if work.pending else ""
        return told(error, f"{_DOWN}{new}: run pulumi up again once the reason is mended")
    try:
        details = job.show()
        back, kept = _way_back(work, details)
        if back:
            job.before(f"roll back {', '.join(change.name for change in back)}")
            job.client.update_flink_jar_job(job.job_id, put_body(back))
        if restore and not can_restore(with_changes(details, back)):
            return told(error, f"its old settings are back{kept}, {_LEFT_STOPPED}")
        start(job, work.news, details.status, restore=restore)
    except DliError as second:
        return told(error, f"rolling back failed as well: {second}; {_DOWN}, run pulumi up again")
    return told(error, "rolled back: the job runs again with its old settings" + kept + ("" if restore else _EMPTY))


def _way_back(work: Work, details: Details) -> tuple[tuple[Change, ...], str]:
    """Return the changes that undo this update, and words for what it leaves: what somebody else set since.

    Null was the documented default.
    """
    back, kept = [], []
    for change in work.pending:
        if change.name not in work.before.properties:
            continue
        each, old = BY_NAME[change.name], work.before.properties[change.name]
        now = details.properties.get(change.name, change.new)
        if each.same(now, change.new):
            back.append(replace(change, old=change.new, new=each.default if old is None else old))
        elif not each.same(now, old):
            kept.append(change.name)
    return tuple(back), f", but for {', '.join(kept)}, which somebody else changed meanwhile" if kept else ""
