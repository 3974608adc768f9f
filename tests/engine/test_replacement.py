"""Whatever way Pulumi replaces a job: one job runs at the end, and the state says which."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator
from support.stack import Result, Stack, job

URN = "urn:pulumi:test::jobs::pulumi-python:dynamic/dli:FlinkJarJob::a"

# How a replacement is asked for: commands before, options of `up`, options of the resource before and after.
WAYS: dict[str, tuple[tuple[str, ...], tuple[str, ...], dict[str, Any], dict[str, Any]]] = {
    "--replace": ((), ("--replace", URN), {}, {}),
    "--target-replace": ((), ("--target-replace", URN), {}, {}),
    "state taint": (("state", "taint", URN, "--yes"), (), {}, {}),
    "replacement_trigger": ((), (), {"replacement_trigger": "1"}, {"replacement_trigger": "2"}),
    "replace_on_changes": ((), (), {}, {"replace_on_changes": ["cu_number"]}),
}
CHANGES = {"unchanged": {}, "changed": {"cu_number": 6}}
ORDERS = {"deleted first": {}, "created first": {"delete_before_replace": False}}
CASES = [
    (way, change, order)
    for way in WAYS
    for change in CHANGES
    for order in ORDERS
    if way != "replace_on_changes" or change == "changed"
]


def replaced(stack: Stack, way: str, change: str, order: str) -> Result:
    """Make a job, and replace it."""
    before, options, old, new = WAYS[way]
    stack.jobs(a=job("a", cu_number=4, opts={**old, **ORDERS[order]}))
    stack.up().expect_ok()
    stack.jobs(a=job("a", **{"cu_number": 4, **CHANGES[change]}, opts={**new, **ORDERS[order]}))
    if before:
        stack.run(*before).expect_ok()
    return stack.up(*options).expect_ok()


@pytest.mark.parametrize(("way", "change", "order"), CASES, ids=[" ".join(case) for case in CASES])
def test_one_job_runs_after_a_replacement_and_the_state_knows_it(
    stack: Stack, emulator: Emulator, way: str, change: str, order: str
) -> None:
    """As the program has it; the next run finds nothing to do."""
    replaced(stack, way, change, order)

    (left,) = [each for each in emulator.jobs() if not each["deleted"]]
    assert (left["status"], left["properties"]["cu_number"]) == ("job_running", 6 if change == "changed" else 4)
    assert stack.resources()["a"]["id"] == str(left["job_id"])
    stack.preview().expect_unchanged()
    stack.refresh().expect_unchanged()


def test_a_replacement_that_creates_first_keeps_the_job_and_its_state(stack: Stack, emulator: Emulator) -> None:
    """The create takes the job over, and the delete that follows leaves it alone."""
    said = replaced(stack, "--replace", "changed", "created first").text

    assert "DeleteFlinkJob" not in [each["operation"] for each in emulator.requests()]
    assert emulator.job("a")["runs"][-1]["restored_from"] is not None
    assert "goes on as the replacement; it is kept" in said


@pytest.mark.parametrize("way", ["replacement_trigger", "replace_on_changes"])
def test_a_replacement_that_the_provider_can_see_is_announced(stack: Stack, way: str) -> None:
    """The others look like a new job to it: there the engine's own rows say so."""
    stack.jobs(a=job("a", cu_number=4, opts=WAYS[way][2]))
    stack.up().expect_ok()
    stack.jobs(a=job("a", cu_number=6, opts=WAYS[way][3]))

    assert "the state of the old job is lost [replaced]" in stack.preview().expect_ok().text


@pytest.mark.parametrize("order", ORDERS)
def test_a_job_that_leaves_the_program_is_deleted(stack: Stack, emulator: Emulator, order: str) -> None:
    """What keeps a replaced job does not keep one that nobody has any more."""
    stack.jobs(a=job("a", opts=ORDERS[order]))
    stack.up().expect_ok()
    stack.jobs()
    stack.up().expect_ok()

    assert [each for each in emulator.jobs() if not each["deleted"]] == []
