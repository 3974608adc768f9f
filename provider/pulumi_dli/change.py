"""What a change of a job costs."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Cost(IntEnum):
    """The cost of a change, ordered: the cost of several changes is that of the dearest.

    ``NONE``: only the provider's own control inputs; no update is sent.
    ``LIVE``: a PUT alone, also while the job runs; no downtime.
    ``RESTART``: stop with a savepoint, PUT, run: minutes of downtime for a running job.

    A job that does not run needs a PUT alone, whatever the cost.
    """

    NONE = 0
    LIVE = 1
    RESTART = 2


def dearest(costs: Iterable[Cost]) -> Cost:
    """Return the highest of `costs`, ``Cost.NONE`` if there are none."""
    return max(costs, default=Cost.NONE)
