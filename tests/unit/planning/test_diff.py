"""What differs, by meaning; and the body that brings the old properties to the new ones, always."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_dli.errors import CannotResetError
from pulumi_dli.planning.diff import Change, Difference, difference, put_body
from pulumi_dli.schema.controls import CONTROL_BY_NAME
from pulumi_dli.schema.properties import BY_NAME, PROPERTIES
from pulumi_dli.schema.property import Cost
from pulumi_dli.schema.resource import managed_names
from pulumi_dli.schema.unknown import UNKNOWN
from pulumi_dli.schema.value_types import wire
from support import described

# A busy machine makes no rule wrong.
a_rule = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

TEXT = st.text(alphabet="aé -/", max_size=3)
SMALL = st.integers(min_value=1, max_value=4)
SPEC = st.fixed_dictionaries(
    {}, optional={"cpu": st.sampled_from([0.5, 1, 1.0, 2.0]), "memory": st.sampled_from(["4G", "4096MB", "8 GB"])}
)
PAIRS = st.lists(
    st.fixed_dictionaries({"key": st.sampled_from("abc"), "value": st.sampled_from(["1", 1, True])}),
    unique_by=lambda pair: pair["key"],
    max_size=3,
)


def drawn(name: str) -> st.SearchStrategy[Any]:
    """Return values of a property that the description allows; integers also as the doubles that Pulumi has."""
    return st.sampled_from(described.values(name)).flatmap(
        lambda value: st.sampled_from([value, float(value)]) if type(value) is int else st.just(value)
    )


# Values of each property as a program or a service may have them; here are those that the rules need to meet often.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{name: drawn(name) for name in described.properties()},
    "cu_number": st.sampled_from([2, 4, 4.0, 5]),
    "manager_cu_number": st.sampled_from([1, 1.0]),
    "parallel_number": SMALL,
    "tm_cus": SMALL,
    "tm_slot_num": SMALL,
    "dependency_jars": st.lists(TEXT, max_size=2),
    "dependency_files": st.lists(TEXT, max_size=2),
    "runtime_config": st.just("") | PAIRS.map(json.dumps),
    "flink_log_config": st.just("") | PAIRS.map(json.dumps),
    "resource_config": st.fixed_dictionaries(
        {},
        optional={
            "max_slot": SMALL,
            "parallel_number": SMALL.map(float),
            "jobmanager_resource_spec": SPEC,
            "taskmanager_resource_spec": SPEC,
        },
    ),
    "tags": st.lists(st.fixed_dictionaries({"key": TEXT, "value": TEXT}), max_size=2),
    **dict.fromkeys(["desc", "main_class", "entrypoint_args"], TEXT),
}
CONTROLS: dict[str, st.SearchStrategy[Any]] = {
    "desired_state": st.sampled_from(["running", "stopped"]),
    "upgrade_mode": st.sampled_from(["savepoint", "stateless"]),
    "restart_nonce": st.sampled_from(["1", 1, 2.0]),
    "retry_nonce": st.sampled_from(["1", 1]),
    "stop_timeout": st.sampled_from([60, 60.0, 3600]),
    "adopt_changes": st.booleans(),
}

DRAWN = {**VALUES, **CONTROLS}


def can_be_removed(name: str, news: dict[str, Any]) -> bool:
    """Tell whether check would let the program drop a property."""
    try:
        BY_NAME[name].reset_value(news)
    except CannotResetError:
        return False
    return True


@st.composite
def inputs(draw: st.DrawFn) -> dict[str, Any]:
    """Return some properties and control inputs with their values."""
    names = draw(st.lists(st.sampled_from(sorted(DRAWN)), unique=True, max_size=6))
    return {name: draw(DRAWN[name]) for name in names}


@st.composite
def stored_and_wanted(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return stored outputs, some of which the program managed, and wanted inputs that check lets pass."""
    olds, news, managed = draw(inputs()), draw(inputs()), []
    for name in sorted(olds):
        fate = draw(st.sampled_from(["the service's", "kept", "changed", "removed"]))
        if fate == "changed":
            news[name] = draw(DRAWN[name])
        elif fate == "kept" or (fate == "removed" and name in BY_NAME and not can_be_removed(name, news)):
            news[name] = olds[name]
        if fate != "the service's":
            managed.append(name)
    if "tm_slot_num" in managed and "tm_slot_num" not in news and not can_be_removed("tm_slot_num", news):
        news["tm_slot_num"] = olds["tm_slot_num"]
    return {**olds, "managed": managed, "job_id": "138", "update_time": 1516952770835, "status": "job_running"}, news


def test_every_property_has_values_here() -> None:
    """The rules below hold for all properties only if all are drawn."""
    assert set(VALUES) == set(BY_NAME)


@a_rule
@given(stored_and_wanted())
def test_merging_the_body_into_the_old_properties_gives_the_new_ones(
    both: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """The PUT merges: afterwards a wanted property is as wanted, a removed one is reset, any other as it was."""
    olds, news = both
    merged = {**olds, **put_body(difference(olds, news).changes)}

    for each in PROPERTIES:
        if each.name in news and not each.create_only:
            assert each.equivalent(merged.get(each.name), news[each.name])
        elif each.name in olds["managed"] and not each.create_only:
            assert each.equivalent(merged[each.name], each.reset_value(news))
        else:
            assert merged.get(each.name) == olds.get(each.name)


@a_rule
@given(stored_and_wanted())
def test_after_an_update_nothing_differs(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """The new properties, stored, and the same program: the next preview is empty."""
    olds, news = both
    stored = {**olds, **put_body(difference(olds, news).changes), "managed": managed_names(news)}

    assert difference(stored, news).changes == ()


@a_rule
@given(stored_and_wanted())
def test_the_body_holds_changed_properties_alone(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """No control input, no job_id, no output, no tags, and nothing that stays as it is."""
    olds, news = both

    body = put_body(difference(olds, news).changes)

    assert set(body) <= {each.name for each in PROPERTIES if not each.create_only}
    assert not [name for name, value in body.items() if name in olds and BY_NAME[name].equivalent(olds[name], value)]


@a_rule
@given(stored_and_wanted())
def test_the_body_goes_into_json_with_integers_as_integers(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """DLI refuses 4.0 for an integer."""
    body = put_body(difference(*both).changes)

    assert ".0" not in json.dumps(
        {name: value for name, value in body.items() if BY_NAME[name].value_type.word != "object"}
    )


@a_rule
@given(inputs())
def test_the_same_inputs_do_not_differ(wanted: dict[str, Any]) -> None:
    """Whatever a program sets, once stored it is no change."""
    found = difference({**wanted, "managed": managed_names(wanted)}, wanted)

    assert not found
    assert (found.changes, found.controls, found.cost, found.names) == ((), (), Cost.NONE, ())


@a_rule
@given(stored_and_wanted())
def test_the_cost_is_that_of_the_dearest_change(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """One RESTART property makes the whole change a RESTART."""
    found = difference(*both)

    assert found.cost == max((BY_NAME[name].cost for name in found.names), default=Cost.NONE)


RESOURCES = {"jobmanager_resource_spec": {"memory": "4G"}}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("cu_number", 3, 3.0),
        ("cu_number", 3.0, 3),
        ("cu_number", None, 2),
        ("resume_max_num", None, -1),
        ("log_enabled", None, False),
        ("desc", None, ""),
        ("runtime_config", None, ""),
        ("dependency_jars", None, []),
        ("dependency_jars", (), []),
        ("job_type", None, "flink_jar_job"),
        ("resource_config_version", None, "v1"),
        ("resource_config", None, {}),
        ("resource_config", RESOURCES, {"jobmanager_resource_spec": {"memory": "4096MB"}}),
        ("resource_config", RESOURCES, {"max_slot": 1.0}),
        (
            "runtime_config",
            '[{"key":"a","value":1},{"key":"b","value":2}]',
            '[{"value": 2, "key": "b"}, {"key": "a", "value": 1}]',
        ),
        ("flink_log_config", '{"a": 1, "b": 2}', '{"b":2,"a":1.0}'),
    ],
)
def test_equal_in_meaning_is_equal(name: str, old: Any, new: Any) -> None:
    """Doubles, defaults, units and the order of settings make no change."""
    assert not difference({name: old, "managed": [name]}, {name: new})


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("cu_number", 2, 3),
        ("cu_number", None, 3),
        ("cu_number", True, 1),
        ("log_enabled", 1, True),
        ("log_enabled", False, True),
        ("desc", "a", ""),
        ("desc", "a", "A"),
        ("desc", "a", "a "),
        ("dependency_jars", ["a", "b"], ["b", "a"]),
        ("dependency_jars", ["a"], []),
        ("runtime_config", '[{"key":"a","value":1}]', '[{"key":"a","value":2}]'),
        ("resource_config", RESOURCES, {"jobmanager_resource_spec": {"memory": "8G"}}),
        ("tm_slot_num", None, 1),
        ("name", None, "a"),
        ("queue_name", None, "q"),
    ],
)
def test_a_real_change_is_one(name: str, old: Any, new: Any) -> None:
    """True is not 1, the order of JARs counts, and what has no default differs from its absence."""
    assert difference({name: old, "managed": [name]}, {name: new}).changes == (
        Change(name, old, new, BY_NAME[name].cost),
    )


def test_a_removed_property_is_reset() -> None:
    """The change says so, with the value that is sent."""
    found = difference({"cu_number": 40, "smn_topic": "t", "managed": ["cu_number", "smn_topic"]}, {})

    assert found.changes == (
        Change("cu_number", 40, 2, Cost.RESTART, reset=True),
        Change("smn_topic", "t", "", Cost.LIVE, reset=True),
    )
    assert put_body(found.changes) == {"cu_number": 2, "smn_topic": ""}


def test_a_removed_property_that_has_its_default_is_no_change() -> None:
    """Nothing would be different."""
    assert not difference({"cu_number": 2.0, "managed": ["cu_number"]}, {})


def test_what_the_service_chose_is_no_removed_property() -> None:
    """An output that the program never set is left alone."""
    assert not difference({"tm_slot_num": 7, "cu_number": 40, "managed": ["desc"], "desc": "a"}, {"desc": "a"})


def test_a_managed_property_that_the_state_lacks_is_no_removed_one() -> None:
    """There is nothing to reset, also where that would be impossible."""
    assert not difference({"managed": ["desc", "feature"]}, {})


def test_a_state_without_managed_names_removes_nothing() -> None:
    """It is not known what the program set."""
    assert not difference({"cu_number": 40}, {})


def test_tm_slot_num_is_reset_to_what_the_formula_gives_for_the_wanted_values() -> None:
    """Not for the old ones."""
    olds = {"tm_slot_num": 9, "parallel_number": 2, "cu_number": 3, "managed": ["tm_slot_num"]}

    found = difference(olds, {"parallel_number": 6, "cu_number": 4})

    assert put_body(found.changes)["tm_slot_num"] == 2


def test_tm_slot_num_is_reset_to_an_unknown_number_while_the_formula_is_unknown() -> None:
    """A preview says that it changes."""
    found = difference({"tm_slot_num": 9, "managed": ["tm_slot_num"]}, {"cu_number": UNKNOWN})

    assert Change("tm_slot_num", 9, UNKNOWN, Cost.RESTART, reset=True) in found.changes


def test_another_unknown_value_does_not_hide_a_reset() -> None:
    """Only the formula depends on other properties."""
    found = difference({"desc": "a", "managed": ["desc"]}, {"cu_number": UNKNOWN})

    assert Change("desc", "a", "", Cost.RESTART, reset=True) in found.changes


@pytest.mark.parametrize("unknown", [UNKNOWN, [UNKNOWN], {"a": [UNKNOWN]}], ids=repr)
@pytest.mark.parametrize("name", ["desc", "dependency_jars", "resource_config", "runtime_config"])
def test_an_unknown_value_is_never_equal(name: str, unknown: Any) -> None:
    """At any depth; also not to its default or to another unknown value."""
    for old in (None, UNKNOWN, unknown):
        assert difference({name: old}, {name: unknown}).changes == (Change(name, old, UNKNOWN, BY_NAME[name].cost),)


def test_tags_are_no_change_of_a_job() -> None:
    """They are set at create alone, and check refuses another value."""
    assert not difference({"tags": [{"key": "a", "value": "b"}], "managed": ["tags"]}, {"tags": []})


def test_changes_stand_in_the_order_of_the_table() -> None:
    """Whatever order the program has."""
    assert difference({}, {"tm_cus": 2, "desc": "a", "smn_topic": "t"}).names == ("desc", "smn_topic", "tm_cus")


def test_the_configuration_overrides_the_cost_of_a_property() -> None:
    """The list of what changes in place comes from Huawei's side alone."""
    news = {"smn_topic": "t", "cu_number": 4}
    costs = {"smn_topic": Cost.RESTART, "cu_number": Cost.LIVE}

    assert [change.cost for change in difference({}, news, costs).changes] == [Cost.LIVE, Cost.RESTART]


def test_the_override_counts_for_a_removed_and_for_an_unknown_value_too() -> None:
    """It belongs to the property, not to the way it changes."""
    olds = {"smn_topic": "t", "managed": ["smn_topic"]}
    costs = {"smn_topic": Cost.RESTART}

    assert difference(olds, {}, costs).cost is Cost.RESTART
    assert difference(olds, {"smn_topic": UNKNOWN}, costs).cost is Cost.RESTART


# Control inputs


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("desired_state", None, "stopped"),
        ("desired_state", "stopped", None),
        ("upgrade_mode", "savepoint", "stateless"),
        ("restart_nonce", None, "1"),
        ("restart_nonce", "1", "2"),
        ("restart_nonce", 1, "1"),
        ("restart_nonce", "1", None),
        ("on_failure", None, "leave"),
        ("on_conflict", None, "overwrite"),
        ("on_delete", None, "retain"),
        ("stop_timeout", 60, 61),
        ("start_timeout", None, 60),
        ("settle_time", None, 0),
        ("adopt_changes", None, True),
        ("stop_timeout", 60, UNKNOWN),
        ("restart_nonce", UNKNOWN, UNKNOWN),
    ],
)
def test_a_control_input_that_changes_is_named_and_sends_nothing(name: str, old: Any, new: Any) -> None:
    """It is a change without a cost and without a body."""
    found = difference({name: old}, {name: new})

    assert found
    assert found.controls == (name,)
    assert (put_body(found.changes), found.cost) == ({}, Cost.NONE)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("desired_state", None, "running"),
        ("desired_state", "running", None),
        ("stop_timeout", 3600.0, None),
        ("stop_timeout", 60.0, 60),
        ("settle_time", None, 30),
        ("adopt_changes", None, False),
        ("restart_nonce", 1.0, 1),
        ("restart_nonce", None, None),
    ],
)
def test_a_control_input_that_means_the_same_is_no_change(name: str, old: Any, new: Any) -> None:
    """Defaults and doubles, as for properties."""
    assert not difference({name: old}, {name: new})


def test_a_new_restart_nonce_asks_for_a_restart() -> None:
    """No other control input does."""
    assert difference({"restart_nonce": 1}, {"restart_nonce": 2}).restarts
    assert not difference({}, {"desired_state": "stopped", "cu_number": 4}).restarts


@pytest.mark.parametrize(
    ("managed", "wanted", "changed"),
    [
        ([], None, False),
        (["job_id"], "138", False),
        ([], "138", True),
        (["job_id"], None, True),
        (["job_id"], UNKNOWN, True),
    ],
)
def test_job_id_as_an_input_is_ownership(managed: list[str], wanted: Any, changed: bool) -> None:
    """The output of this name is always there; it counts whether the program sets it."""
    found = difference({"job_id": "138", "managed": managed}, {"job_id": wanted})

    assert ("job_id" in found.controls) is changed


def test_a_changed_job_id_is_never_silent() -> None:
    """A program that names another job does not see "no changes"."""
    assert "job_id" in difference({"job_id": "138", "managed": ["job_id"]}, {"job_id": "139"}).controls


def test_the_example_of_the_update_page_is_its_own_body() -> None:
    """Every property of the example leaves as it is written there."""
    example = {
        "name": "test1",
        "desc": "job for test",
        "job_type": "flink_jar_job",
        "queue_name": "testQueue",
        "manager_cu_number": 1,
        "cu_number": 2,
        "parallel_number": 1,
        "log_enabled": False,
        "main_class": "org.apache.flink.examples.streaming.JavaQueueStream",
        "restart_when_exception": False,
        "entrypoint": "FemaleInfoCollec.jar",
        "dependency_jars": ["myGroup/test.jar", "myGroup/test1.jar"],
        "dependency_files": ["myGroup/test.csv", "myGroup/test1.csv"],
    }
    before = {
        **dict.fromkeys(["name", "desc", "queue_name", "main_class", "entrypoint"], "old"),
        **dict.fromkeys(["manager_cu_number", "cu_number", "parallel_number"], 9),
        **dict.fromkeys(["log_enabled", "restart_when_exception"], True),
        "job_type": "older_job",
    }

    assert put_body(difference(before, example).changes) == example


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (3.0, 3),
        (0.5, 0.5),
        (True, True),
        ("3.0", "3.0"),
        ({"a": [1.0, {"b": 2.0}]}, {"a": [1, {"b": 2}]}),
        (("a", 1.0), ["a", 1]),
        (None, None),
    ],
)
def test_a_value_goes_out_as_dli_wants_it(value: Any, sent: Any) -> None:
    """Integral doubles as integers, tuples as lists, all else as it is."""
    assert json.dumps(wire(value)) == json.dumps(sent)


def test_managed_names_are_those_of_the_inputs_that_are_set() -> None:
    """Properties and control inputs, false and empty ones too; null is absent, other keys do not count."""
    bag = {"settle_time": 0, "__urn": "u", "desc": "", "log_enabled": False, "cu_number": None, "job_id": "138"}

    assert managed_names(bag) == ["desc", "log_enabled", "job_id", "settle_time"]


def test_a_difference_is_true_when_it_has_something() -> None:
    """A property or a control input."""
    assert not Difference((), ())
    assert Difference((), ("restart_nonce",))
    assert Difference((Change("desc", None, "a", Cost.RESTART),), ())


def test_every_control_input_is_compared() -> None:
    """None is forgotten, whatever its kind."""
    other: dict[str, Any] = {
        "job_id": "1",
        "desired_state": "stopped",
        "upgrade_mode": "stateless",
        "restart_nonce": 1,
        "retry_nonce": 1,
        "on_failure": "leave",
        "on_conflict": "overwrite",
        "on_delete": "stop",
        "stop_timeout": 1,
        "start_timeout": 1,
        "settle_time": 1,
        "adopt_changes": True,
    }

    assert difference({}, other).controls == tuple(CONTROL_BY_NAME)


@pytest.mark.parametrize(
    ("found", "moves"),
    [
        (Difference((Change("desc", "", "x", Cost.RESTART),), ()), True),
        (Difference((), ("desired_state",)), True),
        (Difference((), ("restart_nonce",)), True),
        (Difference((), (), off_state=True), True),
        (Difference((), ("on_delete", "stop_timeout")), False),
        (Difference((), (), ("cu_number",)), False),
    ],
    ids=["property", "state", "nonce", "off state", "controls", "taken"],
)
def test_only_some_differences_move_the_job(found: Difference, moves: bool) -> None:
    """Other control inputs, and properties that already are as wanted, change what is stored alone."""
    assert found.moves is moves
