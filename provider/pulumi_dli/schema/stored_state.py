"""What Pulumi stores of a job: its outputs, and the inputs that a refresh reports. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.schema.controls import CONTROLS
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.properties import PROPERTIES
from pulumi_dli.schema.property import Property
from pulumi_dli.schema.resource import INPUT_NAMES, URN, managed_names
from pulumi_dli.schema.statuses import UNSEEN_STATUS, has_run
from pulumi_dli.schema.value_types import wire

_OLD = object()


def ever_ran(observed: ObservedJob, stored: Mapping[str, Any]) -> bool:
    """Tell whether a job has run, by what the service says and by the outputs that are stored of it.

    A draft may have run: importing a job over one of the same name makes it a draft again (source: OTC's guide).
    """
    remembered = stored.get("ever_ran") or stored.get("start_time") or has_run(stored.get("status"))
    return observed.ever_ran or bool(remembered)


@dataclass(frozen=True)
class Identity:
    """Where a job lives."""

    project_id: str
    region: str
    endpoint: str


def outputs(
    observed: ObservedJob,
    inputs: Mapping[str, Any],
    update_time: int | None,
    identity: Identity,
    olds: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the whole state of a job after a create or an update; `olds` is the state before it.

    What the program manages is stored as the program has it: what somebody else changed meanwhile, and
    this update did not touch, shows at the next refresh. Everything else is as the service has it.
    """
    theirs = {name: wire(value) for name, value in observed.properties.items()}
    ours = {each.name: wire(inputs[each.name]) for each in PROPERTIES if inputs.get(each.name) is not None}
    state = _state({**theirs, **ours}, observed, inputs, update_time, identity)
    return state | _history(observed, olds or {})


def refreshed(observed: ObservedJob, olds: Mapping[str, Any], identity: Identity) -> dict[str, Any]:
    """Return the whole state of a job as the service has it, so that drift shows.

    Where the service's value means the same as the stored one, the stored form is kept.
    """
    managed = {name: olds[name] for name in olds.get("managed") or () if olds.get(name) is not None}
    inputs = {**managed, URN: olds.get(URN)}
    properties = {each.name: _told(each, observed, managed) for each in PROPERTIES}
    state = _state(properties, observed, inputs, observed.update_time, identity)
    # What a refresh forgets would be tried again.
    kept = {"rejected": olds["rejected"]} if olds.get("rejected") else {}
    return state | _history(observed, olds) | kept


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


def _history(observed: ObservedJob, olds: Mapping[str, Any]) -> dict[str, bool]:
    """Return that the job has run, once that is known: not every service shows it later, or in every status."""
    return {"ever_ran": True} if ever_ran(observed, olds) else {}


def unfinished_create(
    observed: ObservedJob | None, job_id: str, inputs: Mapping[str, Any], identity: Identity
) -> dict[str, Any]:
    """Return the state of a job whose create failed part of the way; `observed` is None where it cannot be read."""
    if observed is None:
        return outputs(_unseen(job_id), inputs, None, identity)
    return refreshed(observed, {**inputs, "managed": managed_names(inputs)}, identity)


def unfinished_update(
    observed: ObservedJob | None, olds: Mapping[str, Any], news: Mapping[str, Any], sent: Collection[str] = ()
) -> dict[str, Any]:
    """Return the state of a job whose update failed part of the way; `observed` is None where it cannot be read.

    What was not completed keeps its old value, control inputs too: a refresh makes Pulumi forget the failure, and the
    next comparison must still find what is left to do. A property is new once the service shows it; one that it never
    shows, once it was `sent`.
    """
    touched = [each for each in PROPERTIES if not each.create_only and _touched(each, olds, news)]
    reached = {each.name: _reached(each, observed, olds, news, sent) for each in touched}
    done = {name: value for name, value in reached.items() if value is not _OLD}
    # Of what is not seen any part may be done: once it is managed, also a reverted program finds it.
    begun = {each.name for each in touched if observed is None or each.name in done}
    managed = {*(olds.get("managed") or ()), *(name for name in begun if news.get(name) is not None)}
    state = {
        **olds,
        **done,
        **_facts(observed),
        **(_history(observed, olds) if observed else {}),
        **_last_start(olds, news),
        "managed": [name for name in INPUT_NAMES if name in managed],
        URN: news.get(URN),
    }
    return {name: value for name, value in state.items() if value is not None}


def rolled_back(observed: ObservedJob | None, olds: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of a job whose update was rolled back: as it was, in the status that it has now."""
    return {**olds, **(_facts(observed) if observed else {})}


def _facts(observed: ObservedJob | None) -> dict[str, Any]:
    if observed is None:
        return {"status": UNSEEN_STATUS}
    facts = {"update_time": observed.update_time, "start_time": observed.start_time, "status": observed.status}
    return {name: value for name, value in facts.items() if value is not None}


def _last_start(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Return the old `start_time` while a restart is asked for: by it the next update knows one that was made."""
    asked = olds.get("restart_nonce") != news.get("restart_nonce")
    return {"start_time": olds["start_time"]} if asked and olds.get("start_time") else {}


def _touched(each: Property, olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Tell whether an update from `olds` to `news` changes a property, or resets it."""
    old, new = olds.get(each.name), news.get(each.name)
    if new is None:
        return old is not None and each.name in (olds.get("managed") or ())
    return not each.equivalent(old, new)


def _reached(
    each: Property,
    observed: ObservedJob | None,
    olds: Mapping[str, Any],
    news: Mapping[str, Any],
    sent: Collection[str],
) -> Any:
    """Return the value that a property has now, `_OLD` where the update did not reach it or nobody knows."""
    new = news.get(each.name)
    if observed is None:
        return wire(new) if olds.get(each.name) is None else _OLD
    if each.name not in observed.properties:
        return (new if new is None else wire(new)) if each.name in sent else _OLD
    theirs = observed.properties[each.name]
    if new is None:
        return _OLD if each.equivalent(theirs, olds.get(each.name)) else wire(theirs)
    return wire(new) if each.equivalent(theirs, new) else _OLD


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
