"""The review of one stack: what its steps mean for each job, the most serious first. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_dli.errors import DliError
from pulumi_dli.foreign_text import sanitized
from pulumi_dli.planning.actions import GRAVITY, Action
from pulumi_dli.redaction import SECRET
from pulumi_dli.review.judgement import understood, worst_case
from pulumi_dli.review.models import Condition, JobPart, OtherPart, StackPart
from pulumi_dli.review.preview_reader import Preview, others_of
from pulumi_dli.review.preview_step import Step, counted


def review_stack(preview: Preview) -> StackPart:
    """Return the review of one stack, the most serious jobs first."""
    jobs = sorted(
        (_judged(step, preview) for step in _with_renames(preview.jobs)),
        key=lambda job: (*gravity(job), job.name, job.urn),
    )
    others = tuple(
        OtherPart(operation=sanitized(step.op), type=sanitized(step.type), name=sanitized(step.name))
        for step in others_of(preview)
    )
    return StackPart(
        stack=sanitized(preview.stack) or sanitized(preview.source),
        project=sanitized(preview.project),
        summary=_summary(jobs),
        jobs=tuple(jobs),
        others=others,
        unchanged=preview.unchanged,
        notes=tuple(_notes(preview)),
    )


def gravity(job: JobPart) -> tuple[int, int, int]:
    """Return the place of a job among others: what loses state or takes it down stands first."""
    levels = {risk.level for risk in job.risks}
    return (0 if "lost" in levels else 1, GRAVITY[job.action], 0 if "at-risk" in levels else 1)


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
        names = ", ".join(map(sanitized, unseen))
        yield (
            f"costs are those of the table: whether {names} (an explicit provider) overrides them by change_cost shows "
            "in previews with --show-sames only"
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
        part = understood(step, renamed, preview)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError, DliError):
        part = worst_case(step)
    # The provider does not know that the engine replaces, and speaks of an update.
    said = () if part.action is Action.REPLACE else tuple(_said(preview, step))
    part = part.model_copy(update={"messages": said})
    return part.model_copy(update={"conditions": tuple(_conditions(part))})


def _said(preview: Preview, step: Step) -> list[str]:
    """Return what was said of a job beside the provider's verdict, without its name."""
    return [message.removeprefix(f"{sanitized(step.name, 100)}: ") for message in preview.messages.get(step.urn, [])]


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
