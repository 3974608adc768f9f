"""Install Flink (the PyPI package of its JARs, 237 MB) into the user's cache and prints its FLINK_HOME.

Called by scripts/dev flink. It stays out of .venv, which everybody installs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

from tools.file_lock import locked

LOCK = Path(__file__).with_name("flink.lock")
SECONDS = 900
SAY_EVERY = 10.0


def say(text: str) -> None:
    """Report progress: one line on stderr."""
    print(f"scripts/dev flink: {text}", file=sys.stderr, flush=True)


def home() -> Path:
    """Return where Flink is, or will be: one folder for each content of the lock file."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(configured) if Path(configured).is_absolute() else Path.home() / ".cache"
    return base / "pulumi-dli" / "flink" / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16] / "pyflink"


def install() -> None:
    """Install what is not there yet; what is there is whole, since it is moved into place at the end."""
    folder = home().parent
    with locked(folder.parent / "lock", lambda: say("waiting for another run")):
        if folder.is_dir():
            return
        unfinished = Path(mkdtemp(prefix=".unfinished-", dir=folder.parent))
        try:
            _pip(unfinished)
            unfinished.chmod(0o755)
            unfinished.rename(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _pip(target: Path) -> None:
    say("installing apache-flink-libraries, 237 MB, half a minute or so")
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), "--requirement", str(LOCK)]
    begun = said = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        while process.poll() is None:
            now = time.monotonic()
            if now - begun > SECONDS:
                raise SystemExit(f"scripts/dev flink: pip took longer than {SECONDS} s")
            if now - said >= SAY_EVERY:
                said = now
                say(f"still installing, {now - begun:.0f} s")
            time.sleep(0.2)
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise SystemExit("scripts/dev flink: pip failed: see above, then run scripts/dev flink again")


if __name__ == "__main__":
    install()
    print(home())
