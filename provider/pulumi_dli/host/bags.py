"""Property bags as the engine sends them: what is internal to it, and Pulumi's unknown values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.output import Unknown as PulumiUnknown

from pulumi_dli.schema.resource import URN
from pulumi_dli.schema.unknown import UNKNOWN


def inputs_of(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bag without what is internal to the engine."""
    return {name: value for name, value in known_form(bag).items() if not name.startswith("__")}


def known_form(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bag with Pulumi's unknown values replaced by the core's own."""
    return {name: _without_pulumi(value) for name, value in bag.items() if name != "__provider"}


def urn_of(bag: Mapping[str, Any]) -> str | None:
    """Return where the resource stands in the program."""
    urn = bag.get(URN)
    return urn if isinstance(urn, str) else None


def name_of(bag: Mapping[str, Any]) -> str:
    """Return the word for a job in messages: its name in the stack, else its DLI name."""
    urn = urn_of(bag)
    if urn:
        return urn.rpartition("::")[2]
    name = bag.get("name")
    return name if isinstance(name, str) else "job"


def _without_pulumi(value: Any) -> Any:
    if isinstance(value, PulumiUnknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _without_pulumi(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_pulumi(item) for item in value]
    return value
