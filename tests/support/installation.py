"""Building the distributions, and installing them into empty environments of every supported Python."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

from support.places import ROOT

PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
VERSIONS = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PYPROJECT)


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command that must succeed, and return what it printed; nothing of this process's Python reaches it."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command, cwd=cwd, env=inherited | environment, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built(folder: Path) -> Path:
    """Build sdist and wheel into a folder; the wheel from the unpacked sdist, as pip does."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=ROOT)
    with tarfile.open(sdist(folder)) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=source)
    return folder


def sdist(folder: Path) -> Path:
    """Return the one sdist of a folder."""
    (found,) = folder.glob("*.tar.gz")
    return found


def wheel(folder: Path) -> Path:
    """Return the one wheel of a folder."""
    (found,) = folder.glob("*.whl")
    return found


def interpreter(version: str) -> str | None:
    """Return an interpreter of a version that can make environments: on PATH, or one that pyenv or uv installed."""
    homes = [Path.home() / ".pyenv/versions", Path.home() / ".local/share/uv/python"]
    places = [Path(each) for each in os.environ["PATH"].split(os.pathsep)]
    places += [found for home in homes for found in sorted(home.glob("*/bin"))]
    for place in places:
        command = [str(place / f"python{version}"), "-c", "import sys, venv, ensurepip; print(sys.prefix)"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        except OSError:
            continue
        if done.returncode == 0:
            return command[0]
    return None


def installed_by_pip(python: str, folder: Path, *what: str) -> Path:
    """Make an environment and install into it with pip."""
    run(python, "-m", "venv", folder / "env", cwd=folder)
    own = folder / "env/bin/python"
    run(own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what, cwd=folder)
    return own


def installed_by_uv(python: str, folder: Path, *what: str) -> Path:
    """Make an environment and install into it with uv."""
    uv = Path(sys.executable).with_name("uv")
    run(uv, "venv", "--quiet", "--no-python-downloads", "--python", python, folder / "env", cwd=folder)
    own = folder / "env/bin/python"
    run(uv, "pip", "install", "--quiet", "--python", own, *what, cwd=folder)
    return own


INSTALLERS: dict[str, Callable[..., Path]] = {"pip": installed_by_pip, "uv": installed_by_uv}
