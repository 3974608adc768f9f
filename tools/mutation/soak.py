"""Run the model test at random for as long as is wanted. Called by `scripts/dev soak`.

Works in rounds, each with a seed of its own; a round that fails is printed with its steps and the command
that repeats it. Its last line: runs, faults, kills and violations.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from model.machine import Machine
from model.world import COUNTS, Service, services

RUNS_OF_A_ROUND = 12
STEPS = 14
MOST_SEED = 1 << 32
SETTINGS = settings(
    max_examples=RUNS_OF_A_ROUND,
    stateful_step_count=STEPS,
    database=None,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak; return 0 if no rule was broken."""
    parser = argparse.ArgumentParser(prog="scripts/dev soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to run, 60 if not given")
    parser.add_argument("--seed", type=int, help="run the one round with this seed")
    options = parser.parse_args(arguments)
    with services() as started:
        violations = _soak(started, options.seconds) if options.seed is None else _round(started, options.seed)
    counted = ", ".join(f"{COUNTS[name]} {name}" for name in ("runs", "faults", "kills"))
    print(f"soak: {counted}, {violations} violations")
    return 1 if violations else 0


def _soak(started: dict[str, Service], seconds: float) -> int:
    """Run rounds until the time is over; return how many failed."""
    end, violations = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        violations += _round(started, random.randrange(MOST_SEED))  # noqa: S311 (nothing to guess here)
    return violations


def _round(started: dict[str, Service], seed: int) -> int:
    """Run one round; print what failed, and return 1 if something did."""
    machine = type("Run", (Machine,), {"services": started, "_hypothesis_internal_use_seed": seed})
    try:
        run_state_machine_as_test(machine, settings=SETTINGS)
    except Exception as error:  # noqa: BLE001 (whatever ends a round is a finding)
        print("\n".join([*_lines_of(error), f"repeat it: scripts/dev soak --seed {seed}\n"]), flush=True)
        return 1
    return 0


def _lines_of(error: BaseException) -> Iterator[str]:
    """Yield an error with its steps; of one that does not happen again, what happened the first time."""
    yield f"{type(error).__name__}: {error}"
    yield from getattr(error, "__notes__", ())
    for each in getattr(error, "exceptions", ()):
        yield from _lines_of(each)


if __name__ == "__main__":
    sys.exit(main())
