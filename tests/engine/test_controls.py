"""The provider's own inputs: the state that is wanted, how to restart, how to adopt, and what a destroy does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from pulumi_dli.emulator.server import Emulator, Options, running
from support.stack import Result, Stack, job


def _by_hand(emulator: Emulator, method: str, path: str, body: Any = None) -> Any:
    """Do something that is not Pulumi's doing, as somebody in the console would."""
    answer = requests.request(
        method,
        f"{emulator.url}/v1.0/{emulator.project_id}/streaming/{path}",
        json=body,
        headers={"X-Auth-Token": emulator.token},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()


def _made_by_hand(emulator: Emulator, name: str, *, run: bool = True, **properties: Any) -> str:
    """Make a job that Pulumi does not know; return its id."""
    body = {"name": name, "queue_name": "streaming", "entrypoint": "obs://artifacts/job.jar", **properties}
    job_id = _by_hand(emulator, "POST", "flink-jobs", body)["job"]["job_id"]
    if run:
        _by_hand(emulator, "POST", "jobs/run", {"job_ids": [job_id]})
        emulator.patch_job(job_id, status="job_running")
    return str(job_id)


def _operations(found: list[dict[str, Any]]) -> list[str]:
    return [each["operation"] for each in found]


@dataclass(frozen=True)
class Stage:
    """One `up`: the requests about each job, what was stored of it, and what it is on the service afterwards."""

    shown: Result
    requests: dict[str, list[dict[str, Any]]]
    stored: dict[str, dict[str, Any]]
    on_service: dict[str, dict[str, Any]]

    def writes(self, name: str) -> list[tuple[str, Any]]:
        """Return the writes about a job: the operation and what its body says beside the job's id."""
        return [
            (each["operation"], {key: value for key, value in (each["body"] or {}).items() if key != "job_ids"})
            for each in self.requests[name]
            if each["method"] != "GET"
        ]


def _up(stack: Stack, emulator: Emulator, jobs: dict[str, dict[str, Any]]) -> Stage:
    stack.jobs(**jobs)
    emulator.clear_requests()
    shown = stack.up()
    on_service = {each["name"]: each for each in emulator.jobs()}
    by_job = {name: emulator.requests(job=name) for name in on_service}
    return Stage(shown, by_job, stack.stored(), on_service)


# Each job's inputs in three stages: created, changed, changed again. None: the job is not in the program.
STAGES: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None, dict[str, Any] | None]] = {
    "sleeper": ({"desired_state": "stopped"}, {"desired_state": "running"}, {"desired_state": "stopped"}),
    "sleeper-changed": ({"desired_state": "stopped"}, {"desired_state": "stopped", "cu_number": 4}, {"cu_number": 4}),
    "stateless": ({}, {"upgrade_mode": "stateless", "cu_number": 4}, {"upgrade_mode": "savepoint", "cu_number": 8}),
    "deleted": ({}, None, None),
    "stopped": ({"on_delete": "stop"}, None, None),
    "retained": ({"on_delete": "retain"}, None, None),
}


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Stage, Stage]]:
    """All jobs go through their stages together."""
    with running(Options(time_factor=1000)) as emulator:
        stack = Stack.made(tmp_path_factory.mktemp("controls") / "stack", emulator, {})
        made = []
        for number in range(3):
            wanted = {name: case[number] for name, case in STAGES.items()}
            made.append(
                _up(stack, emulator, {name: job(name, **more) for name, more in wanted.items() if more is not None})
            )
            made[-1].shown.expect_ok()
        assert emulator.violations() == []
        first, second, third = made
        yield first, second, third


def test_a_job_that_is_to_be_stopped_is_created_and_not_run(stages: tuple[Stage, Stage, Stage]) -> None:
    """desired_state `stopped` leaves a new job a draft."""
    first, _, _ = stages
    assert [operation for operation, _ in first.writes("sleeper")] == ["CreateFlinkJarJob"]
    assert first.stored["sleeper"]["outputs"]["status"] == "job_init"


def test_the_first_start_of_a_draft_resumes_from_nothing(stages: tuple[Stage, Stage, Stage]) -> None:
    """desired_state `running` starts it; there is no savepoint yet, so none is asked for."""
    _, second, _ = stages
    assert second.writes("sleeper") == [("RunFlinkJobs", {"resume_savepoint": False})]
    assert second.stored["sleeper"]["outputs"]["status"] == "job_running"


def test_desired_state_stopped_stops_a_running_job_with_a_savepoint(stages: tuple[Stage, Stage, Stage]) -> None:
    """The job is stopped so that it can go on later, and nothing else is done to it."""
    _, _, third = stages
    assert third.writes("sleeper") == [("StopFlinkJobs", {"trigger_savepoint": True})]
    assert third.stored["sleeper"]["outputs"]["status"] == "job_cancel_success"


def test_a_change_of_a_stopped_job_is_a_put_alone(stages: tuple[Stage, Stage, Stage]) -> None:
    """Whatever the change would cost a running job, a job that is to stay stopped is not started for it."""
    _, second, third = stages
    assert second.writes("sleeper-changed") == [("UpdateFlinkJarJob", {"cu_number": 4})]
    assert second.stored["sleeper-changed"]["outputs"]["status"] == "job_init"
    assert third.stored["sleeper-changed"]["outputs"]["status"] == "job_running"


def test_stateless_neither_saves_nor_restores(stages: tuple[Stage, Stage, Stage]) -> None:
    """upgrade_mode `stateless` stops without a savepoint and starts empty."""
    _, second, _ = stages
    assert second.writes("stateless") == [
        ("StopFlinkJobs", {"trigger_savepoint": False}),
        ("UpdateFlinkJarJob", {"cu_number": 4}),
        ("RunFlinkJobs", {"resume_savepoint": False}),
    ]


def test_the_upgrade_mode_of_the_change_itself_counts(stages: tuple[Stage, Stage, Stage]) -> None:
    """Back at `savepoint` the next restart saves and restores again."""
    _, _, third = stages
    assert third.writes("stateless") == [
        ("StopFlinkJobs", {"trigger_savepoint": True}),
        ("UpdateFlinkJarJob", {"cu_number": 8}),
        ("RunFlinkJobs", {"resume_savepoint": True}),
    ]


@pytest.mark.parametrize(
    ("name", "writes", "deleted", "status"),
    [
        ("deleted", [("DeleteFlinkJob", {})], True, "job_running"),
        ("stopped", [("StopFlinkJobs", {"trigger_savepoint": True})], False, "job_cancel_success"),
        ("retained", [], False, "job_running"),
    ],
)
def test_on_delete_decides_what_a_removal_does(
    stages: tuple[Stage, Stage, Stage], name: str, writes: list[Any], deleted: bool, status: str
) -> None:
    """A job that leaves the program is deleted, stopped with a savepoint, or left alone; Pulumi forgets it."""
    _, second, _ = stages
    assert second.writes(name) == writes
    assert second.on_service[name]["deleted"] is deleted
    assert second.on_service[name]["status"] == status
    assert name not in second.stored


def test_a_job_is_adopted_by_its_id_with_nothing_but_reads(stack: Stack, emulator: Emulator) -> None:
    """Where nothing differs, adopting changes nothing; destroy leaves the job as it is and says so."""
    job_id = _made_by_hand(emulator, "console", cu_number=4, smn_topic="theirs")
    adopted = _up(stack, emulator, {"orders": {"job_id": job_id, "name": "console", "cu_number": 4}})
    adopted.shown.expect_ok()
    assert {each["method"] for each in emulator.requests()} == {"GET"}
    assert adopted.stored["orders"]["id"] == job_id
    stack.refresh().expect_unchanged()
    stack.preview().expect_unchanged()
    destroyed = stack.destroy().expect_ok()
    assert f"the adopted job {job_id} is left as it is" in destroyed.text
    assert {each["method"] for each in emulator.requests()} == {"GET"}
    assert emulator.job(job_id)["status"] == "job_running"


def test_adopting_a_job_that_differs_fails_and_lists_the_differences(stack: Stack, emulator: Emulator) -> None:
    """Nothing is changed without leave: the line names the properties and the way out, and nothing is stored."""
    job_id = _made_by_hand(emulator, "console", cu_number=4)
    wanted = {"job_id": job_id, "name": "console", "cu_number": 8, "desc": "ours", "desired_state": "stopped"}
    refused = _up(stack, emulator, {"orders": wanted})
    line = refused.shown.expect_one_line()
    assert f"job {job_id} differs from the program in desc, cu_number, desired_state" in line
    assert "adopt_changes" in line
    assert {each["method"] for each in emulator.requests()} == {"GET"}
    assert refused.stored == {}


def test_adopt_changes_brings_an_adopted_job_to_the_program(stack: Stack, emulator: Emulator) -> None:
    """With leave, exactly the differences are put, and state is carried over."""
    job_id = _made_by_hand(emulator, "console", cu_number=4, smn_topic="theirs")
    wanted = {"job_id": job_id, "name": "console", "cu_number": 8, "adopt_changes": True, "settle_time": 0}
    adopted = _up(stack, emulator, {"orders": wanted})
    adopted.shown.expect_ok()
    assert adopted.writes("console") == [
        ("StopFlinkJobs", {"trigger_savepoint": True}),
        ("UpdateFlinkJarJob", {"cu_number": 8}),
        ("RunFlinkJobs", {"resume_savepoint": True}),
    ]
    assert emulator.job(job_id)["properties"]["smn_topic"] == "theirs"


def test_removing_job_id_takes_ownership_and_the_preview_says_so(stack: Stack, emulator: Emulator) -> None:
    """From then on destroy deletes the job; the preview warns of just that; the job itself is not touched."""
    job_id = _made_by_hand(emulator, "console")
    adopted = {"job_id": job_id, **job("console")}
    _up(stack, emulator, {"orders": adopted}).shown.expect_ok()
    stack.jobs(orders=job("console"))
    assert "destroy will now delete" in stack.preview().expect_ok().text
    owned = _up(stack, emulator, {"orders": job("console")})
    owned.shown.expect_ok()
    assert owned.writes("console") == []
    stack.preview().expect_unchanged()
    stack.destroy().expect_ok()
    assert emulator.job(job_id)["deleted"]


def test_another_job_id_is_never_passed_over_in_silence(stack: Stack, emulator: Emulator) -> None:
    """A resource stays with its job: a job_id that names another one is refused, for an adopted and an owned job."""
    first, second = _made_by_hand(emulator, "first"), _made_by_hand(emulator, "second")
    _up(stack, emulator, {"adopted": {"job_id": first}, "owned": job("owned")}).shown.expect_ok()
    before = stack.stored()
    for name, inputs in {"adopted": {"job_id": second}, "owned": job("owned", job_id=second)}.items():
        jobs = {"adopted": {"job_id": first}, "owned": job("owned"), name: inputs}
        stage = _up(stack, emulator, jobs)
        assert "job_id" in stage.shown.expect_one_line()
        assert stage.stored == before


def test_delete_treats_an_absent_job_as_deleted(stack: Stack, emulator: Emulator) -> None:
    """What somebody deleted by hand does not stop a destroy."""
    _up(stack, emulator, {"orders": job("orders"), "stopping": job("stopping", on_delete="stop")}).shown.expect_ok()
    for each in emulator.jobs():
        _by_hand(emulator, "DELETE", f"jobs/{each['job_id']}")
    stack.destroy().expect_ok()
    assert stack.resources() == {}


def test_a_job_that_is_gone_at_a_refresh_is_created_again(stack: Stack, emulator: Emulator) -> None:
    """Refresh says that it is gone and drops it; the next `up` creates and starts it; an error before that says how."""
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    (old,) = emulator.jobs()
    _by_hand(emulator, "DELETE", f"jobs/{old['job_id']}")
    stack.jobs(orders=job("orders", smn_topic="new"))
    line = stack.up().expect_one_line()
    assert "DLI.16001" in line
    assert "pulumi refresh" in line
    refreshed = stack.refresh().expect_ok()
    assert f"job {old['job_id']} is gone" in refreshed.text
    assert stack.resources() == {}
    stack.up().expect_ok()
    assert emulator.job("orders")["job_id"] != old["job_id"]
    assert emulator.job("orders")["status"] == "job_running"


GET = """
import pulumi
import pulumi_dli as dli

job = {0}
pulumi.export("status", job.status)
pulumi.export("cus", job.cu_number)
"""
BY_OPTIONS = 'dli.FlinkJarJob("looked-up", name="console", opts=pulumi.ResourceOptions(id="{0}"))'
BY_METHOD = 'dli.FlinkJarJob.get("looked-up", "{0}")'


@pytest.mark.parametrize("get", [BY_OPTIONS, BY_METHOD], ids=["ResourceOptions", "FlinkJarJob.get"])
def test_a_get_reads_a_known_job_and_never_writes(stack: Stack, emulator: Emulator, get: str) -> None:
    """Looking a job up by its id gives its outputs; a destroy forgets it."""
    job_id = _made_by_hand(emulator, "console", cu_number=4)
    emulator.clear_requests()
    stack.program(GET.format(get.format(job_id)))
    stack.up().expect_ok()
    assert stack.outputs() == {"status": "job_running", "cus": 4}
    stack.refresh().expect_ok()
    stack.destroy().expect_ok()
    assert {each["method"] for each in emulator.requests()} == {"GET"}


def test_a_get_of_an_unknown_id_fails(stack: Stack, emulator: Emulator) -> None:
    """It does not succeed in silence with empty outputs."""
    stack.program(GET.format(BY_METHOD.format("999")))
    line = stack.up().expect_one_line()
    assert "The job 999 does not exist" in line
    assert "DLI.16001" in line
    assert stack.resources() == {}
