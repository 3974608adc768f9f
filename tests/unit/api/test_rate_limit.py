"""A budget of requests per second holds over threads, processes and kills."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pulumi_dli.api.auth.base import StaticToken
from pulumi_dli.api.rate_limit import RateLimiter
from pulumi_dli.api.transport import Transport
from pulumi_dli.errors import ConfigurationError, EngineGoneError
from support.scripted import OK, Reply, in_turn, scripted

ADDRESS = "https://dli.example.com"
PER_SECOND = 20
TURNS = 5
TAKER = f"""
import sys
from pulumi_dli.api.rate_limit import RateLimiter
limiter = RateLimiter({PER_SECOND}, "{ADDRESS}")
for _ in range({TURNS}):
    limiter.acquire()
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def least(turns: int) -> float:
    """Return the seconds that so many turns take at the least: the first one is free."""
    return (turns - 1) / PER_SECOND


def test_processes_share_one_budget() -> None:
    """Three of them take as long as one that sends all their requests."""
    RateLimiter(PER_SECOND, ADDRESS).acquire()
    begun = time.monotonic()
    takers = [subprocess.Popen([sys.executable, "-c", TAKER]) for _ in range(3)]
    assert [each.wait(60) for each in takers] == [0, 0, 0]
    assert time.monotonic() - begun >= least(3 * TURNS)


def test_threads_share_it_as_well() -> None:
    """A host works on many jobs at once."""
    pace = RateLimiter(PER_SECOND, ADDRESS)
    begun = time.monotonic()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: pace.acquire(), range(10)))
    assert time.monotonic() - begun >= least(10)


def test_what_the_others_leave_may_be_used() -> None:
    """One alone has the whole budget: it is not divided beforehand."""
    pace = RateLimiter(PER_SECOND, ADDRESS)
    begun = time.monotonic()
    for _ in range(10):
        pace.acquire()
    assert time.monotonic() - begun < 2 * least(10)


def test_each_address_has_a_budget_of_its_own() -> None:
    """Two regions are two services."""
    RateLimiter(0.01, ADDRESS).acquire()
    assert RateLimiter(0.01, "https://dli.example.org").acquire() == 0


def test_without_a_budget_nothing_waits_and_nothing_is_written(tmp_path: Path) -> None:
    """As it is for all who do not ask for one."""
    assert RateLimiter(None, ADDRESS).acquire() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_time_from_before_the_machine_restarted_holds_nobody_up(tmp_path: Path) -> None:
    """The clock starts at zero then."""
    pace = RateLimiter(PER_SECOND, ADDRESS)
    assert pace._reserve(time.monotonic() + 1_000_000) > 0
    assert pace.acquire() < 1


def test_a_budget_that_cannot_be_shared_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, with the folder and ways out; rather than sending without a budget."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match=r"file/pulumi-dli: .*XDG_RUNTIME_DIR") as caught:
        RateLimiter(PER_SECOND, ADDRESS).acquire()
    assert "\n" not in str(caught.value)


def test_repetitions_are_in_the_budget() -> None:
    """A request that is repeated takes a turn for each try."""
    replies = in_turn(*[Reply(503)] * 2, OK)
    with scripted(replies) as service:
        begun = time.monotonic()
        transport = Transport(service.url, StaticToken("gAAAAA-token"), requests_per_second=1)
        transport.request("ShowFlinkJob", "GET", "/v1.0/p/job")
    assert len(service.received) == 3
    assert time.monotonic() - begun >= 2


def test_a_request_whose_engine_went_while_it_waited_for_its_turn_is_not_sent() -> None:
    """Another engine may be at work on the same job by then."""

    def gone() -> None:
        raise EngineGoneError("the engine has ended")

    with scripted(in_turn(OK)) as service:
        transport = Transport(service.url, StaticToken("gAAAAA-token"), may_repeat=gone, requests_per_second=2)
        transport.request("ShowFlinkJob", "GET", "/v1.0/p/job")
        with pytest.raises(EngineGoneError):
            transport.request("ShowFlinkJob", "GET", "/v1.0/p/job")
    assert len(service.received) == 1
