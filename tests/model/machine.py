"""Random runs: any edit, any trouble and any interruption, in any order, and a recovery after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from model import domain
from model.world import HOLDS, Disturbance, Service, World

PROPERTY = st.sampled_from(sorted(domain.VALUES)).flatmap(
    lambda name: st.tuples(
        st.just(name), st.sampled_from([*domain.VALUES[name], *([None] if name in domain.REMOVABLE else [])])
    )
)
CONTROL = st.sampled_from(sorted(domain.CONTROLS)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(domain.CONTROLS[name]))
)
OPERATION = st.sampled_from(["*", "*", "ShowFlinkJob", "UpdateFlinkJarJob", "RunFlinkJobs", "StopFlinkJobs"])
AFTER = st.integers(0, 7)
TROUBLES: dict[str, dict[str, Any]] = {
    "no submit": {"fail_next_submit": 1},
    "no submit, twice": {"fail_next_submit": 2},
    "no savepoint": {"fail_savepoint": 1},
    "no stop": {"fail_stop": 1},
    "crash": {"crash_after": 0.01, "crash_times": 1},
    "end": {"finish_after": 0.01},
}
MOVES: dict[str, dict[str, Any]] = {
    "stopped": {"status": domain.STOPPED},
    "stopped, saved": {"status": domain.STOPPED, "savepoint": "obs://points/by-hand"},
    "crashed": {"status": domain.CRASHED},
    "ended": {"status": domain.FINISHED},
    "in arrears": {"status": domain.ARREARS},
    "started": {"status": domain.RUNNING},
}


OVERTAKING = ("stopped", "stopped, saved", "crashed", "ended")
"""Moves that may overtake an update."""


def _console(edit: tuple[str, Any]) -> Callable[[World], None]:
    return lambda world: world.console_edit(*edit)


def _overtakes(move: str) -> Callable[[World], None]:
    return lambda world: world.console_move(**MOVES[move])


def _change(world: World, name: str, value: Any) -> None:
    """Edit a property so that it does change: where it has this value already, it gets another one."""
    if domain.same(name, world.program.get(name), value):
        value = next(it for it in domain.VALUES[name] if not domain.same(name, it, value))
    world.edit(name, value)


@st.composite
def disturbances(draw: st.DrawFn) -> Disturbance:
    """Draw something that happens to an `up` on its way."""
    kind = draw(st.sampled_from(["fault", "fault", "kill", "kill", "gone", "race"]))
    operation, after = draw(OPERATION), draw(AFTER)
    after = after if operation in {"*", "ShowFlinkJob"} else after // 7
    if kind == "fault":
        batch = operation in domain.BATCHES
        names = [name for name, each in domain.FAULTS.items() if batch or not each.batches_only]
        return Disturbance("fault", operation, after, draw(st.sampled_from(names)))
    if kind == "race" and draw(st.integers(0, 3)) == 0:
        return Disturbance("race", operation, after, act=_overtakes(draw(st.sampled_from(OVERTAKING))))
    if kind == "race":
        return Disturbance("race", operation, after, act=_console(draw(PROPERTY.filter(lambda it: it[1] is not None))))
    return Disturbance(kind, operation, after, draw(st.sampled_from(sorted(HOLDS))) if kind == "kill" else "after")


class Machine(RuleBasedStateMachine):
    """One run of the model; `services` are the emulators, one for each variant."""

    services: dict[str, Service]

    @initialize(variant=st.sampled_from(["huawei", "otc"]), edits=st.lists(PROPERTY, max_size=3))
    def begin(self, variant: str, edits: list[tuple[str, Any]]) -> None:
        """Declare a job."""
        self.world = World(self.services[variant])
        for name, value in edits:
            self.world.edit(name, value)

    @rule(edit=PROPERTY)
    def edit(self, edit: tuple[str, Any]) -> None:
        """Change a property in the program."""
        self.world.edit(*edit)

    @rule(edit=CONTROL)
    def steer(self, edit: tuple[str, Any]) -> None:
        """Change a control input in the program."""
        self.world.edit(*edit)

    @rule(edits=st.lists(PROPERTY, min_size=1, max_size=3), disturbance=disturbances())
    def change_in_trouble(self, edits: list[tuple[str, Any]], disturbance: Disturbance) -> None:
        """Change properties, and run an `up` that something happens to."""
        for name, value in edits:
            _change(self.world, name, value)
        self.world.up(disturbance)

    @rule(edits=st.lists(PROPERTY, min_size=1, max_size=3), many=st.lists(disturbances(), min_size=1, max_size=3))
    def trouble_after_trouble(self, edits: list[tuple[str, Any]], many: list[Disturbance]) -> None:
        """From rest, change properties, and run one `up` after the other that something happens to."""
        self.world.recover()
        for name, value in edits:
            _change(self.world, name, value)
        for disturbance in many:
            self.world.up(disturbance)

    @rule(edit=CONTROL, disturbance=disturbances())
    def steer_in_trouble(self, edit: tuple[str, Any], disturbance: Disturbance) -> None:
        """Change a control input, and run an `up` that something happens to."""
        self.world.edit(*edit)
        self.world.up(disturbance)

    @rule(edit=PROPERTY, disturbance=disturbances())
    def revert(self, edit: tuple[str, Any], disturbance: Disturbance) -> None:
        """Change a property, run an `up` in trouble, and take the change back."""
        before = dict(self.world.program)
        _change(self.world, *edit)
        self.world.up(disturbance)
        self.world.program = before
        self.world.recover()

    @rule(refresh=st.booleans())
    def up(self, refresh: bool) -> None:
        """Run `up`."""
        self.world.up(refresh=refresh)

    @rule(disturbance=disturbances())
    def refresh(self, disturbance: Disturbance) -> None:
        """Refresh, in trouble."""
        self.world.refresh(disturbance)

    @rule()
    def recover(self) -> None:
        """Let the trouble end, and see all be well."""
        self.world.recover()

    @rule(edit=PROPERTY.filter(lambda it: it[1] is not None))
    def console_edit(self, edit: tuple[str, Any]) -> None:
        """Somebody edits the job in the console."""
        self.world.console_edit(*edit)

    @rule(move=st.sampled_from(sorted(MOVES)))
    def console_move(self, move: str) -> None:
        """The job comes into a status by itself, or by somebody's hand."""
        job = self.world.job()
        if job is not None and job["ever_ran"]:
            self.world.console_move(**MOVES[move])

    @rule(trouble=st.sampled_from(sorted(TROUBLES)))
    def misbehave(self, trouble: str) -> None:
        """The job is made to misbehave."""
        self.world.behave(**TROUBLES[trouble])

    @precondition(lambda self: self.world.job() is not None)
    @rule()
    def console_delete(self) -> None:
        """Somebody deletes the job."""
        self.world.console_delete()

    def teardown(self) -> None:
        """End every run with a recovery."""
        if hasattr(self, "world"):
            self.world.recover()
