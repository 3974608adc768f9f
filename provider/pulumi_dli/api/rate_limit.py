"""A budget of requests per second, kept together by all processes of a user on this machine.

The stacks of a run are separate processes, and so are the providers within one. They share a file that holds the time
from which the next request may be sent; who holds its lock takes that time and moves it on. So whoever sends may use
what the others leave, and a process that ends, in whatever way, leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import os
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EPERM
from pathlib import Path

from pulumi_dli.errors import ConfigurationError

# No queue is this long; a time further ahead was written before the machine started again.
LONGEST_QUEUE = 3600.0
_NEXT = struct.Struct("d")


class RateLimiter:
    """Turns for requests to one address, `per_second` of them in a second; None: none has to wait."""

    def __init__(self, per_second: float | None, address: str) -> None:
        """Ask for no turn yet. Raises ConfigurationError for a budget where files cannot be locked as it needs."""
        if per_second and sys.platform == "win32":
            raise ConfigurationError("dli:requestsPerSecond does not work on Windows: drop it")
        self._interval = 1 / per_second if per_second else 0.0
        self._name = hashlib.sha256(address.encode()).hexdigest()[:32]

    def acquire(self) -> float:
        """Sleep until a request may be sent; return the seconds that this took.

        Raises ConfigurationError where the budget cannot be shared.
        """
        if not self._interval:
            return 0.0
        # The clock that all processes of a machine share, and that nobody sets.
        now = time.monotonic()
        try:
            wait = max(0.0, self._reserve(now) - now)
        except OSError as error:
            raise ConfigurationError(
                f"the budget of requests per second cannot be shared by {_folder()}: {error.strerror}",
                remedy="correct that folder, name another one by XDG_RUNTIME_DIR, or drop dli:requestsPerSecond",
            ) from None
        time.sleep(wait)
        return wait

    def _reserve(self, now: float) -> float:
        with _locked(self._name) as file:
            held = os.pread(file, _NEXT.size, 0)
            planned = _NEXT.unpack(held)[0] if len(held) == _NEXT.size else now
            turn = max(now, planned) if planned < now + LONGEST_QUEUE else now
            os.pwrite(file, _NEXT.pack(turn + self._interval), 0)
            return float(turn)


@contextmanager
def _locked(name: str) -> Iterator[int]:
    """Hold the lock of a file in the folder; it ends with the process, and threads wait for each other as well."""
    import fcntl  # noqa: PLC0415 - not there on Windows

    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(EPERM, "it belongs to another user")
    file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


def _folder() -> Path:
    """Return a folder of the user's own, on this machine: a lock on a network's folder may not hold."""
    own = os.environ.get("XDG_RUNTIME_DIR")
    return Path(own, "pulumi-dli") if own else Path(tempfile.gettempdir(), f"pulumi-dli-{os.getuid()}")
