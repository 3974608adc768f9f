"""Every operation gives each error that its description names; `docs/reference/emulator.md` lists them and the tests.

`covers(operation, code)` says which error a test provokes; the fixture `covered` in conftest.py makes sure that it
did. So the table in the documentation cannot claim what no test has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests

from pulumi_dli.emulator import contract
from pulumi_dli.emulator.errors import (
    CODES,
    ON_THE_WAY,
    ONLY_SCRIPTED,
    TOO_MANY,
    WRONG_SIGNATURE,
    WRONG_SIGNATURE_HUAWEI,
)
from pulumi_dli.emulator.server import Emulator, Options, running

Provoke = Callable[[Any, str, int], requests.Response]

BODIES: Mapping[str, dict[str, Any]] = {
    "CreateFlinkJarJob": {"name": "refused"},
    "UpdateFlinkJarJob": {"desc": "x"},
    "TriggerSavepoint": {"action": "TRIGGER"},
    "ImportSavepoint": {"savepoint_path": "obs://b/s"},
    "AuthorizeBucket": {"obs_buckets": ["b"]},
    "CreateTags": {"tags": [{"key": "k", "value": "v"}]},
    "DeleteTags": {"tags": [{"key": "k"}]},
    "CreateToken": {"auth": {"identity": {"methods": ["password"], "password": {"user": {
        "name": "emulator", "password": "hunter2-wrong", "domain": {"name": "emulator"},
    }}}}},
}  # fmt: skip
BATCHES = {"RunFlinkJobs", "StopFlinkJobs", "BatchDeleteFlinkJobs"}
NOBODY = 999_999


def ask(api: Any, operation: str, job_id: int, **changed: Any) -> requests.Response:
    """Send a request that is right but for what is changed: `project_id`, `body`, `query`, `headers`."""
    described = contract.operations()[operation]
    project_id = changed.get("project_id", api.emulator.project_id)
    url = api.emulator.url + described.path.format(project_id=project_id, job_id=job_id)
    body = {"job_ids": [job_id]} if operation in BATCHES else BODIES.get(operation)
    body = {**(body or {}), **changed["body"]} if "body" in changed else body
    answer: requests.Response = api.send(
        described.method, url + changed.get("query", ""), body, headers=changed.get("headers")
    )
    return answer


def not_now(api: Any, operation: str, job_id: int) -> requests.Response:
    """A property that must not change meanwhile, a savepoint of a draft, a 21st tag."""
    if operation == "UpdateFlinkJarJob":
        return ask(api, operation, api.running(), body={"cu_number": 4})
    return ask(api, operation, api.create(tags=[{"key": f"k{n}", "value": "v"} for n in range(20)]))


def taken(api: Any, operation: str, job_id: int) -> requests.Response:
    """The name of another job."""
    return ask(api, operation, api.create(), body={"name": api.detail(job_id)["name"]})


PROVOKE: Mapping[str, Provoke] = {
    "DLI.0001": lambda api, operation, job: ask(api, operation, job, query="?colour=blue"),
    "DLI.0002": lambda api, operation, job: ask(api, operation, job, body={"queue_name": "nowhere"}),
    "DLI.0003": lambda api, operation, job: ask(api, operation, job, project_id="f" * 32),
    "DLI.0006": taken,
    "DLI.0007": not_now,
    "DLI.0014": lambda api, operation, job: ask(api, operation, job, headers={"X-Auth-Token": "gAAAAA-"}),
    "DLI.16001": lambda api, operation, _: ask(api, operation, NOBODY),
    "400": lambda api, operation, job: ask(api, operation, job, query="?colour=blue"),
    "401": lambda api, operation, job: ask(api, operation, job, headers={"X-Auth-Token": "gAAAAA-"}),
}
DESCRIBED = [
    pytest.param(operation.id, code, marks=pytest.mark.covers(operation.id, code), id=f"{operation.id}-{code}")
    for operation in contract.operations().values()
    for code in operation.errors
]


@pytest.mark.parametrize(("operation", "code"), DESCRIBED)
def test_an_operation_gives_its_errors(api: Any, emulator: Any, operation: str, code: str) -> None:
    """With the code's status, in the form of the service that it belongs to, and without any effect."""
    job_id = api.create()
    before = emulator.job(job_id)
    answer = PROVOKE[code](api, operation, job_id)
    body = answer.json()
    found = body.get("error_code") or str(body["error"]["code"])
    assert (answer.status_code, found) == (CODES[code].status if code in CODES else int(code), code)
    assert emulator.job(job_id) == before


def beyond(api: Any, code: str) -> requests.Response:
    """Provoke what refuses a request on its way."""
    listing = f"{api.base}/streaming/jobs"
    if code == "APIG.0101":
        return requests.get(f"{api.emulator.url}/v1.0/nowhere", timeout=5)
    if code == "APIG.0106":
        return requests.get(listing, headers={"Host": "evil.example"}, timeout=5)
    if code == "APIG.0107":
        return requests.get(listing, headers={"Origin": "http://evil.example"}, timeout=5)
    if code == TOO_MANY.code:
        answers: list[requests.Response] = [api.send("GET", listing) for _ in range(3)]
        return next(answer for answer in answers if not answer.ok)
    if code in (WRONG_SIGNATURE.code, WRONG_SIGNATURE_HUAWEI.code):
        return requests.get(listing, headers={"Authorization": "SDK-HMAC-SHA256 Access=nobody"}, timeout=5)
    answer: requests.Response = api.update(api.create(), desc="x" * (2 << 20))
    return answer


OPTIONS = {WRONG_SIGNATURE_HUAWEI.code: Options(cloud="huawei"), TOO_MANY.code: Options(requests_per_second=1)}


@pytest.fixture
def emulator(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Emulator]:
    """The shared emulator; for a code that needs its own options, one with these."""
    case = getattr(request.node, "callspec", None)
    options = OPTIONS.get(case.params.get("code", "")) if case else None
    if options is None:
        yield emulator
        return
    with running(options) as started:
        yield started


@pytest.mark.parametrize(
    "code",
    [pytest.param(each.code, marks=pytest.mark.covers("*", each.code), id=each.code) for each in ON_THE_WAY],
)
def test_refused_on_its_way(api: Any, code: str) -> None:
    """Whatever operation it is for."""
    answer = beyond(api, code)
    assert (answer.status_code, answer.json()["error_code"]) == (CODES[code].status, code)


@pytest.mark.parametrize(
    "code",
    [pytest.param(each.code, marks=pytest.mark.covers("*", each.code), id=each.code) for each in ONLY_SCRIPTED],
)
def test_any_error_by_a_fault(api: Any, emulator: Any, code: str) -> None:
    """With the status that belongs to it, and without an effect of the request."""
    job_id = api.create(desc="before")
    emulator.add_fault(operation="UpdateFlinkJarJob", answer={"error": code, "headers": {"Retry-After": "1"}})
    answer = api.update(job_id, desc="after")
    assert (answer.status_code, answer.json()["error_code"]) == (CODES[code].status, code)
    assert answer.headers["Retry-After"] == "1"
    assert api.detail(job_id)["desc"] == "before"


def test_the_codes_of_the_description_are_those_of_the_table() -> None:
    """One that only one of them knows could be neither given nor looked up."""
    named = {code for operation in contract.operations().values() for code in operation.errors if "." in code}
    ours = {code for code in CODES if code not in {each.code for each in (*ON_THE_WAY, *ONLY_SCRIPTED)}}
    assert named == ours
