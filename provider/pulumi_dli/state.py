"""What Pulumi stores of a job: its outputs, and the inputs that a refresh reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.details import Details
from pulumi_dli.diff import managed_names, wire
from pulumi_dli.spec import CONTROLS, PROPERTIES, URN


@dataclass(frozen=True)
class Identity:
    """Where a job lives."""

    project_id: str
    region: str
    endpoint: str


def outputs(details: Details, inputs: Mapping[str, Any], update_time: int | None, identity: Identity) -> dict[str, Any]:
    """Return the whole state of a job: every property as the service has it, every control input, the rest.

    Where the service's value means the same as the program's, the program's own form is kept.
    """
    state: dict[str, Any] = {each.name: inputs.get(each.name) for each in CONTROLS}
    for each in PROPERTIES:
        state[each.name] = _told(each.name, details, inputs)
    state.update(
        job_id=details.job_id,
        update_time=update_time,
        status=details.status,
        project_id=identity.project_id,
        region=identity.region,
        endpoint=identity.endpoint,
        managed=managed_names(inputs),
    )
    state[URN] = inputs.get(URN)
    return {name: value for name, value in state.items() if value is not None}


def refreshed_inputs(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that a refresh reports: those alone that the program manages."""
    managed = state.get("managed") or ()
    inputs = {name: state[name] for name in managed if state.get(name) is not None}
    return inputs | ({URN: state[URN]} if state.get(URN) else {})


def _told(name: str, details: Details, inputs: Mapping[str, Any]) -> Any:
    ours = inputs.get(name)
    if name not in details.properties:
        return ours
    theirs = wire(details.properties[name])
    each = next(one for one in PROPERTIES if one.name == name)
    return wire(ours) if ours is not None and each.same(ours, theirs) else theirs
