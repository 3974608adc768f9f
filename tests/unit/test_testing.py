"""The fixtures that `pulumi_dli.testing` gives to the suites of users."""

from __future__ import annotations

import pytest

from pulumi_dli.api.client import DliClient
from pulumi_dli.config.settings import read_settings, stack_settings
from pulumi_dli.emulator.server import Emulator, Options

pytest_plugins = ["pulumi_dli.testing"]


def client(config: dict[str, str]) -> DliClient:
    return DliClient(read_settings(stack_settings(config), {}))


def test_a_stack_s_configuration_reaches_the_emulator(dli: Emulator, dli_config: dict[str, str]) -> None:
    """Endpoint, project and token are those of the running one."""
    job_id = client(dli_config).create_flink_jar_job({"name": "mine"})
    assert str(dli.job("mine")["job_id"]) == job_id


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_an_emulator_of_its_own(dli: Emulator, dli_config: dict[str, str], time: str) -> None:
    """What one test made, another one does not find."""
    client(dli_config).create_flink_jar_job({"name": "mine"})
    assert len(dli.jobs()) == 1


class TestOverriding:
    @pytest.fixture
    def dli_options(self) -> Options:
        return Options(queues=(("mine", 4),))

    def test_a_suite_can_have_other_queues(self, dli: Emulator, dli_config: dict[str, str]) -> None:
        """By overriding one fixture."""
        client(dli_config).create_flink_jar_job({"name": "queued", "queue_name": "mine"})
        assert dli.job("queued")["properties"]["queue_name"] == "mine"
