"""What others build on keeps its name: stacks store some of these, programs and tests import the others."""

from __future__ import annotations

import base64
import pickle
from importlib import import_module
from importlib.metadata import entry_points

import pytest

import pulumi_dli
from pulumi_dli.flink_jar_job import FlinkJarJobProvider
from pulumi_dli.schema.resource import TYPE, URN

# As version 0.1.0 has them.
PUBLIC: dict[str, set[str]] = {
    "pulumi_dli": {"FlinkJarJob", "FlinkJarJobArgs", "Provider", "__version__"},
    "pulumi_dli.flink_jar_job": {"FlinkJarJob", "FlinkJarJobProvider"},
    "pulumi_dli.provider": {"Provider"},
    "pulumi_dli.arguments": {"FlinkJarJobArgs", "FlinkJarJobOutputs", "ResourceConfigArgs", "TagArgs"},
    "pulumi_dli.errors": {
        "AdoptError", "AuthenticationError", "CannotResetError", "ConfigurationError", "ConflictError",
        "ConnectionFailedError", "DliError", "EngineGoneError", "IdentityError", "JobError", "NotFoundError",
        "ProjectError", "ServiceError", "StatusError", "TimeoutPassedError", "UnseenError", "UnusableAnswerError",
    },
    "pulumi_dli.testing": {
        "Account", "Emulator", "Options", "Project", "dli", "dli_config", "dli_options", "running", "stack_config",
    },
    "pulumi_dli.emulator.server": {"AccessKey", "Account", "Emulator", "Options", "Project", "running"},
    "pulumi_dli.emulator.options": {"Options"},
    "pulumi_dli.emulator.control": {"Control"},
    "pulumi_dli.cli": {"main"},
}  # fmt: skip


@pytest.mark.parametrize("module", PUBLIC)
def test_a_public_name_stays_where_it_was(module: str) -> None:
    """However the rooms behind it change."""
    found = import_module(module)
    assert {name for name in PUBLIC[module] if not hasattr(found, name)} == set()


def test_the_package_offers_nothing_else() -> None:
    """What it lists is what users see."""
    assert set(pulumi_dli.__all__) == PUBLIC["pulumi_dli"]


def test_the_command_keeps_its_name() -> None:
    """Recipes call it."""
    (command,) = entry_points(group="console_scripts", name="pulumi-dli")
    assert command.value == "pulumi_dli.cli:main"


def test_the_state_of_a_stack_still_finds_the_provider() -> None:
    """It holds the pickled provider, by reference."""
    stored = base64.b64decode("gASVNAAAAAAAAACMGHB1bHVtaV9kbGkuZmxpbmtfamFyX2pvYpSME0ZsaW5rSmFySm9iUHJvdmlkZXKUk5Qu")
    assert pickle.loads(stored) is FlinkJarJobProvider  # noqa: S301 - our own


def test_the_type_in_every_state_is_the_same() -> None:
    """Another one would replace every job."""
    assert (TYPE, URN) == ("pulumi-python:dynamic/dli:FlinkJarJob", "__urn")
