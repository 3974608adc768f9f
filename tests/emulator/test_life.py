"""The statuses of a job: what leads to which, and when."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pulumi_dli.emulator import contract
from pulumi_dli.emulator.jobs.job import Job
from pulumi_dli.emulator.jobs.statuses import TABLE, WALKS, Durations, Event
from pulumi_dli.emulator.server import Options, running


def test_update_time_rises_even_within_a_millisecond() -> None:
    job = Job(138, "p", "u", create_time=5, update_time=5, properties={})
    job.touch(5)
    job.touch(5)
    assert job.update_time == 7


def statuses(job: dict[str, Any]) -> list[str]:
    return [event["status"] for event in job["history"] if event["event"] == "status"]


def test_the_table_has_the_statuses_of_the_document() -> None:
    assert set(TABLE) == set(contract.statuses())
    assert len(TABLE) == 14


def test_every_walk_goes_through_passing_statuses_to_a_lasting_one() -> None:
    for walk in WALKS.values():
        assert [TABLE[name].lasts is None for name in walk] == [False] * (len(walk) - 1) + [True]


def test_the_time_factor_makes_life_faster() -> None:
    assert Durations(1).walk(Event.RUN, 0) == [(0, "job_submitting"), (20_000, "job_running")]
    assert Durations(10).walk(Event.RUN, 0) == [(0, "job_submitting"), (2_000, "job_running")]


def test_a_run_submits_and_then_runs(api: Any, emulator: Any) -> None:
    assert statuses(emulator.job(api.running())) == ["job_submitting", "job_running"]


def test_life_takes_its_time_without_a_time_factor(api_of: Any) -> None:
    with running(Options()) as emulator:
        api = api_of(emulator)
        job_id = api.create(entrypoint="a.jar")
        api.run(job_id)
        time.sleep(0.1)
        assert api.detail(job_id)["status"] == "job_submitting"


def test_a_stop_cancels(api: Any, emulator: Any) -> None:
    job_id = api.running()
    api.stop(job_id)
    api.wait(job_id, "job_cancel_success")
    assert statuses(emulator.job(job_id))[2:] == ["job_canceling", "job_cancel_success"]
    assert api.detail(job_id)["has_savepoint"] is False


def test_a_stop_with_savepoint_makes_one_first(api: Any, emulator: Any) -> None:
    job_id = api.running()
    api.stop(job_id, trigger_savepoint=True)
    api.wait(job_id, "job_cancel_success")
    assert statuses(emulator.job(job_id))[2:4] == ["job_savepointing", "job_canceling"]
    assert api.detail(job_id)["has_savepoint"] is True


def stopped_with_savepoint(api: Any) -> int:
    job_id: int = api.running()
    api.stop(job_id, trigger_savepoint=True)
    api.wait(job_id, "job_cancel_success")
    return job_id


def test_the_savepoint_of_a_stop_is_gone_once_the_job_runs_from_it(api: Any, emulator: Any) -> None:
    job_id = stopped_with_savepoint(api)
    path = emulator.job(job_id)["savepoint"]["path"]
    api.run(job_id, resume_savepoint=True)
    api.wait(job_id, "job_running")
    job = emulator.job(job_id)
    assert job["runs"][-1]["restored_from"] == path
    assert job["savepoint"] is None


def test_the_savepoint_outlives_a_failed_restart(api: Any, emulator: Any) -> None:
    job_id = stopped_with_savepoint(api)
    emulator.set_behaviour(job_id, fail_next_submit=1)
    api.run(job_id, resume_savepoint=True)
    api.wait(job_id, "job_submit_fail")
    assert emulator.job(job_id)["savepoint"]["made_by"] == "stop"


def test_a_plain_restart_starts_empty_and_keeps_the_savepoint(api: Any, emulator: Any) -> None:
    job_id = stopped_with_savepoint(api)
    api.run(job_id)
    api.wait(job_id, "job_running")
    job = emulator.job(job_id)
    assert job["runs"][-1]["restored_from"] is None
    assert job["savepoint"] is not None


def test_a_triggered_savepoint_leaves_the_job_running(api: Any, emulator: Any) -> None:
    job_id = api.running()
    answer = api.send("POST", f"/streaming/jobs/{job_id}/savepoint", {"action": "TRIGGER"})
    assert answer.json()["is_success"] is True
    api.wait(job_id, "job_running")
    assert emulator.job(job_id)["savepoint"]["made_by"] == "manual"


@pytest.mark.covers("TriggerSavepoint", "DLI.0007")
def test_a_triggered_savepoint_needs_a_running_job(api: Any, is_error: Any) -> None:
    path = f"/streaming/jobs/{api.create()}/savepoint"
    assert is_error(api.send("POST", path, {"action": "TRIGGER"}), 400, "DLI.0007")


def test_an_imported_savepoint_is_the_one_to_restore(api: Any) -> None:
    job_id = api.create()
    body = {"savepoint_path": "obs://b/savepoint"}
    api.send("POST", f"/streaming/jobs/{job_id}/import-savepoint", body)
    assert api.detail(job_id)["savepoint_path"] == "obs://b/savepoint"


def test_a_job_without_an_entrypoint_cannot_be_submitted(api: Any) -> None:
    job_id = api.create()
    api.run(job_id)
    api.wait(job_id, "job_submit_fail")
    assert api.detail(job_id)["status_desc"]


def test_asked_for_failures_of_a_submit_are_used_up(api: Any, emulator: Any) -> None:
    job_id = api.create(entrypoint="a.jar")
    emulator.set_behaviour(job_id, fail_next_submit=1)
    api.run(job_id)
    api.wait(job_id, "job_submit_fail")
    api.run(job_id)
    api.wait(job_id, "job_running")


def test_a_savepoint_that_fails_leaves_the_job_running(api: Any, emulator: Any) -> None:
    job_id = api.running()
    emulator.set_behaviour(job_id, fail_savepoint=1)
    api.stop(job_id, trigger_savepoint=True)
    api.wait(job_id, "job_running")
    assert statuses(emulator.job(job_id))[2:] == ["job_savepointing", "job_running"]
    assert api.detail(job_id)["status_desc"]


def test_a_stop_that_fails_can_be_repeated(api: Any, emulator: Any) -> None:
    job_id = api.running()
    emulator.set_behaviour(job_id, fail_stop=1)
    api.stop(job_id)
    api.wait(job_id, "job_cancel_fail")
    assert api.stop(job_id)[0]["is_success"] is True
    api.wait(job_id, "job_cancel_success")


def test_a_crash_comes_after_the_asked_seconds_and_as_often_as_asked(api: Any, emulator: Any) -> None:
    job_id = api.create(entrypoint="a.jar")
    emulator.set_behaviour(job_id, crash_after=0.05, crash_times=1)
    api.run(job_id)
    api.wait(job_id, "job_running_exception")
    api.run(job_id)
    api.wait(job_id, "job_running")
    time.sleep(0.1)
    assert api.detail(job_id)["status"] == "job_running"


def test_a_job_can_end_by_itself(api: Any, emulator: Any) -> None:
    job_id = api.create(entrypoint="a.jar")
    emulator.set_behaviour(job_id, finish_after=0.02)
    api.run(job_id)
    api.wait(job_id, "job_finish")


def test_durations_can_be_overridden_in_seconds(api: Any, emulator: Any) -> None:
    emulator.set_durations({"job_submitting": 30})
    job_id = api.create(entrypoint="a.jar")
    api.run(job_id)
    assert api.detail(job_id)["status"] == "job_submitting"
    emulator.set_durations({"job_submitting": 0.0})
    api.stop(job_id)
    api.wait(job_id, "job_cancel_success")
    api.run(job_id)
    assert api.detail(job_id)["status"] == "job_running"


RUNS = {"job_init", "job_submit_fail", "job_running_exception", "job_cancel_success", "job_finish"}
STOPS = {"job_running", "job_submitting", "job_cancel_fail"}


@pytest.mark.parametrize("status", sorted(TABLE))
def test_run_is_for_jobs_that_do_not_run(api: Any, emulator: Any, status: str) -> None:
    job_id = api.create(entrypoint="a.jar")
    emulator.patch_job(job_id, status=status)
    (item,) = api.run(job_id)
    assert item["is_success"] is (status in RUNS)
    assert (api.detail(job_id)["status"] == status) is (status not in RUNS)


@pytest.mark.parametrize("status", sorted(TABLE))
def test_stop_is_for_jobs_that_run_or_are_being_submitted(api: Any, emulator: Any, status: str) -> None:
    job_id = api.create()
    emulator.patch_job(job_id, status=status)
    (item,) = api.stop(job_id)
    assert item["is_success"] is (status in STOPS)


def test_a_batch_answers_for_each_job_in_order(api: Any) -> None:
    good = api.create(entrypoint="a.jar")
    items = api.run(999_999, good)
    assert [item["is_success"] for item in items] == [False, True]
    assert "999999" in items[0]["message"]
