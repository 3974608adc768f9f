"""Versions of the counting job: compiled from its source, packed into JARs, its count read from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("CountingJob.java")
KEYS = 8
SECONDS = 180


def require_flink() -> None:
    """Skip without a JDK or Flink, and say why; on CI with a JDK, fail without Flink."""
    if shutil.which("java") is None or shutil.which("javac") is None:
        pytest.skip("no java and javac on PATH: install a JDK 17 for the tests on a real Flink")
    if not os.environ.get("FLINK_HOME"):
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("no FLINK_HOME: run scripts/test --flink, or set it to what scripts/dev flink prints")


@dataclass(frozen=True)
class Version:
    """What distinguishes a version of the job. `crash_after` is in numbers per start and subtask; 0 is never."""

    uid: str = "count"
    state: str = "number"
    crash_after: int = 0


def compiled(folder: Path, jars: Path) -> Path:
    """Compile the job against Flink's JARs; return the folder of its classes."""
    classes = folder / "classes"
    command = ["javac", "-nowarn", "--release", "11", "-cp", f"{jars}/*", "-d", str(classes), str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return classes


def pack(target: Path, classes: Path, version: Version) -> None:
    """Write a JAR of one version of the job."""
    _write_jar(target, classes, "*.class", {"counting.properties": _settings(version)})


def pack_apart(folder: Path, classes: Path, version: Version) -> None:
    """Write the same as three files: main.jar, which is nothing without count.jar and counting.properties."""
    _write_jar(folder / "main.jar", classes, "CountingJob.class", {})
    _write_jar(folder / "count.jar", classes, "CountingJob$*.class", {})
    (folder / "counting.properties").write_text(_settings(version))


def _write_jar(target: Path, classes: Path, pattern: str, more: dict[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nMain-Class: CountingJob\n\n")
        for name, text in more.items():
            jar.writestr(name, text)
        for path in sorted(classes.glob(pattern)):
            jar.write(path, path.name)


def _settings(version: Version) -> str:
    lines = {"uid": version.uid, "state": version.state, "crashAfter": version.crash_after}
    return "".join(f"{name}={value}\n" for name, value in lines.items())


@dataclass(frozen=True)
class Count:
    """The job's count: now, when it was last started, and how many subtasks count."""

    now: int
    at_start: int
    subtasks: int


def count_of(folder: Path) -> Count | None:
    """Return what the job has written into its folder, None if there is not yet a count for each key."""
    parts = [path.read_text().split() for path in folder.glob("[0-9]") if path.is_file()]
    if len(parts) < KEYS:
        return None
    numbers = [[int(each) for each in part] for part in parts]
    return Count(sum(part[0] for part in numbers), sum(part[1] for part in numbers), len({part[2] for part in numbers}))
