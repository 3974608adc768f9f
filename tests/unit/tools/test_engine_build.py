"""An engine that is built: once, whole, and with nothing left behind by what was interrupted or failed."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.engine_machine import EXECUTABLES, Machine
from tools.engine_install.pins import BY_NAME, Engine


def test_a_build_is_made_once_and_then_found_in_the_cache(machine: Machine) -> None:
    machine.install_go()
    first = machine.run()
    assert "downloading Pulumi 3.274.1 failed" in first.stderr
    assert "building Pulumi 3.274.1 from source" in first.stderr
    calls = machine.go_calls
    second = machine.run()
    assert second.stdout == first.stdout
    assert second.stderr == "engine: Pulumi 3.274.1, from the cache\n"
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
    assert "go on PATH is go1.22.1, 1.26.6 is needed, and" in failed.stderr.splitlines()[-1]


def test_two_runs_at_once_build_once(machine: Machine) -> None:
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    runs = [machine.start(), machine.start()]
    outputs = [run.communicate(timeout=60)[0] for run in runs]
    assert outputs[0] == outputs[1] != ""
    assert machine.go_calls.count("build -v") == 2  # the CLI and its language host


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("engine", BY_NAME.values(), ids=BY_NAME)
def test_the_real_build_starts_and_is_of_its_version(machine: Machine, engine: Engine) -> None:
    # With GOMODCACHE and GOCACHE of the caller it takes a minute, otherwise eight.
    machine.surroundings = dict(os.environ)
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    process = machine.start(f"--{engine.name}", "pulumi", "version")
    out, err = process.communicate(timeout=3500)
    assert (process.returncode, out) == (0, f"v{engine.version}\n"), err
    assert list((machine.folder / "home").iterdir()) == []
