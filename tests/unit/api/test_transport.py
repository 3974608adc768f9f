"""One request over a real socket: what is retried, what never is, and what each odd answer says.

`Scripted` is a service of this file's own, which answers as a test says; other tests use it too.
"""

from __future__ import annotations

import ssl
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli import __version__
from pulumi_dli.api import retry
from pulumi_dli.api.auth.base import StaticToken
from pulumi_dli.api.retry import retry_after
from pulumi_dli.api.transport import Transport
from pulumi_dli.errors import (
    AuthenticationError,
    ConnectionFailedError,
    DliError,
    NotFoundError,
    ServiceError,
    UnusableAnswerError,
)

# A certificate that nobody trusts by himself, for 127.0.0.1, valid until 2120; its key guards nothing.
from support.scripted import CERTIFICATE, CUT, OK, Reply, Scripted, in_turn, scripted

TOKEN = "gAAAAA-token"  # noqa: S105 - worth nothing


def send(service: Scripted, method: str = "PUT", **more: Any) -> Any:
    """Send one request the way the client does."""
    return Transport(service.url, StaticToken(TOKEN)).request("UpdateFlinkJarJob", method, "/v1.0/p/job", **more)


def refused(*replies: Reply, method: str = "PUT", kind: type[DliError] = DliError) -> tuple[str, list[str]]:
    """Return what the error says, and the methods of the requests that the service saw."""
    with scripted(in_turn(*replies)) as service, pytest.raises(kind) as caught:
        send(service, method)
    said = str(caught.value)
    assert "\n" not in said
    assert TOKEN not in said
    return said, service.methods


def test_a_request_bears_token_body_query_and_the_client_s_name() -> None:
    """As DLI wants them."""
    with scripted(in_turn(OK)) as service:
        assert send(service, "PUT", body={"desc": "ü", "cu_number": 4}, query={"limit": 100}) == {"is_success": True}

    [request] = service.received
    assert (request.method, request.path) == ("PUT", "/v1.0/p/job?limit=100")
    assert request.json == {"desc": "ü", "cu_number": 4}
    assert request.headers["X-Auth-Token"] == TOKEN
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["User-Agent"] == f"pulumi-dli/{__version__}"


def test_an_empty_object_is_sent_as_one() -> None:
    """Not as no body."""
    with scripted(in_turn(OK)) as service:
        send(service, "PUT", body={})

    assert service.received[0].body == b"{}"


@pytest.mark.parametrize("body", [{"job": {"job_id": 9007199254740993}}, [{"is_success": "true"}], {}, []], ids=str)
def test_the_json_of_a_good_answer_is_returned(body: Any) -> None:
    """Objects and arrays, and integers above 2^53 to the digit."""
    with scripted(in_turn(Reply(body=body))) as service:
        assert send(service) == body


def test_one_connection_serves_several_requests() -> None:
    """A new one would cost a TLS handshake each time."""
    with scripted(in_turn(OK)) as service:
        connection = Transport(service.url, StaticToken(TOKEN))
        for _ in range(3):
            connection.request("ShowFlinkJob", "GET", "/job")

    assert len({each.port for each in service.received}) == 1


# Refusals


def test_a_refusal_shows_code_message_and_request_id_in_one_line() -> None:
    """What failed, the service's own words, and what its support asks for."""
    said, methods = refused(Reply(400, {"error_code": "DLI.0001", "error_msg": "cu_number is wrong."}))

    assert said == "UpdateFlinkJarJob was refused: cu_number is wrong (HTTP 400, DLI.0001, request id req-7)"
    assert methods == ["PUT"]


def test_the_parts_of_a_refusal_can_be_asked_for() -> None:
    """By those who decide by them."""
    with (
        scripted(in_turn(Reply(403, {"error_code": "DLI.0003", "error_msg": "no"}))) as service,
        pytest.raises(ServiceError) as caught,
    ):
        send(service)

    error = caught.value
    assert (error.operation, error.status, error.code, str(error.reason), error.request_id) == (
        "UpdateFlinkJarJob",
        403,
        "DLI.0003",
        "no",
        "req-7",
    )
    assert str(error).endswith("; the account lacks the permission")


@pytest.mark.parametrize(
    ("reply", "kind", "line"),
    [
        (Reply(400, {"error_code": "DLI.16001", "error_msg": "gone"}), NotFoundError, "gone (HTTP 400, DLI.16001,"),
        (Reply(404, {"error_code": "DLI.0023", "error_msg": "gone"}), NotFoundError, "gone (HTTP 404, DLI.0023,"),
        (
            Reply(400, {"error_code": "DLI.0002", "error_msg": "no queue"}),
            ServiceError,
            "no queue (HTTP 400, DLI.0002,",
        ),
        (Reply(500, {"error_code": "DLI.0999", "error_msg": "oops"}), ServiceError, "oops (HTTP 500, DLI.0999,"),
        (Reply(403, {"error_code": "DLI.1028", "error_msg": "full"}), ServiceError, "a quota is used up"),
        (Reply(400, {"error_code": "DLI.0001"}), ServiceError, "no reason given (HTTP 400, DLI.0001,"),
        (Reply(400, {"error_code": "DLI.0001", "error_msg": None}), ServiceError, "no reason given (HTTP 400,"),
        (Reply(400, {"is_success": False, "message": "bad job"}), ServiceError, "bad job (HTTP 400, request id"),
        (Reply(404, {"error_code": "APIG.0101", "error_msg": "no API"}), ServiceError, "no API (HTTP 404, APIG.0101,"),
        (Reply(404, ""), UnusableAnswerError, "the answer is empty (HTTP 404,"),
        (Reply(400, []), UnusableAnswerError, "(HTTP 400,"),
        (Reply(400, {}), UnusableAnswerError, "(HTTP 400,"),
        (Reply(200, "", {"Content-Type": "text/plain"}), UnusableAnswerError, "the answer is empty (HTTP 200,"),
        (Reply(204, ""), UnusableAnswerError, "the answer is empty (HTTP 204,"),
        (Reply(200, "ok", {"Content-Type": "text/plain"}), UnusableAnswerError, "is text/plain, not JSON (HTTP 200,"),
        (Reply(200, "{", {}), UnusableAnswerError, "not JSON (HTTP 200,"),
        (Reply(200, b"\xff\xfe\xff", {}), UnusableAnswerError, "not JSON (HTTP 200,"),
        (Reply(200, "5", {}), UnusableAnswerError, "(HTTP 200,"),
        (Reply(200, "null", {}), UnusableAnswerError, "(HTTP 200,"),
        (
            Reply(200, "<html><TITLE> Sign\nin </TITLE>secret</html>", {"Content-Type": "text/html; charset=utf-8"}),
            UnusableAnswerError,
            'the answer is text/html, not JSON ("Sign in") (HTTP 200,',
        ),
        (
            Reply(404, "<title>Not Found</title>", {"Content-Type": "text/html"}),
            UnusableAnswerError,
            'the answer is text/html, not JSON ("Not Found") (HTTP 404,',
        ),
        (
            Reply(500, "<html>secret</html>", {"Content-Type": "text/html"}),
            UnusableAnswerError,
            "the answer is text/html, not JSON (HTTP 500,",
        ),
        (
            Reply(400, {"error_code": "DLI.0001", "error_msg": "two\nlines"}),
            ServiceError,
            "two lines (HTTP 400,",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_refusal_is_an_error_of_its_kind(reply: Reply, kind: type[ServiceError], line: str) -> None:
    """DLI's own errors, a gateway's, and answers that are none; their text is not repeated, but for a page's title."""
    said, _ = refused(reply, kind=kind)

    assert line in said
    assert "secret" not in said


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404, ""),
        Reply(404, "<title>Not Found</title>", {"Content-Type": "text/html"}),
        Reply(404, {"error_code": "APIG.0101", "error_msg": "no API"}),
        Reply(404, {"message": "not found"}),
        Reply(400, {"error_code": "DLI.0002", "error_msg": "no such queue"}),
    ],
    ids=["empty", "HTML", "gateway", "message", "queue"],
)
def test_only_dli_s_own_codes_say_that_a_job_is_gone(reply: Reply) -> None:
    """A wrong address must not make Pulumi create all jobs again."""
    with scripted(in_turn(reply)) as service, pytest.raises(ServiceError) as caught:
        send(service, "GET")

    assert not isinstance(caught.value, NotFoundError)


def test_a_refused_token_names_the_remedy_and_the_service_s_reason() -> None:
    """And is not repeated."""
    said, methods = refused(
        Reply(401, {"error_code": "DLI.0014", "error_msg": "The token has expired."}), kind=AuthenticationError
    )

    assert "DLI.0014" in said
    assert "The token has expired" in said
    assert "request id req-7" in said
    assert "renew dli:token" in said
    assert methods == ["PUT"]


def test_a_refused_token_without_a_body_is_reported_as_well() -> None:
    """A gateway's 401 may be empty."""
    said, _ = refused(Reply(401, ""), kind=AuthenticationError)

    assert said.startswith("UpdateFlinkJarJob was refused: the token is not valid, or has expired (HTTP 401, request")


# Redirects


@pytest.mark.parametrize(
    ("method", "status"),
    [("PUT", 301), ("PUT", 302), ("PUT", 303), ("PUT", 307), ("PUT", 308), ("GET", 302), ("POST", 307)],
)
def test_a_redirect_is_an_error_and_the_token_does_not_go_there(method: str, status: int) -> None:
    """Wherever it points, nothing is asked there."""
    with scripted(in_turn(OK)) as elsewhere:
        said, methods = refused(
            Reply(status, "", {"Location": f"{elsewhere.url}/v1.0/p/job?ticket=secret"}),
            method=method,
            kind=UnusableAnswerError,
        )

    assert elsewhere.received == []
    assert methods == [method]
    assert f"the answer redirects to {elsewhere.url.removeprefix('http://')}, which is not followed" in said
    assert "secret" not in said


def test_a_redirect_to_nowhere_is_an_error() -> None:
    """Without a Location."""
    said, _ = refused(Reply(302, "<html></html>", {"Location": "/login"}), kind=UnusableAnswerError)

    assert "the answer redirects to another place, which is not followed" in said


# Retries


@pytest.mark.parametrize(
    ("method", "status"), [("PUT", 502), ("PUT", 503), ("PUT", 504), ("GET", 503), ("DELETE", 503)]
)
def test_a_gateway_s_error_is_retried(method: str, status: int) -> None:
    """A second try of GET, PUT and DELETE has the same effect as the first."""
    with scripted(in_turn(Reply(status, ""), OK)) as service:
        assert send(service, method, body={"desc": "a"}) == {"is_success": True}

    assert service.methods == [method, method]
    assert [each.json for each in service.received] == [{"desc": "a"}] * 2
    assert [each.headers["X-Auth-Token"] for each in service.received] == [TOKEN] * 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_cut_connection_is_retried(method: str) -> None:
    """Where a second try does no harm."""
    with scripted(in_turn(CUT, OK)) as service:
        assert send(service, method) == {"is_success": True}

    assert service.methods == [method, method]


@pytest.mark.parametrize(
    "reply", [CUT, Reply(502, ""), Reply(503, ""), Reply(504, "")], ids=["cut", "502", "503", "504"]
)
def test_a_post_is_never_sent_twice_after_it_may_have_arrived(reply: Reply) -> None:
    """It could create a second job or start one twice."""
    _, methods = refused(reply, OK, method="POST")

    assert methods == ["POST"]


def test_a_post_with_retry_after_is_not_sent_twice_after_503_either() -> None:
    """The header does not say that nothing was done."""
    _, methods = refused(Reply(503, "", {"Retry-After": "0"}), OK, method="POST", kind=ServiceError)

    assert methods == ["POST"]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_request_that_was_turned_away_is_retried_after_the_time_that_was_asked_for(method: str) -> None:
    """429: nothing was done, so any method may come again; Retry-After is obeyed."""
    started = time.monotonic()
    with scripted(in_turn(Reply(429, "", {"Retry-After": "1"}), OK)) as service:
        assert send(service, method, body={"desc": "a"}) == {"is_success": True}

    assert service.methods == [method, method]
    assert [each.json for each in service.received] == [{"desc": "a"}] * 2
    assert 1 <= time.monotonic() - started < 5


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_a_request_that_was_turned_away_without_a_time_is_retried_too(method: str) -> None:
    """At once, then at growing intervals."""
    with scripted(in_turn(Reply(429, ""), OK)) as service:
        assert send(service, method) == {"is_success": True}

    assert service.methods == [method, method]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_service_that_asks_to_wait_is_waited_for_as_often_as_it_asks(method: str) -> None:
    """Many jobs that meet a limit of requests per second each wait for their turn, and none fails."""
    busy = [Reply(429, "", {"Retry-After": "0"})] * 8
    with scripted(in_turn(*busy, OK)) as service:
        assert send(service, method) == {"is_success": True}

    assert service.methods == [method] * 9


@pytest.mark.full
@pytest.mark.parametrize(("method", "status"), [("POST", 429), ("PUT", 503)])
def test_what_stays_refused_is_reported_after_five_tries(method: str, status: int) -> None:
    """The refusal is the service's own, from its last answer."""
    said, methods = refused(
        Reply(status, {"error_code": "DLI.0012", "error_msg": "busy"}), method=method, kind=ServiceError
    )

    assert methods == [method] * 5
    assert f"busy (HTTP {status}, DLI.0012" in said


@pytest.mark.full
def test_a_connection_that_is_always_cut_is_given_up_after_five_tries() -> None:
    """A PUT, too."""
    said, methods = refused(CUT, kind=ConnectionFailedError)

    assert methods == ["PUT"] * 5
    assert "cut the connection" in said


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 501])
def test_any_other_refusal_is_not_retried(status: int) -> None:
    """It would be the same again."""
    _, methods = refused(Reply(status, {"error_code": "DLI.0001", "error_msg": "no"}), OK)

    assert methods == ["PUT"]


@pytest.mark.parametrize("when", ["soon", "-1", "Tue, 99 Foo"])
def test_a_malformed_retry_after_is_as_none(when: str) -> None:
    """It hides neither the refusal nor the second try."""
    with scripted(in_turn(Reply(429, "", {"Retry-After": when}), OK)) as service:
        assert send(service, "POST") == {"is_success": True}

    assert service.methods == ["POST", "POST"]


# No answer


def test_a_cut_says_that_the_effect_is_not_known() -> None:
    """With what to do next."""
    said, _ = refused(CUT, method="POST", kind=ConnectionFailedError)

    assert said.startswith("UpdateFlinkJarJob: 127.0.0.1:")
    assert said.endswith(
        "cut the connection; whether the request took effect is not known, run pulumi up again to finish"
    )


def test_an_answer_that_breaks_off_counts_as_cut() -> None:
    """Half an answer is none."""
    said, _ = refused(Reply(200, '{"is_succ', cut=True), method="POST", kind=ConnectionFailedError)

    assert "cut the connection" in said


def test_an_address_that_nobody_listens_at_is_reported_with_the_settings_to_look_at() -> None:
    """In one line, within seconds."""
    with scripted(in_turn(OK)) as service:
        pass
    started = time.monotonic()
    with pytest.raises(ConnectionFailedError) as caught:
        send(service)

    assert time.monotonic() - started < 4
    host = service.url.removeprefix("http://")
    assert str(caught.value) == (
        f"UpdateFlinkJarJob: {host} cannot be reached; check dli:endpoint, dli:region and the network"
    )


def test_a_name_that_does_not_exist_cannot_be_reached() -> None:
    """A misspelt region, say."""
    connection = Transport("https://dli.eu-xx.invalid", StaticToken(TOKEN))

    with pytest.raises(ConnectionFailedError, match=r"^X: dli\.eu-xx\.invalid cannot be reached; check dli:endpoint"):
        connection.request("X", "GET", "/")


def test_https_to_a_server_that_speaks_none_is_reported_as_such() -> None:
    """At once, and not as an unknown effect: no request has left, and a second try would be no better."""
    started = time.monotonic()
    with scripted(in_turn(OK)) as service:
        connection = Transport(service.url.replace("http://", "https://"), StaticToken(TOKEN))
        with pytest.raises(ConnectionFailedError) as caught:
            connection.request("X", "POST", "/")

    assert service.received == []
    assert "took effect" not in str(caught.value)
    assert time.monotonic() - started < 3


def test_a_certificate_that_is_not_trusted_is_refused(tmp_path: Path) -> None:
    """Nothing is sent; the error names the setting that would trust its authority."""
    file = tmp_path / "certificate.pem"
    file.write_text(CERTIFICATE, encoding="ascii")
    with scripted(in_turn(OK), certificate=file) as service, pytest.raises(ConnectionFailedError) as caught:
        send(service)

    host = service.url.removeprefix("https://")
    assert service.received == []
    assert str(caught.value) == (
        f"UpdateFlinkJarJob: the certificate of {host} is not trusted; name its authority with dli:caCert"
    )


def test_a_certificate_for_another_name_is_reported_as_such(tmp_path: Path) -> None:
    """To trust its authority would not help."""
    file = tmp_path / "certificate.pem"
    file.write_text(CERTIFICATE, encoding="ascii")
    with scripted(in_turn(OK), certificate=file) as service:
        address = service.url.replace("127.0.0.1", "localhost")
        with pytest.raises(ConnectionFailedError, match=r"is for another name; check dli:endpoint"):
            Transport(address, StaticToken(TOKEN), ca_cert=str(file)).request("X", "GET", "/")


def test_a_certificate_of_a_named_authority_is_trusted(tmp_path: Path) -> None:
    """dli:caCert names its file."""
    file = tmp_path / "certificate.pem"
    file.write_text(CERTIFICATE, encoding="ascii")
    with scripted(in_turn(OK), certificate=file) as service:
        connection = Transport(service.url, StaticToken(TOKEN), ca_cert=str(file))
        assert connection.request("X", "GET", "/") == {"is_success": True}


def test_a_service_cannot_make_us_wait_for_a_day() -> None:
    """Retry-After is obeyed up to a minute."""
    assert retry_after("86400") == 60
    assert retry_after("Fri, 31 Dec 2999 23:59:59 GMT") == 60
    assert retry_after("2") == 2


def test_no_further_try_begins_after_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the service asks to wait; here the bound is a second."""
    monkeypatch.setattr(retry, "LONGEST_TOTAL", 1.0)
    started = time.monotonic()
    _, methods = refused(Reply(429, "", {"Retry-After": "2"}), kind=ServiceError)

    assert methods == ["PUT"]
    assert time.monotonic() - started < 1


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    """At most 32 MiB of it."""
    said, _ = refused(Reply(200, b" " * (33 << 20)), method="POST", kind=UnusableAnswerError)

    assert "the answer is larger than 32 MiB" in said


def test_cookies_are_not_kept() -> None:
    """Nothing but the proof says who asks."""
    with scripted(in_turn(Reply(body={}, headers={"Set-Cookie": "session=1"}))) as service:
        connection = Transport(service.url, StaticToken(TOKEN))
        connection.request("X", "GET", "/")
        connection.request("X", "GET", "/")

    assert "Cookie" not in service.received[1].headers


# The environment


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """For hosts that are not excepted: it is asked to connect, and sees no token."""
    with scripted(in_turn(Reply(502, ""))) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(ConnectionFailedError, match=r"the proxy for dli\.example\.com cannot be used"):
            Transport("https://dli.example.com", StaticToken(TOKEN)).request("X", "POST", "/")
        monkeypatch.setenv("NO_PROXY", "example.com")
        asked = len(proxy.received)
        with pytest.raises(ConnectionFailedError, match="cannot be reached"):
            Transport("https://dli.example.com", StaticToken(TOKEN)).request("X", "POST", "/")

    assert asked
    assert len(proxy.received) == asked
    assert {each.method for each in proxy.received} == {"CONNECT"}
    assert TOKEN not in str(proxy.received)


def test_a_proxy_is_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain http with a token would go through it."""
    with scripted(in_turn(OK)) as proxy, scripted(in_turn(OK)) as service:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        send(service)
        assert proxy.received == []
    assert len(service.received) == 1


def test_tls_older_than_1_2_is_not_spoken(tmp_path: Path) -> None:
    """Though the server knows nothing else, and its certificate is trusted."""
    file = tmp_path / "certificate.pem"
    file.write_text(CERTIFICATE, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with scripted(in_turn(OK), context=context) as service:
        connection = Transport(service.url, StaticToken(TOKEN), ca_cert=str(file))
        with pytest.raises(ConnectionFailedError, match=r"does not speak TLS 1\.2 or newer"):
            connection.request("X", "GET", "/")

    assert service.received == []


def test_many_threads_share_one_transport() -> None:
    """Each gets its own answer."""
    with scripted(lambda request: Reply(body={"path": request.path})) as service:
        connection = Transport(service.url, StaticToken(TOKEN))
        found: dict[str, Any] = {}

        def ask(path: str) -> None:
            found[path] = connection.request("X", "GET", path)

        threads = [threading.Thread(target=ask, args=(f"/{number}",)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert found == {f"/{number}": {"path": f"/{number}"} for number in range(16)}
