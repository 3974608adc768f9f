"""What Pulumi stores of a job, and what a refresh reports as inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_dli.planning.diff import difference
from pulumi_dli.schema.observed_job import ObservedJob, read_job
from pulumi_dli.schema.resource import INPUT_NAMES, INPUTS, OUTPUTS, URN
from pulumi_dli.schema.stored_state import (
    Identity,
    outputs,
    refreshed,
    refreshed_inputs,
    unfinished_create,
    unfinished_update,
)

# A busy machine makes no rule wrong.
a_rule = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

HERE = Identity("p", "eu-de", "https://dli.eu-de.otc.t-systems.com")


def details(properties: dict[str, Any]) -> ObservedJob:
    """Return a job as the service shows it."""
    times = {"update_time": 1516952770835, "start_time": 1516952770000}
    return read_job("9007199254740993", {"status": "job_running", **times, "job_config": properties})


def stored(properties: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs after an update of a job that the service shows with `properties`."""
    return outputs(details(properties), inputs, 1516952770835, HERE)


def read_back(properties: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs after a refresh that finds `properties`; stored was what `inputs` made."""
    return refreshed(details(properties), stored({}, inputs), HERE)


both_ways = pytest.mark.parametrize("state_of", [stored, read_back])
StateOf = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


@both_ways
def test_the_state_holds_identity_status_and_times(state_of: StateOf) -> None:
    """Beside the properties."""
    assert state_of({"desc": "a"}, {"desc": "a"}) == {
        "desc": "a",
        "job_id": "9007199254740993",
        "update_time": 1516952770835,
        "start_time": 1516952770000,
        "ever_ran": True,
        "status": "job_running",
        "project_id": "p",
        "region": "eu-de",
        "endpoint": "https://dli.eu-de.otc.t-systems.com",
        "managed": ["desc"],
    }


@both_ways
def test_every_output_is_declared(state_of: StateOf) -> None:
    """The state has no name that the typed resource lacks, and all that it has but the note of a failure."""
    everything: dict[str, Any] = {each.name: each.default or "x" for each in INPUTS}

    assert set(state_of({}, everything)) | {"unfinished", "rejected"} == {
        *INPUT_NAMES,
        *(each.name for each in OUTPUTS),
    }


def test_what_has_no_value_is_not_stored() -> None:
    """Pulumi drops null values; an unknown update_time is one."""
    state = outputs(details({"desc": None}), {"cu_number": None}, None, HERE)

    assert not {"desc", "cu_number", "update_time"} & set(state)
    assert state["managed"] == []


def test_the_update_time_of_an_update_is_that_of_its_answer() -> None:
    """A refresh has the one of the details."""
    state = outputs(details({}), {}, 7, HERE)

    assert state["update_time"] == 7
    assert refreshed(details({}), state, HERE)["update_time"] == 1516952770835


@both_ways
def test_every_property_of_the_service_is_an_output(state_of: StateOf) -> None:
    """Those that it chose itself, too; and they are not managed."""
    state = state_of({"cu_number": 4, "tm_slot_num": 3}, {"cu_number": 4})

    assert (state["tm_slot_num"], state["managed"]) == (3, ["cu_number"])


@both_ways
def test_a_property_that_the_details_do_not_show_is_stored_as_the_program_has_it(state_of: StateOf) -> None:
    """Tags, for one."""
    tags = [{"key": "a", "value": "b"}]

    assert state_of({}, {"tags": tags})["tags"] == tags


@both_ways
@pytest.mark.parametrize(
    ("name", "ours", "theirs"),
    [
        ("runtime_config", '[ {"value": "1", "key": "a"} ]', '[{"key":"a","value":"1"}]'),
        (
            "resource_config",
            {"jobmanager_resource_spec": {"memory": "4096MB"}},
            {"jobmanager_resource_spec": {"cpu": 1.0, "memory": "4G"}},
        ),
        ("cu_number", 3, 3.0),
        ("desc", "", None),
    ],
)
def test_the_program_s_own_form_is_kept_where_it_means_the_same(
    name: str, ours: Any, theirs: Any, state_of: StateOf
) -> None:
    """Or else every refresh would rewrite it."""
    assert state_of({name: theirs}, {name: ours})[name] == ours


def test_after_an_update_the_state_holds_what_the_program_wants() -> None:
    """Somebody else's change of another property, which this update left alone, shows at the next refresh."""
    assert stored({"desc": "theirs"}, {"desc": "ours"})["desc"] == "ours"


def test_after_a_refresh_the_state_holds_what_the_service_has() -> None:
    """That is the drift which the preview shows."""
    state = read_back({"desc": "theirs"}, {"desc": "ours"})

    assert state["desc"] == "theirs"
    assert refreshed_inputs(state) == {"desc": "theirs"}
    assert difference(state, {"desc": "ours"}).names == ("desc",)


def test_a_managed_value_that_the_service_lost_is_not_stored_after_a_refresh() -> None:
    """The next update sends it again."""
    state = read_back({"smn_topic": None}, {"smn_topic": "t"})

    assert "smn_topic" not in state
    assert refreshed_inputs(state) == {}
    assert difference(state, {"smn_topic": "t"}).names == ("smn_topic",)


@both_ways
def test_numbers_are_stored_as_integers(state_of: StateOf) -> None:
    """Doubles come from the engine and from JSON."""
    state = state_of({"cu_number": 4.0, "tm_slot_num": 2.0}, {"cu_number": 4.0})

    assert [type(state[name]) for name in ("cu_number", "tm_slot_num")] == [int, int]


@both_ways
def test_control_inputs_are_stored_where_the_program_sets_them(state_of: StateOf) -> None:
    """A default is not written down: it may change with a release."""
    state = state_of({}, {"on_delete": "retain", "settle_time": 0})

    assert (state["on_delete"], state["settle_time"]) == ("retain", 0)
    assert "stop_timeout" not in state
    assert state["managed"] == ["on_delete", "settle_time"]


@both_ways
def test_an_adopted_job_is_known_by_its_managed_job_id(state_of: StateOf) -> None:
    """The output of that name is always there."""
    assert "job_id" in state_of({}, {"job_id": "9007199254740993"})["managed"]
    assert "job_id" not in state_of({}, {})["managed"]


@both_ways
def test_the_resource_s_place_in_the_program_is_kept(state_of: StateOf) -> None:
    """Messages of a later run stand at their resource."""
    assert state_of({}, {URN: "urn:pulumi:dev::p::t::j"})[URN] == "urn:pulumi:dev::p::t::j"
    assert URN not in state_of({}, {})


def test_a_refresh_reports_only_managed_properties_as_inputs() -> None:
    """A default that the service filled in would look like a removed property."""
    state = read_back({"desc": "theirs", "tm_slot_num": 3}, {"desc": "ours", "on_delete": "stop", URN: "u"})

    assert refreshed_inputs(state) == {"desc": "theirs", "on_delete": "stop", URN: "u"}


def test_a_refresh_of_an_adopted_job_reports_its_id() -> None:
    """It is an input then."""
    assert refreshed_inputs(read_back({}, {"job_id": "9007199254740993"})) == {"job_id": "9007199254740993"}


def test_a_refresh_of_a_state_without_managed_names_reports_nothing() -> None:
    """It is not known what the program set."""
    assert refreshed_inputs({"desc": "a"}) == {}
    assert refreshed(details({"desc": "a"}), {"desc": "b"}, HERE)["managed"] == []


SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "desc": st.sampled_from(["", "a"]),
    "cu_number": st.sampled_from([2, 4.0, 5]),
    "log_enabled": st.booleans(),
    "dependency_jars": st.lists(st.sampled_from("ab"), max_size=2),
    "runtime_config": st.sampled_from(["", "{}", '[{"key": "a", "value": 1}]']),
    "resource_config": st.sampled_from([{}, {"max_slot": 1.0}, {"jobmanager_resource_spec": {"memory": "4G"}}]),
    "tm_slot_num": st.integers(1, 3),
    "smn_topic": st.sampled_from(["", "t"]),
}
UNSET: dict[str, st.SearchStrategy[Any]] = {name: st.none() | values for name, values in SIMPLE.items()}


@a_rule
@given(
    st.fixed_dictionaries({}, optional=SIMPLE),
    st.fixed_dictionaries({}, optional={**UNSET, "tm_slot_num": st.integers(1, 3)}),
)
def test_after_a_refresh_of_an_untouched_job_nothing_differs(ours: dict[str, Any], chosen: dict[str, Any]) -> None:
    """For any subset of properties: the service shows ours as sent, and what it chose for the others."""
    seen = details({**chosen, **ours})
    first = outputs(seen, ours, seen.update_time, HERE)

    again = refreshed(seen, first, HERE)

    assert again == first
    assert not difference(again, ours)
    assert refreshed_inputs(again) == {name: first[name] for name in ours}


# The details answer


def test_details_are_read_from_both_objects() -> None:
    """Some properties stand in job_detail, the others in its job_config."""
    found = read_job(
        "138",
        {
            "name": "a",
            "main_class": "M",
            "status": "job_running",
            "status_desc": "fine",
            "update_time": 1516952770835,
            "start_time": 1516952770000,
            "savepoint_path": "obs://b/s",
            "job_config": {"cu_number": 4, "checkpoint_mode": "at_least_once", "real_cu_number": 0},
        },
    )

    assert dict(found.properties) == {"name": "a", "main_class": "M", "cu_number": 4, "checkpoint_mode": 2}
    assert (found.job_id, found.status, str(found.status_desc)) == ("138", "job_running", "fine")
    assert (found.update_time, found.ever_ran, found.savepoint) == (1516952770835, True, True)


def test_the_documented_place_of_a_property_counts_first() -> None:
    """The other one is looked at where it is absent there."""
    found = read_job("1", {"name": "right", "cu_number": 9, "job_config": {"name": "wrong", "cu_number": 4}})
    other = read_job("1", {"cu_number": 9, "job_config": {"name": "b"}})

    assert (found.value("name"), found.value("cu_number")) == ("right", 4)
    assert (other.value("name"), other.value("cu_number")) == ("b", 9)


def test_a_property_that_the_answer_does_not_mention_is_absent() -> None:
    """Null is mentioned: it is unset."""
    found = read_job("1", {"job_config": {"desc": None}})

    assert dict(found.properties) == {"desc": None}
    assert (found.value("cu_number"), found.value("cu_number", 2), found.value("desc", "x")) == (None, 2, None)


@pytest.mark.parametrize("answer", [{}, {"job_config": None}, {"job_config": []}, {"status": None}], ids=str)
def test_an_answer_that_lacks_everything_is_read_as_such(answer: dict[str, Any]) -> None:
    """Nothing is made up."""
    found = read_job("1", answer)

    assert (found.status, str(found.status_desc), found.update_time) == ("", "", None)
    assert (found.ever_ran, found.savepoint, dict(found.properties)) == (False, None, {})


@pytest.mark.parametrize(
    ("path", "savepoint"), [("obs://b/s", True), ("", False), (None, False)], ids=["path", "empty", "null"]
)
def test_whether_there_is_a_savepoint_is_known_by_its_path(path: str | None, savepoint: bool) -> None:
    """An answer that does not mention it leaves the question open."""
    assert read_job("1", {"savepoint_path": path}).savepoint is savepoint
    assert read_job("1", {}).savepoint is None


@pytest.mark.parametrize(("told", "time"), [(5, 5), (5.0, 5), ("5", None), (True, None), (None, None)])
def test_the_time_of_the_update_is_an_integer_or_unknown(told: Any, time: int | None) -> None:
    """In milliseconds."""
    found = read_job("1", {"update_time": told}).update_time

    assert (found, type(found)) == (time, type(time))


@pytest.mark.parametrize(("start", "ran"), [(1516952770000, True), (0, False), (None, False)])
def test_a_job_that_was_never_started_never_ran(start: int | None, ran: bool) -> None:
    """It has no state to restore."""
    assert read_job("1", {"start_time": start}).ever_ran is ran


OLDS = stored({}, {"desc": "a", "cu_number": 2, "restart_nonce": 1, "smn_topic": "one"})
NEWS = {"desc": "b", "cu_number": 4, "restart_nonce": 2, "parallel_number": 3}


def test_a_failed_update_stores_what_the_service_shows_and_the_old_rest() -> None:
    """Also of control inputs, so that a comparison after a refresh still finds what is left to do."""
    state = unfinished_update(details({"desc": "b", "cu_number": 2, "smn_topic": "", "parallel_number": 3}), OLDS, NEWS)

    assert (state["desc"], state["cu_number"], state["restart_nonce"]) == ("b", 2, 1)
    assert (state["smn_topic"], state["parallel_number"]) == ("", 3)
    found = difference(state, NEWS)
    assert (found.names, found.controls) == (("cu_number",), ("restart_nonce",))


@pytest.mark.parametrize(("nonce", "start_time"), [(1, 1516952770000), (2, 7)])
def test_a_restart_that_was_made_is_known_by_the_old_start_time(nonce: int, start_time: int) -> None:
    """So it is kept while a new restart_nonce is not completed."""
    state = unfinished_update(details({}), OLDS | {"start_time": 7}, NEWS | {"restart_nonce": nonce})

    assert state["start_time"] == start_time


def test_what_the_service_never_shows_is_stored_once_it_was_sent() -> None:
    """A service may leave out of its details what it has."""
    state = unfinished_update(details({}), OLDS, NEWS, sent={"desc"})

    assert (state["desc"], state["cu_number"]) == ("b", 2)


def test_a_reverted_program_finds_what_a_failed_update_did() -> None:
    """A property that it had begun to set is managed, so that it is reset."""
    state = unfinished_update(details({"parallel_number": 3}), OLDS, NEWS)

    assert "parallel_number" in state["managed"]
    assert "parallel_number" in difference(state, {"desc": "a"}).names


def test_what_a_failed_update_did_is_looked_for_where_the_job_was_not_seen() -> None:
    """Its properties keep their old values, its status is not known, and what was to be set is managed."""
    state = unfinished_update(None, OLDS, NEWS)

    assert (state["status"], state["cu_number"]) == ("unknown", 2)
    assert "parallel_number" in state["managed"]
    assert "parallel_number" in difference(refreshed(details({"parallel_number": 3}), state, HERE), {}).names


@pytest.mark.parametrize("seen", [True, False])
def test_a_failed_create_stores_the_job(seen: bool) -> None:
    """As the program has it, where the service does not show it otherwise."""
    inputs = {"desc": "a", "cu_number": 4, URN: "urn"}
    state = unfinished_create(details({"cu_number": 2}) if seen else None, "9007199254740993", inputs, HERE)

    assert (state["job_id"], state["desc"], state[URN]) == ("9007199254740993", "a", "urn")
    assert (state["cu_number"], state["status"]) == ((2, "job_running") if seen else (4, "unknown"))
    assert state["managed"] == ["desc", "cu_number"]
