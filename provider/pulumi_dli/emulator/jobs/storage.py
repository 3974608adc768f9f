"""What outlives a request: jobs, what happened to them, projects, queues and tokens, in SQLite.

A write is committed when the outermost `transaction` around it ends. With a file it is in WAL mode
and survives the process being killed at any moment (not a power cut: `synchronous` is NORMAL); the
file is locked while it is open, so that two emulators never share one. Tokens are kept as digests.
Callers serialise the access; see `state.State.lock`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .job import Job, from_record, to_record
from .migrations import migrate, version_of
from .queues import cus_of
from .statuses import TABLE

SECONDS_FOR_THE_LOCK = 1.0
ACTIVE = f"status NOT IN ({', '.join(repr(name) for name, status in TABLE.items() if status.stopped)})"
INSERT_EVENT = "INSERT INTO events (job_id, time, event, status) VALUES (?, ?, ?, ?)"


class UnusableFileError(Exception):
    """A data file that this emulator must not use; the message says why and what to do."""


@dataclass(frozen=True)
class Token:
    """An issued token. Without a project it is unscoped. `expires` is ms since the epoch."""

    project_id: str | None
    user: str
    expires: int


@dataclass(frozen=True)
class Page:
    """Which jobs of a project to list; None means any. `name` is part of a name."""

    project_id: str
    name: str = ""
    status: str | None = None
    queue_name: str | None = None
    job_type: str | None = None
    user_id: str | None = None
    tags: Mapping[str, str] | None = None
    rising: bool = False
    offset: int = 0
    limit: int = 10


class Storage:
    """The database, in a file or in memory."""

    def __init__(self, path: Path | None) -> None:
        """Open the database, bring an older file to today's layout; None keeps it in memory.

        Raises UnusableFileError for a file that is in use, of another program or of a later version.
        """
        self._depth = 0
        self._db = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False, timeout=SECONDS_FOR_THE_LOCK
        )
        try:
            self._open()
        except sqlite3.Error as error:
            self._db.close()
            raise UnusableFileError(f"cannot use {path}: {_reason(error)}") from None
        except ValueError as error:
            self._db.close()
            raise UnusableFileError(f"cannot use {path}: {error}") from None
        self._queues = dict(self._db.execute("SELECT name, cus FROM queues ORDER BY name"))

    def _open(self) -> None:
        # Exclusive: the lock is held from the first read until the process ends, however it ends.
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        version = version_of(self._db)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        with self.transaction():
            migrate(self._db, version)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is written inside together, or none of it if an error leaves the block."""
        if self._depth:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        else:
            self._db.execute("COMMIT")
        finally:
            self._depth = 0

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def next_job_id(self, first: int) -> int:
        """Return the next free job id; ids of deleted jobs are not used again."""
        (last,) = self._db.execute("SELECT max(job_id) FROM jobs").fetchone()
        return first if last is None else max(first, int(last) + 1)

    def save_job(self, job: Job) -> None:
        """Write a job, new or changed, and append what happened to it since it was read."""
        due = job.plan[0][0] if job.plan and not job.deleted else None
        row = (
            job.job_id, job.project_id, job.name, int(job.deleted), job.status, job.queue_name, cus_of(job), due,
            job.waiting_since, json.dumps(to_record(job)),
        )  # fmt: skip
        with self.transaction():
            self._db.execute("REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            events = [(job.job_id, each["time"], each["event"], each["status"]) for each in job.fresh]
            self._db.executemany(INSERT_EVENT, events)
        job.fresh.clear()

    def job(self, job_id: int) -> Job | None:
        """Return a job, deleted or not."""
        return self._one("SELECT record FROM jobs WHERE job_id = ?", job_id)

    def due_job(self, now: int) -> Job | None:
        """Return the job whose next status was due first, None if none is due by `now`."""
        return self._one("SELECT record FROM jobs WHERE due <= ? ORDER BY due, job_id LIMIT 1", now)

    def waiting_jobs(self, queue_name: str) -> list[Job]:
        """Return the submitted jobs that wait for CUs of a queue, the longest waiting first."""
        return self._many(
            "SELECT record FROM jobs WHERE queue_name = ? AND deleted = 0 AND waiting IS NOT NULL "
            "ORDER BY waiting, job_id",
            queue_name,
        )

    def taken_cus(self, queue_name: str) -> int:
        """Return how many CUs of a queue its active jobs take."""
        (taken,) = self._db.execute(
            f"SELECT coalesce(sum(cus), 0) FROM jobs "  # noqa: S608
            f"WHERE queue_name = ? AND deleted = 0 AND waiting IS NULL AND {ACTIVE}",
            (queue_name,),
        ).fetchone()
        return int(taken)

    def unrestful_jobs(self) -> list[Job]:
        """Return the jobs with which an engine has something to do: active ones, and those that it still holds."""
        return self._many(
            f"SELECT record FROM jobs WHERE (NOT deleted AND waiting IS NULL AND {ACTIVE}) "  # noqa: S608 (a constant)
            "OR json_extract(record, '$.engine.id') IS NOT NULL"
        )

    def shown_jobs(self, queue_name: str, limit: int) -> tuple[int, list[Job]]:
        """Return how many jobs are in a queue, and some of them: active ones first, then the newest."""
        where = "queue_name = ? AND deleted = 0"
        (count,) = self._db.execute(f"SELECT count(*) FROM jobs WHERE {where}", (queue_name,)).fetchone()  # noqa: S608
        order = f"ORDER BY {ACTIVE} DESC, job_id DESC"
        # Chosen in the index alone: records are long.
        chosen = f"SELECT job_id FROM jobs WHERE {where} {order} LIMIT ?"  # noqa: S608
        text = f"SELECT record FROM jobs WHERE job_id IN ({chosen}) {order}"  # noqa: S608
        return int(count), self._many(text, queue_name, limit)

    def used_queues(self) -> set[str]:
        """Return the names of the queues that jobs are in, whether they exist or not."""
        rows = self._db.execute("SELECT DISTINCT queue_name FROM jobs WHERE deleted = 0")
        return {name for (name,) in rows}

    def is_name_taken(self, project_id: str, name: str, but_by: int | None) -> bool:
        """Tell whether a job of the project, other than `but_by`, has the name."""
        found = self._db.execute(
            "SELECT 1 FROM jobs WHERE project_id = ? AND name = ? AND deleted = 0 AND job_id IS NOT ?",
            (project_id, name, but_by),
        )
        return found.fetchone() is not None

    def jobs(self, project_id: str | None = None, *, deleted: bool = False) -> list[Job]:
        """Return jobs by rising id: of one project or of all, with the deleted ones if wanted."""
        return self._many(
            "SELECT record FROM jobs WHERE (? IS NULL OR project_id = ?) AND deleted <= ? ORDER BY job_id",
            project_id, project_id, int(deleted),
        )  # fmt: skip

    def jobs_named(self, name: str) -> list[Job]:
        """Return the jobs of this name in all projects, the deleted ones too."""
        return self._many("SELECT record FROM jobs WHERE name = ?", name)

    def page(self, page: Page) -> tuple[int, list[Job]]:
        """Return how many jobs match, and those of the page."""
        where, values = _condition(page)
        (total,) = self._db.execute(f"SELECT count(*) FROM jobs WHERE {where}", values).fetchone()  # noqa: S608
        order = "" if page.rising else " DESC"
        text = f"SELECT record FROM jobs WHERE {where} ORDER BY job_id{order} LIMIT ? OFFSET ?"  # noqa: S608
        return int(total), self._many(text, *values, page.limit, page.offset)

    def history(self, job_id: int) -> list[dict[str, Any]]:
        """Return what happened to a job, oldest first: {time, event, status}."""
        rows = self._db.execute("SELECT time, event, status FROM events WHERE job_id = ? ORDER BY id", (job_id,))
        return [{"time": time, "event": event, "status": status} for time, event, status in rows]

    def add_project(self, project_id: str, name: str) -> None:
        """Write a project."""
        self._db.execute("REPLACE INTO projects VALUES (?, ?)", (project_id, name))

    def projects(self) -> dict[str, str]:
        """Return the names of all projects by their ids."""
        return dict(self._db.execute("SELECT id, name FROM projects ORDER BY id"))

    def set_queues(self, queues: Mapping[str, int | None]) -> None:
        """Make these the queues that exist, with their CUs (None: not bounded)."""
        with self.transaction():
            self._db.execute("DELETE FROM queues")
            self._db.executemany("INSERT INTO queues VALUES (?, ?)", queues.items())
        self._queues = dict(sorted(queues.items()))

    def queues(self) -> Mapping[str, int | None]:
        """Return the CUs of all queues by their names."""
        return self._queues

    def add_token(self, text: str, token: Token) -> None:
        """Write an issued token."""
        row = (digest(text), token.project_id, token.user, token.expires)
        self._db.execute("REPLACE INTO tokens VALUES (?, ?, ?, ?)", row)

    def token(self, text: str) -> Token | None:
        """Return an issued token, expired or not."""
        found = self._db.execute(
            "SELECT project_id, user, expires FROM tokens WHERE digest = ?", (digest(text),)
        ).fetchone()
        return Token(*found) if found else None

    def expire_tokens(self, now: int) -> int:
        """Make every issued token expired; return how many were valid."""
        changed = self._db.execute("UPDATE tokens SET expires = ? WHERE expires > ?", (now, now))
        return changed.rowcount

    def _one(self, text: str, *values: Any) -> Job | None:
        found = self._db.execute(text, values).fetchone()
        return from_record(json.loads(found[0])) if found else None

    def _many(self, text: str, *values: Any) -> list[Job]:
        return [from_record(json.loads(record)) for (record,) in self._db.execute(text, values)]


def digest(text: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def _condition(page: Page) -> tuple[str, list[Any]]:
    parts, values = ["project_id = ?", "deleted = 0"], [page.project_id]
    wanted = {
        "instr(name, ?)": page.name or None,
        "status = ?": page.status,
        "queue_name = ?": page.queue_name,
        "coalesce(json_extract(record, '$.properties.job_type'), 'flink_jar_job') = ?": page.job_type,
        "json_extract(record, '$.user_id') = ?": page.user_id,
    }
    for text, value in wanted.items():
        if value is not None:
            parts.append(text)
            values.append(value)
    for key, value in (page.tags or {}).items():
        parts.append("EXISTS (SELECT 1 FROM json_each(record, '$.tags') WHERE key = ? AND value = ?)")
        values += [key, value]
    return " AND ".join(parts), values


def _reason(error: sqlite3.Error) -> str:
    if "locked" in str(error):
        return "another emulator uses it; stop that one, or name another file"
    if "not a database" in str(error):
        return "it is no data file of the emulator; name another file"
    return str(error)
