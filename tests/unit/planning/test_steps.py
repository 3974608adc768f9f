"""The one table of steps: complete, and without a step that would hurt a job."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from pulumi_dli.emulator import contract
from pulumi_dli.planning.diff import Change, Difference, difference
from pulumi_dli.planning.steps import TABLE, Step, cost_of, steps
from pulumi_dli.planning.wording import STEPS, action, done
from pulumi_dli.schema.property import Cost
from pulumi_dli.schema.statuses import PHASES, Phase, phase_of
from pulumi_dli.schema.unknown import UNKNOWN

STATUSES = {
    "job_init": Phase.DRAFT,
    "job_submitting": Phase.MOVING,
    "job_submit_fail": Phase.SUBMIT_FAILED,
    "job_running": Phase.RUNNING,
    "job_running_exception": Phase.CRASHED,
    "job_downloading": Phase.MOVING,
    "job_idle": Phase.MOVING,
    "job_canceling": Phase.MOVING,
    "job_cancel_success": Phase.STOPPED,
    "job_cancel_fail": Phase.RUNNING,
    "job_savepointing": Phase.MOVING,
    "job_finish": Phase.FINISHED,
    "job_arrearage_stopped": Phase.ARREARS,
    "job_arrearage_recovering": Phase.MOVING,
}
DESIRED = ("running", "stopped")
STOPS = {Step.STOP, Step.STOP_EMPTY}
STARTS = {Step.RUN, Step.RESTORE}

# Every way to call steps(): phase, cost, desired state, stateless, puts.
CALLS = list(product(Phase, Cost, DESIRED, (False, True), (False, True)))


# The steps that send DLI a request which changes the job. The others look, wait or report: they may stand anywhere.
CHANGING = {*STOPS, *STARTS, Step.PUT}


def planned(phase: Phase, cost: Cost, desired: str, stateless: bool, puts: bool) -> tuple[Step, ...]:
    return steps(phase, cost, desired, stateless=stateless, puts=puts)


def requests(found: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return those of the steps that change the job."""
    return tuple(step for step in found if step in CHANGING)


def test_each_status_of_the_documents_has_its_phase() -> None:
    """The pages on details and list name them."""
    assert PHASES == STATUSES


def test_both_readings_of_the_documents_know_the_same_statuses() -> None:
    """The emulator's transcription and the provider's table."""
    assert set(contract.statuses()) == set(PHASES)


@pytest.mark.parametrize("status", [None, "", "job_hibernating", "JOB_RUNNING"])
def test_a_status_that_is_not_known_is_of_unknown_phase(status: str | None) -> None:
    """DLI may add one."""
    assert phase_of(status) is Phase.UNKNOWN


def test_a_known_status_is_of_its_phase() -> None:
    """As the table says."""
    assert {status: phase_of(status) for status in STATUSES} == STATUSES


def test_the_table_covers_all_phases_costs_and_desired_states() -> None:
    """No combination is left to chance."""
    assert set(TABLE) == set(Phase)
    for rows in TABLE.values():
        assert set(rows) == set(product(Cost, DESIRED))


@pytest.mark.parametrize(
    ("phase", "cost", "desired", "expected"),
    [
        (Phase.RUNNING, Cost.NONE, "running", ()),
        (Phase.RUNNING, Cost.LIVE, "running", (Step.PUT,)),
        (Phase.RUNNING, Cost.RESTART, "running", (Step.STOP, Step.PUT, Step.RESTORE)),
        (Phase.RUNNING, Cost.NONE, "stopped", (Step.STOP,)),
        (Phase.RUNNING, Cost.LIVE, "stopped", (Step.STOP, Step.PUT)),
        (Phase.RUNNING, Cost.RESTART, "stopped", (Step.STOP, Step.PUT)),
        (Phase.DRAFT, Cost.NONE, "running", (Step.RUN,)),
        (Phase.DRAFT, Cost.LIVE, "running", (Step.PUT, Step.RUN)),
        (Phase.DRAFT, Cost.RESTART, "running", (Step.PUT, Step.RUN)),
        (Phase.STOPPED, Cost.NONE, "running", (Step.RESTORE,)),
        (Phase.STOPPED, Cost.RESTART, "running", (Step.PUT, Step.RESTORE)),
        (Phase.SUBMIT_FAILED, Cost.RESTART, "running", (Step.PUT, Step.RESTORE)),
        (Phase.CRASHED, Cost.RESTART, "running", (Step.PUT, Step.RESTORE)),
        (Phase.FINISHED, Cost.NONE, "running", ()),
        (Phase.FINISHED, Cost.LIVE, "running", (Step.PUT,)),
        (Phase.FINISHED, Cost.RESTART, "running", (Step.PUT, Step.RUN)),
        (Phase.ARREARS, Cost.NONE, "running", ()),
        (Phase.ARREARS, Cost.RESTART, "running", (Step.PUT,)),
    ],
)
def test_the_requests_of_an_update_are_those_that_dli_takes_in_that_phase(
    phase: Phase, cost: Cost, desired: str, expected: tuple[Step, ...]
) -> None:
    """In their order, and none besides; a PUT without a property to send is left out."""
    assert requests(steps(phase, cost, desired, puts=cost is not Cost.NONE)) == expected


@pytest.mark.parametrize(
    "phase", [it for it in Phase if it not in {Phase.RUNNING, Phase.MOVING, Phase.UNKNOWN}], ids=lambda p: p.name
)
@pytest.mark.parametrize("cost", Cost)
def test_a_job_that_does_not_run_and_shall_not_takes_a_put_alone(phase: Phase, cost: Cost) -> None:
    """Whatever the change costs."""
    assert requests(steps(phase, cost, "stopped")) == (Step.PUT,)
    assert requests(steps(phase, cost, "stopped", puts=False)) == ()


def test_a_job_on_its_way_is_waited_for() -> None:
    """Nothing is decided before its status has settled; the same where the status is not known."""
    for call in CALLS:
        found = planned(*call)
        waits = call[0] in {Phase.MOVING, Phase.UNKNOWN}
        assert (Step.WAIT in found) is waits
        assert not (waits and requests(found))


def test_a_restart_change_of_a_running_job_is_never_put_before_a_stop() -> None:
    """The service would refuse it, or restart the job without its state."""
    for stateless, desired in product((False, True), DESIRED):
        found = requests(steps(Phase.RUNNING, Cost.RESTART, desired, stateless=stateless))
        assert found[0] in STOPS
        assert found[1] is Step.PUT


def test_only_a_running_job_is_stopped() -> None:
    """DLI refuses to stop any other one."""
    for call in CALLS:
        if STOPS & set(planned(*call)):
            assert call[0] is Phase.RUNNING


def test_a_running_job_is_started_only_after_a_stop_and_last() -> None:
    """A start of a running job is refused."""
    for call in CALLS:
        found = requests(planned(*call))
        if STARTS & set(found):
            assert found[-1] in STARTS
            assert len(STARTS & set(found)) == 1
            assert call[0] is not Phase.RUNNING or found[0] in STOPS


def test_a_job_that_shall_be_stopped_is_never_started() -> None:
    """Not after a change either."""
    for call in CALLS:
        if call[2] == "stopped":
            assert not STARTS & set(planned(*call))


def test_a_running_job_that_shall_run_is_stopped_for_a_restart_change_alone() -> None:
    """A LIVE change or none takes nothing down."""
    for cost, stateless, puts in product(Cost, (False, True), (False, True)):
        stops = bool(STOPS & set(planned(Phase.RUNNING, cost, "running", stateless, puts)))
        assert stops is (cost is Cost.RESTART)


def test_a_job_in_arrears_is_reported_and_never_started() -> None:
    """DLI stopped it; starting it would fail or cost."""
    for cost, stateless, puts in product(Cost, (False, True), (False, True)):
        found = planned(Phase.ARREARS, cost, "running", stateless, puts)
        assert not STARTS & set(found)
        assert Step.REPORT in found


def test_a_finished_job_is_run_again_by_a_restart_change_alone() -> None:
    """A batch job that came to its end is what "running" asked for."""
    for cost, stateless, puts in product(Cost, (False, True), (False, True)):
        starts = bool(STARTS & set(planned(Phase.FINISHED, cost, "running", stateless, puts)))
        assert starts is (cost is Cost.RESTART)


def test_stateless_neither_saves_nor_restores() -> None:
    """The job starts empty."""
    for phase, cost, desired, puts in product(Phase, Cost, DESIRED, (False, True)):
        assert not {Step.STOP, Step.RESTORE} & set(steps(phase, cost, desired, stateless=True, puts=puts))


def test_otherwise_a_stop_saves_and_a_job_that_ran_is_restored() -> None:
    """State is carried over; a draft and a finished job have none."""
    for phase, cost, desired, puts in product(Phase, Cost, DESIRED, (False, True)):
        found = steps(phase, cost, desired, puts=puts)
        assert Step.STOP_EMPTY not in found
        assert Step.RUN not in found or phase in {Phase.DRAFT, Phase.FINISHED}
        assert Step.RESTORE not in found or phase not in {Phase.DRAFT, Phase.FINISHED}


def test_stateless_changes_nothing_but_the_stop_and_the_start() -> None:
    """Each has its counterpart without state; every other step stays."""
    empty = {Step.STOP: Step.STOP_EMPTY, Step.RESTORE: Step.RUN}
    for phase, cost, desired, puts in product(Phase, Cost, DESIRED, (False, True)):
        found = steps(phase, cost, desired, puts=puts)
        assert steps(phase, cost, desired, stateless=True, puts=puts) == tuple(empty.get(s, s) for s in found)


def test_properties_are_sent_exactly_once_where_there_are_any() -> None:
    """One PUT, whatever the route; none without a changed property."""
    for phase, cost, desired, stateless in product(Phase, (Cost.LIVE, Cost.RESTART), DESIRED, (False, True)):
        if phase in {Phase.MOVING, Phase.UNKNOWN}:
            continue
        assert steps(phase, cost, desired, stateless=stateless, puts=True).count(Step.PUT) == 1
        assert steps(phase, cost, desired, stateless=stateless, puts=False).count(Step.PUT) == 0


def test_a_restart_that_was_asked_for_costs_a_restart() -> None:
    """A new restart_nonce, also beside a LIVE change."""
    assert cost_of(difference({}, {"restart_nonce": 1})) is Cost.RESTART
    assert cost_of(difference({}, {"restart_nonce": 1, "smn_topic": "t"})) is Cost.RESTART


def test_otherwise_the_properties_make_the_cost() -> None:
    """Other control inputs cost nothing."""
    assert cost_of(difference({}, {"desired_state": "stopped"})) is Cost.NONE
    assert cost_of(difference({}, {"smn_topic": "t"})) is Cost.LIVE
    assert cost_of(difference({}, {"smn_topic": "t", "desc": "d"})) is Cost.RESTART


def line(phase: Phase, *, stateless: bool = False, **news: Any) -> str:
    """Return the action line of an update of a job in `phase`, whose stored outputs are empty."""
    found = difference({}, news)
    desired = news.get("desired_state", "running")
    route = steps(phase, cost_of(found), desired, stateless=stateless, puts=bool(found.changes))
    return action(found, route)


TWO: dict[str, Any] = {"cu_number": 4, "parallel_number": 2}


def test_each_step_has_its_words() -> None:
    """For before it is taken; and, but for the wait, after which the steps are decided again, for after it."""
    assert set(STEPS) == set(Step)
    for step in set(Step) - {Step.WAIT, Step.PUT}:
        assert done((step,), ()), step


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_action_line_says_each_step_in_its_order(call: tuple[Phase, Cost, str, bool, bool]) -> None:
    """In the words of the step; after a stop a start is called a restart, and an update names its properties."""
    route = planned(*call)
    change = Change("cu_number", 2, 4, Cost.RESTART)
    parts = action(Difference((change,), ()), route).split(", ") if route else []
    assert [part in words_of(step) for part, step in zip(parts, route, strict=True)] == [True] * len(route)


def words_of(step: Step) -> set[str]:
    """Return the ways to say a step before it is taken."""
    again = {Step.RESTORE: "restart", Step.RUN: "restart empty", Step.PUT: "update cu_number"}
    return {STEPS[step], again.get(step, STEPS[step])}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (line(Phase.RUNNING, **TWO), "stop with savepoint, update cu_number, parallel_number, restart"),
        (
            line(Phase.RUNNING, stateless=True, **TWO),
            "stop without savepoint (its state is lost), update cu_number, parallel_number, restart empty",
        ),
        (line(Phase.STOPPED, **TWO), "update cu_number, parallel_number, start from its savepoint"),
        (line(Phase.STOPPED, stateless=True, **TWO), "update cu_number, parallel_number, start"),
    ],
    ids=lambda text: text,
)
def test_a_start_after_a_stop_is_called_a_restart_and_what_becomes_of_the_state_is_said(
    said: str, expected: str
) -> None:
    """A reader of the preview knows whether the job runs on with its state."""
    assert said == expected


def test_a_live_change_of_a_running_job_is_called_an_update_in_place() -> None:
    """No downtime, so no step is named."""
    assert line(Phase.RUNNING, smn_topic="t", obs_bucket="b") == "update in place: obs_bucket, smn_topic"


def test_a_change_that_moves_no_job_is_called_one_without_effect() -> None:
    """Control inputs alone."""
    assert line(Phase.RUNNING, stop_timeout=60, on_delete="stop") == (
        "no request, no effect on the job: on_delete, stop_timeout"
    )


def test_the_action_line_names_properties_never_values() -> None:
    """Secrets arrive unmarked; an unknown value has no text at all."""
    said = line(Phase.RUNNING, entrypoint_args="--password=hunter22", runtime_config=UNKNOWN)

    assert said == "stop with savepoint, update entrypoint_args, runtime_config, restart"


def test_a_restart_property_on_a_stopped_job_is_not_called_in_place() -> None:
    """In place means without downtime."""
    found = Difference((Change("cu_number", 2, 4, Cost.RESTART),), ())

    assert action(found, (Step.PUT,)) == "update cu_number"


@pytest.mark.parametrize(
    ("planned", "names", "said"),
    [
        ((Step.STOP, Step.PUT, Step.RESTORE), ("a", "b"), "stopped with savepoint, updated a, b, restarted"),
        ((Step.STOP_EMPTY, Step.PUT, Step.RUN), ("a",), "stopped without savepoint, updated a, restarted empty"),
        ((Step.PUT, Step.RESTORE), ("a",), "updated a, started from its savepoint"),
        ((), (), "nothing was left to do"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_last_line_calls_a_start_after_a_stop_a_restart_as_well(
    planned: tuple[Step, ...], names: tuple[str, ...], said: str
) -> None:
    """It says what was done in the words of the plan, and names what was updated."""
    assert done(planned, names) == said
