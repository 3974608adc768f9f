"""Every example runs as it stands, with its own configuration, on the real engine against the emulator."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_dli.emulator.options import PASSWORD
from pulumi_dli.emulator.server import Emulator, Options, Project, running
from support.stack import PLAIN, Result, Stack

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
SIZES = {"dev": (2, 1, "dev"), "staging": (4, 2, "staging"), "prod": (40, 32, "prod")}
EMULATOR_URL = "http://127.0.0.1:8480"
IGNORED = shutil.ignore_patterns("__pycache__", ".*")


def main_example(folder: Path, stack: str, emulator: Emulator) -> Stack:
    """Copy the main project with one stack's configuration, pointed at the emulator."""
    shutil.copytree(EXAMPLES, folder / "examples", ignore=IGNORED)
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    config = (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    changed = ("  dli:endpoint:", "  dli:projectId:", "  clickstream:settleTime:")
    kept = [line for line in config.splitlines() if not line.startswith(changed)]
    ours = [f"  dli:endpoint: {json.dumps(emulator.url)}", '  clickstream:settleTime: "0"']
    (folder / "Pulumi.test.yaml").write_text("\n".join([*kept, *ours]) + "\n", encoding="utf-8")
    (folder / "backend").mkdir()
    account = {"OS_USERNAME": "emulator", "OS_PASSWORD": PASSWORD, "OS_DOMAIN_NAME": "emulator"}
    project = {"OS_PROJECT_ID": emulator.project_id, "OS_AUTH_URL": emulator.auth_url}
    made = Stack(folder, {**account, **project}, known=PLAIN)
    made.run("stack", "init", "test").expect_ok()
    return made


@pytest.mark.parametrize("stack", SIZES)
def test_the_main_example_runs_with_each_stack_s_configuration(stack: str, tmp_path: Path, emulator: Emulator) -> None:
    """`dev` by its token, `staging` and `prod` by a login from the environment; each job has its stack's size."""
    main_example(tmp_path, stack, emulator).up().expect_ok()
    (job,) = emulator.jobs()
    sizes = tuple(job["properties"][name] for name in ("cu_number", "parallel_number", "queue_name"))
    assert (job["status"], sizes) == ("job_running", SIZES[stack])


@pytest.mark.parametrize("chosen", ["often_fails", pytest.param("", marks=pytest.mark.full)], ids=["one", "all"])
def test_the_suite_for_users_runs_as_it_stands(chosen: str, tmp_path: Path) -> None:
    """`examples/testing`, copied to where a user's project would be; a single one of its tests in the first tier."""
    folder = shutil.copytree(ROOT / "examples" / "testing", tmp_path / "suite")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-k", chosen]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stdout


def copied(name: str, folder: Path, emulator: Emulator) -> Stack:
    """Copy an example with its `dev` stack, pointed at the emulator; nothing else of it changes."""
    shutil.copytree(EXAMPLES / name, folder, ignore=IGNORED)
    (folder / "backend").mkdir()
    dev = folder / "Pulumi.dev.yaml"
    dev.rename(folder / "Pulumi.test.yaml").write_text(
        dev_text(EXAMPLES / name).replace(EMULATOR_URL, emulator.url), encoding="utf-8"
    )
    stack = Stack(folder, known=PLAIN)
    stack.run("stack", "init", "test").expect_ok()
    return stack


def dev_text(folder: Path) -> str:
    """Return the configuration of an example's `dev` stack."""
    return (folder / "Pulumi.dev.yaml").read_text(encoding="utf-8")


def configure(stack: Stack, **settings: Any) -> None:
    """Change settings of the example's own namespace as an editor of the file would."""
    path = stack.folder / "Pulumi.test.yaml"
    file = yaml.safe_load(path.read_text(encoding="utf-8"))
    namespace = yaml.safe_load((stack.folder / "Pulumi.yaml").read_text(encoding="utf-8"))["name"]
    file["config"] |= {f"{namespace}:{name}": value for name, value in settings.items()}
    path.write_text(yaml.safe_dump(file), encoding="utf-8")


def writes(emulator: Emulator) -> list[str]:
    """Return the operations that changed something since the log was cleared."""
    return [each["operation"] for each in emulator.requests(writes_only=True)]


def statuses(emulator: Emulator) -> dict[str, str]:
    """Return the status of each job that was not deleted, by its name."""
    return {each["name"]: each["status"] for each in emulator.jobs() if not each["deleted"]}


def up_anew(stack: Stack, emulator: Emulator) -> Result:
    """Run `pulumi up` with an empty request log before it."""
    emulator.clear_requests()
    return stack.up().expect_ok()


def test_several_jobs_are_those_that_the_config_lists(tmp_path: Path, emulator: Emulator) -> None:
    """A changed line of the config updates that job alone; a further line makes a further job."""
    stack = copied("several-jobs", tmp_path / "stack", emulator)
    up_anew(stack, emulator)
    assert statuses(emulator) == {
        "clickstream-test": "job_running",
        "orders-test": "job_running",
        "returns-test": "job_init",
    }
    jobs = yaml.safe_load(dev_text(EXAMPLES / "several-jobs"))["config"]["several-jobs:jobs"]
    jobs["orders"]["cuNumber"] = 3
    configure(stack, jobs={**jobs, "refunds": {"version": "1.0", "cuNumber": 2, "parallelNumber": 1}})
    up_anew(stack, emulator)
    assert [each["body"] for each in emulator.requests("UpdateFlinkJarJob")] == [{"cu_number": 3}]
    assert statuses(emulator)["refunds-test"] == "job_running"


def test_two_regions_have_a_job_each_in_their_own_project(tmp_path: Path) -> None:
    """Each explicit provider manages the job of its region; nothing changes at the next `up`."""
    projects = (
        Project("d11e0000000000000000000000000001", "eu-de_streaming"),
        Project("d11e0000000000000000000000000002", "eu-nl_streaming"),
    )
    with running(Options(time_factor=1000, projects=projects)) as emulator:
        stack = copied("two-regions", tmp_path / "stack", emulator)
        stack.environment = {"OS_TOKEN": emulator.token}
        up_anew(stack, emulator)
        found = {(each["project_id"][-1], each["properties"]["cu_number"]) for each in emulator.jobs()}
        stored = {name: each["outputs"]["region"] for name, each in stack.resources().items()}
        up_anew(stack, emulator).expect_unchanged()
    assert found == {("1", 8), ("2", 4)}
    assert stored == {"clickstream-eu-de": "eu-de", "clickstream-eu-nl": "eu-nl"}


def test_a_jar_with_new_content_restarts_the_job(tmp_path: Path, emulator: Emulator) -> None:
    """Through a savepoint and without a PUT; the same content touches nothing."""
    stack = copied("jar-hash", tmp_path / "stack", emulator)
    jar = stack.folder / "build" / "clickstream.jar"
    jar.parent.mkdir()
    jar.write_bytes(b"one")
    up_anew(stack, emulator)
    up_anew(stack, emulator).expect_unchanged()
    assert writes(emulator) == []
    jar.write_bytes(b"two")
    assert "clickstream: stop with savepoint, restart" in stack.preview().expect_ok().text
    up_anew(stack, emulator)
    assert writes(emulator) == ["StopFlinkJobs", "RunFlinkJobs"]
    assert emulator.job("clickstream")["status"] == "job_running"


def test_a_pipeline_follows_the_stack_that_it_refers_to(tmp_path: Path, emulator: Emulator) -> None:
    """Its jobs are children of one component, on the other stack's outputs; a new queue there restarts both."""
    platform = copied_pair(tmp_path)
    jobs = copied("pipeline/jobs", tmp_path / "jobs", emulator)
    jobs.environment = {"PULUMI_BACKEND_URL": f"file://{platform.folder / 'backend'}"}
    jobs.run("stack", "init", "test").expect_ok()
    configure(jobs, platform="organization/platform/test")
    up_anew(jobs, emulator)
    urns = [each["urn"] for each in jobs.resources().values()]
    assert all("::streaming:index:Pipeline$pulumi-python:dynamic/dli:FlinkJarJob::" in urn for urn in urns)
    assert {each["properties"]["entrypoint"] for each in emulator.jobs()} == {
        "obs://artifacts-dev/ingest-1.4.jar",
        "obs://artifacts-dev/sessions-1.4.jar",
    }
    assert [each["body"]["name"] for each in emulator.requests("CreateFlinkJarJob")] == [
        "clicks-ingest",
        "clicks-sessions",
    ]
    configure(platform, queue="prod")
    platform.up().expect_ok()
    up_anew(jobs, emulator)
    assert [each["body"] for each in emulator.requests("UpdateFlinkJarJob")] == [{"queue_name": "prod"}] * 2


def copied_pair(folder: Path) -> Stack:
    """Bring the platform's stack up: it needs no emulator."""
    shutil.copytree(EXAMPLES / "pipeline/platform", folder / "platform", ignore=IGNORED)
    platform = Stack(folder / "platform", known=PLAIN)  # its backend holds the jobs, too
    (platform.folder / "backend").mkdir()
    (platform.folder / "Pulumi.dev.yaml").rename(platform.folder / "Pulumi.test.yaml")
    platform.run("stack", "init", "test").expect_ok()
    platform.up().expect_ok()
    return platform


BLUE = {"version": "1.4", "state": "running"}
GREEN = {"version": "2.0", "state": "running"}


def test_blue_gives_way_to_green_without_a_gap(tmp_path: Path, emulator: Emulator) -> None:
    """Green comes beside blue, the switch touches no job, blue stops with a savepoint and can come back, then goes."""
    stack = copied("blue-green", tmp_path / "stack", emulator)
    up_anew(stack, emulator)
    configure(stack, colours={"blue": BLUE, "green": GREEN})
    up_anew(stack, emulator)
    assert writes(emulator) == ["CreateFlinkJarJob", "RunFlinkJobs"]
    assert statuses(emulator) == {"sessions-blue": "job_running", "sessions-green": "job_running"}

    configure(stack, live="green")
    up_anew(stack, emulator)
    assert writes(emulator) == []
    assert stack.outputs()["live_output"] == "obs://results/sessions-green"

    configure(stack, colours={"blue": BLUE | {"state": "stopped"}, "green": GREEN})
    up_anew(stack, emulator)
    (stop,) = emulator.requests(writes_only=True)
    assert stop["body"]["trigger_savepoint"] is True
    configure(stack, colours={"blue": BLUE, "green": GREEN})
    up_anew(stack, emulator)
    (run,) = emulator.requests(writes_only=True)
    assert run["body"]["resume_savepoint"] is True

    configure(stack, colours={"green": GREEN})
    up_anew(stack, emulator)
    assert statuses(emulator) == {"sessions-green": "job_running"}


@pytest.mark.parametrize(
    ("colours", "reason"),
    [
        ({"blue": BLUE | {"state": "stopped"}, "green": GREEN}, "blue is live, so its state must be running"),
        ({"green": GREEN}, "blue is live, so its state must be running"),
    ],
    ids=["stopped", "dropped"],
)
def test_the_live_colour_is_not_taken_away(
    tmp_path: Path, emulator: Emulator, colours: dict[str, Any], reason: str
) -> None:
    """The program refuses to stop or drop the colour that readers follow, and no request is sent."""
    stack = copied("blue-green", tmp_path / "stack", emulator)
    configure(stack, colours=colours)
    refused = stack.preview().expect_failure()
    assert reason in refused.text
    assert emulator.requests() == []


def test_every_example_is_a_project_with_a_page_of_its_own() -> None:
    """Each folder with a Pulumi.yaml has an example's README and the `dev` stack's configuration, and is listed.

    (The program of the example of a test suite has none: the suite configures it.)
    """
    projects = [
        path.parent for path in EXAMPLES.rglob("Pulumi.yaml") if path.parent != EXAMPLES / "testing" / "program"
    ]
    assert len(projects) >= 6
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for project in projects:
        example = project.relative_to(EXAMPLES).parts[0]
        assert (project / "Pulumi.dev.yaml").exists()
        assert (EXAMPLES / example / "README.md").exists()
        assert f"]({example}/README.md)" in listed
