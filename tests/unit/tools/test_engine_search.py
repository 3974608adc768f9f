"""The search for an engine: which one is taken, and what is said where there is none."""

import os
import sys

import pytest

from support.engine_machine import EXECUTABLES, Machine, executable, prints
from support.places import ROOT


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
        (prints("hello"), "does not say its version"),
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
    assert "downloading Pulumi 3.274.1 failed: " in last
    assert "there is no go on PATH (1.26.6 is needed), and installing Go failed: " in last
    assert last.endswith(
        "): install the Pulumi CLI 3.245.0 or newer, with its Python language host, and put it on PATH."
    )
    assert machine.engines_found() == []


def test_a_command_that_needs_no_engine_learns_why_there_is_none(machine: Machine) -> None:
    machine.extra["PULUMI_DLI_ENGINE"] = "path"
    show = "import os; print(os.environ.get('PULUMI_DLI_ENGINE_MISSING'))"
    missing = machine.run("--optional", sys.executable, "-c", show)
    assert missing.returncode == 0
    assert missing.stdout.startswith("there is no Pulumi engine (there is no pulumi on PATH)")
    machine.install_pulumi()
    machine.extra["PULUMI_DLI_ENGINE_MISSING"] = "of an outer run"
    assert machine.run("--optional", sys.executable, "-c", show).stdout == "None\n"


def test_a_forced_source_is_the_only_one_tried(machine: Machine) -> None:
    machine.install_pulumi()
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE"] = "build"
    assert "built from source" in machine.run().stderr
    machine.extra["PULUMI_DLI_ENGINE"] = "release"
    refused = machine.run()
    assert refused.returncode == 1
    assert "on PATH;" not in refused.stderr


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("PULUMI_DLI_ENGINE", "PULUMI_DLI_ENGINE=guess names no source: path, release or build is one."),
        ("PULUMI_DLI_ENGINE_VERSION", "PULUMI_DLI_ENGINE_VERSION=guess names no engine: newest or oldest is one."),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(machine: Machine, variable: str, sentence: str) -> None:
    machine.extra[variable] = "guess"
    refused = machine.run()
    assert (refused.returncode, refused.stderr) == (1, f"engine: {sentence}\n")


@pytest.mark.parametrize("version", ["v3.245.0", "v3.274.1", "v3.999.0"])
def test_any_supported_engine_on_path_will_do(machine: Machine, version: str) -> None:
    machine.install_pulumi(version)
    assert machine.run().stderr == f"engine: Pulumi {version[1:]}, on PATH\n"


@pytest.mark.parametrize(("option", "version"), [("--newest", "3.274.1"), ("--oldest", "3.245.0")])
def test_an_engine_on_path_of_another_version_is_not_the_one_asked_for(
    machine: Machine, option: str, version: str
) -> None:
    machine.install_pulumi()
    machine.install_go()
    assert machine.run(option).stderr.endswith(f"engine: Pulumi {version}, built from source\n")


def test_an_engine_on_path_of_the_version_asked_for_is_taken(machine: Machine) -> None:
    machine.install_pulumi("v3.245.0")
    assert machine.run("--oldest").stderr == "engine: Pulumi 3.245.0, on PATH\n"


def test_without_the_engine_asked_for_the_sentence_names_its_version(machine: Machine) -> None:
    machine.install_pulumi()
    machine.extra["PULUMI_DLI_ENGINE"] = "path"
    last = machine.run("--oldest").stderr.splitlines()[-1]
    assert "(pulumi on PATH has version 3.250.0, 3.245.0 was asked for): install the Pulumi CLI 3.245.0, with" in last


def test_the_engine_asked_for_comes_before_another_on_path(machine: Machine) -> None:
    machine.install_pulumi()
    machine.install_go()
    machine.extra["PULUMI_DLI_ENGINE_VERSION"] = "oldest"
    assert machine.run("pulumi", "version").stdout == "v3.245.0\n"


def test_the_command_runs_in_the_callers_folder(machine: Machine) -> None:
    machine.install_pulumi()
    found = machine.run(sys.executable, "-c", "import os; print(os.getcwd(), os.environ['PWD'])")
    assert found.stdout == f"{machine.folder} {machine.folder}\n"
