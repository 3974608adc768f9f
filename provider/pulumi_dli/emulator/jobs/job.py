"""A job as the emulator keeps it, and what happens to it as time goes by.

Nothing here waits: an event leaves a plan of (time, status), and whoever looks at the job next
lets it catch up. So a job moves on while the emulator is down, and is found there afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from .statuses import DESCRIPTIONS, TABLE, WALKS, Event, Way


@dataclass
class Behaviour:
    """What a test has asked of a job. Seconds are real time, whatever the time factor."""

    fail_next_submit: int = 0
    fail_savepoint: int = 0
    fail_stop: int = 0
    crash_after: float | None = None
    crash_times: int | None = None
    """How many starts crash; None: each one while `crash_after` is set."""
    finish_after: float | None = None

    def take(self, name: str) -> bool:
        """Use up one of the asked-for failures; return whether there was one."""
        left: int = getattr(self, name)
        setattr(self, name, max(0, left - 1))
        return left > 0


@dataclass
class Job:
    """A job's record. Times are ms since the epoch."""

    job_id: int
    project_id: str
    user_id: str
    create_time: int
    update_time: int
    properties: dict[str, Any]
    """As they were sent; what is absent has the service's default."""
    tags: dict[str, str] = field(default_factory=dict)
    status: str = "job_init"
    status_desc: str = ""
    start_time: int | None = None
    savepoint: dict[str, Any] | None = None
    ever_ran: bool = False
    runs: list[dict[str, Any]] = field(default_factory=list)
    fresh: list[dict[str, Any]] = field(default_factory=list)
    """What happened to it since it was read from the storage, which keeps that apart from the record."""
    plan: list[tuple[int, str]] = field(default_factory=list)
    waiting: dict[str, Any] | None = None
    """{"since", "event"}: it is submitted, but its queue has too few free CUs; what follows once it has enough."""
    reason: str = ""
    """Why submitting it fails, if the emulator knows."""
    making_savepoint: str | None = None
    """Who is having a savepoint made: `stop` or `manual`."""
    savepoint_folder: str = ""
    """Where the savepoint is being made; empty: where DLI keeps them."""
    made_savepoint: str = ""
    """Where the savepoint is that has just been made; empty: a path is made up."""
    checkpoint: str = "the last checkpoint"
    """The path of the last checkpoint, where the engine makes real ones; empty: there is none."""
    engine: dict[str, Any] = field(default_factory=dict)
    """What the engine keeps of it."""
    behaviour: Behaviour = field(default_factory=Behaviour)
    deleted: bool = False

    @property
    def name(self) -> str:
        """The job's name; unique in its project unless empty."""
        return str(self.properties.get("name", ""))

    @property
    def queue_name(self) -> str:
        """The queue it is in; empty if none was ever named."""
        return str(self.properties.get("queue_name", ""))

    @property
    def waiting_since(self) -> int | None:
        """Since when it waits for CUs; None if it does not."""
        return self.waiting["since"] if self.waiting else None

    def touch(self, now: int) -> None:
        """Move `update_time` on, strictly."""
        self.update_time = max(now, self.update_time + 1)

    def note(self, event: str, now: int) -> None:
        """Write an event into the history."""
        self.fresh.append({"time": now, "event": event, "status": self.status})

    def catch_up(self, now: int) -> bool:
        """Enter every status that is due; return whether anything changed."""
        changed = False
        while self.plan and self.plan[0][0] <= now:
            due, status = self.plan.pop(0)
            self._enter(status, due)
            changed = True
        return changed

    def set_status(self, status: str, now: int) -> None:
        """Put the job into a status, as the world would: at once, and nothing follows by itself."""
        self.plan.clear()
        self.waiting = None
        self.making_savepoint = None
        self._enter(status, now)
        self.status_desc = DESCRIPTIONS.get(status, "")
        self.plan.clear()

    @property
    def has_checkpoint(self) -> bool:
        """Whether a job that ended in an exception can go on from its last checkpoint [inferred]."""
        wanted = self.properties.get("resume_checkpoint", False)
        taken = self.properties.get("checkpoint_enabled") or self.properties.get("checkpoint_path")
        return bool(self.status == "job_running_exception" and wanted and taken and self.checkpoint)

    def run(
        self,
        resume_savepoint: bool,
        engine: Way,
        now: int,
        *,
        drop_savepoint: bool = False,
        waits: bool = False,
        reason: str = "",
    ) -> None:
        """Begin to submit the job; what it restores is recorded with the run.

        `waits` keeps it submitting until `admit`; a `reason` makes the submission fail.
        """
        fails = self.behaviour.take("fail_next_submit") or not self.properties.get("entrypoint") or bool(reason)
        self.reason = reason
        restored = None
        if resume_savepoint:
            restored = self.savepoint["path"] if self.savepoint else self.checkpoint
        self.runs.append({"submitted": now, "resume_savepoint": resume_savepoint, "restored_from": restored})
        if drop_savepoint:
            self._drop_used_savepoint()
        event = Event.RUN_FAILS if fails else Event.RUN
        self._begin(event, engine, now)
        if waits and self.status == "job_submitting":
            self.plan.clear()
            self.waiting = {"since": now, "event": event.value}
            self.status_desc = "Waiting for free CUs in the queue."

    def admit(self, engine: Way, now: int) -> None:
        """Let a waiting job have its CUs."""
        if self.waiting is not None:
            self.plan = engine.walk(Event(self.waiting["event"]), now)[1:]
            self.waiting, self.status_desc = None, ""
            self.catch_up(now)

    def stop(self, trigger_savepoint: bool, engine: Way, now: int) -> None:
        """Begin to stop the job, after a savepoint if wanted."""
        saving, self.savepoint_folder = trigger_savepoint and TABLE[self.status].savepoint, ""
        self.making_savepoint = "stop" if saving else None
        if saving and self.behaviour.take("fail_savepoint"):
            self.making_savepoint = None
            event = Event.STOP_SAVING_FAILS
        elif not saving and self.behaviour.take("fail_stop"):
            event = Event.STOP_FAILS
        else:
            event = Event.STOP_SAVING if saving else Event.STOP
        self._begin(event, engine, now)

    def save(self, engine: Way, now: int, folder: str = "") -> None:
        """Begin to make a savepoint of a running job, in a folder of OBS."""
        self.making_savepoint = "manual"
        self.savepoint_folder = folder and "obs://" + folder.removeprefix("obs://").rstrip("/")
        if self.behaviour.take("fail_savepoint"):
            self.making_savepoint = None
        self._begin(Event.SAVE, engine, now)

    def enter(self, status: str, now: int, desc: str = "") -> None:
        """Enter a status that the engine has brought the job to; `desc` is its reason."""
        self._enter(status, now)
        self.status_desc = desc or self.status_desc

    def recover(self, now: int) -> None:
        """Run again after an exception, within the same run: what began with the run stays."""
        self.status, self.status_desc = "job_running", ""
        self.runs[-1].pop("ended", None)
        self.runs[-1].pop("outcome", None)
        self.note("status", now)

    def _begin(self, event: Event, engine: Way, now: int) -> None:
        self.note(event.value, now)
        self.waiting = None
        self.plan = engine.walk(event, now)
        self.catch_up(now)

    def _enter(self, status: str, now: int) -> None:
        came_from, self.status = self.status, status
        self.status_desc = DESCRIPTIONS.get(status, "")
        if status == "job_submit_fail" and self.reason:
            self.status_desc = self.reason
        self.note("status", now)
        if came_from == "job_savepointing":
            self._finish_savepoint(now)
        if status == "job_running" and came_from != "job_savepointing":
            self._begin_to_run(now)
        if TABLE[status].stopped and self.runs:
            self.runs[-1].setdefault("ended", now)
            self.runs[-1].setdefault("outcome", status)

    def _finish_savepoint(self, now: int) -> None:
        if self.making_savepoint is None:
            self.status_desc = "The savepoint failed." if self.status == "job_running" else ""
            return
        folder = self.savepoint_folder or f"obs://savepoints/{self.job_id}"
        path = self.made_savepoint or f"{folder}/savepoint-{now}"
        self.savepoint = {"path": path, "time": now, "made_by": self.making_savepoint}
        self.making_savepoint, self.savepoint_folder, self.made_savepoint = None, "", ""

    def _begin_to_run(self, now: int) -> None:
        self.ever_ran = True
        self.start_time = now
        if self.runs:
            self.runs[-1]["running"] = now
        self._drop_used_savepoint()
        self._plan_the_end(now)

    def _drop_used_savepoint(self) -> None:
        # Huawei's documents: the savepoint that a stop made is removed after the restart.
        used = self.runs[-1]["restored_from"] if self.runs else None
        saved = self.savepoint
        if saved and saved["path"] == used and saved["made_by"] == "stop":
            self.savepoint = None

    def _plan_the_end(self, now: int) -> None:
        asked = self.behaviour
        crashes = asked.crash_after is not None and asked.crash_times != 0
        if crashes and asked.crash_after is not None:
            if asked.crash_times is not None:
                asked.crash_times -= 1
            self._plan_to_end(Event.CRASH, now, asked.crash_after)
        elif asked.finish_after is not None:
            self._plan_to_end(Event.FINISH, now, asked.finish_after)

    def _plan_to_end(self, event: Event, now: int, seconds: float) -> None:
        (status,) = WALKS[event]
        self.plan.append((now + round(seconds * 1000), status))


def to_record(job: Job) -> dict[str, Any]:
    """Return a job as it is kept: JSON, without what happened to it. It shares its parts with the job."""
    return {**{name: value for name, value in vars(job).items() if name != "fresh"}, "behaviour": vars(job.behaviour)}


def from_record(record: dict[str, Any]) -> Job:
    """Return the job that a record was made of."""
    known = {item.name for item in fields(Job)}
    values = {name: value for name, value in record.items() if name in known}
    values["behaviour"] = Behaviour(**record["behaviour"])
    values["plan"] = [(due, status) for due, status in record["plan"]]
    return Job(**values)
