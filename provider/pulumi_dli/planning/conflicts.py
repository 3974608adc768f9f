"""Who changed what: the program, the service as it was last seen, and somebody else meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pulumi_dli.planning.diff import Change
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.properties import BY_NAME

Bag = Mapping[str, Any]


def still_to_send(changes: Iterable[Change], observed: ObservedJob) -> tuple[Change, ...]:
    """Leave out what the service has already, from an interrupted run or from somebody's hand."""
    return tuple(
        change
        for change in changes
        if change.name not in observed.properties
        or not BY_NAME[change.name].equivalent(observed.properties[change.name], change.new)
    )


def conflicting(changes: Iterable[Change], observed: ObservedJob, stored: Bag, *seen: Bag) -> list[str]:
    """Three-way comparison: name what is neither as stored, nor as this update has seen it, nor as wanted."""
    return [change.name for change in changes if _conflicts(change, observed, stored, *seen)]


def _conflicts(change: Change, observed: ObservedJob, stored: Bag, *seen: Bag) -> bool:
    if change.name not in observed.properties:
        return False
    theirs, each = observed.properties[change.name], BY_NAME[change.name]
    # What the program did not set before is not stored; what it had at the first look is no conflict.
    bases = [stored[change.name]] if stored.get(change.name) is not None else []
    bases += [properties.get(change.name) for properties in seen]
    return bool(bases) and not any(each.equivalent(theirs, base) for base in (*bases, change.new))


def way_back(
    changes: Iterable[Change], before: ObservedJob, now: ObservedJob
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return the changes that undo these, and the names of what stays because somebody else set it since.

    Null was the documented default.
    """
    back, kept = [], []
    for change in changes:
        if change.name not in before.properties:
            continue
        each, old = BY_NAME[change.name], before.properties[change.name]
        theirs = now.properties.get(change.name, change.new)
        if each.equivalent(theirs, change.new):
            back.append(replace(change, old=change.new, new=each.default if old is None else old))
        elif not each.equivalent(theirs, old):
            kept.append(change.name)
    return tuple(back), tuple(kept)
