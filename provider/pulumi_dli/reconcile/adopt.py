"""How an existing job comes under management, as it is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_dli.errors import (
    AdoptError,
)
from pulumi_dli.planning.diff import Costs, difference
from pulumi_dli.reconcile.ownership import refuse_other_type
from pulumi_dli.reconcile.update import Reached, bring
from pulumi_dli.reconcile.waiting import Job
from pulumi_dli.schema.properties import control
from pulumi_dli.schema.statuses import satisfies


def adopt(job: Job, news: Mapping[str, Any], costs: Costs) -> Reached:
    """Take an existing job under management; without `adopt_changes` nothing of it may differ."""
    details = job.show()
    refuse_other_type(details)
    found = difference(details.properties, news, costs)
    differing = [change.name for change in found.changes]
    if not satisfies(details.status, control(news, "desired_state")):
        differing.append("desired_state")
    if not differing:
        return Reached(details, details.update_time, "adopted as it is")
    if not control(news, "adopt_changes"):
        raise AdoptError(
            f"job {job.job_id} differs from the program in {', '.join(differing)}; set these as they are in DLI, "
            "or set adopt_changes=True to change the job"
        )
    reached = bring(job, details.properties, news, found)
    return replace(reached, done=f"adopted, {reached.done}")
