"""The emulator on a real Flink: what it finds, what it refuses, who may use it, and that nothing outlives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pulumi_dli.emulator.flink import distribution, submission
from pulumi_dli.emulator.flink.choose import engine_for
from pulumi_dli.emulator.flink.obs_paths import ObjectError, Objects
from pulumi_dli.emulator.flink.status_mapping import Seen, next_status, reason, secret_parts
from pulumi_dli.emulator.jobs.runtime import UnavailableError
from pulumi_dli.emulator.server import Options, running
from support.counting import Count, Version, compiled, count_of, pack, pack_apart, require_flink

MOST_KB = 2_500_000
SECONDS = 240.0
NOW = 1_000_000


@pytest.fixture
def objects(tmp_path: Path) -> Objects:
    """A folder with one bucket and one file, and a file outside."""
    (tmp_path / "obs" / "jars").mkdir(parents=True)
    (tmp_path / "obs" / "jars" / "a.jar").write_text("jar")
    (tmp_path / "outside.jar").write_text("not yours")
    return Objects(tmp_path / "obs", tmp_path / "work")


def test_a_path_of_obs_is_a_file_of_the_folder(objects: Objects) -> None:
    """obs://bucket/key is bucket/key."""
    assert objects.file("obs://jars/a.jar").read_text() == "jar"


@pytest.mark.parametrize(
    "path", ["obs://jars/../../outside.jar", "obs://../outside.jar", "obs:///etc/passwd", "/etc/passwd", "jars/a.jar",
             "obs://jars//a.jar", "obs://jars", "obs://jars/b.jar", "obs://jars/..\\a.jar"],
)  # fmt: skip
def test_a_path_that_leads_out_or_to_nothing_is_refused(objects: Objects, path: str) -> None:
    """The reason names the path."""
    with pytest.raises(ObjectError, match="^" + path.replace("\\", "\\\\")):
        objects.file(path)


@pytest.mark.parametrize("link", ["jars/link.jar", "bucket"])
def test_a_link_that_leads_out_is_refused(objects: Objects, tmp_path: Path, link: str) -> None:
    """Whether the bucket or the object is one."""
    (objects.folder / link).symlink_to(tmp_path / "outside.jar" if link != "bucket" else tmp_path)
    with pytest.raises(ObjectError, match="leads out"):
        objects.file("obs://" + (link if link != "bucket" else "bucket/outside.jar"))


@pytest.mark.parametrize(
    ("noted", "newest"),
    [("chk-2", "chk-10"), ("chk-10", "chk-10"), ("savepoint-1", "savepoint-1")],
)
def test_the_newest_complete_checkpoint_stands_for_one_that_was_noted(
    objects: Objects, noted: str, newest: str
) -> None:
    """Flink goes on after the last look, and removes what it has replaced; a savepoint stays."""
    run = objects.place("obs://dli-checkpoints/ab12")
    for name in ("chk-9", "chk-10", "chk-11", "shared"):
        (run / name).mkdir(parents=True)
    for name in ("chk-9", "chk-10"):
        (run / name / "_metadata").touch()
    assert objects.newest(f"obs://dli-checkpoints/ab12/{noted}") == f"obs://dli-checkpoints/ab12/{newest}"


@pytest.mark.parametrize("noted", ["", "obs://dli-checkpoints/gone/chk-1", "/elsewhere/chk-1"])
def test_a_checkpoint_of_which_nothing_is_left_stays_as_it_was_noted(objects: Objects, noted: str) -> None:
    """Flink then says that it is not there."""
    assert objects.newest(noted) == noted


def test_without_a_folder_for_obs_it_does_not_start() -> None:
    """The sentence names the option."""
    with pytest.raises(UnavailableError, match="--flink needs --obs DIR"):
        engine_for(Options(flink=True), print)


def test_a_missing_java_is_one_sentence(tmp_path: Path) -> None:
    """It names what is needed."""
    (tmp_path / "lib").mkdir()
    with pytest.raises(UnavailableError, match=r"needs Java 11 or 17, and there is no java on PATH"):
        distribution.find({"FLINK_HOME": str(tmp_path), "PATH": str(tmp_path)})


@pytest.mark.parametrize("text", ["nonsense", "[1]", '["a"]', "3"])
def test_a_wrong_runtime_config_is_refused_without_its_value(text: str) -> None:
    """It may hold secrets."""
    with pytest.raises(submission.SettingsError, match=r"^runtime_config is neither") as caught:
        submission.runtime_config(text)
    assert "nonsense" not in str(caught.value)


def test_a_reason_is_the_root_cause_without_secrets() -> None:
    """One line; what stands in entrypoint_args is masked."""
    text = "a.b.FooException: outer\n\tat x\nCaused by: java.lang.IllegalStateException: no hunter2 in x\n\tat y\n"
    assert reason(text, secret_parts("--password=hunter2")) == "IllegalStateException: no *** in x"


@pytest.mark.parametrize(
    ("there", "status", "ran", "expected"),
    [
        (Seen("INITIALIZING", all_up=False), "job_submitting", False, None),
        (Seen("RUNNING", all_up=False), "job_submitting", False, None),
        (Seen("RUNNING", all_up=True), "job_submitting", False, "job_running"),
        (Seen("RUNNING", all_up=True), "job_running", True, None),
        (Seen("RUNNING", all_up=True, exception_time=NOW - 100), "job_running", True, "job_running_exception"),
        (Seen("RESTARTING", all_up=False), "job_submitting", False, "job_running_exception"),
        (Seen("RESTARTING", all_up=False), "job_running_exception", True, None),
        (Seen("FAILED", all_up=False), "job_submitting", False, "job_submit_fail"),
        (Seen("FAILED", all_up=False), "job_running", True, "job_running_exception"),
        (Seen("FINISHED", all_up=True), "job_submitting", False, "job_finish"),
    ],
)
def test_what_flink_says_is_a_status_of_dli(there: Seen, status: str, ran: bool, expected: str | None) -> None:
    """None: it stays."""
    assert next_status(status, ran, 0, there, NOW) == expected


@pytest.mark.parametrize(("age", "expected"), [(9_000, None), (11_000, "job_running")])
def test_a_job_counts_as_running_again_when_it_is_steady(age: int, expected: str | None) -> None:
    """Ten seconds without another exception."""
    there = Seen("RUNNING", all_up=True, exception_time=NOW - age)
    assert next_status("job_running_exception", True, NOW - age, there, NOW) == expected


class Program:
    """An emulator on Flink as a program, with its JVMs."""

    def __init__(self, folder: Path) -> None:
        obs = folder / "obs"
        obs.mkdir(exist_ok=True)
        ready = folder / f"ready-{time.monotonic_ns()}.json"
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
        command = [sys.executable, "-m", "pulumi_dli.emulator", "--port", "0", "--flink", "--obs", str(obs)]
        self.err = folder / "err"
        with self.err.open("w") as err:
            self.process = subprocess.Popen(
                [*command, "--ready-file", str(ready)], env=environment, stdout=subprocess.DEVNULL, stderr=err
            )
        deadline = time.monotonic() + SECONDS
        while not ready.exists():
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        self.facts: dict[str, Any] = json.loads(ready.read_text())
        (entry,) = (folder / "cache" / "pulumi-dli" / "flink-clusters").glob("*.json")
        left = json.loads(entry.read_text())
        self.pids, self.folders = left["pids"], left["remove"]
        told = subprocess.run(
            ["ps", "-o", "ppid=", "-p", str(self.pids[0])], capture_output=True, text=True, check=True
        )
        self.keeper = int(told.stdout)


def told(pid: int, what: str) -> str:
    shown = subprocess.run(["ps", "-o", f"{what}=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()


def lives(pid: int) -> bool:
    stat = told(pid, "stat")
    return bool(stat) and not stat.startswith("Z")


def wait_until_gone(*pids: int) -> None:
    deadline = time.monotonic() + 20
    while left := [pid for pid in pids if lives(pid)]:
        assert time.monotonic() < deadline, f"{left} live on"
        time.sleep(0.05)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Program]]:
    """Starts emulators on Flink; skipped without Java or Flink."""
    require_flink()
    started: list[Program] = []

    def begin() -> Program:
        started.append(Program(tmp_path))
        return started[-1]

    yield begin
    for each in started:
        each.process.kill()
        each.process.wait()
        for pid in filter(lives, (each.keeper, *each.pids)):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.full
@pytest.mark.flink
@pytest.mark.timeout(900)
def test_nothing_outlives_a_kill_and_flink_is_bounded_and_guarded(start: Callable[[], Program]) -> None:
    """Killed alone, its JVMs end at once; killed with their keeper, at the next start."""
    first = start()
    assert sum(int(told(pid, "rss")) for pid in first.pids) < MOST_KB

    url = first.facts["url"]
    assert requests.get(f"{url}/flink/jobs", timeout=30).status_code == 401
    browser = requests.Session()
    assert "Apache Flink" in browser.get(first.facts["flink"], timeout=30).text
    assert browser.get(f"{url}/flink/jobs", timeout=30).json() == {"jobs": []}
    assert browser.get(f"{url}/flink/jars/a.jar/plan", timeout=30).status_code == 403
    assert browser.post(f"{url}/flink/jars/upload", timeout=30).status_code >= 400

    first.process.kill()
    wait_until_gone(*first.pids, first.keeper)
    assert not Path(first.folders[0]).exists()

    second = start()
    os.kill(second.keeper, signal.SIGKILL)
    second.process.kill()
    wait_until_gone(second.keeper)
    assert all(map(lives, second.pids))

    third = start()
    wait_until_gone(*second.pids)
    assert "Ended 2 processes of Flink" in third.err.read_text()
    assert not Path(second.folders[0]).exists()
    third.process.terminate()
    assert third.process.wait(30) == 0
    wait_until_gone(*third.pids, third.keeper)


@pytest.mark.full
@pytest.mark.flink
@pytest.mark.timeout(900)
def test_a_restart_without_checkpoint_starts_empty_and_is_bounded(tmp_path: Path, api_of: Callable[..., Any]) -> None:
    """restart_when_exception without resume_checkpoint, at most resume_max_num times an hour."""
    require_flink()
    counts = tmp_path / "counts"
    counts.mkdir()
    pack(tmp_path / "obs" / "jars" / "a.jar", compiled(tmp_path, distribution.find().jars), Version(crash_after=300))
    with running(Options(flink=True, obs=tmp_path / "obs")) as emulator:
        api = api_of(emulator)
        job_id = api.create(
            queue_name="dev", entrypoint="obs://jars/a.jar", entrypoint_args=str(counts), restart_when_exception=True,
            resume_max_num=1, checkpoint_enabled=True, checkpoint_interval=1,
        )  # fmt: skip
        api.run(job_id)
        deadline = time.monotonic() + SECONDS
        while (job := emulator.job(job_id))["status"] != "job_running_exception" or "id" in job["engine"]:
            assert time.monotonic() < deadline, job
            time.sleep(0.1)
        assert len(job["engine"]["restarts_empty"]) == 1
        assert "stumbles" in job["status_desc"]
        found = count_of(counts)
        assert found is not None
        assert (found.at_start, found.now) == (0, 300)


@pytest.mark.full
@pytest.mark.flink
@pytest.mark.timeout(900)
def test_jobs_and_their_state_outlive_the_emulator_with_data(tmp_path: Path, api_of: Callable[..., Any]) -> None:
    """A savepoint restores on the next Flink, as does the last checkpoint of a job that the end of this one cut off.

    One of the jobs is made of a JAR, a dependency JAR and a dependency file.
    """
    require_flink()
    folders = {name: tmp_path / name for name in ("saved", "cut-off")}
    for folder in folders.values():
        folder.mkdir()
    classes = compiled(tmp_path, distribution.find().jars)
    pack(tmp_path / "obs" / "jars" / "whole.jar", classes, Version())
    pack_apart(tmp_path / "obs" / "jars", classes, Version())
    usual = {
        "queue_name": "dev", "checkpoint_enabled": True, "checkpoint_interval": 1, "resume_checkpoint": True,
    }  # fmt: skip
    options = Options(flink=True, obs=tmp_path / "obs", data=tmp_path / "dli.db")
    with running(options) as emulator:
        api = api_of(emulator)
        saved = api.create(entrypoint="obs://jars/whole.jar", entrypoint_args=str(folders["saved"]), **usual)
        cut_off = api.create(
            entrypoint="obs://jars/main.jar", entrypoint_args=str(folders["cut-off"]),
            dependency_jars=["obs://jars/count.jar"], dependency_files=["obs://jars/counting.properties"], **usual,
        )  # fmt: skip
        api.run(saved, cut_off)
        counted = {name: _counted(folder) for name, folder in folders.items()}
        checkpoints = emulator.job(cut_off)["engine"]["checkpoints"]
        # The next one may have begun before the count was read.
        _until(lambda: emulator.job(cut_off)["engine"]["checkpoints"] >= checkpoints + 2)
        api.stop(saved, trigger_savepoint=True)
        _until(lambda: emulator.job(saved)["status"] == "job_cancel_success")
    with running(options) as emulator:
        api = api_of(emulator)
        assert emulator.job(cut_off)["status"] == "job_running_exception"
        for path in tmp_path.glob("*/[0-9]"):
            path.unlink()
        api.run(saved, cut_off, resume_savepoint=True)
        for name, folder in folders.items():
            assert _counted(folder).at_start >= counted[name].now > 0, name


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _counted(folder: Path) -> Count:
    """Return the first count that is there of every key."""
    _until(lambda: count_of(folder) is not None)
    found = count_of(folder)
    assert found is not None
    return found
