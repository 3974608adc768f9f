"""From a Terraform state to a stack: the commands of the guide, run on a recorded state."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from support.adoption import account, empty, made, writes
from support.stack import Result, Stack

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / "tests" / "recorded" / "terraform.tfstate"
GUIDE = ROOT / "docs" / "how-to" / "migrating-from-terraform.md"
PROPERTIES = {
    "description": "desc",
    "cu_num": "cu_number",
    "parallel_num": "parallel_number",
    "manager_cu_num": "manager_cu_number",
    "tm_cu_num": "tm_cus",
}
OWN = ("id", "name", "region", "status", "tags", "timeouts", "runtime_config")


def commands() -> list[str]:
    """Return the guide's commands: the lines of its first block."""
    block = re.search(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    return block[1].splitlines()


def made_as_in_terraform(emulator: Emulator) -> None:
    """Make the jobs as Terraform's provider makes them, every property written out."""
    for resource in json.loads(STATE.read_text())["resources"]:
        if resource["type"] == "huaweicloud_dli_flinkjar_job":
            for instance in resource["instances"]:
                _made(emulator, instance["attributes"])


def _made(emulator: Emulator, attributes: dict[str, Any]) -> None:
    given = {
        PROPERTIES.get(name, name): value
        for name, value in attributes.items()
        if name not in OWN and value not in (None, "")
    }
    if attributes["runtime_config"]:
        pairs = [{"key": key, "value": value} for key, value in attributes["runtime_config"].items()]
        given["runtime_config"] = json.dumps(pairs)
    tags = [{"key": key, "value": value} for key, value in attributes["tags"].items()]
    assert made(emulator, attributes["name"], attributes["status"], tags=tags, **given) == attributes["id"]


@dataclass
class Migration:
    """The guide's commands, and what they came to."""

    stack: Stack
    emulator: Emulator
    before: list[dict[str, Any]]
    adopt: Result
    up: Result
    preview: Result


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    """One of the jobs was changed in the console since Terraform's last run."""
    with running(Options(time_factor=1000, cloud="huawei", unset="null")) as emulator:
        made_as_in_terraform(emulator)
        emulator.patch_job("orders-us", properties={"cu_number": 6})
        before = emulator.jobs()
        emulator.clear_requests()
        stack = empty(tmp_path_factory.mktemp("terraform") / "jobs", account(emulator))
        stack.give("terraform.tfstate", STATE.read_text(encoding="utf-8"))
        _, adopt, up, preview = commands()
        yield Migration(
            stack,
            emulator,
            before,
            stack.command("sh", "-c", f"{adopt.replace('--stack prod', '--stack test')} --endpoint {emulator.url}"),
            stack.command("sh", "-c", f"{up} --yes --skip-preview"),
            stack.command("sh", "-c", preview),
        )


def test_the_guides_commands_take_over_every_job(migration: Migration) -> None:
    """Each under the name that it has in the Terraform program."""
    migration.adopt.expect_ok()
    migration.up.expect_ok()
    stored = {name: each["id"] for name, each in migration.stack.resources().items()}
    assert stored == {"clickstream": "138", "orders-eu": "139", "orders-us": "140", "batch-0": "141", "trail": "142"}


def test_they_change_nothing(migration: Migration) -> None:
    """Only GETs and logins leave, every job is as before, and the preview is clean."""
    assert writes(migration.emulator) == []
    assert migration.emulator.jobs() == migration.before
    migration.preview.expect_unchanged()


def test_a_change_since_terraforms_last_run_is_reported(migration: Migration) -> None:
    """With the names of the properties; the others are not mentioned."""
    told = [line for line in migration.adopt.stderr.splitlines() if "somebody changed" in line]
    assert len(told) == 1
    assert "orders_us: somebody changed cu_number since Terraform's last run" in told[0]


def test_the_program_says_where_a_job_comes_from(migration: Migration) -> None:
    """Its address in the Terraform program is a comment."""
    program = (migration.stack.folder / "__main__.py").read_text(encoding="utf-8")
    assert '# In Terraform: huaweicloud_dli_flinkjar_job.orders["eu"].' in program


def test_no_secret_of_the_state_is_shown(migration: Migration) -> None:
    """The state has them in plain text; the program and the messages do not."""
    program = (migration.stack.folder / "__main__.py").read_text(encoding="utf-8")
    for text in (program, migration.adopt.text, migration.up.text, migration.preview.text):
        assert "made-up-secret" not in text


def test_jobs_of_another_region_are_left_out(migration: Migration) -> None:
    """The state may know several; a stack's config is for one."""
    words = ("pulumi-dli", "adopt", "--terraform-state", "terraform.tfstate", "--dry-run", "--endpoint")
    done = migration.stack.command(*words, migration.emulator.url, "--region", "cn-north-4")
    assert done.expect_failure().stderr.count("left out, it is in region eu-west-101") == 5
