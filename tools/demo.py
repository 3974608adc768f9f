"""The main job, end to end: a real `pulumi up` changes two properties of a Flink JAR job by one PUT.

Works on a copy of the project in `.run/demo` and against the emulator, so it needs no account and
changes no tracked file. Called by `scripts/demo`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".run" / "demo"
TIME_FACTOR = 20
START_TIMEOUT = 30.0
COPIED = ("Pulumi.yaml", "Pulumi.dev.yaml", "examples")


def main() -> int:
    """Run the demo; return 0 when every step showed what it should."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    project = _copied_project()
    with _emulator() as dli:
        _say(f"The emulator of DLI listens on {dli.url} ({TIME_FACTOR} times faster than life)")
        _pulumi(project, "stack", "init", "dev", quiet=True)
        _pulumi(project, "config", "set", "dli:endpoint", dli.url, quiet=True)

        _say("pulumi up: create the job of the dev stack and start it")
        _pulumi(project, "up", "--yes", "--skip-preview")

        _say("Change two properties: cuNumber 2 -> 4, parallelNumber 1 -> 2 in the stack's config")
        _pulumi(project, "config", "set", "cuNumber", "4", quiet=True)
        _pulumi(project, "config", "set", "parallelNumber", "2", quiet=True)

        _say("pulumi preview --diff: what a reviewer sees; nothing is sent to DLI")
        _pulumi(project, "preview", "--diff")

        _say("pulumi up: stop with a savepoint, PUT, start from the savepoint")
        _pulumi(project, "up", "--yes", "--skip-preview")
        shown = _show_put(dli, project)

        _say("pulumi up again: nothing changed")
        before = dli.last_request()
        _pulumi(project, "up", "--yes", "--skip-preview")
        count = len(dli.requests(since=before))
        _say(f"Requests that this up sent to DLI: {count}")
    print(f"\nDone; nothing is left running. The demo's project and state are in {FOLDER.relative_to(ROOT)}/")
    return 0 if shown and count == 0 else 1


class Emulator:
    """The running emulator, seen through its controls."""

    def __init__(self, started: dict[str, Any]) -> None:
        """Take what the emulator said when it was ready."""
        self.url: str = started["url"]
        self._headers = {"X-Emulator-Token": started["control_token"]}

    def requests(self, since: int = 0, operation: str | None = None) -> list[dict[str, Any]]:
        """Return the requests that the service received after number `since`."""
        query: dict[str, str | int] = {"since": since, **({"operation": operation} if operation else {})}
        answer = requests.get(f"{self.url}/_emulator/requests", params=query, headers=self._headers, timeout=10)
        answer.raise_for_status()
        parsed = answer.json()
        return list(parsed["requests"] if isinstance(parsed, dict) else parsed)

    def last_request(self) -> int:
        """Return the number of the newest request."""
        return max((int(each["seq"]) for each in self.requests()), default=0)


def _copied_project() -> Path:
    project = FOLDER / "project"
    project.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, project / name)
    (FOLDER / "backend").mkdir()
    return project


@contextmanager
def _emulator() -> Iterator[Emulator]:
    ready = FOLDER / "emulator.json"
    log = (FOLDER / "emulator.log").open("w")
    command = [sys.executable, "-m", "pulumi_dli.cli", "emulator", "--port", "0", "--time-factor", str(TIME_FACTOR)]
    process = subprocess.Popen([*command, "--ready-file", str(ready)], stdout=log, stderr=log)
    try:
        yield Emulator(_started(process, ready))
    finally:
        process.terminate()
        process.wait(timeout=START_TIMEOUT)
        log.close()


def _started(process: subprocess.Popen[bytes], ready: Path) -> dict[str, Any]:
    end = time.monotonic() + START_TIMEOUT
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"the emulator did not start; see {FOLDER.relative_to(ROOT)}/emulator.log")
        time.sleep(0.05)
    return dict(json.loads(ready.read_text()))


def _pulumi(project: Path, *command: str, quiet: bool = False) -> str:
    """Run the CLI in the copied project; a failure ends the demo with the CLI's own words."""
    place = [] if command[0] == "stack" and command[1] == "init" else ["--stack", "dev"]
    environment = os.environ | {
        "PULUMI_BACKEND_URL": f"file://{FOLDER / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "demo",
    }
    capture = subprocess.PIPE if quiet else None
    sys.stdout.flush()
    ran = subprocess.run(
        ["pulumi", *command, *place, "--non-interactive", *(["--suppress-progress"] if command[0] == "up" else [])],
        cwd=project, env=environment, stdout=capture, stderr=capture, text=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise SystemExit(f"{ran.stdout or ''}{ran.stderr or ''}\npulumi {' '.join(command)} failed")
    return ran.stdout or ""


def _show_put(dli: Emulator, project: Path) -> bool:
    """Print the PUT as the service received it, its answer, and the output; tell whether they agree."""
    (put,) = dli.requests(operation="UpdateFlinkJarJob")
    stored = json.loads(_pulumi(project, "stack", "output", "update_time", "--json", quiet=True))
    _say("The one PUT, as the service received it")
    print(f"PUT {put['path']}\n{json.dumps(put['body'], indent=4)}")
    _say("The service's answer")
    print(json.dumps(put["answer"], indent=4))
    _say(f"The stack's output update_time: {stored}")
    return bool(stored == put["answer"]["job"]["update_time"])


def _say(text: str) -> None:
    print(f"\n=== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
