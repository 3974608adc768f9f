"""`pulumi up` with bad input: one clear line, nothing stored, and a correct `up` afterwards works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from support.stack import Result, Stack, job

PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1><p>nginx</p></body></html>"
SECRET = "hunter2-is-secret"  # noqa: S105 - made up


@dataclass(frozen=True)
class Bad:
    """A bad input and what its line must say: bad inputs, a bad configuration, or an operation's bad answer."""

    says: tuple[str, ...]
    inputs: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, str | None] = field(default_factory=dict)
    operation: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)


def _refusal(status: int, code: str, message: str) -> dict[str, Any]:
    return {"status": status, "body": {"error_code": code, "error_msg": message}}


# What the provider finds out by itself. Of several jobs Pulumi shows only one's failures: one `up` for each.
FOUND_OUT = {
    "wrong type": Bad(("cu_number must be an integer",), {"cu_number": "4"}),
    "too long": Bad(("desc must have at most 512 characters", "513"), {"desc": "x" * 513}),
    "unknown property": Bad(("queue_nam is no property", "did you mean queue_name?"), {"queue_nam": "streaming"}),
    "bad JSON": Bad(("runtime_config must be JSON text", "line 1 column 2"), {"runtime_config": "{a: 1}"}),
    "missing name": Bad(("name is missing",), {"name": None}),
    "no credentials": Bad(
        ("no credentials", "dli:token", "OS_TOKEN", "OS_USERNAME and OS_PASSWORD"), config={"token": None}
    ),
}
# What is wrong for every request.
CONFIGURED = {
    "wrong token": Bad(
        ("Authentication failed", "HTTP 401", "DLI.0014", "renew dli:token"), config={"token": "gAAAAA-x"}
    ),
    "unreachable endpoint": Bad(
        ("127.0.0.1:1 cannot be reached", "check dli:endpoint"), config={"endpoint": "http://127.0.0.1:1"}
    ),
}
# What the service refuses, each for a job of its own: all in one `up`.
UPDATES = {
    "html": Bad(
        ("ShowFlinkJob", "HTTP 502", "text/html", '"Bad Gateway"', "try again later"),
        operation="ShowFlinkJob",
        answer={"status": 502, "text": PAGE.format("Bad Gateway")},
    ),
    "no-success": Bad(
        ("UpdateFlinkJarJob was refused: The job is locked",),
        operation="UpdateFlinkJarJob",
        answer={"status": 200, "body": {"is_success": "false", "message": "The job is locked."}},
    ),
    "bare-404": Bad(
        ("HTTP 404", "text/html", "check dli:endpoint"),
        operation="ShowFlinkJob",
        answer={"status": 404, "text": PAGE.format("Not Found")},
    ),
    "vanished": Bad(
        ("The job does not exist", "DLI.16001", "pulumi refresh"),
        operation="ShowFlinkJob",
        answer=_refusal(400, "DLI.16001", "The job does not exist."),
    ),
    "not-found": Bad(
        ("The job was not found", "DLI.0023", "pulumi refresh"),
        operation="ShowFlinkJob",
        answer=_refusal(404, "DLI.0023", "The job was not found."),
    ),
    "refused": Bad(
        ("UpdateFlinkJarJob was refused: The parameter is invalid", "HTTP 400", "DLI.0001", "request id "),
        operation="UpdateFlinkJarJob",
        answer=_refusal(400, "DLI.0001", "The parameter is invalid."),
    ),
    "unknown-queue": Bad(
        ("The queue nowhere does not exist", "DLI.0002", "the job runs again as it was"), {"queue_name": "nowhere"}
    ),
}
CREATES = {
    "new-html": Bad(
        ("CreateFlinkJarJob", "HTTP 503", "text/html", '"Service Unavailable"', "try again later"),
        operation="CreateFlinkJarJob",
        answer={"status": 503, "text": PAGE.format("Service Unavailable")},
    ),
    "new-no-success": Bad(
        ("CreateFlinkJarJob was refused: No more jobs",),
        operation="CreateFlinkJarJob",
        answer={"status": 200, "body": {"is_success": "false", "message": "No more jobs."}},
    ),
    "new-refused": Bad(
        ("CreateFlinkJarJob was refused: No more CUs", "DLI.1028", "quota"),
        operation="CreateFlinkJarJob",
        answer=_refusal(400, "DLI.1028", "No more CUs."),
    ),
    "new-unknown-queue": Bad(("The queue nowhere does not exist", "DLI.0002"), {"queue_name": "nowhere"}),
}


@dataclass(frozen=True)
class Attempt:
    """An `up` with bad input, and the correct one after it."""

    failed: Result
    requests: list[dict[str, Any]]
    before: dict[str, Any]
    after: dict[str, Any]
    corrected: Result
    on_service: dict[str, dict[str, Any]]


@dataclass
class Bench:
    """An emulator and a stack, on which one bad input is tried after the other."""

    emulator: Emulator
    stack: Stack
    stored: dict[str, Any]

    def attempt(self, good: Mapping[str, Any], bads: Mapping[str, Bad], *options: str) -> Attempt:
        """Run `up` with the jobs gone wrong that `bads` names, then with all jobs as they are in `good`."""
        emulator = self.emulator
        usual = {"endpoint": emulator.url, "region": "eu-de", "projectId": emulator.project_id, "token": emulator.token}
        config: dict[str, str | None] = dict(usual)
        for name, bad in bads.items():
            config |= bad.config
            if bad.operation:
                emulator.add_fault(operation=bad.operation, job=name, times=None, answer=dict(bad.answer))
        emulator.clear_requests()
        self.stack.configure(**{name: value for name, value in config.items() if value is not None})
        self.stack.jobs(**{name: _gone_wrong(inputs, bads.get(name)) for name, inputs in good.items()})
        failed = self.stack.up(*options)
        requests, before, after = emulator.requests(), self.stored, self.stack.stored()
        emulator.clear_faults()
        self.stack.configure(**usual)
        self.stack.jobs(**good)
        corrected = self.stack.up()
        self.stored = self.stack.stored()
        on_service = {each["name"]: each for each in emulator.jobs() if not each["deleted"]}
        return Attempt(failed, requests, before, after, corrected, on_service)


def _gone_wrong(inputs: Mapping[str, Any], bad: Bad | None) -> dict[str, Any]:
    return job(**{**inputs, **(bad.inputs if bad else {})})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with running(Options(time_factor=1000)) as emulator:
        stack = Stack.made(tmp_path_factory.mktemp("bad") / "stack", emulator, {})
        stack.jobs(**{name: job(name) for name in ("orders", *UPDATES)})
        stack.up().expect_ok()
        yield Bench(emulator, stack, stack.stored())


@pytest.fixture(scope="module")
def refusals(bench: Bench) -> Attempt:
    """One `up` in which the service refuses every job for a reason of its own."""
    jobs = {name: job(name, smn_topic="new") for name in UPDATES} | {name: job(name) for name in CREATES}
    return bench.attempt({"orders": job("orders"), **jobs}, UPDATES | CREATES, "--continue-on-error")


@pytest.fixture(scope="module", params=[*FOUND_OUT, *CONFIGURED])
def mistake(request: pytest.FixtureRequest, bench: Bench, refusals: Attempt) -> tuple[Bad, Attempt]:
    """One `up` in which the program or the configuration is wrong for the update of a running job."""
    bad = (FOUND_OUT | CONFIGURED)[request.param]
    jobs = {name: job(name, smn_topic="new") for name in UPDATES} | {name: job(name) for name in CREATES}
    orders = job("orders", smn_topic=f"after {request.param}")
    return bad, bench.attempt({"orders": orders, **jobs}, {"orders": bad})


def test_a_mistake_is_one_line_that_says_why(mistake: tuple[Bad, Attempt]) -> None:
    """The line names the job, the property or the setting, the reason, and the remedy where there is one."""
    bad, attempt = mistake
    line = attempt.failed.expect_one_line()
    assert "orders" in line
    assert [each for each in bad.says if each not in line] == [], line


def test_a_mistake_leaves_the_stored_state_unchanged(mistake: tuple[Bad, Attempt]) -> None:
    """What failed is not stored, and what was stored is not lost."""
    _, attempt = mistake
    assert attempt.after == attempt.before


def test_a_correct_up_works_after_a_mistake(mistake: tuple[Bad, Attempt]) -> None:
    """The correct input reaches the service, and the job runs."""
    _, attempt = mistake
    attempt.corrected.expect_ok()
    assert attempt.on_service["orders"]["properties"]["smn_topic"].startswith("after ")
    assert attempt.on_service["orders"]["status"] == "job_running"


@pytest.mark.parametrize("mistake", FOUND_OUT, indirect=True)
def test_a_mistake_that_the_provider_finds_out_sends_nothing(mistake: tuple[Bad, Attempt]) -> None:
    """Input that cannot be right, or cannot be sent, makes no request."""
    _, attempt = mistake
    assert attempt.requests == []


@pytest.mark.parametrize("name", [*UPDATES, *CREATES])
def test_a_refusal_is_one_line_that_says_why(refusals: Attempt, name: str) -> None:
    """The line names the job, the service's words, code and request id, and the remedy where there is one."""
    line = refusals.failed.expect_one_line(name)
    assert f"{name}: " in line
    assert [each for each in (UPDATES | CREATES)[name].says if each not in line] == [], line


@pytest.mark.parametrize("name", UPDATES)
def test_a_refused_update_leaves_the_stored_state_unchanged(refusals: Attempt, name: str) -> None:
    """What failed is not stored, and what was stored is not lost."""
    assert refusals.after[name] == refusals.before[name]


@pytest.mark.parametrize("name", CREATES)
def test_a_refused_create_stores_nothing(refusals: Attempt, name: str) -> None:
    """No resource stands for a job that does not exist."""
    assert name not in refusals.after


@pytest.mark.parametrize("name", [*UPDATES, *CREATES])
def test_a_correct_up_works_after_a_refusal(refusals: Attempt, name: str) -> None:
    """The correct input reaches the service, and the job runs."""
    refusals.corrected.expect_ok()
    assert refusals.on_service[name]["properties"].get("smn_topic") == ("new" if name in UPDATES else None)
    assert refusals.on_service[name]["status"] == "job_running"


def test_no_rule_of_the_service_was_broken(bench: Bench) -> None:
    """Whatever went wrong, no job was run, stopped or changed in a wrong status."""
    assert bench.emulator.violations() == []


def test_all_failures_of_a_job_are_reported_at_once_one_per_property(stack: Stack, emulator: Emulator) -> None:
    """The user fixes everything in one go; nothing is sent, nothing stored, no value of a sensitive property shown."""
    stack.jobs(
        orders=job(
            "x" * 58, cu_number=1, parallel_number=4.5, log_enabled="yes", dependency_jars="a.jar", resume_max_num=0,
            entrypoint_args=["--password", SECRET], runtime_config=f'{{"password": "{SECRET}"', stop_timeout=0,
            desired_state="runing", tm_cuss=1,
        )
    )  # fmt: skip
    failed = stack.up().expect_failure()
    told = [error.partition("has a problem: ")[2].split(" ")[0] for error in failed.errors("orders")]
    wrong = (
        "name cu_number parallel_number log_enabled dependency_jars resume_max_num entrypoint_args runtime_config "
        "stop_timeout desired_state tm_cuss"
    )
    assert sorted(told) == sorted(wrong.split())
    assert "Traceback" not in failed.text
    assert SECRET not in failed.text
    assert emulator.requests() == []
    assert stack.resources() == {}


def test_an_answer_that_is_not_the_services_never_means_that_the_job_is_gone(stack: Stack, emulator: Emulator) -> None:
    """A refresh or a destroy that meets the 404 of a gateway fails, and the job stays in the state."""
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    before = stack.stored()
    page = {"status": 404, "text": PAGE.format("Not Found")}
    for operation in ("ShowFlinkJob", "DeleteFlinkJob"):
        emulator.add_fault(operation=operation, times=None, answer=page)
    assert "HTTP 404" in stack.refresh().expect_one_line()
    assert "HTTP 404" in stack.destroy().expect_one_line()
    assert stack.stored() == before
