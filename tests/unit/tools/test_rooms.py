"""The rooms of `tools/`: each says in one sentence what it is for, and finds the others as a package."""

import ast
import re
from pathlib import Path

import pytest

from support.places import ROOT

TOOLS = ROOT / "tools"
ROOMS = sorted(path.parent for path in TOOLS.rglob("__init__.py"))
MODULES = sorted(TOOLS.rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.name)
def test_a_room_has_one_sentence(room: Path) -> None:
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    assert re.fullmatch(r"[A-Z][^.]+\.", docstring)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(TOOLS)))
def test_no_module_changes_where_python_looks_for_modules(module: Path) -> None:
    assert "sys.path" not in module.read_text()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(TOOLS)))
def test_a_module_fits_on_a_few_screens(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= 300
