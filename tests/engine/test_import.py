"""`opts.import_` adopts a job and owns it at once, as everywhere in Pulumi."""

from __future__ import annotations

from pulumi_dli.emulator.server import Emulator
from support.adoption import made
from support.stack import Stack, job


def imported(stack: Stack, emulator: Emulator) -> str:
    """Import a job that runs already; return its id."""
    job_id = str(made(emulator, "old", queue_name="streaming", entrypoint="obs://artifacts/job.jar"))
    stack.jobs(old=job("old", opts={"import_": job_id}))
    stack.preview().expect_ok()
    stack.up().expect_ok()
    return job_id


def test_an_imported_job_is_adopted_as_it_is(stack: Stack, emulator: Emulator) -> None:
    """Nothing is sent but reads, and no traceback is shown."""
    job_id = imported(stack, emulator)

    assert stack.resources()["old"]["id"] == job_id
    assert [each["operation"] for each in emulator.requests() if each["method"] != "GET"][1:] in ([], ["RunFlinkJobs"])


def test_removing_the_option_changes_nothing(stack: Stack, emulator: Emulator) -> None:
    """As Pulumi's guide asks for after an import."""
    imported(stack, emulator)
    stack.preview().expect_unchanged()
    stack.jobs(old=job("old"))

    stack.preview().expect_unchanged()


def test_destroy_deletes_an_imported_job(stack: Stack, emulator: Emulator) -> None:
    """It is the stack's own, unlike one that `job_id` adopts."""
    imported(stack, emulator)
    stack.destroy().expect_ok()

    assert [each for each in emulator.jobs() if not each["deleted"]] == []


def test_a_job_that_differs_is_not_imported(stack: Stack, emulator: Emulator) -> None:
    """The error lists the differences."""
    job_id = str(made(emulator, "old", queue_name="streaming", entrypoint="obs://artifacts/job.jar"))
    stack.jobs(old=job("old", cu_number=8, opts={"import_": job_id}))

    assert "differs from the program in cu_number" in stack.up().expect_one_line("old")


def test_another_id_is_refused_once_the_job_is_the_stack_s(stack: Stack, emulator: Emulator) -> None:
    """It would be another job."""
    imported(stack, emulator)
    stack.jobs(old=job("old", opts={"import_": "999"}))

    assert "import_ names job 999" in stack.preview().expect_one_line("old")
