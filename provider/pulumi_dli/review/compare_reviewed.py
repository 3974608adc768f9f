"""Whether what would run now is what was reviewed: a fresh preview against the reviewed one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_dli.foreign_text import sanitized, sanitized_urn
from pulumi_dli.review.analysis import review_stack
from pulumi_dli.review.models import Condition, FindingPart, JobPart
from pulumi_dli.review.preview_reader import Preview, others_of
from pulumi_dli.review.preview_step import Step

RULE = "--reviewed"


def unreviewed(fresh: Sequence[Preview], reviewed: Sequence[Preview]) -> tuple[FindingPart, ...]:
    """Return what the fresh previews would do and the reviewed ones did not show.

    Compared are the operation, the inputs before and after, which of them differ, and what it means for a job in its
    present status. A change of the reviewed ones that is no longer to be made counts as none. Values of secrets
    are blanked in both and cannot be compared: that they differ can.
    """
    known = {(preview.project, preview.stack): preview for preview in reviewed}
    return tuple(
        finding for preview in fresh for finding in _of_stack(preview, known.get((preview.project, preview.stack)))
    )


def _of_stack(fresh: Preview, reviewed: Preview | None) -> Iterator[FindingPart]:
    if reviewed is None:
        yield _finding(fresh, fresh.stack, "no review has shown this stack")
        return
    before, now = _facts(reviewed), _facts(fresh)
    for step in (*fresh.jobs, *others_of(fresh)):
        if step.urn not in before:
            yield _finding(fresh, step.name, f"{step.op}: no review has shown it")
        elif before[step.urn] != now[step.urn]:
            yield _finding(fresh, step.name, f"{step.op}: is not what was reviewed")


def _facts(preview: Preview) -> dict[str, tuple[object, ...]]:
    """Return what is compared of each step, by URN: the change itself, and for a job what comes of it."""
    jobs = {job.urn: job for job in review_stack(preview).jobs}
    return {step.urn: (step.digest, *_effect(jobs.get(sanitized_urn(step.urn)))) for step in _steps(preview)}


def _effect(job: JobPart | None) -> tuple[object, ...]:
    if job is None:
        return ()
    return (job.action, job.certain, job.downtime, *(risk.code for risk in job.risks))


def _steps(preview: Preview) -> Iterator[Step]:
    yield from preview.jobs
    yield from others_of(preview)


def _finding(preview: Preview, name: str, sentence: str) -> FindingPart:
    return FindingPart(
        stack=sanitized(preview.stack),
        job=sanitized(name, 100),
        condition=Condition.UNREVIEWED,
        rule=RULE,
        sentence=sanitized(sentence),
    )
