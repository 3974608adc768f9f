"""DLI's operations, one by one: what goes out, and how every form of an answer is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_dli.api.client import DliClient
from pulumi_dli.config.settings import read_settings
from pulumi_dli.emulator.server import Emulator, Options, running
from pulumi_dli.errors import ConfigurationError, DliError, NotFoundError, ServiceError, UnusableAnswerError
from support.scripted import OK, Received, Reply, in_turn, scripted

# A busy machine makes no rule wrong.
a_rule = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

BIG = 2**53 + 1
ENTRYPOINT = "obs://artifacts/clickstream.jar"
SECRET = "s3cr3t-Q7"  # noqa: S105 - looks like one, and is none


@pytest.fixture(scope="module")
def started() -> Iterator[Emulator]:
    # Every job of it has an id that a double cannot hold.
    with running(Options(time_factor=1000, first_job_id=BIG, log_secrets=True)) as emulator:
        yield emulator


@pytest.fixture
def emulator(started: Emulator) -> Emulator:
    """One emulator for this file, without the faults and requests of earlier tests."""
    started.clear_faults()
    started.clear_requests()
    return started


def client_of(url: str, project_id: str = "p") -> DliClient:
    return DliClient(read_settings({"endpoint": url, "token": "emulator-token", "projectId": project_id}, {}))


@pytest.fixture
def client(emulator: Emulator) -> DliClient:
    return client_of(emulator.url, emulator.project_id)


Call = Callable[[DliClient], Any]

# Each operation, with its request: method, path, body.
OPERATIONS: dict[str, tuple[Call, str, str, Any]] = {
    "CreateFlinkJarJob": (
        lambda client: client.create_flink_jar_job({"name": "a"}),
        "POST",
        "/v1.0/p/streaming/flink-jobs",
        {"name": "a"},
    ),
    "UpdateFlinkJarJob": (
        lambda client: client.update_flink_jar_job("138", {"desc": "a"}),
        "PUT",
        "/v1.0/p/streaming/flink-jobs/138",
        {"desc": "a"},
    ),
    "ShowFlinkJob": (lambda client: client.show_flink_job("138"), "GET", "/v1.0/p/streaming/jobs/138", None),
    "ListFlinkJobs": (
        lambda client: client.find_flink_jobs("a b"),
        "GET",
        "/v1.0/p/streaming/jobs?name=a%20b&offset=0&limit=100",
        None,
    ),
    "RunFlinkJobs": (
        lambda client: client.run_flink_job("138", resume_savepoint=True),
        "POST",
        "/v1.0/p/streaming/jobs/run",
        {"job_ids": [138], "resume_savepoint": True},
    ),
    "StopFlinkJobs": (
        lambda client: client.stop_flink_job("138", trigger_savepoint=False),
        "POST",
        "/v1.0/p/streaming/jobs/stop",
        {"job_ids": [138], "trigger_savepoint": False},
    ),
    "DeleteFlinkJob": (lambda client: client.delete_flink_job("138"), "DELETE", "/v1.0/p/streaming/jobs/138", None),
}
GOOD = {
    "is_success": True,
    "job": {"job_id": 138, "update_time": 1516952770835},
    "job_detail": {"job_id": 138, "status": "job_init"},
    "job_list": {"total_count": 0, "jobs": []},
}

each_operation = pytest.mark.parametrize("operation", OPERATIONS)


def outcome(operation: str, *replies: Reply) -> Any:
    """Return what an operation makes of an answer: its result, or its error."""
    with scripted(in_turn(*replies)) as service:
        try:
            return OPERATIONS[operation][0](client_of(service.url))
        except DliError as error:
            assert "\n" not in str(error)
            return error


# Requests


@each_operation
def test_an_operation_sends_its_request(operation: str) -> None:
    """Method, path and body as the API reference has them; one request each."""
    call, method, path, body = OPERATIONS[operation]
    with scripted(in_turn(Reply(body=GOOD))) as service:
        call(client_of(service.url))

    [request] = service.received
    assert (request.method, request.path) == (method, path)
    assert request.body == b"" if body is None else request.json == body


def test_project_and_job_id_are_one_part_of_the_path_each() -> None:
    """Whatever characters they have."""
    with scripted(in_turn(Reply(body=GOOD))) as service:
        client_of(service.url, "p/../q?").show_flink_job("1/2")

    assert service.received[0].path == "/v1.0/p%2F..%2Fq%3F/streaming/jobs/1%2F2"


@pytest.mark.parametrize("flag", [True, False])
def test_run_and_stop_say_whether_state_is_carried_over(emulator: Emulator, client: DliClient, flag: bool) -> None:
    """Both ways, never left out."""
    with scripted(in_turn(Reply(body=GOOD))) as service:
        client_of(service.url).run_flink_job("1", resume_savepoint=flag)
        client_of(service.url).stop_flink_job("1", trigger_savepoint=flag)

    assert [each.json for each in service.received] == [
        {"job_ids": [1], "resume_savepoint": flag},
        {"job_ids": [1], "trigger_savepoint": flag},
    ]


@pytest.mark.parametrize("job_id", ["", "abc", "1.5"])
def test_a_job_id_that_is_no_number_is_refused_before_a_request(job_id: str) -> None:
    """A batch takes numbers."""
    with scripted(in_turn(Reply(body=GOOD))) as service, pytest.raises(ConfigurationError):
        client_of(service.url).run_flink_job(job_id, resume_savepoint=False)

    assert service.received == []


# Against the emulator, with a job id above 2^53


def job(client: DliClient, name: str, **properties: Any) -> str:
    return client.create_flink_jar_job({"name": name, "entrypoint": ENTRYPOINT, **properties})


def test_a_job_s_id_is_exact_above_2_53(emulator: Emulator, client: DliClient) -> None:
    """As text in our hands, as a number in JSON, to the last digit everywhere."""
    job_id = job(client, "exact")

    assert int(job_id) >= BIG
    client.update_flink_jar_job(job_id, {"desc": "a"})
    client.run_flink_job(job_id, resume_savepoint=False)
    assert client.show_flink_job(job_id).job_id == job_id
    assert client.find_flink_jobs("exact") == [job_id]
    client.delete_flink_job(job_id)
    assert {tuple(each["job_ids"]) for each in emulator.requests(writes_only=True)} == {(int(job_id),)}


@pytest.mark.parametrize("told", [BIG, str(BIG)])
def test_a_created_job_s_id_is_read_from_a_number_or_a_text(told: Any) -> None:
    """A Long in the reference; Huawei's services send texts now and then."""
    with scripted(in_turn(Reply(body={"is_success": "true", "job": {"job_id": told}}))) as service:
        assert client_of(service.url).create_flink_jar_job({"name": "a"}) == str(BIG)


def test_the_update_time_of_the_answer_is_returned_as_an_integer(emulator: Emulator, client: DliClient) -> None:
    """In milliseconds since the epoch."""
    job_id = job(client, "timed")

    told = client.update_flink_jar_job(job_id, {"desc": "a"})

    assert type(told) is int
    assert told == emulator.job("timed")["update_time"]


def test_the_example_of_the_update_page_gives_its_update_time() -> None:
    """To the letter."""
    example = """{
     "is_success": true,
     "message": "The Flink job is updated successfully.",
     "job": {
        "update_time": 1516952770835
     }
   }"""
    with scripted(in_turn(Reply(body=example))) as service:
        assert client_of(service.url).update_flink_jar_job("138", {"desc": "a"}) == 1516952770835


@pytest.mark.parametrize(
    ("answer", "update_time"),
    [
        ({}, None),
        ({"is_success": True}, None),
        ({"job": None}, None),
        ({"job": {}}, None),
        ({"job": []}, None),
        ({"job": {"update_time": None}}, None),
        ({"job": {"update_time": True}}, None),
        ({"job": {"update_time": 1.516952770835e12}}, 1516952770835),
        ({"job": {"update_time": 0}}, 0),
    ],
    ids=str,
)
def test_an_update_without_update_time_has_taken_effect_all_the_same(
    answer: dict[str, Any], update_time: int | None
) -> None:
    """All parts of the answer are optional."""
    with scripted(in_turn(Reply(body=answer))) as service:
        found = client_of(service.url).update_flink_jar_job("138", {"desc": "a"})

    assert (found, type(found)) == (update_time, type(update_time))


def test_a_name_is_compared_exactly(client: DliClient) -> None:
    """DLI's filter may find more."""
    mine = job(client, "stream")
    job(client, "stream-2")

    assert client.find_flink_jobs("stream") == [mine]
    assert client.find_flink_jobs("Stream") == []


def test_jobs_are_looked_for_page_by_page() -> None:
    """Until a page is not full; exactly the name counts, whatever the filter lets through."""

    def answer(request: Received) -> Reply:
        offset = int(request.path.split("offset=")[1].split("&")[0])
        numbers = range(offset, min(offset + 100, 230))
        jobs = [{"job_id": BIG + n, "name": "mine" if n % 100 == 7 else "mine-not"} for n in numbers]
        return Reply(body={"is_success": "true", "job_list": {"total_count": 230, "jobs": jobs}})

    with scripted(answer) as service:
        found = client_of(service.url).find_flink_jobs("mine")

    assert found == [str(BIG + 7), str(BIG + 107), str(BIG + 207)]
    assert [each.path.split("?")[1] for each in service.received] == [
        f"name=mine&offset={offset}&limit=100" for offset in (0, 100, 200)
    ]


@pytest.mark.parametrize("call", ["ShowFlinkJob", "UpdateFlinkJarJob", "DeleteFlinkJob"])
def test_a_job_that_does_not_exist_is_not_found(emulator: Emulator, client: DliClient, call: str) -> None:
    """With code, message and request id."""
    with pytest.raises(NotFoundError) as caught:
        OPERATIONS[call][0](client)

    assert caught.value.code == "DLI.16001"
    assert str(caught.value).startswith(f"{call} was refused: ")
    assert caught.value.request_id


# is_success and arrays


@pytest.mark.parametrize("told", [True, "true", "absent"], ids=repr)
@each_operation
def test_success_is_a_boolean_or_a_text_or_missing(operation: str, told: Any) -> None:
    """All three mean that it was done."""
    body = {**GOOD, "is_success": told}
    if told == "absent":
        del body["is_success"]

    assert not isinstance(outcome(operation, Reply(body=body)), DliError)


@pytest.mark.parametrize("told", ["True", "TRUE", None], ids=repr)
def test_success_in_capitals_or_as_null_counts_as_well(told: Any) -> None:
    """No service that says so means a refusal."""
    assert not isinstance(outcome("UpdateFlinkJarJob", Reply(body={**GOOD, "is_success": told})), DliError)


@pytest.mark.parametrize("told", [False, "false", "False", "", "no", 0, 1, [], {}], ids=repr)
@pytest.mark.parametrize("operation", ["UpdateFlinkJarJob", "RunFlinkJobs", "ListFlinkJobs"])
def test_anything_else_is_a_refusal_with_the_service_s_message(operation: str, told: Any) -> None:
    """With HTTP 200, too."""
    error = outcome(operation, Reply(body={**GOOD, "is_success": told, "message": "queue q is full."}))

    assert isinstance(error, ServiceError)
    assert str(error).startswith(f"{operation} was refused: queue q is full (HTTP 200")
    assert str(error.reason) == "queue q is full."


def test_a_refusal_with_http_200_shows_code_and_request_id_too() -> None:
    """Its support asks for them."""
    body = {"is_success": "false", "message": "bad", "error_code": "DLI.0007"}

    error = str(outcome("UpdateFlinkJarJob", Reply(body=body)))

    assert error == "UpdateFlinkJarJob was refused: bad (HTTP 200, DLI.0007, request id req-7)"


def test_a_refusal_without_a_message_says_so() -> None:
    """One line all the same."""
    error = str(outcome("UpdateFlinkJarJob", Reply(body={"is_success": False})))

    assert error.startswith("UpdateFlinkJarJob was refused: no reason given (HTTP 200")


@pytest.mark.parametrize("operation", ["RunFlinkJobs", "StopFlinkJobs"])
@pytest.mark.parametrize(
    "items",
    [[{"is_success": "true", "message": "ok"}], [{"is_success": True}], [{}], {"is_success": True}, {}],
    ids=str,
)
def test_a_batch_is_done_when_every_item_says_so(operation: str, items: Any) -> None:
    """An array as in the reference, or one object."""
    assert outcome(operation, Reply(body=items)) is None


@pytest.mark.parametrize("operation", ["RunFlinkJobs", "StopFlinkJobs"])
@pytest.mark.parametrize(
    "items",
    [
        [{"is_success": "false", "message": "busy"}],
        [{"is_success": False, "message": "busy"}],
        [{"is_success": True, "message": "ok"}, {"is_success": "false", "message": "busy"}],
        {"is_success": "false", "message": "busy"},
    ],
    ids=str,
)
def test_a_batch_is_refused_when_one_item_says_so(operation: str, items: Any) -> None:
    """Terraform's provider ignores these."""
    error = outcome(operation, Reply(body=items))

    assert isinstance(error, ServiceError)
    assert "busy" in str(error)


@pytest.mark.parametrize("operation", ["RunFlinkJobs", "StopFlinkJobs"])
@pytest.mark.parametrize("items", [[], [None], ["busy"], [[]], [False]], ids=str)
def test_a_batch_that_says_nothing_of_the_job_is_no_success(operation: str, items: Any) -> None:
    """What is no object says nothing."""
    assert isinstance(outcome(operation, Reply(body=items)), ServiceError)


def test_the_items_of_the_emulator_s_batches_are_checked(emulator: Emulator, client: DliClient) -> None:
    """HTTP 200, and one job of the batch refused."""
    job_id = job(client, "refused")
    emulator.add_fault(operation="RunFlinkJobs", item_refused={"message": "no CUs left"})

    with pytest.raises(ServiceError, match="RunFlinkJobs was refused: no CUs left"):
        client.run_flink_job(job_id, resume_savepoint=False)


# Answers that are not DLI's


@pytest.mark.parametrize("body", [[], [{}]], ids=str)
@pytest.mark.parametrize("operation", ["CreateFlinkJarJob", "UpdateFlinkJarJob", "ShowFlinkJob", "DeleteFlinkJob"])
def test_an_array_where_an_object_belongs_is_unusable(operation: str, body: Any) -> None:
    """No guess is made."""
    assert isinstance(outcome(operation, Reply(body=body)), UnusableAnswerError)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("CreateFlinkJarJob", {"is_success": True}),
        ("CreateFlinkJarJob", {"is_success": True, "job": None}),
        ("CreateFlinkJarJob", {"is_success": True, "job": {}}),
        ("CreateFlinkJarJob", {"is_success": True, "job": {"job_id": None}}),
        ("CreateFlinkJarJob", {"is_success": True, "job": {"job_id": True}}),
        ("CreateFlinkJarJob", {"is_success": True, "job": {"job_id": ""}}),
        ("ShowFlinkJob", {"is_success": True}),
        ("ShowFlinkJob", {"is_success": True, "job_detail": None}),
        ("ShowFlinkJob", {"is_success": True, "job_detail": []}),
        ("ListFlinkJobs", {"is_success": True}),
        ("ListFlinkJobs", {"is_success": True, "job_list": []}),
        ("ListFlinkJobs", {"is_success": True, "job_list": {"jobs": None}}),
        ("ListFlinkJobs", []),
    ],
    ids=str,
)
def test_an_answer_without_what_was_asked_for_is_unusable(operation: str, body: Any) -> None:
    """It is reported, not guessed."""
    error = outcome(operation, Reply(body=body))

    assert isinstance(error, UnusableAnswerError)
    assert str(error).startswith(f"{operation} was refused: ")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, "<html><title>Login</title></html>", {"Content-Type": "text/html"}),
        Reply(200, ""),
        Reply(404, ""),
        Reply(302, "", {"Location": "https://login.example.com/"}),
    ],
    ids=["HTML", "empty", "empty 404", "redirect"],
)
@each_operation
def test_a_gateway_s_answer_is_unusable_and_never_not_found(operation: str, reply: Reply) -> None:
    """For every operation."""
    error = outcome(operation, reply)

    assert isinstance(error, UnusableAnswerError)
    assert not isinstance(error, NotFoundError)
    assert f"HTTP {reply.status}" in str(error)
    assert "request id req-7" in str(error)


# Secrets that the service repeats

RUNTIME = json.dumps([{"key": "s3.secret-key", "value": SECRET}])


REPEATED: dict[str, tuple[dict[str, str], str]] = {
    "an argument": ({"entrypoint_args": f"--user a --password {SECRET}"}, SECRET),
    "an argument with its name": ({"entrypoint_args": f"--password={SECRET}"}, f"--password={SECRET}"),
    "an argument's value": ({"entrypoint_args": f"--password={SECRET}"}, SECRET),
    "one of several values": ({"entrypoint_args": f"-Dkey={SECRET},b:c"}, SECRET),
    "a key of a pair": ({"entrypoint_args": f"AK:{SECRET}"}, SECRET),
    "a quoted argument": ({"entrypoint_args": f'--password "{SECRET}"'}, SECRET),
    "a setting's value": ({"runtime_config": RUNTIME}, SECRET),
    "all settings": ({"runtime_config": RUNTIME}, RUNTIME),
    "a deep value": ({"runtime_config": json.dumps({"a": {"b": [SECRET]}})}, SECRET),
    "part of broken JSON": ({"runtime_config": f"no json {SECRET}"}, SECRET),
}
FORMS: dict[str, Callable[[str], Reply]] = {
    "error": lambda message: Reply(400, {"error_code": "DLI.0001", "error_msg": message}),
    "message": lambda message: Reply(400, {"message": message}),
    "refusal": lambda message: Reply(200, {"is_success": "false", "message": message}),
}


def refusal(reply: Reply, properties: dict[str, Any]) -> ServiceError:
    """Return the error of an update with these properties."""
    with scripted(in_turn(reply)) as service, pytest.raises(ServiceError) as caught:
        client_of(service.url).update_flink_jar_job("1", properties)
    return caught.value


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("what", REPEATED)
def test_a_secret_that_the_service_repeats_is_masked(what: str, form: str) -> None:
    """Whole or in part, in the line and in the error's parts; the rest of the message stays readable."""
    properties, repeated = REPEATED[what]

    error = refusal(FORMS[form](f"cannot parse {repeated} here"), properties)

    assert SECRET not in f"{error} {error.reason!r} {error.args} {vars(error)}"
    assert "cannot parse " in str(error)
    assert "***" in str(error)


def test_a_secret_of_a_create_is_masked_too() -> None:
    """It is sent there first."""
    reply = FORMS["error"](f"cannot parse {SECRET}")
    with scripted(in_turn(reply)) as service, pytest.raises(ServiceError) as caught:
        client_of(service.url).create_flink_jar_job({"name": "a", "entrypoint_args": SECRET})

    assert SECRET not in str(caught.value)


def test_the_whole_of_a_secret_is_masked_before_its_parts() -> None:
    """Or else the short parts of it would stay readable."""
    error = refusal(FORMS["error"](f"cannot parse <x1 {SECRET} y2> here"), {"entrypoint_args": f"x1 {SECRET} y2"})

    assert "cannot parse <***> here" in str(error)


def test_a_setting_s_value_is_masked_as_it_reads_not_as_it_is_written() -> None:
    """JSON text may escape what the service repeats plainly."""
    runtime_config = json.dumps([{"key": "a", "value": "käsekuchen"}])

    error = refusal(FORMS["error"]("cannot parse <käsekuchen> here"), {"runtime_config": runtime_config})

    assert "cannot parse <***> here" in str(error)


@a_rule
@given(st.text(alphabet="abcXYZ019!$%&/()=?{}[]'\"\\+#*-_.:,;<>|@ü", min_size=6, max_size=20))
def test_a_whole_secret_is_masked_whatever_its_characters(secret: str) -> None:
    """Quotes and backslashes too."""
    error = refusal(FORMS["error"](f"cannot parse <{secret}> here"), {"entrypoint_args": secret})

    assert secret not in str(error).removeprefix("UpdateFlinkJarJob was refused: cannot parse")


def test_what_is_no_secret_is_not_masked() -> None:
    """A message without its words helps nobody."""
    properties = {"desc": "clickstream", "entrypoint_args": "--verbose"}

    assert "clickstream is no job" in str(refusal(FORMS["error"]("clickstream is no job"), properties))


def test_short_words_of_a_secret_do_not_make_a_message_unreadable() -> None:
    """Of an argument list, "a" and "1" are no secrets worth a mask."""
    error = refusal(FORMS["error"]("a job with 1 CU is too small"), {"entrypoint_args": "a 1 is"})

    assert "a job with 1 CU is too small" in str(error)


def test_a_token_that_the_service_repeats_is_masked() -> None:
    """In its own words, too."""
    error = refusal(Reply(403, {"error_code": "DLI.0003", "error_msg": "emulator-token is not allowed"}), {"desc": "a"})

    assert "emulator-token" not in str(error)


# Construction


def test_a_client_sends_nothing_by_itself() -> None:
    """And knows its address and project."""
    with scripted(in_turn(OK)) as service:
        client = client_of(f"{service.url}/")

    assert (client.endpoint, client.project_id) == (service.url, "p")
    assert service.received == []


def test_a_client_without_an_address_says_what_to_set() -> None:
    """When it is made."""
    with pytest.raises(ConfigurationError, match="no address of DLI"):
        DliClient(read_settings({"token": "gAAAAA-t", "projectId": "p"}, {}))
