"""The property table is complete, and what users' states depend on does not change by accident."""

from __future__ import annotations

import base64
import pickle
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_dli.errors import CannotResetError
from pulumi_dli.flink_jar_job import FlinkJarJob, FlinkJarJobProvider
from pulumi_dli.schema.controls import CONTROLS, control
from pulumi_dli.schema.properties import BY_NAME, PROPERTIES
from pulumi_dli.schema.property import Cost, Property, highest_cost
from pulumi_dli.schema.resource import INPUT_NAMES, OUTPUTS, TYPE

CONTROL_DEFAULTS: dict[str, Any] = {
    "job_id": None,
    "desired_state": "running",
    "upgrade_mode": "savepoint",
    "restart_nonce": None,
    "retry_nonce": None,
    "on_failure": "rollback",
    "on_conflict": "fail",
    "on_delete": "delete",
    "stop_timeout": 3600,
    "start_timeout": 1200,
    "settle_time": 30,
    "adopt_changes": False,
}

OUTPUT_TYPES: dict[str, type] = {
    "job_id": str,
    "update_time": int,
    "start_time": int,
    "status": str,
    "project_id": str,
    "region": str,
    "endpoint": str,
    "unfinished": str,
    "ever_ran": bool,
    "rejected": dict,
    "managed": list,
}

FORMULA = "is no whole number here: set tm_slot_num explicitly"

# The provider as states hold it, pickled with protocol 4.
STORED = "gASVNwAAAAAAAACMGHB1bHVtaV9kbGkuZmxpbmtfamFyX2pvYpSME0ZsaW5rSmFySm9iUHJvdmlkZXKUk5QpgZQu"

each_property = pytest.mark.parametrize("each", PROPERTIES, ids=lambda each: each.name)


def test_no_name_is_declared_twice() -> None:
    """An input has one declaration."""
    assert len(set(INPUT_NAMES)) == len(INPUT_NAMES)


def test_the_control_inputs_and_their_defaults_are_a_persisted_contract() -> None:
    """States hold the names of the control inputs, and programs rely on their defaults."""
    assert {each.name: each.default for each in CONTROLS} == CONTROL_DEFAULTS


def test_the_outputs_are_a_persisted_contract() -> None:
    """States hold the names of the outputs."""
    assert {each.name: each.type for each in OUTPUTS} == OUTPUT_TYPES


def test_an_output_bears_no_property_s_name() -> None:
    """An output of a property's name would hide it; job_id alone is input and output."""
    assert set(INPUT_NAMES) & set(OUTPUT_TYPES) == {"job_id"}


@each_property
def test_a_declaration_is_complete(each: Property) -> None:
    """A property says in a sentence what it is, who says so, and of which kind it is."""
    assert each.line.endswith(".")
    assert "\n" not in each.line
    assert each.source
    assert each.value_type.word
    assert each.value_type.python
    assert each.clouds


@each_property
def test_a_property_has_a_default_or_a_reason_why_it_has_none(each: Property) -> None:
    """What a removed property is reset to is declared, or why that is impossible."""
    assert (each.default is not None) or (each.reset_by is not None) or each.no_reset


def test_the_cost_of_several_changes_is_that_of_the_dearest() -> None:
    """NONE < LIVE < RESTART, and no change at all costs nothing."""
    assert highest_cost([Cost.LIVE, Cost.RESTART, Cost.NONE]) is Cost.RESTART
    assert highest_cost([Cost.NONE, Cost.LIVE]) is Cost.LIVE
    assert highest_cost([]) is Cost.NONE


@each_property
def test_a_property_costs_nothing_exactly_where_it_cannot_change(each: Property) -> None:
    """Every change that can be made is sent, and so costs a PUT at least."""
    assert (each.cost is Cost.NONE) is each.create_only


@pytest.mark.parametrize("each", [each for each in PROPERTIES if each.no_reset], ids=lambda each: each.name)
def test_what_has_no_default_cannot_be_reset_and_says_why(each: Property) -> None:
    """No value stands for its absence."""
    with pytest.raises(CannotResetError, match=r"cannot be removed: \w+ \w+"):
        each.reset_value({})


@pytest.mark.parametrize(
    ("others", "slots"),
    [
        ({}, 1),
        ({"parallel_number": 6, "cu_number": 4}, 2),
        ({"parallel_number": 6, "tm_cus": 2, "cu_number": 5}, 3),
        ({"parallel_number": 6, "tm_cus": 2, "cu_number": 5, "manager_cu_number": 3}, 6),
        ({"parallel_number": 6.0, "cu_number": 4.0}, 2),
        ({"parallel_number": None, "cu_number": None}, 1),
    ],
)
def test_tm_slot_num_is_reset_by_the_documented_formula(others: dict[str, Any], slots: int) -> None:
    """(parallel_number*tm_cus)/(cu_number-manager_cu_number), over the wanted values or their defaults."""
    assert BY_NAME["tm_slot_num"].reset_value(others) == slots


@pytest.mark.parametrize(
    "others",
    [
        {"parallel_number": 5, "cu_number": 3},
        {"parallel_number": 1, "cu_number": 4},
        {"cu_number": 2, "manager_cu_number": 2},
        {"cu_number": 2, "manager_cu_number": 3},
    ],
)
def test_tm_slot_num_cannot_be_reset_where_the_formula_gives_no_whole_number(others: dict[str, int]) -> None:
    """A fraction, or no CU beside the managers', asks for an explicit value."""
    with pytest.raises(CannotResetError, match=FORMULA):
        BY_NAME["tm_slot_num"].reset_value(others)


@pytest.mark.parametrize(
    ("shown", "sent"),
    [("exactly_once", 1), ("at_least_once", 2), (1, 1), (2, 2), ("new_mode", "new_mode"), (None, None)],
)
def test_checkpoint_mode_is_read_back_as_the_number_that_was_sent(shown: Any, sent: Any) -> None:
    """The details show the mode as a word, the update takes a number."""
    assert BY_NAME["checkpoint_mode"].read(shown) == sent


@pytest.mark.parametrize("name", ["stop_timeout", "on_delete", "adopt_changes"])
def test_an_absent_control_input_has_its_default(name: str) -> None:
    """Absent and null control inputs both mean the default."""
    assert control({}, name) == CONTROL_DEFAULTS[name]
    assert control({name: None}, name) == CONTROL_DEFAULTS[name]


def test_a_given_control_input_wins_over_its_default() -> None:
    """Also where it is false or 0."""
    assert control({"settle_time": 0}, "settle_time") == 0
    assert control({"adopt_changes": True}, "adopt_changes") is True


def test_the_type_token_is_a_persisted_contract() -> None:
    """Every state names the resource's type."""
    assert TYPE == "pulumi-python:dynamic/dli:FlinkJarJob"
    assert f"pulumi-python:{FlinkJarJob._resource_type_name}" == TYPE


def test_the_provider_is_stored_by_reference_and_always_as_the_same_bytes() -> None:
    """A state refers to the provider's module and class by name; other bytes would update every job."""
    stored = serialize_provider(FlinkJarJobProvider())

    if pickle.DEFAULT_PROTOCOL == 4:  # up to Python 3.13
        assert stored == STORED
    assert b"pulumi_dli.flink_jar_job" in base64.b64decode(stored)
    assert b"FlinkJarJobProvider" in base64.b64decode(stored)


def test_a_state_of_this_release_finds_its_provider() -> None:
    """What a state holds loads as today's class."""
    assert isinstance(pickle.loads(base64.b64decode(STORED)), FlinkJarJobProvider)  # noqa: S301 - our own bytes


def test_the_typed_arguments_are_the_inputs() -> None:
    """An editor offers each input, and nothing else."""
    from pulumi_dli import FlinkJarJobArgs  # noqa: PLC0415 - the public name, loaded lazily

    assert set(FlinkJarJobArgs.__annotations__) == set(INPUT_NAMES)
