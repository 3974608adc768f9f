"""What the team relies on, tested on a real `pulumi up`."""

import pytest
from pulumi import automation

from pulumi_dli.testing import Emulator


def resize(stack: automation.Stack, cus: int) -> None:
    """Change the program's one setting."""
    stack.set_config("cuNumber", automation.ConfigValue(str(cus)))


def test_a_larger_job_goes_on_from_its_savepoint(dli: Emulator, stack: automation.Stack) -> None:
    """One PUT of the one property, and no state lost."""
    stack.up()
    resize(stack, 4)
    stack.up()
    (put,) = dli.requests("UpdateFlinkJarJob")
    assert put["body"] == {"cu_number": 4}
    job = dli.job("clickstream")
    assert (job["status"], len(job["runs"])) == ("job_running", 2)
    assert job["runs"][-1]["restored_from"].startswith("obs://savepoints/")


def test_a_failing_savepoint_leaves_the_job_running_as_it_was(dli: Emulator, stack: automation.Stack) -> None:
    """A full bucket, say: the update fails before anything is changed."""
    stack.up()
    dli.set_behaviour("clickstream", fail_savepoint=100)
    resize(stack, 4)
    with pytest.raises(automation.CommandError, match="savepoint"):
        stack.up()
    job = dli.job("clickstream")
    assert (job["status"], job["properties"]["cu_number"]) == ("job_running", 2)


def test_a_service_that_often_fails_is_no_trouble(dli: Emulator, stack: automation.Stack) -> None:
    """Every third answer to a question about a job is an error; the same ones in each run of the test."""
    dli.add_fault(operation="ShowFlinkJob", times=None, probability=0.33, seed=1, answer={"error": "DLI.0012"})
    stack.up()
    assert dli.job("clickstream")["status"] == "job_running"
