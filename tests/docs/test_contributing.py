"""The contributor's guides are true: what they show is all that a new property and a new step need."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from pulumi_dli.emulator.options import PROJECT_ID, TOKEN
from support import guide
from support.places import TESTS
from support.rooms import PACKAGE
from support.stack import PROGRAM, Stack, job

NAME = "idle_timeout"
PROPERTY, STEP = "Adding a property", "Adding a step to the life cycle"
MINUTES = 60


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project and follow both guides: their edits, then the generator."""
    copy = guide.clean_copy(tmp_path_factory.mktemp("project"))
    for edit in (*guide.edits(PROPERTY), *guide.edits(STEP)):
        guide.make(edit, copy)
    made = _run(copy, 1, sys.executable, "-m", "tools.build.generate")
    assert (made.returncode, made.stderr) == (0, "")
    return copy


def _run(copy: Path, minutes: int, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = guide.environment(copy) | more
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=minutes * MINUTES
    )


@pytest.mark.parametrize("heading", [PROPERTY, STEP])
def test_a_guide_shows_its_edits(heading: str) -> None:
    """A heading that was renamed would leave nothing to follow."""
    assert guide.edits(heading)


def test_each_room_of_the_package_and_of_the_tests_is_in_the_list_of_rooms() -> None:
    """A newcomer finds the room of any line."""
    named = set(re.findall(r"`([a-z/_]+)`", guide.section("Where things are")))
    rooms = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("__init__.py")} - {"."}
    folders = {f"tests/{path.name}" for path in TESTS.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert rooms | folders <= named


def test_the_step_stands_on_the_life_cycle_page(copy: Path) -> None:
    """Before the start of a job whose last start failed, and nowhere else."""
    page = (copy / "docs/reference/life-cycle.md").read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if "say why its last start failed" in row and row.startswith("|")]
    assert [row.split("`")[1] for row in rows] == ["job_submit_fail"]


def test_the_property_stands_in_the_documents_and_the_typed_arguments(copy: Path) -> None:
    """With its limits, default, cost and source."""
    row = "| `idle_timeout` | integer, 1 to 3600 | `60` | `RESTART` | `60` | otc, huawei | Seconds without input"
    assert row in (copy / "docs/reference/properties.md").read_text(encoding="utf-8")
    arguments = (copy / "provider/pulumi_dli/arguments.py").read_text(encoding="utf-8")
    assert f"    {NAME}: pulumi.Input[int] | None\n" in arguments
    assert "(integer, 1 to 3600; default 60; change: RESTART; source: create, details)" in arguments


@contextmanager
def _emulator(copy: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Run the copy's emulator as a command."""
    ready = folder / "emulator.json"
    command = [sys.executable, "-m", "pulumi_dli.emulator", "--port", "0", "--time-factor", "1000", "--quiet"]
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready)], env=guide.environment(copy), stdout=subprocess.DEVNULL, text=True
    )
    try:
        end = time.monotonic() + 30
        while not ready.exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        yield dict(json.loads(ready.read_text(encoding="utf-8")))
    finally:
        process.terminate()
        process.wait(timeout=30)


def _bodies(emulator: dict[str, Any], operation: str) -> list[Any]:
    answer = requests.get(
        f"{emulator['url']}/_emulator/requests",
        params={"operation": operation},
        headers={"X-Emulator-Token": emulator["control_token"]},
        timeout=10,
    )
    return [each["body"] for each in answer.json()["requests"]]


@pytest.mark.full
def test_the_property_is_checked_compared_sent_reset_and_read_back(copy: Path, tmp_path: Path) -> None:
    """Its limits in `check`, its cost in the preview, its value in the PUT, its default when it is dropped."""
    (tmp_path / "backend").mkdir()
    with _emulator(copy, tmp_path) as emulator:
        stack = Stack(tmp_path, {"PYTHONPATH": str(copy / "provider")})
        (tmp_path / "Pulumi.yaml").write_text("name: jobs\nruntime: python\n", encoding="utf-8")
        stack.program(PROGRAM)
        stack.configure(endpoint=emulator["url"], region="eu-de", projectId=PROJECT_ID, token=TOKEN)
        stack.run("stack", "init", "test").expect_ok()

        stack.jobs(orders=job("orders", idle_timeout=4000))
        assert "idle_timeout must be at most 3600" in stack.preview().expect_one_line("orders")

        stack.jobs(orders=job("orders", idle_timeout=30))
        stack.up().expect_ok()
        stack.jobs(orders=job("orders", idle_timeout=45))
        assert "orders: stop with savepoint, update idle_timeout, restart" in stack.preview().text
        stack.up().expect_ok()
        stack.refresh().expect_unchanged()
        stack.jobs(orders=job("orders"))
        stack.up().expect_ok()

        assert _bodies(emulator, "CreateFlinkJarJob")[0]["idle_timeout"] == 30
        assert _bodies(emulator, "UpdateFlinkJarJob") == [{"idle_timeout": 45}, {"idle_timeout": 60}]


CHECKS = {
    "lint": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "types of the package": ("-m", "mypy"),
    "types of tests and tools": ("-m", "mypy", "--explicit-package-bases", "tools", "tests"),
    "direction of imports": ("-c", "import importlinter.cli as it; it.lint_imports_command(['--no-cache'])"),
    "generated files": ("-m", "tools.build.generate", "--check"),
    "words": ("-m", "tools.build.word_check"),
}


@pytest.mark.full
@pytest.mark.timeout(20 * MINUTES)
@pytest.mark.parametrize("check", CHECKS)
def test_the_copy_passes_the_check(copy: Path, check: str) -> None:
    """Each that scripts/check makes, but for the .venv."""
    more = {"MYPYPATH": ".:tests"} if "tests" in check else {}
    done = _run(copy, 20, sys.executable, *CHECKS[check], **more)
    assert done.returncode == 0, done.stdout + done.stderr


# This file is left out: it would make a copy of the copy. Of the engine's tests those of properties are run.
TESTS_OF_THE_COPY = {
    "units, documents and emulator": ("tests/unit", "tests/docs", "tests/emulator"),
    "model": ("tests/model",),
    "properties on the engine": ("tests/engine/test_properties.py",),
}


@pytest.mark.full
@pytest.mark.timeout(45 * MINUTES)
@pytest.mark.parametrize("part", TESTS_OF_THE_COPY)
def test_the_tests_of_the_copy_pass(copy: Path, part: str) -> None:
    """With nothing edited but what the guides name; those that are marked `full` run on the project itself."""
    left_out = ("--ignore", "tests/docs/test_contributing.py", "-m", "not full")
    command = (sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope", *left_out)
    done = _run(copy, 45, *command, *TESTS_OF_THE_COPY[part])
    assert done.returncode == 0, done.stdout[-20_000:]
