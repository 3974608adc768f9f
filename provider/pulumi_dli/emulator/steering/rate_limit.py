"""A limit of requests in each second, as gateways have it."""

from __future__ import annotations

import math
import time


class Limit:
    """Turns requests away once a second has had its share; None takes all."""

    def __init__(self, per_second: int | None) -> None:
        """Begin with a fresh second."""
        self._per_second = per_second
        self._second = 0
        self._taken = 0

    def takes(self) -> bool:
        """Count a request; False: it is to be turned away until the next second."""
        if self._per_second is None:
            return True
        second = math.floor(time.monotonic())
        self._taken = 1 if second != self._second else self._taken + 1
        self._second = second
        return self._taken <= self._per_second
