"""Imports go one way, as the design has it. Which room may import which is declared in pyproject.toml."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from importlinter.api import read_configuration

from support.places import ROOT
from support.rooms import PACKAGE, dotted, pure_files

WITHOUT_I_O = "What a job is and what a change means is decided without I/O and without Pulumi"
WITH_PULUMI = {"arguments", "flink_jar_job", "host.bags", "host.call", "host.engine_link", "job_resource", "provider"}


def imports(path: Path) -> Iterator[str]:
    """Yield the top-level packages that a file imports, those inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).split(".")[0]


def contract(name: str) -> dict[str, Any]:
    """Return a contract of import-linter by its name."""
    declared = read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    return next(each for each in declared if each["name"] == name)


@pytest.mark.parametrize("path", pure_files(), ids=dotted)
def test_pure_modules_neither_read_nor_write(path: Path) -> None:
    """They import nothing that does, and call no builtin that does."""
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert not set(imports(path)) & set(contract(WITHOUT_I_O)["forbidden_modules"])
    assert not calls & {"open", "print", "input", "exec", "eval", "__import__"}


def test_pulumi_is_imported_at_the_edge_alone() -> None:
    """By the typed resource with its arguments, the explicit provider and the link to the engine."""
    assert {dotted(path) for path in PACKAGE.rglob("*.py") if "pulumi" in imports(path)} == WITH_PULUMI


def test_no_module_is_a_drawer() -> None:
    """Names that say nothing attract code that belongs elsewhere."""
    assert not {"utils", "util", "helpers", "helper", "common", "misc"} & {path.stem for path in PACKAGE.rglob("*.py")}


def test_each_room_says_in_one_sentence_what_lives_there_and_what_does_not() -> None:
    """By the docstring of its package."""
    for room in PACKAGE.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(room.read_text(encoding="utf-8")))
        assert said, room
        assert room.parent.parent != PACKAGE or {"not", "no", "nothing", "knows"} & set(re.findall(r"\w+", said)), room


def test_the_pure_core_and_the_emulator_load_neither_pulumi_nor_requests() -> None:
    """Also not by way of the package itself."""
    modules = "planning.check, pulumi_dli.planning.steps, pulumi_dli.schema.stored_state, pulumi_dli.config.settings"
    program = (
        f"import sys, pulumi_dli.{modules}, pulumi_dli.emulator\n"
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
