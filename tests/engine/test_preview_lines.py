"""What a preview of the real engine says: the provider's lines, and the review of the same preview.

Also how Pulumi's own options act on these resources.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from pulumi_dli.planning.marker import looks_like_marker, read_marker
from pulumi_dli.planning.state_risk import Risk
from pulumi_dli.planning.wording import RISKS
from pulumi_dli.review.analysis import review_stack
from pulumi_dli.review.models import JobPart
from pulumi_dli.review.preview_reader import read_preview
from support.stack import Result, Stack, job
from tools.engine_install.pins import NEWEST, OLDEST

SECRET = "hunter2-a7Q"  # noqa: S105
# Secret for its user alone: the property is none that the provider encrypts.
TOPIC = "topic-b8R"
URN = "urn:pulumi:test::jobs::pulumi-python:dynamic/dli:FlinkJarJob::{0}"
ONLY_COPY = "checkpointing is off: the savepoint of the stop is the only copy of its state"


def _pairs(**settings: str) -> str:
    return json.dumps([{"key": key, "value": value} for key, value in settings.items()])


# Each job before and after, and all that its preview says, warnings last.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "live": ({"smn_topic": "a"}, {"smn_topic": "b"}, ["update in place: smn_topic"]),
    "two": (
        {"cu_number": 4, "parallel_number": 2, "checkpoint_enabled": True},
        {"cu_number": 8, "parallel_number": 4, "checkpoint_enabled": True},
        [
            "stop with savepoint, update cu_number, parallel_number, restart",
            "warning: the parallelism changes: Flink restores state after that, up to the max parallelism, but DLI's "
            "guide does not support it [parallelism]",
        ],
    ),
    "described": (
        {"desc": "a"},
        {"desc": "b"},
        ["stop with savepoint, update desc, restart; desc alone forces this restart", ONLY_COPY],
    ),
    "reset": (
        {"cu_number": 40, "smn_topic": TOPIC},
        {},
        [
            "stop with savepoint, update cu_number, smn_topic, restart",
            "reset cu_number 40 -> 2, the service's default",
            'reset smn_topic to "", the service\'s default',
            ONLY_COPY,
        ],
    ),
    "parts": (
        {"entrypoint_args": f"--rate 1 --password {SECRET}", "runtime_config": _pairs(a="1", b=SECRET)},
        {"entrypoint_args": f"--rate 2 --password {SECRET}1", "runtime_config": _pairs(b=f"{SECRET}1", a="1")},
        [
            "stop with savepoint, update entrypoint_args, runtime_config, restart",
            ONLY_COPY,
            "entrypoint_args differs in --password, --rate",
            "runtime_config differs in b",
        ],
    ),
    "maximum": (
        {"runtime_config": "", "checkpoint_enabled": True},
        {"runtime_config": _pairs(**{"pipeline.max-parallelism": "64"}), "checkpoint_enabled": True},
        [
            "stop with savepoint, update runtime_config, restart",
            "runtime_config differs in pipeline.max-parallelism",
            f"warning: {RISKS[Risk.MAX_PARALLELISM]} [max-parallelism]",
        ],
    ),
    "reordered": (
        {"runtime_config": _pairs(a="1", b=SECRET), "smn_topic": "a"},
        {"runtime_config": _pairs(b=SECRET, a="1"), "smn_topic": "b"},
        ["update in place: smn_topic"],
    ),
    "stateless": (
        {},
        {"restart_nonce": "1", "upgrade_mode": "stateless"},
        [
            "stop without savepoint (its state is lost), restart empty",
            "warning: upgrade_mode stateless: the job is stopped without savepoint, its state is lost [stateless-stop]",
        ],
    ),
    "stopping": ({}, {"desired_state": "stopped"}, ["stop with savepoint"]),
    "untouched": ({}, {"stop_timeout": 99}, ["no request, no effect on the job: stop_timeout"]),
    "same": ({}, {}, []),
    "ignored": (
        {"cu_number": 4},
        {"cu_number": 8, "smn_topic": "b", "opts": {"ignore_changes": ["cu_number"]}},
        ["update in place: smn_topic"],
    ),
}


@dataclass(frozen=True)
class Seen:
    """A preview's messages and markers by job, its text, and the review of it; and what DLI was asked meanwhile."""

    said: dict[str, list[str]]
    markers: dict[str, list[str]]
    text: Result
    reviewed: dict[str, JobPart]
    document: dict[str, Any]
    requests: list[Any]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """All jobs are made, changed and previewed together, the preview without any credential."""
    with running(Options(time_factor=1000)) as emulator:
        stack = Stack.made(tmp_path_factory.mktemp("preview") / "stack", emulator, {})
        stack.jobs(**{name: job(name, **before) for name, (before, _, _) in CASES.items()})
        stack.up().expect_ok()
        stack.jobs(**{name: job(name, **after) for name, (_, after, _) in CASES.items()})
        stack.configure(region="eu-de", endpoint="https://unreachable.invalid", projectId=emulator.project_id)
        emulator.clear_requests()
        document = json.loads(stack.preview("--json").expect_ok().stdout)
        text = stack.preview("--diff").expect_ok()
        said: dict[str, list[str]] = {name: [] for name in CASES}
        markers: dict[str, list[str]] = {name: [] for name in CASES}
        for each in document["diagnostics"]:
            name = each["urn"].rpartition("::")[2]
            for line in each["message"].splitlines():
                (markers if looks_like_marker(line) else said)[name].append(line)
        reviewed = review_stack(read_preview("it", BytesIO(json.dumps(document).encode())))
        yield Seen(said, markers, text, {each.name: each for each in reviewed.jobs}, document, emulator.requests())


@pytest.mark.parametrize("name", CASES)
def test_the_preview_says_all_that_a_reviewer_needs(seen: Seen, name: str) -> None:
    """One line with the action, then resets, parts that differ and what is at risk; nothing about an unchanged job."""
    lines = [line.replace(f"{name}: ", "", 1) for line in seen.said[name]]
    assert lines == CASES[name][2]


@pytest.mark.parametrize("name", CASES)
def test_each_update_is_announced_by_one_marker(seen: Seen, name: str) -> None:
    """For programs that read the preview; an unchanged job needs none."""
    assert len(seen.markers[name]) == (0 if name == "same" else 1)
    for line in seen.markers[name]:
        assert read_marker(line).action is seen.reviewed[name].action


def test_a_preview_needs_no_credential_and_asks_dli_nothing(seen: Seen) -> None:
    """It was made without a token, against an address that does not exist."""
    assert seen.requests == []


def test_a_preview_shows_no_value_that_may_be_secret(seen: Seen) -> None:
    """Of texts that are reset none at all: only the program knows which of them are secret."""
    said = json.dumps(seen.document["diagnostics"])
    assert SECRET not in said
    assert TOPIC not in said
    assert f"{SECRET}1" not in json.dumps(seen.document)


@pytest.mark.parametrize("name", [name for name in CASES if name != "same"])
def test_the_review_agrees_with_the_provider(seen: Seen, name: str) -> None:
    """Computed from the steps alone, it comes to the same action as the provider, which saw the secrets."""
    assert seen.reviewed[name].sentence == seen.said[name][0].removeprefix(f"{name}: ")


def test_the_review_takes_the_risk_of_a_hidden_key_from_the_provider(seen: Seen) -> None:
    """runtime_config is a secret, which the preview's JSON blanks; the gate must hold all the same."""
    assert [risk.level for risk in seen.reviewed["maximum"].risks] == ["at-risk"]
    assert "state-risk" in seen.reviewed["maximum"].conditions
    assert [risk.level for risk in seen.reviewed["parts"].risks] == ["note"]


def test_equal_in_meaning_is_no_difference_of_inputs(seen: Seen) -> None:
    """A setting in another order beside a real change is not listed by the engine, so nobody takes it for a change."""
    (step,) = [each for each in seen.document["steps"] if each["urn"].endswith("::reordered")]
    assert {*step["detailedDiff"]} == {"smn_topic"}


def test_review_runs_previews_by_itself(stack: Stack) -> None:
    """Of the stacks that it is given; what fails is reported with Pulumi's reason, and is no review."""
    stack.jobs(a=job("a"))
    good = _reviewed(stack, "test", "--format", "terminal")
    assert (good.returncode, good.stdout.splitlines()[0]) == (0, "test: 1 job changes: 1 create")
    absent = _reviewed(stack, "absent")
    assert (absent.returncode, absent.stdout) == (2, "")
    assert "no stack named 'absent' found" in absent.stderr
    stack.program("raise SystemExit('no such thing')")
    broken = _reviewed(stack, "test")
    assert (broken.returncode, broken.stdout, len(broken.stderr.splitlines())) == (2, "", 1)


def _reviewed(stack: Stack, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pulumi_dli.cli", "review", "--stack", name, "--cwd", str(stack.folder), *options]
    return subprocess.run(command, env=stack.surroundings(), capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.full
def test_protect_refuses_a_replacement_and_a_delete(stack: Stack, emulator: Emulator) -> None:
    """By the engine's own words, and before anything is sent; an update of a protected job is made."""
    stack.jobs(a=job("a", cu_number=4, opts={"protect": True}))
    stack.up().expect_ok()
    emulator.clear_requests()
    stack.jobs(a=job("a", cu_number=8, opts={"protect": True, "replace_on_changes": ["cu_number"]}))
    assert "protect" in stack.preview("--json").expect_failure().text
    stack.jobs()
    assert "protect" in stack.up().expect_failure().text
    assert emulator.requests() == []
    stack.jobs(a=job("a", cu_number=8, opts={"protect": True}))
    stack.up().expect_ok()
    assert emulator.job("a")["properties"]["cu_number"] == 8


@pytest.mark.full
def test_an_alias_keeps_the_job_and_retain_on_delete_leaves_it(stack: Stack, emulator: Emulator) -> None:
    """A resource that is renamed with an alias sends nothing; one that is retained runs on."""
    stack.jobs(old=job("a"), gone=job("gone", opts={"retain_on_delete": True}))
    stack.up().expect_ok()
    emulator.clear_requests()
    stack.jobs(new=job("a", opts={"aliases": [URN.format("old")]}))
    stack.up().expect_ok()
    assert emulator.requests() == []
    assert {*stack.resources()} == {"new"}
    assert emulator.job("gone")["status"] == "job_running"
    stack.preview().expect_unchanged()


@pytest.mark.full
def test_replace_on_changes_deletes_the_job_first(stack: Stack, emulator: Emulator) -> None:
    """Two jobs cannot share a name; the replacement starts empty."""
    stack.jobs(a=job("a", cu_number=4))
    stack.up().expect_ok()
    emulator.clear_requests()
    stack.jobs(a=job("a", cu_number=8, opts={"replace_on_changes": ["cu_number"]}))
    stack.up().expect_ok()
    writes = [each for each in emulator.requests() if each["method"] != "GET"]
    assert [each["operation"] for each in writes] == ["DeleteFlinkJob", "CreateFlinkJarJob", "RunFlinkJobs"]
    assert writes[-1]["body"]["resume_savepoint"] is False


def save_a_plan(stack: Stack) -> None:
    """Save a plan that changes a secret."""
    stack.jobs(a=job("a", entrypoint_args="--password hunter3"))
    stack.up().expect_ok()
    stack.jobs(a=job("a", entrypoint_args=f"--password {SECRET}"))
    stack.preview("--save-plan", "plan.json").expect_ok()


def violate_the_plan(stack: Stack) -> str:
    """Update to another value than that of the plan; return in which words that is refused."""
    stack.jobs(a=job("a", entrypoint_args=f"--password {SECRET}1"))
    return stack.up("--plan", "plan.json", known=frozenset({"any password"})).expect_failure().text


@pytest.mark.full
def test_an_update_plan_holds_what_was_previewed(stack: Stack, emulator: Emulator) -> None:
    """It works with these resources: what it does not hold is refused before anything is sent."""
    save_a_plan(stack)
    assert SECRET not in (stack.folder / "plan.json").read_text()
    emulator.clear_requests()
    assert "violates plan" in violate_the_plan(stack)
    assert emulator.requests() == []
    stack.jobs(a=job("a", entrypoint_args=f"--password {SECRET}"))
    stack.up("--plan", "plan.json").expect_ok()


@pytest.mark.full
def test_the_oldest_engine_shows_the_secret_that_an_update_plan_does_not_hold(stack: Stack) -> None:
    """So the recipes use no plans while that engine is supported; the newest hides it."""
    save_a_plan(stack)
    refused = violate_the_plan(stack)
    version = stack.command("pulumi", "version").stdout.strip().removeprefix("v")
    assert version != OLDEST.version or f"{SECRET}1" in refused, "the recipes could use plans then"
    assert version != NEWEST.version or SECRET not in refused
