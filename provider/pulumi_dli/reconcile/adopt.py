"""How an existing job comes under management, as it is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_dli.errors import PART_OF_THE_WAY, AdoptError, DliError, JobLeft, leaving
from pulumi_dli.planning.diff import Costs, difference
from pulumi_dli.reconcile.outcome import Outcome
from pulumi_dli.reconcile.ownership import refuse_other_type
from pulumi_dli.reconcile.update import reconcile
from pulumi_dli.reconcile.waiting import JobHandle
from pulumi_dli.schema.controls import Controls
from pulumi_dli.schema.statuses import satisfies


def adopt(job: JobHandle, news: Mapping[str, Any], costs: Costs) -> Outcome:
    """Take an existing job under management; without `adopt_changes` nothing of it may differ."""
    observed = job.show()
    refuse_other_type(observed)
    controls = Controls.of(news)
    found = difference(observed.properties, news, costs)
    differing = [change.name for change in found.changes]
    if not satisfies(observed.status, controls.desired_state):
        differing.append("desired_state")
    if not differing:
        return Outcome(observed, observed.update_time, "adopted as it is")
    if not controls.adopt_changes:
        raise AdoptError(
            f"job {job.job_id} differs from the program in {', '.join(differing)}",
            remedy="set these as they are in DLI, or set adopt_changes=True to change the job",
            job_left=JobLeft.UNTOUCHED,
        )
    try:
        outcome = reconcile(job, observed.properties, controls, found)
    except DliError as error:
        raise (leaving(error, job.job_id) if error.job_left in PART_OF_THE_WAY else error) from None
    return replace(outcome, done=f"adopted, {outcome.done}")
