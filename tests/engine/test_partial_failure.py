"""A create or update that fails part of the way: what is true is stored, and the next command goes on from there."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator
from support.stack import Stack, job

NO_CUS = {"operation": "RunFlinkJobs", "item_refused": {"message": "No CUs are free."}}
FORBIDDEN = {"status": 403, "body": {"error_code": "DLI.0003", "error_msg": "no permission"}}
PASSWORD = "hunter2-of-a-test"  # noqa: S105 - made up
HOOKED = """
import pulumi, pulumi_dli as dli
again = []
def retry(args):
    again.append(1)
    return len(again) < 2
hook = pulumi.ErrorHook("retry", retry)
dli.FlinkJarJob("orders", {inputs!r}, pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(on_error=[hook])))
"""


def left(stack: Stack) -> dict[str, Any]:
    """Return what is stored of the one job."""
    return stack.resources()["orders"]


def never_starts(stack: Stack, emulator: Emulator, **inputs: Any) -> str:
    """Create a job whose start takes too long, and return the line that says so."""
    emulator.set_durations({"job_submitting": 600.0})
    stack.jobs(orders=job("orders", start_timeout=1, **inputs))
    line = stack.up().expect_one_line()
    emulator.set_durations({"job_submitting": 0.1})
    return line


def fails_after_the_put(stack: Stack, emulator: Emulator, *options: str, **inputs: Any) -> str:
    """Update a running job to 4 CUs; its start is refused, and it is left so."""
    stack.jobs(orders=job("orders", **inputs))
    stack.up().expect_ok()
    emulator.add_fault(**NO_CUS)
    stack.jobs(orders=job("orders", cu_number=4, on_failure="leave", restart_nonce=2, smn_topic="urn:new", **inputs))
    return stack.up(*options).expect_one_line()


def test_a_create_whose_start_takes_too_long_is_known_to_destroy(
    stack: Stack, emulator: Emulator, sdk: dict[str, str]
) -> None:
    """Id, outputs and reason are stored, and destroy leaves nothing behind."""
    stack.environment = sdk
    line = never_starts(stack, emulator)
    assert "starting took longer than 1 s" in line
    stored = left(stack)
    assert stored["id"] == str(emulator.job("orders")["job_id"])
    assert stored["outputs"]["status"] == "job_submitting"
    assert stored["outputs"]["unfinished"].startswith("create: starting took longer than 1 s")
    assert stored["initErrors"]
    stack.destroy().expect_ok()
    assert [each["deleted"] for each in emulator.jobs()] == [True]


def test_the_next_up_goes_on_with_a_create_that_failed(stack: Stack, emulator: Emulator) -> None:
    """The preview says what it finishes; the job is not made twice, and then nothing is left to do."""
    never_starts(stack, emulator)
    stack.jobs(orders=job("orders"))
    assert "finishes the create that failed: starting took longer than 1 s" in stack.preview().expect_ok().text
    (made,) = emulator.jobs()
    emulator.patch_job(made["job_id"], status="job_submit_fail")
    stack.up().expect_ok()
    (only,) = emulator.jobs()
    assert only["status"] == "job_running"
    assert "unfinished" not in left(stack)["outputs"]
    assert "initErrors" not in left(stack)
    stack.preview("--refresh").expect_unchanged()


def test_a_create_that_cannot_be_seen_is_stored_all_the_same(stack: Stack, emulator: Emulator) -> None:
    """Where the service refuses to show the new job, its id is known, its status not; the next up looks."""
    emulator.add_fault(operation="ShowFlinkJob", answer=FORBIDDEN, times=None)
    stack.jobs(orders=job("orders", cu_number=3))
    stack.up().expect_one_line()
    stored = left(stack)["outputs"]
    assert (stored["status"], stored["cu_number"]) == ("unknown", 3)
    emulator.clear_faults()
    stack.up().expect_ok()
    (only,) = emulator.jobs()
    assert (left(stack)["id"], left(stack)["outputs"]["status"]) == (str(only["job_id"]), "job_running")


def test_a_create_that_was_deleted_again_stores_nothing(stack: Stack, emulator: Emulator) -> None:
    """There is nothing to destroy, and the error is a plain one."""
    emulator.add_fault(**NO_CUS)
    stack.jobs(orders=job("orders"))
    assert "deleted again" in stack.up().expect_one_line()
    assert stack.resources() == {}


@pytest.mark.parametrize("refresh", [False, True], ids=["at once", "after a refresh"])
@pytest.mark.parametrize("reverted", [True, False], ids=["reverted", "kept"])
def test_an_update_that_failed_after_the_put(
    stack: Stack, emulator: Emulator, sdk: dict[str, str], reverted: bool, refresh: bool
) -> None:
    """Stored is what the service has, with the old nonce; then the job becomes what the program says."""
    stack.environment = sdk
    fails_after_the_put(stack, emulator)
    outputs = left(stack)["outputs"]
    assert (outputs["cu_number"], outputs["smn_topic"], outputs["status"]) == (4, "urn:new", "job_cancel_success")
    assert "restart_nonce" not in outputs
    assert outputs["unfinished"].startswith("update: RunFlinkJobs was refused: No CUs are free")
    if refresh:
        stack.refresh().expect_ok()
        assert "unfinished" not in left(stack)["outputs"]
    again = {} if reverted else {"cu_number": 4, "restart_nonce": 2, "smn_topic": "urn:new"}
    stack.jobs(orders=job("orders", **again))
    said = stack.preview().expect_ok().text
    assert ("finishes the update that failed: RunFlinkJobs was refused" in said) is not refresh
    stack.up().expect_ok()
    theirs = emulator.job("orders")
    assert theirs["status"] == "job_running"
    assert theirs["properties"]["cu_number"] == (2 if reverted else 4)
    assert (theirs["properties"].get("smn_topic") or "") == ("" if reverted else "urn:new")
    assert all(run["restored_from"] for run in theirs["runs"][1:])
    stack.preview("--refresh").expect_unchanged()


def test_an_update_whose_job_cannot_be_seen_finds_what_took_effect(stack: Stack, emulator: Emulator) -> None:
    """The PUT is lost and no look succeeds: also the reverted program finds what it did."""
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    emulator.add_fault(operation="UpdateFlinkJarJob", effect=True, answer={"status": 500}, times=None)
    emulator.add_fault(operation="ShowFlinkJob", answer=FORBIDDEN, after=1, times=None)
    stack.jobs(orders=job("orders", smn_topic="urn:new"))
    stack.up().expect_one_line()
    assert left(stack)["outputs"]["status"] == "unknown"
    emulator.clear_faults()
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    assert not emulator.job("orders")["properties"].get("smn_topic")
    stack.preview("--refresh").expect_unchanged()


def test_with_target_and_protect(stack: Stack, emulator: Emulator) -> None:
    """A targeted update that fails is stored and finished; protect refuses the destroy, and keeps the job."""
    opts = {"protect": True}
    urn = "urn:pulumi:test::jobs::pulumi-python:dynamic/dli:FlinkJarJob::orders"
    fails_after_the_put(stack, emulator, "--target", urn, opts=opts)
    stack.destroy().expect_failure()
    stack.jobs(orders=job("orders", cu_number=4, opts=opts), second=job("second"))
    stack.up("--target", urn).expect_ok()
    assert emulator.job("orders")["status"] == "job_running"
    assert set(stack.resources()) == {"orders"}


def test_with_ignore_changes(stack: Stack, emulator: Emulator) -> None:
    """What is ignored stays as the stored inputs have it: those from before the update that failed."""
    fails_after_the_put(stack, emulator)
    stack.jobs(orders=job("orders", cu_number=4, opts={"ignore_changes": ["cu_number"]}))
    stack.up().expect_ok()
    theirs = emulator.job("orders")
    assert (theirs["status"], theirs["properties"]["cu_number"]) == ("job_running", 2)
    stack.preview("--refresh").expect_unchanged()


@pytest.mark.parametrize("trouble", ["takes too long", "is refused"])
def test_an_error_hook_that_asks_again_makes_no_second_job(stack: Stack, emulator: Emulator, trouble: str) -> None:
    """The engine calls create again, which goes on with the job that it made (pulumi#24683)."""
    inputs = job("orders", start_timeout=1, on_failure="leave")
    if trouble == "is refused":
        emulator.add_fault(**NO_CUS)
    else:
        emulator.set_durations({"job_submitting": 2.5})
    stack.program(HOOKED.format(inputs=inputs))
    ran = stack.up()
    (only,) = emulator.jobs()
    assert ran.ok, ran.text
    assert only["status"] == "job_running"
    assert left(stack)["id"] == str(only["job_id"])
    assert [each["event"] for each in only["history"] if each["event"] == "run"] == ["run"]
    stack.preview("--refresh").expect_unchanged()


def test_the_reason_in_the_state_holds_no_secret(stack: Stack, emulator: Emulator) -> None:
    """The service repeats the job's password; neither the line nor the state nor its backups do."""
    inputs = {"entrypoint_args": f"--password {PASSWORD}"}
    stack.jobs(orders=job("orders", **inputs))
    stack.up().expect_ok()
    emulator.add_fault(operation="RunFlinkJobs", item_refused={"message": f"bad argument {PASSWORD}"})
    stack.jobs(orders=job("orders", cu_number=4, on_failure="leave", **inputs))
    assert "bad argument ***" in stack.up().expect_one_line()
    assert "bad argument ***" in left(stack)["outputs"]["unfinished"]
    files = [each for each in (stack.folder / "backend").rglob("*") if each.is_file()]
    assert files
    assert [each for each in files if PASSWORD.encode() in each.read_bytes()] == []


def test_large_outputs_reach_the_engine(stack: Stack, emulator: Emulator) -> None:
    """A failed call carries them in its metadata, which have limits of their own elsewhere."""
    config = '{"key": "' + "x" * 60_000 + '"}'
    never_starts(stack, emulator, runtime_config=config)
    assert left(stack)["outputs"]["runtime_config"]
    stack.destroy().expect_ok()


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_after_one_ctrl_c_what_fails_is_stored(stack: Stack, emulator: Emulator) -> None:
    """The running create may finish; where it fails, destroy knows its job."""
    emulator.set_durations({"job_submitting": 600.0})
    stack.jobs(orders=job("orders", start_timeout=6))
    command = stack.begin("up", "--yes", "--skip-preview")
    while not any(each["status"] == "job_submitting" for each in emulator.jobs()):
        time.sleep(0.1)
    os.killpg(command.pid, signal.SIGINT)
    assert command.wait(90) != 0
    assert left(stack)["id"] == str(emulator.job("orders")["job_id"])
    assert "Traceback" not in Path(stack.log).read_text(encoding="utf-8")
    stack.destroy().expect_ok()
    assert [each["deleted"] for each in emulator.jobs()] == [True]
