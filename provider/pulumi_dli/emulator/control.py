"""The controls: what a test may ask of the emulator, over HTTP or in the process.

Every method takes and returns JSON-like data, under the state's lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import asdict, fields
from typing import Any

from . import contract
from .jobs.job import Behaviour, Job, to_record
from .jobs.state import State, now_ms
from .jobs.statuses import TABLE
from .steering.faults import is_amount

WRITES = frozenset({"PUT", "POST", "DELETE"})


class UnknownError(LookupError):
    """There is no such job or fault."""


class Control:
    """Look into a running emulator and change what happens there."""

    def __init__(self, state: State) -> None:
        """Work on this state."""
        self.state = state

    def requests(
        self,
        operation: str | None = None,
        job: int | str | None = None,
        writes_only: bool = False,
        since: int = 0,
    ) -> list[dict[str, Any]]:
        """Return the requests so far, oldest first.

        `writes_only` keeps PUT, POST and DELETE of the DLI operations, without Keystone's.
        """
        with self.state.lock:
            found = self.state.journal.entries(since, operation, self._ids(job))
            if writes_only:
                found = [entry for entry in found if _is_write(entry)]
            return deepcopy(found)

    def clear_requests(self) -> None:
        """Forget the requests and the broken rules so far."""
        with self.state.lock:
            self.state.journal.clear()

    def violations(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the broken rules so far, of one kind or all."""
        with self.state.lock:
            found = self.state.journal.violations
            return [dict(entry) for entry in found if kind in (None, entry["kind"])]

    def add_fault(self, **settings: Any) -> str:
        """Script a fault (see `faults.Fault` for the settings); return its id."""
        with self.state.lock:
            return self.state.faults.add(**settings)

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults, with how often each applied and how many requests it holds."""
        with self.state.lock:
            return self.state.faults.all()

    def release(self, fault_id: str) -> None:
        """Let go the requests that a fault holds."""
        with self.state.lock:
            if not self.state.faults.release(fault_id):
                raise UnknownError(f"no fault {fault_id}")

    def remove_fault(self, fault_id: str) -> None:
        """Remove a fault, releasing what it holds."""
        with self.state.lock:
            if not self.state.faults.remove(fault_id):
                raise UnknownError(f"no fault {fault_id}")

    def clear_faults(self) -> None:
        """Remove all faults, releasing what they hold."""
        with self.state.lock:
            self.state.faults.remove()

    def jobs(self) -> list[dict[str, Any]]:
        """Return all jobs as they are kept, the deleted ones too."""
        with self.state.lock:
            return [self._shown(job) for job in self.state.jobs(deleted=True)]

    def job(self, id_or_name: int | str) -> dict[str, Any]:
        """Return a job as it is kept."""
        with self.state.lock:
            return self._shown(self._job(id_or_name))

    def patch_job(
        self,
        id_or_name: int | str,
        *,
        status: str | None = None,
        properties: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Change a job as somebody else would have: no rules, no request in the log.

        `savepoint=None` removes its savepoint, `savepoint="obs://..."` gives it one,
        `tags={...}` replaces its tags. A property set to None becomes unset.
        """
        with self.state.lock:
            job, now = self._job(id_or_name), now_ms()
            _patch_properties(job, properties, now)
            _patch_more(job, more, now)
            if status is not None:
                self._require_scripted()
                _patch_status(job, status, now)
            self.state.save(job, now)
            return self._shown(self._job(job.job_id))

    def set_behaviour(self, id_or_name: int | str, **settings: Any) -> dict[str, Any]:
        """Say how a job is to behave (see `job.Behaviour`); what is left out stays."""
        with self.state.lock:
            self._require_scripted()
            job = self._job(id_or_name)
            known = {item.name: item.default for item in fields(Behaviour)}
            for name, value in settings.items():
                if name not in known or not (is_amount(value) or value is known[name] is None):
                    raise ValueError(f"a behaviour has no such {name}")
                setattr(job.behaviour, name, value)
            self.state.storage.save_job(job)
            return asdict(job.behaviour)

    def set_durations(self, durations: Mapping[str, float]) -> dict[str, float]:
        """Say how many seconds (real time) passing statuses last from the next event on."""
        with self.state.lock:
            for name, seconds in durations.items():
                if name not in TABLE or not is_amount(seconds):
                    raise ValueError(f"no status and seconds: {name}")
            self.state.durations.overrides.update(durations)
            return dict(self.state.durations.overrides)

    def expire_tokens(self) -> int:
        """Make all issued tokens expired; return how many were valid."""
        with self.state.lock:
            return self.state.storage.expire_tokens(now_ms())

    def _job(self, id_or_name: int | str) -> Job:
        job = self.state.find(id_or_name)
        if job is None:
            raise UnknownError(f"no job {id_or_name}")
        return job

    def _require_scripted(self) -> None:
        if not self.state.engine.scripted:
            raise ValueError("with --flink a job does what its JAR does: give it another one")

    def _shown(self, job: Job) -> dict[str, Any]:
        return {"name": job.name, **deepcopy(to_record(job)), "history": self.state.storage.history(job.job_id)}

    def _ids(self, id_or_name: int | str | None) -> Iterable[int] | None:
        if id_or_name is None:
            return None
        job = self.state.find(id_or_name)
        return [job.job_id] if job else []


def _is_write(entry: Mapping[str, Any]) -> bool:
    return entry["method"] in WRITES and entry["operation"] != "CreateToken"


def _patch_properties(job: Job, properties: Mapping[str, Any] | None, now: int) -> None:
    if properties is None:
        return
    for name, value in properties.items():
        _check_property(name, value)
    job.properties.update(properties)
    job.properties = {k: value for k, value in job.properties.items() if value is not None}
    job.touch(now)
    job.note("changed by somebody else", now)


# Types of the details page that the update page does not take: such a job was made by other means.
_OTHER_TYPES = frozenset({"flink_sql_job", "flink_opensource_sql_job"})


def _check_property(name: str, value: Any) -> None:
    if name == "job_type" and value in _OTHER_TYPES:
        return
    schema = contract.job_properties().get(name)
    if schema is None:
        raise ValueError(f"a job has no {name}")
    if value is not None:
        contract.raise_worst(contract.validator(schema).iter_errors(value), name)


def _patch_more(job: Job, more: Mapping[str, Any], now: int) -> None:
    for name, value in more.items():
        if name == "tags":
            job.tags = dict(value)
        elif name == "savepoint":
            made = {"path": value, "time": now, "made_by": "patch"}
            job.savepoint = None if value is None else made
        else:
            raise ValueError(f"no {name} can be changed in a job")


def _patch_status(job: Job, status: str, now: int) -> None:
    if status not in TABLE:
        raise ValueError(f"there is no status {status}")
    job.set_status(status, now)
