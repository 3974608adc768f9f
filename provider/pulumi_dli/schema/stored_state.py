"""What Pulumi stores of a job: its outputs, and the inputs that a refresh reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.schema.controls import CONTROLS
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.properties import PROPERTIES
from pulumi_dli.schema.property import Property
from pulumi_dli.schema.resource import INPUT_NAMES, URN, managed_names
from pulumi_dli.schema.statuses import UNSEEN_STATUS
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


def unfinished_create(
    observed: ObservedJob | None, job_id: str, inputs: Mapping[str, Any], identity: Identity
) -> dict[str, Any]:
    """Return the state of a job whose create failed part of the way; `observed` is None where it cannot be read."""
    if observed is None:
        return outputs(_unseen(job_id), inputs, None, identity)
    return refreshed(observed, {**inputs, "managed": managed_names(inputs)}, identity)


def unfinished_update(observed: ObservedJob | None, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of a job whose update failed part of the way; `observed` is None where it cannot be read.

    What was not completed keeps its old value, control inputs too: a refresh makes Pulumi forget the failure, and the
    next comparison must still find what is left to do. A property is new once the service shows it.
    """
    touched = [each for each in PROPERTIES if _touched(each, olds, news)]
    done = [each for each in touched if observed is not None and _is_done(each, observed, olds, news)]
    # Of what is not seen any part may be done: once it is managed, also a reverted program finds it.
    begun = {each.name for each in (touched if observed is None else done) if news.get(each.name) is not None}
    state = {
        **olds,
        **{each.name: wire(observed.properties[each.name]) for each in done if observed is not None},
        **{each.name: wire(news[each.name]) for each in done if news.get(each.name) is not None},
        **_facts(observed),
        "managed": [name for name in INPUT_NAMES if name in {*(olds.get("managed") or ()), *begun}],
        URN: news.get(URN),
    }
    return {name: value for name, value in state.items() if value is not None}


def _facts(observed: ObservedJob | None) -> dict[str, Any]:
    if observed is None:
        return {"status": UNSEEN_STATUS}
    facts = {"update_time": observed.update_time, "start_time": observed.start_time, "status": observed.status}
    return {name: value for name, value in facts.items() if value is not None}


def _touched(each: Property, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Tell whether an update from `olds` to `news` changes a property, or resets it."""
    old, new = olds.get(each.name), news.get(each.name)
    if new is None:
        return old is not None and each.name in (olds.get("managed") or ())
    return not each.equivalent(old, new)


def _is_done(each: Property, observed: ObservedJob, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Tell whether the service shows a property as the update wanted it; a reset one as no longer the old one."""
    if each.name not in observed.properties:
        return False
    theirs, new = observed.properties[each.name], news.get(each.name)
    return not each.equivalent(theirs, olds.get(each.name)) if new is None else each.equivalent(theirs, new)


def _unseen(job_id: str) -> ObservedJob:
    return ObservedJob(job_id, UNSEEN_STATUS, None, None, None, {})


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
