"""What reaches the service: proved by the request log of the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from pulumi_dli.reconcile.ownership import MARK, mark_of
from support.stack import Result, Stack, job

BEYOND_DOUBLES = 9007199254740993  # 2^53 + 1, which a double cannot hold

CONFIG = {"a": 1, "b": {"c": [1, 2], "d": "x"}}
RESOURCES = {
    "max_slot": 1,
    "parallel_number": 2,
    "jobmanager_resource_spec": {"cpu": 1, "memory": "4G"},
    "taskmanager_resource_spec": {"cpu": 2.0, "memory": "8GB"},
}
SAME_RESOURCES = {
    "parallel_number": 2.0,
    "jobmanager_resource_spec": {"memory": "4096MB"},
    "taskmanager_resource_spec": {"cpu": 2, "memory": "8192M"},
}

# Each job's inputs before and after, and the line that a preview shows for the change.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "two": (
        {"cu_number": 4, "parallel_number": 2},
        {"cu_number": 8, "parallel_number": 4},
        "two: stop with savepoint, update cu_number, parallel_number, restart",
    ),
    "live": (
        {"smn_topic": "one", "resume_max_num": 3},
        {"smn_topic": "two", "resume_max_num": 4},
        "live: update in place: smn_topic, resume_max_num",
    ),
    "topic": ({"smn_topic": "one"}, {}, "topic: update in place: smn_topic"),
    "cus": ({"cu_number": 40}, {}, "cus: stop with savepoint, update cu_number, restart"),
    "nonce": ({"restart_nonce": 1}, {"restart_nonce": 2}, "nonce: stop with savepoint, restart"),
    "state": ({}, {"desired_state": "stopped"}, "state: stop with savepoint"),
    "control": (
        {},
        {"on_delete": "retain", "stop_timeout": 60},
        "control: no request, no effect on the job: on_delete, stop_timeout",
    ),
}
# Each job's inputs before and after, which mean the same.
EQUALS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "json": (
        {"runtime_config": json.dumps(CONFIG)},
        {"runtime_config": json.dumps({"b": {"d": "x", "c": [1.0, 2]}, "a": 1}, indent=2)},
    ),
    "pairs": (
        {"runtime_config": '[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]'},
        {"runtime_config": '[{"value": "2", "key": "b"}, {"key": "a", "value": "1"}]'},
    ),
    "resources": (
        {"resource_config_version": "v2", "resource_config": RESOURCES},
        {"resource_config_version": "v2", "resource_config": SAME_RESOURCES},
    ),
    "number": ({"cu_number": 3}, {"cu_number": 3.0}),
    "default-added": ({}, {"cu_number": 2, "desc": "", "log_enabled": False, "dependency_jars": [], "tm_cus": 1}),
    "default-removed": ({"cu_number": 2, "desc": "", "resume_max_num": -1, "dependency_files": []}, {}),
}


@dataclass(frozen=True)
class Journey:
    """Jobs that are changed in every way, and what the service was asked in each stage."""

    ids: dict[str, str]
    previewed: tuple[Result, Result]
    preview_requests: list[dict[str, Any]]
    updated: Result
    requests: list[dict[str, Any]]
    before: dict[str, dict[str, Any]]
    after: dict[str, dict[str, Any]]
    again: Result
    again_requests: list[dict[str, Any]]
    violations: list[dict[str, Any]]

    def sent(self, name: str) -> list[dict[str, Any]]:
        """Return what the service was asked about a job while it was updated."""
        return [each for each in self.requests if int(self.ids[name]) in each["job_ids"]]

    def steps(self, name: str) -> list[str]:
        """Return the operations of a job's update, polls left out."""
        return [each["operation"] for each in self.sent(name) if each["operation"] != "ShowFlinkJob"]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Create all jobs, preview their changes with and without credentials, update them, and run `up` once more."""
    with running(Options(time_factor=1000, log_secrets=True)) as emulator:
        stack = Stack.made(tmp_path_factory.mktemp("requests") / "stack", emulator, {})
        pairs = {**{name: case[:2] for name, case in CHANGES.items()}, **EQUALS}
        stack.jobs(**{name: job(name, **first) for name, (first, _) in pairs.items()})
        stack.up().expect_ok()
        before = stack.stored()
        stack.jobs(**{name: job(name, **second) for name, (_, second) in pairs.items()})
        emulator.clear_requests()
        with_credentials = stack.preview()
        stack.configure(endpoint=emulator.url, region="eu-de")
        previewed = with_credentials, stack.preview("--diff")
        preview_requests = emulator.requests()
        stack.configure(endpoint=emulator.url, region="eu-de", projectId=emulator.project_id, token=emulator.token)
        updated = stack.up()
        requests, after = emulator.requests(), stack.stored()
        violations = emulator.violations()
        emulator.clear_requests()
        again = stack.up()
        ids = {name: each["id"] for name, each in before.items()}
        yield Journey(
            ids, previewed, preview_requests, updated, requests, before, after, again, emulator.requests(), violations
        )


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("two", {"cu_number": 8, "parallel_number": 4}),
        ("live", {"smn_topic": "two", "resume_max_num": 4}),
        ("topic", {"smn_topic": ""}),
        ("cus", {"cu_number": 2}),
    ],
)
def test_one_put_holds_exactly_what_changed(journey: Journey, name: str, body: dict[str, Any]) -> None:
    """Changed properties with their new values, removed ones with the service's default, and nothing else."""
    puts = [each["body"] for each in journey.sent(name) if each["method"] == "PUT"]
    assert puts == [body]


def test_a_change_in_place_reads_and_puts(journey: Journey) -> None:
    """A running job whose change needs no restart is asked for once and changed once."""
    assert [each["operation"] for each in journey.sent("live")] == ["ShowFlinkJob", "UpdateFlinkJarJob"]


def test_a_change_that_needs_a_restart_stops_puts_and_runs(journey: Journey) -> None:
    """The state is carried over: the stop makes a savepoint, and the start resumes from it."""
    stop, put, run = (each for each in journey.sent("two") if each["operation"] != "ShowFlinkJob")
    assert (stop["operation"], stop["body"]["trigger_savepoint"]) == ("StopFlinkJobs", True)
    assert put["operation"] == "UpdateFlinkJarJob"
    assert (run["operation"], run["body"]["resume_savepoint"]) == ("RunFlinkJobs", True)


@pytest.mark.parametrize(
    ("name", "steps"), [("nonce", ["StopFlinkJobs", "RunFlinkJobs"]), ("state", ["StopFlinkJobs"])]
)
def test_restart_nonce_or_desired_state_alone_sends_no_put(journey: Journey, name: str, steps: list[str]) -> None:
    """The job is restarted or stopped; its properties are not touched."""
    assert journey.steps(name) == steps


@pytest.mark.parametrize("name", ["nonce", "state"])
def test_without_a_put_update_time_stays(journey: Journey, name: str) -> None:
    """The stored `update_time` is that of the last change of a property."""
    assert journey.after[name]["outputs"]["update_time"] == journey.before[name]["outputs"]["update_time"]


def test_a_put_moves_update_time(journey: Journey) -> None:
    """The stored `update_time` is the one of the PUT's answer, an integer."""
    (answer,) = (each["answer"] for each in journey.sent("two") if each["method"] == "PUT")
    stored = journey.after["two"]["outputs"]["update_time"]
    assert stored == answer["job"]["update_time"] > journey.before["two"]["outputs"]["update_time"]
    assert type(stored) is int


def test_control_inputs_alone_send_nothing(journey: Journey) -> None:
    """How to delete a job, or how long to wait for it, is no business of the service."""
    assert journey.sent("control") == []


def test_control_inputs_alone_are_stored(journey: Journey) -> None:
    """They hold for the next command, a destroy for example."""
    outputs = journey.after["control"]["outputs"]
    assert (outputs["on_delete"], outputs["stop_timeout"]) == ("retain", 60)
    assert outputs["status"] == "job_running"


@pytest.mark.parametrize("name", EQUALS)
def test_equal_in_meaning_sends_nothing(journey: Journey, name: str) -> None:
    """Another spelling of the same value is no change of the job."""
    assert journey.sent(name) == []


@pytest.mark.parametrize("name", EQUALS)
def test_equal_in_meaning_is_no_change_in_a_preview(journey: Journey, name: str) -> None:
    """A preview does not mention the job at all."""
    plain, detailed = journey.previewed
    assert f"FlinkJarJob {name} " not in plain.stdout
    assert f"FlinkJarJob::{name}]" not in detailed.stdout


def test_a_preview_needs_no_credentials(journey: Journey) -> None:
    """Without a token and a project, with changes of every kind, it succeeds."""
    _, without_credentials = journey.previewed
    without_credentials.expect_ok()


def test_a_preview_sends_nothing(journey: Journey) -> None:
    """Even where it could, with credentials, it asks the service nothing."""
    with_credentials, _ = journey.previewed
    with_credentials.expect_ok()
    assert journey.preview_requests == []


@pytest.mark.parametrize("name", CHANGES)
def test_a_preview_says_what_an_update_will_do(journey: Journey, name: str) -> None:
    """One line per changed job, with and without `--diff`, names the steps and the properties."""
    for preview in journey.previewed:
        assert [line.strip() for line in preview.text.splitlines()].count(CHANGES[name][2]) == 1


@pytest.mark.parametrize(
    "line", ["~ cu_number: 4 => 8", '~ smn_topic: "one" => "two"', '- smn_topic: "one"', "~ restart_nonce: 1 => 2"]
)
def test_a_preview_shows_each_property_with_old_and_new_value(journey: Journey, line: str) -> None:
    """`preview --diff` shows the change property by property."""
    assert line.replace(" ", "") in journey.previewed[1].stdout.replace(" ", "")


def test_an_up_without_a_change_sends_nothing(journey: Journey) -> None:
    """After the update nothing is left to do, and no request is needed to know it."""
    journey.again.expect_unchanged()
    assert journey.again_requests == []


def test_no_rule_of_the_service_was_broken(journey: Journey) -> None:
    """No write to a job in a status that does not take it, no value sent that was there already."""
    journey.updated.expect_ok()
    assert journey.violations == []


def test_a_refresh_of_an_untouched_job_shows_nothing_and_so_does_the_next_preview(
    stack: Stack, emulator: Emulator
) -> None:
    """Whatever subset of properties the program sets, the values that DLI chose are no drift."""
    stack.jobs(
        few=job("few"),
        some=job("some", desc="d", cu_number=4, log_enabled=True, obs_bucket="logs", checkpoint_mode=2),
        v2=job("v2", resource_config_version="v2", resource_config=RESOURCES, runtime_config=json.dumps(CONFIG)),
        lists=job("lists", dependency_jars=["g/a.jar"], tags=[{"key": "team", "value": "x"}], tm_slot_num=2),
    )
    stack.up().expect_ok()
    stack.refresh().expect_unchanged()
    stack.preview().expect_unchanged()


def test_drift_is_shown_property_by_property_and_only_where_it_is_managed(stack: Stack, emulator: Emulator) -> None:
    """Refresh shows what somebody changed of what the program sets; the next `up` puts exactly that back."""
    stack.jobs(orders=job("orders", cu_number=4, smn_topic="ours", desc="ours"))
    stack.up().expect_ok()
    emulator.patch_job("orders", properties={"cu_number": 9, "smn_topic": "theirs", "parallel_number": 7})
    shown = stack.refresh("--diff").expect_ok().stdout
    assert "cu_number: 4 => 9" in shown
    assert 'smn_topic: "ours" => "theirs"' in shown
    assert "~ desc" not in shown
    assert "~ parallel_number" not in shown
    emulator.clear_requests()
    preview = stack.preview("--diff").expect_ok()
    assert "cu_number: 9 => 4" in preview.stdout
    assert "parallel_number" not in preview.text
    stack.up().expect_ok()
    (put,) = emulator.requests(operation="UpdateFlinkJarJob")
    assert put["body"] == {"cu_number": 4, "smn_topic": "ours"}


def test_drift_of_an_unmanaged_property_alone_is_no_change(stack: Stack, emulator: Emulator) -> None:
    """What the program does not set may be set in the console; status and update_time move by themselves."""
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    emulator.patch_job("orders", properties={"parallel_number": 7, "desc": "theirs"})
    stack.refresh().expect_ok()
    stack.preview().expect_unchanged()


def test_a_job_id_above_2_to_the_53_survives(make_stack: Callable[..., Stack]) -> None:
    """It is a decimal string for Pulumi and a Long for the service, through create, update, refresh and destroy."""
    with running(Options(time_factor=1000, first_job_id=BEYOND_DOUBLES)) as emulator:
        stack = make_stack(emulator)
        stack.jobs(orders=job("orders"))
        stack.up().expect_ok()
        stack.jobs(orders=job("orders", cu_number=4))
        stack.up().expect_ok()
        stack.refresh().expect_unchanged()
        assert stack.outputs()["orders"]["job_id"] == str(BEYOND_DOUBLES)
        stack.destroy().expect_ok()
        batches = [each["body"]["job_ids"] for each in emulator.requests() if each["path"].endswith(("/run", "/stop"))]
        assert batches == [[BEYOND_DOUBLES]] * 3
        assert emulator.job(BEYOND_DOUBLES)["deleted"]


DEPENDENT = """
import pulumi
import pulumi_dli as dli

common = dict(queue_name="streaming", entrypoint="obs://artifacts/job.jar", settle_time=0)
first = dli.FlinkJarJob("first", name="first", desc={desc!r}, **common)
second = dli.FlinkJarJob("second", name="second", desc=first.update_time.apply(str), **common)
pulumi.export("second", second.desc)
"""


def test_a_property_may_depend_on_what_is_known_only_after_an_update(stack: Stack, emulator: Emulator) -> None:
    """Previews of the create and of an update take the unknown value as it is; `up` sends the real one."""
    stack.program(DEPENDENT.format(desc="one"))
    stack.preview().expect_ok()
    assert emulator.requests() == []
    stack.up().expect_ok()
    assert emulator.job("second")["properties"]["desc"] == str(emulator.job("first")["update_time"])
    emulator.clear_requests()
    stack.program(DEPENDENT.format(desc="two"))
    worst = "(desc is computed during it); at worst: stop with savepoint, update desc, restart"
    assert f"second: cost not known before the update {worst}" in stack.preview().expect_ok().text
    assert emulator.requests() == []
    stack.up().expect_ok()
    assert emulator.job("second")["properties"]["desc"] == str(emulator.job("first")["update_time"])


FAMILY = """\
import pulumi
import pulumi_dli as dli

group = pulumi.ComponentResource("tests:index:Group", "group")
inputs = {"queue_name": "streaming", "entrypoint": "obs://a/b.jar", "settle_time": 0}
dli.FlinkJarJob("alone", name="alone", **inputs)
dli.FlinkJarJob("child", name="child", **inputs, opts=pulumi.ResourceOptions(parent=group))
"""


def test_a_new_job_is_marked_by_the_name_that_the_engine_has_for_it(stack: Stack, emulator: Emulator) -> None:
    """Alone or in a component: by this mark alone an interrupted create is known again."""
    stack.program(FAMILY)
    stack.up().expect_ok()
    urns = {name: each["urn"] for name, each in stack.resources().items() if "FlinkJarJob" in each["urn"]}
    assert {name: emulator.job(name)["tags"][MARK] for name in urns} == {
        "alone": mark_of(urns["alone"]),
        "child": mark_of(urns["child"]),
    }
