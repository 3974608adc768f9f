"""One change, many environments: the same jobs of several stacks side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_dli.review.models import CellPart, DifferencePart, JobPart, PropertyPart, StackPart


def side_by_side(stacks: Sequence[StackPart]) -> tuple[DifferencePart, ...]:
    """Return what each change is in each stack: first a job's action, then each of its properties.

    Empty for a single stack. `same` rows are the same in every stack.
    """
    if len(stacks) <= 1:
        return ()
    jobs = {stack.stack: {job.name: job for job in stack.jobs} for stack in stacks}
    names = sorted({name for found in jobs.values() for name in found})
    return tuple(
        row for name in names for row in _rows(name, {stack: found.get(name) for stack, found in jobs.items()})
    )


def _rows(name: str, by_stack: dict[str, JobPart | None]) -> Iterator[DifferencePart]:
    yield _row(name, None, {stack: _action(job) for stack, job in by_stack.items()})
    changed = {stack: {each.name: each for each in job.changes} if job else {} for stack, job in by_stack.items()}
    for each in dict.fromkeys(name for found in changed.values() for name in found):
        cells = {stack: _values(found[each]) if each in found else None for stack, found in changed.items()}
        yield _row(name, each, cells)


def _values(change: PropertyPart) -> str:
    differs = " (differs)" if change.hidden and change.old is not None and not change.reset else ""
    return f"{change.old or 'none'} -> {change.new or 'none'}{differs}"


def _action(job: JobPart | None) -> str | None:
    if job is None:
        return None
    return job.action.value + ("" if job.certain else " at worst")


def _row(job: str, changed: str | None, cells: dict[str, str | None]) -> DifferencePart:
    return DifferencePart(
        job=job,
        property=changed,
        cells=tuple(CellPart(stack=stack, text=text) for stack, text in cells.items()),
        same=len(set(cells.values())) == 1,
    )
