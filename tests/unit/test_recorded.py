"""The persisted contract: what the state of a stack refers to by name must exist in every later version."""

from __future__ import annotations

import base64
import pickle
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_dli.flink_jar_job import FlinkJarJob, FlinkJarJobProvider
from pulumi_dli.schema.resource import INPUT_NAMES, OUTPUTS, TYPE, URN
from pulumi_dli.version import __version__
from support.recorded_version import VERSIONS, Version

PULUMIS_OWN = {"__provider"}
STORED = [pytest.param(each, id=f"{version}-{each['id']}") for version in VERSIONS for each in version.resources()]


def test_this_version_is_recorded() -> None:
    """`scripts/dev record` is a part of every release."""
    assert __version__ in {str(each) for each in VERSIONS}


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_a_recording_holds_every_kind_of_name(version: Version) -> None:
    """A recording without jobs, or without outputs, would prove nothing."""
    stored = {name for each in version.resources() for name in each["outputs"]}
    assert {"job_id", "managed", "update_time", "start_time", "project_id", "runtime_config", "on_failure"} <= stored


@pytest.mark.parametrize("stored", STORED)
def test_the_type_is_the_one_that_states_hold(stored: dict[str, Any]) -> None:
    """Under another one Pulumi would replace every job, which loses its state."""
    assert stored["type"] == TYPE == f"pulumi-python:{FlinkJarJob._resource_type_name}"
    assert f"::{TYPE}::" in stored["urn"]


@pytest.mark.parametrize("stored", STORED)
def test_the_stored_provider_is_todays_class(stored: dict[str, Any]) -> None:
    """It is kept by the names of its module and class: a destroy of an old state loads it from there."""
    provider = pickle.loads(base64.b64decode(stored["inputs"]["__provider"]))  # noqa: S301 - our own recording
    assert type(provider) is FlinkJarJobProvider


@pytest.mark.parametrize("stored", STORED)
def test_the_provider_is_stored_as_it_was(stored: dict[str, Any]) -> None:
    """The engine compares the text: another one would be an update of every job of every stack."""
    assert serialize_provider(FlinkJarJobProvider()) == stored["inputs"]["__provider"]


@pytest.mark.parametrize("stored", STORED)
def test_no_stored_input_has_lost_its_name(stored: dict[str, Any]) -> None:
    """A renamed one would be a removed property, reset on the service."""
    assert set(stored["inputs"]) <= {*INPUT_NAMES, URN, *PULUMIS_OWN}


@pytest.mark.parametrize("stored", STORED)
def test_no_stored_output_has_lost_its_name(stored: dict[str, Any]) -> None:
    """Updates compare with them, and the identity of the job is among them."""
    assert set(stored["outputs"]) <= {*INPUT_NAMES, *(each.name for each in OUTPUTS), URN, *PULUMIS_OWN}
