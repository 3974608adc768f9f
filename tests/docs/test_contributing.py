"""The contributor's guide is right: the declaration that it shows is all that a new property needs."""

from __future__ import annotations

import json
import os
import shutil
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
from support.documents import block
from support.places import ROOT
from support.stack import PROGRAM, Stack, job

NAME = "idle_timeout"
IGNORED = shutil.ignore_patterns("__pycache__")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project and follow the guide: the two blocks, then the generator."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("provider", "tools", "docs", "tests", "scripts"):  # the emulator's page lists its tests
        shutil.copytree(ROOT / name, copy / name, ignore=IGNORED)
    for name in ("pyproject.toml", "Containerfile", "CONTRIBUTING.md"):
        shutil.copy(ROOT / name, copy)
    spec = copy / "provider/pulumi_dli/schema/properties.py"
    declaration = block("CONTRIBUTING.md", "python", NAME).text.rstrip("\n")
    _insert(spec, "\n)\n\nBY_NAME:", f"{declaration},")
    line = block("CONTRIBUTING.md", "yaml", NAME).text.rstrip("\n")
    _insert(copy / "provider/pulumi_dli/emulator/openapi.yaml", "\n        smn_topic: ", line)
    made = subprocess.run(
        [sys.executable, "-m", "tools.build.generate"],
        cwd=copy,
        env=_environment(copy),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (made.returncode, made.stderr) == (0, "")
    return copy


def _insert(path: Path, before: str, text: str) -> None:
    old = path.read_text(encoding="utf-8")
    assert old.count(before) == 1
    path.write_text(old.replace(before, f"\n{text}{before}"), encoding="utf-8")


def _environment(copy: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(copy / "provider")}


def test_the_property_stands_in_the_documents_and_the_typed_arguments(copy: Path) -> None:
    """With its limits, default, cost and source."""
    row = "| `idle_timeout` | integer, 1 to 3600 | `60` | `RESTART` | `60` | otc, huawei | Seconds without input"
    assert row in (copy / "docs/reference/properties.md").read_text(encoding="utf-8")
    arguments = (copy / "provider/pulumi_dli/arguments.py").read_text(encoding="utf-8")
    assert f"    {NAME}: pulumi.Input[int] | None\n" in arguments
    assert "(integer, 1 to 3600; default 60; change: RESTART; source: update)" in arguments


@contextmanager
def _emulator(copy: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Run the copy's emulator as a command."""
    ready = folder / "emulator.json"
    command = [sys.executable, "-m", "pulumi_dli.emulator", "--port", "0", "--time-factor", "1000", "--quiet"]
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready)], env=_environment(copy), stdout=subprocess.DEVNULL, text=True
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
