"""The output of `pulumi preview --json`, read as a stream: what a review needs of each step, and nothing else.

What is read is not trusted: a preview of somebody else's branch wrote it. A file of 60 MB takes about a second
and some 15 MB of memory, where `json.load` would take 170.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

import ijson

from pulumi_dli.config.settings import read_settings
from pulumi_dli.config.table import NAMESPACE
from pulumi_dli.errors import ConfigurationError
from pulumi_dli.foreign_text import sanitized
from pulumi_dli.planning.marker import looks_like_marker, names_risk
from pulumi_dli.redaction import masked_line
from pulumi_dli.review.errors import ReviewError
from pulumi_dli.review.preview_step import PROVIDER, QUIET, Step, object_of, one_per_resource, place_of, read_step
from pulumi_dli.schema.property import Cost
from pulumi_dli.schema.unknown import has_unknown

CHUNK = 1 << 16
DEEPEST = 64
MOST_MESSAGES = 20


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
    markers: dict[str, list[str]] = field(default_factory=dict)
    """The provider's verdicts on jobs, as the lines that it sent, by URN."""
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
        raise ReviewError(f"{source} is a preview that failed: {found.errors[0]}{more}; fix it and preview again")
    found.jobs = one_per_resource(found.jobs)
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
    step = read_step(found.source, raw)
    found.stack, found.project = found.stack or place_of(step.urn)[0], found.project or place_of(step.urn)[1]
    if step.type.startswith(PROVIDER) and not has_unknown(step.news.get("changeCost")):
        found.costs[step.name] = _costs(found.source, step.news.get("changeCost"))
    if step.op in QUIET:
        return
    (found.jobs if step.is_job else found.others).append(step)


def _take_message(found: Preview, said: Any) -> None:
    """Take what the engine or a program said; markers as they are, before anything is masked, cut or counted."""
    message, severity = (said.get("message"), said.get("severity")) if isinstance(said, dict) else (None, None)
    if not isinstance(message, str):
        return
    urn = str(said.get("urn") or "")
    raw = [line for line in message.splitlines() if line.strip()]
    if severity == "error":
        found.errors += [_line(line).removeprefix("error: ") for line in raw[:1]]
        return
    markers = [line for line in raw if looks_like_marker(line)]
    if markers:
        # The provider's own verdict: what it says in words, the review says by itself.
        found.markers.setdefault(urn, []).extend(markers)
        return
    kept = found.messages.setdefault(urn, [])
    lines = (line for line in raw if severity != "warning" or not names_risk(line))
    kept.extend(_line(line).removeprefix("warning: ") for line in islice(lines, MOST_MESSAGES - len(kept)))


def _line(text: str) -> str:
    return sanitized(masked_line(text))


def _take_config(found: Preview, config: Any) -> None:
    override = object_of(config).get(f"{NAMESPACE}:changeCost")
    if override is not None:
        found.costs[""] = _costs(found.source, override)


def _costs(source: str, override: Any) -> dict[str, Cost]:
    try:
        return dict(read_settings({"changeCost": override}, {}).costs)
    except ConfigurationError as error:
        raise ReviewError(f"{source}: {sanitized(str(error))}") from None


def _take_counts(found: Preview, counts: Any) -> None:
    found.unchanged = sum(
        count for op, count in object_of(counts).items() if op in QUIET and isinstance(count, int) and count > 0
    )


def others_of(preview: Preview) -> Iterator[Step]:
    """Yield the steps of other resources, one per resource, in an order of their own."""
    yield from sorted(one_per_resource(preview.others), key=lambda step: (step.op, step.type, step.name, step.urn))
