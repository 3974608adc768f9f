"""Short runs with a script: every cut point, every fault at every write, and the cases that chance rarely meets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from model import domain
from model.rules import Step
from model.world import HOLDS, Disturbance, World
from pulumi_dli.reconcile.ownership import MARK

Scenario = Callable[[World], None]
SCENARIOS: dict[str, Scenario] = {}

CREATE, PUT, RUN, STOP, SHOW, DELETE = (
    "CreateFlinkJarJob",
    "UpdateFlinkJarJob",
    "RunFlinkJobs",
    "StopFlinkJobs",
    "ShowFlinkJob",
    "DeleteFlinkJob",
)


def scenario(of: Scenario) -> Scenario:
    """Enter a scenario under its name."""
    SCENARIOS[of.__name__] = of
    return of


def _runs(world: World) -> int:
    job = world.job()
    return len(job["runs"]) if job else 0


def _status(world: World) -> str:
    job = world.job()
    return job["status"] if job else ""


def _good(step: Step) -> None:
    assert step.ok, f"it failed: {step.failed}"


def _bad(step: Step) -> None:
    assert step.failed, "what cannot be done counts as done"


def _kills(*operations: str) -> Iterator[Disturbance]:
    for operation, where in product(operations, HOLDS):
        yield Disturbance("kill", operation, what=where)


@scenario
def a_create_is_cut_off_at_each_write(world: World) -> None:
    """An interrupted create is gone on with, and starts the job once."""
    for cut in _kills(CREATE, RUN, SHOW):
        world.__init__(world.service)  # type: ignore[misc]
        step = world.up(cut)
        assert step.killed
        world.recover()
        assert _runs(world) == 1, "started twice"


@scenario
def an_update_is_cut_off_at_each_write(world: World) -> None:
    """An interrupted update is finished by the next one, and starts the job once."""
    world.up()
    values = list(range(3, 100))
    for cut in [*_kills(STOP, PUT, RUN), Disturbance("kill", SHOW), *(Disturbance("kill", SHOW, n) for n in (1, 2, 4))]:
        runs = _runs(world)
        world.edit("cu_number", values.pop())
        step = world.up(cut)
        if step.killed:
            world.recover()
        assert _runs(world) == runs + 1, f"{cut}: {_runs(world) - runs} runs"


@scenario
def a_restart_is_cut_off_at_each_write(world: World) -> None:
    """One new restart_nonce is one restart, whatever cuts it off."""
    world.up()
    for nonce, cut in enumerate(_kills(STOP, RUN)):
        runs = _runs(world)
        world.edit("restart_nonce", nonce + 10)
        world.up(cut)
        world.recover()
        assert _runs(world) == runs + 1, f"{cut}: {_runs(world) - runs} runs"


@scenario
def an_update_in_place_is_cut_off(world: World) -> None:
    """A PUT in place that was cut off is finished without a stop."""
    world.up()
    for at, cut in enumerate(_kills(PUT)):
        world.edit("obs_bucket", f"logs-{at}")
        world.up(cut)
        world.recover()
    assert _runs(world) == 1, f"{_runs(world)} runs"


@scenario
def a_roll_back_is_cut_off_at_each_write(world: World) -> None:
    """A roll-back that was cut off ends in the new settings, once the job can have them."""
    world.up()
    values = list(range(3, 100))
    for operation, after, where in product((PUT, RUN), (1,), HOLDS):
        world.edit("cu_number", values.pop())
        world.behave(fail_next_submit=1)
        world.up(Disturbance("kill", operation, after, where))
        world.recover()


@scenario
def a_program_is_taken_back_after_a_cut(world: World) -> None:
    """With the program reverted after a kill, a refresh and an up repair what the update did."""
    world.edit("desc", "one")
    world.up()
    for cut in _kills(STOP, PUT, RUN):
        world.edit("desc", "two")
        world.up(cut)
        world.edit("desc", "one")
        world.recover()
        assert _status(world) == domain.RUNNING


@scenario
def a_destroy_is_cut_off(world: World) -> None:
    """An interrupted destroy is finished by the next one."""
    for cut in _kills(DELETE):
        world.up()
        world.destroy(cut)
        step = world.destroy()
        assert step.failed is None
        assert not world.jobs()


def _faults(operation: str) -> Iterator[Disturbance]:
    for name, fault in domain.FAULTS.items():
        slow = name in {"429, in 1 s"} and operation != PUT
        if not slow and (operation in domain.BATCHES or not fault.batches_only):
            yield Disturbance("fault", operation, what=name)


@scenario
def every_fault_meets_a_create(world: World) -> None:
    """Whatever answers a create and its start: the next up has one job that runs."""
    for fault in [*_faults(CREATE), *_faults(RUN)]:
        world.__init__(world.service)  # type: ignore[misc]
        world.up(fault)
        world.recover()


def _every_fault_meets_an_update(operation: str) -> Scenario:
    def every_fault(world: World) -> None:
        """Whatever answers an update with a restart: the next up finishes it."""
        world.up()
        values = list(range(3, 100))
        for fault in _faults(operation):
            world.edit("cu_number", values.pop())
            world.up(fault)
            world.recover()

    return every_fault


for _operation in (STOP, PUT, RUN, SHOW):
    SCENARIOS[f"every_fault_meets_{_operation}_of_an_update"] = _every_fault_meets_an_update(_operation)


@scenario
def a_look_is_refused_during_the_restart(world: World) -> None:
    """A look that the service refuses says nothing of the job: no roll-back follows, and the next up finishes."""
    world.up()
    values = list(range(3, 100))
    for after, what in product(range(7), ("400", "is_success false")):
        world.edit("cu_number", values.pop())
        world.up(Disturbance("fault", SHOW, after, what))
        world.recover()


@scenario
def every_fault_meets_a_change_in_place(world: World) -> None:
    """Whatever answers a PUT to a running job: the job runs on, and the next up finishes."""
    world.up()
    for at, fault in enumerate(_faults(PUT)):
        world.edit("obs_bucket", f"logs-{at}")
        world.up(fault)
        world.recover()
    assert _runs(world) == 1, f"{_runs(world)} runs"


@scenario
def every_fault_meets_a_refresh(world: World) -> None:
    """No answer but DLI's own makes a refresh forget a job."""
    world.up()
    for fault in _faults(SHOW):
        world.refresh(fault)
        assert world.stack.stored is not None, fault.what
    world.recover()


@scenario
def every_fault_meets_a_destroy(world: World) -> None:
    """No answer but DLI's own makes a destroy count as done."""
    for fault in _faults(DELETE):
        world.up()
        world.destroy(fault)
        assert world.destroy().failed is None
        assert not world.jobs()


@scenario
def properties_are_set_and_removed(world: World) -> None:
    """Each property can be set, changed and removed again, and a removed one is reset."""
    world.up()
    for name, values in domain.VALUES.items():
        for value in (*values[:2], None if name in domain.REMOVABLE else domain.DEFAULTS[name]):
            world.edit(name, value)
            world.up()
    world.recover()


@scenario
def a_property_is_set_to_what_it_is_already(world: World) -> None:
    """A property that the program begins to set to what the service has is reset when it is removed again."""
    world.up()
    world.console_edit("main_class", "org.example.Two")
    world.refresh()
    world.edit("main_class", "org.example.Two")
    world.up()
    world.edit("main_class", None)
    world.recover()


@scenario
def several_properties_change_at_once(world: World) -> None:
    """One update sends every change, and nothing else."""
    world.edit("desc", "one")
    world.edit("smn_topic", "urn:one")
    world.up()
    for name, value in (("desc", None), ("smn_topic", None), ("cu_number", 4), ("obs_bucket", "logs-one")):
        world.edit(name, value)
    step = world.up()
    puts = [each["body_keys"] for each in step.writes if each["operation"] == PUT]
    assert puts == [["cu_number", "desc", "obs_bucket", "smn_topic"]]
    world.recover()


@scenario
def a_job_stops_and_starts(world: World) -> None:
    """desired_state stops a job with a savepoint, and starts it from there."""
    world.up()
    for change in ({}, {"cu_number": 4}, {"smn_topic": "urn:one"}):
        for state in ("stopped", "running"):
            world.edit("desired_state", state)
            for name, value in change.items():
                world.edit(name, value if state == "stopped" else None)
            world.up()
    world.recover()


@scenario
def a_job_begins_stopped(world: World) -> None:
    """A job may begin as a draft, be changed as one, and start later, without a savepoint that it cannot have."""
    world.edit("desired_state", "stopped")
    world.up()
    assert _runs(world) == 0
    world.edit("cu_number", 4)
    world.up()
    world.edit("desired_state", "running")
    world.up()
    assert _runs(world) == 1, f"{_runs(world)} runs"
    world.recover()


@scenario
def a_job_that_never_ran_starts_plainly(world: World) -> None:
    """A first start that failed is followed by a first start, not by a restore."""
    world.edit("desired_state", "stopped")
    world.up()
    world.behave(fail_next_submit=1)
    world.edit("desired_state", "running")
    world.edit("on_failure", "leave")
    _bad(world.up())
    world.recover()


@scenario
def stateless_is_asked_for(world: World) -> None:
    """With stateless a restart begins empty; with savepoint again it does not."""
    world.up()
    for mode in ("stateless", "savepoint"):
        world.edit("upgrade_mode", mode)
        world.edit("restart_nonce", mode)
        world.up()
    job = world.job()
    assert job is not None
    assert [bool(each["restored_from"]) for each in job["runs"]] == [False, False, True]
    world.recover()


def _misbehaves(world: World, **how: object) -> None:
    for failing in ("rollback", "leave"):
        world.edit("on_failure", failing)
        world.edit("cu_number", 3 if failing == "rollback" else 4)
        world.behave(**how)
        _bad(world.up())
        world.recover()


@scenario
def new_settings_cannot_be_submitted(world: World) -> None:
    """A job that cannot start with its new settings has its old ones back."""
    world.up()
    _misbehaves(world, fail_next_submit=1)


@scenario
def a_roll_back_fails_as_well(world: World) -> None:
    """Where not even the old settings start, the user reads that the job is down."""
    world.up()
    _misbehaves(world, fail_next_submit=2)


@scenario
def new_settings_crash_at_once(world: World) -> None:
    """A job that crashes within settle_time is rolled back, or left stopped where its savepoint is used up."""
    world.edit("settle_time", 2)
    world.up()
    _misbehaves(world, crash_after=0.01, crash_times=1)


@scenario
def a_roll_back_puts_back_what_changed_alone(world: World) -> None:
    """A roll-back sends the changed keys alone; what they did not have before goes back to the default."""
    world.edit("desc", "one")
    world.edit("main_class", "org.example.One")
    world.up()
    world.edit("desc", "two")
    world.edit("entrypoint_args", "--rate 1")
    world.behave(fail_next_submit=1)
    world.up()
    world.recover()


@scenario
def somebody_edits_what_is_rolled_back(world: World) -> None:
    """A roll-back does not put back what somebody else set after the update had sent it."""
    world.edit("cu_number", 2)
    world.up()
    world.edit("cu_number", 4)
    world.edit("main_class", "org.example.Two")
    world.behave(fail_next_submit=1)
    step = world.up(Disturbance("race", RUN, act=lambda it: it.console_edit("cu_number", 3)))
    assert step.failed, "what cannot be submitted counts as done"
    assert "cu_number" in step.failed.text, step.failed
    job = world.job()
    assert job is not None
    assert job["properties"]["cu_number"] == 3, "somebody else's change was put back"
    world.recover()


@scenario
def a_savepoint_fails(world: World) -> None:
    """Where the savepoint fails nothing is changed, and the job runs on."""
    world.up()
    world.edit("cu_number", 4)
    world.behave(fail_savepoint=1)
    step = world.up()
    assert step.failed
    assert _status(world) == domain.RUNNING
    assert not [each for each in step.writes if each["operation"] == PUT]
    world.recover()


@scenario
def a_stop_fails(world: World) -> None:
    """Where a stop without savepoint fails nothing is changed, and the next up tries again."""
    world.edit("upgrade_mode", "stateless")
    world.up()
    world.edit("cu_number", 4)
    world.behave(fail_stop=1)
    _bad(world.up())
    world.recover()


@scenario
def a_start_takes_too_long(world: World) -> None:
    """A time-out is no failure of the new settings: nothing is put back, and the next up finishes."""
    world.edit("start_timeout", 4)
    world.edit("stop_timeout", 100)
    world.up()
    world.emulator.set_durations({"job_submitting": 0.8})
    world.edit("cu_number", 4)
    step = world.up()
    assert step.failed
    assert "TimeoutPassedError" in step.failed.kinds, step.failed
    job = world.job()
    assert job is not None
    assert job["properties"]["cu_number"] == 4, "rolled back on a time-out"
    world.recover()
    assert _runs(world) == 2, f"{_runs(world)} runs"


@scenario
def a_stop_takes_too_long(world: World) -> None:
    """A savepoint that takes longer than stop_timeout ends the update before its PUT; the next up finishes."""
    world.edit("stop_timeout", 2)
    world.up()
    world.emulator.set_durations({"job_savepointing": 0.6})
    world.edit("cu_number", 4)
    step = world.up()
    assert step.failed
    assert "TimeoutPassedError" in step.failed.kinds, step.failed
    world.recover()
    assert _runs(world) == 2, f"{_runs(world)} runs"


@scenario
def a_long_savepoint_is_waited_for(world: World) -> None:
    """No PUT is sent before the stop has ended, however long its savepoint takes."""
    world.up()
    world.emulator.set_durations({"job_savepointing": 0.3, "job_canceling": 0.2, "job_submitting": 0.2})
    world.edit("cu_number", 4)
    _good(world.up())
    world.recover()


@scenario
def a_batch_job_ends(world: World) -> None:
    """A batch job that ended is run again for a restart alone, and then begins again."""
    world.up()
    world.console_move(domain.FINISHED)
    world.refresh()
    world.edit("smn_topic", "urn:one")
    world.up()
    world.refresh()
    world.up(refresh=True)
    assert _runs(world) == 1, f"{_runs(world)} runs"
    world.edit("restart_nonce", 7)
    _good(world.up())
    assert _runs(world) == 2, f"{_runs(world)} runs"
    world.recover()


@scenario
def a_batch_job_is_not_started_again(world: World) -> None:
    """A start of an ended job that the service did not take is no start, though job_finish is a good end."""
    world.up()
    without_effect = {"500", "cut", "HTML 502", "item refused"}
    for at, fault in enumerate(each for each in _faults(RUN) if each.what in without_effect):
        world.console_move(domain.FINISHED)
        world.refresh()
        world.edit("restart_nonce", at)
        world.up(fault)
        world.recover()


@scenario
def a_job_is_in_arrears(world: World) -> None:
    """What DLI stopped because of a debt is changed and reported, never started."""
    world.up()
    world.console_move(domain.ARREARS)
    world.edit("cu_number", 4)
    world.up(refresh=True)
    assert _runs(world) == 1, f"{_runs(world)} runs"
    world.recover()


@scenario
def a_job_crashes(world: World) -> None:
    """A job that crashed goes on from its last checkpoint where it has one; otherwise it is not started empty."""
    world.up()
    world.console_move(domain.CRASHED)
    world.recover()
    world.edit("resume_checkpoint", True)
    world.edit("checkpoint_enabled", True)
    world.up()
    world.console_move(domain.CRASHED)
    step = world.up(refresh=True)
    assert step.ok, step.failed
    world.recover()


@scenario
def a_job_crashes_that_takes_no_checkpoints(world: World) -> None:
    """resume_checkpoint alone is no checkpoint: the job has nothing to go on from, and is not started empty."""
    world.edit("resume_checkpoint", True)
    world.up()
    world.console_move(domain.CRASHED)
    world.recover()


@scenario
def an_update_takes_the_checkpoint_away(world: World) -> None:
    """A crashed job is not asked to go on from a checkpoint that the same update forbids it to use."""
    for name in ("resume_checkpoint", "checkpoint_enabled"):
        world.edit("resume_checkpoint", True)
        world.edit("checkpoint_enabled", True)
        world.up()
        world.console_move(domain.CRASHED)
        world.edit(name, None)
        world.recover()


@scenario
def the_console_stopped_it_without_a_savepoint(world: World) -> None:
    """A job without a savepoint is not started, neither empty nor from one that is gone."""
    world.up()
    world.console_move(domain.STOPPED)
    assert world.up(refresh=True).has_no_savepoint
    world.recover()
    world.console_move(domain.STOPPED, savepoint="obs://points/by-hand")
    _good(world.up(refresh=True))
    world.recover()


@scenario
def the_console_deleted_it(world: World) -> None:
    """A job that is gone is created again after a refresh, and a destroy of it succeeds."""
    world.up()
    world.console_delete()
    world.edit("cu_number", 4)
    _bad(world.up())
    world.recover()
    world.console_delete()
    assert world.destroy().ok


@scenario
def a_conflict_is_seen_before_the_stop(world: World) -> None:
    """A property that somebody else changed stops the update before anything is sent; overwrite does not."""
    for name, values in (("cu_number", (2, 3, 4)), ("smn_topic", ("urn:one", "urn:two", "urn:three"))):
        world.edit(name, values[0])
        world.up()
        world.console_edit(name, values[1])
        world.edit(name, values[2])
        step = world.up()
        assert step.failed, "a conflict went unnoticed"
        assert "ConflictError" in step.failed.kinds
        world.edit("on_conflict", "overwrite")
        _good(world.up())
        world.edit("on_conflict", None)
        world.recover()


@scenario
def a_conflict_arises_during_the_stop(world: World) -> None:
    """A property that somebody changes during the stop is not overwritten, and the job runs again as it was."""
    world.edit("cu_number", 2)
    _overtaken_during_the_stop(world, "cu_number", ours=4, theirs=3)


@scenario
def a_conflict_arises_in_what_the_program_did_not_set(world: World) -> None:
    """What somebody sets during the stop is not overwritten by an update that sets it for the first time."""
    _overtaken_during_the_stop(world, "main_class", ours="org.example.One", theirs="org.example.Two")


def _overtaken_during_the_stop(world: World, name: str, ours: Any, theirs: Any) -> None:
    world.up()
    world.edit(name, ours)
    world.emulator.set_durations({"job_savepointing": 0.1})
    step = world.up(Disturbance("race", STOP, act=lambda it: it.console_edit(name, theirs)))
    assert step.failed, "a conflict went unnoticed"
    assert "ConflictError" in step.failed.kinds, step.failed
    assert _status(world) == domain.RUNNING
    world.recover()


@scenario
def somebody_edits_what_is_not_touched(world: World) -> None:
    """What somebody else changed and the update does not touch stays, and shows at a refresh."""
    world.edit("desc", "one")
    world.up()
    world.console_edit("desc", "two")
    world.console_edit("main_class", "org.example.Two")
    world.edit("cu_number", 4)
    _good(world.up())
    world.refresh()
    with world.stack.host() as host:
        assert world.stack.preview(world.program, host), "the drift does not show"
    world.recover()


@scenario
def the_engine_goes(world: World) -> None:
    """A host whose engine has gone starts no further step."""
    world.up()
    values = list(range(3, 100))
    for operation in (STOP, PUT, RUN, SHOW):
        world.edit("cu_number", values.pop())
        world.up(Disturbance("gone", operation))
        world.recover()


@scenario
def the_engine_goes_during_a_create(world: World) -> None:
    """A create whose engine has gone starts no further step, and is gone on with."""
    for operation in (CREATE, RUN):
        world.__init__(world.service)  # type: ignore[misc]
        world.up(Disturbance("gone", operation))
        world.recover()


@scenario
def a_first_start_fails(world: World) -> None:
    """A new job that cannot start leaves nothing behind that a second create would double."""
    world.emulator.clear_faults()
    for failing in ("rollback", "leave"):
        world.__init__(world.service)  # type: ignore[misc]
        world.edit("on_failure", failing)
        world.up(Disturbance("race", CREATE, act=lambda it: it.behave(fail_next_submit=1)))
        world.recover()


@scenario
def somebody_else_has_the_name(world: World) -> None:
    """A job of the same name that is not known to be ours is neither taken nor touched."""
    world.up()
    world.stack.stored = None
    job = world.job()
    assert job is not None
    world.emulator.patch_job(job["job_id"], tags={})
    world.edit("cu_number", 4)
    step = world.up()
    assert step.failed, "somebody else's job was taken"
    assert "AdoptError" in step.failed.kinds, step.failed
    assert "cu_number" not in world.jobs()[0]["properties"]


@scenario
def another_stack_holds_a_draft_of_the_name(world: World) -> None:
    """A draft with the mark of another stack is not taken, though it is all that is wanted."""
    world.edit("desired_state", "stopped")
    world.up()
    world.stack.stored = None
    job = world.job()
    assert job is not None
    world.emulator.patch_job(job["job_id"], tags={MARK: "f" * 40})
    step = world.up()
    assert step.failed, "another stack's draft was taken"
    assert "AdoptError" in step.failed.kinds, step.failed


@scenario
def somebody_else_starts_the_new_job(world: World) -> None:
    """A new job that another has started before us is not deleted under them."""
    started = Disturbance("race", CREATE, act=lambda it: it.console_move(domain.RUNNING))
    step = world.up(started)
    assert step.failed, "a refused start counts as done"
    assert world.job() is not None, "a running job was deleted"
    world.recover()


@scenario
def destroy_leaves_a_job(world: World) -> None:
    """on_delete stop stops the job with a savepoint and leaves it; retain does nothing at all."""
    for how in ("stop", "retain"):
        world.__init__(world.service)  # type: ignore[misc]
        world.edit("on_delete", how)
        world.up()
        step = world.destroy()
        assert step.ok, step.failed
        assert _status(world) == (domain.STOPPED if how == "stop" else domain.RUNNING)


OF_SAVEPOINTS = frozenset(
    {
        "new_settings_cannot_be_submitted",
        "new_settings_crash_at_once",
        "a_roll_back_fails_as_well",
        "a_roll_back_puts_back_what_changed_alone",
        "the_console_stopped_it_without_a_savepoint",
    }
)
"""Scenarios in which it matters when the service removes a savepoint."""
