"""The installed package manages a job on every supported Python, with the newest and the oldest dependencies."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from pulumi_dli.emulator.server import Emulator
from support.installation import PYPROJECT, VERSIONS, installed_by_uv, interpreter, wheel
from support.stack import Stack, job

pytestmark = pytest.mark.full


def manages_a_job(own: Path, stack: Stack, emulator: Emulator) -> None:
    """Create, update, refresh and destroy, by a program and a host of an environment's own Python."""
    stack.environment = {"PATH": f"{own.parent}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(own.parent.parent)}
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    stack.jobs(orders=job("orders", cu_number=4))
    stack.up().expect_ok()
    stack.refresh().expect_unchanged()
    stack.destroy().expect_ok()
    assert [each["body"] for each in emulator.requests("UpdateFlinkJarJob")] == [{"cu_number": 4}]
    assert emulator.job("orders")["deleted"]


def test_a_job_is_managed(python: str, dist: Path, tmp_path: Path, stack: Stack, emulator: Emulator) -> None:
    """By the wheel alone."""
    own = installed_by_uv(python, tmp_path, "pip", str(wheel(dist)))  # Pulumi asks pip for its plugins
    manages_a_job(own, stack, emulator)


def test_the_oldest_dependencies_will_do(dist: Path, tmp_path: Path, stack: Stack, emulator: Emulator) -> None:
    """Each at its lower bound in pyproject.toml, on the oldest Python that is to be had."""
    oldest = next(found for found in map(interpreter, VERSIONS) if found is not None)
    _, _, rest = PYPROJECT.partition("\ndependencies = [")
    bounds = re.findall(r'"([\w-]+)>=([\d.]+)', rest.partition("\n]")[0])
    pins = [f"{name}=={lowest}" for name, lowest in bounds]
    assert "pulumi" in dict(bounds)
    manages_a_job(installed_by_uv(oldest, tmp_path, "pip", str(wheel(dist)), *pins), stack, emulator)
