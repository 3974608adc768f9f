"""A suite for a team's own Pulumi program: an emulator of DLI and a stack for each test."""

import shutil
from pathlib import Path

import pytest
from pulumi import automation

pytest_plugins = ["pulumi_dli.testing"]

PROGRAM = Path(__file__).parent / "program"


@pytest.fixture
def stack(dli_config: dict[str, str], tmp_path: Path) -> automation.Stack:
    """Make a stack of a copy of the program, on a backend in the same temporary folder, pointed at the emulator."""
    project = shutil.copytree(PROGRAM, tmp_path / "program")
    environment = {"PULUMI_BACKEND_URL": f"file://{tmp_path}", "PULUMI_CONFIG_PASSPHRASE": "test"}
    options = automation.LocalWorkspaceOptions(env_vars=environment)
    made = automation.create_stack("test", work_dir=str(project), opts=options)
    made.set_all_config({name: automation.ConfigValue(value) for name, value in dli_config.items()})
    return made
