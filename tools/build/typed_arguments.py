"""The module of the typed arguments and outputs of a job, from the property table."""

from __future__ import annotations

from pulumi_dli.schema.clouds import CLOUDS
from pulumi_dli.schema.controls import Control
from pulumi_dli.schema.property import Property
from pulumi_dli.schema.resource import INPUTS, OUTPUTS

_HEAD = '''"""The typed arguments and outputs of a job. Made by `scripts/format` from the property table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi


class ResourceSpecArgs(TypedDict, total=False):
    """CPU cores and memory of a JobManager or a TaskManager."""

    cpu: pulumi.Input[float]
    """CPU cores, at least 0.5; default 1.0."""
    memory: pulumi.Input[str]
    """Memory in MB or GB, at least 2GB, such as `4GB`; default 4GB."""


class ResourceConfigArgs(TypedDict, total=False):
    """Resources of a job with resource_config_version v2."""

    max_slot: pulumi.Input[int]
    """Slots of each TaskManager, at least 1; default 1."""
    parallel_number: pulumi.Input[int]
    """Parallel instances of each operator, at least 1; default 1."""
    jobmanager_resource_spec: pulumi.Input[ResourceSpecArgs]
    """Resources of the JobManager."""
    taskmanager_resource_spec: pulumi.Input[ResourceSpecArgs]
    """Resources of each TaskManager."""


class TagArgs(TypedDict):
    """A tag of a job."""

    key: pulumi.Input[str]
    """Key of the tag, not empty."""
    value: pulumi.Input[str]
    """Value of the tag; may be empty."""


class FlinkJarJobArgs(TypedDict, total=False):
    """The inputs of a Flink JAR job: DLI's properties, then the provider's own control inputs.

    In parentheses: the type with its limits; the default that the service documents for an absent value; what a
    change costs while the job runs (LIVE: a PUT, no downtime; RESTART: stop with savepoint, PUT, run); the page
    of DLI's API reference that says so. A value outside its limits fails in the preview, before anything is sent.
    None is the same as leaving the argument out.
    """

'''

_OUTPUTS_HEAD = '''

class FlinkJarJobOutputs:
    """The outputs of a Flink JAR job: every input with the value that the service has, and what it says besides."""

'''


def arguments() -> str:
    """Return the module with the typed arguments and outputs."""
    fields = "".join(_field(each) for each in INPUTS)
    inputs = [each for each in INPUTS if each.name != "job_id"]
    outs = "".join(
        f'    {each.name}: pulumi.Output[{_output_type(each)} | None]\n    """{_escaped(each.line)}"""\n'
        for each in inputs
    )
    outs += "".join(
        f'    {each.name}: pulumi.Output[{each.type.__name__}]\n    """{each.line}"""\n' for each in OUTPUTS
    )
    return _HEAD + fields + _OUTPUTS_HEAD + outs.replace("[list]", "[list[str]]").replace("[dict]", "[dict[str, str]]")


def _field(each: Property | Control) -> str:
    return f'    {each.name}: pulumi.Input[{each.value_type.python}] | None\n    """{_facts(each)}"""\n'


def _facts(each: Property | Control) -> str:
    default = default_of(each)
    facts = [each.value_type.word, f"default {default}" if default else "", *_property_facts(each)]
    return _escaped(f"{each.line} ({'; '.join(fact for fact in facts if fact)})")


def _property_facts(each: Property | Control) -> list[str]:
    """Return what is known of a property of the job, and not of a control input."""
    if isinstance(each, Control):
        return []
    change = "at create only" if each.create_only else each.cost.name
    only = [] if each.clouds == CLOUDS else [f"{', '.join(each.clouds)} only"]
    return [f"change: {change}", *only, f"source: {each.source}"]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")


def _output_type(each: Property | Control) -> str:
    known = {
        "Sequence[pulumi.Input[str]]": "list[str]",
        "ResourceConfigArgs": "Mapping[str, Any]",
        "Sequence[pulumi.Input[TagArgs]]": "list[Mapping[str, str]]",
    }
    return known.get(each.value_type.python, each.value_type.python)


def default_of(each: Property | Control) -> str:
    """Return the documented default in words, "" for none."""
    if each.default in (None, "", ()):
        return ""
    if isinstance(each.default, bool):
        return str(each.default).lower()
    return "" if isinstance(each.default, dict) else str(each.default)
