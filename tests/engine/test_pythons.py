"""The installed package manages a job on every supported Python."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.stack import Stack, job
from installation import installed_by_uv, wheel
from pulumi_dli.emulator.server import Emulator


@pytest.mark.full
def test_a_job_is_managed(python: str, dist: Path, tmp_path: Path, stack: Stack, emulator: Emulator) -> None:
    """Create, update, refresh and destroy, by a program and a host that know the wheel alone."""
    own = installed_by_uv(python, tmp_path, "pip", str(wheel(dist)))  # Pulumi asks pip for its plugins
    stack.environment = {"PATH": f"{own.parent}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(own.parent.parent)}
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    stack.jobs(orders=job("orders", cu_number=4))
    stack.up().expect_ok()
    stack.refresh().expect_unchanged()
    stack.destroy().expect_ok()
    assert [each["body"] for each in emulator.requests("UpdateFlinkJarJob")] == [{"cu_number": 4}]
    assert emulator.job("orders")["deleted"]
