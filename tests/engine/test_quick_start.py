"""The README's shell blocks, run as they stand in a clone: only the emulator's port is one that is free."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.documents import blocks
from support.places import ROOT

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
PORT = "8480"
BLOCKS = {each.text: each for each in blocks(ROOT / "README.md") if each.language == "sh" and each.not_run is None}
INSTALL, TRY, BY_HAND = BLOCKS


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What git would bring of the work tree as it is."""
    clone = tmp_path / "pulumi-dli"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    return clone


def free_port() -> str:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def typed(text: str, folder: Path, port: str) -> str:
    """Type a text into a shell in a folder, with a home of its own; return what it said. Leaves no process."""
    text = text.replace(f":{PORT}", f":{port}").replace("pulumi-dli emulator", f"pulumi-dli emulator --port {port}")
    home = folder / "home"
    home.mkdir(exist_ok=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PULUMI_", "OS_"))}
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))  # where the engine is
    own = {"HOME": str(home), "XDG_CACHE_HOME": cache, "PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    said = folder / "said.txt"
    with said.open("w") as output:
        shell = subprocess.Popen(
            ["bash", "-e"],
            cwd=folder,
            env=clean | own,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            assert shell.stdin
            # Through a pipe bash reads line by line, so that a shell that the text starts reads the rest.
            shell.stdin.write(text)
            shell.stdin.close()
            code = shell.wait(timeout=500)
        finally:
            os.killpg(shell.pid, signal.SIGKILL)  # also the emulator
    assert code == 0, said.read_text()
    return said.read_text()


def built_wheel(clone: Path) -> str:
    """Build the wheel; return its path."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=clone, check=True, timeout=60)
    (wheel,) = (clone / "dist").glob("*.whl")
    return str(wheel)


@pytest.mark.parametrize("what", ["clone", "wheel"])
def test_the_quick_start_works_outside_the_repository(what: str, clone: Path) -> None:
    """In an empty folder with an empty environment, from the clone and from a wheel, up to the job's `update_time`."""
    install = INSTALL
    if what == "wheel":
        install = install.replace("../pulumi-dli", built_wheel(clone))
        assert install != INSTALL
    program = (
        f"cat > __main__.py <<'EOF'\n{next(b.text for b in blocks(ROOT / 'README.md') if b.language == 'python')}EOF\n"
    )
    said = typed("\n".join([install, program, TRY, "pulumi destroy --yes", "kill %1"]), clone.parent, free_port())
    assert re.search(r"update_time: \d{13}\n", said), said
    assert "+ 2 created" in said
    assert "- 2 deleted" in said
    home = subprocess.run(
        [clone.parent / "streaming/.venv/bin/python", "-c", "import pulumi_dli; print(pulumi_dli.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert home.stdout.startswith(str(clone.parent / "streaming/.venv"))


def test_the_demo_and_the_project_by_hand_run(clone: Path) -> None:
    """In a clone that was never set up; the demo shows the PUT with its two properties."""
    port = free_port()
    dev = clone / "Pulumi.dev.yaml"
    dev.write_text(dev.read_text(encoding="utf-8").replace(PORT, port), encoding="utf-8")
    said = typed(f"cd pulumi-dli\nscripts/demo </dev/null\n{BY_HAND}", clone.parent, port)
    assert "Requests that this up sent to DLI: 0" in said
    assert re.search(r"update_time: \d{13}\n", said), said
