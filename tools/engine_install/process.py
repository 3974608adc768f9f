"""Run a long command: bounded in time, with progress, and gone when this process ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.engine_install.unavailable import UnavailableError

PROGRESS_EVERY = 20.0
LONGEST_LINE = 300


def say(text: str) -> None:
    """Report progress: one line on stderr."""
    print(f"engine: {text}", file=sys.stderr, flush=True)


def last_line(text: str) -> str:
    """Return the last line that says anything, of bearable length."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return lines[-1][:LONGEST_LINE] if lines else "no output"


@dataclass(frozen=True)
class Step:
    """A long command, what to call it, and how long it may take."""

    title: str
    command: Sequence[str | Path]
    seconds: float

    def run(self, cwd: Path, environ: Mapping[str, str], log: Path) -> None:
        """Run the command with its output in `log`."""
        say(self.title)
        with log.open("w") as output:
            process = subprocess.Popen(
                self.command,
                cwd=cwd,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                self._wait(process, log)
            finally:
                _end(process)
        if process.returncode != 0:
            raise UnavailableError(f"{self.title} failed: {last_line(read(log))}")

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        begun = time.monotonic()
        while True:
            left = self.seconds - (time.monotonic() - begun)
            if left <= 0:
                raise UnavailableError(f"{self.title} took longer than {self.seconds:.0f} s")
            try:
                process.wait(min(PROGRESS_EVERY, left))
            except subprocess.TimeoutExpired:
                elapsed = time.monotonic() - begun
                say(f"{self.title}: {elapsed:.0f} s ({last_line(read(log))})")
            else:
                return


def read(log: Path) -> str:
    """Return what a log holds by now."""
    return log.read_text(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command with all it started, if it still runs."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answer(command: Sequence[str | Path], environ: Mapping[str, str], seconds: float = 30) -> str:
    """Return what a short command prints; UnavailableError with its last line if it fails."""
    try:
        done = subprocess.run(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"it does not answer within {seconds:.0f} s") from None
    except OSError as error:
        raise UnavailableError(f"it does not start ({error.strerror})") from None
    if done.returncode != 0:
        raise UnavailableError(f"it fails with exit code {done.returncode} ({last_line(done.stdout + done.stderr)})")
    return done.stdout.strip()
