"""Judge the branch coverage that the tests measured. Called by `scripts/dev coverage`.

Every pure module must be covered whole: what decides without input and output can be tested whole. The
whole package must reach 90 %. Lines that are left out carry a reason (see pyproject.toml).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.rooms import PACKAGE, core_files

ROOT = Path(__file__).resolve().parents[2]
WHOLE = 90


def main() -> int:
    """Print what is not covered; return 1 where that is too much."""
    _coverage("combine", "--append", "--quiet")  # of processes that outlived their test
    pure = ",".join(map(str, core_files()))
    print("== coverage of the pure modules")
    judged = [_coverage("report", "--show-missing", "--skip-covered", "--fail-under=100", f"--include={pure}")]
    if "--fast" not in sys.argv:
        print("== coverage of the package")
        here = f"--include={PACKAGE}/*"  # not the copies of the package that tests make
        judged.append(_coverage("report", "--show-missing", "--skip-covered", f"--fail-under={WHOLE}", here))
    return int(any(judged))


def _coverage(*words: str) -> int:
    return subprocess.run([sys.executable, "-m", "coverage", *words], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
