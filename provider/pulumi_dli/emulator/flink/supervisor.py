"""The process that starts Flink's two JVMs and ends them when the emulator ends, however that ends.

The emulator holds the other end of its standard input; the kernel closes that even after kill -9. Run as a
program by its path, so that it needs nothing but the standard library. While it lives it holds a lock on its
entry, a file that names the JVMs: should it be killed itself, the next start finds the entry unlocked.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TextIO

SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_BEFORE_ANOTHER_WORKER = 1.0


class Keeper:
    """The two JVMs of one cluster."""

    def __init__(self, entry: TextIO, plan: dict[str, Any]) -> None:
        """Keep what `plan` says: {"marker", "commands" by role, "logs", "remove"}."""
        self._entry, self._plan = entry, plan
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, role: str) -> None:
        """Start a JVM and write its process id down."""
        with Path(self._plan["logs"], f"{role}.out").open("ab") as out:
            self._processes[role] = subprocess.Popen(  # noqa: S603 (the emulator wrote the plan)
                self._plan["commands"][role], stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        self._entry.seek(0)
        self._entry.truncate()
        left = {"pids": [each.pid for each in self._processes.values()]}
        json.dump({**left, "marker": self._plan["marker"], "remove": self._plan["remove"]}, self._entry)
        self._entry.flush()

    def watch(self) -> None:
        """Return when standard input closes or the JobManager ends; start a TaskManager that ended again."""
        while self._processes["jobmanager"].poll() is None:
            if self._processes["taskmanager"].poll() is not None:
                time.sleep(SECONDS_BEFORE_ANOTHER_WORKER)
                self.start("taskmanager")
            readable, _, _ = select.select([sys.stdin.fileno()], [], [], SECONDS_BETWEEN_LOOKS)
            if readable and not os.read(sys.stdin.fileno(), 1024):
                return

    def end(self) -> None:
        """End both at once: what they save is complete at any moment, and nobody needs them any more."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait()


def main(plan_file: Path, entry_file: Path) -> int:
    """Keep a cluster until the emulator has gone."""
    plan = json.loads(plan_file.read_text(encoding="utf-8"))
    # Ctrl-C reaches the whole terminal; the emulator decides when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with entry_file.open("w", encoding="utf-8") as entry:
        fcntl.flock(entry, fcntl.LOCK_EX)
        keeper = Keeper(entry, plan)
        try:
            for role in plan["commands"]:
                keeper.start(role)
            keeper.watch()
        finally:
            keeper.end()
            for folder in plan["remove"]:
                shutil.rmtree(folder, ignore_errors=True)
            entry_file.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
