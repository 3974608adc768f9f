"""The environment that `scripts/env` makes: once, and right whatever happened meanwhile."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.places import ROOT

# Enough to install the project: hatchling with what it needs, and the editable's own package.
FEW = ("editables", "hatchling", "packaging", "pathspec", "pluggy", "tomli", "trove-classifiers")
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "pulumi-dli"
version = "0"
[tool.hatch.build.targets.wheel]
packages = ["provider/pulumi_dli"]
"""


class Clone:
    """A copy of what `scripts/env` needs, in a folder with a space, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a clone"
        self.home = folder / "home"
        self.home.mkdir()
        package = self.root / "provider" / "pulumi_dli"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        for name in ("scripts", "tools"):
            shutil.copytree(ROOT / name, self.root / name)
        (self.root / "pyproject.toml").write_text(PYPROJECT)
        lock = (ROOT / "requirements.lock").read_text()
        (self.root / "requirements.lock").write_text(only(FEW, lock))

    @property
    def python(self) -> Path:
        return self.root / ".venv" / "bin" / "python"

    def start(self, **environ: str) -> "subprocess.Popen[str]":
        # A clone is set up from outside any environment, and by nothing but Python.
        path = f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}{os.defpath}"
        inherited = {**os.environ, "PATH": path, "HOME": str(self.home), **environ}
        return subprocess.Popen(
            [self.root / "scripts" / "env"],
            cwd=self.home,
            env={k: v for k, v in inherited.items() if k not in ("PYTHON", "XDG_CACHE_HOME")} | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def env(self, **environ: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(**environ)
        out, err = process.communicate(timeout=250)
        assert "Traceback" not in err
        assert out == ""
        return subprocess.CompletedProcess("env", process.returncode, out, err)

    def files(self) -> dict[str, int]:
        """Every file with its time of change."""
        found = (path for path in self.root.rglob("*") if "__pycache__" not in path.parts)
        return {str(path): path.lstat().st_mtime_ns for path in found}


def only(names: tuple[str, ...], lock: str) -> str:
    """The part of a lock file that is about some packages."""
    kept, keep = [], False
    for line in lock.splitlines(keepends=True):
        if not line[0].isspace():
            keep = line.split("==")[0] in names
        if keep:
            kept.append(line)
    return "".join(kept)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def fake_python(folder: Path, status: int) -> str:
    """A PATH with only a `python3` that ends with an exit code, and what the scripts call."""
    folder.mkdir()
    for name in ("dirname", "sh"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    python = folder / "python3"
    python.write_text(f"#!/bin/sh\nexit {status}\n")
    python.chmod(0o755)
    return str(folder)


def test_one_sentence_says_that_there_is_no_suitable_python(clone: Clone, tmp_path: Path) -> None:
    refused = clone.env(PATH=fake_python(tmp_path / "old", 1))
    assert refused.returncode == 1
    assert refused.stderr == ("scripts/env: no Python >= 3.10 on PATH: install one, or name it with PYTHON=.\n")


def test_one_sentence_says_that_the_python_of_the_user_does_not_work(clone: Clone) -> None:
    refused = clone.env(PYTHON="/no/such python")
    assert refused.returncode == 1
    assert refused.stderr.startswith("scripts/env: PYTHON=/no/such python is no working Python")
    assert refused.stderr.count("\n") == 1


def test_one_sentence_says_what_a_python_without_venv_lacks(clone: Clone, tmp_path: Path) -> None:
    # As in Debian without python3-venv: the interpreter itself, its ensurepip hidden.
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    path = fake_python(tmp_path / "bare", 0)
    python = tmp_path / "bare" / "python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    refused = clone.env(PATH=path, PYTHONPATH=str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.startswith("scripts/env: python3 has no venv and ensurepip: install them")
    assert refused.stderr.count("\n") == 1


@pytest.mark.full
def test_the_second_run_installs_nothing(clone: Clone) -> None:
    first = clone.env()
    assert first.returncode == 0, first.stderr
    before = clone.files()
    second = clone.env()
    assert (second.returncode, second.stderr) == (0, "")
    assert clone.files() == before
    found = subprocess.run([clone.python, "-c", "import hatchling, pulumi_dli"], check=False)
    assert found.returncode == 0

    ignored = {".venv", ".run"}
    given = {"provider", "pyproject.toml", "requirements.lock", "scripts", "tools"}
    assert {path.name for path in clone.root.iterdir()} == ignored | given
    assert {path.name for path in clone.home.iterdir()} <= {".cache"}


@pytest.mark.full
def test_a_change_of_the_project_does_not_install_the_packages_again(clone: Clone) -> None:
    clone.env()
    packages = clone.python.parent.parent.glob("lib/*/site-packages/hatchling/__init__.py")
    installed = next(packages)
    before = installed.stat().st_mtime_ns, installed.stat().st_ino
    (clone.root / "pyproject.toml").write_text(PYPROJECT.replace('"0"', '"1"'))
    changed = clone.env()
    assert "making .venv" not in changed.stderr
    assert (installed.stat().st_mtime_ns, installed.stat().st_ino) == before
    version = "import importlib.metadata as m; print(m.version('pulumi-dli'))"
    found = subprocess.run([clone.python, "-c", version], capture_output=True, check=False)
    assert found.stdout == b"1\n"


@pytest.mark.full
def test_an_interrupted_installation_is_repaired(clone: Clone) -> None:
    interrupted = clone.start()
    while not clone.python.exists():
        assert interrupted.poll() is None
        time.sleep(0.05)
    os.killpg(interrupted.pid, signal.SIGKILL)
    interrupted.communicate()
    repaired = clone.env()
    assert repaired.returncode == 0, repaired.stderr
    assert "making .venv" in repaired.stderr
    found = subprocess.run([clone.python, "-c", "import hatchling, pulumi_dli"], check=False)
    assert found.returncode == 0


@pytest.mark.full
def test_two_runs_at_once_make_one_environment(clone: Clone) -> None:
    runs = [clone.start(), clone.start()]
    messages = [run.communicate(timeout=250)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], messages
    assert sum("making .venv" in message for message in messages) == 1
    assert sum("waiting for another run" in message for message in messages) == 1


@pytest.mark.full
def test_an_environment_that_was_moved_is_made_again(clone: Clone) -> None:
    clone.env()
    moved = clone.root.with_name("moved")
    clone.root.rename(moved)
    clone.root = moved
    again = clone.env()
    assert again.returncode == 0
    assert "making .venv" in again.stderr
