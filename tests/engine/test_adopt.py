"""`pulumi-dli adopt` against the real engine: the first `up` takes everything over and changes nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from support.adoption import account, adopt, by_hand, empty, made, writes
from support.stack import Result, Stack

ALL = 200
PASSWORD = "hunter2-is-secret"  # noqa: S105 - made up
RUFF = Path(sys.executable).with_name("ruff")

# Names as only the API takes them, names that clash as variables, and names that are Python's.
NAMES = (
    'a"b\'c\\', "line\nbreak", '"""', "'''",
    "订单", "größe", "\u202egnp.exe", "${x}", "{x}", "a::b", " ", "--stack", "#",
    "class", "print", "pulumi", "dli", "config", "1st", "a-b", "a_b", "A-B", "a_b_158", "\\N{BULLET}", "x" * 57,
)  # fmt: skip
STATUSES = (
    "job_running", "job_init", "job_cancel_success", "job_finish", "job_arrearage_stopped", "job_submit_fail",
    "job_running_exception", "job_cancel_fail", "job_submitting", "job_canceling", "job_arrearage_recovering",
)  # fmt: skip
EVERYTHING: dict[str, Any] = {
    "desc": 'multi\nline "quoted" \\n \t\x07 ünï',
    "cu_number": 8,
    "parallel_number": 3,
    "log_enabled": True,
    "obs_bucket": "logs/{{x}}",
    "smn_topic": "urn:smn:x",
    "main_class": "com.example.Große",
    "entrypoint_args": f"--password {PASSWORD} --q '\"\\'\n\n",
    "restart_when_exception": True,
    "dependency_jars": ["obs://a/b.jar", 'obs://a/"c".jar'],
    "dependency_files": ["obs://a/d"],
    "tm_cus": 2,
    "tm_slot_num": 5,
    "resume_checkpoint": True,
    "resume_max_num": 3,
    "checkpoint_path": "obs://a/checkpoints",
    "runtime_config": json.dumps([{"key": "s3.secret", "value": PASSWORD}, {"key": "a", "value": "b"}]),
    "checkpoint_enabled": True,
    "checkpoint_mode": 2,
    "checkpoint_interval": 60,
    "execution_agency_urn": "agency",
    "resource_config_version": "v2",
    "resource_config": {"max_slot": 2, "taskmanager_resource_spec": {"cpu": 1.5, "memory": "6GB"}},
    "tags": [{"key": "team", "value": "größe"}],
    "feature": "custom",
    "flink_version": "1.15",
    "image": "swr/x",
    "flink_log_config": '{"a": 1}',
}


def shown_as(emulator: Emulator, job_id: str, **config: Any) -> None:
    """Let the service show a job with further settings, or with values of its own."""
    answer = by_hand(emulator, "GET", f"jobs/{job_id}")
    answer["job_detail"]["job_config"] |= config
    fault = {"status": 200, "body": answer}
    emulator.add_fault(operation="ShowFlinkJob", job=job_id, times=None, answer=fault)


def declared(program: str) -> dict[str, dict[str, Any]]:
    """Return the literal arguments of a program's jobs by their variables; fail for anything but declarations."""
    jobs = {}
    for node in ast.parse(program).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value.args:
            (target,) = node.targets
            assert isinstance(target, ast.Name)
            jobs[target.id] = {
                str(each.arg): None if isinstance(each.value, ast.Call) else ast.literal_eval(each.value)
                for each in node.value.keywords
            }
    return jobs


@dataclass
class Journey:
    """Jobs from the console to a program, a stack, and out of the stack again."""

    stack: Stack
    emulator: Emulator
    before: list[dict[str, Any]]
    adopt: Result
    up: Result
    preview: Result
    again: Result
    destroy: Result
    ids: dict[str, str]

    @cached_property
    def program(self) -> str:
        """Return the program that was written."""
        return (self.stack.folder / "__main__.py").read_text(encoding="utf-8")

    @cached_property
    def declared(self) -> dict[str, dict[str, Any]]:
        """Return the declarations by the ids of their jobs."""
        return {each["job_id"]: each for each in declared(self.program).values()}

    def job(self, name: str) -> dict[str, Any]:
        """Return the declaration of a job, by its name here."""
        return self.declared[self.ids[name]]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Two hundred jobs, made by hand, go the whole way together."""
    with running(Options(time_factor=1000, log_secrets=True)) as emulator:
        ids = {name: made(emulator, name) for name in NAMES}
        ids |= {status: made(emulator, status, status) for status in STATUSES}
        ids["everything"] = made(emulator, "everything", **EVERYTHING)
        ids["marked"] = made(emulator, "marked", tags=[{"key": "pulumi-dli", "value": "0" * 40}])
        ids["newer"], ids["odd"] = made(emulator, "newer"), made(emulator, "odd")
        shown_as(emulator, ids["newer"], autoscaling={"mode": "x\ny"}, sink_password=PASSWORD)
        shown_as(emulator, ids["odd"], resume_max_num=0, runtime_config="{no JSON")
        ids["nameless"], ids["nameless too"] = made(emulator, "temporary-1"), made(emulator, "temporary-2")
        for name in ("nameless", "nameless too"):
            emulator.patch_job(int(ids[name]), properties={"name": ""})
        made(emulator, "sql")
        emulator.patch_job("sql", properties={"job_type": "flink_sql_job"})
        ids |= {name: made(emulator, name) for name in (f"orders-{number}" for number in range(ALL - len(ids)))}
        before = emulator.jobs()
        emulator.clear_requests()
        # Without a checkpoint for each of the jobs: the file backend writes the whole state every time.
        quick = {"PULUMI_EXPERIMENTAL": "1", "PULUMI_SKIP_CHECKPOINTS": "1"}
        stack = empty(tmp_path_factory.mktemp("adopt") / "jobs", account(emulator) | quick)
        adopted, up, preview = adopt(stack, emulator), stack.up(), stack.preview()
        again = adopt(stack, emulator, "--program", "more.py")
        yield Journey(stack, emulator, before, adopted, up, preview, again, stack.destroy(), ids)


def test_two_hundred_jobs_are_adopted_by_the_first_up(journey: Journey) -> None:
    """Each of them is in the stack after it, under its own id."""
    journey.adopt.expect_ok()
    assert f"+ {ALL + 1} created" in journey.up.expect_ok().stdout
    assert len(journey.declared) == ALL


def test_nothing_but_gets_and_logins_is_sent_from_the_list_to_the_destroy(journey: Journey) -> None:
    """Neither by the command nor by `up`, `preview` and `destroy`."""
    journey.destroy.expect_ok()
    assert writes(journey.emulator) == []
    assert {"CreateToken", "ListFlinkJobs", "ShowFlinkJob"} <= {e["operation"] for e in journey.emulator.requests()}


def test_no_job_is_touched(journey: Journey) -> None:
    """Every job is what it was before, with its whole history, after the destroy too."""
    assert journey.emulator.jobs() == journey.before


def test_the_preview_after_it_is_clean(journey: Journey) -> None:
    """Program and service agree for every property that the program sets, and for those that it leaves out."""
    journey.preview.expect_unchanged()


def test_a_job_with_every_property_is_declared_with_every_property(journey: Journey) -> None:
    """As the service shows it; secrets are not among the literals."""
    job = journey.job("everything")
    shown = {**EVERYTHING, "entrypoint_args": None, "runtime_config": None, "resource_config": job["resource_config"]}
    assert {name: job[name] for name in EVERYTHING} == shown
    assert job["resource_config"]["taskmanager_resource_spec"] == {"cpu": 1.5, "memory": "6G"}


def test_defaults_are_left_out(journey: Journey) -> None:
    """A job that was made with its name, queue and JAR is declared with just these."""
    assert journey.job("orders-0") == {
        "job_id": journey.ids["orders-0"],
        "name": "orders-0",
        "queue_name": "streaming",
        "entrypoint": "obs://artifacts/job.jar",
    }


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_any_name_is_a_string_of_the_program_and_no_code(journey: Journey, name: str) -> None:
    """It comes out of the program's syntax tree as it went in."""
    assert journey.job(name)["name"] == name


def test_no_secret_is_in_the_program_or_in_what_is_shown(journey: Journey) -> None:
    """It is read from the stack's config, where it is encrypted."""
    config = (journey.stack.folder / "Pulumi.test.yaml").read_text()
    for text in (journey.program, journey.adopt.text, journey.up.text, journey.preview.text, config):
        assert PASSWORD not in text
    assert 'config.require_secret("everything_entrypoint_args")' in journey.program
    assert "everything_runtime_config:\n    secure:" in config


def test_the_secrets_in_the_config_are_those_of_dli(journey: Journey) -> None:
    """To the letter, line ends included."""
    shown = json.loads(journey.stack.run("config", "--json", "--show-secrets").expect_ok().stdout)
    kept = {name: shown[f"jobs:everything_{name}"]["value"] for name in ("entrypoint_args", "runtime_config")}
    assert kept == {name: EVERYTHING[name] for name in kept}


@pytest.mark.parametrize("status", STATUSES)
def test_the_desired_state_is_the_state_found(journey: Journey, status: str) -> None:
    """A job that is down is to stay down; one that ended by itself or lacks money is as wanted."""
    down = {"job_init", "job_cancel_success", "job_submit_fail", "job_running_exception", "job_canceling"}
    assert journey.job(status).get("desired_state") == ("stopped" if status in down else None)


def test_an_unknown_property_is_kept_as_a_comment_and_reported(journey: Journey) -> None:
    """Its value is no code either; one whose name sounds like a secret is not shown."""
    sentence = 'ot known to this version, and kept as it is in DLI: autoscaling = {"mode": "x\\ny"}'
    assert f"N{sentence}." in journey.program.replace("\n# ", " ")
    assert f"newer: n{sentence}" in journey.adopt.stderr
    assert "newer: not known to this version, and kept as it is in DLI: sink_password = ***" in journey.adopt.stderr


def test_a_value_that_a_program_may_not_hold_is_not_managed_and_reported(journey: Journey) -> None:
    """The rest of the job is adopted."""
    assert not {"resume_max_num", "runtime_config"} & set(journey.job("odd"))
    for name, rule in {"resume_max_num": "-1 or greater than 0", "runtime_config": "JSON text"}.items():
        assert f"odd: not managed: {name}, whose value in DLI must be {rule}" in journey.adopt.stderr


def test_a_job_that_a_stack_made_is_noted(journey: Journey) -> None:
    """The provider's mark is reported, and is not among the tags that the program declares."""
    assert "marked: a Pulumi stack made this job" in journey.adopt.stderr
    assert "tags" not in journey.job("marked")


def test_a_job_of_another_type_is_left_out(journey: Journey) -> None:
    """A SQL job is not this provider's."""
    assert '"sql"' not in journey.program


def test_the_program_is_as_ruff_formats_it(journey: Journey) -> None:
    """At the usual length of a line and at a longer one; imports are used and in order."""
    program = journey.stack.folder / "__main__.py"
    for length in ("88", "120"):
        words = (RUFF, "format", "--isolated", "--diff", "--line-length", length, program)
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    check = subprocess.run([RUFF, "check", "--isolated", "--select", "F,I", program], capture_output=True, check=False)
    assert check.returncode == 0, check.stdout


def test_progress_goes_to_stderr_and_the_list_to_stdout(journey: Journey) -> None:
    """One line of the list for each job, with its id, status, name and variable."""
    lines = journey.adopt.stdout.splitlines()
    assert len(lines) == ALL + 1
    assert f'{journey.ids["a_b"]}  job_running  "a_b"  a_b_{journey.ids["a_b"]}' in lines
    assert f"read {ALL} of {ALL} jobs" in journey.adopt.stderr


def test_jobs_that_the_stack_manages_are_left_out_the_next_time(journey: Journey) -> None:
    """So a second run has nothing to do, and writes nothing."""
    assert journey.again.expect_ok().stdout == "nothing to adopt\n"
    assert f"{ALL} of {ALL} jobs are in the stack already" in journey.again.stderr
    assert not (journey.stack.folder / "more.py").exists()
