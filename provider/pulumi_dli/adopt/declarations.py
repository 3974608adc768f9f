"""What the declaration of an adopted job holds: exactly what makes adopting it change nothing. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_dli.adopt.naming import Names
from pulumi_dli.errors import CannotResetError
from pulumi_dli.foreign_text import ForeignText, sanitized
from pulumi_dli.planning.check import check
from pulumi_dli.redaction import MASK, masked_value, sounds_secret
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.properties import PROPERTIES, SENSITIVE
from pulumi_dli.schema.property import Property
from pulumi_dli.schema.resource import secrets_of
from pulumi_dli.schema.statuses import RUNNING, STOPPED, Phase, phase_of, satisfies

_ON_THE_WAY_DOWN = frozenset({"job_canceling"})
_LONGEST_SHOWN = 200
_MARKED = (
    "a Pulumi stack made this job (it has the provider's tag): take it out here if that stack still manages it; "
    "one job, one stack"
)


@dataclass(frozen=True)
class Found:
    """A job as it was found: its details, its tags without the provider's own, whether it has that one, and more.

    ``called`` is what it is to be called in the program. ``facts`` and ``notes`` are sentences that stand there; the
    notes are printed as well, since they ask for a decision.
    """

    observed: ObservedJob
    called: str
    tags: Sequence[Mapping[str, str]] = ()
    marked: bool = False
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A job's declaration: its inputs, the secrets apart, and the sentences about it."""

    names: Names
    inputs: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    facts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def key(self, name: str) -> str:
        """Return the key of a secret in the stack's config."""
        return f"{self.names.variable}_{name}"


def entry(found: Found, names: Names, cloud: str | None = None) -> Entry:
    """Return the declaration of a job that adopts it as it is.

    Defaults are left out; so is, with a note, what `pulumi up` would refuse: adopting does not touch it.
    """
    observed = found.observed
    wanted = dict(_wanted(found))
    refused = dict(_refused(wanted, cloud))
    kept = {name: value for name, value in wanted.items() if name not in refused}
    state = desired_state(observed.status)
    inputs = {
        "job_id": observed.job_id,
        **{name: value for name, value in _typed(kept, cloud).items() if name not in SENSITIVE},
        **({} if state == RUNNING else {"desired_state": state}),
    }
    secrets = {name: kept[name] for name in SENSITIVE if name in kept}
    notes = (
        *((_MARKED,) if found.marked else ()),
        *(f"not managed: {name}, whose value in DLI {reason}" for name, reason in refused.items()),
        *_unknown_notes(observed),
        *found.notes,
    )
    return Entry(names, inputs, secrets, (*_found_as(observed), *found.facts), notes)


def desired_state(status: str) -> str:
    """Return the desired state that a job in this status is in, or is on its way to."""
    return RUNNING if satisfies(status, RUNNING) and status not in _ON_THE_WAY_DOWN else STOPPED


def _wanted(found: Found) -> Iterator[tuple[str, Any]]:
    """Yield the properties that are not as the service makes them by itself."""
    for each in PROPERTIES:
        value = found.observed.value(each.name)
        if each.create_only and found.tags:
            value = [dict(tag) for tag in found.tags]
        if value not in (None, "", [], {}) and not _is_default(each, value, found.observed.properties):
            yield each.name, value


def _is_default(each: Property, value: Any, properties: Mapping[str, Any]) -> bool:
    if each.reset_by is None:
        return each.equivalent(None, value)
    try:
        return each.equivalent(each.reset_by(properties), value)
    except (CannotResetError, TypeError, ValueError):
        return False


def _refused(wanted: Mapping[str, Any], cloud: str | None) -> Iterator[tuple[str, str]]:
    """Yield the properties that cannot be in a program, with the reason."""
    for failure in check({}, {"job_id": "0", **wanted}, cloud).failures:
        yield re.split(r"[.\[]", failure.name)[0], failure.reason
    for name, value in wanted.items():
        if not _is_unicode(value):
            yield name, "is no valid Unicode text"


def _typed(kept: Mapping[str, Any], cloud: str | None) -> dict[str, Any]:
    return check({}, kept, cloud).inputs


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _found_as(observed: ObservedJob) -> Iterator[str]:
    phase = phase_of(observed.status)
    if phase is Phase.MOVING:
        yield f"found on its way to another status ({observed.status}): if pulumi up refuses it, run this again"
    elif phase is not Phase.RUNNING:
        yield f"found {_FOUND[phase]} ({observed.status or 'no status'})"


_FOUND = {
    Phase.DRAFT: "as a draft that never ran",
    Phase.STOPPED: "stopped",
    Phase.SUBMIT_FAILED: "down: it could not be started",
    Phase.CRASHED: "down: it ended in an exception",
    Phase.FINISHED: "finished: it ran to its end",
    Phase.ARREARS: "stopped by DLI because of arrears",
    Phase.UNKNOWN: "in a status that this version does not know",
}


def _unknown_notes(observed: ObservedJob) -> Iterator[str]:
    secrets = secrets_of(observed.properties)
    for name, value in sorted(observed.unknown.items()):
        text = json.dumps(masked_value(value), ensure_ascii=False)
        shown = MASK if sounds_secret(name) else ForeignText(text, secrets=secrets, longest=_LONGEST_SHOWN)
        yield f"not known to this version, and kept as it is in DLI: {sanitized(name, 60)} = {shown}"
