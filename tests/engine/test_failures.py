"""What the service refuses, loses or delays half-way: the job keeps running, and the next `up` finishes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from support.stack import Result, Stack, job

REFUSED = {"status": 400, "body": {"error_code": "DLI.0007", "error_msg": "The operation is not supported."}}
BROKEN = {"status": 500, "text": "<html><title>Internal Server Error</title></html>"}
BUSY = {"status": 429, "headers": {"Retry-After": "1"}, "body": {"error_code": "DLI.0009", "error_msg": "Too many."}}


@dataclass(frozen=True)
class Trouble:
    """What goes wrong with a job: faults of operations, and how the job itself behaves."""

    faults: tuple[Mapping[str, Any], ...] = ()
    behaviour: Mapping[str, Any] | None = None
    inputs: Mapping[str, Any] | None = None


# Each job is updated from 2 to 4 CUs, which needs a restart, and meets its own trouble; all in one `up`.
UPDATES = {
    "stop-refused": Trouble(({"operation": "StopFlinkJobs", "item_refused": {"message": "The job cannot stop now."}},)),
    "savepoint-fails": Trouble(behaviour={"fail_savepoint": 1}),
    "put-refused": Trouble(({"operation": "UpdateFlinkJarJob", "answer": REFUSED},)),
    "run-refused": Trouble(({"operation": "RunFlinkJobs", "item_refused": {"message": "No CUs are free."}},)),
    "submit-fails": Trouble(behaviour={"fail_next_submit": 1}),
    "crashes": Trouble(behaviour={"crash_after": 0.3, "crash_times": 1}, inputs={"settle_time": 3}),
    "never-starts": Trouble(behaviour={"fail_next_submit": 2}),
    "left": Trouble(behaviour={"fail_next_submit": 1}, inputs={"on_failure": "leave"}),
    "stateless": Trouble(behaviour={"fail_next_submit": 1}, inputs={"upgrade_mode": "stateless"}),
}
# The same, where the trouble is overcome and the `up` succeeds.
OVERCOME = {
    "busy-stop": Trouble(({"operation": "StopFlinkJobs", "answer": BUSY},)),
    "busy-put": Trouble(({"operation": "UpdateFlinkJarJob", "answer": BUSY},)),
    "bad-gateway": Trouble(({"operation": "UpdateFlinkJarJob", "answer": {"status": 502}},)),
    "cut-put": Trouble(({"operation": "UpdateFlinkJarJob", "cut": True, "effect": True},)),
}


@dataclass(frozen=True)
class Journey:
    """Jobs that meet trouble while they are updated, and the next `up`."""

    failed: Result
    before: dict[str, dict[str, Any]]
    after: dict[str, dict[str, Any]]
    requests: list[dict[str, Any]]
    on_service: dict[str, dict[str, Any]]
    finished: Result
    finally_on_service: dict[str, dict[str, Any]]
    violations: list[dict[str, Any]]

    def about(self, name: str) -> list[dict[str, Any]]:
        """Return the requests about a job in the `up` with the trouble."""
        return [each for each in self.requests if int(self.before[name]["id"]) in each["job_ids"]]

    def steps(self, name: str) -> list[tuple[str, Any]]:
        """Return the writes about a job, each with what it asks for."""
        return [(each["operation"], _asked(each["body"])) for each in self.about(name) if each["method"] != "GET"]


def _asked(body: dict[str, Any]) -> Any:
    asked = {key: value for key, value in body.items() if key != "job_ids"}
    return next(iter(asked.values())) if "job_ids" in body else asked


STOP, RESTORE = ("StopFlinkJobs", True), ("RunFlinkJobs", True)
NEW, OLD = ("UpdateFlinkJarJob", {"cu_number": 4}), ("UpdateFlinkJarJob", {"cu_number": 2})


ROLLED_BACK = ("run-refused", "submit-fails", "stateless")


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """One `up` in which every job meets its trouble, and a second one without any."""
    with running(Options(time_factor=1000)) as emulator:
        stack = Stack.made(tmp_path_factory.mktemp("failures") / "stack", emulator, {})
        troubles = UPDATES | OVERCOME
        stack.jobs(**{name: job(name) for name in troubles})
        stack.up().expect_ok()
        before = stack.stored()
        emulator.set_durations({"job_savepointing": 0.6})  # long enough to be seen
        for name, trouble in troubles.items():
            for fault in trouble.faults:
                emulator.add_fault(job=name, **fault)
            if trouble.behaviour:
                emulator.set_behaviour(name, **trouble.behaviour)
        wanted = {name: job(name, cu_number=4, **(trouble.inputs or {})) for name, trouble in troubles.items()}
        stack.jobs(**wanted)
        emulator.clear_requests()
        failed = stack.up("--continue-on-error", "--parallel", "20")
        requests, after, on_service = emulator.requests(), stack.stored(), _by_name(emulator)
        emulator.clear_faults()
        # The savepoint of this one was used up: only the user may decide to start it empty.
        wanted["crashes"] |= {"upgrade_mode": "stateless"}
        # What was rolled back is not tried again by itself.
        for name in ROLLED_BACK:
            wanted[name] |= {"retry_nonce": 1}
        stack.jobs(**wanted)
        finished = stack.up()
        yield Journey(failed, before, after, requests, on_service, finished, _by_name(emulator), emulator.violations())


def _by_name(emulator: Emulator) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in emulator.jobs() if not each["deleted"]}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("stop-refused", ("StopFlinkJobs was refused: The job cannot stop now",)),
        ("savepoint-fails", ("the stop failed", "job_running", "The savepoint failed")),
        ("put-refused", ("The operation is not supported", "DLI.0007", "the job runs again as it was")),
        ("run-refused", ("RunFlinkJobs was refused: No CUs are free", "rolled back")),
        ("submit-fails", ("job_submit_fail", "Submitting the job failed", "rolled back: the job runs again")),
        ("crashes", ("job_running_exception", "settle_time", "no savepoint", "upgrade_mode='stateless'")),
        ("never-starts", ("job_submit_fail", "rolling back failed as well", "THE JOB IS DOWN", "run pulumi up again")),
        ("left", ("job_submit_fail", "THE JOB IS DOWN with its new settings")),
        ("stateless", ("rolled back: the job runs again", "empty state")),
    ],
)
def test_a_failed_update_is_one_line_that_says_what_became_of_the_job(
    journey: Journey, name: str, says: tuple[str, ...]
) -> None:
    """The line names the job, the reason, and whether it runs."""
    line = journey.failed.expect_one_line(name)
    assert f"{name}: " in line
    assert [each for each in says if each not in line] == [], line


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("stop-refused", [STOP]),
        ("savepoint-fails", [STOP]),
        ("put-refused", [STOP, NEW, RESTORE]),
        ("run-refused", [STOP, NEW, RESTORE, OLD, RESTORE]),
        ("submit-fails", [STOP, NEW, RESTORE, OLD, RESTORE]),
        ("left", [STOP, NEW, RESTORE]),
        ("stateless", [("StopFlinkJobs", False), NEW, ("RunFlinkJobs", False), OLD, ("RunFlinkJobs", False)]),
    ],
)
def test_a_failed_update_goes_no_step_too_far(journey: Journey, name: str, steps: list[Any]) -> None:
    """A refused stop ends before the PUT; exactly what was changed is put back; a start follows what was saved."""
    assert journey.steps(name) == steps


DOWN = ("never-starts", "left", "crashes")


@pytest.mark.parametrize("name", [name for name in UPDATES if name not in DOWN])
def test_after_a_failed_update_the_job_runs_as_it_was(journey: Journey, name: str) -> None:
    """It is in job_running with its old settings."""
    assert journey.on_service[name]["status"] == "job_running"
    assert journey.on_service[name]["properties"].get("cu_number", 2) == 2


@pytest.mark.parametrize("name", ROLLED_BACK)
def test_a_roll_back_stores_the_old_properties_and_what_was_rejected(journey: Journey, name: str) -> None:
    """Only the status and the times are those of the job that runs again."""
    facts = {"status", "start_time", "update_time", "rejected"}
    before, after = journey.before[name]["outputs"], journey.after[name]["outputs"]
    assert {key for key in {*before, *after} if before.get(key) != after.get(key)} <= facts
    assert journey.after[name]["inputs"] == journey.before[name]["inputs"]
    assert {*after["rejected"]} == {"salt", "fingerprint", "date", "reason"}


@pytest.mark.parametrize("name", [name for name in UPDATES if name not in (*DOWN, *ROLLED_BACK)])
def test_a_failed_update_leaves_the_stored_state_unchanged(journey: Journey, name: str) -> None:
    """What was not reached is not stored."""
    assert journey.after[name] == journey.before[name]


@pytest.mark.parametrize("name", DOWN)
def test_an_update_that_leaves_the_job_down_stores_what_is_true(journey: Journey, name: str) -> None:
    """The properties and the status as the service has them, and the reason; the inputs stay the old ones."""
    before, after, theirs = journey.before[name], journey.after[name], journey.on_service[name]
    assert (after["id"], after["inputs"]) == (before["id"], before["inputs"])
    outputs = after["outputs"]
    assert outputs["cu_number"] == theirs["properties"].get("cu_number", 2) == (4 if name == "left" else 2)
    assert outputs["status"] == theirs["status"] != "job_running"
    assert outputs["unfinished"].startswith("update: ")


@pytest.mark.parametrize("name", OVERCOME)
def test_a_passing_trouble_is_overcome(journey: Journey, name: str) -> None:
    """429 with Retry-After, a bad gateway, an answer that was lost: the update succeeds all the same."""
    assert journey.failed.errors(name) == []
    assert journey.after[name]["outputs"]["cu_number"] == 4
    assert journey.on_service[name]["status"] == "job_running"


@pytest.mark.parametrize("name", ["busy-stop", "busy-put"])
def test_retry_after_is_obeyed(journey: Journey, name: str) -> None:
    """The same request comes again no sooner than the service asked for."""
    operation = {"busy-stop": "StopFlinkJobs", "busy-put": "UpdateFlinkJarJob"}[name]
    first, second = (each["time"] for each in journey.about(name) if each["operation"] == operation)
    assert second - first >= 1.0


def test_a_savepoint_that_fails_is_noticed_at_once(journey: Journey) -> None:
    """A job that was seen on its way and runs again is not waited for any longer."""
    first, *_, last = (each["time"] for each in journey.about("savepoint-fails"))
    assert last - first < 20


@pytest.mark.parametrize("name", [*UPDATES, *OVERCOME])
def test_the_next_up_finishes(journey: Journey, name: str) -> None:
    """Whatever was reached, one more `up` brings the job to its new settings, running."""
    journey.finished.expect_ok()
    assert journey.finally_on_service[name]["properties"]["cu_number"] == 4
    assert journey.finally_on_service[name]["status"] == "job_running"


def test_no_rule_of_the_service_was_broken(journey: Journey) -> None:
    """No roll-back, retry or second `up` wrote to a job in a wrong status; only a lost answer is asked for again."""
    broken = [(each["kind"], str(each["job_id"])) for each in journey.violations]
    assert broken == [("unchanged_value", journey.before["cut-put"]["id"])]


@pytest.mark.parametrize("answer", [{"answer": BROKEN}, {"cut": True, "times": 5}], ids=["500", "cut"])
def test_a_put_that_took_effect_never_counts_as_failed(
    stack: Stack, emulator: Emulator, answer: dict[str, Any]
) -> None:
    """Where its answer is lost or wrong, the service is asked; the job runs, and the state is right and clean."""
    stack.jobs(live=job("live", smn_topic="one"), orders=job("orders"))
    stack.up().expect_ok()
    for name in ("live", "orders"):
        emulator.add_fault(operation="UpdateFlinkJarJob", job=name, effect=True, **answer)
    stack.jobs(live=job("live", smn_topic="two"), orders=job("orders", cu_number=4))
    stack.up().expect_ok()
    for name in ("live", "orders"):
        assert emulator.job(name)["status"] == "job_running"
        assert stack.outputs()[name]["update_time"] == emulator.job(name)["update_time"]
    stack.refresh().expect_unchanged()
    stack.preview().expect_unchanged()


@pytest.mark.parametrize(
    "trouble",
    [
        {"operation": "RunFlinkJobs", "item_refused": {"message": "No CUs are free."}},
        {"operation": "RunFlinkJobs", "answer": REFUSED},
        {"operation": "RunFlinkJobs", "answer": BROKEN},
    ],
    ids=["refused in the array", "refused", "500"],
)
def test_a_create_whose_start_fails_leaves_no_job_behind(
    stack: Stack, emulator: Emulator, trouble: dict[str, Any]
) -> None:
    """The new job is deleted again, nothing is stored, and the next `up` creates it again."""
    emulator.add_fault(**trouble)
    stack.jobs(orders=job("orders"))
    assert "deleted again" in stack.up().expect_one_line()
    assert [each["deleted"] for each in emulator.jobs()] == [True]
    assert stack.resources() == {}
    stack.up().expect_ok()
    assert emulator.job("orders")["status"] == "job_running"


def test_a_create_whose_answer_was_lost_is_finished_by_the_same_up(stack: Stack, emulator: Emulator) -> None:
    """The job that it made is found by its name and our mark, and gone on with instead of making a second one."""
    emulator.add_fault(operation="CreateFlinkJarJob", cut=True, effect=True)
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    (only,) = emulator.jobs()
    assert only["status"] == "job_running"
    assert stack.resources()["orders"]["id"] == str(only["job_id"])


def test_a_name_that_exists_already_is_refused_and_the_line_names_job_id(stack: Stack, emulator: Emulator) -> None:
    """A job that is not known to be ours is never taken over in silence; the line says how to adopt it."""
    stack.jobs(theirs=job("orders"))
    stack.up().expect_ok()
    (theirs,) = emulator.jobs()
    before = stack.stored()
    stack.jobs(theirs=job("orders"), ours=job("orders"))
    line = stack.up().expect_one_line("ours")
    assert f"job_id='{theirs['job_id']}'" in line
    assert emulator.requests(job=theirs["job_id"], operation="DeleteFlinkJob") == []
    assert stack.stored() == before


def test_a_live_put_that_is_refused_names_the_override(stack: Stack, emulator: Emulator) -> None:
    """Where the service wants the job stopped for what counts as live, the line says how to tell the provider."""
    stack.jobs(orders=job("orders", smn_topic="one"))
    stack.up().expect_ok()
    emulator.add_fault(operation="UpdateFlinkJarJob", answer=REFUSED)
    stack.jobs(orders=job("orders", smn_topic="two"))
    assert 'dli:changeCost to {"smn_topic": "RESTART"}' in stack.up().expect_one_line()
    settings = {"endpoint": emulator.url, "region": "eu-de", "projectId": emulator.project_id, "token": emulator.token}
    stack.configure(**settings, changeCost='{"smn_topic": "RESTART"}')
    emulator.clear_requests()
    stack.up().expect_ok()
    writes = [each["operation"] for each in emulator.requests(writes_only=True)]
    assert writes == ["StopFlinkJobs", "UpdateFlinkJarJob", "RunFlinkJobs"]


def test_a_delete_that_fails_keeps_the_job_in_the_state(stack: Stack, emulator: Emulator) -> None:
    """What could not be deleted is not forgotten; the next destroy deletes it."""
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    before = stack.stored()
    emulator.add_fault(operation="DeleteFlinkJob", answer=REFUSED)
    assert "DLI.0007" in stack.destroy().expect_one_line()
    assert stack.stored() == before
    stack.destroy().expect_ok()
    assert emulator.job("orders")["deleted"]
