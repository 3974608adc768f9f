"""The order of a run: wave by wave, so many stacks at once, and no further one after a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from progress import Outcome, Result


def run_in_waves(
    waves: Sequence[Sequence[str]],
    work: Callable[[str], Outcome],
    at_once: int,
    stop: threading.Event,
    *,
    go_on: bool = False,
) -> list[Outcome]:
    """Work on the stacks of each wave; the next wave begins when all of one are done.

    After a failure (unless `go_on`), or once `stop` is set, those under way end and no further one is started.
    """

    def one(stack: str) -> Outcome:
        if stop.is_set():
            return Outcome(stack, Result.NOT_STARTED)
        outcome = work(stack)
        if outcome.result is Result.FAILED and not go_on:
            stop.set()
        return outcome

    with ThreadPoolExecutor(at_once) as pool:
        return [outcome for wave in waves for outcome in list(pool.map(one, wave))]
