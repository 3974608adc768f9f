"""Record the previews of tests/support/review_scenarios.py on the real engine into tests/unit/review/golden/."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from support.review_recording import recorded
from support.review_scenarios import GOLDEN, SCENARIOS


def main() -> int:
    """Record the scenarios that were asked for, or all."""
    parser = argparse.ArgumentParser(prog="scripts/dev record-previews", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *SCENARIOS], metavar="SCENARIO")
    for name in parser.parse_args().names or SCENARIOS:
        with tempfile.TemporaryDirectory() as folder:
            text = recorded(SCENARIOS[name], Path(folder) / "stack")
        (GOLDEN / f"{name}.json").write_text(text, encoding="utf-8")
        print(name, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
