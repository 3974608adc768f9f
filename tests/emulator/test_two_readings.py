"""The provider's property table and the emulator's description were written from the documents independently.

So a difference between them is a mistake in one, unless it is declared here with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pulumi_dli.api.client import DliClient
from pulumi_dli.config.settings import read_settings
from pulumi_dli.emulator import contract
from pulumi_dli.emulator.jobs import representation as details
from pulumi_dli.emulator.operations.routes import ROUTES
from pulumi_dli.emulator.server import Emulator, Options, running
from pulumi_dli.emulator.steering.journal import SECRET_PROPERTIES
from pulumi_dli.schema.properties import BY_NAME, PROPERTIES, SENSITIVE
from pulumi_dli.schema.property import Cost, Property
from pulumi_dli.schema.value_types import JSON_TEXT
from support import described

# A short name for each probe, so that a difference reads like a sentence.
PROBES: Mapping[str, Any] = {
    "an empty text": "",
    **{f"a text of {n} characters": "x" * n for n in (1, 57, 58, 128, 129, 512, 513, 4000)},
    **{
        repr(n): n
        for n in (-2, -1, 0, 1, 2, 3, 9, 10, 11, 399, 400, 401, 1999, 2000, 2001, 3600, 3601, 2**31, 2**53 + 1)
    },
    "4.0": 4.0,
    "4.5": 4.5,
    "'4'": "4",
    "true": True,
    "false": False,
    "null": None,
    "an empty list": [],
    "a list of texts": ["a"],
    "a list of numbers": [1],
    "an empty object": {},
    "an unknown key": {"colour": "blue"},
    "JSON text": "[]",
    **{repr(word): word for word in ("v1", "v2", "v3", "basic", "custom", "flink_jar_job", "flink_sql_job")},
    **{f"max_slot {n}": {"max_slot": n} for n in (0, 1)},
    **{f"resource_config's parallel_number {n}": {"parallel_number": n} for n in (0, 1, 2001)},
    **{f"cpu {n}": {"jobmanager_resource_spec": {"cpu": n}} for n in (0, 0.4, 0.5, 1, 64)},
    **{
        f"memory {size!r}": {"taskmanager_resource_spec": {"memory": size}}
        for size in ("1G", "2G", "2047M", "2048MB", "4 GB", "4", "4T", "", 4)
    },
    "an unknown key of a spec": {"taskmanager_resource_spec": {"disk": "1G"}},
    "a tag": [{"key": "k", "value": "v"}],
    "a tag without a value": [{"key": "k"}],
    "a tag without a key": [{"key": "", "value": "v"}],
    "a tag of an unknown key": [{"key": "k", "value": "v", "colour": "blue"}],
    "a tag's key of 128 characters": [{"key": "k" * 128, "value": "v"}],
    "a tag's key of 129 characters": [{"key": "k" * 129, "value": "v"}],
    "a tag's value of 255 characters": [{"key": "k", "value": "v" * 255}],
    "a tag's value of 256 characters": [{"key": "k", "value": "v" * 256}],
    "20 tags": [{"key": f"k{n}", "value": "v"} for n in range(20)],
    "21 tags": [{"key": f"k{n}", "value": "v"} for n in range(21)],
}

DOUBLES = "Pulumi's numbers are doubles: the provider takes a whole one for an integer, and sends an integer"
ALWAYS_NAMED = "the update page allows an empty name; the provider's jobs always have one"
NO_QUEUE = "a new job may have no queue yet; the provider names a queue or leaves the property out"
AS_JSON = "documents call it text; the provider checks that it is JSON before the service would fail on it"
VALUE_ADDED = "the provider adds the empty value of a tag that has none"

INTENDED: Mapping[str, str] = {
    **{
        f"{name}: the provider alone takes 4.0": DOUBLES
        for name in described.names_of("integer")
        if contract.validator(described.properties()[name]).is_valid(4)
    },
    "name: the description alone takes an empty text": ALWAYS_NAMED,
    "queue_name: the description alone takes an empty text": NO_QUEUE,
    **{
        f"{name}: the description alone takes {probe}": AS_JSON
        for name in (each.name for each in PROPERTIES if each.value_type is JSON_TEXT)
        for probe, value in PROBES.items()
        if isinstance(value, str) and value not in ("", "4", "[]")
    },
    "tags: the provider alone takes a tag without a value": VALUE_ADDED,
}


def provider_takes(each: Property, value: Any) -> bool:
    try:
        TypeAdapter(each.value_type.type).validate_python(value)
    except ValidationError:
        return False
    return True


def description_takes(each: Property, value: Any) -> bool:
    return bool(contract.validator(described.properties()[each.name]).is_valid(value))


def differences(each: Property) -> list[str]:
    found = []
    for probe, value in PROBES.items():
        ours, theirs = provider_takes(each, value), description_takes(each, value)
        if ours != theirs:
            found.append(f"{each.name}: the {'provider' if ours else 'description'} alone takes {probe}")
    return found


@pytest.mark.parametrize("each", PROPERTIES, ids=lambda each: each.name)
def test_both_readings_allow_the_same_values(each: Property) -> None:
    """Each probe is taken by both or by none; pytest prints what is not declared."""
    assert [found for found in differences(each) if found not in INTENDED] == []


def test_every_declared_difference_is_still_there() -> None:
    """A declaration that nothing needs would hide the next mistake."""
    found = {line for each in PROPERTIES for line in differences(each)}
    assert sorted(set(INTENDED) - found) == []


def test_both_readings_know_the_same_properties() -> None:
    """A property is declared in both, or it is a mistake in one."""
    assert set(BY_NAME) == set(described.properties())


def test_both_readings_know_what_a_create_alone_takes() -> None:
    """An update of it would be refused."""
    assert {each.name for each in PROPERTIES if each.create_only} == described.only_created()


# The description's word for each page that a property can be described on.
PAGES = {"update": "seed", "create": "otc", "details": "otc", "Huawei": "hw"}


def page(each: Property) -> str:
    """Return the page that describes a property, in the description's word: the first of its sources."""
    return PAGES[each.source.partition(";")[0].partition(",")[0]]


@pytest.mark.parametrize("each", PROPERTIES, ids=lambda each: each.name)
def test_both_readings_found_a_property_on_the_same_page(each: Property) -> None:
    """Only what some page of the API describes is a property."""
    assert page(each) == described.page(each.name)


KINDS = {"array": "list"}


@pytest.mark.parametrize("each", PROPERTIES, ids=lambda each: each.name)
def test_the_documents_of_a_property_name_the_type_that_the_description_has(each: Property) -> None:
    """As the first word of what they say of its values."""
    kind = described.kind(each.name)
    assert re.findall(r"\w+", each.value_type.word)[0] == KINDS.get(kind, kind)


def test_both_readings_list_the_update_page_in_its_order() -> None:
    """So that either can be laid beside the page; what other pages add stands behind it."""
    written = [name for name in contract.job_properties() if described.page(name) == "seed"]
    assert [each.name for each in PROPERTIES][: len(written)] == written


OTHER_DEFAULTS = {
    "name": "the description shows an empty name; the provider's jobs always have one",
    "queue_name": "the description shows an empty queue; the provider has nothing to reset it to",
    "entrypoint": "the description shows an empty text; the provider has nothing to reset it to",
    "flink_version": "the description shows an empty text; no page documents a default to reset it to",
    "resource_config": "the description leaves it out while it is unset, and has the defaults of its parts",
}


def same_default(each: Property) -> bool:
    """Tell whether neither reading has a default, or both have one of the same meaning."""
    theirs = described.properties()[each.name].get("default")
    return (theirs is None) is (each.default is None) and each.equivalent(theirs, each.default)


def test_both_readings_have_the_same_defaults() -> None:
    """Equal in meaning, by the provider's own comparison; each other one is declared with its reason."""
    assert {each.name for each in PROPERTIES if not same_default(each)} == set(OTHER_DEFAULTS)


RESETTABLE = [each for each in PROPERTIES if not each.no_reset and "default" in described.properties()[each.name]]


@pytest.mark.parametrize("each", RESETTABLE, ids=lambda each: each.name)
def test_a_removed_property_is_reset_to_its_documented_default(each: Property) -> None:
    """Of the same type, too: False is not 0."""
    sent, default = each.reset_value({}), described.properties()[each.name]["default"]
    assert (sent, type(sent)) == (default, type(default))


def test_both_readings_have_the_same_defaults_inside_resource_config() -> None:
    """Of slots, parallelism, cores and memory."""
    shown, ours = details.resource_config({}), BY_NAME["resource_config"]
    assert ours.equivalent(shown, ours.default)
    assert ours.equivalent(shown, ours.reset_value({}))


def test_both_readings_change_the_same_properties_in_place() -> None:
    """LIVE in the table, x-live in the description."""
    assert {each.name for each in PROPERTIES if each.cost is Cost.LIVE} == contract.live_properties()


def test_both_readings_find_each_property_in_the_same_place_of_the_details() -> None:
    """`job_detail` itself or its `job_config`."""
    ours = {each.name: each.kept_in for each in PROPERTIES if not each.create_only}
    theirs = {name: schema.get("x-shown-in", "job_config") for name, schema in contract.job_properties().items()}
    assert ours == theirs


def test_both_readings_know_the_same_properties_from_huawei_alone() -> None:
    """OTC's pages do not list them."""
    ours = {each.name for each in PROPERTIES if each.clouds == ("huawei",)}
    assert ours == {name for name, schema in contract.job_properties().items() if schema.get("x-cloud") == "huawei"}


def test_both_sides_keep_the_same_properties_secret() -> None:
    """In the state and in the emulator's log."""
    assert set(SENSITIVE) == SECRET_PROPERTIES


CALLS: Mapping[str, tuple[str, Callable[[DliClient, str], Any]]] = {
    "create_flink_jar_job": ("CreateFlinkJarJob", lambda client, _: client.create_flink_jar_job({"name": "second"})),
    "update_flink_jar_job": ("UpdateFlinkJarJob", lambda client, job: client.update_flink_jar_job(job, {"desc": "x"})),
    "show_flink_job": ("ShowFlinkJob", lambda client, job: client.show_flink_job(job)),
    "find_flink_jobs": ("ListFlinkJobs", lambda client, _: client.find_flink_jobs("first")),
    "list_flink_jar_jobs": ("ListFlinkJobs", lambda client, _: client.list_flink_jar_jobs()),
    "list_statuses": ("ListFlinkJobs", lambda client, _: client.list_statuses()),
    "run_flink_job": ("RunFlinkJobs", lambda client, job: client.run_flink_job(job, resume_savepoint=False)),
    "stop_flink_job": ("StopFlinkJobs", lambda client, job: client.stop_flink_job(job, trigger_savepoint=True)),
    "show_tags": ("ShowTags", lambda client, job: client.show_tags(job)),
    "delete_flink_job": ("DeleteFlinkJob", lambda client, job: client.delete_flink_job(job)),
}
# Served for the console's users, Huawei's SDK and Terraform; the identity operations belong to auth.
NOT_OF_THE_CLIENT = {
    "BatchDeleteFlinkJobs", "TriggerSavepoint", "ImportSavepoint", "AuthorizeBucket", "CreateTags", "DeleteTags",
    "ShowVersion", "CreateToken", "ListProjects",
}  # fmt: skip


@pytest.fixture
def own() -> Iterator[Emulator]:
    """An emulator without the jobs of other tests: a list of them takes one request."""
    with running(Options(time_factor=1000)) as started:
        yield started


def test_every_method_of_the_client_is_an_operation_of_the_description(own: Emulator) -> None:
    """Each is called once; method, path and operation of the request that arrives are those described."""
    emulator = own
    config = {"endpoint": emulator.url, "projectId": emulator.project_id, "token": emulator.token}
    settings = read_settings(config, {})
    client = DliClient(settings)
    job = client.create_flink_jar_job({"name": "first", "entrypoint": "a.jar"})
    for method, (operation, call) in CALLS.items():
        emulator.clear_requests()
        call(client, job)
        (request,) = emulator.requests()
        described = contract.operations()[operation]
        path = described.path.format(project_id=emulator.project_id, job_id=job)
        assert (request["operation"], request["method"], request["path"], request["status"]) == (
            operation, described.method, path, 200,
        ), method  # fmt: skip


def test_routes_methods_and_description_name_the_same_operations() -> None:
    """What the client does not call is declared."""
    methods = {name for name, value in vars(DliClient).items() if callable(value) and not name.startswith("_")}
    assert methods == set(CALLS)
    described = set(contract.operations())
    assert {route.operation for route in ROUTES} == described
    assert {operation for operation, _ in CALLS.values()} == described - NOT_OF_THE_CLIENT
