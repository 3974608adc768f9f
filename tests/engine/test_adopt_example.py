"""The example of an adoption runs as it stands, step by step as its README says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from support.adoption import made, writes
from support.stack import PLAIN, Result, Stack

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "adoption"


@dataclass
class Steps:
    """What each step of the example came to, and what it sent besides GETs."""

    adopted: Result
    sent_at_first: list[str]
    changed: Result
    sent_by_change: list[str]
    owned: Result
    destroyed: Result
    emulator: Emulator


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    """Adopt, change, own, destroy."""
    with running(Options(time_factor=1000)) as emulator:
        made(emulator, "orders", entrypoint="obs://artifacts/orders-2.0.jar", cu_number=4, desc="kept")
        stack = _copied(tmp_path_factory.mktemp("adoption") / "adoption", emulator)
        emulator.clear_requests()
        adopted, first = stack.up(), writes(emulator)
        stack.run("config", "set", "cuNumber", "8").expect_ok()
        changed, second = stack.up(), writes(emulator)
        stack.run("config", "rm", "jobId").expect_ok()
        owned = stack.up()
        yield Steps(adopted, first, changed, second, owned, stack.destroy(), emulator)


def _copied(folder: Path, emulator: Emulator) -> Stack:
    """Copy the example with its `dev` stack, pointed at the emulator."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (folder / "backend").mkdir()
    dev = (folder / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    (folder / "Pulumi.test.yaml").write_text(dev.replace("http://127.0.0.1:8480", emulator.url), encoding="utf-8")
    stack = Stack(folder, known=PLAIN)
    stack.run("stack", "init", "test").expect_ok()
    return stack


def test_the_first_up_adopts_the_job_and_changes_nothing(steps: Steps) -> None:
    """It says so, and sends nothing."""
    assert "orders: adopted as it is" in steps.adopted.expect_ok().stdout
    assert steps.sent_at_first == []


def test_a_change_of_an_adopted_job_is_an_update(steps: Steps) -> None:
    """With a savepoint, as for any other job; what the program does not set is kept."""
    steps.changed.expect_ok()
    assert steps.sent_by_change == ["StopFlinkJobs", "UpdateFlinkJarJob", "RunFlinkJobs"]
    assert steps.emulator.job("orders")["properties"]["desc"] == "kept"


def test_without_its_id_the_stack_owns_the_job(steps: Steps) -> None:
    """The run says what destroy will do, and it does."""
    assert "destroy will now delete the job" in steps.owned.expect_ok().stdout
    steps.destroyed.expect_ok()
    assert steps.emulator.job(138)["deleted"]
