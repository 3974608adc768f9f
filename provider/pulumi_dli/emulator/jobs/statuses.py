"""The statuses of a job and what leads from one to the next: one table, and its reading.

What is documented [otc]: the names; stop for running and submitting jobs; run for draft, stopped,
finished and failed ones; a stop with `trigger_savepoint` makes a savepoint first. The rest is
inferred: the order of the statuses, all durations, and what a failure leads to:

- a savepoint that fails leaves the job running (`job_running`), as Flink itself does;
- a stop that fails ends in `job_cancel_fail`: the job still runs, and can be stopped again;
- a submitting job has no state to save, so that its stop skips the savepoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Event(str, Enum):
    """What can happen to a job, with the statuses that it then walks through."""

    RUN = "run"
    RUN_FAILS = "run, submit fails"
    STOP = "stop"
    STOP_FAILS = "stop, stop fails"
    STOP_SAVING = "stop with savepoint"
    STOP_SAVING_FAILS = "stop with savepoint, savepoint fails"
    SAVE = "savepoint"
    CRASH = "an exception"
    FINISH = "its own end"


@dataclass(frozen=True)
class Status:
    """A status: how many seconds it lasts (None: until something happens), and what it takes."""

    name: str
    meaning: str
    lasts: float | None = None
    run: bool = False
    stop: bool = False
    savepoint: bool = False
    stopped: bool = False
    """Every property may be updated; otherwise only those that may change while a job runs."""


TABLE: Mapping[str, Status] = {
    status.name: status
    for status in (
        Status("job_init", "a draft", run=True, stopped=True),
        Status("job_submitting", "being submitted", lasts=20, stop=True),
        Status("job_submit_fail", "could not be submitted", run=True, stopped=True),
        Status("job_running", "runs", stop=True, savepoint=True),
        Status("job_running_exception", "ended by an exception", run=True, stopped=True),
        Status("job_downloading", "its files are being downloaded", lasts=5),
        Status("job_idle", "idle"),
        Status("job_canceling", "being stopped", lasts=5),
        Status("job_cancel_success", "stopped", run=True, stopped=True),
        Status("job_cancel_fail", "could not be stopped; still runs", stop=True, savepoint=True),
        Status("job_savepointing", "a savepoint is being made", lasts=30),
        Status("job_arrearage_stopped", "stopped, the account owes money", stopped=True),
        Status("job_arrearage_recovering", "starts again, the debt is paid", lasts=20),
        Status("job_finish", "ended by itself", run=True, stopped=True),
    )
}

WALKS: Mapping[Event, tuple[str, ...]] = {
    Event.RUN: ("job_submitting", "job_running"),
    Event.RUN_FAILS: ("job_submitting", "job_submit_fail"),
    Event.STOP: ("job_canceling", "job_cancel_success"),
    Event.STOP_FAILS: ("job_canceling", "job_cancel_fail"),
    Event.STOP_SAVING: ("job_savepointing", "job_canceling", "job_cancel_success"),
    Event.STOP_SAVING_FAILS: ("job_savepointing", "job_running"),
    Event.SAVE: ("job_savepointing", "job_running"),
    Event.CRASH: ("job_running_exception",),
    Event.FINISH: ("job_finish",),
}

DESCRIPTIONS: Mapping[str, str] = {
    "job_submit_fail": "Submitting the job failed.",
    "job_running_exception": "The job ended with an exception.",
    "job_cancel_fail": "Stopping the job failed.",
}


class Way(Protocol):
    """Says what an event leads to."""

    def walk(self, event: Event, now: int) -> list[tuple[int, str]]:
        """Return when, in ms since the epoch, the event brings a job into which status, as far as it is known."""


class Durations:
    """How long the passing statuses last: the table's seconds by a factor, or what a test says."""

    def __init__(self, time_factor: float) -> None:
        """Make life `time_factor` times faster (1: life-like)."""
        self._time_factor = time_factor
        self.overrides: dict[str, float] = {}

    def ms(self, status: str) -> float:
        """Return how long a passing status lasts, in ms; overrides are seconds of real time."""
        if status in self.overrides:
            return self.overrides[status] * 1000
        return (TABLE[status].lasts or 0) * 1000 / self._time_factor

    def walk(self, event: Event, now: int) -> list[tuple[int, str]]:
        """Return when, in ms since the epoch, the event brings a job into which status."""
        due, plan = float(now), []
        for status in WALKS[event]:
            plan.append((round(due), status))
            due += self.ms(status)
        return plan
