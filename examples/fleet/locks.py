"""Whose lock holds a stack, and whether that run is dead beyond doubt.

A backend of one's own (a folder, S3) locks a stack with a file that names user, host and process. A lock is taken away
only where all of it was left by processes of this host that exist no more; any other holder may be alive.
"""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

_HOLDER = re.compile(r"created by (?P<user>\S+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")


@dataclass(frozen=True)
class Holder:
    """Who holds a lock."""

    user: str
    host: str
    pid: int
    since: str

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.user}@{self.host}, process {self.pid}, since {self.since}"

    @property
    def is_dead(self) -> bool:
        """Whether it was a process of this host and has ended. A number that was given again counts as alive."""
        return self.host == socket.gethostname() and not _exists(self.pid)


def holders(refusal: str) -> list[Holder]:
    """Read who holds the locks from the engine's refusal; none from a service such as Pulumi Cloud."""
    return [Holder(each["user"], each["host"], int(each["pid"]), each["since"]) for each in _HOLDER.finditer(refusal)]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _has_ended(pid)


def _has_ended(pid: int) -> bool:
    """Tell a process that only waits to be collected by its parent, where /proc shows it."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] == "Z"
        )
    except OSError:
        return False
