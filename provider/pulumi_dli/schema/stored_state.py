"""What Pulumi stores of a job: its outputs, and the inputs that a refresh reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.schema.controls import CONTROLS
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.properties import PROPERTIES
from pulumi_dli.schema.property import Property
from pulumi_dli.schema.resource import URN, managed_names
from pulumi_dli.schema.value_types import wire


@dataclass(frozen=True)
class Identity:
    """Where a job lives."""

    project_id: str
    region: str
    endpoint: str


def outputs(
    observed: ObservedJob, inputs: Mapping[str, Any], update_time: int | None, identity: Identity
) -> dict[str, Any]:
    """Return the whole state of a job after a create or an update.

    What the program manages is stored as the program has it: what somebody else changed meanwhile, and
    this update did not touch, shows at the next refresh. Everything else is as the service has it.
    """
    theirs = {name: wire(value) for name, value in observed.properties.items()}
    ours = {each.name: wire(inputs[each.name]) for each in PROPERTIES if inputs.get(each.name) is not None}
    return _state({**theirs, **ours}, observed, inputs, update_time, identity)


def refreshed(observed: ObservedJob, olds: Mapping[str, Any], identity: Identity) -> dict[str, Any]:
    """Return the whole state of a job as the service has it, so that drift shows.

    Where the service's value means the same as the stored one, the stored form is kept.
    """
    managed = {name: olds[name] for name in olds.get("managed") or () if olds.get(name) is not None}
    inputs = {**managed, URN: olds.get(URN)}
    properties = {each.name: _told(each, observed, managed) for each in PROPERTIES}
    return _state(properties, observed, inputs, observed.update_time, identity)


def _state(
    properties: Mapping[str, Any],
    observed: ObservedJob,
    inputs: Mapping[str, Any],
    update_time: int | None,
    identity: Identity,
) -> dict[str, Any]:
    state: dict[str, Any] = {
        **{each.name: inputs.get(each.name) for each in CONTROLS},
        **properties,
        "job_id": observed.job_id,
        "update_time": update_time,
        "start_time": observed.start_time,
        "status": observed.status,
        "project_id": identity.project_id,
        "region": identity.region,
        "endpoint": identity.endpoint,
        "managed": managed_names(inputs),
        URN: inputs.get(URN),
    }
    return {name: value for name, value in state.items() if value is not None}


def refreshed_inputs(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that a refresh reports: those alone that the program manages."""
    managed = state.get("managed") or ()
    inputs = {name: state[name] for name in managed if state.get(name) is not None}
    return inputs | ({URN: state[URN]} if state.get(URN) else {})


def _told(each: Property, observed: ObservedJob, managed: Mapping[str, Any]) -> Any:
    ours = managed.get(each.name)
    if each.name not in observed.properties:
        return ours
    theirs = wire(observed.properties[each.name])
    return wire(ours) if ours is not None and each.equivalent(ours, theirs) else theirs
