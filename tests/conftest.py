"""What all tests share: an emulator on a free port, and the order of the tests, quick ones first."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli.emulator.messages import Request
from pulumi_dli.emulator.server import Emulator, Options, running
from pulumi_dli.emulator.steering.journal import SECRET_PROPERTIES, Journal
from support import otc_sdk as sdk
from support.installation import VERSIONS, built, interpreter
from support.leaks import WATCH, expect_none, leaks


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the quick tests before those that drive the engine."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is not None)


@pytest.fixture(scope="session", autouse=True)
def _requests_watched() -> Iterator[None]:
    """Keep every entry of every emulator's log for the search, also of a log that a test clears."""
    begin = Journal.begin

    def watched(journal: Journal, request: Request) -> dict[str, Any]:
        entry = begin(journal, request)
        WATCH.requests.append((entry, not journal._secret_keys >= SECRET_PROPERTIES))
        return entry

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "begin", watched)
        yield


@pytest.fixture(scope="module", autouse=True)
def _no_secret_is_left_in_the_clear(_requests_watched: None) -> Iterator[None]:
    """In the folders of a module's stacks, and in the logs of its emulators."""
    yield
    expect_none(WATCH.leaks())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test whose captured output or log holds a secret."""
    report = yield
    found = [each for title, text in report.sections for each in leaks(text, title)]
    if found:
        report.outcome = "failed"
        report.longrepr = "secrets in the clear:\n" + "\n".join(found)
    return report


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
