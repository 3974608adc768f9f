"""The output of `pulumi preview --json`, read as a stream: what a review needs of each step, and nothing else.

What is read is not trusted: a preview of somebody else's branch wrote it. A file of 60 MB takes about a second
and some 15 MB of memory, where `json.load` would take 170.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, BinaryIO

import ijson

from pulumi_dli.config.settings import NAMESPACE, read_settings
from pulumi_dli.errors import ConfigurationError
from pulumi_dli.review.errors import ReviewError
from pulumi_dli.review.sanitize import clean, masked_line
from pulumi_dli.schema.properties import TYPE, Cost
from pulumi_dli.schema.unknown import UNKNOWN, has_unknown

CHUNK = 1 << 16
DEEPEST = 64
MOST_MESSAGES = 20
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
_PROVIDER = "pulumi:providers:"


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


@dataclass
class Preview:
    """One stack's preview: the steps about jobs, the others, and what the engine and the provider said."""

    source: str
    stack: str = ""
    project: str = ""
    jobs: list[Step] = field(default_factory=list)
    others: list[Step] = field(default_factory=list)
    unchanged: int = 0
    messages: dict[str, list[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    costs: dict[str, dict[str, Cost]] = field(default_factory=dict)
    """Overrides of what a change costs, by the name of the explicit provider; "" is the stack's configuration."""


def read_preview(source: str, stream: BinaryIO) -> Preview:
    """Read one preview from `stream`; `source` names it in messages.

    Raises ReviewError for what is no complete output of `pulumi preview --json`, and for a preview that failed.
    """
    found = Preview(source)
    seen: set[str] = set()
    _feed(
        source,
        stream,
        {
            "steps.item": lambda step: _take_step(found, step),
            "diagnostics.item": lambda said: _take_message(found, said),
            "config": lambda config: _take_config(found, config),
            "changeSummary": lambda counts: _take_counts(found, counts),
        },
        seen,
    )
    if not seen & {"steps", "changeSummary", "diagnostics"}:
        raise ReviewError(
            f"{source} is not the output of pulumi preview --json: it has neither steps nor changeSummary"
        )
    if found.errors:
        more = f" (and {len(found.errors) - 1} more errors)" if len(found.errors) > 1 else ""
        raise ReviewError(f"{source} is a preview that failed: {found.errors[0]}{more}; mend it and preview again")
    found.jobs = _one_per_resource(found.jobs)
    return found


def _feed(source: str, stream: BinaryIO, takers: Mapping[str, Callable[[Any], None]], seen: set[str]) -> None:
    # The watch comes first: what is nested too deeply must not reach the others, which spell out each place.
    parsers = [ijson.basic_parse_coro(_keys(source, seen))]
    parsers += [ijson.items_coro(_sink(take), prefix) for prefix, take in takers.items()]
    empty = True
    try:
        while chunk := stream.read(CHUNK):
            empty = empty and not chunk.strip()
            for parser in parsers:
                parser.send(chunk)
        if empty:
            raise ReviewError(f"{source} is empty: pulumi preview --json writes its result to standard output")
        for parser in parsers:
            parser.close()
    except (ijson.JSONError, UnicodeDecodeError, ValueError, OverflowError):
        raise ReviewError(
            f"{source} is not complete, well-formed JSON: give the whole standard output of pulumi preview --json"
        ) from None
    except RecursionError:
        raise ReviewError(f"{source} is nested too deeply to be a preview") from None


def _sink(take: Callable[[Any], None]) -> Generator[None, Any, None]:
    sink = _endless(take)
    next(sink)
    return sink


def _endless(take: Callable[[Any], None]) -> Generator[None, Any, None]:
    while True:
        take((yield))


def _keys(source: str, seen: set[str]) -> Generator[None, Any, None]:
    """Watch the depth, and collect the keys at the top."""

    def watch() -> Generator[None, Any, None]:
        depth = 0
        while True:
            event, value = yield
            if event in {"start_map", "start_array"}:
                depth += 1
                if depth > DEEPEST:
                    raise ReviewError(f"{source} is nested too deeply to be a preview")
            elif event in {"end_map", "end_array"}:
                depth -= 1
            elif event == "map_key" and depth == 1:
                seen.add(value)

    watching = watch()
    next(watching)
    return watching


def _take_step(found: Preview, raw: Any) -> None:
    step = _step(found.source, raw)
    found.stack, found.project = found.stack or _place(step.urn)[0], found.project or _place(step.urn)[1]
    if step.type.startswith(_PROVIDER) and not has_unknown(step.news.get("changeCost")):
        found.costs[step.name] = _costs(found.source, step.news.get("changeCost"))
    if step.op in QUIET:
        return
    (found.jobs if step.is_job else found.others).append(step)


def _step(source: str, raw: Any) -> Step:
    urn = raw.get("urn") if isinstance(raw, dict) else None
    op = raw.get("op") if isinstance(raw, dict) else None
    if (
        not isinstance(urn, str)
        or not isinstance(op, str)
        or len(urn.split("::")) < len(("stack", "project", "type", "name"))
    ):
        raise ReviewError(f"{source} has a step without op or urn: it is not the output of pulumi preview --json")
    old, new = _object(raw.get("oldState")), _object(raw.get("newState"))
    detailed = raw.get("detailedDiff")
    differing = frozenset(_top(path) for path in detailed) if isinstance(detailed, dict) else None
    _, _, kind, name = _place(urn)
    is_job = kind == TYPE
    return Step(
        op=op if op in OPERATIONS else "other",
        urn=urn,
        type=kind,
        name=name,
        olds=_known(_object(old.get("outputs")) or _object(old.get("inputs"))) if is_job else {},
        news=_known(_object(new.get("inputs"))) if is_job or kind.startswith(_PROVIDER) else {},
        differing=differing,
        retained=bool(old.get("retainOnDelete")),
        provider=_provider_name(raw.get("provider")),
        digest=_digest(op, old, new, differing),
    )


def _place(urn: str) -> tuple[str, str, str, str]:
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


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _digest(op: str, old: Mapping[str, Any], new: Mapping[str, Any], differing: frozenset[str] | None) -> str:
    """Return a fingerprint of a change; secrets are blanked in previews, so their values are no part of it."""
    sides = [
        {name: value for name, value in _object(state.get("inputs")).items() if not name.startswith("__")}
        for state in (old, new)
    ]
    text = json.dumps([op, sides, sorted(differing or ())], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _take_message(found: Preview, said: Any) -> None:
    message, severity = (said.get("message"), said.get("severity")) if isinstance(said, dict) else (None, None)
    if not isinstance(message, str):
        return
    lines = [clean(masked_line(line)) for line in message.splitlines() if line.strip()]
    if severity == "error":
        found.errors += [line.removeprefix("error: ") for line in lines[:1]]
        return
    kept = found.messages.setdefault(str(said.get("urn") or ""), [])
    kept.extend(line.removeprefix("warning: ") for line in lines[: MOST_MESSAGES - len(kept)])


def _take_config(found: Preview, config: Any) -> None:
    override = _object(config).get(f"{NAMESPACE}:changeCost")
    if override is not None:
        found.costs[""] = _costs(found.source, override)


def _costs(source: str, override: Any) -> dict[str, Cost]:
    try:
        return dict(read_settings({"changeCost": override}, {}).costs)
    except ConfigurationError as error:
        raise ReviewError(f"{source}: {clean(str(error))}") from None


def _take_counts(found: Preview, counts: Any) -> None:
    found.unchanged = sum(
        count for op, count in _object(counts).items() if op in QUIET and isinstance(count, int) and count > 0
    )


_REPLACING = frozenset({"replace", "create-replacement", "delete-replaced"})


def _one_per_resource(steps: list[Step]) -> list[Step]:
    """Keep one step of each resource: a replacement can be told as up to three."""
    kept: dict[str, Step] = {}
    for step in steps:
        known = kept.get(step.urn)
        if known is None or (step.op == "replace" and known.op in _REPLACING):
            kept[step.urn] = step
    return list(kept.values())


def counted(steps: list[Step]) -> Counter[str]:
    """Return how many resources take each operation."""
    return Counter({step.urn: step.op for step in steps}.values())


def others_of(preview: Preview) -> Iterator[Step]:
    """Yield the steps of other resources, one per resource, in an order of their own."""
    yield from sorted(_one_per_resource(preview.others), key=lambda step: (step.op, step.type, step.name, step.urn))
