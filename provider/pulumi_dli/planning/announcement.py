"""What a preview says about one job: its lines, and the facts of its marker line. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pulumi_dli.planning.actions import Action
from pulumi_dli.planning.diff import Difference
from pulumi_dli.planning.rejection import rejected_before
from pulumi_dli.planning.state_risk import Risk
from pulumi_dli.planning.update_plan import plan_update
from pulumi_dli.planning.wording import differing_keys, drift, finishing, information, warnings
from pulumi_dli.schema.statuses import Phase, phase_of


@dataclass(frozen=True)
class Announcement:
    """What is said of an update before it runs."""

    lines: tuple[str, ...]
    keys: tuple[str, ...]
    warnings: tuple[str, ...]
    action: Action
    certain: bool
    risks: tuple[Risk, ...]


def announcement(
    olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference, *, moved: bool, unfinished: str | None
) -> Announcement:
    """Return what a preview says; `moved`: the configured place is stored, `unfinished`: what failed before."""
    # What failed may have left the job on its way: where it arrives is known only during the update.
    unsettled = unfinished is not None and phase_of(olds.get("status")) in {Phase.MOVING, Phase.UNKNOWN}
    known = rejected_before(olds, news, found)
    if known is not None:
        return Announcement((str(known),), (), (), Action.NONE, True, ())
    plan = plan_update(olds, news, replace(found, off_state=found.off_state or unsettled))
    first, *more = information(plan)
    lines = [first + _ownership(found, news), *more] if found else []
    lines += [finishing(unfinished)] if unfinished else []
    lines += ["stores the configured project and region from now on"] if moved else []
    return Announcement(
        tuple(lines), tuple(differing_keys(plan)), tuple(warnings(plan)), plan.action, plan.certain, plan.risks
    )


def of_a_refresh(olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference) -> Announcement:
    """Return what a refresh says: what differs in DLI. Nothing is done about it, so nothing of that is said."""
    plan = plan_update(olds, news, found)
    return Announcement(tuple(drift(found, str(olds.get("status")))), (), (), plan.action, plan.certain, plan.risks)


def _ownership(found: Difference, news: Mapping[str, Any]) -> str:
    if "job_id" not in found.controls:
        return ""
    return "; destroy will now " + ("delete the job" if news.get("job_id") is None else "leave the job as it is")
