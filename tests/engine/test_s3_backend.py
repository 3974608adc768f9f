"""State in an S3-compatible store, on a server of this machine: two runs on one stack at once lose nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from pulumi_dli.emulator.server import Emulator
from support.fleet import Fleet
from support.stack import TIMEOUT, Stack, job

BUCKET = "state"
REGION = "eu-central-1"
ACCESS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": REGION}


@pytest.fixture
def s3() -> Iterator[str]:
    """Return the address of an S3 server with an empty bucket."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    address = f"http://127.0.0.1:{port}"
    try:
        client = boto3.client(
            "s3",
            endpoint_url=address,
            region_name=REGION,
            aws_access_key_id=ACCESS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=ACCESS["AWS_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield address
    finally:
        # Its buckets outlive the server, for they belong to the process.
        requests.post(f"{address}/moto-api/reset", timeout=10).raise_for_status()
        server.stop()


def at(server: str) -> dict[str, str]:
    """Return what Pulumi takes from the environment for the bucket."""
    backend = f"s3://{BUCKET}?endpoint={server}&s3ForcePathStyle=true&region={REGION}"
    return {**ACCESS, "PULUMI_BACKEND_URL": backend}


def test_a_second_run_on_a_stack_in_s3_is_refused_and_the_first_loses_nothing(
    stack: Stack, emulator: Emulator, s3: str
) -> None:
    """While one run is held at its start of the job; after it the state is whole and the job exists once."""
    stack.environment = at(s3)
    stack.run("stack", "init", "test").expect_ok()
    stack.jobs(clicks=job("clicks"))
    held = emulator.add_fault(operation="RunFlinkJobs", hold=True)
    first = stack.begin("up", "--yes", "--skip-preview")
    try:
        emulator.wait_until_held(seconds=60)
        assert "the stack is currently locked by 1 lock(s)" in stack.up().expect_failure().text
    finally:
        emulator.release(held)
    assert first.wait(TIMEOUT) == 0, stack.log.read_text(encoding="utf-8")

    stack.up().expect_unchanged()
    assert [each["name"] for each in emulator.jobs()] == ["clicks"]


@pytest.mark.full
def test_a_fleet_keeps_the_state_of_all_its_stacks_in_s3(fleet: Fleet, s3: str) -> None:
    """A run creates every job, and the next one, which knows of the first from the bucket alone, changes nothing."""
    fleet.environment = at(s3)
    assert fleet.run("up").ok
    shutil.rmtree(fleet.folder / ".fleet")
    fleet.emulator.clear_requests()
    again = fleet.run("up")
    assert set(fleet.results(again).values()) == {"done: nothing to change"}, again.text
    assert fleet.emulator.requests() == []
