"""Jobs that somebody made by hand, and a folder in which `pulumi-dli adopt` makes a program of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from pulumi_dli.emulator.options import PASSWORD
from pulumi_dli.emulator.server import Emulator
from support.stack import Result, Stack


def by_hand(emulator: Emulator, method: str, path: str, body: Any = None) -> Any:
    """Do something that is not Pulumi's doing, as somebody in the console would."""
    url = f"{emulator.url}/v1.0/{emulator.project_id}/streaming/{path}"
    answer = requests.request(method, url, json=body, headers={"X-Auth-Token": emulator.token}, timeout=10)
    answer.raise_for_status()
    return answer.json()


def made(emulator: Emulator, name: str, status: str = "job_running", **properties: Any) -> str:
    """Make a job that Pulumi does not know; return its id."""
    body = {"name": name, "queue_name": "streaming", "entrypoint": "obs://artifacts/job.jar", **properties}
    job_id = str(by_hand(emulator, "POST", "flink-jobs", body)["job"]["job_id"])
    emulator.patch_job(int(job_id), status=status)
    return job_id


def account(emulator: Emulator) -> dict[str, str]:
    """Return the environment of a user of the service."""
    return {
        "OS_USERNAME": "emulator",
        "OS_PASSWORD": PASSWORD,
        "OS_DOMAIN_NAME": "emulator",
        "OS_PROJECT_ID": emulator.project_id,
        "OS_AUTH_URL": emulator.auth_url,
    }


def empty(folder: Path, environment: Mapping[str, str]) -> Stack:
    """Return a folder without a project, with a backend beside it; the stack in it is not made yet."""
    (folder / "backend").mkdir(parents=True)
    return Stack(folder, dict(environment))


def adopt(stack: Stack, emulator: Emulator, *options: str) -> Result:
    """Run `pulumi-dli adopt` in a stack's folder."""
    place = ("--endpoint", emulator.url, "--region", "eu-de", "--stack", "test")
    return stack.command(sys.executable, "-m", "pulumi_dli.cli", "adopt", *place, *options)


def writes(emulator: Emulator) -> list[str]:
    """Return everything that is no GET and no login."""
    return [each["operation"] for each in emulator.requests(writes_only=True)]
