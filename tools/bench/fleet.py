"""A fleet of stacks against one stack with the same jobs: time, requests and memory, on the example as it stands."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tools.bench.alone import memory
from tools.bench.phases import INSTANT
from tools.bench.report import row
from tools.bench.stack import surroundings
from tools.local_dli import LocalDli

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "fleet" / "fleet.py"
PAGE = ROOT / "docs" / "evidence" / "measurements-fleet.md"
TIMEOUT = 3600
LOOK_EVERY = 0.25
HEADING = """\
# Measurements of a fleet

Made by `scripts/dev bench --fleet {size} --write`; do not edit. {machine}; file backend; the emulator's jobs start and
stop at once. Both are run by [examples/fleet](../../examples/fleet/README.md), {at_once} stacks at once; memory is the
sum of the resident memory of all processes of a run at its highest, so that what they share counts more than once.
"""


@dataclass(frozen=True)
class Size:
    """So many stacks with so many jobs in each."""

    stacks: int
    jobs: int

    @classmethod
    def of(cls, text: str) -> Size:
        """Read a size such as 25x20: stacks, and jobs in each. Raises ValueError."""
        stacks, jobs = (int(part) for part in text.split("x"))
        if min(stacks, jobs) < 1:
            raise ValueError(text)
        return cls(stacks, jobs)

    def __str__(self) -> str:
        """Return it as it is given."""
        return f"{self.stacks}x{self.jobs}"


@dataclass(frozen=True)
class Measured:
    """What one command came to."""

    layout: str
    phase: str
    seconds: float
    requests: int
    memory: float
    """MB of all processes together, at the most."""


@dataclass
class _Memory:
    """Looks at a process and its descendants while they run."""

    root: int
    most: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> _Memory:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            self.most = max(self.most, sum(_resident(self.root)))


def measured(size: Size, at_once: int, folder: Path, dli: LocalDli) -> Iterator[Measured]:
    """Measure create, an `up` without changes, an update of all jobs in place and destroy, of either layout."""
    dli.set_durations(INSTANT)
    one = Size(1, size.stacks * size.jobs)
    for layout, name in ((size, "fleet"), (one, "one")):
        place = folder / name
        (place / "backend").mkdir(parents=True)
        title = f"{layout.stacks} stack{'s' if layout.stacks > 1 else ''} of {layout.jobs}"
        for phase, command, topic in (
            ("create", ("up",), "urn:smn:0"),
            ("up, no change", ("up",), "urn:smn:0"),
            ("up, LIVE", ("up",), "urn:smn:1"),
            ("destroy", ("destroy", "--yes"), "urn:smn:1"),
        ):
            _define(place / "fleet.yaml", layout, at_once, topic, dli)
            dli.clear_requests()
            seconds, most = _run(place, *command)
            print(f"  {title}: {phase}", file=sys.stderr, flush=True)
            yield Measured(title, phase, seconds, sum(dli.counts().values()), most)


def _define(path: Path, size: Size, at_once: int, topic: str, dli: LocalDli) -> None:
    place = {
        "endpoint": dli.url,
        "region": "eu-de",
        "projectId": "d11e" + "1".rjust(28, "0"),
        "token": "emulator-token",
    }
    job = {"queue_name": "streaming", "entrypoint": "obs://artifacts/job.jar", "settle_time": 0, "smn_topic": topic}
    stacks = {
        f"stack-{stack}": {
            "wave": "all",
            "jobs": {f"job-{number}": {"name": f"job-{stack}-{number}"} for number in range(size.jobs)},
        }
        for stack in range(size.stacks)
    }
    fleet = {
        "project": "bench",
        "stacks_at_once": at_once,
        "config": {f"dli:{name}": value for name, value in place.items()},
        "job": job,
        "waves": ["all"],
        "stacks": stacks,
    }
    path.write_text(yaml.safe_dump(fleet), encoding="utf-8")


def _run(folder: Path, *command: str) -> tuple[float, float]:
    """Run a command of the fleet; return its seconds and its memory. A failure ends the benchmark with its words."""
    words = [sys.executable, str(SCRIPT), command[0], "fleet.yaml", *command[1:]]
    begun = time.monotonic()
    with (folder / "run.log").open("w+") as log:
        process = subprocess.Popen(words, cwd=folder, env=surroundings(folder), stdout=log, stderr=log)
        with _Memory(process.pid) as looked:
            code = process.wait(TIMEOUT)
        seconds = time.monotonic() - begun
        if code:
            log.seek(0)
            raise SystemExit(f"{log.read()}\nfleet.py {' '.join(command)} failed")
    return seconds, looked.most


def _resident(root: int) -> Iterator[float]:
    """Yield the resident memory of a process and its descendants, in MB."""
    parents = dict(_parents())
    for pid in parents:
        above: int | None = pid
        while above and above != root:
            above = parents.get(above)
        if above:
            with suppress(OSError):  # it has ended meanwhile
                yield memory(pid)


def _parents() -> Iterator[tuple[int, int]]:
    """Yield each process with its parent."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # as above
            _, _, after = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
            yield int(entry.name), int(after.split()[1])


def report(found: Sequence[Measured], size: Size, at_once: int, machine: str) -> str:
    """Return the whole page."""
    columns = ("jobs in", "operation", "seconds", "requests", "memory, MB")
    rows = [row(each.layout, each.phase, f"{each.seconds:.1f}", each.requests, f"{each.memory:.0f}") for each in found]
    table = [row(*columns), row(*["---"] * len(columns)), *rows]
    return HEADING.format(size=size, machine=machine, at_once=at_once) + "\n" + "\n".join(table) + "\n"
