"""The machine that the search for an engine is tested on."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.engine_machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine without Pulumi and Go."""
    made = Machine(tmp_path / "a machine")
    for name in ("programs", "home", "tmp", "cache"):
        (made.folder / name).mkdir(parents=True)
    return made
