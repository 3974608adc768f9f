"""The emulator as a program: how it starts, what it keeps, how it ends."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pulumi_dli.emulator import command
from pulumi_dli.emulator.options import PASSWORD
from pulumi_dli.emulator.server import AccessKey, Account, Options, Project, running
from support.places import PROVIDER

SECONDS = 20.0


class Program:
    """A started emulator."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        ready = folder / f"ready-{time.monotonic_ns()}.json"
        self.ready_file = ready
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pulumi_dli.emulator", "--port", "0", "--ready-file", str(ready),
             "--time-factor", "1000", *arguments],
            env={**os.environ, "PYTHONPATH": str(PROVIDER)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        deadline = time.monotonic() + SECONDS
        while not ready.exists():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        facts = json.loads(ready.read_text())
        self.pid, self.url, self.control_token = (
            facts["pid"], facts["url"], facts["control_token"],
        )  # fmt: skip
        self.token, self.project_id = "emulator-token", Options().projects[0].id

    def end(self, number: int) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out, err


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    started: list[Program] = []

    def begin(*arguments: str) -> Program:
        started.append(Program(tmp_path, *arguments))
        return started[-1]

    yield begin
    for program in started:
        if program.process.poll() is None:
            program.process.kill()
            program.process.communicate()


def test_it_says_where_it_is_and_ends_cleanly(start: Any, api_of: Any) -> None:
    program = start("--queue", "mine=64")
    assert api_of(program).create(queue_name="mine") == 138
    code, out, err = program.end(signal.SIGTERM)
    assert code == 0
    for fact in (program.url, program.control_token, "set dli:endpoint", "OS_TOKEN=emulator-token"):
        assert fact in out
    assert "CreateFlinkJarJob POST .../streaming/flink-jobs" in err
    assert not program.ready_file.exists()


def test_what_was_acknowledged_outlives_a_kill(start: Any, api_of: Any, tmp_path: Path) -> None:
    data = str(tmp_path / "data.db")
    first = start("--data", data)
    api = api_of(first)
    job_id = api.create(entrypoint="a.jar", cu_number=7, tags=[{"key": "k", "value": "v"}])
    api.update(job_id, desc="acknowledged")
    api.run(job_id)
    first.end(signal.SIGKILL)
    again = api_of(start("--data", data))
    shown = again.detail(job_id)
    assert (shown["desc"], shown["job_config"]["cu_number"]) == ("acknowledged", 7)
    again.wait(job_id, "job_running")
    assert again.create() == job_id + 1


def test_tokens_and_projects_outlive_a_restart(tmp_path: Path, api_of: Any) -> None:
    data, projects = tmp_path / "data.db", (Project("a" * 32, "a"),)
    user = {"name": "emulator", "password": PASSWORD, "domain": {"name": "emulator"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": {"id": "a" * 32}}}}
    with running(Options(data=data, projects=projects)) as emulator:
        issued = requests.post(f"{emulator.auth_url}/auth/tokens", json=body, timeout=5)
        token = issued.headers["X-Subject-Token"]
    assert token.encode() not in data.read_bytes()
    with running(Options(data=data)) as emulator:
        api = api_of(emulator, token)
        url = f"{emulator.url}/v1.0/{'a' * 32}/streaming/jobs"
        assert api.send("GET", url).status_code == 200


def test_a_job_moves_on_while_the_emulator_is_down(tmp_path: Path, api_of: Any) -> None:
    options = Options(data=tmp_path / "data.db")
    with running(options) as emulator:
        emulator.set_durations({"job_submitting": 0.3})
        api = api_of(emulator)
        job_id = api.create(entrypoint="a.jar")
        api.run(job_id)
    time.sleep(0.35)
    with running(options) as emulator:
        job = emulator.job(job_id)
        assert job["status"] == "job_running"
        times = [e["time"] for e in job["history"] if e["event"] == "status"]
        assert 250 <= times[1] - times[0] <= 350


def test_a_port_in_use_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert command.main(["--port", str(port)]) == 1
    out, err = capfd.readouterr()
    assert (out, err) == ("", f"cannot listen on 127.0.0.1:{port}: Address already in use\n")


def test_a_data_file_that_cannot_be_used_is_one_sentence(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.db"
    bad.write_text("this is no database " * 100)
    assert command.main(["--port", "0", "--data", str(bad)]) == 1
    err = capfd.readouterr().err
    assert err.startswith(f"cannot use {bad}: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("fault", [{"hold": True}, {"delay": 60}], ids=["held", "delayed"])
def test_it_stops_quickly_although_requests_are_waiting(start: Any, api_of: Any, fault: Any) -> None:
    program = start()
    headers = {"X-Emulator-Token": program.control_token}
    requests.post(f"{program.url}/_emulator/faults", json=fault, headers=headers, timeout=5)
    failures: list[Exception] = []

    def ask() -> None:
        try:
            api_of(program).send("GET", "/streaming/jobs")
        except requests.ConnectionError as error:
            failures.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    deadline = time.monotonic() + SECONDS
    url = f"{program.url}/_emulator/requests"
    while not requests.get(url, headers=headers, timeout=5).json()["requests"]:
        assert time.monotonic() < deadline
    begin = time.monotonic()
    code, _, err = program.end(signal.SIGINT)
    asking.join()
    assert (code, len(failures)) == (0, 1)
    assert "Traceback" not in err
    assert time.monotonic() - begin < 5


def test_the_command_lines_defaults_are_those_of_the_options() -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    options = command.options_from(parser.parse_args([]))
    assert options == dataclasses.replace(Options(), port=8480, quiet=False)


def test_the_command_line_has_every_option() -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    text = (
        "--host ::1 --port 1 --allow-host a --allow-host b --data d.db --cloud huawei --unset null"
        " --token gAAAAA-t --account ada:hunter2:dom --project p=name --project q"
        " --queue x=16 --queue y --queue-full fail"
        " --token-life 90 --access-key hunter2k:hunter2s --access-key hunter2l:hunter2t:gAAAAA-2"
        " --signature otc --clock-ahead -5"
        " --requests-per-second 20"
        " --time-factor 5 --first-job-id 7 --control-token c --log-secrets --quiet --ready-file r"
    )
    assert command.options_from(parser.parse_args(text.split())) == Options(
        host="::1", port=1, allow_hosts=("a", "b"), data=Path("d.db"), cloud="huawei", unset="null",
        token="gAAAAA-t", accounts=(Account("ada", "hunter2", "dom"),),  # noqa: S106 - made up
        projects=(Project("p", "name"), Project("q", "q")), queues=(("x", 16), ("y", None)), queue_full="fail",
        token_life=90.0, access_keys=(AccessKey("hunter2k", "hunter2s"), AccessKey("hunter2l", "hunter2t", "gAAAAA-2")),
        signature="otc",
        clock_ahead=-5.0, requests_per_second=20,
        time_factor=5.0, first_job_id=7, control_token="c", log_secrets=True, quiet=True,  # noqa: S106 - made up
        ready_file=Path("r"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["--queue a=b", "--account ada", "--time-factor 0", "--access-key k", "--token-life 0"]
)
def test_a_malformed_option_is_refused(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(text.split())


def test_on_every_address_it_says_where_this_machine_reaches_it() -> None:
    """0.0.0.0 is no address to send anything to."""
    with running(Options(host="0.0.0.0")) as emulator:  # noqa: S104 (as in a container)
        assert emulator.url.startswith("http://localhost:")
        assert requests.get(f"{emulator.url}/health", timeout=5).status_code == 200


def test_other_hosts_can_be_allowed() -> None:
    with running(Options(allow_hosts=("dli.test",))) as emulator:
        answer = requests.get(f"{emulator.url}/v3", headers={"Host": "dli.test"}, timeout=5)
        assert answer.status_code == 200
