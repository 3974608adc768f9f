"""The operations of a stack's life, each timed on this provider and on the empty one, in turn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tools.bench.stack import EMPTY, OURS, Run, Stack
from tools.local_dli import LocalDli

PAUSE = 2.0
"""How many seconds a stop and a start take in the phase of restarts."""

INSTANT = {"job_savepointing": 0.0, "job_canceling": 0.0, "job_submitting": 0.0}
SLOW = {"job_savepointing": PAUSE / 2, "job_canceling": PAUSE / 2, "job_submitting": PAUSE}

CREATE, UNCHANGED, CHANGED = "create", "preview, no change", "preview, all change"
NOTHING, LIVE, RESTART = "up, no change", "up, LIVE", "up, RESTART"
REFRESH, DESTROY = "refresh", "destroy"
PHASES = (CREATE, UNCHANGED, CHANGED, NOTHING, LIVE, RESTART, REFRESH, DESTROY)


@dataclass
class Measured:
    """What one phase came to for a number of jobs."""

    phase: str
    jobs: int
    runs: dict[str, list[Run]] = field(default_factory=lambda: {OURS: [], EMPTY: []})
    requests: dict[str, int] = field(default_factory=dict)
    """Requests of the last run, by operation."""
    state_bytes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """How many jobs, and how often each phase is repeated where it can be."""

    jobs: int
    repeat: int
    slow_repeat: int
    restarts: bool = True


def measured(plan: Plan, folder: Path, dli: LocalDli) -> Iterator[Measured]:
    """Measure every phase for a number of jobs."""
    pair = _Pair(plan, folder, dli)
    yield pair.phase(CREATE, 1, lambda _stack: ("up", "--yes", "--skip-preview"))
    yield pair.phase(UNCHANGED, plan.repeat, lambda _stack: ("preview",))
    yield pair.phase(CHANGED, plan.repeat, pair.changing("smn_topic", "preview"))
    pair.take_back()
    yield pair.phase(NOTHING, plan.repeat, lambda _stack: ("up", "--yes", "--skip-preview"))
    yield pair.phase(LIVE, plan.slow_repeat, pair.changing("smn_topic", "up", "--yes", "--skip-preview"))
    if plan.restarts:
        dli.set_durations(SLOW)
        command = ("up", "--yes", "--skip-preview", "--parallel", str(max(8, plan.jobs)))
        yield pair.phase(RESTART, plan.slow_repeat, pair.changing("cu_number", *command))
        dli.set_durations(INSTANT)
    yield pair.phase(REFRESH, plan.slow_repeat, lambda _stack: ("refresh", "--yes", "--skip-preview"))
    yield pair.phase(DESTROY, 1, lambda _stack: ("destroy", "--yes", "--skip-preview"))


class _Pair:
    """The two stacks, measured in turn so that the machine's moods meet both."""

    def __init__(self, plan: Plan, folder: Path, dli: LocalDli) -> None:
        self._dli, self._plan = dli, plan
        self._stacks = [Stack(folder / f"{name}-{plan.jobs}", name, plan.jobs) for name in (OURS, EMPTY)]
        self._values = count(3)
        for stack in self._stacks:
            stack.make(dli)

    def phase(self, name: str, repeat: int, command: Callable[[Stack], tuple[str, ...]]) -> Measured:
        """Run a command so often on both."""
        found = Measured(name, self._plan.jobs)
        for turn in range(repeat):
            for stack in self._stacks if turn % 2 == 0 else reversed(self._stacks):
                words = command(stack)
                self._dli.clear_requests()
                found.runs[stack.provider].append(stack.run(*words))
                if stack.provider == OURS:
                    found.requests = dict(self._dli.counts())
                found.state_bytes[stack.provider] = stack.state_bytes()
        times = ", ".join(f"{who} {min(run.wall for run in runs):.2f} s" for who, runs in found.runs.items())
        print(f"  {self._plan.jobs} jobs: {name}: at the least {times}", file=sys.stderr, flush=True)
        return found

    def changing(self, name: str, *command: str) -> Callable[[Stack], tuple[str, ...]]:
        """Give a property of all jobs another value before each run."""

        def change(stack: Stack) -> tuple[str, ...]:
            value = next(self._values)
            stack.set(**{name: f"urn:smn:{value}" if name == "smn_topic" else value})
            return command

        return change

    def take_back(self) -> None:
        """Set the program back to what the stacks hold."""
        for stack in self._stacks:
            stack.set(smn_topic="urn:smn:0")
