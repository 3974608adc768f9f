"""A review for a terminal. Pure: colours are a parameter."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_dli.planning.actions import Action
from pulumi_dli.review.analysis import summary_of_others
from pulumi_dli.review.gate import grouped
from pulumi_dli.review.models import GatePart, JobPart, Report, StackPart

_COLOURS = {"red": "31", "yellow": "33", "green": "32", "grey": "90", "bold": "1"}
_OF_ACTION = {
    Action.REPLACE: "red",
    Action.DELETE: "red",
    Action.STOP: "yellow",
    Action.RESTART: "yellow",
    Action.ADOPT: "yellow",
    Action.RELEASE: "yellow",
    Action.NONE: "grey",
}
_LEVELS = {"lost": ("state is lost", "red"), "at-risk": ("state may not restore", "yellow"), "note": ("note", "grey")}


def terminal(report: Report, *, colours: bool) -> str:
    """Return the review as text for a terminal."""
    lines = [line for stack in report.stacks for line in _stack(stack, colours=colours)]
    lines += _environments(report, colours=colours)
    lines += _gate(report.gate, colours=colours)
    return "\n".join(lines) + "\n"


def _painted(text: str, colour: str, *, colours: bool) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if colours else text


def _stack(stack: StackPart, *, colours: bool) -> Iterator[str]:
    yield f"{_painted(stack.stack, 'bold', colours=colours)}: {stack.summary}"
    for note in stack.notes:
        yield f"  note: {note}"
    for job in stack.jobs:
        yield from _job(job, colours=colours)
    yield _painted(f"  {summary_of_others(stack)}", "grey", colours=colours)
    yield ""


def _job(job: JobPart, *, colours: bool) -> Iterator[str]:
    lost = any(risk.level == "lost" for risk in job.risks)
    colour = "red" if lost else _OF_ACTION.get(job.action, "green")
    word = job.action.value + ("" if job.certain else " at worst") + (", downtime" if job.downtime else "")
    yield f"  {_painted(word, colour, colours=colours)}  {_painted(job.name, 'bold', colours=colours)}: {job.sentence}"
    if job.reasons:
        yield f"      why: {', '.join(job.reasons)}"
    for risk in job.risks:
        said, shade = _LEVELS[risk.level]
        yield f"      {_painted(said, shade, colours=colours)}: {risk.sentence}"
    for line in job.resets:
        yield f"      {line}"
    for change in (each for each in job.changes if not each.reset):
        old, new = change.old or "none", change.new or "none"
        differs = " (differs)" if change.hidden and change.old is not None and not change.reset else ""
        yield _painted(f"      {change.name}: {old} -> {new}{differs}", "grey", colours=colours)
    for message in job.messages:
        yield _painted(f"      {message}", "grey", colours=colours)
    yield ""


def _environments(report: Report, *, colours: bool) -> Iterator[str]:
    told = [row for row in report.environments if row.property is not None and not row.same]
    if told:
        yield _painted("Differs between the stacks:", "bold", colours=colours)
    for row in told:
        sides = "; ".join(f"{cell.stack} {cell.text or 'no change'}" for cell in row.cells)
        yield f"  {row.job} {row.property}: {sides}"
    if told:
        yield ""


def _gate(gate: GatePart, *, colours: bool) -> Iterator[str]:
    if not gate.rules and not gate.findings:
        return
    if gate.stopped:
        yield _painted("The gate stops this change:", "red", colours=colours)
    else:
        yield _painted("The gate lets this change pass.", "green", colours=colours)
    for finding, conditions in grouped(gate):
        why = finding.sentence or finding.rule
        passed = f", allowed until {finding.until}: {finding.allowed}" if finding.allowed is not None else ""
        yield f"  {finding.stack}: {finding.job}: {conditions} ({why}){passed}"
    for note in gate.notes:
        yield f"  {note}"
