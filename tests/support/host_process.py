"""Pulumi's host of dynamic providers as a process of its own, called over gRPC as the engine calls it."""

from __future__ import annotations

import base64
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from pulumi_dli.emulator.server import Emulator
from pulumi_dli.flink_jar_job import FlinkJarJobProvider

PROVIDER = base64.b64encode(pickle.dumps(FlinkJarJobProvider())).decode()
URN = "urn:pulumi:test::jobs::pulumi-python:dynamic/dli:FlinkJarJob::orders"


@dataclass
class HostProcess:
    """A host, and the address at which it believes its engine to be."""

    process: subprocess.Popen[bytes]
    stub: provider_pb2_grpc.ResourceProviderStub
    engine: socket.socket
    environment: dict[str, str] = field(default_factory=dict)

    def configure(self, **settings: str) -> None:
        """Give the host the config of a stack."""
        self.stub.Configure(provider_pb2.ConfigureRequest(args=struct(**{f"dli:{k}": v for k, v in settings.items()})))

    def end_engine(self) -> None:
        """Let the engine's address answer no more."""
        self.engine.close()


@contextmanager
def host_process(emulator: Emulator, python: str = sys.executable) -> Iterator[HostProcess]:
    """Start a host whose config points at an emulator; it has ended when the test has."""
    engine = socket.create_server(("127.0.0.1", 0), backlog=128)
    process = subprocess.Popen(
        [python, "-u", "-m", "pulumi.dynamic", f"127.0.0.1:{engine.getsockname()[1]}"],
        stdout=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if not name.startswith(("OS_", "HW_", "PULUMI_"))},
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            host = HostProcess(process, provider_pb2_grpc.ResourceProviderStub(channel), engine)
            settings = {"endpoint": emulator.url, "region": "eu-de", "projectId": emulator.project_id}
            host.configure(**settings, token=emulator.token)
            yield host
    finally:
        engine.close()
        process.kill()
        process.wait()


def struct(**values: Any) -> Struct:
    """Return properties as the engine sends them to our provider."""
    made = Struct()
    made.update({"__provider": PROVIDER, **values})
    return made


@dataclass(frozen=True)
class Refusal:
    """What a failed call says: the line, and what is left."""

    line: str
    id: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)


def refusal(error: Any) -> Refusal:
    """Read the details of a failed call as the engine does."""
    details = dict(error.trailing_metadata())["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(details)
    assert status.code == error.code().value[0]
    left = provider_pb2.ErrorResourceInitFailed()
    if not status.details or not status.details[0].Unpack(left):
        return Refusal(status.message)
    assert list(left.reasons) == [status.message]
    return Refusal(status.message, left.id, dict(left.properties))
