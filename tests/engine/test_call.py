"""The call behind a method: on a real host without an engine where that is enough, otherwise on the real engine."""

from __future__ import annotations

import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from pulumi_dli.emulator.server import Emulator
from support.host_process import PROVIDER, URN, HostProcess, host_process, refusal, struct
from support.interruption import hosts, swept
from support.stack import Stack, job

RENAMED = URN.replace("pulumi:test::", "pulumi:renamed::")
TIMED = """
import pulumi, pulumi_dli as dli
limits = pulumi.CustomTimeouts(create="{create}", update="{update}", delete="{delete}")
dli.FlinkJarJob("orders", {inputs!r}, pulumi.ResourceOptions(custom_timeouts=limits))
"""
BESIDE = """
import json
from pathlib import Path
import pulumi
import pulumi_dli as dli
from beside import Other

for name, inputs in json.loads(Path("jobs.json").read_text()).items():
    dli.FlinkJarJob(name, inputs)
Other("other")
"""
OTHER = """
import time
from pulumi.dynamic import Resource, ResourceProvider

class OtherProvider(ResourceProvider):
    def create(self, props):
        time.sleep(4)  # ours has failed by then
        raise ValueError("the other provider's own words")

class Other(Resource):
    def __init__(self, name):
        super().__init__(OtherProvider(), name, {})
"""


def failed_update(host: HostProcess, **more: Any) -> Any:
    """Ask the host for an update of a job that does not exist, and return what it refuses with."""
    olds = {"name": "orders", "queue_name": "q", "job_id": "7", "status": "job_running", "managed": ["name"]}
    news = struct(name="orders", queue_name="other", __urn=URN)
    with pytest.raises(grpc.RpcError) as caught:
        host.stub.Update(provider_pb2.UpdateRequest(id="7", olds=struct(**olds), news=news, **more), timeout=30)
    return caught.value


def test_an_error_is_one_line_in_the_status(emulator: Emulator) -> None:
    """Without detail, so that the engine prints it as it is; the trace that the host adds is not read."""
    with host_process(emulator) as host:
        found = refusal(failed_update(host, urn=URN))
    assert found.line.startswith("orders: ")
    assert "Traceback" not in found.line
    assert "\n" not in found.line
    assert found.id == ""


def test_todays_urn_of_the_call_wins(emulator: Emulator) -> None:
    """The mark that a create writes is that of the call's URN, whatever URN the properties hold."""
    with host_process(emulator) as host:
        props = struct(**job("orders"), __urn=URN)
        made = host.stub.Create(provider_pb2.CreateRequest(urn=RENAMED, properties=props), timeout=60)
    assert made.properties["__urn"] == RENAMED
    assert made.properties["__provider"] == PROVIDER


def test_a_host_whose_engine_has_gone_ends_once_its_calls_are_finished(emulator: Emulator) -> None:
    """Not before: here a call runs on, since the one that waits for it still does."""
    emulator.set_durations({"job_submitting": 14.0})
    with host_process(emulator) as host:
        props = struct(**job("orders", start_timeout=60), __urn=URN)
        made: list[Any] = []
        call = threading.Thread(
            target=lambda: made.append(host.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=props)))
        )
        call.start()
        while not emulator.jobs():
            time.sleep(0.05)
        host.end_engine()
        call.join(60)
        assert made[0].id == str(emulator.job("orders")["job_id"])
        assert host.process.wait(30) == 0


def test_a_host_lives_while_its_engine_does(emulator: Emulator) -> None:
    """An engine that answers is no reason to end."""
    with host_process(emulator) as host:
        failed_update(host, urn=URN)
        with pytest.raises(subprocess.TimeoutExpired):
            host.process.wait(10)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc")
def test_no_host_outlives_a_killed_engine(stack: Stack, emulator: Emulator) -> None:
    """kill -9 of the CLI in a create: its host stops there, and is gone soon after."""
    emulator.set_durations({"job_submitting": 60.0})
    stack.jobs(orders=job("orders"))
    with swept(stack.folder):
        command = stack.begin("up", "--yes", "--skip-preview")
        while not any(each["status"] == "job_submitting" for each in emulator.jobs()):
            time.sleep(0.1)
        assert hosts(stack.folder)
        command.kill()
        command.wait()
        until = time.monotonic() + 30
        while hosts(stack.folder):
            assert time.monotonic() < until
            time.sleep(0.2)


def test_the_users_own_providers_print_their_errors_as_before(
    stack: Stack, emulator: Emulator, sdk: dict[str, str]
) -> None:
    """Word for word as without us, in the very host in which ours has failed with one line before."""
    stack.environment = sdk
    stack.give("beside.py", OTHER)
    stack.program('from beside import Other; Other("other")')
    (alone,) = stack.up().expect_failure().errors("other")
    assert "the other provider's own words" in alone
    emulator.add_fault(operation="CreateFlinkJarJob", answer={"status": 403}, times=9)
    stack.jobs(orders=job("orders"))
    stack.program(BESIDE)
    ran = stack.up("--continue-on-error").expect_failure()
    assert ran.errors("other") == [alone]
    (ours,) = ran.errors("orders")
    assert ours.startswith("error: orders: "), ours
    assert "\n" not in ours


@pytest.mark.parametrize("explicit", [None, 1], ids=["over the default", "below an explicit one"])
def test_custom_timeouts_bound_a_start(
    stack: Stack, emulator: Emulator, sdk: dict[str, str], explicit: int | None
) -> None:
    """`custom_timeouts.create` counts where the program sets no start_timeout."""
    stack.environment = sdk
    emulator.set_durations({"job_submitting": 120.0})
    inputs = job("orders", start_timeout=explicit)
    stack.program(TIMED.format(create="2s" if explicit is None else "90s", update="1m", delete="1m", inputs=inputs))
    begun = time.monotonic()
    line = stack.up().expect_one_line()
    assert "starting took longer than" in line
    assert ("custom_timeouts allow the operation 2 s" in line) is (explicit is None)
    assert time.monotonic() - begun < 60


def test_custom_timeouts_never_cut_between_stop_and_start(stack: Stack, emulator: Emulator) -> None:
    """A savepoint that takes longer is waited for, and the job is started again; only then the time is over."""
    stack.program(TIMED.format(create="1m", update="1s", delete="1m", inputs=job("orders")))
    stack.up().expect_ok()
    emulator.set_durations({"job_savepointing": 3.0, "job_submitting": 3.0})
    emulator.clear_requests()
    stack.program(TIMED.format(create="1m", update="1s", delete="1m", inputs=job("orders", cu_number=4)))
    assert "starting took longer" in stack.up().expect_one_line()
    writes = [each["operation"] for each in emulator.requests(writes_only=True)]
    assert writes == ["StopFlinkJobs", "UpdateFlinkJarJob", "RunFlinkJobs"]
    stack.program(TIMED.format(create="1m", update="1m", delete="1m", inputs=job("orders", cu_number=4)))
    stack.up().expect_ok()
    assert emulator.job("orders")["status"] == "job_running"


def test_custom_timeouts_are_looked_at_before_a_stop(stack: Stack, emulator: Emulator) -> None:
    """What took too long before it leaves the job untouched."""
    stack.program(TIMED.format(create="1m", update="1s", delete="1m", inputs=job("orders")))
    stack.up().expect_ok()
    emulator.add_fault(operation="ShowFlinkJob", delay=2.0)
    emulator.clear_requests()
    stack.program(TIMED.format(create="1m", update="1s", delete="1m", inputs=job("orders", cu_number=4)))
    assert "before the step 'stop with savepoint'" in stack.up().expect_one_line()
    assert emulator.requests(writes_only=True) == []
