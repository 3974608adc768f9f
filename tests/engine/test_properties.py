"""Each property that an update takes is set, changed, removed and refreshed on the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pulumi_dli.emulator import contract
from pulumi_dli.emulator.server import Emulator, Options, running
from pulumi_dli.schema.properties import BY_NAME
from support import described
from support.stack import Result, Stack

BASE = {"queue_name": "streaming", "entrypoint": "obs://artifacts/job.jar", "settle_time": 0}
REFUSED = object()
NOTHING = object()


@dataclass(frozen=True)
class Case:
    """A property's first and second value, and what its removal sends; `also` are other inputs it needs."""

    first: Any
    second: Any
    removal: Any
    also: tuple[tuple[str, Any], ...] = ()


SPEC = {"cpu": 1.0, "memory": "4GB"}
RESOURCES = {
    "max_slot": 1,
    "parallel_number": 1,
    "jobmanager_resource_spec": SPEC,
    "taskmanager_resource_spec": SPEC,
}

# What the description's values do not say: what must be there too, or what the emulator looks up or parses.
OTHERS = {
    "name": Case("first-name", "second-name", REFUSED),
    "queue_name": Case("testQueue", "streaming", REFUSED),
    "log_enabled": Case(False, True, False, (("obs_bucket", "logs"),)),
    "entrypoint_args": Case("--password first-secret", "--password second-secret", ""),
    "entrypoint": Case("obs://artifacts/one.jar", "obs://artifacts/two.jar", REFUSED),
    "tm_slot_num": Case(2, 4, 1),
    "runtime_config": Case('[{"key": "a", "value": "1"}]', '[{"key": "a", "value": "2"}]', ""),
    "resource_config": Case({"max_slot": 2}, {"max_slot": 3}, RESOURCES),
    # It has one value, which is its default: neither setting nor removing it changes anything.
    "job_type": Case("flink_jar_job", "flink_jar_job", NOTHING),
}


def case(name: str) -> Case:
    """Return two values that the description allows, the second another one than its default."""
    if name in OTHERS:
        return OTHERS[name]
    default = described.properties()[name].get("default")
    values = described.values(name)
    second = next(value for value in reversed(values) if value != default)
    first = next(value for value in values if value != second)
    return Case(first, second, REFUSED if BY_NAME[name].no_reset else default)


CASES = {name: case(name) for name in contract.job_properties()}


@dataclass(frozen=True)
class Journey:
    """What the service received for each job in each stage, and what the engine said in the end."""

    bodies: dict[str, dict[str, list[Any]]]
    refresh: Result
    preview: Result
    violations: list[Any]
    stored: dict[str, Any]


def _inputs(name: str, value: Any) -> dict[str, Any]:
    inputs = {"name": f"job-{name}", **BASE, **dict(CASES[name].also), name: value}
    return {key: item for key, item in inputs.items() if item is not None}


def _removed(name: str) -> dict[str, Any]:
    case = CASES[name]
    return _inputs(name, case.second if case.removal is REFUSED else None)


CLOUDS = {
    "open telekom cloud": Options(time_factor=1000, log_secrets=True),
    "huawei cloud": Options(time_factor=1000, log_secrets=True, cloud="huawei", unset="null"),
}


@pytest.fixture(scope="module", params=CLOUDS)
def journey(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """One job per property, taken through all stages together: set, changed, removed, refreshed.

    Once with `is_success` as a boolean and unset texts as "", once as a string and null.
    """
    with running(CLOUDS[request.param]) as emulator:
        stack = Stack.made(tmp_path_factory.mktemp("properties") / "stack", emulator, {})
        bodies = {
            stage: _stage(stack, emulator, {name.replace("_", "-"): inputs(name) for name in CASES})
            for stage, inputs in {
                "set": lambda name: _inputs(name, CASES[name].first),
                "changed": lambda name: _inputs(name, CASES[name].second),
                "removed": _removed,
            }.items()
        }
        refresh = stack.refresh()
        yield Journey(bodies, refresh, stack.preview(), emulator.violations(), stack.resources())


def _stage(stack: Stack, emulator: Emulator, jobs: dict[str, Any]) -> dict[str, list[Any]]:
    stack.jobs(**jobs)
    emulator.clear_requests()
    stack.up().expect_ok()
    by_id = {str(job["id"]): job["name"] for job in _ids(stack)}
    sent: dict[str, list[Any]] = {name: [] for name in CASES}
    for request in emulator.requests():
        if request["operation"] == "CreateFlinkJarJob":
            name = _property_of(request["body"]["name"])
            sent[name].append(request["body"])
        elif request["operation"] == "UpdateFlinkJarJob":
            sent[by_id[request["path"].rpartition("/")[2]]].append(request["body"])
    return sent


def _ids(stack: Stack) -> list[dict[str, str]]:
    return [{"id": each["id"], "name": name.replace("-", "_")} for name, each in stack.resources().items()]


def _property_of(job_name: str) -> str:
    return "name" if job_name == "first-name" else job_name.removeprefix("job-")


@pytest.mark.parametrize("name", CASES)
def test_a_property_that_is_set_is_part_of_the_create(journey: Journey, name: str) -> None:
    """The create holds the property with the value of the program."""
    (body,) = journey.bodies["set"][name]
    assert body[name] == CASES[name].first


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.removal is not NOTHING])
def test_a_changed_property_is_the_only_one_in_one_put(journey: Journey, name: str) -> None:
    """One PUT with exactly this key and the new value."""
    assert journey.bodies["changed"][name] == [{name: CASES[name].second}]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.removal not in (NOTHING, REFUSED)])
def test_a_removed_property_is_reset_in_one_put(journey: Journey, name: str) -> None:
    """One PUT with exactly this key and the value that the service documents for an absent one."""
    assert journey.bodies["removed"][name] == [{name: CASES[name].removal}]


def test_the_one_value_of_job_type_is_never_sent_again(journey: Journey) -> None:
    """Setting or removing a default changes nothing."""
    assert journey.bodies["changed"]["job_type"] == journey.bodies["removed"]["job_type"] == []


def test_integers_stay_integers_in_json(journey: Journey) -> None:
    """Pulumi's doubles do not reach the service as 40.0."""
    (body,) = journey.bodies["changed"]["cu_number"]
    assert type(body["cu_number"]) is int


def test_a_refresh_after_it_all_shows_nothing(journey: Journey) -> None:
    """The service and the state agree for every property."""
    journey.refresh.expect_unchanged()


def test_a_preview_after_the_refresh_shows_nothing(journey: Journey) -> None:
    """The program and the refreshed state agree for every property."""
    journey.preview.expect_unchanged()


def test_no_rule_of_the_service_was_broken(journey: Journey) -> None:
    """No property that needs a restart was sent to a running job, nothing was run or stopped twice."""
    assert journey.violations == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.removal is REFUSED])
def test_a_property_without_a_reset_value_cannot_be_removed(stack: Stack, emulator: Emulator, name: str) -> None:
    """The removal fails in the preview already, names the property, and sends nothing."""
    stack.jobs(job=_inputs(name, CASES[name].first))
    stack.up().expect_ok()
    emulator.clear_requests()
    stack.jobs(job=_inputs(name, None))
    assert f"{name} " in stack.preview().expect_failure().text
    assert emulator.requests() == []


def test_the_seeds_example_request_comes_out_as_that_json(stack: Stack, emulator: Emulator) -> None:
    """A job that differs in everything is brought to the example of the documents by exactly its request."""
    example = {
        "name": "test1",
        "desc": "job for test",
        "job_type": "flink_jar_job",
        "queue_name": "testQueue",
        "manager_cu_number": 1,
        "cu_number": 2,
        "parallel_number": 1,
        "log_enabled": False,
        "main_class": "org.apache.flink.examples.streaming.JavaQueueStream",
        "restart_when_exception": False,
        "entrypoint": "FemaleInfoCollec.jar",
        "dependency_jars": ["myGroup/test.jar", "myGroup/test1.jar"],
        "dependency_files": ["myGroup/test.csv", "myGroup/test1.csv"],
    }
    other = {
        "name": "other", "desc": "other", "queue_name": "streaming", "manager_cu_number": 2, "cu_number": 8,
        "parallel_number": 4, "log_enabled": True, "main_class": "Other", "restart_when_exception": True,
        "entrypoint": "Other.jar", "settle_time": 0,
    }  # fmt: skip
    stack.jobs(job=other)
    stack.up().expect_ok()
    emulator.patch_job("other", properties={"job_type": "flink_sql_job"})
    stack.refresh().expect_ok()
    stack.jobs(job={**example, "settle_time": 0})
    emulator.clear_requests()
    stack.up().expect_ok()
    (put,) = emulator.requests(operation="UpdateFlinkJarJob")
    assert put["body"] == example


def test_the_seeds_example_answer_gives_its_update_time(stack: Stack, emulator: Emulator) -> None:
    """`update_time` of the PUT's answer is the output, as an integer, wherever Pulumi shows it."""
    stack.jobs(job={"name": "job", **BASE, "smn_topic": "one"})
    stack.up().expect_ok()
    answer = {
        "is_success": True,
        "message": "The Flink job is updated successfully.",
        "job": {"update_time": 1516952770835},
    }
    emulator.add_fault(operation="UpdateFlinkJarJob", effect=True, answer={"status": 200, "body": answer})
    stack.jobs(job={"name": "job", **BASE, "smn_topic": "two"})
    shown = stack.up().expect_ok().stdout
    assert "1516952770835" in shown
    assert stack.outputs()["job"]["update_time"] == 1516952770835
    assert '"update_time":1516952770835' in stack.run("stack", "output").stdout.replace(" ", "")
