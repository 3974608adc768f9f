"""From which state a job can start again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_dli.errors import JobLeft, NoSavepointError
from pulumi_dli.planning.diff import Change
from pulumi_dli.planning.steps import Step
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.statuses import Phase, phase_of
from pulumi_dli.schema.stored_state import ever_ran


def with_changes(observed: ObservedJob, changes: tuple[Change, ...]) -> ObservedJob:
    """Return the details of a job as they are after these changes."""
    return replace(observed, properties={**observed.properties, **{change.name: change.new for change in changes}})


def phase_to_start_from(observed: ObservedJob, stored: Mapping[str, Any]) -> Phase:
    """Return the phase that decides the steps: a draft with a history counts as stopped."""
    phase = phase_of(observed.status)
    return Phase.STOPPED if phase is Phase.DRAFT and ever_ran(observed, stored) else phase


def first_run_or_restore(step: Step, phase: Phase, observed: ObservedJob, stored: Mapping[str, Any]) -> Step:
    """Decide how a job that somebody else stopped, or that failed, is started. Refuses a silent loss of state."""
    if step is not Step.RESTORE:
        return step
    if not ever_ran(observed, stored):
        return Step.RUN
    if not can_restore(observed):
        raise NoSavepointError(
            f"the job {phase.value} ({observed.status}) and has no savepoint to go on from; nothing was changed",
            remedy="set upgrade_mode='stateless' to start it empty, or start it yourself in DLI's console",
            job_left=JobLeft.UNTOUCHED,
        )
    return Step.RESTORE


def can_restore(observed: ObservedJob) -> bool:
    """Tell whether there is a state to go on from: a savepoint, or after a crash the last checkpoint.

    Where the service does not say, it is asked to restore: it refuses rather than start empty.
    """
    if observed.savepoint is not False:
        return True
    checkpoints = observed.value("checkpoint_enabled") or observed.value("checkpoint_path")
    return phase_of(observed.status) is Phase.CRASHED and bool(observed.value("resume_checkpoint") and checkpoints)
