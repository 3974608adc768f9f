"""The call of the engine that a provider's method answers, as plain data, and the ways to answer it with a failure.

Pulumi hands a dynamic provider's method the properties alone. It runs inside the handler of a gRPC call, though, whose
arguments `request` and `context` hold the rest; they are looked for in the frames of the stack, here and nowhere else.
Where there are none (another SDK, a direct call), everything works with what the properties say.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import FrameType
from typing import Any

import grpc
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from pulumi_dli.host.bags import urn_of
from pulumi_dli.schema.resource import URN

_LOG = logging.getLogger(__name__)
_DETAILS = "grpc-status-details-bin"
_PROVIDER = "__provider"
# The host aborts a failed call with UNKNOWN; details of another code than the call's are dropped.
_CODE = grpc.StatusCode.UNKNOWN.value[0]


@dataclass(frozen=True)
class Left:
    """What a failed create or update leaves: the id of the job, and its outputs."""

    id: str
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One call of the engine. `timeout` is in seconds, None where the user set none."""

    urn: str | None = None
    timeout: float | None = None
    preview: bool = False
    old_inputs: Mapping[str, Any] = field(default_factory=dict)
    _provider: Any = None
    _context: Any = None

    @property
    def hosted(self) -> bool:
        """Whether Pulumi's host makes this call."""
        return self._context is not None

    def active(self) -> bool:
        """Tell whether somebody still waits for the answer."""
        return self._context is None or bool(self._context.is_active())

    def on_end(self, then: Callable[[], None]) -> None:
        """Run `then` when the call ends, by its answer or because nobody waits any more; at once if it has ended."""
        if self._context is not None and not self._context.add_callback(then):
            then()

    def placed(self, bag: Mapping[str, Any]) -> dict[str, Any]:
        """Return properties with today's URN of the resource: the stored one may be from before a rename."""
        return {**bag, URN: self.urn} if self.urn else dict(bag)

    def fail(self, text: str, left: Left | None = None) -> None:
        """Let the user read this one line when the method raises, and the engine store what it leaves."""
        if self._context is None:
            return
        status = status_pb2.Status(code=_CODE, message=text)
        if left is not None:
            status.details.add().Pack(self._half_way(text, left))
        self._context.set_trailing_metadata(((_DETAILS, status.SerializeToString()),))

    def _half_way(self, reason: str, left: Left) -> provider_pb2.ErrorResourceInitFailed:
        # The host adds the provider to what a method returns; here nobody does.
        properties = _serialized({**left.outputs, _PROVIDER: self._provider})
        return provider_pb2.ErrorResourceInitFailed(id=left.id, properties=properties, reasons=[reason])


def call_of(bag: Mapping[str, Any]) -> Call:
    """Return the call that this thread answers; `bag` are the properties that the method was given."""
    found = _handled(sys._getframe())
    if found is None:
        _say_that_there_is_none()
        return Call(urn_of(bag))
    request, context = found
    return Call(
        urn=getattr(request, "urn", None) or urn_of(bag),
        timeout=getattr(request, "timeout", None) or None,
        preview=bool(getattr(request, "preview", False)),
        old_inputs=_deserialized(getattr(request, "old_inputs", None)),
        _provider=bag.get(_PROVIDER),
        _context=context,
    )


def waited_for(otherwise: Callable[[], bool]) -> bool:
    """Tell whether somebody waits for what this thread does; outside a call ask `otherwise`."""
    found = _handled(sys._getframe())
    return otherwise() if found is None else bool(found[1].is_active())


def calls_running() -> int:
    """Return how many calls this process answers now, those of the user's own providers included."""
    return sum(_handled(frame) is not None for frame in sys._current_frames().values())


def _handled(frame: FrameType | None) -> tuple[Any, Any] | None:
    """Return request and context of the call that these frames answer, None where they answer none."""
    while frame is not None:
        if {"request", "context"} <= set(frame.f_code.co_varnames):
            request, context = (frame.f_locals.get(name) for name in ("request", "context"))
            if hasattr(context, "set_trailing_metadata"):
                return request, context
        frame = frame.f_back
    return None


@cache
def _say_that_there_is_none() -> None:
    _LOG.debug("no call of Pulumi's host was found: no timeouts, no partial failures, and the URN is the stored one")


def _deserialized(properties: Any) -> Mapping[str, Any]:
    return {} if properties is None else rpc.deserialize_properties(properties)


def _serialized(bag: dict[str, Any]) -> Any:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(rpc.serialize_properties(bag, {}))
    finally:
        loop.close()
