"""The example of a fleet: a kill and its resumption, waves, a stop at the first failure, and a budget of requests."""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from pulumi_dli.emulator.server import Emulator, Options, running
from support.fleet import TIMEOUT, Fleet
from support.stack import Ran

LOCK = re.compile(r"takes away the lock of a run that is dead: \S+@\S+, process \d+, since \S+")
NAMES = [f"clicks-{job}-{place}" for place in ("dev", "staging", "nl", "de") for job in ("ingest", "sessions")]
DONE = {"clicks-dev": "done", "clicks-staging": "done", "clicks-nl": "done", "clicks-de": "done"}


def test_a_fleet_that_was_killed_goes_on_where_it_ended(fleet: Fleet) -> None:
    """SIGKILL for the whole group in its second wave; the next run finishes it, each job exists once, then all rest."""
    held = fleet.emulator.add_fault(operation="RunFlinkJobs", hold=True, after=2, times=2)
    begun = fleet.begin("up")
    fleet.emulator.wait_until_held(2, seconds=60)
    os.killpg(begun.pid, signal.SIGKILL)
    begun.communicate()
    fleet.emulator.release(held)

    resumed = fleet.run("up")
    assert resumed.ok, resumed.text
    assert LOCK.search(resumed.stderr), resumed.text
    assert fleet.names() == Counter(NAMES)
    assert {each["status"] for each in fleet.emulator.jobs()} == {"job_running"}

    fleet.emulator.clear_requests()
    rested = fleet.run("up")
    assert fleet.results(rested) == dict.fromkeys(DONE, "done: nothing to change"), rested.text
    assert fleet.emulator.requests() == []


@pytest.mark.full
def test_a_run_that_is_asked_to_stop_ends_what_is_under_way_and_begins_nothing_more(fleet: Fleet) -> None:
    """SIGTERM as a CI system sends it: the stack of the first wave is finished, and the next run does the others."""
    held = fleet.emulator.add_fault(operation="RunFlinkJobs", hold=True)
    begun = fleet.begin("up")
    fleet.emulator.wait_until_held(seconds=60)
    begun.terminate()
    fleet.emulator.release(held)
    stdout, stderr = begun.communicate(timeout=TIMEOUT)
    stopped = Ran(begun.returncode, stdout, stderr)

    others = dict.fromkeys(("clicks-staging", "clicks-nl", "clicks-de"), "not started")
    assert stopped.code == 1
    assert "SIGTERM: no further stack is started" in stderr
    assert fleet.results(stopped) == {"clicks-dev": "done: 2 create", **others}
    assert fleet.run("up").ok
    assert fleet.names() == Counter(NAMES)


@pytest.mark.full
def test_ctrl_c_cancels_the_stacks_under_way_and_the_next_run_finishes_them(fleet: Fleet) -> None:
    """A terminal sends it to the engines as well; nothing exists twice afterwards."""
    held = fleet.emulator.add_fault(operation="RunFlinkJobs", hold=True)
    begun = fleet.begin("up")
    fleet.emulator.wait_until_held(seconds=60)
    os.killpg(begun.pid, signal.SIGINT)
    fleet.emulator.release(held)
    _, stderr = begun.communicate(timeout=TIMEOUT)

    assert begun.returncode == 1
    assert "SIGINT: no further stack is started" in stderr
    assert "Traceback" not in stderr
    finished = fleet.run("up")
    assert finished.ok, finished.text
    assert fleet.names() == Counter(NAMES)


def test_a_failure_ends_the_run_before_the_next_wave(fleet: Fleet) -> None:
    """What is not started is said, the reason stands in the summary, and the exit code is 1."""
    fleet.emulator.add_fault(
        operation="CreateFlinkJarJob", after=2, times=1, answer={"error": "DLI.0003"}, effect=False
    )
    failed = fleet.run("up")

    results = fleet.results(failed)
    assert failed.code == 1
    assert results["clicks-dev"] == "done: 2 create"
    assert "failed" in results["clicks-staging"]
    assert "DLI.0003" in results["clicks-staging"]
    assert (results["clicks-nl"], results["clicks-de"]) == ("not started", "not started")
    assert not {"clicks-ingest-nl", "clicks-ingest-de"} & {*fleet.names()}


def test_a_lock_whose_holder_may_be_alive_is_left_alone(fleet: Fleet) -> None:
    """One of another host, say: the stack fails, names the holder, and nothing is done."""
    assert fleet.run("up", "--only", "clicks-dev").ok
    lock = fleet.folder / "backend/.pulumi/locks/organization/streaming/clicks-dev/1.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    holder = {"pid": 1, "username": "ci", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}
    lock.write_text(json.dumps(holder), encoding="utf-8")
    refused = fleet.run("up", "--only", "clicks-dev")

    assert refused.code == 1
    assert "the stack is locked by ci@elsewhere, process 1, since 2026-01-01T00:00:00Z" in refused.stderr
    assert lock.exists()


def test_all_stacks_are_reviewed_together(fleet: Fleet) -> None:
    """One review of all previews; its gate decides on the exit code."""
    reviewed = fleet.run("review", "--fail-on", "prod*:delete", "--format", "json")
    assert reviewed.ok, reviewed.text
    assert [each["stack"] for each in json.loads(reviewed.stdout)["stacks"]] == list(DONE)


def test_drift_is_found_by_a_review_that_looks_at_the_jobs(fleet: Fleet) -> None:
    """A change in the console would be undone by a restart; a schedule's gate stops there, and nothing was written."""
    only = ("--only", "clicks-nl")
    assert fleet.run("up", *only).ok
    fleet.emulator.patch_job("clicks-ingest-nl", properties={"cu_number": 9})
    fleet.emulator.clear_requests()
    gate = ("--fail-on", "restart", "--format", "terminal")
    assert fleet.run("review", *only, *gate).code == 0
    found = fleet.run("review", *only, *gate, "--refresh")

    assert found.code == 1, found.text
    assert "cu_number" in found.stdout
    assert fleet.emulator.requests(writes_only=True) == []


def windows(emulator: Emulator) -> Counter[int]:
    """Return the statuses of all answers, counted."""
    return Counter(each["status"] for each in emulator.requests())


def six(stack: int) -> dict[str, Any]:
    """Return six jobs of a stack."""
    jobs = {"entrypoint": "obs://artifacts/job.jar"}
    return {f"job-{number}": {**jobs, "name": f"job-{stack}-{number}"} for number in range(6)}


SIDE_BY_SIDE = {
    "waves": ["all"],
    "stacks": {f"stack-{number}": {"wave": "all", "jobs": six(number)} for number in range(3)},
    "stacks_at_once": 3,
}


@pytest.fixture
def limited() -> Iterator[Emulator]:
    """A DLI that takes 10 requests in each second and turns the others away."""
    with running(Options(time_factor=1000, requests_per_second=10)) as emulator:
        yield emulator


def test_the_budget_holds_over_all_stacks_of_a_run(make_fleet: Callable[[Emulator], Fleet], limited: Emulator) -> None:
    """Three hosts at once stay below what the service takes, so that it turns none of their requests away."""
    fleet = make_fleet(limited)
    fleet.define(**SIDE_BY_SIDE, requests_per_second=8)
    ran = fleet.run("up")
    assert ran.ok, ran.text
    assert windows(limited)[429] == 0


@pytest.mark.full
def test_a_storm_of_429_slows_a_run_down_and_fails_nothing(
    make_fleet: Callable[[Emulator], Fleet], limited: Emulator
) -> None:
    """Without a budget the service turns many requests away; each job is created and started exactly once."""
    fleet = make_fleet(limited)
    fleet.define(**SIDE_BY_SIDE, requests_per_second=None)
    ran = fleet.run("up")
    assert ran.ok, ran.text
    assert windows(limited)[429] > 0
    taken = Counter(each["operation"] for each in limited.requests(writes_only=True) if each["status"] != 429)
    assert taken == {"CreateFlinkJarJob": 18, "RunFlinkJobs": 18}


MISTAKES = {
    "project": "streaming",
    "stacks_at_once": 0,
    "waves": ["dev", "prod"],
    "wafes": ["dev"],
    "stacks": {"a": {"wav": "dev", "wave": "dev", "jobs": {"j": {}}}},
}
BETWEEN = {
    "project": "streaming",
    "waves": ["dev", "prod"],
    "stacks": {
        "a": {
            "wave": "prd",
            "jobs": {"j": {"queue_name": "q", "entrypoint": "obs://a/b.jar", "cu_numbr": 3}, "k": {"cu_number": "x"}},
        },
        "b": {"wave": "dev", "jobs": {"j": {"queue_name": "q", "entrypoint": "obs://a/b.jar"}}},
    },
}


def told(fleet: Fleet, text: str) -> list[str]:
    """Return what a run says of a definition, which must be refused."""
    (fleet.folder / "fleet.yaml").write_text(text, encoding="utf-8")
    ran = fleet.run("up")
    assert (ran.code, ran.stdout) == (2, ""), ran.text
    return ran.stderr.splitlines()


def test_each_mistake_of_a_definition_is_one_line_with_the_nearest_right_word(fleet: Fleet) -> None:
    """Before anything is started."""
    assert told(fleet, yaml.safe_dump(MISTAKES)) == [
        "fleet: fleet.yaml: stacks_at_once: input should be greater than or equal to 1",
        "fleet: fleet.yaml: stacks.a.wav is unknown: did you mean wave?",
        "fleet: fleet.yaml: wafes is unknown: did you mean waves?",
    ]
    between = told(fleet, yaml.safe_dump(BETWEEN))
    assert "fleet: fleet.yaml: stacks.a.wave: prd is none of the waves: did you mean prod?" in between
    assert any(line.startswith("fleet: fleet.yaml: stacks.a.jobs.j: cu_numbr ") for line in between)
    assert any(line.startswith("fleet: fleet.yaml: stacks.a.jobs.k: cu_number ") for line in between)
    assert (
        "fleet: fleet.yaml: stacks.b.jobs.j: its name j is that of stacks.a.jobs.j in the same project already"
        in between
    )
    assert told(fleet, "stacks: {a: 1, a: 2}") == ["fleet: fleet.yaml, line 1: a stands here twice"]
    assert fleet.emulator.requests() == []
