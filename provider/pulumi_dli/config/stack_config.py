"""The config of the stack in the current folder, as Pulumi's command line prints it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from pulumi_dli.errors import ConfigurationError
from pulumi_dli.foreign_text import ForeignText

SECONDS = 60


def has_project(folder: Path) -> bool:
    """Tell whether the folder, or one above it, is a Pulumi project."""
    return any((each / "Pulumi.yaml").exists() for each in (folder.resolve(), *folder.resolve().parents))


def read_stack_config(stack: str | None) -> dict[str, Any]:
    """Return the config of a stack (None: the selected one), secrets decrypted, keys with namespaces.

    Raises ConfigurationError where Pulumi does not tell it: not installed, no such stack, no passphrase.
    """
    program = shutil.which("pulumi")
    if program is None:
        raise ConfigurationError("pulumi is not on PATH")
    command = [program, "config", "--json", "--show-secrets", "--non-interactive", "--color", "never"]
    named = ["--stack", stack] if stack else []
    try:
        done = subprocess.run(  # noqa: S603 - the user's own pulumi
            [*command, *named], capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"pulumi config gave no answer within {SECONDS} s") from None
    if done.returncode != 0:
        raise ConfigurationError("pulumi config failed", reason=ForeignText(_first_line(done.stderr)))
    return {key: entry.get("value") for key, entry in json.loads(done.stdout or "{}").items()}


def _first_line(text: str) -> str:
    lines = [line.removeprefix("error:").strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "it gave no reason"
