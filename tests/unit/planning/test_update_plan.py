"""What a preview says of an update: the action, what is at risk, resets in full, and what is not known yet."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_dli.planning.actions import removal_of
from pulumi_dli.planning.diff import Difference, difference
from pulumi_dli.planning.state_risk import RISKY, Level, Risk, removal_risks
from pulumi_dli.planning.update_plan import UpdatePlan, plan_update
from pulumi_dli.planning.wording import REMOVALS, RISKS, differing_keys, drift, information, warnings
from pulumi_dli.schema.properties import BY_NAME
from pulumi_dli.schema.property import Cost
from pulumi_dli.schema.unknown import UNKNOWN

RUNS: dict[str, Any] = {"name": "j", "checkpoint_enabled": True, "status": "job_running"}


def seen(olds: dict[str, Any], news: dict[str, Any], costs: dict[str, Cost] | None = None, **status: Any) -> UpdatePlan:
    """Return the outlook on a running job with checkpoints, all of whose inputs are managed."""
    before = {**RUNS, **olds, **status}
    before["managed"] = [name for name in before if name != "status"]
    wanted = {"name": "j", "checkpoint_enabled": True, **news}
    return plan_update(before, wanted, difference(before, wanted, costs))


def lines(found: UpdatePlan) -> list[str]:
    """Return the lines."""
    return [*information(found), *differing_keys(found), *warnings(found)]


def warned(found: UpdatePlan) -> list[str]:
    """Return the warnings."""
    return list(warnings(found))


def test_the_first_line_is_the_action_and_is_no_warning() -> None:
    """It stands on the resource's row."""
    assert list(information(seen({"cu_number": 4}, {"cu_number": 8}))) == [
        "stop with savepoint, update cu_number, restart"
    ]


@pytest.mark.parametrize(
    ("olds", "news", "risk"),
    [
        ({"parallel_number": 1}, {"parallel_number": 2}, Risk.PARALLELISM),
        ({"parallel_number": 2}, {}, Risk.PARALLELISM),
        ({"entrypoint": "a"}, {"entrypoint": "b"}, Risk.JAR),
        (
            {"runtime_config": '{"a": "1"}'},
            {"runtime_config": '[{"key": "pipeline.max-parallelism", "value": "64"}]'},
            Risk.MAX_PARALLELISM,
        ),
        (
            {"runtime_config": '{"pipeline.max-parallelism": 128}'},
            {"runtime_config": '{"pipeline": {"max-parallelism": 64}}'},
            Risk.MAX_PARALLELISM,
        ),
        ({"main_class": "a"}, {"main_class": "b"}, Risk.MAIN_CLASS),
        ({"dependency_jars": ["a"]}, {"dependency_jars": ["b"]}, Risk.DEPENDENCY_JARS),
        ({"flink_version": "1.12"}, {"flink_version": "1.15"}, Risk.FLINK_VERSION),
        ({"cu_number": 2}, {"cu_number": 4, "upgrade_mode": "stateless"}, Risk.STATELESS_STOP),
        ({"cu_number": 2}, {"cu_number": 4, "upgrade_mode": UNKNOWN}, Risk.STATELESS_STOP),
        ({}, {"checkpoint_enabled": False}, Risk.CHECKPOINTS_OFF),
        ({"resume_checkpoint": True}, {}, Risk.RESUME_OFF),
        (
            {"checkpoint_path": "a", "resume_checkpoint": True},
            {"checkpoint_path": "b", "resume_checkpoint": True},
            Risk.CHECKPOINT_PATH,
        ),
        (
            {"resource_config_version": "v2", "resource_config": {"parallel_number": 2}},
            {"resource_config_version": "v2", "resource_config": {"parallel_number": 3}},
            Risk.PARALLELISM,
        ),
        (
            {"resource_config_version": "v2", "resource_config": {"parallel_number": 2}},
            {"resource_config_version": "v2", "resource_config": UNKNOWN},
            Risk.PARALLELISM,
        ),
        (
            {"parallel_number": 2},
            {"parallel_number": 2, "resource_config_version": "v2", "resource_config": {}},
            Risk.PARALLELISM,
        ),
    ],
)  # fmt: skip
def test_state_that_may_not_restore_is_a_warning(olds: dict[str, Any], news: dict[str, Any], risk: Risk) -> None:
    """Whatever a savepoint may not fit any more."""
    assert [each for each in seen(olds, news).risks if each.warns] == [risk]


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        ({"cu_number": 2}, {"cu_number": 4}),
        ({"smn_topic": "a"}, {"smn_topic": "b"}),
        ({"runtime_config": '{"a": "1"}'}, {"runtime_config": '{"a": "2"}'}),
        ({"runtime_config": '{"pipeline.max-parallelism": 64}'}, {"runtime_config": '{"a": "1"}'}),
        ({"runtime_config": '{"pipeline.max-parallelism": 64}'}, {}),
        ({"checkpoint_path": "a"}, {"checkpoint_path": "b"}),
        (
            {"resource_config_version": "v2", "parallel_number": 1, "resource_config": {"parallel_number": 2}},
            {"resource_config_version": "v2", "parallel_number": 9, "resource_config": {"parallel_number": 2}},
        ),
        (
            {"resource_config_version": "v2", "resource_config": {"max_slot": 2}},
            {"resource_config_version": "v2", "resource_config": {"max_slot": 3}},
        ),
    ],
)
def test_what_does_not_touch_the_state_is_no_warning(olds: dict[str, Any], news: dict[str, Any]) -> None:
    """A warning that means nothing hides those that do."""
    assert warned(seen(olds, news)) == []


def test_a_job_that_is_not_restored_has_no_state_to_misfit() -> None:
    """A draft starts empty whatever its JAR."""
    assert warned(seen({"entrypoint": "a"}, {"entrypoint": "b"}, status="job_init")) == []


def test_a_stopped_job_that_is_to_start_empty_loses_its_savepoint() -> None:
    """Stateless counts also where nothing is stopped."""
    found = seen({"cu_number": 2}, {"cu_number": 4, "upgrade_mode": "stateless"}, status="job_cancel_success")
    assert found.risks == (Risk.STATELESS_START,)


def test_without_checkpoints_the_savepoint_is_the_only_copy() -> None:
    """Worth knowing, and no warning."""
    found = seen({"cu_number": 2, "checkpoint_enabled": None}, {"cu_number": 4, "checkpoint_enabled": None})
    assert found.risks == (Risk.ONLY_COPY,)
    assert warned(found) == []


def test_a_crash_of_a_new_version_without_resume_checkpoint_is_not_rolled_back() -> None:
    """Worth knowing, and no warning: it says what would follow, not that it will happen."""
    found = seen({"entrypoint": "a"}, {"entrypoint": "b"})
    assert found.risks == (Risk.JAR, Risk.NO_ROLL_BACK)
    assert not Risk.NO_ROLL_BACK.warns


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        ({"entrypoint": "a", "resume_checkpoint": True}, {"entrypoint": "b", "resume_checkpoint": True}),
        ({"entrypoint": "a"}, {"entrypoint": "b", "on_failure": "leave"}),
        ({"entrypoint": "a"}, {"entrypoint": "b", "upgrade_mode": "stateless"}),
        ({"cu_number": 2}, {"cu_number": 4}),
    ],
)
def test_that_a_crash_is_not_rolled_back_is_reported_only_where_it_differs(
    olds: dict[str, Any], news: dict[str, Any]
) -> None:
    """Rolled back as ever, left as asked for, empty anyhow, or the same program."""
    assert Risk.NO_ROLL_BACK not in seen(olds, news).risks


def test_every_risky_property_is_one_of_the_table() -> None:
    """Renaming a property must not silence its warning."""
    assert set(RISKY) <= set(BY_NAME)


@pytest.mark.parametrize(
    ("olds", "news", "line"),
    [
        ({"cu_number": 40}, {}, "reset cu_number 40 -> 2, the service's default"),
        ({"log_enabled": True}, {}, "reset log_enabled true -> false, the service's default"),
        ({"dependency_files": ["a"]}, {}, "reset dependency_files to [], the service's default"),
        ({"smn_topic": "maybe secret"}, {}, 'reset smn_topic to "", the service\'s default'),
        ({"entrypoint_args": "--password hunter2"}, {}, 'reset entrypoint_args to "", the service\'s default'),
        (
            {"tm_slot_num": 4, "cu_number": 3},
            {"cu_number": 3, "parallel_number": UNKNOWN},
            "reset tm_slot_num to the service's default, known during the update",
        ),
    ],
)  # fmt: skip
def test_a_reset_is_reported_in_full(olds: dict[str, Any], news: dict[str, Any], line: str) -> None:
    """But for old values that are text: the provider cannot know which of them the program made secret."""
    assert line in lines(seen(olds, news))


@pytest.mark.parametrize("changed", [{"desc": "b"}, {"name": "b"}, {"desc": "b", "smn_topic": "b"}])
def test_a_restart_for_a_description_alone_is_marked(changed: dict[str, Any]) -> None:
    """Nobody would stop a job for its description."""
    (forced,) = set(changed) - {"smn_topic"}
    assert lines(seen({"desc": "a"}, {"desc": "a", **changed}))[0].endswith(f"; {forced} alone forces this restart")


@pytest.mark.parametrize(
    ("changed", "status"), [({"desc": "b", "cu_number": 4}, "job_running"), ({"desc": "b"}, "job_cancel_success")]
)
def test_a_restart_for_more_than_a_description_is_not_marked(changed: dict[str, Any], status: str) -> None:
    """Nor is what is no restart."""
    assert "alone" not in lines(seen({"desc": "a"}, {"desc": "a", **changed}, status=status))[0]


def test_an_unknown_value_that_can_cost_a_restart_is_reported_with_the_worst_case() -> None:
    """It may turn out to be the old value."""
    found = seen({"entrypoint": "a"}, {"entrypoint": UNKNOWN})
    assert lines(found)[0] == (
        "cost not known before the update (entrypoint is computed during it); "
        "at worst: stop with savepoint, update entrypoint, restart"
    )
    assert not found.certain


def test_an_unknown_value_beside_a_known_restart_changes_nothing() -> None:
    """The cost is known then."""
    found = seen({"entrypoint": "a", "cu_number": 2}, {"entrypoint": UNKNOWN, "cu_number": 4})
    assert lines(found)[0] == "stop with savepoint, update cu_number, entrypoint, restart"
    assert found.certain


@pytest.mark.parametrize("name", ["desired_state", "restart_nonce"])
def test_an_unknown_control_input_leaves_the_cost_open(name: str) -> None:
    """It may stop the job, or restart it."""
    assert lines(seen({}, {name: UNKNOWN}))[0].startswith(f"cost not known before the update ({name} is computed")


def test_a_status_that_was_not_settled_leaves_the_cost_open() -> None:
    """At worst the job runs."""
    assert lines(seen({"cu_number": 2}, {"cu_number": 4}, status="job_submitting"))[0] == (
        "cost not known before the update (its status was not settled when it was last seen); "
        "at worst: stop with savepoint, update cu_number, restart"
    )


def test_keys_and_flags_that_differ_are_named() -> None:
    """Their values are not."""
    said = lines(seen({"entrypoint_args": "--a 1 --b hunter2"}, {"entrypoint_args": "--a 1 --b hunter3"}))
    assert said[1] == "entrypoint_args differs in --b"
    assert "hunter" not in "".join(said)


@pytest.mark.parametrize(
    ("olds", "words", "level"),
    [
        ({}, "delete the job", Level.LOST),
        ({"on_delete": "stop"}, "stop the job, and forget it", Level.NOTE),
        ({"on_delete": "stop", "upgrade_mode": "stateless"}, "stop the job, and forget it", Level.LOST),
        ({"on_delete": "retain"}, "left as it is, as on_delete says", Level.NOTE),
        ({"managed": ["job_id"]}, "left as it is, since it was adopted", Level.NOTE),
    ],
)
def test_what_a_removal_does_and_means(olds: dict[str, Any], words: str, level: Level) -> None:
    """As on_delete was stored."""
    assert REMOVALS[removal_of(olds)] == words
    assert [risk.level for risk in removal_risks(olds)] == [level]


def test_an_empty_difference_has_nothing_to_foresee() -> None:
    """It plans no step."""
    assert plan_update(RUNS, {"name": "j"}, Difference((), ())).planned == ()


def test_each_risk_has_its_words_and_each_warning_ends_with_its_code() -> None:
    """The code is the anchor of the reference."""
    assert set(RISKS) == set(Risk)
    (warning,) = warnings(seen({"entrypoint": "a"}, {"entrypoint": "b"}))
    assert warning.endswith(" [jar]")


def test_a_refresh_says_what_differs_and_not_what_is_not_done() -> None:
    """Numbers with both sides; of texts none, since any of them may be secret."""
    found = difference({"cu_number": 7, "smn_topic": "x", "managed": ["cu_number"]}, {"cu_number": 4, "smn_topic": "y"})
    assert list(drift(found, "job_running")) == ["cu_number is 7 in DLI, 4 in the stack", "smn_topic differs in DLI"]


def test_a_refresh_says_that_a_job_is_not_where_it_is_wanted() -> None:
    """As after a stop in the console."""
    found = difference({"status": "job_cancel_success"}, {})
    assert list(drift(found, "job_cancel_success")) == [
        "is in status job_cancel_success, which is not what desired_state asks for"
    ]
