"""What outlives a request: jobs, projects and tokens, in SQLite.

A write is committed when the method returns. With a file it is in WAL mode and survives the
process being killed at any moment (not a power cut: `synchronous` is NORMAL). Tokens are kept as
digests. Callers serialise the access; see `state.State.lock`.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .job import Job, from_record

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    job_id INTEGER PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL,
    deleted INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS jobs_of_project ON jobs (project_id, deleted, job_id);
CREATE INDEX IF NOT EXISTS jobs_by_name ON jobs (project_id, name);
CREATE TABLE IF NOT EXISTS projects (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, cus INTEGER);
CREATE TABLE IF NOT EXISTS tokens (
    digest TEXT PRIMARY KEY, project_id TEXT, user TEXT NOT NULL, expires INTEGER NOT NULL);
"""


@dataclass(frozen=True)
class Token:
    """An issued token. Without a project it is unscoped. `expires` is ms since the epoch."""

    project_id: str | None
    user: str
    expires: int


class Storage:
    """The database, in a file or in memory."""

    def __init__(self, path: Path | None) -> None:
        """Open the database and create what is missing; None keeps it in memory."""
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def next_job_id(self, first: int) -> int:
        """Return the next free job id; ids of deleted jobs are not used again."""
        (last,) = self._db.execute("SELECT max(job_id) FROM jobs").fetchone()
        return first if last is None else max(first, int(last) + 1)

    def save_job(self, job: Job) -> None:
        """Write a job, new or changed."""
        self._db.execute(
            "REPLACE INTO jobs VALUES (?, ?, ?, ?, ?)",
            (job.job_id, job.project_id, job.name, int(job.deleted), json.dumps(asdict(job))),
        )

    def job(self, job_id: int) -> Job | None:
        """Return a job, deleted or not."""
        found = self._db.execute("SELECT record FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        return from_record(json.loads(found[0])) if found else None

    def is_name_taken(self, project_id: str, name: str, but_by: int | None) -> bool:
        """Tell whether a job of the project, other than `but_by`, has the name."""
        found = self._db.execute(
            "SELECT 1 FROM jobs WHERE project_id = ? AND name = ? AND NOT deleted AND job_id IS NOT ?",
            (project_id, name, but_by),
        )
        return found.fetchone() is not None

    def jobs(self, project_id: str | None = None, *, deleted: bool = False) -> list[Job]:
        """Return jobs by rising id: of one project or of all, with the deleted ones if wanted."""
        rows = self._db.execute(
            "SELECT record FROM jobs WHERE (? IS NULL OR project_id = ?) AND deleted <= ? ORDER BY job_id",
            (project_id, project_id, int(deleted)),
        )
        return [from_record(json.loads(record)) for (record,) in rows]

    def add_project(self, project_id: str, name: str) -> None:
        """Write a project."""
        self._db.execute("REPLACE INTO projects VALUES (?, ?)", (project_id, name))

    def projects(self) -> dict[str, str]:
        """Return the names of all projects by their ids."""
        return dict(self._db.execute("SELECT id, name FROM projects ORDER BY id"))

    def set_queues(self, queues: Mapping[str, int | None]) -> None:
        """Make these the queues that exist, with their CUs (None: not bounded)."""
        self._db.execute("BEGIN")
        self._db.execute("DELETE FROM queues")
        self._db.executemany("INSERT INTO queues VALUES (?, ?)", queues.items())
        self._db.execute("COMMIT")

    def queues(self) -> dict[str, int | None]:
        """Return the CUs of all queues by their names."""
        return dict(self._db.execute("SELECT name, cus FROM queues ORDER BY name"))

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


def digest(text: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()
