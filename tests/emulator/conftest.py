"""One emulator for the folder, a thousand times faster than life; every test has jobs of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import requests

from pulumi_dli.emulator.server import Emulator, Options, running

SECONDS = 10.0
NUMBERS = count(1)


class Api:
    """The service as a plain HTTP client sees it."""

    def __init__(self, emulator: Emulator, token: str | None = None) -> None:
        self.emulator = emulator
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-Auth-Token"] = token or emulator.token
        self.base = f"{emulator.url}/v1.0/{emulator.project_id}"
        self.v3 = f"{emulator.url}/v3/{emulator.project_id}"

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        url = path if path.startswith("http") else self.base + path
        if body is not None:
            more["json"] = body
        return self.session.request(method, url, timeout=20, **more)

    def create(self, **properties: Any) -> int:
        properties.setdefault("name", f"job-{next(NUMBERS)}")
        answer = self.send("POST", "/streaming/flink-jobs", properties)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["job"]["job_id"])

    def update(self, job_id: int, /, **properties: Any) -> requests.Response:
        return self.send("PUT", f"/streaming/flink-jobs/{job_id}", properties)

    def detail(self, job_id: int) -> dict[str, Any]:
        answer = self.send("GET", f"/streaming/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["job_detail"]
        return found

    def config(self, job_id: int) -> dict[str, Any]:
        found: dict[str, Any] = self.detail(job_id)["job_config"]
        return found

    def run(self, *job_ids: int, **more: Any) -> list[dict[str, Any]]:
        return self._batch("run", job_ids, more)

    def stop(self, *job_ids: int, **more: Any) -> list[dict[str, Any]]:
        return self._batch("stop", job_ids, more)

    def wait(self, job_id: int, status: str) -> None:
        deadline = time.monotonic() + SECONDS
        while (seen := self.detail(job_id)["status"]) != status:
            assert time.monotonic() < deadline, f"still {seen}, not {status}"
            time.sleep(0.005)

    def running(self, **properties: Any) -> int:
        job_id = self.create(**{"entrypoint": "obs://jars/a.jar", **properties})
        self.run(job_id)
        self.wait(job_id, "job_running")
        return job_id

    def _batch(self, what: str, job_ids: Any, more: dict[str, Any]) -> list[dict[str, Any]]:
        body = {"job_ids": list(job_ids), **more}
        answer = self.send("POST", f"/streaming/jobs/{what}", body)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()
        return items


@pytest.fixture(scope="session")
def shared() -> Iterator[Emulator]:
    with running(Options(time_factor=1000)) as emulator:
        yield emulator


@pytest.fixture
def emulator(shared: Emulator) -> Emulator:
    """The shared emulator, without faults, durations and requests of earlier tests."""
    shared.clear_faults()
    shared.clear_requests()
    shared.state.durations.overrides.clear()
    return shared


@pytest.fixture(autouse=True)
def covered(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test's `covers(operation, code)` marks claim, the emulator has answered during the test."""
    claims = {marker.args for marker in request.node.iter_markers("covers")}
    emulator = request.getfixturevalue("emulator") if claims else None
    yield
    if emulator is not None:
        seen = {(entry["operation"], error_of(entry["answer"])) for entry in emulator.requests()}
        seen |= {("*", code) for _, code in seen}
        unseen = sorted(claims - seen)
        assert unseen == [], "the test never saw what it claims to cover"


def error_of(answer: Any) -> str | None:
    """Return the code of an error of DLI's or Keystone's form."""
    if not isinstance(answer, dict):
        return None
    return answer.get("error_code") or (str(answer["error"]["code"]) if "error" in answer else None)


@pytest.fixture
def api(emulator: Emulator) -> Api:
    return Api(emulator)


@pytest.fixture
def api_of() -> Callable[..., Api]:
    """Makes a client of an emulator that a test starts itself."""
    return Api


@pytest.fixture
def control(emulator: Emulator) -> Callable[..., requests.Response]:
    """Sends a request to the controls, with their token."""

    def send(method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {"X-Emulator-Token": emulator.control_token}
        url = f"{emulator.url}/_emulator{path}"
        return requests.request(method, url, json=body, headers=headers, timeout=20, **more)

    return send


def is_error(answer: requests.Response, status: int, code: str) -> bool:
    body = answer.json()
    return (answer.status_code, body["error_code"]) == (status, code) and bool(body["error_msg"])


@pytest.fixture(name="is_error")
def is_error_fixture() -> Callable[..., bool]:
    """Says whether an answer is an error of DLI's form, with this status and code."""
    return is_error
