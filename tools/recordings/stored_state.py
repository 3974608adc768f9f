"""Record what the current version of the provider stores, for the tests of all later versions."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from pulumi_dli.emulator.server import Emulator, Options, running
from pulumi_dli.schema.resource import INPUT_NAMES
from pulumi_dli.version import __version__
from support.adoption import made
from support.recorded_version import ENDPOINT, FOLDER
from support.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("program.py")


def main() -> int:
    """Record; return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/dev record", description=__doc__)
    parser.add_argument("--replace", action="store_true", help="record a version again that is not released yet")
    folder = FOLDER / __version__
    if not parser.parse_args().replace and folder.exists():
        print(
            f"scripts/dev record: {folder} exists; --replace is for a version that is not released yet", file=sys.stderr
        )
        return 1
    with tempfile.TemporaryDirectory() as scratch, running(Options(time_factor=1000, log_secrets=True)) as emulator:
        stack = _stack(Path(scratch) / "stack", emulator)
        made(emulator, "adopted")
        stack.up().expect_ok()
        stack.preview().expect_unchanged()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, text in _files(stack, emulator).items():
            (folder / name).write_text(text.replace(emulator.url, ENDPOINT), encoding="utf-8")
    print(f"recorded {folder.relative_to(ROOT)}")
    return 0


def _stack(folder: Path, emulator: Emulator) -> Stack:
    stack = Stack.made(folder, emulator, {})
    stack.program(PROGRAM.read_text(encoding="utf-8"))
    for name, value in {"endpoint": emulator.url, "projectId": emulator.project_id}.items():
        stack.run("config", "set", name, value).expect_ok()
    secrets = {
        "token": emulator.token,
        "arguments": "user=web password=made-up",
        "settings": '[{"key": "state.backend", "value": "rocksdb"}]',
    }
    for name, value in secrets.items():
        stack.run("config", "set", "--secret", name, value).expect_ok()
    return stack


def _files(stack: Stack, emulator: Emulator) -> dict[str, str]:
    """Return what is kept: the project, the state, and the jobs as they are on the service."""
    stored = stack.resources()
    used = {name for each in stored.values() for name in each["inputs"]}
    if missing := set(INPUT_NAMES) - used:
        raise SystemExit(f"scripts/dev record: {PROGRAM.name} does not use {', '.join(sorted(missing))}")
    files = {name: (stack.folder / name).read_text() for name in ("__main__.py", "Pulumi.yaml", "Pulumi.test.yaml")}
    jobs = [_kept(each) for each in emulator.jobs()]
    state = json.loads(stack.exported())
    for resource in state["deployment"]["resources"]:
        # Where the resource was declared, on this machine.
        for place in ("sourcePosition", "stackTrace"):
            resource.pop(place, None)
    return files | {"state.json": _json(state), "jobs.json": _json(jobs)}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


def _kept(job: dict[str, Any]) -> dict[str, Any]:
    return {name: job[name] for name in ("job_id", "status", "properties", "tags")}


if __name__ == "__main__":
    sys.exit(main())
