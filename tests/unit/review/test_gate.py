"""The gate: what stops a merge, what is allowed to pass until when, and the policy file with its errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_dli.review.errors import ReviewError
from pulumi_dli.review.policy import read_policy
from support.review_reading import Ran, preview, review, step
from support.review_scenarios import GOLDEN

RESTART = preview(step("a", {"cu_number": 4}, {"cu_number": 8}))

# Which conditions hold in which recorded preview.
HOLD: dict[str, set[str]] = {
    "live": set(),
    "nothing": set(),
    "restart": {"restart", "downtime"},
    "parallelism": {"restart", "downtime", "state-risk"},
    "stateless": {"restart", "downtime", "state-risk", "state-loss"},
    "reset": {"restart", "downtime", "reset"},
    "computed": {"restart", "downtime", "state-risk", "unknown"},
    "deleted": {"delete", "stop", "downtime", "state-risk", "state-loss"},
    "renamed": {"delete", "downtime", "state-risk", "state-loss"},
    "replaced": {"delete", "replace", "downtime", "state-risk", "state-loss"},
    "stopped": {"stop", "restart", "downtime"},
}
CONDITIONS = ("restart", "stop", "delete", "replace", "downtime", "state-loss", "state-risk", "reset", "unknown")


@pytest.mark.parametrize("name", HOLD)
def test_the_gate_stops_for_exactly_the_conditions_that_hold(name: str) -> None:
    """Code 1 where it stops, 0 where it does not."""
    codes = {each: review(str(GOLDEN / f"{name}.json"), "--fail-on", each).code for each in CONDITIONS}
    assert {each for each, code in codes.items() if code == 1} == HOLD[name]
    assert set(codes.values()) <= {0, 1}


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("restart", 1),
        ("prod:restart", 1),
        ("prod*:reset,restart", 1),
        ("jobs/prod:restart", 1),
        ("*:restart", 1),
        ("dev:restart", 0),
        ("PROD:restart", 0),
        ("prod:delete", 0),
    ],
)
def test_a_rule_holds_for_the_stacks_that_it_names(rule: str, code: int) -> None:
    """By a pattern on the stack's name, or on project and stack."""
    assert review("-", "--fail-on", rule, stdin=RESTART).code == code


@pytest.mark.words
def test_the_comment_says_what_stops_and_by_which_rule() -> None:
    """And where nothing does, that the gate was asked."""
    stopped = review("-", "--fail-on", "prod*:restart", stdin=RESTART).stdout
    assert "**The gate stops this change** because of 1 job:" in stopped
    assert "- `prod`: `a`: **restart** (`prod*:restart`)" in stopped
    assert "**The gate lets this change pass** (`*:delete`)" in review("-", "--fail-on", "delete", stdin=RESTART).stdout


def judged(tmp_path: Path, policy: str) -> Ran:
    """Review a restart of prod's job `a` under a policy."""
    path = tmp_path / "policy.yaml"
    path.write_text(policy, encoding="utf-8")
    return review("-", "--policy", str(path), stdin=RESTART)


ALLOW = """\
version: 1
fail-on:
  - "prod*:restart,delete"
allow:
  - job: {job}
    stack: {stack}
    conditions: [{conditions}]
    reason: Agreed for the night of the migration
    until: {until}
"""


@pytest.mark.words
def test_a_stack_without_a_preview_stops(tmp_path: Path) -> None:
    """A change cannot pass by leaving out the stack that matters."""
    ran = judged(tmp_path, "version: 1\nstacks: [prod, staging]\n")
    assert ran.code == 1
    assert "- `staging`: `*`: **unreviewed** (`there is no preview of this stack`)" in ran.stdout
    assert judged(tmp_path, "version: 1\nstacks: [prod]\n").code == 0


FITTING = {"job": "a", "stack": "prod", "conditions": "restart", "until": "9999-12-31"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, 0),
        ({"stack": "'*'", "conditions": "delete, 'restart'"}, 0),
        ({"job": "b"}, 1),
        ({"job": "'*'"}, 1),
        ({"stack": "dev"}, 1),
        ({"conditions": "delete"}, 1),
        ({"until": "2020-01-01"}, 1),
    ],
)
def test_an_allowance_is_for_one_job_some_conditions_and_a_time(
    tmp_path: Path, changed: dict[str, str], code: int
) -> None:
    """Nothing more passes by it; a job is named, not matched."""
    assert judged(tmp_path, ALLOW.format(**FITTING | changed)).code == code


@pytest.mark.words
def test_what_is_allowed_is_reported_with_its_reason(tmp_path: Path) -> None:
    """And one that has ended is reported as such."""
    allowed = judged(tmp_path, ALLOW.format(**FITTING))
    assert "allowed until 9999-12-31: `Agreed for the night of the migration`" in allowed.stdout
    ended = judged(tmp_path, ALLOW.format(**FITTING | {"until": "2020-01-01"}))
    assert "what was allowed for a (restart) ended on 2020-01-01" in ended.stdout


ALLOWED = "version: 1\nallow:\n  - job: a\n    conditions: [restart]\n"
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "p.yaml:1: it must be an object"),
        ("version: 2\n", "p.yaml:1: version must be 1, the only version there is"),
        ("fail-on: [restart]\n", "p.yaml:1: version is missing"),
        ("version: 1\nfail_on: [restart]\nfailon: [x]\n", "p.yaml:3: failon is no key of a policy"),
        ("version: 1\nfail-on:\n  - restart\n  - restrat\n", "p.yaml:4: fail-on.1.conditions.0 restrat is no"),
        (ALLOWED + "    until: 2026-12-31\n", "p.yaml:3: allow.0.reason is missing"),
        (ALLOWED + "    reason: ' '\n    until: 2026-12-31\n", "p.yaml:5: allow.0.reason must not be empty"),
        (ALLOWED + "    reason: x\n    until: soon\n", "p.yaml:6: allow.0.until must be a date"),
        (ALLOWED.replace("[restart]", "[]"), "p.yaml:4: allow.0.conditions must not be empty"),
        ("version: 1\nfail-on:\n  - {stack: prod}\n", "p.yaml:3: fail-on.0.conditions is missing"),
        ("version: 1\nfail-on: [a\n", "p.yaml:3: is no YAML"),
        ("version: 1\nversion: 1\n", "p.yaml:2: version stands there twice"),
        (BOMB, "p.yaml:2: a policy has no aliases"),
        ("[" * 5000 + "]" * 5000, "is nested too deeply"),
        ("version: 1\nx: 2026-13-45\n", "p.yaml"),
        ("\x00", "p.yaml:1: is no YAML"),
    ],
    ids=lambda value: ascii(value[:24]),
)  # fmt: skip
@pytest.mark.words
def test_a_wrong_policy_is_reported_with_its_lines(text: str, said: str) -> None:
    """A gate that cannot read its rules does not pass anything."""
    with pytest.raises(ReviewError) as error:
        read_policy("p.yaml", text.encode())
    assert said in str(error.value)


def test_all_that_is_wrong_with_a_policy_is_reported_at_once(tmp_path: Path) -> None:
    """One line each, and code 2."""
    ran = judged(tmp_path, "version: 1\nfail-on: [restrat, delet]\nmore: 1\n")
    assert (ran.code, len(ran.stderr.splitlines())) == (2, 3)
    assert all("policy.yaml:" in line for line in ran.stderr.splitlines())


OLD = step("a", {"cu_number": 4}, {"cu_number": 8})
OTHER = {"op": "update", "urn": "urn:pulumi:prod::jobs::aws:s3/bucket:Bucket::logs", "newState": {"inputs": {"x": 1}}}
MOVED = {**OTHER, "newState": {"inputs": {"x": 2}}}
CRASHED = step("a", {"cu_number": 4}, {"cu_number": 8})
CRASHED["oldState"]["outputs"]["status"] = "job_running_exception"


@pytest.mark.parametrize(
    ("reviewed", "fresh", "said"),
    [
        (preview(OLD, OTHER), preview(OTHER, OLD), ""),
        (preview(OLD, OTHER), preview(OLD), ""),
        (preview(OLD), preview(OLD, OTHER), "`logs`: **unreviewed** (`update: no review has shown it`)"),
        (preview(OLD, OTHER), preview(OLD, MOVED), "`logs`: **unreviewed** (`update: is not what was reviewed`)"),
        (preview(OLD), preview(step("a", {"cu_number": 4}, {"cu_number": 10})), "`update: is not what was reviewed`"),
        (preview(OLD), preview(step("a", {"cu_number": 6}, {"cu_number": 8})), "`update: is not what was reviewed`"),
        (preview(OLD), preview(step("a", {}, {}, op="delete")), "`delete: is not what was reviewed`"),
        (preview(OLD), preview(CRASHED), "`update: is not what was reviewed`"),
        (preview(step("a", {}, {}, stack="dev")), preview(OLD), "no review has shown this stack"),
    ],
    ids=["same", "less", "more", "other value", "other value of a job", "other start", "deleted", "status", "stack"],
)
@pytest.mark.words
def test_what_runs_is_what_was_reviewed(tmp_path: Path, reviewed: bytes, fresh: bytes, said: str) -> None:
    """A fresh preview may show less than the reviewed one, and nothing else."""
    path = tmp_path / "reviewed.json"
    path.write_bytes(reviewed)
    ran = review("-", "--reviewed", str(path), stdin=fresh)
    assert ran.code == (1 if said else 0)
    assert said in ran.stdout
