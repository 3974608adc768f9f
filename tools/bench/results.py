"""What a benchmark came to: medians and spreads, ratios, and the targets that they are held against. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tools.bench.phases import CHANGED, LIVE, NOTHING, PAUSE, RESTART, UNCHANGED, Measured
from tools.bench.stack import EMPTY, OURS, Run

MANY, ALL = 50, 1000
MOST_RATIO, MOST_STATE, MOST_MANY, MOST_ONE = 1.15, 1.1, 1.5, 7.0


@dataclass(frozen=True)
class Target:
    """A gate: what is measured, at most how much of it, and what it was."""

    what: str
    at_most: float
    was: float

    @property
    def met(self) -> bool:
        """Whether the figure is within its bound."""
        return self.was <= self.at_most


def median(runs: Sequence[Run]) -> float:
    """Return the median time on the clock."""
    return statistics.median(run.wall for run in runs)


def ratio(found: Measured) -> float:
    """Return this provider's median time by the empty provider's."""
    return median(found.runs[OURS]) / median(found.runs[EMPTY])


def targets(found: Sequence[Measured]) -> Iterator[Target]:
    """Yield the targets that these measurements can be held against."""
    for each in found:
        yield from _requests(each)
    largest = max(each.jobs for each in found)
    for each in found:
        # With few jobs the start of the processes outweighs everything else.
        if each.jobs == ALL and each.phase in {UNCHANGED, CHANGED, NOTHING, LIVE}:
            yield Target(f"{each.phase}, {ALL} jobs: time by the empty provider's", MOST_RATIO, ratio(each))
        if each.jobs == largest and each.phase == LIVE:
            share = each.state_bytes[OURS] / each.state_bytes[EMPTY]
            yield Target(f"state of {largest} jobs: bytes by the empty provider's", MOST_STATE, share)
    restarts = {each.jobs: each for each in found if each.phase == RESTART}
    if 1 in restarts:
        one = median(restarts[1].runs[OURS])
        what = f"{RESTART}, 1 job, {PAUSE:.0f} s + {PAUSE:.0f} s: seconds of the whole up"
        yield Target(what, MOST_ONE, one)
        if MANY in restarts:
            bound = MOST_MANY * one + median(restarts[MANY].runs[EMPTY])
            what = f"{RESTART}, {MANY} jobs: seconds; bound: {MOST_MANY} x one job + the empty provider's {MANY}"
            yield Target(what, bound, median(restarts[MANY].runs[OURS]))


_READ, _PUT, _STOP, _RUN = "ShowFlinkJob", "UpdateFlinkJarJob", "StopFlinkJobs", "RunFlinkJobs"


def _requests(found: Measured) -> Iterator[Target]:
    sent, jobs = found.requests, found.jobs
    where = f"{found.phase}, {jobs} job{'s' if jobs > 1 else ''}: requests"
    if found.phase in {UNCHANGED, CHANGED, NOTHING}:
        yield Target(where, 0, sum(sent.values()))
    if found.phase == LIVE:
        yield Target(f"{where} beside 1 GET and 1 PUT per job", 0, _beside(sent, {_READ: jobs, _PUT: jobs}))
    if found.phase == RESTART:
        writes = {name: count for name, count in sent.items() if name in {_PUT, _STOP, _RUN}}
        yield Target(
            f"{where} that write, beside 1 stop, 1 PUT and 1 run per job",
            0,
            _beside(writes, {_STOP: jobs, _PUT: jobs, _RUN: jobs}),
        )


def _beside(sent: dict[str, int], needed: dict[str, int]) -> int:
    return sum(abs(sent.get(name, 0) - needed.get(name, 0)) for name in {*sent, *needed})


def as_data(found: Sequence[Measured], held: Sequence[Target], figures: dict[str, Any]) -> dict[str, Any]:
    """Return everything as JSON can hold it."""
    return {
        "phases": [_phase(each) for each in found],
        "figures": figures,
        "targets": [{"what": it.what, "at_most": it.at_most, "was": it.was, "met": it.met} for it in held],
    }


def _phase(found: Measured) -> dict[str, Any]:
    return {
        "phase": found.phase,
        "jobs": found.jobs,
        "ratio": ratio(found),
        "seconds": {name: _spread(runs, lambda run: run.wall) for name, runs in found.runs.items()},
        "processor_seconds": {name: _spread(runs, lambda run: run.cpu) for name, runs in found.runs.items()},
        "requests": found.requests,
        "state_bytes": found.state_bytes,
    }


def _spread(runs: Sequence[Run], of: Callable[[Run], float]) -> dict[str, float]:
    values = sorted(of(run) for run in runs)
    return {"min": values[0], "median": statistics.median(values), "max": values[-1], "runs": len(values)}
