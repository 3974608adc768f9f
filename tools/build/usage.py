"""What the scripts say of themselves: each in its first comment, from which all lists of scripts are made.

Run as a program it lists the scripts of `scripts/dev`, or says that there is none of a name. Called by `scripts/dev`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOP = ROOT / "scripts"
DEV = TOP / "dev.d"
PAGE = ROOT / "CONTRIBUTING.md"
TABLE = re.compile(r"(<!-- generated: scripts -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Script:
    """A script: how it is called, and what it does, in one line each."""

    path: Path
    usage: str
    purpose: str


def script(path: Path) -> Script:
    """Read a script's first comment: its usage, then sentences of which the first says what it is for."""
    lines = path.read_text(encoding="utf-8").removeprefix("#!/bin/sh\n").splitlines()
    usage, *words = (line[2:] for line in lines[: _length_of_comment(lines)])
    purpose = re.split(r"(?<=[.;]) ", " ".join(words))[0]
    return Script(path, usage.removeprefix("usage: "), purpose.rstrip(".;"))


def _length_of_comment(lines: Sequence[str]) -> int:
    return next(number for number, line in enumerate(lines) if not line.startswith("# "))


def top() -> list[Script]:
    """Return the scripts that everybody needs."""
    return [script(path) for path in sorted(TOP.iterdir()) if path.is_file()]


def dev() -> list[Script]:
    """Return the scripts of `scripts/dev`."""
    return [script(path) for path in sorted(DEV.iterdir())]


def listed() -> str:
    """Return the scripts of `scripts/dev`, a line each."""
    width = max(len(each.path.name) for each in dev())
    return "\n".join(f"{each.path.name:{width}}  {each.purpose}" for each in dev())


def unknown(name: str) -> str:
    """Return the sentence for a name that no script has."""
    names = [each.path.name for each in dev()]
    near = get_close_matches(name, names, n=1)
    instead = f"did you mean {near[0]}?" if near else "scripts/dev without a name lists them"
    return f"scripts/dev: there is no {name}: {instead}"


def contributors_page() -> str:
    """Return CONTRIBUTING.md with the table of all scripts."""
    rows = [f"| `{each.usage.replace('|', chr(92) + '|')}` | {each.purpose} |" for each in (*top(), *dev())]
    table = "\n".join(["| command | what it does |", "|---|---|", *rows, ""])
    return TABLE.sub(lambda match: match[1] + table + match[2], PAGE.read_text(encoding="utf-8"))


def main(names: Sequence[str]) -> int:
    """List the scripts, or say that there is none of this name."""
    for name in names:
        print(unknown(name), file=sys.stderr)
        return 2
    print(listed())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
