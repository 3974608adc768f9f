"""States and programs of released versions under the current code: no preview sees a change, and they go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from support.adoption import made
from support.recorded_version import ENDPOINT, VERSIONS, Version
from support.stack import PLAIN, Result, Stack

TOPIC = "urn:smn:eu-de:1:alerts"


def restored(version: Version, folder: Path, endpoint: str) -> Stack:
    """Return the recorded stack in a backend of its own, with the jobs at an endpoint."""
    (folder / "backend").mkdir(parents=True)
    stack = Stack(folder, known=PLAIN)
    for name in ("Pulumi.yaml", "Pulumi.test.yaml", "__main__.py", "state.json"):
        (folder / name).write_text(version.text(name).replace(ENDPOINT, endpoint), encoding="utf-8")
    stack.run("stack", "init", "test").expect_ok()
    stack.run("stack", "import", "--stack", "test", "--file", "state.json").expect_ok()
    return stack


def replayed(version: Version, emulator: Emulator) -> None:
    """Make the recorded jobs on the service, under the ids that they had."""
    for job in version.jobs():
        properties = {name: value for name, value in job["properties"].items() if name != "name"}
        tags = [{"key": key, "value": value} for key, value in job["tags"].items()]
        job_id = made(emulator, job["properties"]["name"], job["status"], tags=tags, **properties)
        assert job_id == str(job["job_id"])


@dataclass
class Life:
    """A recorded stack at work on its jobs under the current code."""

    emulator: Emulator
    refresh: Result
    preview: Result
    up: Result
    sent: list[tuple[str, object]]
    destroy: Result


@pytest.fixture(scope="module", params=VERSIONS, ids=str)
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Refresh, preview, a change of one property, destroy."""
    version = request.param
    with running(Options(time_factor=1000, log_secrets=True)) as emulator:
        replayed(version, emulator)
        stack = restored(version, tmp_path_factory.mktemp("recorded") / "stack", emulator.url)
        refresh, preview = stack.refresh(), stack.preview()
        program = stack.folder / "__main__.py"
        program.write_text(program.read_text().replace(TOPIC, f"{TOPIC}-2"))
        emulator.clear_requests()
        up = stack.up()
        sent = [(each["operation"], each["body"]) for each in emulator.requests(writes_only=True)]
        yield Life(emulator, refresh, preview, up, sent, stack.destroy())


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_a_recorded_state_previews_clean(version: Version, tmp_path: Path) -> None:
    """With its program as it was, and without a word about any job; offline, as any preview."""
    preview = restored(version, tmp_path / "stack", ENDPOINT).preview().expect_unchanged()
    assert "Diagnostics:" not in preview.stdout


@pytest.mark.full
def test_a_refresh_finds_the_recorded_jobs(life: Life) -> None:
    """No property differs: the preview after it is clean as well."""
    life.refresh.expect_ok()
    life.preview.expect_unchanged()


@pytest.mark.full
def test_a_changed_property_is_updated_alone(life: Life) -> None:
    """One PUT with one key, computed from the old outputs."""
    life.up.expect_ok()
    assert life.sent == [("UpdateFlinkJarJob", {"smn_topic": f"{TOPIC}-2"})]


@pytest.mark.full
def test_a_destroy_does_what_the_old_state_says(life: Life) -> None:
    """Jobs of the stack's own are deleted, the adopted one is left, the one to be stopped is stopped."""
    life.destroy.expect_ok()
    left = {each["name"]: each["status"] for each in life.emulator.jobs() if not each["deleted"]}
    assert left == {"adopted": "job_running", "everything": "job_cancel_success"}
