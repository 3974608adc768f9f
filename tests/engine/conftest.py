"""The real Pulumi engine for tests; without one they are skipped and say why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pulumi_dli.emulator.server import Emulator
from support.fleet import Fleet
from support.installation import VERSIONS, installed_by_uv, interpreter, wheel
from support.interruption import swept
from support.leaks import WATCH, Folder
from support.stack import Stack

HERE = Path(__file__).parent
OLDEST = "pulumi==3.216.0"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.engine)


@pytest.fixture(scope="session", autouse=True)
def _engine() -> None:
    if shutil.which("pulumi") is None:
        reason = os.environ.get(
            "PULUMI_DLI_ENGINE_MISSING", "no pulumi on PATH: run scripts/test or scripts/with-engine"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture
def make_stack(tmp_path: Path) -> Callable[..., Stack]:
    """Make stacks against an emulator, each with a backend of its own."""

    def make(emulator: Emulator, name: str = "test", **config: str) -> Stack:
        return Stack.made(tmp_path / name, emulator, config)

    return make


@pytest.fixture
def stack(make_stack: Callable[..., Stack], emulator: Emulator) -> Stack:
    """Return a stack whose configuration points at the test's emulator."""
    return make_stack(emulator)


@pytest.fixture(params=["newest", pytest.param("oldest", marks=pytest.mark.full)])
def sdk(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Return the environment in which a stack runs on an SDK: the installed one, or the oldest that is supported."""
    if request.param == "newest":
        return {}
    python = next(found for found in map(interpreter, VERSIONS) if found is not None)
    own = installed_by_uv(python, tmp_path, "pip", str(wheel(request.getfixturevalue("dist"))), OLDEST)
    return {"PATH": f"{own.parent}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(own.parent.parent)}


@pytest.fixture
def make_fleet(tmp_path: Path) -> Iterator[Callable[[Emulator], Fleet]]:
    """Make a fleet against an emulator; its folder is searched for secrets, and what survived a kill is ended."""

    def make(emulator: Emulator) -> Fleet:
        (tmp_path / "backend").mkdir()
        WATCH.folders.append(Folder(tmp_path, {"the emulator's token"}))
        fleet = Fleet(tmp_path, emulator)
        fleet.define()
        return fleet

    with swept(tmp_path):
        yield make


@pytest.fixture
def fleet(make_fleet: Callable[[Emulator], Fleet], emulator: Emulator) -> Fleet:
    """Return the example as it stands, against the test's emulator."""
    return make_fleet(emulator)
