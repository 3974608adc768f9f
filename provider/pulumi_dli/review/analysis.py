"""What the steps of a preview mean for each job, computed with the provider's own comparison. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_dli.errors import DliError
from pulumi_dli.planning.diff import Costs, Difference, difference
from pulumi_dli.planning.preview import Outlook, outlook, removal, reset_line, sentence
from pulumi_dli.planning.state_risk import MAX_PARALLELISM, MAX_PARALLELISM_KEY, Level, Risk, removal_risks
from pulumi_dli.planning.steps import Step as Doing
from pulumi_dli.review.models import Action, Condition, JobPart, OtherPart, PropertyPart, RiskPart, StackPart
from pulumi_dli.review.preview_reader import Preview, Step, counted, others_of
from pulumi_dli.review.sanitize import SECRET, clean, shown
from pulumi_dli.schema.properties import BY_NAME, INPUT_NAMES, Cost, control
from pulumi_dli.schema.statuses import Phase, phase_of

_LEVELS = {Level.NOTE: "note", Level.AT_RISK: "at-risk", Level.LOST: "lost"}
_WORST_FIRST = {"lost": 0, "at-risk": 1, "note": 2}
_GRAVITY = {action: place for place, action in enumerate(Action)}
_RUNS = frozenset({Phase.RUNNING, Phase.MOVING, Phase.UNKNOWN})
_REPLACES = frozenset({"replace", "create-replacement", "delete-replaced"})
# Stands for the new value of a secret that differs from the old one, whatever either is.
_OTHER_SECRET = "[another secret]"  # noqa: S105


def review_stack(preview: Preview) -> StackPart:
    """Return the review of one stack, the gravest jobs first."""
    jobs = sorted(
        (_judged(step, preview) for step in _with_renames(preview.jobs)),
        key=lambda job: (*gravity(job), job.name, job.urn),
    )
    others = tuple(
        OtherPart(operation=clean(step.op), type=clean(step.type), name=clean(step.name)) for step in others_of(preview)
    )
    return StackPart(
        stack=clean(preview.stack) or clean(preview.source),
        project=clean(preview.project),
        summary=_summary(jobs),
        jobs=tuple(jobs),
        others=others,
        unchanged=preview.unchanged,
        notes=tuple(_notes(preview)),
    )


def gravity(job: JobPart) -> tuple[int, int, int]:
    """Return the place of a job among others: what loses state or takes it down stands first."""
    levels = {risk.level for risk in job.risks}
    return (0 if "lost" in levels else 1, _GRAVITY[job.action], 0 if "at-risk" in levels else 1)


def summary_of_others(stack: StackPart) -> str:
    """Return the words that count the rest: ``other resources: 2 create, 1 update; unchanged: 5, jobs included``."""
    counts: dict[str, int] = {}
    for other in stack.others:
        counts[other.operation] = counts.get(other.operation, 0) + 1
    changed = ", ".join(f"{count} {operation}" for operation, count in sorted(counts.items())) or "no change"
    return f"other resources: {changed}; unchanged: {stack.unchanged}, jobs included"


def _summary(jobs: list[JobPart]) -> str:
    if not jobs:
        return "no job changes"
    counts = [(action, [job for job in jobs if job.action is action]) for action in reversed(Action)]
    words = [_counted(action, found) for action, found in counts if found]
    return f"{len(jobs)} job{'s change' if len(jobs) > 1 else ' changes'}: {', '.join(words)}"


def _counted(action: Action, jobs: list[JobPart]) -> str:
    word = "no effect" if action is Action.NONE else action.value
    unsure = sum(not job.certain for job in jobs)
    return f"{len(jobs)} {word}" + (f" ({unsure} of them at worst)" if unsure else "")


def _notes(preview: Preview) -> Iterator[str]:
    unseen = sorted({step.provider for step in preview.jobs if step.provider and step.provider not in preview.costs})
    if unseen:
        yield (
            f"costs are those of the table: whether {', '.join(map(clean, unseen))} (an explicit provider) overrides "
            "them by change_cost shows in previews with --show-sames only"
        )
    problems = counted(preview.jobs)
    if problems.get("import"):
        yield "jobs are adopted with job_id=, pulumi import does not work with dynamic resources"


def _with_renames(steps: list[Step]) -> Iterator[tuple[Step, str | None]]:
    """Yield each step with the other name of a job that the program renamed without an alias."""
    deleted = {step.olds.get("name"): step for step in steps if step.op == "delete" and _is_text(step.olds.get("name"))}
    created = {step.news.get("name"): step for step in steps if step.op == "create" and _is_text(step.news.get("name"))}
    for step in steps:
        name = step.olds.get("name") if step.op == "delete" else step.news.get("name")
        other = {"delete": created, "create": deleted}.get(step.op, {}).get(name) if _is_text(name) else None
        yield step, other.name if other is not None else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value not in ("", SECRET)


def _judged(case: tuple[Step, str | None], preview: Preview) -> JobPart:
    step, renamed = case
    try:
        part = _understood(step, renamed, preview)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError, DliError):
        part = _worst(step)
    part = part.model_copy(update={"messages": tuple(_more(_said(preview, step), part))})
    return part.model_copy(update={"conditions": tuple(_conditions(part))})


def _understood(step: Step, renamed: str | None, preview: Preview) -> JobPart:
    costs = preview.costs.get(step.provider, {})
    if step.op in _REPLACES:
        return _replaced(step, costs)
    if step.op == "delete":
        return _deleted(step, renamed)
    return _created(step, renamed) if step.op in {"create", "import"} else _updated(step, preview, costs)


def _worst(step: Step) -> JobPart:
    """Return the worst case of a step whose values are not those of a job."""
    action = {"delete": Action.DELETE}.get(step.op, Action.REPLACE if step.op in _REPLACES else Action.RESTART)
    said = "cannot be judged, its values are not those of a job; at worst: stop with savepoint, update, restart"
    risk = RiskPart(level="at-risk", sentence="what changes cannot be told")
    return _part(step, action, said, certain=False, downtime=True, risks=(risk,))


def _said(preview: Preview, step: Step) -> list[str]:
    """Return what the provider said of a job, without its name."""
    return [message.removeprefix(f"{clean(step.name, 100)}: ") for message in preview.messages.get(step.urn, [])]


def _more(messages: list[str], part: JobPart) -> Iterator[str]:
    """Yield the messages about a job that say more than the review itself."""
    if part.action is Action.REPLACE:
        return  # the provider is not told that the engine replaces, and speaks of an update
    told = {part.sentence, *(risk.sentence for risk in part.risks)}
    for said in messages:
        if said not in told and not said.startswith("reset "):
            yield said


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
    return JobPart(name=clean(step.name, 100), urn=clean(step.urn, 500), action=action, sentence=said, **(usual | more))


def _updated(step: Step, preview: Preview, costs: Costs) -> JobPart:
    found = difference(step.olds, _news(step), costs)
    seen = outlook(step.olds, _news(step), found)
    risks = (*_risks(seen.risks), *_hidden_risks(seen, _said(preview, step)))
    return _part(
        step,
        _action(seen),
        _in_words(seen),
        certain=seen.certain,
        reasons=seen.forced_by,
        downtime=seen.stops,
        risks=tuple(sorted(risks, key=lambda risk: _WORST_FIRST[risk.level])),
        resets=tuple(_reset(change, step) for change in seen.resets),
        changes=tuple(_changes(found, step, seen.forced_by)),
    )


def _in_words(seen: Outlook) -> str:
    if not seen.difference:
        return "no request, no effect on the job: only what is stored of it"
    return (
        sentence(seen) if seen.planned or seen.difference.controls or seen.difference.taken else "no effect on the job"
    )


def _news(step: Step) -> dict[str, Any]:
    """Return the new inputs with secrets made comparable: blanked, both look alike; the engine saw them, and knows."""
    return {name: _comparable(name, value, step) for name, value in step.news.items()}


def _comparable(name: str, value: Any, step: Step) -> Any:
    if SECRET not in (value, step.olds.get(name)):
        return value
    differs = step.differing is not None and name in step.differing
    return _OTHER_SECRET if differs else step.olds.get(name, value)


def _action(seen: Outlook) -> Action:
    if seen.stops:
        return Action.RESTART if {Doing.RUN, Doing.RESTORE} & set(seen.planned) else Action.STOP
    if {Doing.RUN, Doing.RESTORE} & set(seen.planned):
        return Action.START
    if Doing.PUT in seen.planned:
        return Action.LIVE if seen.planned == (Doing.PUT,) and seen.difference.cost is Cost.LIVE else Action.UPDATE
    return Action.NONE


def _risks(risks: tuple[Risk, ...]) -> tuple[RiskPart, ...]:
    return tuple(RiskPart(level=_LEVELS[risk.level], sentence=risk.sentence) for risk in risks)  # type: ignore[arg-type]


def _hidden_risks(seen: Outlook, said: list[str]) -> Iterator[RiskPart]:
    """Yield the risk of a key of runtime_config, which is hidden here, from the words of the provider, which saw it.

    They may add a risk, and never take one away.
    """
    hidden = any(change.name == "runtime_config" and change.new == _OTHER_SECRET for change in seen.difference.changes)
    if not hidden or Doing.RESTORE not in seen.planned:
        return
    if MAX_PARALLELISM in said:
        yield RiskPart(level="at-risk", sentence=MAX_PARALLELISM)
    elif not any(line.startswith("runtime_config differs in ") for line in said):
        yield RiskPart(
            level="note",
            sentence=f"runtime_config is hidden: whether its {MAX_PARALLELISM_KEY} changes is not known here",
        )


def _reset(change: Any, step: Step) -> str:
    """Return a reset in full: here, unlike in the provider, secrets are marked as such."""
    line = reset_line(change)
    if isinstance(change.old, str) and not BY_NAME[change.name].sensitive:
        old = shown(change.name, step.olds.get(change.name))
        line = line.replace(f"reset {change.name} to ", f"reset {change.name} {old} -> ", 1)
    return clean(line)


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
        "delete the job, create it anew and start it empty",
        reasons=found.names,
        downtime=_ran(step),
        risks=(RiskPart(level="lost", sentence="the replacement starts empty: the state of the old job is lost"),),
        changes=tuple(_changes(found, step, found.names)),
    )


def _deleted(step: Step, renamed: str | None) -> JobPart:
    risks = _risks(removal_risks(step.olds))
    if step.retained:
        return _part(
            step,
            Action.RELEASE,
            "left as it is, as retain_on_delete says",
            risks=(RiskPart(level="note", sentence="the job runs on, and nothing manages it any more"),),
        )
    said = removal(step.olds)
    action = {"delete the job": Action.DELETE, "stop the job, and forget it": Action.STOP}.get(said, Action.RELEASE)
    if renamed is not None and action is Action.DELETE:
        said += (
            f": the program calls it {clean(renamed, 100)} now; an alias of the old name would keep the job as it is"
        )
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
        risks = (
            (RiskPart(level="at-risk", sentence="what differs is known only during the update"),) if may_change else ()
        )
        return _part(
            step, Action.ADOPT, said, certain=not may_change, downtime=may_change, risks=risks, changes=changes
        )
    said = "create" + ("" if control(step.news, "desired_state") == "stopped" else " and start")
    if renamed is not None:
        said += f", empty: it was called {clean(renamed, 100)} in the program"
    return _part(step, Action.CREATE, said, changes=changes)


def _ran(step: Step) -> bool:
    return phase_of(str(step.olds.get("status") or "")) in _RUNS


def _conditions(job: JobPart) -> Iterator[Condition]:
    worst = job.action is Action.ADOPT and not job.certain
    if job.action is Action.RESTART or worst:
        yield Condition.RESTART
    if job.action is Action.STOP:
        yield Condition.STOP
    if job.action in {Action.DELETE, Action.REPLACE}:
        yield Condition.DELETE
    if job.action is Action.REPLACE:
        yield Condition.REPLACE
    if job.downtime:
        yield Condition.DOWNTIME
    levels = {risk.level for risk in job.risks}
    if "lost" in levels:
        yield Condition.STATE_LOSS
    if levels & {"lost", "at-risk"}:
        yield Condition.STATE_RISK
    if job.resets:
        yield Condition.RESET
    if not job.certain:
        yield Condition.UNKNOWN
