"""What one step of a preview means for its job, computed with the provider's own comparison. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_dli.foreign_text import sanitized, sanitized_urn
from pulumi_dli.planning.actions import GRAVITY, Action, removal_of
from pulumi_dli.planning.diff import Change, Costs, Difference, difference
from pulumi_dli.planning.marker import DamagedMarkerError, DiffPhase, Marker, agreed
from pulumi_dli.planning.state_risk import Risk, removal_risks, worst_first
from pulumi_dli.planning.update_plan import UpdatePlan, plan_update
from pulumi_dli.planning.wording import ACTIONS, REMOVALS, RISKS, reset_line, sentence
from pulumi_dli.redaction import SECRET
from pulumi_dli.review.models import JobPart, PropertyPart, RiskPart
from pulumi_dli.review.preview_reader import Preview
from pulumi_dli.review.preview_step import Step
from pulumi_dli.review.values import shown
from pulumi_dli.schema.controls import control
from pulumi_dli.schema.properties import BY_NAME
from pulumi_dli.schema.resource import INPUT_NAMES
from pulumi_dli.schema.statuses import Phase, phase_of

_RUNS = frozenset({Phase.RUNNING, Phase.MOVING, Phase.UNKNOWN})
_REPLACES = frozenset({"replace", "create-replacement", "delete-replaced"})
# Stands for the new value of a secret that differs from the old one, whatever either is.
_OTHER_SECRET = "[another secret]"  # noqa: S105


def understood(step: Step, renamed: str | None, preview: Preview) -> JobPart:
    """Return what becomes of the job; `renamed` is its other name in the program. Raises for values of no job."""
    costs = preview.costs.get(step.provider, {})
    if step.op in _REPLACES:
        return _replaced(step, costs)
    if step.op == "delete":
        return _deleted(step, renamed)
    return _created(step, renamed) if step.op in {"create", "import"} else _updated(step, preview, costs)


def worst_case(step: Step) -> JobPart:
    """Return the worst case of a step whose values are not those of a job."""
    action = {"delete": Action.DELETE}.get(step.op, Action.REPLACE if step.op in _REPLACES else Action.RESTART)
    said = "cannot be judged, its values are not those of a job; at worst: stop with savepoint, update, restart"
    return _part(step, action, said, certain=False, downtime=True, risks=_risks((Risk.UNJUDGED,)))


def _part(step: Step, action: Action, said: str, **more: Any) -> JobPart:
    usual: dict[str, Any] = {
        "certain": True,
        "reasons": (),
        "downtime": False,
        "risks": (),
        "resets": (),
        "changes": (),
        "messages": (),
        "conditions": (),
    }
    return JobPart(
        name=sanitized(step.name, 100), urn=sanitized_urn(step.urn), action=action, sentence=said, **(usual | more)
    )


def _updated(step: Step, preview: Preview, costs: Costs) -> JobPart:
    """Judge an update: the graver of what the review computes and what the provider announced by its marker."""
    found = difference(step.olds, _news(step), costs)
    plan = plan_update(step.olds, _news(step), found)
    marker = _marker(preview, step)
    announced = marker.action if marker else Action.NONE
    graver = GRAVITY[announced] < GRAVITY[plan.action]
    risks = (*plan.risks, *(marker.risks if marker else (Risk.NO_MARKER,)))
    return _part(
        step,
        announced if graver else plan.action,
        ACTIONS[announced] if graver else _in_words(plan),
        certain=plan.certain and bool(marker and marker.certain),
        reasons=plan.forced_by,
        downtime=plan.stops or announced in {Action.STOP, Action.RESTART},
        risks=_risks(worst_first(risks)),
        resets=tuple(_reset(change, step) for change in plan.resets),
        changes=tuple(_changes(found, step, plan.forced_by)),
    )


def _marker(preview: Preview, step: Step) -> Marker | None:
    """Return the provider's verdict; None where it is missing, damaged or contradicts itself."""
    lines = preview.markers.get(step.urn, [])
    try:
        agreed(lines, DiffPhase.REFRESH)
        return agreed(lines, DiffPhase.PLAN)
    except DamagedMarkerError:
        return None


def _in_words(plan: UpdatePlan) -> str:
    if not plan.difference:
        return "no request, no effect on the job: only what is stored of it"
    known = plan.planned or plan.difference.controls or plan.difference.taken
    return sentence(plan) if known else "no effect on the job"


def _news(step: Step) -> dict[str, Any]:
    """Return the new inputs with secrets made comparable: blanked, both look alike; the engine saw them, and knows."""
    return {name: _comparable(name, value, step) for name, value in step.news.items()}


def _comparable(name: str, value: Any, step: Step) -> Any:
    if SECRET not in (value, step.olds.get(name)):
        return value
    differs = step.differing is not None and name in step.differing
    return _OTHER_SECRET if differs else step.olds.get(name, value)


def _risks(risks: tuple[Risk, ...]) -> tuple[RiskPart, ...]:
    return tuple(
        RiskPart(level=risk.level.word, sentence=RISKS[risk], code=risk.code)  # type: ignore[arg-type]
        for risk in risks
    )


def _reset(change: Change, step: Step) -> str:
    """Return a reset in full: here, unlike in the provider, secrets are marked as such."""
    text = isinstance(change.old, str) and not BY_NAME[change.name].sensitive
    return sanitized(reset_line(change, shown(change.name, step.olds.get(change.name)) if text else None))


def _changes(found: Difference, step: Step, forced_by: tuple[str, ...]) -> Iterator[PropertyPart]:
    for change in found.changes:
        old, new = shown(change.name, step.olds.get(change.name)), shown(change.name, change.new)
        hidden = SECRET in (old, new) or change.new == _OTHER_SECRET
        yield PropertyPart(
            name=change.name,
            old=None if step.olds.get(change.name) is None else old,
            new=SECRET if hidden and not change.reset else new,
            cost=change.cost.name.lower(),  # type: ignore[arg-type]
            forces=change.name in forced_by,
            reset=change.reset,
            hidden=hidden,
        )
    for name in (*found.controls, *found.taken):
        yield _plain_change(name, step.olds.get(name), step.news.get(name), forces=name in forced_by)


def _plain_change(name: str, old: Any, new: Any, *, forces: bool = False) -> PropertyPart:
    return PropertyPart(
        name=name,
        old=None if old is None else shown(name, old),
        new=None if new is None else shown(name, new),
        cost="none",
        forces=forces,
        reset=False,
        hidden=SECRET in (old, new),
    )


def _replaced(step: Step, costs: Costs) -> JobPart:
    found = difference(step.olds, _news(step), costs)
    return _part(
        step,
        Action.REPLACE,
        "delete the job, create it again and start it empty",
        reasons=found.names,
        downtime=_ran(step),
        risks=_risks((Risk.REPLACED,)),
        changes=tuple(_changes(found, step, found.names)),
    )


def _deleted(step: Step, renamed: str | None) -> JobPart:
    risks = _risks(removal_risks(step.olds))
    if step.retained:
        return _part(
            step,
            Action.RELEASE,
            "left as it is, as retain_on_delete says",
            risks=_risks((Risk.UNMANAGED,)),
        )
    removal = removal_of(step.olds)
    said, action = REMOVALS[removal], removal.action
    if renamed is not None and action is Action.DELETE:
        called = sanitized(renamed, 100)
        said += f": the program calls it {called} now; an alias of the old name would keep the job as it is"
    return _part(
        step,
        action,
        said,
        reasons=("the program no longer has it",)
        if renamed is None
        else ("its resource was renamed without an alias",),
        downtime=action in {Action.DELETE, Action.STOP} and _ran(step),
        risks=risks,
    )


def _created(step: Step, renamed: str | None) -> JobPart:
    changes = tuple(
        _plain_change(name, None, step.news[name]) for name in INPUT_NAMES if step.news.get(name) is not None
    )
    if step.news.get("job_id") is not None:
        may_change = control(step.news, "adopt_changes") is not False
        said = "adopt the existing job"
        said += ", and change it where it differs; at worst: stop, update, restart" if may_change else " as it is"
        risks = _risks((Risk.ADOPT_CHANGES,)) if may_change else ()
        return _part(
            step, Action.ADOPT, said, certain=not may_change, downtime=may_change, risks=risks, changes=changes
        )
    said = "create" + ("" if control(step.news, "desired_state") == "stopped" else " and start")
    if renamed is not None:
        said += f", empty: it was called {sanitized(renamed, 100)} in the program"
    return _part(step, Action.CREATE, said, changes=changes)


def _ran(step: Step) -> bool:
    return phase_of(str(step.olds.get("status") or "")) in _RUNS
