"""Values of each property, made from the emulator's reading of the documents: a new property has its values at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_dli.emulator import contract

# Texts that are JSON as well: of some texts the documents say elsewhere that they are.
TEXTS = ("1", "2")


def properties() -> dict[str, dict[str, Any]]:
    """Return the schema of each property of a job, also of those that only a create takes."""
    create = contract.resolve({"$ref": "#/components/schemas/CreateFlinkJarJob"})["properties"]
    return {**create, **contract.job_properties()}


def only_created() -> set[str]:
    """Return the properties that a create takes and an update does not."""
    return set(properties()) - set(contract.job_properties())


def page(name: str) -> str:
    """Return the page that describes a property, the first of its sources."""
    return str(properties()[name]["x-source"]).partition(";")[0].partition(",")[0]


def kind(name: str) -> str:
    """Return the JSON type of a property's values."""
    schema = contract.resolve(properties()[name])
    return str(schema.get("type", "string"))


def names_of(*kinds: str) -> list[str]:
    """Return the properties whose values are of one of these types."""
    return [name for name in properties() if kind(name) in kinds]


def values(name: str) -> list[Any]:
    """Return different values that the documents allow, the ends of the limits among them."""
    schema = contract.resolve(properties()[name])
    allowed = contract.validator(properties()[name])
    return [value for value in _candidates(kind(name), schema) if allowed.is_valid(value)]


def _candidates(kind: str, schema: dict[str, Any]) -> Iterator[Any]:
    if "enum" in schema:
        yield from schema["enum"]
    elif kind == "integer":
        low, high = schema.get("minimum", 0), schema.get("maximum", 2**31 - 1)
        yield from dict.fromkeys((low + 1, low + 2, low, high, -1))
    elif kind == "boolean":
        yield from (False, True)
    elif kind == "array":
        if "key" in contract.resolve(schema["items"]).get("properties", {}):
            yield from ([], [{"key": "a", "value": "b"}])
        else:
            yield from ([], ["a"], ["a", "b"])
    elif kind == "object":
        yield from ({}, *({part: 2} for part in schema["properties"]))
    else:
        yield from (*TEXTS, "1" * schema["maxLength"]) if "maxLength" in schema else TEXTS
