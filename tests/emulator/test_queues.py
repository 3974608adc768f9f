"""Dedicated queues: a job takes CUs while it is active, and one that does not fit waits or fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_dli.emulator.jobs.job import Job
from pulumi_dli.emulator.jobs.queues import cus_of
from pulumi_dli.emulator.server import Options, running

QUEUES = (("small", 8),)


@pytest.fixture
def queue() -> Iterator[Any]:
    """An emulator whose one queue has 8 CUs."""
    with running(Options(time_factor=1000, queues=QUEUES)) as emulator:
        yield emulator


def job(api: Any, cus: int, name: str = "", **more: Any) -> int:
    named = {"name": name} if name else {}
    made: int = api.create(queue_name="small", cu_number=cus, entrypoint="a.jar", **named, **more)
    return made


def started(api: Any, cus: int) -> int:
    job_id = job(api, cus)
    api.run(job_id)
    api.wait(job_id, "job_running")
    return job_id


def is_waiting(api: Any, job_id: int) -> bool:
    time.sleep(0.05)  # A submission that does not wait takes 20 ms here.
    shown = api.detail(job_id)
    return shown["status"] == "job_submitting" and "Waiting for free CUs" in shown["status_desc"]


def test_a_job_that_does_not_fit_waits_submitted(api_of: Any, queue: Any) -> None:
    api = api_of(queue)
    started(api, 6)
    late = job(api, 4)
    assert api.run(late)[0]["is_success"] is True
    assert is_waiting(api, late)


def test_a_waiting_job_starts_once_another_one_has_ended(api_of: Any, queue: Any) -> None:
    api = api_of(queue)
    first, late = started(api, 6), job(api, 4)
    api.run(late)
    api.stop(first)
    api.wait(late, "job_running")
    history = queue.job(first)["history"] + queue.job(late)["history"]
    at = {(event["status"], event["event"]): event["time"] for event in history}
    assert at["job_cancel_success", "status"] <= at["job_running", "status"]


def test_a_deleted_job_makes_room_too(api_of: Any, queue: Any) -> None:
    api = api_of(queue)
    first, late = started(api, 6), job(api, 4)
    api.run(late)
    api.send("DELETE", f"/streaming/jobs/{first}")
    api.wait(late, "job_running")


def test_those_who_wait_are_served_in_turn_where_they_fit(api_of: Any, queue: Any) -> None:
    """First come, first served; a small job may pass one that does not fit yet."""
    api = api_of(queue)
    first, second = started(api, 4), started(api, 4)
    large, small = job(api, 6), job(api, 3)
    api.run(large)
    api.run(small)
    api.stop(first)
    api.wait(small, "job_running")
    assert is_waiting(api, large)
    api.stop(second, small)
    api.wait(large, "job_running")


def test_a_waiting_job_can_be_stopped(api_of: Any, queue: Any) -> None:
    api = api_of(queue)
    first, late = started(api, 6), job(api, 4)
    api.run(late)
    api.stop(late)
    api.wait(late, "job_cancel_success")
    api.stop(first)
    api.wait(first, "job_cancel_success")
    assert api.detail(late)["status"] == "job_cancel_success"


def test_a_job_larger_than_its_queue_fails_to_submit_and_says_why(api_of: Any, queue: Any) -> None:
    api = api_of(queue)
    job_id = job(api, 9)
    api.run(job_id)
    api.wait(job_id, "job_submit_fail")
    assert api.detail(job_id)["status_desc"] == "The job needs 9 CUs; its queue has 8."


def test_a_full_queue_can_be_made_to_fail_submissions(api_of: Any) -> None:
    with running(Options(time_factor=1000, queues=QUEUES, queue_full="fail")) as emulator:
        api = api_of(emulator)
        started(api, 6)
        late = job(api, 4)
        api.run(late)
        api.wait(late, "job_submit_fail")
        assert api.detail(late)["status_desc"] == "The job needs 4 CUs; its queue has 2 free."


def test_a_wait_outlives_a_restart_of_the_emulator(api_of: Any, tmp_path: Any) -> None:
    options = Options(time_factor=1000, queues=QUEUES, data=tmp_path / "data.db")
    with running(options) as emulator:
        api = api_of(emulator)
        first, late = started(api, 6), job(api, 4)
        api.run(late)
    with running(options) as emulator:
        api = api_of(emulator)
        assert is_waiting(api, late)
        api.stop(first)
        api.wait(late, "job_running")


def test_a_queue_that_has_grown_takes_the_waiting_ones_in(api_of: Any, tmp_path: Any) -> None:
    """The command line says at each start how many CUs there are."""
    data = tmp_path / "data.db"
    with running(Options(time_factor=1000, queues=QUEUES, data=data)) as emulator:
        api = api_of(emulator)
        started(api, 6)
        late = job(api, 4)
        api.run(late)
    with running(Options(time_factor=1000, queues=(("small", 16),), data=data)) as emulator:
        api_of(emulator).wait(late, "job_running")


@pytest.mark.parametrize(
    ("properties", "cus"),
    [
        ({}, 2),
        ({"cu_number": 7, "manager_cu_number": 3}, 7),
        ({"cu_number": 7, "resource_config_version": "v2"}, 2),
        (
            {
                "resource_config_version": "v2",
                "resource_config": {
                    "max_slot": 2,
                    "parallel_number": 5,
                    "jobmanager_resource_spec": {"cpu": 0.5},
                    "taskmanager_resource_spec": {"cpu": 2},
                },
            },
            7,
        ),
    ],
)
def test_a_job_takes_its_cu_number_or_the_cores_of_its_resources(properties: dict[str, Any], cus: int) -> None:
    assert cus_of(Job(1, "p", "u", 0, 0, properties)) == cus
