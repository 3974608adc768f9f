"""One step of a preview, as `pulumi preview --json` writes it: what a review needs of it, and nothing else. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pulumi_dli.review.errors import ReviewError
from pulumi_dli.schema.resource import TYPE
from pulumi_dli.schema.unknown import UNKNOWN

PROVIDER = "pulumi:providers:"
# What `--json` writes for a value that is not known yet, by its kind (source: pulumi/sdk, resource/plugin/rpc.go).
UNKNOWNS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
QUIET = frozenset({"same", "read", "refresh"})
# Source: pulumi/pkg, resource/deploy/step.go.
OPERATIONS = QUIET | frozenset(
    {"create", "update", "delete", "replace", "create-replacement", "delete-replaced", "read-replacement", "discard"}
    | {"discard-replaced", "remove-pending-replace", "import", "import-replacement"}
)


@dataclass(frozen=True)
class Step:
    """One step of a preview. `differing` are the inputs that the engine calls different, None where it says nothing.

    `olds` are the stored outputs, `news` the new inputs; `digest` is the same for the same change of the same inputs.
    """

    op: str
    urn: str
    type: str
    name: str
    olds: Mapping[str, Any]
    news: Mapping[str, Any]
    differing: frozenset[str] | None
    retained: bool
    provider: str
    digest: str

    @property
    def is_job(self) -> bool:
        """Whether it is about a Flink JAR job."""
        return self.type == TYPE


def read_step(source: str, raw: Any) -> Step:
    """Read one item of `steps`. Raises ReviewError for what is none."""
    urn = raw.get("urn") if isinstance(raw, dict) else None
    op = raw.get("op") if isinstance(raw, dict) else None
    if (
        not isinstance(urn, str)
        or not isinstance(op, str)
        or len(urn.split("::")) < len(("stack", "project", "type", "name"))
    ):
        raise ReviewError(f"{source} has a step without op or urn: it is not the output of pulumi preview --json")
    old, new = object_of(raw.get("oldState")), object_of(raw.get("newState"))
    detailed = raw.get("detailedDiff")
    differing = frozenset(_top(path) for path in detailed) if isinstance(detailed, dict) else None
    _, _, kind, name = place_of(urn)
    is_job = kind == TYPE
    return Step(
        op=op if op in OPERATIONS else "other",
        urn=urn,
        type=kind,
        name=name,
        olds=_known(object_of(old.get("outputs")) or object_of(old.get("inputs"))) if is_job else {},
        news=_known(object_of(new.get("inputs"))) if is_job or kind.startswith(PROVIDER) else {},
        differing=differing,
        retained=bool(old.get("retainOnDelete")),
        provider=_provider_name(raw.get("provider")),
        digest=_digest(op, old, new, differing),
    )


def place_of(urn: str) -> tuple[str, str, str, str]:
    """Return stack, project, type and name of a URN."""
    stack, project, kind, name = urn.split("::", 3)
    return stack.removeprefix("urn:pulumi:"), project, kind.rpartition("$")[2], name


def _provider_name(reference: Any) -> str:
    """Return the name of an explicit provider, "" for the default one."""
    if not isinstance(reference, str) or "::" not in reference:
        return ""
    name = reference.split("::")[-2]
    return "" if name == "default" or name.startswith("default_") else name


def _top(path: str) -> str:
    """Return the input that a path such as ``conf.x[1]`` or ``["odd.name"].y`` belongs to."""
    if path.startswith('["'):
        return path[2:].partition('"]')[0]
    return path.partition(".")[0].partition("[")[0]


def _known(bag: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _with_unknowns(value) for name, value in bag.items() if not name.startswith("__")}


def _with_unknowns(value: Any) -> Any:
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWNS else value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _with_unknowns(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_unknowns(item) for item in value]
    return value


def object_of(value: Any) -> dict[str, Any]:
    """Return an object as it is, and for anything else an empty one."""
    return value if isinstance(value, dict) else {}


def _digest(op: str, old: Mapping[str, Any], new: Mapping[str, Any], differing: frozenset[str] | None) -> str:
    """Return a fingerprint of a change; secrets are blanked in previews, so their values are no part of it."""
    sides = [
        {name: value for name, value in object_of(state.get("inputs")).items() if not name.startswith("__")}
        for state in (old, new)
    ]
    text = json.dumps([op, sides, sorted(differing or ())], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_REPLACING = frozenset({"replace", "create-replacement", "delete-replaced"})


def one_per_resource(steps: list[Step]) -> list[Step]:
    """Keep one step of each resource: a replacement can show as up to three."""
    kept: dict[str, Step] = {}
    for step in steps:
        known = kept.get(step.urn)
        if known is None or (step.op == "replace" and known.op in _REPLACING):
            kept[step.urn] = step
    return list(kept.values())


def counted(steps: list[Step]) -> Counter[str]:
    """Return how many resources take each operation."""
    return Counter({step.urn: step.op for step in steps}.values())
