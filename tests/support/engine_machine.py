"""A machine with imitations of Pulumi and Go, on which the real search for an engine runs as a process.

It has a PATH, a home and a cache of its own, and no way to any network.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from support.places import ROOT

EXECUTABLES = (
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
)
UNREACHABLE = "http://127.0.0.1:9"
NO_NETWORK = {
    "https_proxy": UNREACHABLE,
    "HTTPS_PROXY": UNREACHABLE,
    "no_proxy": "",
    "NO_PROXY": "",
    "PIP_NO_INDEX": "1",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_CACHE_DIR": "",
    "GOPROXY": "off",
}

FAKE_GO = """\
import os, pathlib, re, sys, time
arguments = sys.argv[1:]
with open(os.environ["FAKE_GO_CALLS"], "a") as calls:
    print(*arguments, sep=" ", file=calls)
if arguments[0] == "env":
    print(os.environ.get("FAKE_GO_VERSION", "go1.26.8"))
elif arguments[0] == "-C":
    print(os.environ["FAKE_SDK"])
elif os.environ.get("FAKE_GO") == "fails":
    sys.exit("some/module: cannot be had")
else:
    program = pathlib.Path(arguments[arguments.index("-o") + 1])
    asked = re.search(r"version[.]Version=(\\S+)", " ".join(arguments))
    version = os.environ.get("FAKE_GO_MAKES") or (asked.group(1) if asked else "none")
    program.write_text("#!/bin/sh\\necho " + version)
    program.chmod(0o755)
    if os.environ.get("FAKE_GO") == "hangs":
        parent = os.getppid()
        while os.getppid() == parent:
            time.sleep(0.1)
"""


def executable(path: Path, text: str) -> None:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def prints(text: str) -> str:
    """Return a program that prints a text."""
    return f"#!/bin/sh\necho {text}\n"


@dataclass
class Machine:
    """A PATH, a home and a cache of their own."""

    folder: Path
    surroundings: dict[str, str] = field(default_factory=lambda: dict(NO_NETWORK))
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def programs(self) -> Path:
        """Return the one folder of PATH."""
        return self.folder / "programs"

    @property
    def engines(self) -> Path:
        """Return the cache's folder of engines."""
        return self.folder / "cache" / "pulumi-dli" / "engine"

    @property
    def go_calls(self) -> str:
        """Return the arguments of every call of `go`, a line each."""
        calls = self.folder / "go-calls"
        return calls.read_text() if calls.exists() else ""

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of its programs."""
        return {
            "PATH": str(self.programs),
            **self.surroundings,
            "HOME": str(self.folder / "home"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "TMPDIR": str(self.folder / "tmp"),
            "FAKE_GO_CALLS": str(self.folder / "go-calls"),
            "FAKE_SDK": str(self.folder / "sdk"),
            **self.extra,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the search, with the arguments of `scripts/with-engine`."""
        return subprocess.Popen(
            [sys.executable, "-m", "tools.engine_install.with_engine", str(self.folder), *arguments],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A run in a shell's background has it ignored, and everything that it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - it sets a signal alone
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Search, and wait for the end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def install_pulumi(self, version: str = "v3.250.0") -> None:
        """Put an engine on PATH."""
        for name in EXECUTABLES:
            executable(self.programs / name, prints(version))

    def install_go(self) -> None:
        """Put a Go on PATH, and the SDK's module where it says that it is."""
        (self.folder / "fake_go.py").write_text(FAKE_GO)
        command = f'exec "{sys.executable}" "{self.folder}/fake_go.py" "$@"'
        executable(self.programs / "go", f"#!/bin/sh\n{command}\n")
        for shim in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
            executable(self.folder / "sdk" / "python" / shim, "#!/bin/sh\n")

    def engines_found(self) -> list[str]:
        """Return the names of what is in the cache, finished or not."""
        return sorted(path.name for path in self.engines.glob("*") if path.name != "lock")
