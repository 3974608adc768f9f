"""A stack that is measured: its commands on the real CLI, and how long each takes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.local_dli import LocalDli

HERE = Path(__file__).resolve().parent
OURS, EMPTY = "pulumi-dli", "empty"
FIRST: Mapping[str, Any] = {"cu_number": 2, "parallel_number": 1, "smn_topic": "urn:smn:0"}
TIMEOUT = 3600


def surroundings(folder: Path) -> dict[str, str]:
    """Return the environment for Pulumi with a backend in a folder: without anybody's credentials."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "HW_", "PYTHONPATH"))}
    return clean | {
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "bench",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


@dataclass(frozen=True)
class Run:
    """One command: its time on the clock and its processor time, in seconds."""

    wall: float
    cpu: float


@dataclass
class Stack:
    """A stack with jobs of one provider, on a file backend of its own."""

    folder: Path
    provider: str
    jobs: int
    environment: Mapping[str, str] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=lambda: dict(FIRST))
    shards: int = 0
    """Among how many explicit providers the jobs are shared; 0: the default one has all."""
    logs_in: bool = False
    """Whether it logs in with a password, rather than having a token."""

    def make(self, dli: LocalDli) -> None:
        """Write project and configuration, and make the stack."""
        (self.folder / "backend").mkdir(parents=True)
        self._write("Pulumi.yaml", "name: bench\nruntime: python\n")
        self._write("__main__.py", (HERE / "program.py").read_text(encoding="utf-8"))
        lines = [f"  dli:{name}: {json.dumps(value)}" for name, value in self._config(dli).items()]
        self._write("Pulumi.bench.yaml", "\n".join(["config:", *lines]) + "\n")
        self.set()
        self.run("stack", "init", "bench")

    def set(self, **properties: Any) -> None:
        """Change properties of all jobs in the program."""
        self.properties |= properties
        settings = {
            "provider": self.provider,
            "jobs": self.jobs,
            "properties": self.properties,
            "shards": self.shards,
        }
        self._write("bench.json", json.dumps(settings))

    def run(self, *command: str) -> Run:
        """Run a command of the CLI; a failure ends the benchmark with its words."""
        place = [] if command[0] == "stack" else ["--stack", "bench"]
        before, began = _cpu(), time.monotonic()
        ran = subprocess.run(
            ["pulumi", *command, *place, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        wall = time.monotonic() - began
        if ran.returncode:
            raise SystemExit(f"{ran.stdout}{ran.stderr}\n{self.provider}: pulumi {' '.join(command)} failed")
        return Run(wall, _cpu() - before)

    def state_bytes(self) -> int:
        """Return how many bytes the backend keeps of the stack's newest state."""
        (path,) = (self.folder / "backend" / ".pulumi" / "stacks").rglob("bench.json")
        return path.stat().st_size

    def _config(self, dli: LocalDli) -> dict[str, str]:
        place = {"endpoint": dli.url, "region": "eu-de", "projectId": "d11e" + "1".rjust(28, "0")}
        return place | (LOGIN | {"authUrl": f"{dli.url}/v3"} if self.logs_in else {"token": TOKEN})

    def _environment(self) -> dict[str, str]:
        return {**surroundings(self.folder), "PYTHONPATH": str(HERE.parents[1]), **self.environment}

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")


TOKEN = "emulator-token"  # noqa: S105 - documented, and worth nothing
LOGIN = {"userName": "emulator", "password": "emulator-password", "domainName": "emulator"}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
