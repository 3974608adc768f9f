"""The search for an engine: its order, its messages, and what an interruption leaves behind.

The programs found are imitations, the search is real: `tools/with_engine.py` runs as a process with
a PATH, a home and a cache of its own, and without a way to any network.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

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
import os, pathlib, sys, time
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
    program.write_text("#!/bin/sh\\necho " + os.environ.get("FAKE_GO_MAKES", "v3.245.0"))
    program.chmod(0o755)
    if os.environ.get("FAKE_GO") == "hangs":
        parent = os.getppid()
        while os.getppid() == parent:
            time.sleep(0.1)
"""


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def prints(text: str) -> str:
    return f"#!/bin/sh\necho {text}\n"


@dataclass
class Machine:
    """A PATH, a home and a cache of their own."""

    folder: Path
    surroundings: dict[str, str] = field(default_factory=lambda: dict(NO_NETWORK))
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def programs(self) -> Path:
        return self.folder / "programs"

    @property
    def engines(self) -> Path:
        return self.folder / "cache" / "pulumi-dli" / "engine"

    @property
    def go_calls(self) -> str:
        calls = self.folder / "go-calls"
        return calls.read_text() if calls.exists() else ""

    @property
    def environ(self) -> dict[str, str]:
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

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(ROOT / "tools" / "with_engine.py"), *arguments],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A run in a shell's background has it ignored, and everything that it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - it sets a signal alone
        )

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        assert "Traceback" not in err
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def install_pulumi(self, version: str = "v3.250.0") -> None:
        for name in EXECUTABLES:
            executable(self.programs / name, prints(version))

    def install_go(self) -> None:
        (self.folder / "fake_go.py").write_text(FAKE_GO)
        command = f'exec "{sys.executable}" "{self.folder}/fake_go.py" "$@"'
        executable(self.programs / "go", f"#!/bin/sh\n{command}\n")
        for shim in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
            executable(self.folder / "sdk" / "python" / shim, "#!/bin/sh\n")

    def engines_found(self) -> list[str]:
        return sorted(path.name for path in self.engines.glob("*") if path.name != "lock")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "a machine")
    for name in ("programs", "home", "tmp", "cache"):
        (made.folder / name).mkdir(parents=True)
    return made


def test_an_engine_on_path_is_taken(machine: Machine) -> None:
    machine.install_pulumi()
    found = machine.run()
    assert found.stdout == f"{machine.programs}\n"
    assert found.stderr == "engine: Pulumi 3.250.0, on PATH\n"
    assert machine.engines_found() == []


def test_the_command_finds_the_virtual_environment_first_and_the_engine(machine: Machine) -> None:
    machine.install_pulumi()
    machine.extra["PYTHONHOME"] = ""
    found = machine.run(sys.executable, "-c", "import os; print(os.environ['PATH'])")
    assert found.stdout.strip().split(os.pathsep) == [
        str(ROOT / ".venv" / "bin"),
        str(machine.programs),
    ]


def test_the_exit_code_is_that_of_the_command(machine: Machine) -> None:
    machine.install_pulumi()
    assert machine.run(sys.executable, "-c", "raise SystemExit(7)").returncode == 7
    missing = machine.run("no-such-command")
    assert missing.returncode == 127
    assert "no-such-command: No such file or directory" in missing.stderr


def test_what_lies_beside_a_linked_pulumi_counts(machine: Machine) -> None:
    machine.install_pulumi()
    elsewhere = machine.folder / "elsewhere"
    machine.programs.rename(elsewhere)
    machine.programs.mkdir()
    (machine.programs / "pulumi").symlink_to(elsewhere / "pulumi")
    found = machine.run()
    assert found.stdout.strip().split(os.pathsep) == [str(machine.programs), str(elsewhere)]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (prints("v3.100.0"), "version 3.100.0, 3.245.0 or a newer 3.x is needed"),
        (prints("v4.0.0"), "version 4.0.0, 3.245.0 or a newer 3.x is needed"),
        (prints("hello"), "does not tell its version"),
        ("#!/bin/sh\necho bad luck >&2\nexit 3\n", "broken: it fails with exit code 3 (bad luck)"),
        ("#!/no/such/interpreter\n", "broken: it does not start"),
    ],
)
def test_an_unsuitable_pulumi_is_named_and_the_next_source_tried(machine: Machine, script: str, reason: str) -> None:
    machine.install_pulumi()
    machine.install_go()
    executable(machine.programs / "pulumi", script)
    found = machine.run()
    assert found.returncode == 0
    assert any(reason in line for line in found.stderr.splitlines())
    assert "built from source" in found.stderr


@pytest.mark.parametrize("name", EXECUTABLES[1:])
def test_a_pulumi_that_lacks_a_part_is_not_taken(machine: Machine, name: str) -> None:
    machine.install_pulumi()
    (machine.programs / name).unlink()
    machine.extra["PULUMI_DLI_ENGINE"] = "path"
    found = machine.run()
    assert found.returncode == 1
    assert f"pulumi 3.250.0 on PATH lacks {name})" in found.stderr


def test_without_any_source_one_sentence_says_why_and_what_to_do(machine: Machine) -> None:
    found = machine.run("true")
    assert found.returncode == 1
    assert found.stdout == ""
    last = found.stderr.splitlines()[-1]
    assert last.startswith("engine: there is no Pulumi engine (there is no pulumi on PATH; ")
    assert "downloading Pulumi 3.245.0 failed: " in last
    assert "there is no go on PATH (1.25.8 is needed), and installing Go failed: " in last
    assert last.endswith(
        "): install the Pulumi CLI 3.245.0 or newer, with its Python language host, and put it on PATH."
    )
    assert machine.engines_found() == []


def test_an_optional_engine_that_is_missing_is_told_to_the_command(machine: Machine) -> None:
    machine.extra["PULUMI_DLI_ENGINE"] = "path"
    show = "import os; print(os.environ.get('PULUMI_DLI_ENGINE_MISSING'))"
    missing = machine.run("--optional", sys.executable, "-c", show)
    assert missing.returncode == 0
    assert missing.stdout.startswith("there is no Pulumi engine (there is no pulumi on PATH)")
    machine.install_pulumi()
    machine.extra["PULUMI_DLI_ENGINE_MISSING"] = "of an outer run"
    assert machine.run("--optional", sys.executable, "-c", show).stdout == "None\n"


def test_a_source_can_be_forced(machine: Machine) -> None:
    machine.install_pulumi()
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    assert "built from source" in machine.run().stderr
    machine.extra["PULUMI_DLI_ENGINE"] = "release"
    refused = machine.run()
    assert refused.returncode == 1
    assert "on PATH;" not in refused.stderr
    machine.extra["PULUMI_DLI_ENGINE"] = "guess"
    assert "guess names no source: path, release or build is one." in machine.run().stderr


def test_a_build_is_made_once_and_then_found_in_the_cache(machine: Machine) -> None:
    machine.install_go()
    first = machine.run()
    assert "downloading Pulumi 3.245.0 failed" in first.stderr
    assert "building Pulumi 3.245.0 from source" in first.stderr
    calls = machine.go_calls
    second = machine.run()
    assert second.stdout == first.stdout
    assert second.stderr == "engine: Pulumi 3.245.0, from the cache\n"
    assert machine.go_calls == calls
    programs = Path(first.stdout.strip())
    assert sorted(path.name for path in programs.iterdir()) == sorted(EXECUTABLES)
    assert all(os.access(path, os.X_OK) for path in programs.iterdir())


def test_nothing_is_written_outside_the_cache(machine: Machine) -> None:
    machine.install_go()
    assert machine.run().returncode == 0
    assert list((machine.folder / "home").iterdir()) == []
    assert list((machine.folder / "tmp").iterdir()) == []
    written = sorted(path.name for path in (machine.folder / "cache" / "pulumi-dli").iterdir())
    assert written == ["build.log", "engine", "release.log"]


def wait_for(path: Path, pattern: str, process: "subprocess.Popen[str]") -> None:
    for _ in range(600):
        if any(path.glob(pattern)):
            return
        assert process.poll() is None
        time.sleep(0.05)
    pytest.fail(f"{pattern} did not appear")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_build_is_not_taken_for_an_engine(machine: Machine, how: signal.Signals) -> None:
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    machine.extra["FAKE_GO"] = "hangs"
    interrupted = machine.start()
    wait_for(machine.engines, ".unfinished-*/bin/pulumi", interrupted)
    interrupted.send_signal(how)
    _, err = interrupted.communicate(timeout=20)
    assert interrupted.returncode != 0
    assert "Traceback" not in err
    assert all(name.startswith(".unfinished-") for name in machine.engines_found())
    assert how == signal.SIGKILL or machine.engines_found() == []

    del machine.extra["FAKE_GO"]
    assert "built from source" in machine.run().stderr
    assert len(machine.engines_found()) == 1


def test_a_failed_build_is_named_and_leaves_nothing(machine: Machine) -> None:
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    machine.extra["FAKE_GO"] = "fails"
    failed = machine.run()
    assert failed.returncode == 1
    assert "from source failed: some/module: cannot be had" in failed.stderr.splitlines()[-1]
    assert machine.engines_found() == []


def test_a_build_of_another_version_is_not_taken(machine: Machine) -> None:
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    machine.extra["FAKE_GO_MAKES"] = "v0.0.1"
    failed = machine.run()
    assert "what was made calls itself v0.0.1" in failed.stderr.splitlines()[-1]
    assert machine.engines_found() == []


def test_a_damaged_engine_in_the_cache_is_made_again(machine: Machine) -> None:
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    programs = Path(machine.run().stdout.strip())
    (programs / "pulumi-language-python").unlink()
    assert "built from source" in machine.run().stderr
    assert (programs / "pulumi-language-python").exists()


def test_a_go_that_is_too_old_is_named(machine: Machine) -> None:
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    machine.extra["FAKE_GO_VERSION"] = "go1.22.1"
    failed = machine.run()
    assert failed.returncode == 1
    assert "go on PATH is go1.22.1, 1.25.8 is needed, and" in failed.stderr.splitlines()[-1]


def test_two_runs_at_once_build_once(machine: Machine) -> None:
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    runs = [machine.start(), machine.start()]
    outputs = [run.communicate(timeout=60)[0] for run in runs]
    assert outputs[0] == outputs[1] != ""
    assert machine.go_calls.count("build -v") == 2  # the CLI and its language host


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_the_real_build(machine: Machine) -> None:
    # With GOMODCACHE and GOCACHE of the caller it takes a minute, otherwise five.
    machine.surroundings = dict(os.environ)
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    process = machine.start("pulumi", "version")
    out, err = process.communicate(timeout=3500)
    assert (process.returncode, out) == (0, "v3.245.0\n"), err
    assert list((machine.folder / "home").iterdir()) == []
