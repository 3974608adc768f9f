"""The layout of the data file, and how older files are brought to it.

The version stands in SQLite's `user_version`. Files of the first layout have none, and count as 1.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping

from .job import from_record
from .queues import cus_of

VERSION = 2
SCHEMA = """
CREATE TABLE jobs (
    job_id INTEGER PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, deleted INTEGER NOT NULL,
    status TEXT NOT NULL, queue_name TEXT NOT NULL, cus INTEGER NOT NULL, due INTEGER, waiting INTEGER,
    record TEXT NOT NULL);
CREATE INDEX jobs_of_project ON jobs (project_id, deleted, job_id);
CREATE INDEX jobs_by_name ON jobs (name, project_id);
CREATE INDEX jobs_in_queue ON jobs (queue_name, deleted, status, waiting, cus);
CREATE INDEX jobs_waiting ON jobs (queue_name, waiting) WHERE waiting IS NOT NULL;
CREATE INDEX jobs_due ON jobs (due) WHERE due IS NOT NULL;
CREATE TABLE events (
    id INTEGER PRIMARY KEY, job_id INTEGER NOT NULL, time INTEGER NOT NULL, event TEXT NOT NULL, status TEXT NOT NULL);
CREATE INDEX events_of_job ON events (job_id, id);
CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE queues (name TEXT PRIMARY KEY, cus INTEGER);
CREATE TABLE tokens (
    digest TEXT PRIMARY KEY, project_id TEXT, user TEXT NOT NULL, expires INTEGER NOT NULL);
"""


def version_of(db: sqlite3.Connection) -> int:
    """Return the layout of a database, 0 for an empty one; changes nothing.

    Raises ValueError with a sentence for a file of another program or of a later version.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and not {"jobs", "tokens"} <= tables:
        raise ValueError("it is no data file of the emulator; name another file")
    if version > VERSION:
        raise ValueError(f"its layout is {version}, of a later version of pulumi-dli; this one knows {VERSION}")
    return int(version) or (1 if tables else 0)


def migrate(db: sqlite3.Connection, version: int) -> None:
    """Bring a database of this version to today's layout, within the caller's transaction."""
    if version == 0:
        _run(db, SCHEMA)
    for step in range(version or VERSION, VERSION):
        STEPS[step](db)
    db.execute(f"PRAGMA user_version={VERSION}")


def _from_1(db: sqlite3.Connection) -> None:
    # 1 kept what happened to a job in its record, and neither status nor queue as columns.
    for name in ("jobs_of_project", "jobs_by_name"):
        db.execute(f"DROP INDEX IF EXISTS {name}")
    for name in ("jobs", "projects", "queues", "tokens"):
        db.execute(f"ALTER TABLE {name} RENAME TO old_{name}")
    _run(db, SCHEMA)
    for name in ("projects", "queues", "tokens"):
        db.execute(f"INSERT INTO {name} SELECT * FROM old_{name}")  # noqa: S608
    for job_id, project_id, name, deleted, text in db.execute("SELECT * FROM old_jobs").fetchall():
        record = json.loads(text)
        events = [(job_id, each["time"], each["event"], each["status"]) for each in record.pop("history", ())]
        db.executemany("INSERT INTO events (job_id, time, event, status) VALUES (?, ?, ?, ?)", events)
        plan = record["plan"]
        row = (
            job_id, project_id, name, deleted, record["status"], record["properties"].get("queue_name", ""),
            cus_of(from_record(record)), plan[0][0] if plan and not deleted else None, None, json.dumps(record),
        )  # fmt: skip
        db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    for name in ("jobs", "projects", "queues", "tokens"):
        db.execute(f"DROP TABLE old_{name}")


def _run(db: sqlite3.Connection, script: str) -> None:
    # executescript would commit the caller's transaction.
    for statement in script.split(";"):
        if statement.strip():
            db.execute(statement)


STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {1: _from_1}
