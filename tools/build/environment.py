"""Make the virtual environment .venv, or repairs it. Called by scripts/env.

Two stamps in .venv say what is in it: one for the locked packages, one for the project itself. The
first is written only after every package is there, so that an interrupted installation is begun
again, and a change of pyproject.toml alone installs only the project again.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.file_lock import locked

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMPS = VENV / "pulumi-dli.json"
LOCK = ROOT / "requirements.lock"
PIP_LOCK = Path(__file__).with_name("pip.lock")
PYPROJECT = ROOT / "pyproject.toml"


def say(text: str) -> None:
    """Report progress: one line on stderr."""
    print(f"scripts/env: {text}", file=sys.stderr, flush=True)


def digest(*parts: bytes) -> str:
    """Return one hash over all parts."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def wanted_stamps() -> dict[str, str]:
    """Return the stamps of an environment that is up to date; it cannot move to another folder."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    locks = LOCK.read_bytes(), PIP_LOCK.read_bytes()
    return {
        "packages": digest(*locks, python.encode(), os.fsencode(VENV)),
        "project": digest(PYPROJECT.read_bytes(), version_file()),
    }


def version_file() -> bytes:
    """Return the content of the file that holds the project's version."""
    section = r"^\[tool\.hatch\.version\]\s+path = \"(.+)\"$"
    named = re.search(section, PYPROJECT.read_text(), re.MULTILINE)
    return (ROOT / named.group(1)).read_bytes() if named else b""


def found_stamps() -> dict[str, str]:
    """Return the stamps of the environment that is there, none if it is incomplete or broken."""
    try:
        stamps = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    works = os.access(VENV / "bin" / "python", os.X_OK) and isinstance(stamps, dict)
    return stamps if works else {}


def write_stamps(stamps: dict[str, str]) -> None:
    """Write the stamps in one step."""
    unfinished = STAMPS.with_suffix(".tmp")
    unfinished.write_text(json.dumps(stamps))
    unfinished.replace(STAMPS)


def run(*command: str | Path) -> None:
    """Run a command; what it prints goes to stderr."""
    subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def pip_install(*arguments: str) -> None:
    """Install with the environment's own pip."""
    options = ("--quiet", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--no-deps")
    run(VENV / "bin" / "python", "-m", "pip", "install", *options, *arguments)


def install_packages() -> None:
    """Make the environment from nothing, with the locked packages."""
    say(f"making .venv with Python {platform.python_version()}")
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        # The stamp goes first: what is half removed must not be taken for good.
        STAMPS.unlink(missing_ok=True)
        shutil.rmtree(VENV)
    run(sys.executable, "-m", "venv", VENV)
    say(f"installing {LOCK.read_text().count('==')} packages of requirements.lock, a minute or so")
    for lock in (PIP_LOCK, LOCK):
        pip_install("--require-hashes", "--requirement", str(lock))


def bring_up_to_date() -> None:
    """Do what is missing, and nothing else."""
    wanted, found = wanted_stamps(), found_stamps()
    if found.get("packages") != wanted["packages"]:
        install_packages()
        found = {"packages": wanted["packages"]}
        write_stamps(found)
    if found.get("project") != wanted["project"]:
        say("installing the project, editable")
        pip_install("--no-build-isolation", "--editable", str(ROOT))
        write_stamps(wanted)


def leave_own_environment() -> None:
    """Go on with the Python that .venv was made from: this program may remove .venv."""
    base = getattr(sys, "_base_executable", sys.executable)
    if Path(sys.prefix) == VENV and base != sys.executable:
        os.execv(base, [base, "-m", "tools.build.environment", *sys.argv[1:]])  # noqa: S606


def main(arguments: list[str]) -> int:
    """Bring .venv up to date; with --current only say by the exit code whether it is."""
    if found_stamps() == wanted_stamps():
        return 0
    if arguments == ["--current"]:
        return 1
    leave_own_environment()
    begun = time.monotonic()
    try:
        with locked(ROOT / ".run" / "env.lock", lambda: say("waiting for another run")):
            if found_stamps() == wanted_stamps():
                return 0
            bring_up_to_date()
    except (subprocess.CalledProcessError, OSError) as error:
        say(f"the environment is not complete ({error}): see above, then run scripts/env again")
        return 1
    except KeyboardInterrupt:
        say("interrupted: the next run begins where this one can be trusted")
        return 130
    say(f"done in {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
