"""Which resource of this run manages which job: one job, one resource. It knows ids and URNs alone."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from pulumi_dli.errors import AdoptError
from pulumi_dli.schema.resource import IMPORT


class Claims:
    """The job ids of this run, and the resources that manage them. Safe to share between threads."""

    def __init__(self) -> None:
        """Know of none."""
        self._lock = threading.Lock()
        self._holders: dict[str, str] = {}
        self._made: dict[str, str] = {}
        self._live: set[str] = set()
        self._checked: set[str] = set()

    def claim(self, job_id: str | None, urn: str | None) -> None:
        """Note a resource's job. Raises AdoptError where another resource manages it already."""
        if job_id is None or urn is None:
            return
        with self._lock:
            holder = self._holders.setdefault(job_id, urn)
        if holder != urn:
            raise AdoptError(
                f"job {job_id} is managed by {holder.rpartition('::')[2]} already: one job, one resource",
                remedy="correct job_id, or remove one of the two from the program",
            )

    def note_check(self, urn: str | None, *, known: bool) -> bool:
        """Note a check of inputs; `known`: the state has the resource. Return whether it is seen to be replaced.

        Pulumi checks what it replaces once more, as if it were new; then its job is no longer one to keep.
        """
        if urn is None:
            return False
        with self._lock:
            replaced = not known and urn in self._checked
            self._checked.add(urn)
            if not known:
                self._live -= {job_id for job_id, holder in self._holders.items() if holder == urn}
            return replaced

    def note_live(self, job_id: str) -> None:
        """Note a job that a resource of this run has and keeps: a left-over copy in the state is not to delete it."""
        with self._lock:
            self._live.add(job_id)

    def is_live(self, job_id: str) -> bool:
        """Tell whether a resource of this run has the job, so that deleting another copy of it leaves it alone."""
        with self._lock:
            return job_id in self._live

    def note_made(self, job_id: str, urn: str | None) -> None:
        """Note the job of a create that failed after it: an error hook may have the create called again."""
        if urn is not None:
            with self._lock:
                self._made[urn] = job_id

    def made(self, urn: str | None) -> str | None:
        """Return the job that a failed create of this run made for a resource, once."""
        with self._lock:
            return self._made.pop(urn, None) if urn is not None else None

    def held_by_another(self, job_id: str, urn: str | None) -> bool:
        """Tell whether a job belongs to another resource."""
        with self._lock:
            return self._holders.get(job_id) not in (None, urn)


def refuse_other_job(job_id: str, news: Mapping[str, Any]) -> None:
    """Raise AdoptError where the program names another job than the resource has."""
    option = "job_id" if news.get("job_id") else "import_"
    named = news.get("job_id") or news.get(IMPORT)
    if isinstance(named, str) and named != job_id:
        raise AdoptError(
            f"{option} names job {named}, but this resource manages job {job_id}",
            remedy=f"to manage {named} instead, first forget this one with pulumi state delete, or declare {named} as "
            "a resource of its own",
        )
