"""Config values encrypted by the engine: made once per process, since each takes a start of the CLI."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from functools import cache
from pathlib import Path

import yaml

from support.made_up import PASSPHRASE

_TIMEOUT = 60
_LOCK = threading.RLock()
"""Stacks are made by several threads at once, and they share the one project."""


def salt() -> str:
    """Return the `encryptionsalt` of stacks that hold these values."""
    with _LOCK:
        return str(_config()["encryptionsalt"])


def sealed(value: str) -> str:
    """Return a value as `pulumi config set --secret` writes it into the file of a stack with that salt."""
    with _LOCK:
        return _sealed(value)


@cache
def _sealed(value: str) -> str:
    _folder()
    _pulumi("config", "set", "--secret", "value", value, "--stack", "test")
    return str(_config()["config"]["jobs:value"]["secure"])


def _config() -> dict[str, dict[str, dict[str, str]]]:
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load((_folder() / "Pulumi.test.yaml").read_text())
    return loaded


@cache
def _project() -> tempfile.TemporaryDirectory[str]:
    """Make a project with a stack, which goes with the process."""
    made = tempfile.TemporaryDirectory(prefix="pulumi-dli-vault-")
    (Path(made.name) / "Pulumi.yaml").write_text("name: jobs\nruntime: python\n", encoding="utf-8")
    (Path(made.name) / "backend").mkdir()
    return made


@cache
def _folder() -> Path:
    folder = Path(_project().name)
    _pulumi("stack", "init", "test")
    return folder


def _pulumi(*words: str) -> None:
    folder = Path(_project().name)
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    subprocess.run(
        ["pulumi", *words, "--non-interactive"], cwd=folder, env=environment, capture_output=True, check=True,
        timeout=_TIMEOUT,
    )  # fmt: skip
