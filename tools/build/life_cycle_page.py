"""The page of the steps by status, from the table that decides them."""

from __future__ import annotations

from pulumi_dli.planning.steps import Step, steps
from pulumi_dli.planning.wording import STEPS
from pulumi_dli.schema.property import Cost
from pulumi_dli.schema.statuses import PHASES, RUNNING, STOPPED


def life_cycle_page() -> str:
    """Return the page with the steps for every status, and their drawing, made from the table itself."""
    lines = [
        "# Steps by status",
        "",
        "Made from the table in `planning/steps.py` by `scripts/format`; do not edit.",
        "",
        "What `pulumi up` does to a job that it finds in a status, by what changed. With "
        '`upgrade_mode="stateless"` no savepoint is made and none is restored. *start from its savepoint* is a plain '
        "start where the job never ran, and is refused where it has no savepoint to go on from.",
    ]
    for desired in (RUNNING, STOPPED):
        lines += ["", f'## `desired_state="{desired}"`', ""]
        lines += ["| status | the job | no property | `LIVE` | `RESTART` |", "|---|---|---|---|---|"]
        lines += [_steps_row(status, desired) for status in PHASES]
    return "\n".join([*lines, "", "## Drawn", "", *_drawing(), ""])


def _steps_row(status: str, desired: str) -> str:
    planned = [steps(PHASES[status], cost, desired, puts=cost is not Cost.NONE) for cost in Cost]
    cells = [", ".join(STEPS[step] for step in each) or "nothing" for each in planned]
    return f"| `{status}` | {PHASES[status].value} | {' | '.join(cells)} |"


def _drawing() -> list[str]:
    """Draw the steps of a RESTART change of a job that is to run, one path per phase."""
    lines = ["The steps of a `RESTART` change of a job that is to run:", "", "```mermaid", "flowchart LR"]
    for phase in dict.fromkeys(PHASES.values()):
        planned = steps(phase, Cost.RESTART, RUNNING)
        path = [f'{phase.name}(["{phase.value}"])', *(f'{phase.name}_{step.name}["{STEPS[step]}"]' for step in planned)]
        end = "DECIDE([decide again])" if Step.WAIT in planned else "DONE([done])"
        lines.append("    " + " --> ".join([*path, end]))
    return [*lines, "```"]
