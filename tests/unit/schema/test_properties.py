"""The property table is complete, and what users' states depend on does not change by accident."""

from __future__ import annotations

import base64
import json
import pickle
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_dli.emulator import contract
from pulumi_dli.errors import CannotResetError
from pulumi_dli.flink_jar_job import FlinkJarJob, FlinkJarJobProvider
from pulumi_dli.schema.clouds import HUAWEI
from pulumi_dli.schema.controls import CONTROLS, control
from pulumi_dli.schema.properties import BY_NAME, PROPERTIES, SENSITIVE
from pulumi_dli.schema.property import Cost, Property, highest_cost
from pulumi_dli.schema.resource import INPUT_NAMES, OUTPUTS, TYPE

# Table 2 of "Updating a Flink Jar Job": name, type and documented default ("-": none), in its order.
UPDATE_PAGE = """
name                    string   -
desc                    string   -
queue_name              string   -
cu_number               integer  2
manager_cu_number       integer  1
parallel_number         integer  1
log_enabled             boolean  false
obs_bucket              string   -
smn_topic               string   -
main_class              string   -
entrypoint_args         string   -
restart_when_exception  boolean  false
entrypoint              string   -
dependency_jars         list     -
dependency_files        list     -
tm_cus                  integer  1
tm_slot_num             integer  -
resume_checkpoint       boolean  -
resume_max_num          integer  -1
checkpoint_path         string   -
runtime_config          string   -
job_type                string   -
"""
SEED = {name: (kind, default) for name, kind, default in map(str.split, UPDATE_PAGE.strip().splitlines())}

# Properties that later pages document.
NEWER = [
    "checkpoint_enabled",
    "checkpoint_mode",
    "checkpoint_interval",
    "execution_agency_urn",
    "resource_config_version",
    "resource_config",
    "tags",
    "feature",
    "flink_version",
    "image",
    "flink_log_config",
]

CONTROL_DEFAULTS: dict[str, Any] = {
    "job_id": None,
    "desired_state": "running",
    "upgrade_mode": "savepoint",
    "restart_nonce": None,
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
    "managed": list,
}

LIVE = {
    "smn_topic",
    "restart_when_exception",
    "resume_checkpoint",
    "resume_max_num",
    "obs_bucket",
    "checkpoint_path",
}

FORMULA = "is no whole number here: set tm_slot_num explicitly"

# What is sent for a property that the program dropped, while all others are absent too.
RESETS: dict[str, Any] = {
    "desc": "",
    "cu_number": 2,
    "manager_cu_number": 1,
    "parallel_number": 1,
    "log_enabled": False,
    "obs_bucket": "",
    "smn_topic": "",
    "main_class": "",
    "entrypoint_args": "",
    "restart_when_exception": False,
    "dependency_jars": [],
    "dependency_files": [],
    "tm_cus": 1,
    "tm_slot_num": 1,
    "resume_checkpoint": False,
    "resume_max_num": -1,
    "checkpoint_path": "",
    "runtime_config": "",
    "job_type": "flink_jar_job",
    "checkpoint_enabled": False,
    "checkpoint_mode": 1,
    "checkpoint_interval": 10,
    "execution_agency_urn": "",
    "resource_config_version": "v1",
    "resource_config": {
        "max_slot": 1,
        "parallel_number": 1,
        "jobmanager_resource_spec": {"cpu": 1.0, "memory": "4GB"},
        "taskmanager_resource_spec": {"cpu": 1.0, "memory": "4GB"},
    },
    "image": "",
    "flink_log_config": "",
}

# The provider as states hold it, pickled with protocol 4.
STORED = "gASVNwAAAAAAAACMGHB1bHVtaV9kbGkuZmxpbmtfamFyX2pvYpSME0ZsaW5rSmFySm9iUHJvdmlkZXKUk5QpgZQu"

NO_RESET = {"name", "queue_name", "entrypoint", "tags", "feature", "flink_version"}

each_property = pytest.mark.parametrize("each", PROPERTIES, ids=lambda each: each.name)


def test_the_table_holds_the_22_properties_of_the_update_page_first() -> None:
    """Every property of the update page is declared, in the page's order."""
    assert len(SEED) == 22
    assert [each.name for each in PROPERTIES[:22]] == list(SEED)


@pytest.mark.parametrize("name", SEED)
def test_types_and_defaults_are_those_of_the_update_page(name: str) -> None:
    """What the page documents holds to the letter."""
    each, (kind, default) = BY_NAME[name], SEED[name]

    assert each.value_type.word.split()[0].strip(",:") == kind
    if default != "-":
        assert json.dumps(each.default) == default


def test_the_table_holds_the_newer_properties_and_nothing_else() -> None:
    """Only what some page of the API documents is a property."""
    assert [each.name for each in PROPERTIES[22:]] == NEWER


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
    assert set(each.source.replace(";", ",").replace(":", ",").split(", ")) & {"update", "create", "Huawei"}
    assert each.value_type.word
    assert each.value_type.python
    assert each.clouds


@each_property
def test_a_property_has_a_default_or_a_reason_why_it_has_none(each: Property) -> None:
    """What a removed property is reset to is declared, or why that is impossible."""
    assert (each.default is not None) or (each.reset_by is not None) or each.no_reset


@each_property
def test_the_properties_of_the_update_page_name_it_as_their_source(each: Property) -> None:
    """The update page is the source of its 22 properties and of no other one."""
    assert ("update" in each.source) is (each.name in SEED)


def test_exactly_six_properties_change_in_place() -> None:
    """A running job takes a change of these six; every other one needs a restart, and tags cannot change."""
    assert {each.name for each in PROPERTIES if each.cost is Cost.LIVE} == LIVE
    assert {each.name for each in PROPERTIES if each.cost is Cost.NONE} == {"tags"}


def test_the_cost_of_several_changes_is_that_of_the_dearest() -> None:
    """NONE < LIVE < RESTART, and no change at all costs nothing."""
    assert highest_cost([Cost.LIVE, Cost.RESTART, Cost.NONE]) is Cost.RESTART
    assert highest_cost([Cost.NONE, Cost.LIVE]) is Cost.LIVE
    assert highest_cost([]) is Cost.NONE


def test_two_properties_are_sensitive() -> None:
    """Arguments and Flink settings often hold passwords."""
    assert set(SENSITIVE) == {"entrypoint_args", "runtime_config"}


def test_four_properties_are_known_to_huawei_alone() -> None:
    """OTC's update page does not list them."""
    assert {each.name for each in PROPERTIES if each.clouds == (HUAWEI,)} == {
        "feature",
        "flink_version",
        "image",
        "flink_log_config",
    }
    assert {each.clouds for each in PROPERTIES} == {(HUAWEI,), ("otc", "huawei")}


def test_tags_alone_are_set_at_create_only() -> None:
    """The update page takes no tags."""
    assert [each.name for each in PROPERTIES if each.create_only] == ["tags"]


def test_every_resettable_property_is_in_the_table_of_this_test() -> None:
    """A new property needs a decision on its reset here."""
    assert set(RESETS) | NO_RESET == set(BY_NAME)
    assert not set(RESETS) & NO_RESET


@pytest.mark.parametrize(("name", "value"), RESETS.items())
def test_a_removed_property_is_reset_to_its_documented_default(name: str, value: Any) -> None:
    """The reset value is the documented default, "" or []."""
    sent = BY_NAME[name].reset_value({})

    assert (sent, type(sent)) == (value, type(value))


@pytest.mark.parametrize("name", sorted(NO_RESET))
def test_what_has_no_default_cannot_be_reset_and_says_why(name: str) -> None:
    """No value stands for the absence of these."""
    with pytest.raises(CannotResetError, match=r"\w+ \w+ .*(set|name)"):
        BY_NAME[name].reset_value({})


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
    ("told", "sent"),
    [("exactly_once", 1), ("at_least_once", 2), (1, 1), (2, 2), ("new_mode", "new_mode"), (None, None)],
)
def test_checkpoint_mode_is_read_back_as_the_number_that_was_sent(told: Any, sent: Any) -> None:
    """The details tell the mode as a word, the update takes a number."""
    assert BY_NAME["checkpoint_mode"].read(told) == sent


@pytest.mark.parametrize("name", ["stop_timeout", "on_delete", "adopt_changes"])
def test_an_absent_control_input_has_its_default(name: str) -> None:
    """Absent and null control inputs both mean the default."""
    assert control({}, name) == CONTROL_DEFAULTS[name]
    assert control({name: None}, name) == CONTROL_DEFAULTS[name]


def test_a_given_control_input_wins_over_its_default() -> None:
    """Also where it is false or 0."""
    assert control({"settle_time": 0}, "settle_time") == 0
    assert control({"adopt_changes": True}, "adopt_changes") is True


def test_both_readings_of_the_documents_know_the_same_properties() -> None:
    """The emulator's own transcription and the table agree on names; tags stand in its create alone."""
    assert {*contract.job_properties(), "tags"} == set(BY_NAME)


@pytest.mark.parametrize("name", sorted(contract.job_properties()))
def test_both_readings_of_the_documents_agree(name: str) -> None:
    """On what changes in place, on where the details keep it, on defaults, on the cloud."""
    theirs, ours = contract.job_properties()[name], BY_NAME[name]

    assert theirs.get("x-live", False) is (ours.cost is Cost.LIVE)
    assert theirs.get("x-shown-in", "job_config") == ours.kept_in
    assert (theirs.get("x-cloud") == "huawei") is (ours.clouds == (HUAWEI,))
    if ours.no_reset is None and name not in {"tm_slot_num", "resource_config"}:
        assert ours.equivalent(ours.default, theirs["default"])


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
