"""A refresh says what differs in DLI; the preview after it says what will be done about that."""

from __future__ import annotations

import json

from pulumi_dli.emulator.server import Emulator
from support.stack import Stack, job


def drifted(stack: Stack, emulator: Emulator) -> None:
    """Make a job, and change it in the console."""
    stack.jobs(a=job("a", cu_number=4))
    stack.up().expect_ok()
    emulator.patch_job(emulator.job("a")["job_id"], properties={"cu_number": 7})


def test_a_refresh_says_what_differs_and_no_step(stack: Stack, emulator: Emulator) -> None:
    """Nothing is stopped by a refresh, so none of that is said."""
    drifted(stack, emulator)
    said = stack.refresh().expect_ok().text

    assert "cu_number is 7 in DLI, 4 in the stack" in said
    assert "stop with savepoint" not in said


def test_a_preview_that_refreshes_says_both(stack: Stack, emulator: Emulator) -> None:
    """What differs, and what `up` will do about it, each with its phase."""
    drifted(stack, emulator)
    document = json.loads(stack.preview("--refresh", "--json").expect_ok().stdout)
    said = "".join(each["message"] for each in document["diagnostics"])

    assert "cu_number is 7 in DLI, 4 in the stack" in said
    assert said.count("stop with savepoint, update cu_number, restart") == 1
    assert (said.count("phase=refresh"), said.count("phase=plan")) == (1, 1)


def test_the_preview_after_a_refresh_says_what_up_will_do(stack: Stack, emulator: Emulator) -> None:
    """The stack has what DLI has by then; the program has not."""
    drifted(stack, emulator)
    stack.refresh().expect_ok()

    assert "a: stop with savepoint, update cu_number, restart" in stack.preview().expect_ok().text
