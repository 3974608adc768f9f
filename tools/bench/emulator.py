"""Measure the emulator as a process: start, updates per second, and what 10,000 jobs cost.

Called by `scripts/dev emulator-bench`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pulumi_dli.emulator.options import PROJECT_ID, TOKEN

START_SECONDS = 30.0
WRITERS = 4
PLACE = f"/v1.0/{PROJECT_ID}/streaming"


class Connection:
    """One connection that is kept open, as a client keeps it."""

    def __init__(self, url: str) -> None:
        """Connect to an emulator."""
        parts = urlsplit(url)
        self._http = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        """Send a request; raises SystemExit for anything but success."""
        headers = {"X-Auth-Token": TOKEN, "Content-Type": "application/json"}
        self._http.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self._http.getresponse()
        text = answer.read()
        if answer.status != http.client.OK:
            raise SystemExit(f"{method} {path} was answered {answer.status}: {text[:200]!r}")
        return text

    def seconds(self, path: str) -> float:
        """Return how long an answer takes, the best of five."""
        return min(_timed(lambda: self.send("GET", path)) for _ in range(5))


@contextmanager
def started(*arguments: str) -> Iterator[tuple[str, int, float]]:
    """Start an emulator; give its address, its process id and the seconds until it answered."""
    begin = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "pulumi_dli.emulator", "--port", "0", "--quiet", *arguments],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = process.stdout.readline() if process.stdout else ""
        url = line.split()[3]
        Connection(url).send("GET", "/health")
        yield url, process.pid, time.monotonic() - begin
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def updates_per_second(url: str, job_ids: list[int], seconds: float) -> float:
    """Update jobs from several connections at once; return how many PUTs per second were answered."""
    counts = [0] * WRITERS
    end = time.monotonic() + seconds

    def write(number: int) -> None:
        connection = Connection(url)
        while time.monotonic() < end:
            job_id = job_ids[(number + counts[number] * WRITERS) % len(job_ids)]
            connection.send("PUT", f"{PLACE}/flink-jobs/{job_id}", {"desc": f"{number}-{counts[number]}"})
            counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    taken = _timed(lambda: [*map(threading.Thread.start, threads), *map(threading.Thread.join, threads)])
    return sum(counts) / taken


def fill(url: str, jobs: int) -> list[int]:
    """Create jobs; return their ids."""
    connection, made = Connection(url), []
    for number in range(jobs):
        properties = {"name": f"job-{jobs}-{number}", "queue_name": "dev", "entrypoint": "obs://jars/a.jar"}
        made.append(int(json.loads(connection.send("POST", f"{PLACE}/flink-jobs", properties))["job"]["job_id"]))
    return made


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process, where the system says it."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> int:
    """Print the figures, one per line."""
    parser = argparse.ArgumentParser(prog="scripts/dev emulator-bench", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement of updates")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = ("--data", str(Path(folder) / "data.db"))
        with started() as (url, pid, ready):
            print(f"start to the first answer              {ready * 1000:8.0f} ms")
            print(f"memory, empty                          {memory_mb(pid):8.0f} MB")
            rate = updates_per_second(url, fill(url, 4), arguments.seconds)
            print(f"PUT/s, in memory                       {rate:8.0f}")
        with started(*data) as (url, pid, _):
            rate = updates_per_second(url, fill(url, 4), arguments.seconds)
            print(f"PUT/s, with a file                     {rate:8.0f}")
            begin = time.monotonic()
            jobs = fill(url, arguments.jobs)
            print(f"creates/s, one connection              {arguments.jobs / (time.monotonic() - begin):8.0f}")
            rate = updates_per_second(url, jobs, arguments.seconds)
            print(f"PUT/s, with a file, {arguments.jobs:6d} jobs        {rate:8.0f}")
            print(f"memory, {arguments.jobs:6d} jobs                    {memory_mb(pid):8.0f} MB")
            connection = Connection(url)
            for what, path in (("details", f"{PLACE}/jobs/{jobs[-1]}"), ("list of 100", f"{PLACE}/jobs?limit=100"),
                               ("list by name", f"{PLACE}/jobs?name=-777"), ("page", "/")):  # fmt: skip
                print(f"{what:20s}                   {connection.seconds(path) * 1000:8.1f} ms")
        with started(*data) as (_, pid, ready):
            print(f"start, {arguments.jobs:6d} jobs in the file         {ready * 1000:8.0f} ms")
    return 0


def _timed(work: Any) -> float:
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


if __name__ == "__main__":
    sys.exit(main())
