"""A host works on as many jobs at once as the engine asks for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pulumi_dli.host.worker_pool import MOST_AT_ONCE, widen

SECONDS = 30


def test_a_pool_of_four_works_on_as_many_as_are_asked_for() -> None:
    """All of them have begun before one of them ends."""
    met = Barrier(32)
    with ThreadPoolExecutor(max_workers=4) as pool:
        assert pool.submit(widen).result(SECONDS)
        waiting = [pool.submit(met.wait, SECONDS) for _ in range(met.parties)]

        assert sorted(each.result(SECONDS) for each in waiting) == [*range(met.parties)]


def test_a_pool_starts_no_thread_that_nobody_needs() -> None:
    """Four jobs cost what they did before."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        pool.submit(widen).result(SECONDS)
        for _ in range(MOST_AT_ONCE):
            pool.submit(int).result(SECONDS)

        assert len(pool._threads) <= 4


def test_a_wider_pool_stays_as_wide() -> None:
    """Pulumi may choose a larger number by itself."""
    with ThreadPoolExecutor(max_workers=2 * MOST_AT_ONCE) as pool:
        pool.submit(widen).result(SECONDS)

        assert pool._max_workers == 2 * MOST_AT_ONCE


def test_without_a_pool_nothing_happens() -> None:
    """Outside a worker, or should Python's threads change, jobs only wait longer."""
    assert widen() is False
