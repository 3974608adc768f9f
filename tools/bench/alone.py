"""The provider alone, in a host of its own, called through its gRPC interface: processor time and memory."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tools.bench.stack import FIRST, HERE, TOKEN
from tools.local_dli import LocalDli

OPERATIONS = 10_000
JOBS = 1_000
LOADS = 5


@dataclass(frozen=True)
class Alone:
    """Figures of one provider's host."""

    start_up: float
    """Seconds until the host answers its first check."""
    first_memory: float
    """Resident memory in MB after that."""
    per_update: float
    """Processor milliseconds of the host per check, diff and update of one property."""
    memory_of_jobs: float
    """MB that the host has grown by after so many jobs."""
    memory_of_operations: float
    """MB that it has grown by after so many operations, since then."""


def alone(provider: str, dli: LocalDli) -> Alone:
    """Measure a provider's host: "pulumi-dli" or "empty"."""
    began = time.monotonic()
    with _host() as host:
        client = _Client(host, _serialized(provider), dli)
        client.check(client.inputs(0))
        start_up, first = time.monotonic() - began, memory(host.pid)
        jobs = [client.create(number) for number in range(JOBS)]
        after_jobs = memory(host.pid)
        before = _cpu(host.pid)
        for number in range(JOBS):
            client.update(jobs, number, "urn:smn:1")
        per_update = (_cpu(host.pid) - before) / JOBS * 1000
        for turn in range(OPERATIONS // JOBS):
            for number in range(JOBS):
                client.update(jobs, number, f"urn:smn:{2 + turn}")
        return Alone(start_up, first, per_update, after_jobs - first, memory(host.pid) - after_jobs)


def import_time(statement: str) -> float:
    """Return the median of seconds that a new interpreter needs for a statement."""
    return statistics.median(_timed(statement) for _ in range(LOADS))


def _timed(statement: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", statement], env=_environment(), check=True)
    return time.monotonic() - began


@contextmanager
def _host() -> Iterator[subprocess.Popen[bytes]]:
    host = subprocess.Popen([sys.executable, "-m", "pulumi.dynamic"], env=_environment(), stdout=subprocess.PIPE)
    try:
        yield host
    finally:
        host.kill()
        host.wait()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE.parents[1])}


def _serialized(provider: str) -> str:
    """Return the provider as it stands in a program's inputs."""
    from pulumi.dynamic.dynamic import serialize_provider  # noqa: PLC0415 - slow import

    from pulumi_dli.flink_jar_job import FlinkJarJobProvider  # noqa: PLC0415 - as above
    from tools.bench.empty_dli import EmptyProvider  # noqa: PLC0415 - as above

    return str(serialize_provider(EmptyProvider() if provider == "empty" else FlinkJarJobProvider()))


class _Client:
    """Calls the host as the engine does."""

    def __init__(self, host: subprocess.Popen[bytes], provider: str, dli: LocalDli) -> None:
        port = int(host.stdout.readline()) if host.stdout else 0
        self._stub = provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{port}"))
        self._provider = provider
        self._loop = asyncio.new_event_loop()
        config = {"dli:endpoint": dli.url, "dli:region": "eu-de", "dli:projectId": "d11e" + "1".rjust(28, "0")}
        self._stub.Configure(provider_pb2.ConfigureRequest(args=self._struct({**config, "dli:token": TOKEN})))

    def inputs(self, number: int) -> dict[str, Any]:
        return {
            "name": f"alone-{number}",
            "queue_name": "streaming",
            "entrypoint": "obs://a/job.jar",
            "settle_time": 0,
            **FIRST,
        }

    def check(self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> None:
        self._stub.Check(provider_pb2.CheckRequest(olds=self._bag(olds or {}), news=self._bag(news)))

    def create(self, number: int) -> tuple[str, struct_pb2.Struct]:
        inputs = self.inputs(number)
        self.check(inputs)
        answer = self._stub.Create(provider_pb2.CreateRequest(properties=self._bag(inputs)))
        return answer.id, answer.properties

    def update(self, jobs: list[tuple[str, struct_pb2.Struct]], number: int, topic: str) -> None:
        job_id, outputs = jobs[number]
        news = self._bag({**self.inputs(number), "smn_topic": topic})
        self._stub.Check(provider_pb2.CheckRequest(olds=news, news=news))
        self._stub.Diff(provider_pb2.DiffRequest(id=job_id, olds=outputs, news=news))
        answer = self._stub.Update(provider_pb2.UpdateRequest(id=job_id, olds=outputs, news=news))
        jobs[number] = (job_id, answer.properties)

    def _bag(self, properties: Mapping[str, Any]) -> struct_pb2.Struct:
        return self._struct({**properties, "__provider": self._provider})

    def _struct(self, properties: Mapping[str, Any]) -> struct_pb2.Struct:
        return self._loop.run_until_complete(rpc.serialize_properties(dict(properties), {}))


def memory(pid: int) -> float:
    """Return the resident memory of a process in MB; raises OSError where it has ended."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
