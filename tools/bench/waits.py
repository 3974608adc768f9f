"""Ways in which the restarts of many jobs can wait at once, compared: each way on a stack of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.bench.alone import memory
from tools.bench.phases import INSTANT, SLOW
from tools.bench.report import row
from tools.bench.stack import HERE, OURS, Stack
from tools.local_dli import LocalDli

JOBS = 50
LOGIN = "CreateToken"


@dataclass(frozen=True)
class Way:
    """A way to wait: the engine's `--parallel`, whether the pool is widened, and among how many providers jobs are.

    `narrow/sitecustomize.py` keeps the provider from widening the four threads that Pulumi's host has.
    """

    name: str
    parallel: int | None
    wide: bool = True
    shards: int = 0


WAYS = (
    Way("as Pulumi has it: four threads, `--parallel` by default", None, wide=False),
    Way(f"four threads, `--parallel {JOBS}`", JOBS, wide=False),
    Way("wider pool, `--parallel` by default", None),
    Way(f"13 providers of four threads, `--parallel {JOBS}`", JOBS, wide=False, shards=13),
    Way(f"wider pool, `--parallel {JOBS}`", JOBS),
)


@dataclass
class Waited:
    """What a way came to."""

    way: Way
    seconds: float
    hosts: int
    memory: float
    """MB of all hosts together, at the most."""
    logins: int
    requests: int


def waited(folder: Path, dli: LocalDli) -> Iterator[Waited]:
    """Restart all jobs in each way."""
    for number, way in enumerate(WAYS):
        environment = {} if way.wide else {"PYTHONPATH": f"{HERE / 'narrow'}:{HERE.parents[1]}"}
        stack = Stack(folder / f"way-{number}", OURS, JOBS, environment, shards=way.shards, logs_in=True)
        stack.make(dli)
        parallel = ("--parallel", str(way.parallel)) if way.parallel else ()
        dli.set_durations(INSTANT)
        stack.run("up", "--yes", "--skip-preview")
        dli.set_durations(SLOW)
        stack.set(cu_number=3)
        dli.clear_requests()
        with _Looking() as seen:
            run = stack.run("up", "--yes", "--skip-preview", *parallel)
        counts = dli.counts()
        logins = counts.pop(LOGIN, 0)
        yield Waited(way, run.wall, seen.hosts, seen.memory, logins, sum(counts.values()))
        dli.set_durations(INSTANT)
        stack.run("destroy", "--yes", "--skip-preview")


@dataclass
class _Looking:
    """Looks at the hosts of dynamic providers on this machine while something runs."""

    hosts: int = 0
    memory: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> _Looking:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.25):
            sizes = list(_resident())
            self.hosts, self.memory = max(self.hosts, len(sizes)), max(self.memory, sum(sizes))


def _resident() -> Iterator[float]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"pulumi.dynamic" in (process / "cmdline").read_bytes().split(b"\0"):
                yield memory(int(process.name))
        except OSError:
            continue  # it has ended meanwhile


def table(found: Iterator[Waited]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    columns = ("seconds", "hosts", "MB of all hosts", "rows beside the jobs", "logins", "requests")
    yield row(f"restart of {JOBS} jobs, 2 s + 2 s each", *columns)
    yield row(*["---"] * (1 + len(columns)))
    for each in found:
        figures = (f"{each.seconds:.1f}", each.hosts, f"{each.memory:.0f}", 1 + each.way.shards, each.logins)
        yield row(each.way.name, *figures, each.requests)
