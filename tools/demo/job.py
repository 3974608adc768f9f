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
from pathlib import Path

from tools.local_dli import LocalDli, local_dli

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".run" / "demo"
TIME_FACTOR = 20
COPIED = ("Pulumi.yaml", "Pulumi.dev.yaml", "examples")


def main() -> int:
    """Run the demo; return 0 when every step showed what it should."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    project = _copied_project()
    with local_dli(FOLDER, "--time-factor", str(TIME_FACTOR)) as dli:
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


def _show_put(dli: LocalDli, project: Path) -> bool:
    """Print the PUT as the service received it, its answer, and the output; return whether they agree."""
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
