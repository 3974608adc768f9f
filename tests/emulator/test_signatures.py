"""Signed requests: the clouds' own signers are understood, and nothing that is wrong about one is let through."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from pulumi_dli.emulator.options import PASSWORD
from pulumi_dli.emulator.server import AccessKey, Emulator, Options, running
from support import huawei_sdk
from support.otc_sdk import OtcSdk

KEY, SECRET = "EMULATORACCESSKEY", "emulator-secret-key"
TEMPORARY = AccessKey("TEMPORARYKEY", "temporary-secret", "temporary-token")
TYPE = {"Content-Type": "application/json"}


@dataclass
class Request:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None

    def send(self) -> requests.Response:
        return requests.request(self.method, self.url, headers=self.headers, data=self.body, timeout=10)


Sign = Callable[..., Request]


def huawei(request: Request, key: str, secret: str, seconds_ago: int) -> None:
    moment = datetime.now(timezone.utc) - timedelta(seconds=seconds_ago)
    request.headers |= {"X-Sdk-Date": moment.strftime("%Y%m%dT%H%M%SZ"), "Host": urlsplit(request.url).netloc}
    text = huawei_sdk.signature(key, secret, request.method, request.url, request.headers, request.body)
    request.headers["Authorization"] = text


@pytest.fixture(params=["huawei", "otc"])
def sign(request: pytest.FixtureRequest, emulator: Emulator) -> Sign:
    """Signs with the SDK of one of the two clouds."""

    def signed(
        method: str = "GET",
        path: str = "/streaming/jobs?limit=5&name=a%20b",
        body: Any = None,
        *,
        key: str = KEY,
        secret: str = SECRET,
        seconds_ago: int = 0,
        at: Emulator = emulator,
        **headers: str,
    ) -> Request:
        named = {"X-Project-Id": at.project_id, **TYPE, **headers}
        content = None if body is None else json.dumps(body).encode()
        made = Request(method, f"{at.url}/v1.0/{at.project_id}{path}", named, content)
        if request.param == "huawei":
            huawei(made, key, secret, seconds_ago)
        else:
            sdk: OtcSdk = request.getfixturevalue("otc_sdk")
            moment, text = sdk.signed(key, secret, method, made.url, named, content, seconds_ago)
            made.headers |= {"X-Sdk-Date": moment, "Authorization": text}
        return made

    return signed


@pytest.fixture(scope="module")
def with_temporary_key() -> Iterator[Emulator]:
    with running(Options(access_keys=(TEMPORARY,))) as emulator:
        yield emulator


def reason(answer: requests.Response) -> str:
    body = answer.json()
    assert (answer.status_code, body["error_code"]) == (401, "APIG.0301"), answer.text
    told = str(body["error_msg"])
    assert told.startswith("Incorrect IAM authentication information: ")
    return told.partition(": ")[2]


def test_the_sdks_of_both_clouds_are_understood(sign: Sign) -> None:
    """GET with a query, POST and PUT with a body."""
    assert sign().send().status_code == 200
    made = sign("POST", "/streaming/flink-jobs", {"name": "signed", "desc": "über"}).send()
    assert made.status_code == 200, made.text
    job = f"/streaming/flink-jobs/{made.json()['job']['job_id']}"
    assert sign("PUT", job, {"desc": "two  spaces"}).send().status_code == 200
    assert sign("DELETE", job.replace("flink-jobs", "jobs")).send().status_code == 200


def test_a_wrong_secret_key_is_refused(sign: Sign) -> None:
    """As a gateway does, which repeats the request in its canonical form."""
    told = reason(sign(secret="hunter2-wrong").send())  # noqa: S106 - made up
    assert told.startswith("verify aksk signature fail, canonicalRequest:GET|/v1.0/")


def test_an_unknown_access_key_is_refused(sign: Sign) -> None:
    """And not repeated."""
    told = reason(sign(key="UNKNOWNKEY").send())
    assert told == "Get secretKey failed,ak:******,err:ak not exist"


ALTERED: dict[str, Callable[[Request], Any]] = {
    "method": lambda request: setattr(request, "method", "DELETE"),
    "path": lambda request: setattr(request, "url", request.url.replace("/jobs", "/jobs/138")),
    "query": lambda request: setattr(request, "url", request.url.replace("limit=5", "limit=6")),
    "body": lambda request: setattr(request, "body", b"{}"),
    "header": lambda request: request.headers.update({"X-Project-Id": "f" * 32}),
    "signature": lambda request: request.headers.update(
        {"Authorization": request.headers["Authorization"][:-64] + "0" * 64}
    ),
    "date": lambda request: request.headers.update(
        {"X-Sdk-Date": (datetime.now(timezone.utc) - timedelta(minutes=1)).strftime("%Y%m%dT%H%M%SZ")}
    ),
}


@pytest.mark.parametrize("part", ALTERED)
def test_what_was_altered_on_the_way_is_refused(sign: Sign, part: str) -> None:
    """Whichever part it is."""
    request = sign()
    if part == "method":
        request = sign(path="/streaming/jobs/138")
    ALTERED[part](request)
    assert reason(request.send()).startswith("verify aksk signature fail")


@pytest.mark.parametrize(
    ("seconds_ago", "taken"), [(14 * 60, True), (16 * 60, False), (-14 * 60, True), (-16 * 60, False)]
)
def test_a_signature_lives_15_minutes(sign: Sign, seconds_ago: int, taken: bool) -> None:
    """An older one is refused, and one of the future."""
    answer = sign(seconds_ago=seconds_ago).send()
    assert answer.status_code == 200 if taken else "15 minutes" in reason(answer)


def test_a_clock_that_is_ahead_refuses_what_is_signed_now(sign: Sign) -> None:
    """The answer's Date says by how much."""
    with running(Options(clock_ahead=3600)) as emulator:
        answer = sign(at=emulator).send()
    assert "15 minutes" in reason(answer)
    told = datetime.strptime(answer.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=timezone.utc)
    assert timedelta(minutes=59) < told - datetime.now(timezone.utc) < timedelta(minutes=61)


def test_a_temporary_key_needs_its_security_token(sign: Sign, with_temporary_key: Emulator) -> None:
    """The right one."""
    keys = {"key": TEMPORARY.key, "secret": TEMPORARY.secret, "at": with_temporary_key}
    assert sign(**keys, **{"X-Security-Token": "temporary-token"}).send().status_code == 200
    assert reason(sign(**keys).send()) == "decrypt token fail"
    assert reason(sign(**keys, **{"X-Security-Token": "gAAAAA-other"}).send()) == "decrypt token fail"


def test_a_security_token_is_in_no_log(sign: Sign, with_temporary_key: Emulator) -> None:
    """Also where the refusal repeats the signed headers."""
    wrong = {"key": TEMPORARY.key, "secret": "hunter2-wrong", "at": with_temporary_key}
    reason(sign(**wrong, **{"X-Security-Token": "temporary-token"}).send())
    assert "temporary-token" not in json.dumps(with_temporary_key.requests())


@pytest.mark.parametrize(
    "text",
    [
        "Basic YTpi",
        "SDK-HMAC-SHA256 Access=EMULATORACCESSKEY",
        f"SDK-HMAC-SHA256 Access=EMULATORACCESSKEY, SignedHeaders=host, Signature={'0' * 64}",
    ],
)
def test_a_malformed_signature_is_refused(emulator: Emulator, text: str) -> None:
    """Whatever it is."""
    headers = {"Authorization": text, "X-Project-Id": emulator.project_id, "X-Sdk-Date": "20260101T000000Z"}
    url = f"{emulator.url}/v1.0/{emulator.project_id}/streaming/jobs"
    reason(requests.get(url, headers=headers, timeout=10))


def test_without_the_project_a_signature_opens_none(sign: Sign, is_error: Any) -> None:
    """X-Project-Id names it."""
    assert is_error(sign(**{"X-Project-Id": "f" * 32}).send(), 403, "DLI.0003")


@pytest.mark.parametrize("accepted", ["otc", "huawei"])
def test_one_form_alone_can_be_accepted(sign: Sign, accepted: str, request: pytest.FixtureRequest) -> None:
    """A gateway knows its own."""
    with running(Options(signature=accepted)) as emulator:
        status = sign(at=emulator).send().status_code
    assert status == (200 if accepted == request.node.callspec.params["sign"] else 401)


def test_projects_are_listed_for_a_signature(emulator: Emulator, otc_sdk: OtcSdk) -> None:
    """It is how a project's id is found by its name."""
    url = f"{emulator.auth_url}/projects?name=emulator"
    moment, text = otc_sdk.signed(KEY, SECRET, "GET", url, {})
    answer = requests.get(url, headers={"X-Sdk-Date": moment, "Authorization": text}, timeout=10)
    assert [each["id"] for each in answer.json()["projects"]] == [emulator.project_id]


def test_a_token_lives_as_long_as_the_options_say() -> None:
    """For tests of those who renew it."""
    user = {"name": "emulator", "password": PASSWORD, "domain": {"name": "emulator"}}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}}
    with running(Options(token_life=90)) as emulator:
        body = requests.post(f"{emulator.auth_url}/auth/tokens", json={"auth": auth}, timeout=5).json()["token"]
    issued, expires = (datetime.fromisoformat(body[key].replace("Z", "+00:00")) for key in ("issued_at", "expires_at"))
    assert expires - issued == timedelta(seconds=90)
