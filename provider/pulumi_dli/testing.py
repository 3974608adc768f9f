"""A DLI of its own for each test of your suite: `pytest_plugins = ["pulumi_dli.testing"]` in `conftest.py`.

Needs pytest and `pip install 'pulumi-dli[emulator]'`. The fixture `dli` is an emulator on a free port of this machine,
a thousand times faster than life, with nothing in it:

    def test_the_job_runs(dli, stack):
        stack.up()
        assert dli.job("clickstream")["status"] == "job_running"

`dli_config` is the stack configuration that points a program at it. It can be looked into (`requests`, `jobs`,
`job`, `violations`), changed behind the program's back (`patch_job`), and made to fail (`add_fault`, `set_behaviour`,
`expire_tokens`); see `pulumi_dli.emulator.control.Control`. A suite with other queues or another pace overrides the
fixture `dli_options`. examples/testing is a whole suite.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_dli.config.table import NAMESPACE
from pulumi_dli.emulator.server import Account, Emulator, Options, Project, running

__all__ = ["Account", "Emulator", "Options", "Project", "dli", "dli_config", "dli_options", "running", "stack_config"]

REGION = "eu-de"
TIME_FACTOR = 1000.0


def stack_config(emulator: Emulator, region: str = REGION) -> dict[str, str]:
    """Return the configuration that points a stack at an emulator, names with their namespace (`dli:endpoint`)."""
    settings = {
        "endpoint": emulator.url,
        "region": region,
        "projectId": emulator.project_id,
        "token": emulator.token,
    }
    return {f"{NAMESPACE}:{name}": value for name, value in settings.items()}


@pytest.fixture
def dli_options() -> Options:
    """Return how the emulator of `dli` is to be; a suite overrides this fixture."""
    return Options(time_factor=TIME_FACTOR)


@pytest.fixture
def dli(dli_options: Options) -> Iterator[Emulator]:
    """Run an emulator of the test's own, on a free port; it is gone after the test."""
    with running(dli_options) as emulator:
        yield emulator


@pytest.fixture
def dli_config(dli: Emulator) -> dict[str, str]:
    """Return the stack configuration for the emulator of `dli`."""
    return stack_config(dli)
