"""Many jobs in one stack do not wait for each other."""

from __future__ import annotations

from engine.stack import TIMEOUT, Stack, job
from pulumi_dli.emulator.server import Emulator

MANY = 10


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
