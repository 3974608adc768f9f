"""A review as Markdown for the comment on a pull request, never longer than code hosts accept. Pure.

Whatever a preview holds is shown as code: there, neither Markdown nor HTML, mentions, links nor references work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pulumi_dli.planning.actions import Action
from pulumi_dli.review.analysis import gravity, summary_of_others
from pulumi_dli.review.gate import grouped
from pulumi_dli.review.models import DifferencePart, FindingPart, GatePart, JobPart, Report, RiskPart, StackPart

MARK = "<!-- pulumi-dli review -->"
# GitHub and others take 65,536 characters; counted in bytes this holds however they count.
LIMIT = 65_000
MOST_STACKS = 50
MOST_FINDINGS = 50
MOST_OTHERS = 100
# Printable ASCII but for backtick, bar and backslash, which end or escape inside tables and code.
_PLAIN = re.compile(r"[!-\[\]-_a-{}~]([ -\[\]-_a-{}~]*[!-\[\]-_a-{}~])?")
_PROSE = re.compile(r"[A-Za-z0-9 ,;:()'_-]+")
_SIGNS = {
    Action.REPLACE: "\U0001f534",
    Action.DELETE: "\U0001f534",
    Action.STOP: "\U0001f7e0",
    Action.RESTART: "\U0001f7e0",
    Action.ADOPT: "\U0001f7e1",
    Action.RELEASE: "\U0001f7e1",
    Action.START: "\U0001f7e2",
    Action.UPDATE: "\U0001f7e2",
    Action.LIVE: "\U0001f7e2",
    Action.CREATE: "\U0001f7e2",
    Action.NONE: "\u26aa",
}
_LEVELS = {"lost": "**state is lost**", "at-risk": "**state may not restore**"}


def markdown(report: Report) -> str:
    """Return the comment. What does not fit is left out, the most serious last, with a count of it."""
    pieces = list(_pieces(report))
    chosen = _fitting(pieces)
    lines = [MARK]
    for number, piece in enumerate(pieces):
        if number in chosen:
            lines.append(piece.text)
        elif piece.instead and (number == 0 or pieces[number - 1].group != piece.group or number - 1 in chosen):
            lines.append(_left_out(pieces, chosen, number))
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Piece:
    """A part of the comment. Without `rank` it must stand; the others go in by rank; a `group` is counted together."""

    text: str
    rank: tuple[int, ...] | None = None
    group: str = ""
    instead: str = ""


def _left_out(pieces: list[Piece], chosen: set[int], first: int) -> str:
    count = 0
    for number in range(first, len(pieces)):
        if pieces[number].group != pieces[first].group or number in chosen:
            break
        count += 1
    return pieces[first].instead.format(count=count)


def _fitting(pieces: list[Piece]) -> set[int]:
    """Choose what fits, by rank; each group keeps the room for its line of what was left out."""
    groups = {piece.group: len(piece.instead.encode()) + 40 for piece in pieces if piece.instead}
    room = LIMIT - len(MARK) - sum(groups.values())
    chosen = {number for number, piece in enumerate(pieces) if piece.rank is None}
    room -= sum(_size(pieces[number]) for number in chosen)
    full: set[str] = set()
    for number in sorted(set(range(len(pieces))) - chosen, key=lambda number: (pieces[number].rank or (), number)):
        piece = pieces[number]
        # A group is cut at one place, so that what follows there can be counted.
        if piece.group in full or _size(piece) > room:
            full.add(piece.group)
            continue
        chosen.add(number)
        room -= _size(piece)
    return chosen


def _size(piece: Piece) -> int:
    return len(piece.text.encode("utf-8", "surrogatepass")) + 1


def code(text: str) -> str:
    """Return text as inline code in Markdown, tables and HTML alike, whatever it holds."""
    if not text:
        return "<code> </code>"
    if _PLAIN.fullmatch(text):
        return f"`{text}`"
    return f"<code>{escaped(text)}</code>"


def escaped(text: str) -> str:
    """Return text with everything that Markdown or HTML could take for markup written as a number."""
    return "".join(
        character if character.isalnum() or character == " " else f"&#{ord(character)};" for character in text
    )


def _pieces(report: Report) -> Iterator[Piece]:
    shown, hidden = report.stacks[:MOST_STACKS], report.stacks[MOST_STACKS:]
    yield Piece("### Review of Flink jobs\n")
    for stack in shown:
        yield Piece(f"- {_worst_sign(stack)} **{code(stack.stack)}**: {stack.summary}; {summary_of_others(stack)}")
    if hidden:
        yield Piece(f"- and {len(hidden)} more stacks")
    yield from _gate(report.gate)
    for place, stack in enumerate(shown):
        yield from _stack(place, stack, alone=len(shown) == 1)
    yield from _environments(report.environments)


def _worst_sign(stack: StackPart) -> str:
    return _sign(stack.jobs[0]) if stack.jobs else "\u26aa"


def _sign(job: JobPart) -> str:
    return "\U0001f534" if any(risk.level == "lost" for risk in job.risks) else _SIGNS[job.action]


def _gate(gate: GatePart) -> Iterator[Piece]:
    if not gate.rules and not gate.findings:
        return
    jobs = len({(finding.stack, finding.job) for finding in gate.findings if finding.allowed is None})
    yield Piece(
        f"\n\U0001f6d1 **The gate stops this change** because of {jobs} job{'s' if jobs > 1 else ''}:\n"
        if gate.stopped
        else f"\n\u2705 **The gate lets this change pass** ({', '.join(code(rule) for rule in gate.rules)})\n"
    )
    for number, (finding, conditions) in enumerate(grouped(gate)):
        yield Piece(_finding(finding, conditions), (0, number), "findings", "- and {count} more")
    for note in gate.notes[:MOST_FINDINGS]:
        yield Piece(f"- {code(note)}")


def _finding(finding: FindingPart, conditions: str) -> str:
    said = f"- {code(finding.stack)}: {code(finding.job)}: **{conditions}**"
    if finding.sentence is not None:
        said += f" ({code(finding.sentence)})"
    if finding.allowed is not None:
        return f"{said}, allowed until {finding.until}: {code(finding.allowed)}"
    return f"{said} ({code(finding.rule)})"


def _stack(place: int, stack: StackPart, *, alone: bool) -> Iterator[Piece]:
    """Show a stack: the table of its jobs, then their properties and the other resources, collapsed."""
    if stack.jobs or stack.others or stack.notes:
        yield Piece("" if alone else f"\n#### {code(stack.stack)}\n")
    for note in stack.notes:
        yield Piece(f"> {code(note)}\n")
    if stack.jobs:
        yield Piece("| job | what happens | why | state |\n|---|---|---|---|")
        for number, job in enumerate(stack.jobs):
            rank = (1, *gravity(job), number, place)
            yield Piece(_row(job), rank, f"jobs {place}", "| ... | and {count} more jobs | | |")
        yield Piece("")
        told = [job for job in stack.jobs if job.changes or job.messages]
        if told:
            yield Piece("<details><summary>Properties</summary>\n")
        for number, job in enumerate(told):
            rank = (2, *gravity(job), number, place)
            yield Piece(_properties(job), rank, f"details {place}", "and the properties of {count} more jobs\n")
        if told:
            yield Piece("</details>\n")
    if stack.others:
        yield Piece(_others(stack), (3, place), f"others {place}", "")


def _row(job: JobPart) -> str:
    action = job.action.value + ("" if job.certain else " at worst")
    what = f"{_sign(job)} **{action}**{', downtime' if job.downtime else ''}<br>{_prose(job.sentence)}"
    resets = "".join(f"<br>{code(line)}" for line in job.resets)
    state = "<br>".join(_risk(risk) for risk in job.risks if risk.level != "note") or _no_risk(job)
    return f"| {code(job.name)} | {what}{resets} | {_why(job)} | {state} |"


def _prose(text: str) -> str:
    """Return a sentence of ours as it is, unless something of a preview in it could be taken for markup."""
    return text if _PROSE.fullmatch(text) else code(text)


def _why(job: JobPart) -> str:
    names = job.reasons or tuple(
        change.name for change in job.changes if job.action not in {Action.CREATE, Action.ADOPT}
    )
    return ", ".join(_prose(name) if " " in name else code(name) for name in names)


def _risk(risk: RiskPart) -> str:
    return f"\u26a0\ufe0f {_LEVELS[risk.level]}: {risk.sentence}"


def _no_risk(job: JobPart) -> str:
    if job.action is Action.RESTART:
        return "carried over in a savepoint"
    return "not touched" if job.action is Action.LIVE else "<br>".join(risk.sentence for risk in job.risks)


def _properties(job: JobPart) -> str:
    """Show the changed properties as a diff; inside a fence only its own closing line has a meaning."""
    lines = [f"{code(job.name)}\n", "```diff"]
    for change in job.changes:
        cost = "" if change.cost == "none" else f"  # {change.cost}"
        if change.old is not None:
            lines.append(f"- {change.name}: {change.old}")
        if change.new is not None:
            differs = " (differs)" if change.hidden and change.old is not None and not change.reset else ""
            default = ", the service's default" if change.reset else ""
            lines.append(f"+ {change.name}: {change.new}{differs}{cost}{default}")
    lines += [f"# {risk.sentence}" for risk in job.risks if risk.level == "note"]
    lines += [f"# {message}" for message in job.messages]
    return "\n".join([*lines, "```", ""])


def _others(stack: StackPart) -> str:
    lines = [f"<details><summary>Other resources: {len(stack.others)}</summary>\n"]
    lines += [f"- {code(each.operation)} {code(each.type)} {code(each.name)}" for each in stack.others[:MOST_OTHERS]]
    if len(stack.others) > MOST_OTHERS:
        lines.append(f"- and {len(stack.others) - MOST_OTHERS} more")
    return "\n".join([*lines, "", "</details>", ""])


def _environments(rows: Sequence[DifferencePart]) -> Iterator[Piece]:
    """Show the stacks side by side: each job's action, and the properties that are not the same everywhere."""
    told = [row for row in rows if row.property is None or not row.same]
    if not told:
        return
    stacks = [cell.stack for cell in rows[0].cells][:MOST_STACKS]
    heads = " | ".join(code(stack) for stack in stacks)
    yield Piece(f"\n#### Side by side\n\n| job | property | {heads} |\n|---|---|{'---|' * len(stacks)}")
    for number, row in enumerate(told):
        cells = " | ".join("" if cell.text is None else code(cell.text) for cell in row.cells[:MOST_STACKS])
        name = code(row.property) if row.property is not None else "*what happens*"
        instead = f"| ... | and {{count}} more |{' |' * len(stacks)}"
        yield Piece(f"| {code(row.job)} | {name} | {cells} |", (2, 0, number), "environments", instead)
    same = [row for row in rows if row.property is not None and row.same]
    if same:
        names = ", ".join(sorted({code(row.property or "") for row in same})[:MOST_FINDINGS])
        yield Piece(f"\nThe same everywhere: {names}")
