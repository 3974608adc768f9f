"""The edits that a guide in CONTRIBUTING.md shows, made on a copy of the project: nothing else is known of them here.

An edit is a `diff` block: its first line names the file; ` ` begins a line that is there, `-` one that goes, `+` one
that comes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from support.documents import blocks
from support.places import ROOT

GUIDES = ROOT / "CONTRIBUTING.md"


def section(heading: str) -> str:
    """Return the text of a section."""
    text = GUIDES.read_text(encoding="utf-8")
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def edits(heading: str) -> list[str]:
    """Return the edits that a section shows, in their order."""
    text = section(heading)
    return [each.text for each in blocks(GUIDES) if each.language == "diff" and each.text in text]


def make(edit: str, copy: Path) -> None:
    """Make an edit on a copy; the lines that show where must be there exactly once."""
    head, *lines = edit.splitlines()
    path = copy / head.removeprefix("+++ ")
    old, new = ("".join(f"{line[1:]}\n" for line in lines if line[:1] != left_out) for left_out in "+-")
    text = path.read_text(encoding="utf-8")
    # From the beginning of a line: what is shown there may also be the end of another one.
    assert f"\n{text}".count(f"\n{old}") == 1, f"{head}: these lines are not there exactly once:\n{old}"
    path.write_text(f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:], encoding="utf-8")


def clean_copy(to: Path) -> Path:
    """Copy the files that git knows, as they are now, into a repository of its own, without a .venv."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name)
    for command in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=to, check=True)
    return to


def environment(copy: Path) -> dict[str, str]:
    """Return an environment in which Python finds the copy's package before any other."""
    return os.environ | {"PYTHONPATH": str(copy / "provider")}
