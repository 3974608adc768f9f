"""Proving who sends a request: a given token, or one from Keystone, fetched once and renewed when refused."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli.api.auth.base import StaticToken
from pulumi_dli.api.auth.choose import make_auth
from pulumi_dli.api.auth.keystone import KeystonePassword
from pulumi_dli.api.client import DliClient
from pulumi_dli.api.transport import Transport
from pulumi_dli.config.settings import Settings, read_settings
from pulumi_dli.emulator.options import PASSWORD
from pulumi_dli.emulator.server import Emulator, Options, Project, running
from pulumi_dli.errors import AuthenticationError, ConfigurationError, DliError
from support.scripted import CERTIFICATE, OK, Received, Reply, Scripted, in_turn, scripted

WRONG = "hunter22"


@pytest.fixture(scope="module")
def started() -> Iterator[Emulator]:
    with running(Options(time_factor=1000)) as emulator:
        yield emulator


@pytest.fixture
def emulator(started: Emulator) -> Emulator:
    """One emulator for this file, without the faults and requests of earlier tests."""
    started.clear_faults()
    started.clear_requests()
    return started


def account(url: str, **more: Any) -> Settings:
    """Return the settings of a login with a password at `url`."""
    config = {
        "endpoint": url,
        "authUrl": f"{url}/v3",
        "userName": "emulator",
        "password": PASSWORD,
        "domainName": "emulator",
        "projectName": "emulator",
    }
    return read_settings({**config, **more}, {})


def password_login(settings: Settings) -> KeystonePassword:
    auth = make_auth(settings)
    assert isinstance(auth, KeystonePassword)
    return auth


def logins(emulator: Emulator) -> list[dict[str, Any]]:
    return emulator.requests("CreateToken")


# Choosing credentials


def test_a_token_is_taken_before_a_password() -> None:
    """The shortest way that is complete."""
    settings = account("https://dli.example.com", token="gAAAAA-token", projectId="p")  # noqa: S106 - made up

    assert isinstance(make_auth(settings), StaticToken)


def test_a_complete_account_logs_in() -> None:
    """User, password, domain, address and project."""
    assert isinstance(make_auth(account("https://dli.example.com")), KeystonePassword)


@pytest.mark.parametrize("name", ["userName", "password", "domainName", "projectName"])
def test_an_incomplete_account_is_reported_with_what_is_missing(name: str) -> None:
    """In one sentence that names what was looked at."""
    with pytest.raises(ConfigurationError) as caught:
        make_auth(account("https://dli.example.com", **{name: ""}))

    said = str(caught.value)
    assert f"lacks dli:{'projectId or dli:projectName' if name == 'projectName' else name} or " in said
    assert "OS_* variables" in said
    assert said.startswith("no credentials: neither a token (dli:token or OS_TOKEN), nor an access key")
    assert "\n" not in said


@pytest.mark.parametrize("auth", [StaticToken(WRONG), password_login(account("https://x", password=WRONG))])
def test_credentials_do_not_show_themselves(auth: StaticToken | KeystonePassword) -> None:
    """In a traceback or a log."""
    assert repr(auth) in {"StaticToken()", "KeystonePassword()"}


# Logging in at the emulator


def test_a_login_is_made_when_the_first_token_is_needed(emulator: Emulator) -> None:
    """Not before: a preview needs none."""
    client = DliClient(account(emulator.url))
    assert emulator.requests() == []

    client.find_flink_jobs("a")

    assert len(logins(emulator)) == 1
    assert [each["status"] for each in emulator.requests("ListFlinkJobs")] == [200]


def test_a_login_asks_for_the_project_by_name_and_domain(emulator: Emulator) -> None:
    """Keystone v3, password method, project scope."""
    password_login(account(emulator.url)).token()

    auth = logins(emulator)[0]["body"]["auth"]
    assert auth["identity"]["methods"] == ["password"]
    assert auth["identity"]["password"]["user"]["name"] == "emulator"
    assert auth["identity"]["password"]["user"]["domain"] == {"name": "emulator"}
    assert auth["scope"] == {"project": {"name": "emulator", "domain": {"name": "emulator"}}}


def test_a_login_asks_for_the_project_by_id_where_it_is_known(emulator: Emulator) -> None:
    """The id alone is unique."""
    password_login(account(emulator.url, projectId=emulator.project_id)).token()

    assert logins(emulator)[0]["body"]["auth"]["scope"] == {"project": {"id": emulator.project_id}}


def test_the_project_s_id_comes_from_its_name(emulator: Emulator) -> None:
    """One login gives both, and requests go to that project."""
    client = DliClient(account(emulator.url))

    assert client.project_id == emulator.project_id
    client.find_flink_jobs("a")
    assert emulator.requests("ListFlinkJobs")[0]["path"].startswith(f"/v1.0/{emulator.project_id}/")
    assert len(logins(emulator)) == 1


def test_a_second_project_is_distinguished_by_its_name() -> None:
    """The name decides, not the order."""
    projects = (Project("id-of-one", "one"), Project("id-of-two", "two"))
    with running(Options(projects=projects)) as emulator:
        assert DliClient(account(emulator.url, projectName="two")).project_id == "id-of-two"


def test_a_token_alone_does_not_tell_the_project() -> None:
    """It has to be configured."""
    client = DliClient(read_settings({"endpoint": "https://dli.example.com", "token": "gAAAAA-token"}, {}))

    with pytest.raises(ConfigurationError, match="no project: set dli:projectId or OS_PROJECT_ID"):
        _ = client.project_id


def test_eight_threads_at_once_make_one_login(emulator: Emulator) -> None:
    """The first one logs in, the others wait for it."""
    emulator.add_fault(operation="CreateToken", delay=0.1, times=None)

    at_once(8, DliClient(account(emulator.url)))

    assert len(logins(emulator)) == 1
    assert [each["status"] for each in emulator.requests("ListFlinkJobs")] == [200] * 8


def test_a_token_that_the_service_refuses_is_renewed_and_the_request_sent_again(emulator: Emulator) -> None:
    """The caller does not notice."""
    client = DliClient(account(emulator.url))
    job_id = client.create_flink_jar_job({"name": "a", "entrypoint": "obs://b/a.jar"})
    emulator.expire_tokens()

    assert client.update_flink_jar_job(job_id, {"desc": "new"}) is not None

    assert [each["status"] for each in emulator.requests("UpdateFlinkJarJob")] == [401, 200]
    assert [each["body"] for each in emulator.requests("UpdateFlinkJarJob")] == [{"desc": "new"}] * 2
    assert len(logins(emulator)) == 2


def test_eight_threads_with_an_expired_token_make_one_login(emulator: Emulator) -> None:
    """Only the first to notice drops the token; the others find the new one."""
    client = DliClient(account(emulator.url))
    client.find_flink_jobs("a")
    emulator.expire_tokens()
    emulator.add_fault(operation="CreateToken", delay=0.1, times=None)

    at_once(8, client)

    assert len(logins(emulator)) == 2


def test_a_token_is_renewed_once_per_request(emulator: Emulator) -> None:
    """A service that refuses the new one as well is believed."""
    client = DliClient(account(emulator.url))
    refusal = {"status": 401, "body": {"error_code": "DLI.0014", "error_msg": "no"}}
    emulator.add_fault(operation="ListFlinkJobs", answer=refusal, times=None)

    with pytest.raises(AuthenticationError, match=r"ListFlinkJobs was refused: .*DLI\.0014"):
        client.find_flink_jobs("a")

    assert len(emulator.requests("ListFlinkJobs")) == 2
    assert len(logins(emulator)) == 2


def test_a_service_that_refuses_fresh_tokens_does_not_make_a_login_per_request(emulator: Emulator) -> None:
    """Its own trouble, or a wrong region: more logins would not help."""
    client = DliClient(account(emulator.url))
    client.find_flink_jobs("a")
    refusal = {"status": 401, "body": {"error_code": "DLI.0014", "error_msg": "no"}}
    emulator.add_fault(operation="ListFlinkJobs", answer=refusal, times=None)

    for _ in range(5):
        with pytest.raises(AuthenticationError):
            client.find_flink_jobs("a")

    assert len(logins(emulator)) == 3


def test_a_given_token_is_not_renewed(emulator: Emulator) -> None:
    """There is nothing to renew it with; the error says so."""
    settings = read_settings({"endpoint": emulator.url, "token": "gAAAAA-old", "projectId": emulator.project_id}, {})

    with pytest.raises(AuthenticationError, match=r"HTTP 401, DLI\.0014.*renew dli:token, or give user and password"):
        DliClient(settings).find_flink_jobs("a")

    assert len(emulator.requests()) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"password": WRONG}, {"userName": "nobody"}, {"domainName": "nowhere"}, {"projectName": "nothing"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_account_names_user_domain_project_and_address_and_no_password(
    emulator: Emulator, wrong: dict[str, str]
) -> None:
    """One line; the service's 401 does not tell which of them is wrong."""
    settings = account(emulator.url, **{"password": PASSWORD, **wrong})

    with pytest.raises(AuthenticationError) as caught:
        DliClient(settings).find_flink_jobs("a")

    said = str(caught.value)
    assert said.startswith(
        f"login at {emulator.url}/v3 failed for user {settings.value('userName')}, "
        f"domain {settings.value('domainName')}, project {settings.project_name}: "
    )
    assert PASSWORD not in said
    assert "\n" not in said
    assert emulator.requests("ListFlinkJobs") == []


def test_after_a_failed_login_the_next_request_tries_again(emulator: Emulator) -> None:
    """A service that was down for a moment does not end the run."""
    client = DliClient(account(emulator.url))
    emulator.add_fault(operation="CreateToken", answer={"status": 500, "body": {}})

    with pytest.raises(AuthenticationError, match="HTTP 500"):
        client.find_flink_jobs("a")

    assert client.find_flink_jobs("no such job") == []


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_login_is_tried_again_where_iam_is_busy(emulator: Emulator, status: int) -> None:
    """A moment's trouble there must not end an update half-way."""
    emulator.add_fault(operation="CreateToken", answer={"status": status, "body": {}}, times=1)

    assert DliClient(account(emulator.url)).find_flink_jobs("no such job") == []
    assert [each["status"] for each in logins(emulator)] == [status, 201]


def test_a_refused_password_is_not_tried_again(emulator: Emulator) -> None:
    """IAM locks accounts after a few failures, and a stack has many jobs."""
    client = DliClient(account(emulator.url, password=WRONG))

    for _ in range(5):
        with pytest.raises(AuthenticationError, match="user, password, domain or project is wrong"):
            client.find_flink_jobs("a")

    assert len(logins(emulator)) == 1


# Tokens that end, under load


@dataclass(frozen=True)
class Load:
    """What a service saw of 8 threads: when they logged in, how many requests it refused and answered."""

    logins: list[float]
    refused: int
    answered: int


def under_load(emulator: Emulator, requests: int, *, ends: int = 0) -> Load:
    """Send so many requests from 8 threads; end all tokens so often on the way. None may fail."""
    client = DliClient(account(emulator.url))
    left, failures = queue.SimpleQueue[int](), []
    at = {requests * (number + 1) // (ends + 1) for number in range(ends)}
    for number in range(requests):
        left.put(number)

    def ask() -> None:
        while True:
            try:
                number = left.get_nowait()
            except queue.Empty:
                return
            if number in at:
                emulator.expire_tokens()
            try:
                client.find_flink_jobs("a")
            except DliError as error:
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    statuses = [each["status"] for each in emulator.requests("ListFlinkJobs")]
    times = [each["time"] for each in logins(emulator)]
    return Load(times, statuses.count(401), statuses.count(200))


@pytest.mark.parametrize(
    ("requests", "ends"), [(800, 7), pytest.param(10_000, 40, marks=[pytest.mark.full, pytest.mark.timeout(600)])]
)
def test_tokens_that_end_unforeseen_are_renewed_once_each(emulator: Emulator, requests: int, ends: int) -> None:
    """The count of logins is that of the ends, and the first one; no request fails."""
    load = under_load(emulator, requests, ends=ends)

    assert len(load.logins) == ends + 1
    assert load.answered == requests
    assert ends <= load.refused <= 8 * ends


@pytest.mark.parametrize(
    ("requests", "life"), [(2000, 0.5), pytest.param(10_000, 2.0, marks=[pytest.mark.full, pytest.mark.timeout(600)])]
)
def test_tokens_that_expire_are_renewed_once_each(requests: int, life: float) -> None:
    """Whenever a token is about to end, one thread logs in: never two logins within a token's life."""
    with running(Options(time_factor=1000, token_life=life)) as emulator:
        load = under_load(emulator, requests)

    gaps = [after - before for before, after in pairwise(load.logins)]
    assert gaps
    assert all(0.9 * life <= gap for gap in gaps)
    assert load.answered == requests
    assert load.refused <= 8 * len(gaps)  # those that were on their way when it ended


def test_a_token_is_renewed_before_it_ends() -> None:
    """In the last tenth of its life, or two minutes before its end: a request on its way must not be refused."""
    second = {"issued_at": "2026-01-01T00:00:00.000000Z", "expires_at": "2026-01-01T00:00:02.000000Z"}
    jobs = Reply(body={"job_list": {"jobs": []}})
    with scripted(lambda each: token_reply(**second) if each.path == "/v3/auth/tokens" else jobs) as service:
        client = DliClient(account(service.url))
        counts = []
        for wait in (0.0, 0.1, 1.75):
            time.sleep(wait)
            client.find_flink_jobs("a")
            counts.append([each.path for each in service.received].count("/v3/auth/tokens"))

    assert counts == [1, 1, 2]


def test_the_life_of_a_token_counts_not_the_hour() -> None:
    """A machine whose clock is two days ahead logs in once, too."""
    past = {"issued_at": "2020-01-01T00:00:00.000000Z", "expires_at": "2020-01-02T00:00:00.000000Z"}
    jobs = Reply(body={"job_list": {"jobs": []}})
    with scripted(in_turn(token_reply(**past), jobs)) as service:
        client = DliClient(account(service.url))
        for _ in range(3):
            client.find_flink_jobs("a")

    assert [each.path for each in service.received].count("/v3/auth/tokens") == 1


# Odd answers of an identity service


def token_reply(**token: Any) -> Reply:
    body = {
        "methods": ["password"],
        "expires_at": "2999-01-01T00:00:00.000000Z",
        "issued_at": "2026-01-01T00:00:00.000000Z",
        "user": {"id": "u", "name": "emulator", "domain": {"id": "d", "name": "emulator"}},
        "project": {"id": "p", "name": "emulator", "domain": {"id": "d", "name": "emulator"}},
        **token,
    }
    return Reply(201, {"token": body}, {"X-Subject-Token": "gAAAAA-fresh"})


def failed_login(service: Scripted) -> str:
    """Return what the failure of a request says, whose login goes to `service`."""
    with pytest.raises(AuthenticationError) as caught:
        DliClient(account(service.url)).find_flink_jobs("a")
    said = str(caught.value)
    assert said.startswith(f"login at {service.url}/v3 failed for user emulator, domain emulator, project emulator: ")
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, "<html>Sign in</html>", {"Content-Type": "text/html"}),
        Reply(200, ""),
        Reply(201, {}),
        Reply(201, []),
        Reply(201, {"token": {}}),
        Reply(201, {"token": {"expires_at": "2999-01-01T00:00:00Z"}}),
        Reply(302, "", {"Location": "https://elsewhere.example.com/"}),
        Reply(404, "<html>Not Found</html>", {"Content-Type": "text/html"}),
        Reply(403, {"error": {"code": 403, "message": "locked", "title": "Forbidden"}}),
        Reply(500, ""),
    ],
    ids=["HTML", "empty", "no token", "array", "no expiry", "no header", "redirect", "404", "403", "500"],
)
def test_an_answer_that_is_no_token_is_a_failed_login(reply: Reply) -> None:
    """Whatever it is, the user reads who could not log in where."""
    with scripted(in_turn(reply)) as service:
        failed_login(service)

    assert {each.path for each in service.received} == {"/v3/auth/tokens"}


def test_an_identity_service_that_is_not_there_is_a_failed_login() -> None:
    """A wrong dli:authUrl, say."""
    with scripted(in_turn(OK)) as service:
        pass

    failed_login(service)


def test_a_token_without_a_project_is_not_used() -> None:
    """Requests would go to a project called None."""
    with scripted(in_turn(token_reply(project=None), OK)) as service, pytest.raises(DliError) as caught:
        DliClient(account(service.url)).find_flink_jobs("a")

    assert [each.path for each in service.received] == ["/v3/auth/tokens"]
    assert "project" in str(caught.value)


def test_a_login_that_fails_while_a_token_is_renewed_is_reported_as_such() -> None:
    """An account that was locked in the meantime: one line, as for any failed login."""

    def answer(request: Received) -> Reply:
        if request.path != "/v3/auth/tokens":
            return Reply(401, "")
        first = sum(each.path == request.path for each in service.received) == 1
        # A token that is about to expire is renewed each time that it is asked for.
        return token_reply(expires_at="2026-01-01T00:00:00.000000Z") if first else Reply(401, "")

    with scripted(answer) as service, pytest.raises(AuthenticationError, match=f"login at {service.url}/v3 failed"):
        Transport(service.url, password_login(account(service.url))).request("X", "GET", "/job")


def test_after_an_odd_answer_the_next_request_logs_in_again() -> None:
    """Half a token is not kept."""
    jobs = Reply(body={"job_list": {"jobs": []}})
    half = Reply(201, {"token": {}}, {"X-Subject-Token": "gAAAAA-half"})
    with scripted(in_turn(half, token_reply(), jobs)) as service:
        client = DliClient(account(service.url))
        with pytest.raises(AuthenticationError):
            client.find_flink_jobs("a")

        assert client.find_flink_jobs("a") == []

    assert service.received[-1].headers["X-Auth-Token"] == "gAAAAA-fresh"


def test_a_token_that_does_not_say_how_long_it_lives_is_given_up() -> None:
    """It is no token; the next request logs in again, and does not fail for ever."""
    jobs = Reply(body={"job_list": {"jobs": []}})
    half = Reply(201, {"token": {}}, {"X-Subject-Token": "gAAAAA-half"})
    with scripted(in_turn(half, token_reply(), jobs)) as service:
        client = DliClient(account(service.url, projectId="p"))
        with pytest.raises(AuthenticationError):
            client.find_flink_jobs("a")

        assert client.find_flink_jobs("a") == []

    assert service.received[-1].headers["X-Auth-Token"] == "gAAAAA-fresh"


def test_the_login_trusts_the_authorities_that_requests_trust(tmp_path: Path) -> None:
    """dli:caCert counts for both; without it a password goes to no stranger."""
    file = tmp_path / "certificate.pem"
    file.write_text(CERTIFICATE, encoding="ascii")
    with scripted(in_turn(token_reply()), certificate=file) as service:
        with pytest.raises(AuthenticationError, match="no usable answer"):
            password_login(account(service.url)).token()
        assert service.received == []

        assert password_login(account(service.url, caCert=str(file))).token() == "gAAAAA-fresh"


def test_the_login_does_not_follow_a_redirect() -> None:
    """The password would go with it."""
    with scripted(in_turn(OK)) as elsewhere:
        with scripted(in_turn(Reply(307, "", {"Location": f"{elsewhere.url}/v3/auth/tokens"}))) as service:
            failed_login(service)
        assert elsewhere.received == []


def at_once(number: int, client: DliClient) -> None:
    """Send a request in each of several threads, all at the same time; none may fail."""
    gate, failures = threading.Barrier(number), []

    def ask() -> None:
        gate.wait()
        try:
            client.find_flink_jobs("a")
        except DliError as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
