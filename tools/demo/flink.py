"""A job that really runs, updated by a real `pulumi up`: its count before and after each change.

Called by `scripts/demo --flink`; with `--write` the table goes into docs/evidence/flink.md.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path

from support import flink_updates as updates
from support.flink_updates import Outcome

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".run" / "demo-flink"
PAGE = ROOT / "docs" / "evidence" / "flink.md"
TABLE = re.compile(r"(<!-- made by scripts/demo --flink --write -->\n).*?(<!-- end -->)", re.DOTALL)


def show(outcome: Outcome) -> None:
    """Print what the preview said, and the count before and after."""
    print(f"\n=== {outcome.change.title}")
    for line in outcome.preview:
        print(f"  preview: {line}")
    if outcome.error:
        print(f"  pulumi up: {outcome.error}")
    print(
        f"  count before: {outcome.before.now}; at the last start: {outcome.after.at_start}; now: {outcome.after.now}"
    )
    sys.stdout.flush()


def main() -> int:
    """Run all changes; return 0 when they are through."""
    parser = argparse.ArgumentParser(prog="scripts/demo --flink")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/evidence/flink.md")
    arguments = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    print("Starting Flink behind the emulator, and a job that counts", flush=True)
    found = updates.run(FOLDER, show)
    if arguments.write:
        PAGE.write_text(TABLE.sub(lambda m: m[1] + updates.page(found) + m[2], PAGE.read_text()), encoding="utf-8")
    print("\nDone; nothing is left running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
