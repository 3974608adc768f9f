"""The resource as Pulumi stores it: its type, its inputs together, and the outputs that are no inputs.

All names here are a persisted contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.redaction import secret_parts
from pulumi_dli.schema.controls import CONTROLS, Control
from pulumi_dli.schema.properties import PROPERTIES, SENSITIVE
from pulumi_dli.schema.property import Property


@dataclass(frozen=True)
class Output:
    """A stored output that is not an input."""

    name: str
    type: type
    line: str


OUTPUTS: tuple[Output, ...] = (
    Output("job_id", str, "Id of the job, a decimal string: it can exceed 2^53."),
    Output("update_time", int, "When the job was last updated, in milliseconds since the epoch."),
    Output(
        "start_time",
        int,
        "When the job last began to run, in milliseconds; separates a restart that was made from one to make.",
    ),
    Output(
        "ever_ran",
        bool,
        "Whether the job has run; from then on it starts without its state only where that is asked for.",
    ),
    Output("status", str, "Status of the job when it was last seen, such as `job_running`."),
    Output("rejected", dict, "The last change that was rolled back, by its fingerprint, with its date and the reason."),
    Output("project_id", str, "Project of the job; a configuration for another one is refused."),
    Output("region", str, "Region of the job; a configuration for another one is refused."),
    Output("endpoint", str, "Address of DLI that the job was last managed through."),
    Output(
        "unfinished",
        str,
        "Which operation failed part of the way, and why, until one succeeds or a refresh reads the job.",
    ),
    Output(
        "managed",
        list,
        "Names of the inputs that the program sets; separates a removed property from one that DLI chose.",
    ),
)

TYPE = "pulumi-python:dynamic/dli:FlinkJarJob"

# Where the resource stands in the program; internal to the engine, never shown.
URN = "__urn"

# The id of a job that `opts.import_` names: it is adopted and owned at once. Internal to the engine, too.
IMPORT = "__import"

INPUTS: tuple[Property | Control, ...] = (*PROPERTIES, *CONTROLS)
INPUT_NAMES: tuple[str, ...] = tuple(each.name for each in INPUTS)


def managed_names(inputs: Mapping[str, Any]) -> list[str]:
    """Return the names of the inputs that the program sets, in the order of the table."""
    return [each.name for each in INPUTS if inputs.get(each.name) is not None]


def secrets_of(*bags: Mapping[str, Any]) -> frozenset[str]:
    """Return what no message may repeat: the values of sensitive properties and their parts."""
    return secret_parts(bag.get(name) for bag in bags for name in SENSITIVE)
