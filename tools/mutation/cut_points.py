"""Print the table of all cut points: what was cut off, what the next run did, and whether it converged."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from textwrap import shorten

from support.interruption import SCENES, Outcome, all_cuts, outcomes, sent

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 200
PAGE = ROOT / "docs" / "evidence" / "cut-points.md"
HEADING = """\
# Cut points

Every request that the provider sends during a create, an update with restart and a roll-back was held by the
emulator on the real engine, before or after its effect, while the CLI, the provider's host or both were killed, or
the CLI got a signal during a wait. Then came `pulumi cancel` where the stack was locked, and `pulumi up` with the
same program (kept), or `pulumi up --refresh` with the one before (reverted). A run converged if the job exists exactly
once and runs as the program asks for (or does not exist), state and service agree and nothing is pending; if no step
was taken more than the job's status needed, no request broke a rule of the service, and every start after the first
came from a savepoint; and if a host that outlived its engine sent nothing more that changes anything.

A create that was cut off leaves a pending operation without the job's id. With the program reverted, the job (if it
exists by then) is therefore left: one `up` with the job in the program takes it over, the next one without deletes it.

Made by `scripts/dev cut-points --write`.

"""
COLUMNS = ("operation", "request", "cut", "program", "what the next run did", "converged")


def row(outcome: Outcome) -> str:
    """Return a cut as a row of the table."""
    cut = outcome.cut
    how = f"{cut.way.value}, {cut.when.value}"
    converged = (
        "yes" if not outcome.troubles else "no: " + "; ".join(shorten(each, LONGEST) for each in outcome.troubles)
    )
    return _line((cut.scene.name, f"{cut.index + 1}. {cut.request}", how, cut.program, outcome.did, converged))


def table(found: Iterable[Outcome]) -> list[str]:
    """Return the lines of the table."""
    return [_line(COLUMNS), _line(["---"] * len(COLUMNS)), *(row(each) for each in found)]


def count(found: list[Outcome]) -> str:
    """Return the closing line."""
    good = sum(not each.troubles for each in found)
    return f"{len(found)} cut points, {good} converged, {len(found) - good} did not"


def main() -> int:
    """Try the cut points and print them; 1 if one did not converge."""
    options = _options()
    os.environ.pop("PYTHONPATH", None)  # it was for this program, not for those that the engine starts
    cuts = [cut for cut in all_cuts() if options.only in str(cut)]
    began, found = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="cut-points-") as folder:
        missed = _missed(Path(folder))
        for each in outcomes(cuts, Path(folder) / "cuts", options.at_once):
            found.append(each)
            _progress(len(found), len(cuts), each)
    found.sort(key=lambda each: cuts.index(each.cut))
    lines = [*table(found), "", count(found)]
    print("\n".join([*missed, *lines]))
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    if options.write:
        PAGE.write_text(HEADING + "\n".join(lines) + "\n", encoding="utf-8")
    return 1 if missed or any(each.troubles for each in found) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/dev cut-points", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep the table in docs/evidence/cut-points.md")
    parser.add_argument("--only", default="", metavar="TEXT", help="only cuts whose name contains it")
    parser.add_argument("--at-once", type=int, default=1 + (os.cpu_count() or 1), metavar="N", help="so many at once")
    return parser.parse_args()


def _missed(folder: Path) -> list[str]:
    """Tell where an operation sends other requests than the list of cut points knows."""
    return [
        f"{scene.name}: sends {real}, the cut points are of {scene.operations}"
        for number, scene in enumerate(SCENES)
        if (real := sent(scene, folder / f"rehearsal-{number}")) != scene.operations
    ]


def _progress(done: int, of: int, outcome: Outcome) -> None:
    verdict = "converged" if not outcome.troubles else f"DID NOT CONVERGE: {outcome.troubles}"
    print(f"{done}/{of} {outcome.cut}: {verdict}", file=sys.stderr, flush=True)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(each.replace("|", "\\|") for each in cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
