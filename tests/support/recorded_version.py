"""What the released versions stored: tests/recorded/VERSION, each written by `scripts/dev record`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.places import RECORDED

FOLDER = RECORDED
# Where the recorded stacks believe DLI to be; nobody answers there when a recording is previewed.
ENDPOINT = "http://127.0.0.1:8480"


@dataclass(frozen=True)
class Version:
    """One recording."""

    folder: Path

    def __str__(self) -> str:
        """Return the version, for test ids."""
        return self.folder.name

    def text(self, name: str) -> str:
        """Return a file as it is."""
        return (self.folder / name).read_text(encoding="utf-8")

    def jobs(self) -> list[dict[str, Any]]:
        """Return the jobs as the service had them, the oldest first."""
        jobs: list[dict[str, Any]] = json.loads(self.text("jobs.json"))
        return jobs

    def resources(self) -> list[dict[str, Any]]:
        """Return the stored jobs, secrets encrypted."""
        resources = json.loads(self.text("state.json"))["deployment"]["resources"]
        return [each for each in resources if "__provider" in each.get("inputs", {})]


VERSIONS = [Version(each) for each in sorted(FOLDER.iterdir()) if each.is_dir()]
