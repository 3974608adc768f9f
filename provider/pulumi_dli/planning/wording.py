"""The English of planning: steps, actions, resets and risks in the words that previews and reviews show. Pure.

Nothing decides by these words. They name properties, keys and flags; of values only those of resets, and none that is
text: it may be secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_dli.planning.actions import Action, Removal
from pulumi_dli.planning.changed_keys import differing
from pulumi_dli.planning.diff import Change, Difference
from pulumi_dli.planning.state_risk import MAX_PARALLELISM_KEY, Risk
from pulumi_dli.planning.steps import Step, stops
from pulumi_dli.planning.update_plan import UpdatePlan
from pulumi_dli.schema.properties import BY_NAME
from pulumi_dli.schema.property import Cost
from pulumi_dli.schema.unknown import UNKNOWN
from pulumi_dli.schema.value_types import wire

STEPS: Mapping[Step, str] = {
    Step.WAIT: "wait for its status to settle",
    Step.STOP: "stop with savepoint",
    Step.STOP_EMPTY: "stop without savepoint (its state is lost)",
    Step.PUT: "update",
    Step.RUN: "start",
    Step.RESTORE: "start from its savepoint",
    Step.REPORT: "report its status",
}
_AGAIN = {Step.RESTORE: "restart", Step.RUN: "restart empty"}
_DONE = {
    Step.STOP: "stopped with savepoint",
    Step.STOP_EMPTY: "stopped without savepoint",
    Step.RUN: "started",
    Step.RESTORE: "started from its savepoint",
    Step.REPORT: "not started",
}
_DONE_AGAIN = {Step.RESTORE: "restarted", Step.RUN: "restarted empty"}

RISKS: Mapping[Risk, str] = {
    Risk.STATELESS_STOP: "upgrade_mode stateless: the job is stopped without savepoint, its state is lost",
    Risk.STATELESS_START: "upgrade_mode stateless: the job starts empty, whatever state it was stopped with",
    Risk.PARALLELISM: (
        "the parallelism changes: Flink restores state after that, up to the max parallelism, but DLI's guide does not "
        "support it"
    ),
    Risk.MAX_PARALLELISM: (
        f"{MAX_PARALLELISM_KEY} changes: Flink restores only state that was made with the same max parallelism"
    ),
    Risk.JAR: "the JAR changes: its new operators must fit the old state",
    Risk.MAIN_CLASS: "the main class changes: its operators must fit the old state",
    Risk.DEPENDENCY_JARS: "dependency JARs change: classes that hold state must still fit",
    Risk.FLINK_IMAGE: "the Flink image changes: it must read the old savepoint",
    Risk.FLINK_VERSION: "the Flink version changes: it must read the old savepoint",
    Risk.CHECKPOINTS_OFF: "checkpointing is turned off: after an exception the job has no state to go on from",
    Risk.RESUME_OFF: "resume_checkpoint is turned off: a restart after an exception starts empty",
    Risk.CHECKPOINT_PATH: "checkpoint_path changes: a restart after an exception looks at the new path only",
    Risk.ONLY_COPY: "checkpointing is off: the savepoint of the stop is the only copy of its state",
    Risk.NO_ROLL_BACK: ("resume_checkpoint is off: if the new version crashes once it runs, the job is left stopped"),
    Risk.UNMANAGED: "the job runs on, and nothing manages it any more",
    Risk.STOPPED_UNMANAGED: "the job is stopped with a savepoint, and nothing manages it any more",
    Risk.STOPPED_EMPTY: "the job is stopped without savepoint, its state is lost",
    Risk.DELETED: "the job is deleted, its state is lost",
    Risk.REPLACED: "the replacement starts empty: the state of the old job is lost",
    Risk.UNJUDGED: "what changes is not known",
    Risk.ADOPT_CHANGES: "what differs is known only during the update",
    Risk.NO_MARKER: (
        "the provider's verdict is missing, damaged or contradicts itself (see the reference on risks): "
        "what happens to the state is not known"
    ),
}
REPLACEMENT = f"is replaced: the job is deleted and created again; {RISKS[Risk.REPLACED]} [{Risk.REPLACED.code}]"
ACTIONS: Mapping[Action, str] = {
    Action.STOP: "stop the job",
    Action.RESTART: "stop, update, restart",
    Action.START: "start the job",
    Action.UPDATE: "update the job",
    Action.LIVE: "update in place",
    Action.NONE: "no effect on the job",
}
REMOVALS: Mapping[Removal, str] = {
    Removal.KEPT_ADOPTED: "left as it is, since it was adopted",
    Removal.KEPT: "left as it is, as on_delete says",
    Removal.STOPPED: "stop the job, and forget it",
    Removal.DELETED: "delete the job",
}


def information(plan: UpdatePlan) -> Iterator[str]:
    """Yield the lines of a preview about one job that warn of nothing; what happens to it comes first."""
    yield sentence(plan)
    for change in plan.resets:
        yield reset_line(change)
    for risk in plan.risks:
        if not risk.warns:
            yield RISKS[risk]


def finishing(unfinished: str) -> str:
    """Return what a preview says of an operation that failed before; `unfinished` is the output of that name."""
    operation, _, reason = unfinished.partition(": ")
    return f"finishes the {operation} that failed: {reason}"


def differing_keys(plan: UpdatePlan) -> Iterator[str]:
    """Yield the keys and flags in which properties differ: what a review of a hidden value cannot see."""
    for change in plan.difference.changes:
        parts = differing(change.name, change.old, change.new)
        if parts and not change.reset:
            yield f"{change.name} differs in {', '.join(parts)}"


def warnings(plan: UpdatePlan) -> Iterator[str]:
    """Yield a line for each risk that is worth a warning; its code, an anchor of the reference, ends the line."""
    return (f"{RISKS[risk]} [{risk.code}]" for risk in plan.risks if risk.warns)


def sentence(plan: UpdatePlan) -> str:
    """Return what the update does, such as ``stop with savepoint, update cu_number, restart``."""
    said = action(plan.difference, plan.planned)
    if plan.only_describes:
        force = "forces" if len(plan.forced_by) == 1 else "force"
        said += f"; {' and '.join(plan.forced_by)} alone {force} this restart"
    if plan.certain:
        return said
    computed = f"{', '.join(plan.unknown)} {'is' if len(plan.unknown) == 1 else 'are'} computed during it"
    why = "its status was not settled when it was last seen" if plan.status_unsettled else computed
    return f"cost not known before the update ({why}); at worst: {said}"


def action(difference: Difference, planned: tuple[Step, ...]) -> str:
    """Return what these steps do to the job, naming properties, never values."""
    if planned == (Step.PUT,) and difference.cost is Cost.LIVE:
        return f"update in place: {', '.join(difference.names)}"
    if not planned:
        return f"no request, no effect on the job: {', '.join((*difference.controls, *difference.taken))}"
    again = _AGAIN if stops(planned) else {}
    words = {**STEPS, Step.PUT: f"update {', '.join(difference.names)}", **again}
    return ", ".join(words[step] for step in planned)


def done(planned: tuple[Step, ...], names: tuple[str, ...]) -> str:
    """Return what was done, such as ``stopped with savepoint, updated cu_number, restarted``."""
    again = _DONE_AGAIN if stops(planned) else {}
    words = {**_DONE, Step.PUT: f"updated {', '.join(names)}", **again}
    return ", ".join(words[step] for step in planned) or "nothing was left to do"


def drift(found: Difference, status: str) -> Iterator[str]:
    """Yield how a job in DLI differs from its stack: what a refresh has found, and not what an update would do."""
    for change in found.changes:
        plain = isinstance(change.old, (bool, int, float)) and not BY_NAME[change.name].sensitive
        sides = f"is {_shown(change.old)} in DLI, {_shown(change.new)} in the stack" if plain else "differs in DLI"
        yield f"{change.name} {sides}"
    if found.off_state:
        yield f"is in status {status}, which is not what desired_state asks for"


def reset_line(change: Change, old: str | None = None) -> str:
    """Return what a dropped property is reset to, such as ``reset cu_number 40 -> 2, the service's default``.

    `old` is the old value as a reader may see it; by default that of a number or a flag is shown, and no text.
    """
    if change.new is UNKNOWN:
        return f"reset {change.name} to the service's default, known during the update"
    new = _shown(change.new)
    if old is None and isinstance(change.old, (bool, int, float)) and not BY_NAME[change.name].sensitive:
        old = _shown(change.old)
    way = f"to {new}" if old is None else f"{old} -> {new}"
    return f"reset {change.name} {way}, the service's default"


def _shown(value: Any) -> str:
    return json.dumps(wire(value), ensure_ascii=False)
