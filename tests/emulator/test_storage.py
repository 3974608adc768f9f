"""The data file: nothing acknowledged is lost, one emulator at a time, and older files are taken over."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from pulumi_dli.emulator.jobs import migrations
from pulumi_dli.emulator.jobs.storage import Storage, UnusableFileError
from pulumi_dli.emulator.server import Options, running

RECORDED = Path(__file__).parent / "recorded"
SECONDS = 20.0


def program(folder: Path, data: Path) -> tuple[subprocess.Popen[str], Any]:
    """Start an emulator as a process of its own; return it with what it said when it was ready."""
    ready = folder / f"ready-{time.monotonic_ns()}.json"
    arguments = ["--port", "0", "--quiet", "--data", str(data), "--ready-file", str(ready)]
    process = subprocess.Popen(
        [sys.executable, "-m", "pulumi_dli.emulator", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + SECONDS
    while not ready.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process, json.loads(ready.read_text())


class Writer(threading.Thread):
    """Creates a job and updates it without pause; knows what was acknowledged."""

    def __init__(self, api: Any) -> None:
        super().__init__(daemon=True)
        self.api, self.job_id, self.acknowledged, self.sent = api, 0, -1, -1

    def run(self) -> None:
        try:
            self.job_id = self.api.create()
            while True:
                self.sent += 1
                assert self.api.update(self.job_id, desc=str(self.sent)).status_code == 200
                self.acknowledged = self.sent
        except requests.RequestException:
            pass


def test_a_kill_at_any_moment_loses_nothing_acknowledged(api_of: Any, tmp_path: Path) -> None:
    """Four writers at full speed, killed five times at random moments."""
    data, chance = tmp_path / "data.db", random.Random(7)  # noqa: S311 (no secret)
    known: dict[int, Writer] = {}
    for _ in range(5):
        process, facts = program(tmp_path, data)
        emulator = type("Ready", (), {**facts, "token": Options().token, "project_id": Options().projects[0].id})
        for job_id, writer in known.items():
            kept = int(api_of(emulator).detail(job_id)["desc"])
            assert writer.acknowledged <= kept <= writer.sent
        writers = [Writer(api_of(emulator)) for _ in range(4)]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.2, 0.6))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        for writer in writers:
            writer.join()
        known = {writer.job_id: writer for writer in writers if writer.acknowledged >= 0}
        assert known


def test_a_file_in_use_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """Two emulators on one file would each believe that they know all jobs."""
    data = tmp_path / "data.db"
    process, _ = program(tmp_path, data)
    try:
        second = [sys.executable, "-m", "pulumi_dli.emulator", "--port", "0", "--data", str(data)]
        refused = subprocess.run(second, capture_output=True, text=True, timeout=SECONDS, check=False)
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)
    sentence = f"cannot use {data}: another emulator uses it; stop that one, or name another file\n"
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", sentence)


def test_a_file_is_free_again_as_soon_as_its_emulator_was_killed(tmp_path: Path) -> None:
    """No lock file is left behind."""
    data = tmp_path / "data.db"
    process, _ = program(tmp_path, data)
    process.kill()
    process.communicate()
    Storage(data).close()


def test_the_file_is_in_wal_mode(tmp_path: Path) -> None:
    """A commit is one append, and readers of a copy see a whole state."""
    storage = Storage(tmp_path / "data.db")
    storage.close()
    db = sqlite3.connect(tmp_path / "data.db")
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()


def restored(path: Path) -> Path:
    """Make a data file as an older version wrote it."""
    db = sqlite3.connect(path)
    db.executescript((RECORDED / "data-1.sql").read_text())
    db.close()
    return path


def test_an_older_file_is_taken_over_with_all_that_it_holds(api_of: Any, tmp_path: Path) -> None:
    """Jobs, their history, tags and savepoints; and it works on."""
    with running(Options(data=restored(tmp_path / "data.db"), time_factor=1000)) as emulator:
        api = api_of(emulator)
        jobs = {job["name"]: job for job in emulator.jobs()}
        assert {name: job["status"] for name, job in jobs.items()} == {
            "running": "job_running", "stopped": "job_cancel_success", "deleted": "job_init", "draft": "job_init",
        }  # fmt: skip
        assert (jobs["deleted"]["deleted"], jobs["running"]["tags"]) == (True, {"team": "data"})
        assert jobs["stopped"]["savepoint"]["made_by"] == "stop"
        assert [event["event"] for event in jobs["running"]["history"]] == [
            "create", "run", "status", "status", "update smn_topic",
        ]  # fmt: skip
        listed = api.send("GET", "/streaming/jobs?queue_name=streaming").json()["job_list"]
        assert [job["name"] for job in listed["jobs"]] == ["running"]
        api.run(jobs["stopped"]["job_id"], resume_savepoint=True)
        api.wait(jobs["stopped"]["job_id"], "job_running")


def test_a_file_that_was_taken_over_has_the_layout_of_a_new_one(tmp_path: Path) -> None:
    """An upgrade leaves nothing behind that a fresh file does not have."""
    Storage(restored(tmp_path / "old.db")).close()
    Storage(tmp_path / "new.db").close()
    assert layout(tmp_path / "old.db") == layout(tmp_path / "new.db")


def layout(path: Path) -> tuple[Any, ...]:
    db = sqlite3.connect(path)
    found = sorted(db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    version = db.execute("PRAGMA user_version").fetchone()
    db.close()
    return (version, *found)


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (f"CREATE TABLE jobs (a); CREATE TABLE tokens (a); PRAGMA user_version={migrations.VERSION + 1}",
         "of a later version of pulumi-dli"),
        ("CREATE TABLE recipes (name)", "it is no data file of the emulator"),
    ],
    ids=["later", "foreign"],
)  # fmt: skip
def test_a_file_that_it_does_not_understand_is_refused_and_left_alone(
    tmp_path: Path, script: str, complaint: str
) -> None:
    path = tmp_path / "data.db"
    db = sqlite3.connect(path)
    db.executescript(script)
    db.close()
    before = path.read_bytes()
    with pytest.raises(UnusableFileError, match=complaint):
        Storage(path)
    assert path.read_bytes() == before


def test_a_request_that_breaks_down_halfway_changes_nothing(tmp_path: Path) -> None:
    """What one request writes is committed together."""
    storage = Storage(tmp_path / "data.db")
    with pytest.raises(RuntimeError, match="halfway"), storage.transaction():
        storage.add_project("p", "name")
        raise RuntimeError("halfway")
    assert storage.projects() == {}
    storage.close()
