"""Who may talk to the emulator: Host and Origin are checked on every route that it has."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from pulumi_dli.emulator import contract
from pulumi_dli.emulator.operations.routes import ROUTES
from pulumi_dli.emulator.page.routes import FILES
from pulumi_dli.emulator.web.control_routes import CONTROL_ROUTES

EVERY = [
    *((route.method, route.path) for route in ROUTES),
    *((route.method, f"/_emulator{route.path}") for route in CONTROL_ROUTES),
    *(("GET", f"/_page/{name}") for name in FILES),
    ("GET", "/"), ("GET", "/health"), ("GET", "/openapi.yaml"), ("GET", "/nowhere"), ("OPTIONS", "/"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
    ],
    ids=["host", "origin", "null", "port"],
)
def test_every_route_refuses_strangers(api: Any, emulator: Any, headers: dict[str, str], status: int) -> None:
    """A page whose name resolves to 127.0.0.1, and one that sends a request over from elsewhere."""
    api.session.headers["X-Emulator-Token"] = emulator.control_token
    for method, path in EVERY:
        url = emulator.url + path.format(project_id=emulator.project_id, job_id=1, name="x")
        answer = api.session.request(method, url, headers=headers, timeout=5)
        assert answer.status_code == status, f"{method} {path}"


def test_the_emulators_own_pages_may_ask(emulator: Any) -> None:
    answer = requests.get(f"{emulator.url}/?part=live", headers={"Origin": emulator.url}, timeout=5)
    assert answer.status_code == 200


def test_a_refusal_is_in_the_log(emulator: Any) -> None:
    """Who runs it under another name must see why nothing comes through."""
    requests.get(f"{emulator.url}/v3", headers={"Host": "dli.test"}, timeout=5)
    (entry,) = emulator.requests()
    assert (entry["status"], "--allow-host" in entry["answer"]["error_msg"]) == (421, True)


def test_its_health_needs_no_token(emulator: Any) -> None:
    answer = requests.get(f"{emulator.url}/health", timeout=5)
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_it_serves_its_description(emulator: Any) -> None:
    answer = requests.get(f"{emulator.url}/openapi.yaml", timeout=5)
    assert answer.text == contract.text()
