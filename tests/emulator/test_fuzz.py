"""schemathesis tries to break the emulator by its own description, and finds nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli.emulator import contract
from pulumi_dli.emulator.server import Options, running

pytest.importorskip("schemathesis", reason="schemathesis needs Python 3.11 or later")

JOBS = 40
NOT_CHECKED = {
    # DLI answers 400 to what its description allows but a job's state forbids (and to 4.0 for an integer).
    "positive_data_acceptance",
    # Huawei's gateway knows method and path together: another method is an API that does not exist, 404.
    "unsupported_method",
}
NOT_GUESSED = {"CreateToken"}
"""Nobody guesses the password."""


def description(project_id: str, job_ids: list[int]) -> dict[str, Any]:
    """Return the description, narrowed to a project and jobs that there are, so that requests reach the handlers."""
    narrowed = deepcopy(contract.document())
    narrowed["components"]["parameters"]["project_id"]["schema"] = {"enum": [project_id]}
    narrowed["components"]["parameters"]["job_id"]["schema"] = {"type": "integer", "enum": job_ids}
    return narrowed


@pytest.mark.parametrize("examples", [5, pytest.param(100, marks=pytest.mark.full)])
def test_schemathesis_finds_nothing(api_of: Any, tmp_path: Path, examples: int) -> None:
    """No server error, no answer that is not described, nothing wrong accepted, nothing served without a token."""
    with running(Options(time_factor=1000)) as emulator:
        api = api_of(emulator)
        job_ids = [api.create(entrypoint="a.jar") for _ in range(JOBS)]
        api.run(*job_ids[::2])
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps(description(emulator.project_id, job_ids)))
        command = [
            str(Path(sys.executable).with_name("schemathesis")), "run", str(file), "--url", emulator.url,
            "--header", f"X-Auth-Token: {emulator.token}", "--max-examples", str(examples), "--seed", "1",
            "--exclude-checks", ",".join(sorted(NOT_CHECKED)), "--no-color",
        ]  # fmt: skip
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False)
        accepted = {each["operation"] for each in emulator.requests() if each["status"] in (200, 201, 204)}
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-1000:]
    assert accepted == set(contract.operations()) - NOT_GUESSED, "not every operation was ever carried out"
