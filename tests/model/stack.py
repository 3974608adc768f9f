"""A Pulumi stack with one resource, as the engine keeps it: program, stored state, and the calls of an `up`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.host import Failed, Host, Nursery, Settings

URN = "urn:pulumi:dev::model::pulumi-python:dynamic/dli:FlinkJarJob::job"


class KilledError(Exception):
    """The host was killed while it worked."""


class RefusedError(Exception):
    """The provider failed; `failed` is its error."""

    def __init__(self, failed: Failed) -> None:
        """Keep the error."""
        super().__init__(failed.text)
        self.failed = failed


@dataclass(frozen=True)
class Stored:
    """What the engine stores of the resource."""

    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


Watch = Callable[[Host], bool]
"""Looks on while a host works; may kill it, and returns whether it has done what it came for."""


class Stack:
    """The engine's side: what it stores, and which methods it calls."""

    def __init__(self, nursery: Nursery, config: Mapping[str, str], engine_gone: Path) -> None:
        """Begin with an empty stack."""
        self._nursery = nursery
        self._config = config
        self._engine_gone = engine_gone
        self.stored: Stored | None = None

    def up(self, program: Mapping[str, Any], *, refresh: bool, host: Host, watch: Watch | None = None) -> bool:
        """Run `pulumi up`; return whether anything was to be done. Raises RefusedError or KilledError."""
        if refresh:
            self.refresh(host, watch)
        before = self.stored
        news = as_engine({**program, "__urn": URN})
        checked = _call(host, None, "check", dict(before.inputs) if before else {}, news)
        if checked["failures"]:
            raise RefusedError(Failed(("CheckFailure",), "; ".join(checked["failures"])))
        inputs = as_engine(checked["inputs"])
        if before is None:
            made = _call(host, watch, "create", inputs)
            self.stored = Stored(made["id"], inputs, as_engine(made["outs"]))
            return True
        if not self._differs(host, before, inputs):
            self.stored = Stored(before.id, inputs, before.outputs)
            return False
        updated = _call(host, watch, "update", before.id, dict(before.outputs), inputs)
        self.stored = Stored(before.id, inputs, as_engine(updated["outs"]))
        return True

    def refresh(self, host: Host, watch: Watch | None = None) -> None:
        """Run `pulumi refresh`. Raises RefusedError or KilledError."""
        if self.stored is None:
            return
        read = _call(host, watch, "read", self.stored.id, dict(self.stored.outputs))
        gone = not read["id"]
        self.stored = None if gone else Stored(read["id"], as_engine(read["inputs"]), as_engine(read["outs"]))

    def preview(self, program: Mapping[str, Any], host: Host) -> bool:
        """Run `pulumi preview`; return whether anything is to be done."""
        assert self.stored is not None
        news = as_engine({**program, "__urn": URN})
        inputs = as_engine(_call(host, None, "check", dict(self.stored.inputs), news)["inputs"])
        return self._differs(host, self.stored, inputs)

    def destroy(self, host: Host, watch: Watch | None = None) -> None:
        """Run `pulumi destroy`. Raises RefusedError or KilledError."""
        if self.stored is not None:
            _call(host, watch, "delete", self.stored.id, dict(self.stored.outputs))
            self.stored = None

    @contextmanager
    def host(self, times: Mapping[str, float] | None = None) -> Iterator[Host]:
        """Start a host for one command of the CLI, with an engine that answers."""
        self._engine_gone.unlink(missing_ok=True)
        host = self._nursery.host(Settings(self._config, self._engine_gone, times or {}))
        try:
            yield host
        finally:
            host.close()

    def end_engine(self) -> None:
        """Let the engine answer no more, until the next command."""
        self._engine_gone.touch()

    @staticmethod
    def _differs(host: Host, before: Stored, inputs: Mapping[str, Any]) -> bool:
        changes = _call(host, None, "diff", before.id, dict(before.outputs), dict(inputs))["changes"]
        # None: the engine compares the inputs by itself.
        return before.inputs != inputs if changes is None else bool(changes)


def _call(host: Host, watch: Watch | None, method: str, *arguments: Any) -> Any:
    host.begin(method, *arguments)
    while watch is not None and not host.done(0.002):
        if watch(host):
            watch = None
    try:
        result = host.result()
    except (EOFError, OSError):
        raise KilledError from None
    if isinstance(result, Failed):
        raise RefusedError(result)
    return result


def as_engine(value: Any) -> Any:
    """Return a value as it comes out of the engine: numbers are doubles, null is dropped."""
    if isinstance(value, Mapping):
        return {key: as_engine(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [as_engine(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
