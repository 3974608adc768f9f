"""From which state a job can start again."""

from __future__ import annotations

from dataclasses import replace

from pulumi_dli.errors import (
    StatusError,
)
from pulumi_dli.planning.diff import Change
from pulumi_dli.planning.steps import Step
from pulumi_dli.schema.observed_job import Details
from pulumi_dli.schema.statuses import Phase, phase_of


def with_changes(details: Details, changes: tuple[Change, ...]) -> Details:
    """Return the details of a job as they are after these changes."""
    return replace(details, properties={**details.properties, **{change.name: change.new for change in changes}})


def first_run_or_restore(step: Step, phase: Phase, details: Details) -> Step:
    """Decide how a job that somebody else stopped, or that failed, is started. Refuses a silent loss of state."""
    if step is not Step.RESTORE:
        return step
    if not details.ever_ran:
        return Step.RUN
    if not can_restore(details):
        raise StatusError(
            f"the job {phase.value} ({details.status}) and has no savepoint to go on from; nothing was changed: "
            "set upgrade_mode='stateless' to start it empty, or start it yourself in DLI's console"
        )
    return Step.RESTORE


def can_restore(details: Details) -> bool:
    """Tell whether there is a state to go on from: a savepoint, or after a crash the last checkpoint.

    Where the service does not say, it is asked to restore: it refuses rather than start empty.
    """
    if details.savepoint is not False:
        return True
    checkpoints = details.value("checkpoint_enabled") or details.value("checkpoint_path")
    return phase_of(details.status) is Phase.CRASHED and bool(details.value("resume_checkpoint") and checkpoints)
