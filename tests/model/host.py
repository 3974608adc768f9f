"""A host of the provider as a process of its own, which can be killed at any moment, as the engine's host can.

Run as a program it is the nursery: a process without threads that has everything imported and forks a
host for each socket that it is sent. Hosts wait less than in life (see `TIMES`); nothing else differs.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

TIMES: Mapping[str, float] = {
    "FIRST_INTERVAL": 0.004,
    "LONGEST_INTERVAL": 0.03,
    "STOP_SHOWS_WITHIN": 0.15,
    "START_SHOWS_WITHIN": 0.15,
    "DOUBT_LASTS": 0.15,
    "READ_TIMEOUT": 3.0,
    "UNREACHABLE_FOR": 0.6,
    "SHARED_FOR": 0.005,
    "BACK_OFF": 0.01,
}
"""Constants of the product's waiting that hosts of the model have smaller, in seconds, wherever they are defined."""

SECOND = 0.05
"""How long a second of settle_time, stop_timeout and start_timeout lasts in hosts of the model."""

IN_SECONDS = ("settle_time", "stop_timeout", "start_timeout")

# What a host loads for a request, and where those constants are used.
MODULES = (
    "api.client",
    "api.connection_failure",
    "api.retry",
    "api.transport",
    "reconcile.adopt",
    "reconcile.connection",
    "reconcile.create",
    "reconcile.delete",
    "reconcile.polling",
    "reconcile.put",
    "reconcile.roll_back",
    "reconcile.transitions",
    "reconcile.update",
    "reconcile.waiting",
)


@dataclass(frozen=True)
class Settings:
    """What a host is given when it starts."""

    config: Mapping[str, str]
    engine_gone: Path
    """The engine answers until this file exists."""
    times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """An error that a method of the provider raised: the names of its classes, its text, and where it left the job."""

    kinds: tuple[str, ...]
    text: str
    job_left: str | None = None
    """Where it left the job, as the error itself says."""


class Host:
    """A host process: `call` runs a method of the provider there, `kill` is kill -9."""

    def __init__(self, connection: Connection) -> None:
        """Take over the connection to a new host."""
        self._connection = connection
        self._pid: int = connection.recv()

    def begin(self, method: str, *arguments: Any) -> None:
        """Call a method of the provider without waiting for it."""
        self._connection.send((method, arguments))

    def done(self, seconds: float) -> bool:
        """Tell whether the call that was begun has come to its end, after so many seconds at most."""
        return self._connection.poll(seconds)

    def result(self) -> Any:
        """Wait for the call that was begun; an error of the provider comes back as `Failed`."""
        return self._connection.recv()

    def kill(self) -> None:
        """Kill the process, wherever it is."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._connection.close()

    def close(self) -> None:
        """Let the process end by itself."""
        self._connection.close()


class Nursery:
    """The process that hosts are forked from."""

    def __init__(self) -> None:
        """Start it; it ends with this process, at the latest."""
        ours, theirs = socket.socketpair()
        path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "model.host", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=_environment() | {"PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
            )
        self._socket = ours

    def host(self, settings: Settings) -> Host:
        """Fork a host."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._socket, [b"."], [theirs.fileno()])
        connection = Connection(ours.detach())
        host = Host(connection)
        connection.send(settings)
        return host

    def close(self) -> None:
        """End it."""
        self._socket.close()
        self._process.wait()


def _environment() -> dict[str, str]:
    """Return the environment without what could configure the provider."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "HW_", "PULUMI_"))}


def nursery(control: socket.socket) -> None:
    """Fork a host for every socket that comes; return in none of them."""
    from pulumi_dli import flink_jar_job  # noqa: F401, PLC0415 (so that no host has to import them)
    from pulumi_dli.planning.check import inputs_model  # noqa: PLC0415 (as above)

    inputs_model()
    for name in MODULES:
        importlib.import_module(f"pulumi_dli.{name}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        _, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not descriptors:
            return
        if os.fork() == 0:
            control.close()
            serve(Connection(descriptors[0]))
            os._exit(0)
        os.close(descriptors[0])


def serve(connection: Connection) -> None:
    """Answer the calls of one engine until it hangs up."""
    with suppress(EOFError, OSError):
        connection.send(os.getpid())
        provider = _provider(connection.recv())
        while True:
            method, arguments = connection.recv()
            connection.send(_outcome(getattr(provider, method), arguments))


def _outcome(method: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return _plain(method(*arguments))
    except Exception as error:  # noqa: BLE001 - what escapes is for the model to judge
        left = getattr(error, "job_left", None)
        return Failed(tuple(kind.__name__ for kind in type(error).__mro__), str(error), left.name if left else None)


def _plain(result: Any) -> Any:
    """Return a result of the SDK's as a dict; those objects themselves need not travel."""
    known = {name: getattr(result, name, None) for name in ("id", "outs", "inputs", "changes", "replaces")}
    failures = getattr(result, "failures", None) or []
    return known | {"failures": [str(getattr(each, "reason", each)) for each in failures]}


def _provider(settings: Settings) -> Any:
    from pulumi.dynamic import Config, ConfigureRequest  # noqa: PLC0415 (the model's own process needs no Pulumi)

    from pulumi_dli.flink_jar_job import FlinkJarJobProvider  # noqa: PLC0415

    _hurry({**TIMES, **settings.times})
    provider = FlinkJarJobProvider()
    provider.configure(ConfigureRequest(Config(dict(settings.config), "model")))
    provider._engine.answers = lambda: not settings.engine_gone.exists()  # type: ignore[method-assign]
    return provider


def _hurry(times: Mapping[str, float]) -> None:
    """Make the product's constants of time smaller, in this process."""
    modules = {name: importlib.import_module(f"pulumi_dli.{name}") for name in MODULES}
    for name, value in times.items():
        homes = [module for module in modules.values() if name in vars(module)]
        if not homes:
            raise LookupError(f"no module of {MODULES} has {name}: the model would wait as long as in life")
        for module in homes:
            setattr(module, name, value)
    controls = importlib.import_module("pulumi_dli.schema.controls").Controls
    of = controls.of
    controls.of = lambda inputs: _shorter(of(inputs))


def _shorter(controls: Any) -> Any:
    return replace(controls, **{name: getattr(controls, name) * SECOND for name in IN_SECONDS})


if __name__ == "__main__":
    # Not this module's own one: what hosts send must be known to others by the module's name.
    importlib.import_module("model.host").nursery(socket.socket(fileno=int(sys.argv[1])))
