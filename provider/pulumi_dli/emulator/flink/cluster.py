"""One Flink cluster: started, waited for, and ended; what an earlier one left is cleaned up first."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ..jobs.runtime import UnavailableError
from . import certificate as certificates
from . import settings
from . import supervisor as keeper
from .certificate import LOOPBACK
from .distribution import Distribution
from .rest import FlinkError, Rest, UnreachableError

SECONDS_TO_START = 240.0
SECONDS_TO_END = 15.0
SAY_EVERY = 5.0
PORTS = range(20_000, 32_000)
"""Below those that systems give to outgoing connections: nobody takes one between the choice and the start."""


class Cluster:
    """A running Flink of this emulator's own."""

    def __init__(self, distribution: Distribution, work: Path | None, say: Callable[[str], None]) -> None:
        """Start Flink and wait until it takes jobs; `work` None keeps savepoints for this run only.

        Raises UnavailableError.
        """
        entries = entries_folder()
        end_leftovers(entries, say)
        marker = secrets.token_hex(8)
        self.work = work or Path(tempfile.mkdtemp(prefix="pulumi-dli-flink-"))
        rest_port, rpc_port = _free_ports()
        self.place = settings.Place(self.work.absolute(), self.work.absolute() / "run", rest_port, rpc_port, marker)
        # Of a run that was killed; nobody uses it any more.
        shutil.rmtree(self.place.run, ignore_errors=True)
        certificate = certificates.make(self.place.run / "tls")
        settings.write(self.place, settings.settings(self.place, certificate))
        self.rest = Rest(rest_port, certificate)
        self._keeper = self._started(distribution, entries, [str(self.place.run if work else self.place.work)])
        try:
            self._wait(say)
        except BaseException:
            self.close()
            raise

    @property
    def lives(self) -> bool:
        """Whether Flink's processes are there."""
        return self._keeper.poll() is None

    def close(self) -> None:
        """End Flink, and remove what is of no use without it."""
        self._keeper.stdin.close()  # type: ignore[union-attr] # it was asked for
        try:
            self._keeper.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()
        self.rest.pool.close()

    def _started(self, distribution: Distribution, entries: Path, remove: list[str]) -> subprocess.Popen[bytes]:
        plan = {
            "marker": self.place.marker,
            "commands": {
                role: settings.command(role, distribution, self.place) for role in ("jobmanager", "taskmanager")
            },
            "logs": str(self.place.run / "log"),
            "remove": remove,
        }
        plan_file = self.place.run / "conf" / "plan.json"
        plan_file.write_text(json.dumps(plan), encoding="utf-8")
        program = [sys.executable, "-I", keeper.__file__, str(plan_file), str(entries / f"{self.place.marker}.json")]
        return subprocess.Popen(  # noqa: S603 (words of our own)
            program, stdin=subprocess.PIPE, cwd=self.place.run, start_new_session=True
        )

    def _wait(self, say: Callable[[str], None]) -> None:
        begun = said = time.monotonic()
        while not self._takes_jobs():
            now = time.monotonic()
            if not self.lives:
                raise UnavailableError(f"Flink ended while it started: {self._last_words()}")
            if now - begun > SECONDS_TO_START:
                raise UnavailableError(f"Flink did not start within {SECONDS_TO_START:g} s: {self._last_words()}")
            if now - said >= SAY_EVERY:
                said = now
                say(f"Flink is starting, {now - begun:.0f} s")
            time.sleep(0.2)

    def _takes_jobs(self) -> bool:
        try:
            return int(self.rest.overview()["slots-total"]) > 0
        except (UnreachableError, FlinkError):
            return False

    def _last_words(self) -> str:
        lines: list[str] = []
        for path in (self.place.run / "log").glob("*"):
            text = path.read_text(encoding="utf-8", errors="replace")
            lines += [line for line in text.splitlines() if "ERROR" in line or "Error" in line or "Exception" in line]
        return lines[0][:300] if lines else "it said nothing"


def entries_folder() -> Path:
    """Return the folder where each keeper leaves its entry."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(configured) if Path(configured).is_absolute() else Path.home() / ".cache"
    folder = base / "pulumi-dli" / "flink-clusters"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def end_leftovers(entries: Path, say: Callable[[str], None]) -> None:
    """End the JVMs whose keeper was killed together with its emulator, and remove their folders."""
    for path in entries.glob("*.json"):
        try:
            with path.open(encoding="utf-8") as entry:
                fcntl.flock(entry, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left = json.load(entry)
        except (OSError, ValueError):
            continue  # It lives, has just ended, or is only about to be written.
        pids = [pid for pid in left["pids"] if left["marker"] in _command_line(pid)]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for folder in left["remove"]:
            shutil.rmtree(folder, ignore_errors=True)
        path.unlink(missing_ok=True)
        if pids:
            say(f"Ended {len(pids)} processes of Flink that an emulator had left when it was killed")


def _command_line(pid: int) -> str:
    # A process id alone may be somebody else's by now.
    command = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (a number alone is added)
    return found.stdout


def _free_ports() -> tuple[int, int]:
    found: list[int] = []
    while len(found) < 2:  # noqa: PLR2004 (a pair)
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            if port not in found and probe.connect_ex((LOOPBACK, port)) != 0:
                found.append(port)
    return found[0], found[1]
