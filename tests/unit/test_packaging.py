"""What a user installs: wheel and sdist on every Python that is supported, and what an editor makes of them."""

from __future__ import annotations

import email
import json
import re
import subprocess
import sys
import zipfile
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli.version import __version__
from support.documents import block
from support.installation import INSTALLERS, VERSIONS, installed_by_uv, run, sdist, wheel
from support.places import ROOT

# Not supported yet for want of an interpreter to try it with: its types alone.
NEXT = "3.14"


def metadata(folder: Path) -> Message:
    """Return the wheel's metadata."""
    with zipfile.ZipFile(wheel(folder)) as archive:
        return email.message_from_bytes(archive.read(f"pulumi_dli-{__version__}.dist-info/METADATA"))


def test_the_wheel_holds_the_package_and_nothing_else(dist: Path) -> None:
    """Every file of the package, among them the mark of its types, the plugin's and the emulator's data."""
    with zipfile.ZipFile(wheel(dist)) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = ROOT / "provider"
    expected = {
        str(path.relative_to(package)) for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    assert names == expected | {"pulumi_dli/py.typed"}
    assert {"pulumi_dli/py.typed", "pulumi_dli/pulumi-plugin.json", "pulumi_dli/emulator/openapi.yaml"} <= names


def test_the_metadata_say_what_is_needed_and_nothing_of_development(dist: Path) -> None:
    """The licence, the Pythons, the extras; no linter or test runner comes along."""
    told = metadata(dist)
    assert (told["Requires-Python"], told["License-Expression"]) == (">=3.10", "Apache-2.0")
    needed = {re.split(r"[^a-z0-9-]", line.lower())[0] for line in told.get_all("Requires-Dist", [])}
    assert {"pulumi", "requests", "starlette"} <= needed
    assert not needed & {"pytest", "ruff", "mypy", "hatchling", "basedpyright", "pdoc", "coverage", "uv", "pre-commit"}
    assert "emulator" in told.get_all("Provides-Extra", [])


PROGRAM = """
import pulumi
import pulumi_dli as dli

own = dli.Provider("nl", region="eu-nl", project_id=pulumi.Output.secret("p"))
args: dli.FlinkJarJobArgs = {"name": "a", "queue_name": "q"}
config = pulumi.Config()
job = dli.FlinkJarJob(
    "a",
    args,
    pulumi.ResourceOptions(provider=own),
    entrypoint=pulumi.Output.concat("obs://", config.require("bucket"), "/a.jar"),
    cu_number=config.get_int("cus"),
    smn_topic=config.get("topic"),
    dependency_jars=["obs://a/b.jar", pulumi.Output.from_input("obs://a/c.jar")],
    resource_config={"max_slot": 1, "jobmanager_resource_spec": {"cpu": 0.5, "memory": "4GB"}},
    tags=[{"key": "team", "value": "data"}],
    restart_nonce=1,
)
size: pulumi.Output[int | None] = job.cu_number
when: pulumi.Output[int] = job.update_time
found: dli.FlinkJarJob = dli.FlinkJarJob.get("b", "138")
"""
WRONG = (
    'dli.FlinkJarJob("a", cu_nummber=4)',
    'dli.FlinkJarJob("a", cu_number="four")',
    'dli.FlinkJarJob("a", log_enabled="yes")',
    'dli.FlinkJarJob("a", dependency_jars=[1])',
    'dli.FlinkJarJob("a", resource_config={"slots": 1})',
    'dli.FlinkJarJob("a", tags=[{"name": "team"}])',
    'dli.FlinkJarJob("a", {"queue": "q"})',
    'dli.Provider("nl", regoin="eu-nl")',
    "job.update_tme",
    "text: pulumi.Output[str] = job.update_time",
)


def errors(folder: Path, what: Path, python: str) -> list[dict[str, Any]]:
    """Return the errors that pyright's engine, which VS Code and others use, finds in a file or folder."""
    config = folder / "pyrightconfig.json"
    projects = sorted({str(path.parent) for path in what.rglob("*.py")}) if what.is_dir() else []
    settings = {"typeCheckingMode": "standard", "include": [str(what)], "extraPaths": projects}
    config.write_text(json.dumps(settings), encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--pythonpath", python, "--outputjson", "--project", config],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    told = json.loads(checked.stdout)
    assert told["summary"]["filesAnalyzed"] > 0
    return [each for each in told["generalDiagnostics"] if each["severity"] == "error"]


def wrong_lines(program: str, folder: Path, python: str) -> list[str]:
    """Return the lines of a program with errors."""
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    lines = {each["range"]["start"]["line"] for each in errors(folder, path, python)}
    return [program.splitlines()[number] for number in sorted(lines)]


def test_an_editor_knows_every_property_and_its_type(tmp_path: Path) -> None:
    """Each wrong name and type is marked at its line, and nothing else is."""
    program = PROGRAM + "\n".join(WRONG) + "\n"
    assert wrong_lines(program, tmp_path, sys.executable) == list(WRONG)


def test_the_examples_have_no_type_errors(tmp_path: Path) -> None:
    """What users copy is right in their editors too."""
    assert errors(tmp_path, ROOT / "examples", sys.executable) == []


FACTS = """
import importlib.metadata, json, sys
import pulumi_dli as dli
files = importlib.metadata.files("pulumi-dli")
print(json.dumps({
    "version": dli.__version__,
    "names": [getattr(dli, name).__name__ for name in dli.__all__ if name[0].isupper()],
    "place": dli.__file__,
    "tops": sorted({str(file).split("/")[0] for file in files}),
}))
"""


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
@pytest.mark.parametrize("installer", INSTALLERS)
def test_it_installs_into_an_empty_environment(
    python: str, installer: str, kind: str, dist: Path, tmp_path: Path
) -> None:
    """By itself and importable; the emulator's command names what it lacks; no other module comes along."""
    what = str(wheel(dist) if kind == "wheel" else sdist(dist))
    own = INSTALLERS[installer](python, tmp_path, what)
    facts = json.loads(run(own, "-c", FACTS, cwd=tmp_path))
    assert (facts["version"], facts["names"]) == (__version__, ["FlinkJarJob", "FlinkJarJobArgs", "Provider"])
    assert facts["place"].startswith(str(tmp_path))
    assert {top for top in facts["tops"] if not top.endswith(".dist-info")} == {"..", "pulumi_dli"}
    assert run(own.with_name("pulumi-dli"), "--version", cwd=tmp_path).strip().endswith(__version__)
    lacking = subprocess.run(
        [own.with_name("pulumi-dli"), "emulator"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (lacking.returncode, "pip install 'pulumi-dli[emulator]'" in lacking.stderr) == (1, True)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_the_emulator_comes_with_its_extra(python: str, dist: Path, tmp_path: Path) -> None:
    """In an empty environment, on every Python."""
    own = installed_by_uv(python, tmp_path, f"{wheel(dist)}[emulator]")
    assert "--time-factor" in run(own.with_name("pulumi-dli"), "emulator", "--help", cwd=tmp_path)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_an_editor_knows_the_installed_package(dist: Path, tmp_path: Path) -> None:
    """Outside the repository, from the wheel alone: `py.typed` is there and the types with it."""
    own = installed_by_uv(sys.executable, tmp_path, str(wheel(dist)))
    program = block("README.md", "python").text
    assert wrong_lines(f"{program}\n{WRONG[0]}\n", tmp_path, str(own)) == [WRONG[0]]


@pytest.mark.full
@pytest.mark.parametrize("version", [*VERSIONS, NEXT])
def test_the_types_hold_on_every_version(version: str) -> None:
    """Also where there is no interpreter: every name of the standard library that is used exists there."""
    run(sys.executable, "-m", "mypy", "--python-version", version, "--no-error-summary", cwd=ROOT)
