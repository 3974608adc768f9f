"""What the documents forbid is refused, and recorded so that a test of a client can see it."""

from __future__ import annotations

from typing import Any

import pytest

LIVE = {
    "smn_topic": "topic",
    "restart_when_exception": True,
    "resume_checkpoint": True,
    "resume_max_num": 5,
    "obs_bucket": "bucket",
    "checkpoint_path": "obs://b/c",
}


def kinds(emulator: Any) -> list[str]:
    return [entry["kind"] for entry in emulator.violations()]


@pytest.mark.parametrize("name", sorted(LIVE))
def test_a_live_property_may_change_while_the_job_runs(api: Any, emulator: Any, name: str) -> None:
    job_id = api.running()
    assert api.update(job_id, **{name: LIVE[name]}).status_code == 200
    assert api.config(job_id)[name] == LIVE[name]
    assert kinds(emulator) == []


@pytest.mark.parametrize("status", ["job_running", "job_submitting", "job_savepointing", "job_canceling", "job_idle"])
@pytest.mark.covers("UpdateFlinkJarJob", "DLI.0007")
def test_any_other_property_needs_a_stopped_job(api: Any, emulator: Any, is_error: Any, status: str) -> None:
    job_id = api.create()
    emulator.patch_job(job_id, status=status)
    answer = api.update(job_id, cu_number=8, smn_topic="t")
    assert is_error(answer, 400, "DLI.0007")
    assert "cu_number" in answer.json()["error_msg"]
    assert api.config(job_id)["smn_topic"] == ""
    (entry,) = emulator.violations("restart_property_on_an_active_job")
    assert (entry["job_id"], entry["properties"]) == (job_id, ["cu_number"])


@pytest.mark.parametrize(
    "status", ["job_init", "job_submit_fail", "job_running_exception", "job_cancel_success",
               "job_finish", "job_arrearage_stopped"],
)  # fmt: skip
def test_a_stopped_job_takes_any_property(api: Any, emulator: Any, status: str) -> None:
    job_id = api.create()
    emulator.patch_job(job_id, status=status)
    assert api.update(job_id, cu_number=8).status_code == 200


def test_an_unchanged_obs_bucket_is_refused_on_a_running_job(api: Any, emulator: Any, is_error: Any) -> None:
    job_id = api.running(obs_bucket="bucket")
    assert is_error(api.update(job_id, obs_bucket="bucket", smn_topic="t"), 400, "DLI.0007")
    assert "unchanged_obs_bucket_on_an_active_job" in kinds(emulator)


def test_an_unchanged_value_is_recorded_only(api: Any, emulator: Any) -> None:
    job_id = api.create(cu_number=4)
    assert api.update(job_id, cu_number=4, desc="new").status_code == 200
    (entry,) = emulator.violations()
    assert (entry["kind"], entry["properties"]) == ("unchanged_value", ["cu_number"])


def test_a_default_sent_for_an_unset_property_is_unchanged_too(api: Any, emulator: Any) -> None:
    api.update(api.create(), cu_number=2)
    assert kinds(emulator) == ["unchanged_value"]


def test_a_second_run_is_refused_and_recorded(api: Any, emulator: Any) -> None:
    (item,) = api.run(api.running())
    assert item["is_success"] is False
    assert kinds(emulator) == ["run_of_an_active_job"]


def test_the_first_run_has_no_savepoint_to_resume(api: Any, emulator: Any) -> None:
    (item,) = api.run(api.create(entrypoint="a.jar"), resume_savepoint=True)
    assert item["is_success"] is False
    assert kinds(emulator) == ["resume_savepoint_on_first_run"]


def test_a_resume_without_a_savepoint_is_refused_rather_than_started_empty(api: Any, emulator: Any) -> None:
    job_id = api.running()
    api.stop(job_id)
    api.wait(job_id, "job_cancel_success")
    (item,) = api.run(job_id, resume_savepoint=True)
    assert item["is_success"] is False
    assert kinds(emulator) == ["resume_without_savepoint"]


def test_a_stop_of_a_stopped_job_is_refused_and_recorded(api: Any, emulator: Any) -> None:
    (item,) = api.stop(api.create())
    assert item["is_success"] is False
    assert kinds(emulator) == ["stop_of_an_inactive_job"]


def test_a_violation_names_the_request_that_broke_the_rule(api: Any, emulator: Any) -> None:
    api.stop(api.create())
    (entry,), (request,) = emulator.violations(), emulator.requests("StopFlinkJobs")
    assert entry["seq"] == request["seq"]
