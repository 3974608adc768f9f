"""Many jobs in one stack do not wait for each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pulumi_dli.emulator.server import Emulator, Options, running
from support.stack import TIMEOUT, Stack, job

MANY = 10
RESTARTS = 50


def test_as_many_jobs_wait_at_once_as_the_engine_is_allowed(stack: Stack, emulator: Emulator) -> None:
    """A host of dynamic providers has four threads; a restart holds one for minutes, and more must not queue."""
    stack.jobs(**{f"job-{number}": job(f"job-{number}") for number in range(MANY)})
    fault = emulator.add_fault(operation="RunFlinkJobs", hold=True, times=MANY)

    begun = stack.begin("up", "--yes", "--skip-preview", "--parallel", str(MANY))
    try:
        emulator.wait_until_held(MANY, seconds=60)
    finally:
        emulator.release(fault)
    assert begun.wait(TIMEOUT) == 0, stack.log.read_text(encoding="utf-8")


def test_many_restarts_at_a_service_that_takes_few_requests_all_end_well(make_stack: Callable[..., Stack]) -> None:
    """It takes 20 requests a second and answers 429 to the rest; each job is stopped, updated and run exactly once."""
    with running(Options(time_factor=1000, requests_per_second=20)) as emulator:
        stack = make_stack(emulator)
        names = [f"job-{number}" for number in range(RESTARTS)]
        stack.jobs(**{name: job(name) for name in names})
        stack.up("--parallel", str(RESTARTS)).expect_ok()
        emulator.clear_requests()
        stack.jobs(**{name: job(name, cu_number=4) for name in names})
        stack.up("--parallel", str(RESTARTS)).expect_ok()
        sent = emulator.requests(writes_only=True)
        taken = Counter(each["operation"] for each in sent if each["status"] != 429)

    assert taken == {"StopFlinkJobs": RESTARTS, "UpdateFlinkJarJob": RESTARTS, "RunFlinkJobs": RESTARTS}
    assert any(each["status"] == 429 for each in sent)
