"""Requests signed by access key on their way: proven at each try, understood by the service, or refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_dli.api.auth.base import FIRST_ALONE, Auth, SignedRequests, StaticToken
from pulumi_dli.api.client import DliClient
from pulumi_dli.api.transport import Transport
from pulumi_dli.config.settings import read_settings
from pulumi_dli.emulator.options import ACCESS_KEY, SECRET_KEY
from pulumi_dli.emulator.server import AccessKey, Emulator, Options, Project, running
from pulumi_dli.errors import AuthenticationError, ConfigurationError
from support.scripted import CUT, OK, Received, Reply, in_turn, scripted

KEY = AccessKey("ACCESSKEY0123456", "hunter2-secret-key", "gAAAAA-security")
OTHER = "f" * 32


@pytest.fixture(scope="module", params=["otc", "huawei"])
def service(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """A service that knows one form of signatures alone."""
    projects = (Project(OTHER, "eu-de"), Project("a" * 32, "eu-de_team"))
    options = Options(time_factor=1000, signature=request.param, access_keys=(KEY,), projects=projects)
    with running(options) as emulator:
        yield emulator


@pytest.fixture
def client(service: Emulator) -> Callable[..., DliClient]:
    """Makes clients of the service."""

    def make(**more: str) -> DliClient:
        service.clear_requests()
        usual = {
            "endpoint": service.url,
            "authUrl": service.auth_url,
            "signature": service.state.options.signature,
            "accessKey": KEY.key,
            "secretKey": KEY.secret,
            "securityToken": str(KEY.security_token),
        }
        return DliClient(read_settings({**usual, **more}, {}))

    return make


def test_every_operation_is_signed_as_the_service_wants_it(client: Callable[..., DliClient], service: Emulator) -> None:
    """With names that have to be encoded, bodies in unicode, and no body at all."""
    dli = client(projectId=OTHER)

    job_id = dli.create_flink_jar_job({"name": "signed", "desc": "über  all", "entrypoint": "obs://b/a.jar"})
    dli.update_flink_jar_job(job_id, {"smn_topic": "a+b/c~d%2F"})
    assert dli.find_flink_jobs("signed") == [job_id]
    assert dli.find_flink_jobs("ü /+&~") == []
    dli.run_flink_job(job_id, resume_savepoint=False)
    assert dli.show_tags(job_id) == []
    dli.delete_flink_job(job_id)

    assert {each["status"] for each in service.requests()} == {200}


def test_the_project_is_found_by_its_name(client: Callable[..., DliClient], service: Emulator) -> None:
    """IAM is asked once, by a signed request."""
    dli = client(projectName="eu-de_team")

    assert dli.find_flink_jobs("a") == []
    assert dli.find_flink_jobs("a") == []
    assert dli.project_id == "a" * 32
    assert [each["operation"] for each in service.requests()] == ["ListProjects", "ListFlinkJobs", "ListFlinkJobs"]


def test_without_a_project_it_is_that_of_the_region(client: Callable[..., DliClient]) -> None:
    """It has the region's name."""
    assert client(region="eu-de").project_id == OTHER


def test_a_project_that_does_not_exist_is_reported(client: Callable[..., DliClient]) -> None:
    """With the setting to correct."""
    with pytest.raises(ConfigurationError, match=r"no projects are called nothing at .* correct dli:projectName"):
        client(projectName="nothing").find_flink_jobs("a")


WRONG: list[tuple[dict[str, str], str]] = [
    ({"secretKey": "hunter2-wrong"}, "verify aksk signature fail"),
    ({"accessKey": "UNKNOWNACCESSKEY"}, "Get secretKey failed"),
    ({"securityToken": "hunter2-wrong"}, "decrypt token fail"),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG, ids=[next(iter(each)) for each, _ in WRONG])
def test_a_refused_signature_is_one_line_without_any_of_the_keys(
    client: Callable[..., DliClient], wrong: dict[str, str], reason: str
) -> None:
    """Nor the request that the gateway repeats."""
    with pytest.raises(AuthenticationError) as caught:
        client(projectId=OTHER, **wrong).find_flink_jobs("a")

    said = str(caught.value)
    assert said.startswith(f"ListFlinkJobs was refused: Incorrect IAM authentication information: {reason}")
    assert "; check dli:accessKey and dli:secretKey" in said
    assert "canonicalRequest" not in said
    assert "\n" not in said
    assert [each for each in (*wrong.values(), KEY.key, KEY.secret, KEY.security_token) if f"{each}" in said] == []


@pytest.mark.parametrize(("ahead", "told"), [(3600, "60 min behind"), (-1800, "30 min ahead of")])
def test_a_clock_that_is_off_is_named(ahead: float, told: str) -> None:
    """The signature is right, but for its time; the answer's Date says so."""
    with running(Options(clock_ahead=ahead)) as emulator:
        settings = {
            "endpoint": emulator.url,
            "accessKey": "EMULATORACCESSKEY",
            "secretKey": "emulator-secret-key",
            "projectId": emulator.project_id,
            "cloud": "otc",
        }
        with pytest.raises(AuthenticationError, match=f"this machine's clock is {told} the service's.* set the clock"):
            DliClient(read_settings(settings, {})).find_flink_jobs("a")


@pytest.mark.parametrize(
    "first", [CUT, Reply(503, ""), Reply(429, "", {"Retry-After": "2"})], ids=["cut", "503", "429"]
)
def test_a_repeated_request_is_signed_again(first: Reply) -> None:
    """At the time at which it is sent: a signature does not live long."""
    received: list[Received] = []

    def answer(request: Received) -> Reply:
        received.append(request)
        if len(received) == 1:
            time.sleep(1.1)
            return first
        return OK

    with scripted(answer) as service:
        Transport(service.url, SignedRequests("hunter2-AK", "hunter2-SK", "otc")).request(
            "X", "PUT", "/a", body={"desc": "a"}
        )

    moments = [each.headers["X-Sdk-Date"] for each in received]
    assert len(set(moments)) == 2
    assert len({each.headers["Authorization"] for each in received}) == 2


def test_a_signed_request_bears_what_was_signed() -> None:
    """The host as it is sent, and every signed header."""
    with scripted(in_turn(OK)) as service:
        signer = SignedRequests("hunter2-AK", "hunter2-SK", "huawei", "gAAAAA-security").for_project("p")
        Transport(service.url, signer).request("X", "PUT", "/a", body={})

    [request] = service.received
    assert request.headers["Host"] == service.url.removeprefix("http://")
    names = request.headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    assert names == "content-type;host;x-project-id;x-sdk-date;x-security-token"
    assert (request.headers["X-Project-Id"], request.headers["X-Security-Token"]) == ("p", "gAAAAA-security")
    assert "hunter2-SK" not in str(dict(request.headers))


def test_keys_do_not_show_themselves() -> None:
    """In a traceback or a log."""
    assert repr(SignedRequests("hunter2-AK", "hunter2-SK", "otc")) == "SignedRequests()"


def test_a_locked_access_key_is_reported_as_such() -> None:
    """Trying on would not help."""
    told: dict[str, Any] = {
        "error_code": "APIG.0301",
        "error_msg": "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden.",
    }
    with scripted(in_turn(Reply(401, told))) as service, pytest.raises(AuthenticationError, match="wait 5 min"):
        Transport(service.url, SignedRequests("hunter2-AK", "hunter2-SK", "otc")).request("X", "GET", "/a")


# A refused proof is not tried again


def refusals(auth: Auth, *, threads: int = 1, delay: float = 0.0) -> tuple[int, int]:
    """Send 100 requests to a service that refuses all; return how many failed so, and how many were sent."""

    def refuse(_: Received) -> Reply:
        time.sleep(delay)
        return Reply(401, {"error_code": "APIG.0301", "error_msg": "verify aksk signature fail"})

    def send(_: int) -> bool:
        with pytest.raises(AuthenticationError, match="verify aksk signature fail"):
            connection.request("X", "GET", "/a")
        return True

    with scripted(refuse) as service, ThreadPoolExecutor(threads) as pool:
        connection = Transport(service.url, auth)
        return sum(pool.map(send, range(100))), len(service.received)


def test_a_refused_signature_is_sent_once_whatever_the_number_of_jobs() -> None:
    """Also where eight jobs begin at once: IAM locks the access key after a few."""
    assert refusals(SignedRequests("hunter2-AK", "hunter2-SK", "otc"), threads=8, delay=0.3) == (100, 1)


def test_a_refused_token_is_not_sent_again() -> None:
    """It cannot become good."""
    assert refusals(StaticToken("gAAAAA-old")) == (100, 1)


def test_a_refused_project_lookup_counts_for_the_jobs_as_well() -> None:
    """A signer for a project knows what its like has learned."""
    signer = SignedRequests("hunter2-AK", "hunter2-SK", "otc")
    assert refusals(signer) == (100, 1)
    assert refusals(signer.for_project("p")) == (100, 0)


def test_a_signature_that_was_accepted_is_not_given_up_for_one_refusal() -> None:
    """The next request may well pass."""
    with scripted(in_turn(OK, Reply(401, {"error_msg": "busy"}), OK)) as service:
        connection = Transport(service.url, SignedRequests("hunter2-AK", "hunter2-SK", "otc"))
        connection.request("X", "GET", "/a")
        with pytest.raises(AuthenticationError):
            connection.request("X", "GET", "/a")
        connection.request("X", "GET", "/a")
    assert len(service.received) == 3


def test_a_first_request_that_hangs_holds_the_others_up_only_for_a_moment(emulator: Emulator) -> None:
    """They go on without its answer."""
    keys = {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY, "projectId": emulator.project_id, "cloud": "otc"}
    client = DliClient(read_settings({"endpoint": emulator.url, **keys}, {}))
    job_id = client.create_flink_jar_job({"name": "a"})
    client = DliClient(read_settings({"endpoint": emulator.url, **keys}, {}))
    emulator.add_fault(operation="ListFlinkJobs", delay=FIRST_ALONE + 4, times=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.find_flink_jobs, "a")
        while not emulator.requests("ListFlinkJobs"):
            time.sleep(0.01)
        assert client.show_flink_job(job_id).job_id == job_id
        assert not first.done()
