"""Imports go one way, as the design has it: what is pure stays pure, and Pulumi stays at the edge."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pulumi_dli

PACKAGE = Path(pulumi_dli.__file__).parent
ROOT = Path(__file__).resolve().parent.parent

MODULES = {path.stem: path for path in PACKAGE.glob("*.py")}
EMULATOR = sorted((PACKAGE / "emulator").rglob("*.py"))
ADOPTION = sorted((PACKAGE / "adoption").glob("*.py"))
ADOPTION_IMPURE = {"command", "project", "survey"}

# No input or output, no service, no Pulumi: what these decide is decided by their arguments.
PURE = [
    "change",
    "kinds",
    "unknown",
    "statuses",
    "errors",
    "spec",
    "diff",
    "check",
    "plan",
    "parts",
    "risk",
    "preview",
    "details",
    "state",
    "masking",
]
IMPURE = {
    "asyncio",
    "grpc",
    "http",
    "keystoneauth1",
    "logging",
    "os",
    "pathlib",
    "pulumi",
    "random",
    "requests",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "urllib3",
}

# The typed arguments are part of the typed resource; `engine` is its link to the engine.
WITH_PULUMI = {"flink_jar_job", "provider", "engine", "arguments"}


def imports(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, those inside functions too, with relative ones spelled out."""
    package = ["pulumi_dli", *path.parent.relative_to(PACKAGE).parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def own(path: Path) -> set[str]:
    """Return the names of the package's own modules that a file imports."""
    parts = (name.split(".") for name in imports(path))
    return {part[1] for part in parts if part[0] == "pulumi_dli" and len(part) > 1} & {*MODULES, "emulator"}


def others(path: Path) -> set[str]:
    """Return the names of the top-level packages that a file imports."""
    return {name.split(".")[0] for name in imports(path)} - {"pulumi_dli"}


@pytest.mark.parametrize("module", PURE)
def test_the_core_is_pure(module: str) -> None:
    """It imports nothing that reads, writes, waits or sends, and no impure module of ours."""
    assert not others(MODULES[module]) & IMPURE
    assert own(MODULES[module]) <= {*PURE}


def test_the_core_calls_nothing_that_reads_or_writes() -> None:
    """Not by a builtin either."""
    for module in PURE:
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not calls & {"open", "print", "input", "exec", "eval", "__import__"}, module


def test_pulumi_is_imported_at_the_edge_alone() -> None:
    """By the typed resource with its arguments, the explicit provider and the link to the engine."""
    assert {module for module, path in MODULES.items() if "pulumi" in others(path)} == WITH_PULUMI


def test_the_edge_is_imported_by_nobody_inside() -> None:
    """Nothing below the resource knows Pulumi by way of another module."""
    for module in {*MODULES} - WITH_PULUMI - {"__init__"}:
        assert not own(MODULES[module]) & WITH_PULUMI, module


@pytest.mark.parametrize("path", EMULATOR, ids=lambda path: path.stem)
def test_the_emulator_imports_nothing_of_the_provider(path: Path) -> None:
    """It is a second reading of the documents; the two check each other. (It says whose version it is.)"""
    assert own(path) <= {"emulator", "version"}
    assert "pulumi" not in others(path)


def test_only_the_fixtures_for_users_import_the_emulator() -> None:
    """The provider works without the extra; the command line loads it by name when it is asked for."""
    assert {module for module, path in MODULES.items() if "emulator" in own(path)} == {"testing"}


@pytest.mark.parametrize("path", ADOPTION, ids=lambda path: path.stem)
def test_adopting_needs_neither_pulumi_nor_the_emulator(path: Path) -> None:
    """It drives the `pulumi` command, and writes programs; what decides about these is pure."""
    assert "pulumi" not in others(path)
    assert own(path) <= {*MODULES} - WITH_PULUMI
    if path.stem not in ADOPTION_IMPURE:
        assert not others(path) & IMPURE
        assert own(path) <= {*PURE}


def test_no_module_is_a_drawer() -> None:
    """Names that say nothing attract code that belongs elsewhere."""
    assert not {"utils", "util", "helpers", "helper", "common", "misc"} & {path.stem for path in PACKAGE.rglob("*.py")}


def test_the_pure_core_and_the_emulator_load_neither_pulumi_nor_requests() -> None:
    """Also not by way of the package itself."""
    program = (
        "import sys, pulumi_dli.check, pulumi_dli.plan, pulumi_dli.state, pulumi_dli.settings, pulumi_dli.emulator\n"
        "print(sorted({'pulumi', 'requests', 'grpc', 'keystoneauth1'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_import_contracts_are_kept() -> None:
    """Those that pyproject.toml declares for import-linter."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
