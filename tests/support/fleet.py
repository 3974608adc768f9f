"""A copy of the fleet's example in a folder of its own, run as a user runs it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pulumi_dli.emulator.server import Emulator
from support.places import ROOT
from support.stack import Ran, surroundings_of

EXAMPLE = ROOT / "examples" / "fleet"
TIMEOUT = 240


@dataclass
class Fleet:
    """A copy of the example in a folder of its own, with a definition written as data."""

    folder: Path
    emulator: Emulator
    environment: dict[str, str] = field(default_factory=dict)

    def define(self, **changes: Any) -> None:
        """Write the example's own definition, pointed at the emulator, with some of its parts replaced."""
        own = yaml.safe_load((EXAMPLE / "fleet.yaml").read_text(encoding="utf-8"))
        own["config"]["dli:endpoint"] = self.emulator.url
        defined = {key: value for key, value in {**own, **changes}.items() if value is not None}
        (self.folder / "fleet.yaml").write_text(yaml.safe_dump(defined), encoding="utf-8")

    def begin(self, command: str, *options: str) -> subprocess.Popen[str]:
        """Begin a command, in a process group of its own as under a terminal."""
        return subprocess.Popen(
            [sys.executable, EXAMPLE / "fleet.py", command, "fleet.yaml", *options],
            cwd=self.folder,
            env=self._surroundings(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, command: str, *options: str) -> Ran:
        """Run a command to its end."""
        begun = self.begin(command, *options)
        stdout, stderr = begun.communicate(timeout=TIMEOUT)
        return Ran(begun.returncode, stdout, stderr)

    def pulumi(self, folder: Path, *words: str) -> Ran:
        """Run Pulumi itself in a folder."""
        command = ["pulumi", *words, "--non-interactive", "--color", "never"]
        done = subprocess.run(
            command, cwd=folder, env=self._surroundings(), capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def results(self, ran: Ran) -> dict[str, str]:
        """Return each stack's result, with what it came to, from the summary."""
        _, _, summary = ran.stderr.rpartition("\n\n")
        rows = [re.split(r"  +", line) for line in summary.splitlines()[:-1]]
        return {row[1]: row[2] if row[2] == "not started" else f"{row[2]}: {row[-1]}" for row in rows}

    def names(self) -> Counter[str]:
        """Return how often each job exists, by its name."""
        return Counter(each["name"] for each in self.emulator.jobs() if not each["deleted"])

    def _surroundings(self) -> dict[str, str]:
        return {**surroundings_of(self.folder), "XDG_RUNTIME_DIR": str(self.folder), **self.environment}
