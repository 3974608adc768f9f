"""The API reference: it builds without a warning, and no public name is without its words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pulumi_dli
from pulumi_dli.schema.resource import INPUTS, OUTPUTS
from support.places import ROOT

ARGUMENTS = "pulumi_dli/arguments.html"


@pytest.fixture(scope="module")
def pages() -> Path:
    """Build the reference."""
    built = subprocess.run(
        [sys.executable, "-m", "tools.build.reference"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (built.returncode, built.stderr) == (0, "")
    return ROOT / ".run/reference"


@pytest.mark.parametrize("name", [name for name in pulumi_dli.__all__ if not name.startswith("_")])
def test_every_public_name_stands_on_the_first_page(pages: Path, name: str) -> None:
    """What has no docstring is left out of the reference, so what stands in it has one."""
    assert f'id="{name}"' in (pages / "pulumi_dli.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("of", "fields"), [("FlinkJarJobArgs", INPUTS), ("FlinkJarJobOutputs", (*INPUTS, *OUTPUTS))])
def test_every_input_and_output_is_described(pages: Path, of: str, fields: tuple[object, ...]) -> None:
    """Each with its own words."""
    page = (pages / ARGUMENTS).read_text(encoding="utf-8")
    assert [each for each in fields if f'id="{of}.{each.name}"' not in page] == []  # type: ignore[attr-defined] # fields of either table
