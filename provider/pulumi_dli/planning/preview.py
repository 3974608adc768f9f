"""What an update will do to a job, before it runs: the facts, and the lines that tell them. Pure.

The provider shows the lines in `pulumi preview`; `pulumi-dli review` takes the facts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.planning.changed_keys import differing
from pulumi_dli.planning.diff import Change, Difference
from pulumi_dli.planning.state_risk import Level, Risk, risks
from pulumi_dli.planning.steps import Step, action, cost_of, steps
from pulumi_dli.schema.properties import BY_NAME, Cost, control
from pulumi_dli.schema.statuses import RUNNING, Phase, phase_of
from pulumi_dli.schema.unknown import UNKNOWN, has_unknown
from pulumi_dli.schema.value_types import wire

# Properties that only describe the job: a restart for them alone is hardly ever meant.
_DESCRIBING = frozenset({"name", "desc"})
_STEERING = ("desired_state", "upgrade_mode", "restart_nonce")


@dataclass(frozen=True)
class Outlook:
    """What an update will do, or at worst will do where not all of it is known yet.

    `forced_by` are the names that make it a restart; `unknown` the names whose values are computed only during the
    update; `certain` whether these can change what is done.
    """

    difference: Difference
    planned: tuple[Step, ...]
    forced_by: tuple[str, ...]
    unknown: tuple[str, ...]
    certain: bool
    risks: tuple[Risk, ...]
    status_unsettled: bool = False

    @property
    def resets(self) -> tuple[Change, ...]:
        """Properties that the program dropped."""
        return tuple(change for change in self.difference.changes if change.reset)

    @property
    def stops(self) -> bool:
        """Whether the job, which runs, is stopped."""
        return bool({Step.STOP, Step.STOP_EMPTY} & set(self.planned))

    @property
    def only_describes(self) -> bool:
        """Whether the restart is forced by name or desc alone."""
        return self.stops and bool(self.forced_by) and set(self.forced_by) <= _DESCRIBING


def outlook(olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference) -> Outlook:
    """Foresee the update of a job from its stored outputs to its wanted inputs. No configuration, no request."""
    phase = phase_of(olds.get("status"))
    unsettled = phase in {Phase.MOVING, Phase.UNKNOWN} and found.moves
    planned = _planned(Phase.RUNNING if unsettled else phase, news, found)
    unknown = (*_unknown_changes(found), *(name for name in _STEERING if has_unknown(news.get(name))))
    known = Difference(
        tuple(change for change in found.changes if change.new is not UNKNOWN),
        tuple(name for name in found.controls if not has_unknown(news.get(name))),
        found.taken,
        found.off_state,
    )
    steering = any(has_unknown(news.get(name)) for name in _STEERING)
    certain = not unsettled and not steering and _planned(phase, news, known) == planned
    return Outlook(
        difference=found,
        planned=planned,
        forced_by=_forced_by(found) if _stops(planned) else (),
        unknown=unknown,
        certain=certain,
        risks=risks(olds, news, found, planned),
        status_unsettled=unsettled,
    )


def lines(job: str, seen: Outlook) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a preview about one job, each with whether it is a warning; the action comes first.

    They name properties, keys and flags; of values only those of resets, and none that is text: it may be secret.
    """
    yield f"{job}: {sentence(seen)}", False
    for change in seen.resets:
        yield f"{job}: {reset_line(change)}", False
    for change in seen.difference.changes:
        parts = differing(change.name, change.old, change.new)
        if parts and not change.reset:
            yield f"{job}: {change.name} differs in {', '.join(parts)}", False
    for risk in seen.risks:
        yield f"{job}: {risk.sentence}", risk.level > Level.NOTE


def sentence(seen: Outlook) -> str:
    """Return what the update does, such as ``stop with savepoint, update cu_number, restart``."""
    said = action("", seen.difference, seen.planned).removeprefix(": ")
    if seen.only_describes:
        said += (
            f"; {' and '.join(seen.forced_by)} alone {'forces' if len(seen.forced_by) == 1 else 'force'} this restart"
        )
    if seen.certain:
        return said
    computed = f"{', '.join(seen.unknown)} {'is' if len(seen.unknown) == 1 else 'are'} computed during it"
    why = "its status was not settled when it was last seen" if seen.status_unsettled else computed
    return f"cost not known before the update ({why}); at worst: {said}"


def reset_line(change: Change) -> str:
    """Return what a dropped property is reset to, such as ``reset cu_number 40 -> 2, the service's default``."""
    if change.new is UNKNOWN:
        return f"reset {change.name} to the service's default, known during the update"
    new = _shown(change.new)
    if BY_NAME[change.name].sensitive or not isinstance(change.old, (bool, int, float)):
        return f"reset {change.name} to {new}, the service's default"
    return f"reset {change.name} {_shown(change.old)} -> {new}, the service's default"


def removal(olds: Mapping[str, Any]) -> str:
    """Return what happens to a job that leaves the program, as its stored `on_delete` has it."""
    if "job_id" in (olds.get("managed") or ()):
        return "left as it is, since it was adopted"
    how = control(olds, "on_delete")
    return {"retain": "left as it is, as on_delete says", "stop": "stop the job, and forget it"}.get(
        how, "delete the job"
    )


def _shown(value: Any) -> str:
    return json.dumps(wire(value), ensure_ascii=False)


def _planned(phase: Phase, news: Mapping[str, Any], found: Difference) -> tuple[Step, ...]:
    if not found.moves:
        return ()
    desired = control(news, "desired_state")
    stateless = control(news, "upgrade_mode")
    return steps(
        phase,
        cost_of(found),
        RUNNING if desired is UNKNOWN else desired,
        # At worst an unknown mode is the one that loses the state.
        stateless=stateless is UNKNOWN or stateless == "stateless",
        puts=bool(found.changes),
    )


def _stops(planned: tuple[Step, ...]) -> bool:
    return bool({Step.STOP, Step.STOP_EMPTY} & set(planned))


def _forced_by(found: Difference) -> tuple[str, ...]:
    """Return what makes a restart of a change: the dearest properties, and the control inputs that move the job."""
    controls = tuple(name for name in found.controls if name in {"restart_nonce", "desired_state"})
    dear = tuple(change.name for change in found.changes if change.cost is Cost.RESTART)
    return (*dear, *controls)


def _unknown_changes(found: Difference) -> tuple[str, ...]:
    return tuple(change.name for change in found.changes if change.new is UNKNOWN)
