"""What an update will do to a job, before it runs: the facts. Their words are in `wording`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.planning.actions import Action
from pulumi_dli.planning.diff import Change, Difference
from pulumi_dli.planning.state_risk import Risk, risks
from pulumi_dli.planning.steps import Step, cost_of, starts, steps, stops
from pulumi_dli.schema.controls import control
from pulumi_dli.schema.property import Cost
from pulumi_dli.schema.statuses import RUNNING, Phase, phase_of
from pulumi_dli.schema.unknown import UNKNOWN, has_unknown

# Properties that only describe the job: a restart for them alone is hardly ever meant.
_DESCRIBING = frozenset({"name", "desc"})
_STEERING = ("desired_state", "upgrade_mode", "restart_nonce")


@dataclass(frozen=True)
class UpdatePlan:
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
        return stops(self.planned)

    @property
    def action(self) -> Action:
        """What the update is for the job, in one word."""
        if self.stops:
            return Action.RESTART if starts(self.planned) else Action.STOP
        if starts(self.planned):
            return Action.START
        if Step.PUT not in self.planned:
            return Action.NONE
        live = self.planned == (Step.PUT,) and self.difference.cost is Cost.LIVE
        return Action.LIVE if live else Action.UPDATE

    @property
    def only_describes(self) -> bool:
        """Whether the restart is forced by name or desc alone."""
        return self.stops and bool(self.forced_by) and set(self.forced_by) <= _DESCRIBING


def plan_update(olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference) -> UpdatePlan:
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
    return UpdatePlan(
        difference=found,
        planned=planned,
        forced_by=_forced_by(found) if stops(planned) else (),
        unknown=unknown,
        certain=certain,
        risks=risks(olds, news, found, planned),
        status_unsettled=unsettled,
    )


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


def _forced_by(found: Difference) -> tuple[str, ...]:
    """Return what makes a restart of a change: the properties of the highest cost, and what moves the job."""
    controls = tuple(name for name in found.controls if name in {"restart_nonce", "desired_state"})
    dear = tuple(change.name for change in found.changes if change.cost is Cost.RESTART)
    return (*dear, *controls)


def _unknown_changes(found: Difference) -> tuple[str, ...]:
    return tuple(change.name for change in found.changes if change.new is UNKNOWN)
