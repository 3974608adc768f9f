"""A release that was rolled back is not tried again by itself: the job is stopped once, not at every run."""

from __future__ import annotations

from pulumi_dli.emulator.server import Emulator
from support.stack import Stack, job

CRASHING = "obs://artifacts/crashing.jar"


def rejected(stack: Stack, emulator: Emulator) -> str:
    """Release a JAR that does not start, and return the line that says so."""
    stack.jobs(a=job("a"))
    stack.up().expect_ok()
    emulator.set_behaviour(emulator.job("a")["job_id"], fail_next_submit=1)
    stack.jobs(a=job("a", entrypoint=CRASHING))
    return stack.up().expect_one_line("a")


def stops(emulator: Emulator) -> int:
    """Return how often the job was asked to stop."""
    return len([each for each in emulator.requests() if each["operation"] == "StopFlinkJobs"])


def test_three_runs_of_a_rejected_release_stop_the_job_once(stack: Stack, emulator: Emulator) -> None:
    """The later ones fail with the reason, and do not touch the job."""
    first = rejected(stack, emulator)
    assert "rolled back: the job runs again with its old settings" in first
    for _ in range(2):
        line = stack.up().expect_one_line("a")
        assert "rolled back on 20" in line
        assert "Submitting the job failed" in line
        assert "not tried again until the change differs or retry_nonce changes" in line

    assert stops(emulator) == 1
    assert emulator.job("a")["status"] == "job_running"


def test_the_preview_says_that_it_is_not_tried_again(stack: Stack, emulator: Emulator) -> None:
    """Before anybody merges."""
    rejected(stack, emulator)

    assert "not tried again until the change differs" in stack.preview().expect_ok().text


def test_a_refresh_does_not_make_it_try_again(stack: Stack, emulator: Emulator) -> None:
    """A colleague's unrelated merge runs `up --refresh`."""
    rejected(stack, emulator)
    stack.refresh().expect_ok()
    stack.up("--refresh").expect_failure()

    assert stops(emulator) == 1


def test_a_new_retry_nonce_tries_it_again(stack: Stack, emulator: Emulator) -> None:
    """Where what was wrong lay outside the program."""
    rejected(stack, emulator)
    stack.jobs(a=job("a", entrypoint=CRASHING, retry_nonce=1))
    stack.up().expect_ok()

    assert emulator.job("a")["properties"]["entrypoint"] == CRASHING
    assert "rejected" not in stack.resources()["a"]["outputs"]


def test_a_change_that_differs_is_tried(stack: Stack, emulator: Emulator) -> None:
    """The next release, say."""
    rejected(stack, emulator)
    stack.jobs(a=job("a", entrypoint="obs://artifacts/fixed.jar"))
    stack.up().expect_ok()

    assert emulator.job("a")["properties"]["entrypoint"] == "obs://artifacts/fixed.jar"


def test_a_reverted_program_leaves_the_job_alone(stack: Stack, emulator: Emulator) -> None:
    """It is as the program says already."""
    rejected(stack, emulator)
    stack.jobs(a=job("a"))
    stack.up().expect_ok()

    assert stops(emulator) == 1
    stack.preview().expect_unchanged()
