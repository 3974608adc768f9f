"""The model test: the real provider against the emulator, through edits, faults and kills, judged by a few rules.

A failed example prints the steps that led to it; `scripts/dev soak` runs the same machine for longer, at random.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from model.machine import Machine
from model.scenarios import OF_SAVEPOINTS, SCENARIOS
from model.world import VARIANTS, Service, World, services

EXAMPLES = 40
STEPS = 12


@pytest.fixture(scope="module")
def started() -> Iterator[dict[str, Service]]:
    with services() as found:
        yield found


# Whether a restart was made already shows in start_time alone: without it one more is made, from the savepoint.
CANNOT_BE_KNOWN = {("a_restart_is_cut_off_at_each_write", "silent")}


def _is_long(name: str) -> bool:
    return name.startswith("every_fault") or name.endswith("at_each_write")


def _cases() -> Iterator[ParameterSet]:
    """Yield every scenario: in one variant, and where the savepoint's end counts in all; --full runs all in all."""
    for at, name in enumerate(sorted(SCENARIOS, key=_is_long)):
        for other, variant in enumerate(VARIANTS):
            if (name, variant) in CANNOT_BE_KNOWN:
                continue
            here = name in OF_SAVEPOINTS or other == at % len(VARIANTS)
            yield pytest.param(name, variant, marks=[] if here else [pytest.mark.full])


@pytest.mark.parametrize(("name", "variant"), list(_cases()))
def test_a_scenario_ends_well(started: dict[str, Service], name: str, variant: str) -> None:
    SCENARIOS[name](World(started[variant]))


def test_random_runs_end_well(started: dict[str, Service]) -> None:
    machine = type("Run", (Machine,), {"services": started})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
