"""What all tests share: an emulator on a free port, and the order of the tests, quick ones first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import otc_sdk as sdk
from installation import VERSIONS, built, interpreter
from pulumi_dli.emulator.server import Emulator, Options, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the quick tests before those that drive the engine."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is not None)


@pytest.fixture(scope="session")
def otc_sdk() -> Iterator[sdk.OtcSdk]:
    """Open Telekom Cloud's Go SDK, to sign requests with."""
    with sdk.running() as started:
        yield started


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A DLI of one test's own, a thousand times faster than life; its log keeps secrets, to prove bodies."""
    with running(Options(time_factor=1000, log_secrets=True)) as started:
        yield started


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the project's sdist and wheel."""
    return built(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session", params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    """Return an interpreter of each supported Python; one that is not to be had is checked by mypy alone."""
    found = interpreter(request.param)
    if found is None:
        pytest.skip(f"no Python {request.param} on this machine: checked by mypy alone")
    return found
