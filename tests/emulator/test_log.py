"""The request log: everything that came, and no secret."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from pulumi_dli.emulator.options import PASSWORD
from pulumi_dli.emulator.server import Options, running

SECRETS = {"entrypoint_args": "--pass hunter2word", "runtime_config": '[{"key":"hunter2word"}]'}


def test_a_request_is_written_with_its_answer(api: Any, emulator: Any) -> None:
    job_id = api.create()
    api.update(job_id, cu_number=4)
    entry = emulator.requests("UpdateFlinkJarJob")[0]
    wanted = {
        "operation": "UpdateFlinkJarJob", "method": "PUT", "query": {}, "body": {"cu_number": 4},
        "path": f"/v1.0/{emulator.project_id}/streaming/flink-jobs/{job_id}",
        "body_keys": ["cu_number"], "job_ids": [job_id], "status": 200, "fault": None, "cut": False,
    }  # fmt: skip
    assert {key: entry[key] for key in wanted} == wanted
    assert entry["answer"]["is_success"] is True


def test_the_numbers_of_the_requests_rise(api: Any, emulator: Any) -> None:
    for _ in range(3):
        api.send("GET", "/streaming/jobs")
    first, *others = [entry["seq"] for entry in emulator.requests()]
    assert others == [first + 1, first + 2]


def test_requests_are_found_by_their_job(api: Any, emulator: Any) -> None:
    job_id = api.create(name="looked-for", entrypoint="a.jar")
    api.create()
    api.run(job_id)
    api.detail(job_id)
    wanted = ["CreateFlinkJarJob", "RunFlinkJobs", "ShowFlinkJob"]
    assert [e["operation"] for e in emulator.requests(job="looked-for")] == wanted
    assert [e["operation"] for e in emulator.requests(job=job_id, writes_only=True)] == wanted[:2]


def test_a_job_named_like_another_ones_id_is_not_mistaken_for_it(api: Any, emulator: Any) -> None:
    job_id = api.create()
    namesake = api.create(name=str(job_id))
    api.detail(namesake)
    assert emulator.requests("ShowFlinkJob", job=job_id) == []


def test_requests_to_nowhere_are_written_too(api: Any, emulator: Any) -> None:
    api.send("GET", "/nowhere")
    (entry,) = emulator.requests()
    assert (entry["operation"], entry["status"]) == (None, 404)


def test_secret_properties_are_masked_in_bodies_and_answers(api: Any, emulator: Any) -> None:
    job_id = api.create(**SECRETS)
    api.update(job_id, entrypoint_args="--new hunter2word")
    api.detail(job_id)
    api.send("GET", "/streaming/jobs?show_detail=true")
    assert "hunter2word" not in json.dumps(emulator.requests())
    assert emulator.requests("UpdateFlinkJarJob")[0]["body"] == {"entrypoint_args": "***"}


def test_a_secret_of_a_wrong_type_is_masked_too(api: Any, emulator: Any) -> None:
    """It is refused, but it was sent."""
    api.update(api.create(), entrypoint_args=["hunter2word"], runtime_config={"key": "hunter2word"})
    assert "hunter2word" not in json.dumps(emulator.requests())


def test_a_request_is_logged_with_the_id_that_its_answer_bears(api: Any, emulator: Any) -> None:
    answer = api.send("GET", "/streaming/jobs")
    (entry,) = emulator.requests()
    assert entry["request_id"] == answer.headers["X-Request-Id"]


def test_a_secret_that_is_reset_shows_as_empty(api: Any, emulator: Any) -> None:
    api.update(api.create(**SECRETS), entrypoint_args="")
    assert emulator.requests("UpdateFlinkJarJob")[0]["body"] == {"entrypoint_args": ""}


def test_tokens_and_passwords_are_never_kept(api_of: Any) -> None:
    with running(Options(log_secrets=True, token="gAAAAA-t0ken")) as emulator:  # noqa: S106 - made up
        api = api_of(emulator)
        user = {"name": "emulator", "password": PASSWORD, "domain": {"name": "emulator"}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
        issued = api.send("POST", f"{emulator.auth_url}/auth/tokens", body)
        secrets = {"Authorization": "hunter2-s1gned", "X-Security-Token": "gAAAAA-temp0rary",
                   "X-Auth-Token": issued.headers["X-Subject-Token"]}  # fmt: skip
        api.send("GET", "/streaming/jobs", headers=secrets)
        kept = json.dumps(emulator.requests())
        for secret in ("gAAAAA-t0ken", issued.headers["X-Subject-Token"], "hunter2-s1gned", "gAAAAA-temp0rary"):
            assert secret not in kept
        (entry,) = emulator.requests("CreateToken")
        assert entry["body"]["auth"]["identity"]["password"]["user"]["password"] == "***"  # noqa: S105


def test_secret_properties_are_kept_when_asked(api_of: Any) -> None:
    with running(Options(log_secrets=True)) as emulator:
        api_of(emulator).create(**SECRETS)
        assert emulator.requests("CreateFlinkJarJob")[0]["body"]["runtime_config"] == (SECRETS["runtime_config"])


def test_a_request_that_breaks_off_is_written_as_cut(api: Any, emulator: Any) -> None:
    address = ("127.0.0.1", int(emulator.url.rpartition(":")[2]))
    head = f"PUT {api.base.removeprefix(emulator.url)}/streaming/flink-jobs/1 HTTP/1.1\r\nHost: localhost\r\n"
    with socket.create_connection(address) as connection:
        connection.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    deadline = time.monotonic() + 5
    while [entry["cut"] for entry in emulator.requests()] != [True]:
        assert time.monotonic() < deadline


def test_a_body_that_is_no_json_is_not_kept(api: Any, emulator: Any) -> None:
    headers = {"Content-Type": "application/json"}
    api.send("PUT", "/streaming/flink-jobs/1", data='{"entrypoint_args": "hunter2', headers=headers)
    assert "hunter2" not in json.dumps(emulator.requests())


def test_a_line_per_request_goes_to_stderr_unless_quiet(api_of: Any, capfd: pytest.CaptureFixture[str]) -> None:
    with running(Options(quiet=False)) as emulator:
        api = api_of(emulator)
        job_id = api.create(entrypoint_args="hunter2word")
        api.update(job_id, cu_number=1)
    lines = capfd.readouterr().err.splitlines()
    assert "hunter2word" not in lines[0]
    start, end = lines[1].split(" -> ")
    assert start[9:] == f'UpdateFlinkJarJob PUT .../flink-jobs/{job_id} {{"cu_number": 1}}'
    assert end.startswith("400 ")
    assert end.endswith("DLI.0001 cu_number: must satisfy minimum 2")
