"""The scripts: six for everybody, the others behind `scripts/dev`; each says itself what it is for."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.places import ROOT
from tools.build import usage

TOP = sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file())
DEV = sorted((ROOT / "scripts" / "dev.d").iterdir())


Dev = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def dev(tmp_path: Path) -> Dev:
    """Return `scripts/dev` of a copy whose .venv is there and holds this Python: it need not be made."""
    for name in ("scripts", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    program(tmp_path / "scripts" / "env", "exit 0")
    program(tmp_path / ".venv" / "bin" / "python", f'exec "{sys.executable}" "$@"')

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [str(tmp_path / "scripts" / "dev"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    return run


def program(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def test_everybody_needs_six_scripts_and_the_door_to_the_others() -> None:
    assert [path.name for path in TOP] == ["check", "demo", "dev", "env", "format", "test", "with-engine"]


@pytest.mark.parametrize("script", TOP, ids=lambda path: path.name)
def test_a_script_is_a_program_that_stops_at_the_first_failure(script: Path) -> None:
    lines = script.read_text().splitlines()
    assert lines[0] == "#!/bin/sh"
    assert "set -eu" in lines
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("script", [*TOP, *DEV], ids=lambda path: path.name)
def test_a_script_is_posix_shell(script: Path) -> None:
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0


@pytest.mark.parametrize("script", TOP, ids=lambda path: path.name)
def test_a_script_begins_with_its_usage(script: Path) -> None:
    assert script.read_text().splitlines()[1].startswith(f"# usage: scripts/{script.name}")


@pytest.mark.parametrize("script", DEV, ids=lambda path: path.name)
def test_a_script_of_dev_begins_with_its_usage(script: Path) -> None:
    assert re.match(rf"# usage: scripts/dev {script.name}(?: \[|\n)", script.read_text())


def test_dev_without_a_name_lists_every_script_with_its_purpose(dev: Dev) -> None:
    listed = dev()
    assert listed.returncode == 0
    assert listed.stdout == usage.listed() + "\n"
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [path.name for path in DEV]


def test_the_purpose_is_the_first_sentence_of_the_comment(tmp_path: Path) -> None:
    (tmp_path / "sweep").write_text("# usage: scripts/dev sweep [DAYS]\n# Sweeps what is\n# old. Never more.\ntrue\n")
    read = usage.script(tmp_path / "sweep")
    assert (read.usage, read.purpose) == ("scripts/dev sweep [DAYS]", "Sweeps what is old")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("mistake", "scripts/dev: there is no mistake: did you mean mistakes?"),
        ("xyz", "scripts/dev: there is no xyz: scripts/dev without a name lists them"),
        ("../check", "scripts/dev: there is no ../check: scripts/dev without a name lists them"),
    ],
)
def test_an_unknown_name_is_refused_in_one_line_with_the_nearest(dev: Dev, name: str, sentence: str) -> None:
    refused = dev(name)
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", f"{sentence}\n")


def test_the_contributors_table_names_every_script_once() -> None:
    named = re.findall(r"^\| `scripts/((?:dev )?[a-z-]+)", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert named == [path.name for path in TOP] + [f"dev {path.name}" for path in DEV]


def test_the_contributors_table_says_what_the_scripts_say() -> None:
    assert usage.contributors_page() == usage.PAGE.read_text()


@pytest.mark.parametrize("part", ["", "3", "0/2", "3/2", "1/x", "1/2/3"])
def test_a_part_that_does_not_exist_is_refused_before_anything_runs(part: str) -> None:
    command = [str(ROOT / "scripts" / "test"), "--part", part]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert re.fullmatch(r"scripts/test: .+\n", refused.stderr)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_the_parts_together_are_all_tests_and_none_twice() -> None:
    parts = [collected("--part", part) for part in ("1/3", "2/3", "3/3")]
    assert all(parts)
    assert sorted(each for part in parts for each in part) == sorted(collected())


def collected(*arguments: str) -> list[str]:
    command = [str(ROOT / "scripts" / "test"), "--fast", *arguments, "--collect-only", "-qq", "-p", "no:cacheprovider"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return re.findall(r"^tests/.+$", done.stdout.partition("== pytest")[2], re.MULTILINE)
