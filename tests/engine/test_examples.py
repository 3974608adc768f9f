"""The main example runs as it stands, with the configuration of each of its stacks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.stack import Stack
from pulumi_dli.emulator.server import Emulator

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"dev": (2, 1, "dev"), "staging": (4, 2, "staging"), "prod": (40, 32, "prod")}


def example(folder: Path, stack: str, emulator: Emulator) -> Stack:
    """Copy the project with one stack's configuration, pointed at the emulator."""
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    config = (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    changed = ("  dli:endpoint:", "  dli:projectId:", "  clickstream:settleTime:")
    kept = [line for line in config.splitlines() if not line.startswith(changed)]
    ours = [f"  dli:endpoint: {json.dumps(emulator.url)}", '  clickstream:settleTime: "0"']
    (folder / "Pulumi.test.yaml").write_text("\n".join([*kept, *ours]) + "\n", encoding="utf-8")
    (folder / "backend").mkdir()
    account = {"OS_USERNAME": "emulator", "OS_PASSWORD": "emulator", "OS_DOMAIN_NAME": "emulator"}
    project = {"OS_PROJECT_ID": emulator.project_id, "OS_AUTH_URL": emulator.auth_url}
    made = Stack(folder, {**account, **project})
    made.run("stack", "init", "test").expect_ok()
    return made


@pytest.mark.parametrize("stack", SIZES)
def test_the_main_example_runs_with_each_stack_s_configuration(stack: str, tmp_path: Path, emulator: Emulator) -> None:
    """`dev` by its token, `staging` and `prod` by a login from the environment; each job has its stack's size."""
    example(tmp_path, stack, emulator).up().expect_ok()
    (job,) = emulator.jobs()
    sizes = tuple(job["properties"][name] for name in ("cu_number", "parallel_number", "queue_name"))
    assert (job["status"], sizes) == ("job_running", SIZES[stack])


@pytest.mark.parametrize("chosen", ["often_fails", pytest.param("", marks=pytest.mark.full)], ids=["one", "all"])
def test_the_suite_for_users_runs_as_it_stands(chosen: str, tmp_path: Path) -> None:
    """`examples/testing`, copied to where a user's project would be; a single one of its tests in the first tier."""
    folder = shutil.copytree(ROOT / "examples" / "testing", tmp_path / "suite")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-k", chosen]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stdout
