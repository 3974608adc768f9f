"""The controls over HTTP: the same as in the process, and for those with their token only."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from pulumi_dli.emulator.web.control_routes import CONTROL_ROUTES


@pytest.mark.parametrize("route", CONTROL_ROUTES, ids=lambda r: f"{r.method} {r.path}")
@pytest.mark.parametrize("headers", [{}, {"X-Emulator-Token": "guess"}], ids=["none", "wrong"])
def test_every_control_needs_its_token(emulator: Any, route: Any, headers: Any) -> None:
    url = f"{emulator.url}/_emulator{route.path.format(name='f1')}"
    answer = requests.request(route.method, url, headers=headers, timeout=5)
    assert answer.status_code == 401


def test_faults_can_be_added_seen_and_removed(control: Any, api: Any) -> None:
    made = control("POST", "/faults", {"operation": "ListFlinkJobs", "answer": {"status": 503}})
    assert made.status_code == 201
    assert api.send("GET", "/streaming/jobs").status_code == 503
    (fault,) = control("GET", "/faults").json()["faults"]
    assert (fault["id"], fault["applied"]) == (made.json()["id"], 1)
    assert control("DELETE", f"/faults/{fault['id']}").status_code == 204
    assert control("GET", "/faults").json() == {"faults": []}


def test_all_faults_can_be_removed(control: Any) -> None:
    control("POST", "/faults", {"cut": True})
    control("DELETE", "/faults")
    assert control("GET", "/faults").json() == {"faults": []}


def test_a_fault_can_be_released(control: Any) -> None:
    made = control("POST", "/faults", {"hold": True}).json()
    assert control("POST", f"/faults/{made['id']}/release").status_code == 204
    assert control("GET", "/faults").json()["faults"][0]["released"] is True


def test_requests_can_be_read_and_cleared(control: Any, api: Any) -> None:
    job_id = api.create()
    api.update(job_id, desc="x")
    api.update(api.create(), desc="y")
    query = {"operation": "UpdateFlinkJarJob", "job": job_id}
    (entry,) = control("GET", "/requests", params=query).json()["requests"]
    assert (entry["body"], entry["body_keys"], entry["status"]) == ({"desc": "x"}, ["desc"], 200)
    later = control("GET", "/requests", params={"since": entry["seq"]}).json()["requests"]
    assert [e["operation"] for e in later] == ["CreateFlinkJarJob", "UpdateFlinkJarJob"]
    control("DELETE", "/requests")
    assert control("GET", "/requests").json() == {"requests": []}


def test_violations_can_be_read(control: Any, api: Any) -> None:
    api.stop(api.create())
    (entry,) = control("GET", "/violations").json()["violations"]
    assert entry["kind"] == "stop_of_an_inactive_job"


def test_jobs_can_be_read_raw(control: Any, api: Any) -> None:
    job_id = api.create(name="raw", cu_number=5)
    (job,) = [j for j in control("GET", "/jobs").json()["jobs"] if j["job_id"] == job_id]
    assert job["properties"] == {"name": "raw", "cu_number": 5}
    assert control("GET", "/jobs/raw").json() == job


def test_somebody_else_can_change_a_running_job(control: Any, api: Any, emulator: Any) -> None:
    job_id = api.running(cu_number=4, desc="mine")
    before = api.detail(job_id)["update_time"]
    control("PATCH", f"/jobs/{job_id}", {"properties": {"cu_number": 9, "desc": None}})
    shown = api.detail(job_id)
    assert (shown["job_config"]["cu_number"], shown["desc"]) == (9, "")
    assert shown["update_time"] > before
    assert emulator.violations() == []


def test_the_world_can_change_a_status_for_good(control: Any, api: Any) -> None:
    job_id = api.create()
    control("PATCH", f"/jobs/{job_id}", {"status": "job_savepointing"})
    assert api.detail(job_id)["status"] == "job_savepointing"


def test_a_savepoint_can_be_taken_away(control: Any, api: Any) -> None:
    job_id = api.running()
    api.stop(job_id, trigger_savepoint=True)
    api.wait(job_id, "job_cancel_success")
    control("PATCH", f"/jobs/{job_id}", {"savepoint": None})
    assert api.detail(job_id)["has_savepoint"] is False


def test_a_behaviour_can_be_set(control: Any, api: Any) -> None:
    job_id = api.create(entrypoint="a.jar")
    control("POST", f"/jobs/{job_id}/behaviour", {"fail_next_submit": 1})
    api.run(job_id)
    api.wait(job_id, "job_submit_fail")


@pytest.mark.parametrize("body", [{"odd": 1}, {"fail_stop": "1"}, {"fail_stop": None}])
def test_a_behaviour_that_there_is_not_is_refused(control: Any, api: Any, body: Any) -> None:
    assert control("POST", f"/jobs/{api.create()}/behaviour", body).status_code == 400


def test_durations_can_be_set(control: Any, api: Any) -> None:
    assert control("PUT", "/durations", {"job_submitting": 0.0}).status_code == 200
    job_id = api.create(entrypoint="a.jar")
    api.run(job_id)
    assert api.detail(job_id)["status"] == "job_running"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/faults", {"operation": "Nothing"}, 400),
        ("POST", "/faults", [], 400),
        ("PATCH", "/jobs/no-such-job", {}, 404),
        ("DELETE", "/faults/f999", None, 404),
        ("POST", "/faults/f999/release", None, 404),
        ("PUT", "/durations", {"job_sleeping": 1}, 400),
        ("PUT", "/durations", {"job_submitting": "soon"}, 400),
    ],
)
def test_a_control_that_makes_no_sense_is_answered_with_a_sentence(
    control: Any, method: str, path: str, body: Any, status: int
) -> None:
    answer = control(method, path, body)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


@pytest.mark.parametrize(
    "body",
    [
        {"status": "job_odd"},
        {"properties": {"odd": 1}},
        {"properties": {"checkpoint_mode": "often"}},
        {"colour": "blue"},
    ],
)
def test_a_job_cannot_be_made_impossible(control: Any, api: Any, body: Any) -> None:
    assert control("PATCH", f"/jobs/{api.create()}", body).status_code == 400


def test_the_controls_are_not_in_the_request_log(control: Any, emulator: Any) -> None:
    control("GET", "/jobs")
    assert emulator.requests() == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "[::1]:8480", "LOCALHOST:1"])
def test_loopback_names_are_accepted(emulator: Any, host: str) -> None:
    answer = requests.get(f"{emulator.url}/v3", headers={"Host": host}, timeout=5)
    assert answer.status_code == 200
