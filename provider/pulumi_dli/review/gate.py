"""Whether a review may pass: which conditions hold that a rule stops for, and which of these are allowed. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase

from pulumi_dli.review.models import Condition, FindingPart, GatePart, JobPart, StackPart
from pulumi_dli.review.policy import Allowance, Policy, Rule


def gate(
    stacks: Sequence[StackPart],
    rules: Sequence[Rule],
    policy: Policy,
    today: date,
    unreviewed: Sequence[FindingPart] = (),
) -> GatePart:
    """Apply `rules` and those of the policy.

    `today` decides which allowances have ended; `unreviewed` is what no review has shown.
    """
    every = (*rules, *policy.fail_on)
    findings = [*unreviewed, *_missing(stacks, policy.stacks), *_findings(stacks, every, policy.allow, today)]
    return GatePart(
        rules=tuple(str(rule) for rule in every),
        stopped=any(finding.allowed is None for finding in findings),
        findings=tuple(findings),
        notes=tuple(_ended(findings, policy.allow, today)),
    )


def _missing(stacks: Sequence[StackPart], expected: Sequence[str]) -> Iterator[FindingPart]:
    """Yield the stacks of the policy without a preview: a change could leave out the one that matters."""
    for name in expected:
        if not any(_matches(name, stack) for stack in stacks):
            yield FindingPart(
                stack=name,
                job="*",
                condition=Condition.UNREVIEWED,
                rule="stacks",
                sentence="there is no preview of this stack",
            )


def _findings(
    stacks: Sequence[StackPart], rules: Sequence[Rule], allowances: Sequence[Allowance], today: date
) -> Iterator[FindingPart]:
    for stack in stacks:
        for job in stack.jobs:
            seen = set()
            for rule in rules:
                for condition in rule.conditions:
                    if condition in job.conditions and condition not in seen and _matches(rule.stack, stack):
                        seen.add(condition)
                        covering = [each for each in allowances if _covers(each, stack, job, condition)]
                        yield _finding(stack, job, rule, condition, [each for each in covering if today <= each.until])


def _finding(
    stack: StackPart, job: JobPart, rule: Rule, condition: Condition, allowances: Sequence[Allowance]
) -> FindingPart:
    allowance = allowances[0] if allowances else None
    return FindingPart(
        stack=stack.stack,
        job=job.name,
        condition=condition,
        rule=str(rule),
        allowed=allowance.reason if allowance else None,
        until=allowance.until.isoformat() if allowance else None,
    )


def _covers(allowance: Allowance, stack: StackPart, job: JobPart, condition: Condition) -> bool:
    return allowance.job == job.name and condition in allowance.conditions and _matches(allowance.stack, stack)


def _matches(pattern: str, stack: StackPart) -> bool:
    """Match the stack's name, or `project/stack`."""
    return fnmatchcase(stack.stack, pattern) or fnmatchcase(f"{stack.project}/{stack.stack}", pattern)


def _ended(findings: Sequence[FindingPart], allowances: Sequence[Allowance], today: date) -> Iterator[str]:
    stopped = {finding.job for finding in findings if finding.allowed is None}
    for each in allowances:
        if each.until < today and each.job in stopped:
            conditions = ", ".join(condition.value for condition in each.conditions)
            yield f"what was allowed for {each.job} ({conditions}) ended on {each.until}"


def grouped(gate: GatePart) -> list[tuple[FindingPart, str]]:
    """Return one finding of each job, reason and fate with all its conditions in words; what stops stands first."""
    together: dict[tuple[object, ...], list[FindingPart]] = {}
    for each in gate.findings:
        key = (each.stack, each.job, each.rule, each.sentence, each.allowed, each.until)
        together.setdefault(key, []).append(each)
    found = [(each[0], ", ".join(one.condition.value for one in each)) for each in together.values()]
    return sorted(found, key=lambda each: each[0].allowed is not None)
