"""Measure this provider against an empty one; called by `scripts/dev bench`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.bench import fleet, profile, waits
from tools.bench.alone import JOBS, OPERATIONS, alone, import_time
from tools.bench.phases import INSTANT, PAUSE, Measured, Plan, measured
from tools.bench.report import markdown
from tools.bench.results import Target, as_data, targets
from tools.bench.stack import EMPTY, OURS
from tools.local_dli import LocalDli, local_dli

ROOT = Path(__file__).resolve().parents[2]
PAGE, DATA = ROOT / "docs" / "evidence" / "measurements.md", ROOT / "docs" / "evidence" / "measurements.json"
QUICK = (Plan(1, 3, 3), Plan(10, 3, 1, restarts=False), Plan(50, 3, 1))
WHOLE = (Plan(1, 5, 5), Plan(10, 5, 3), Plan(50, 3, 3), Plan(100, 3, 2), Plan(1000, 3, 1, restarts=False))


def main() -> int:
    """Measure, print, and return 1 where a target is missed."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        with local_dli(folder, "--quiet", "--time-factor", "1000") as dli:
            dli.set_durations(INSTANT)
            if options.profile:
                print("\n".join(profile.table(profile.profiled(options.profile, folder, dli))))
                return 0
            if options.waits:
                print("\n".join(waits.table(waits.waited(folder, dli))))
                return 0
            if options.fleet:
                return _measure_fleet(options, folder, dli)
            found = [each for plan in _plans(options) for each in measured(plan, folder, dli)]
            found.sort(key=lambda each: each.jobs)
            figures = _figures(dli) if not options.quick else {}
    held = list(targets(found))
    data = as_data(found, held, figures)
    text = markdown(data, f"{os.cpu_count()} cores, Python {platform.python_version()}", PAUSE)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    if options.write:
        _write(data, text)
    return _verdict(held)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/dev bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few jobs and runs, for CI")
    parser.add_argument("--jobs", type=int, action="append", metavar="N", help="with so many jobs instead; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there as JSON")
    parser.add_argument("--profile", type=int, metavar="N", help="instead: where the time of N jobs goes, by py-spy")
    parser.add_argument("--waits", action="store_true", help="instead: ways in which restarts wait, compared")
    parser.add_argument("--fleet", type=fleet.Size.of, metavar="SxJ", help="instead: S stacks of J jobs, such as 25x20")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="with --fleet: stacks at once (default: 2)")
    parser.add_argument("--write", action="store_true", help="keep report, data and plots in docs/evidence/")
    return parser.parse_args()


def _measure_fleet(options: argparse.Namespace, folder: Path, dli: LocalDli) -> int:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    found = list(fleet.measured(options.fleet, options.at_once, folder, dli))
    text = fleet.report(found, options.fleet, options.at_once, machine)
    print(text)
    if options.write:
        fleet.PAGE.write_text(text, encoding="utf-8")
    return 0


def _plans(options: argparse.Namespace) -> Sequence[Plan]:
    plans = QUICK if options.quick else WHOLE
    known = {plan.jobs: plan for plan in plans}
    return [known.get(jobs, Plan(jobs, 3, 1, restarts=False)) for jobs in options.jobs] if options.jobs else plans


def _figures(dli: LocalDli) -> dict[str, Any]:
    hosts = {name: alone(name, dli) for name in (OURS, EMPTY)}
    bare = import_time("import pulumi")
    return {
        "import beyond pulumi's own, s": {
            OURS: import_time("import pulumi, pulumi_dli; pulumi_dli.FlinkJarJob") - bare
        },
        "start-up of the host until its first check, s": {name: it.start_up for name, it in hosts.items()},
        "memory of the host after it, MB": {name: it.first_memory for name, it in hosts.items()},
        "processor time per LIVE update, ms": {name: it.per_update for name, it in hosts.items()},
        f"growth of memory over {JOBS} creates, MB": {name: it.memory_of_jobs for name, it in hosts.items()},
        f"growth over {OPERATIONS} updates, MB": {name: it.memory_of_operations for name, it in hosts.items()},
    }


def _write(data: dict[str, Any], text: str) -> None:
    from tools.media.plots import plots  # noqa: PLC0415 - a slow import that is not always needed

    DATA.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    names = plots(data, ROOT / "docs" / "evidence")
    pictures = "\n".join(f"![{title}]({file})" for title, file in names)
    PAGE.write_text(f"{text}\n## Plots\n\n{pictures}\n", encoding="utf-8")


def _verdict(held: Sequence[Target]) -> int:
    missed = [each for each in held if not each.met]
    for each in missed:
        print(f"MISSED: {each.what}: {each.was:.3g}, at most {each.at_most:.3g}", file=sys.stderr)
    print(f"{len(held)} targets, {len(missed)} missed", file=sys.stderr)
    return 1 if missed else 0


__all__ = ["Measured", "main"]

if __name__ == "__main__":
    sys.exit(main())
