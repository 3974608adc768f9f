"""The kinds of values: which form equal meanings share, and which differ."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from pulumi_dli.schema.value_types import (
    JSON_TEXT,
    RESOURCES,
    TAGS,
    integer,
    integral,
    json_meaning,
    memory_in_megabytes,
    plain,
    resources_meaning,
    tags_meaning,
    text,
)

# A busy machine makes no rule wrong.
a_rule = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=3), parts, max_size=3),
    max_leaves=4,
)


@pytest.mark.parametrize(("value", "number"), [(4, 4), (4.0, 4), (-1.0, -1), (0, 0), (2.0**60, 2**60)])
def test_an_integral_double_is_an_integer(value: Any, number: int) -> None:
    """Pulumi brings every number as a double."""
    found = integral(value)

    assert (found, type(found)) == (number, int)


@pytest.mark.parametrize("value", [4.5, "4", True, False, None, [], {}, float("inf"), float("nan")])
def test_what_is_no_integer_is_refused(value: Any) -> None:
    """4.5, "4" and True are no integers."""
    with pytest.raises(PydanticCustomError, match="must be an integer"):
        integral(value)


@pytest.mark.parametrize(
    ("size", "megabytes"),
    [
        ("4G", 4096),
        ("4GB", 4096),
        ("4 gb", 4096),
        ("4", 4096),
        ("4096M", 4096),
        ("4096MB", 4096),
        ("4096 mb", 4096),
        ("2.5G", 2560),
        ("0G", 0),
    ],
)
def test_a_memory_size_is_read_with_its_unit(size: str, megabytes: float) -> None:
    """MB and GB, their short forms, and no unit for GB."""
    assert memory_in_megabytes(size) == megabytes


@pytest.mark.parametrize(
    "size", ["", "G", "4K", "4T", "4GiB", "-4G", "4G4", "four", "1e3M", ".5G", "4,5G", "٤GB", "4  GB"]
)
def test_what_is_no_memory_size_is_recognized(size: str) -> None:
    """Other units and other notations are no sizes."""
    assert memory_in_megabytes(size) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (3, 3.0),
        ([1, {"a": 2.0}], [1.0, {"a": 2}]),
        ((), []),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1.0}),
        (("a", "b"), ["a", "b"]),
    ],
)
def test_plain_values_that_mean_the_same(one: Any, other: Any) -> None:
    """3 is 3.0 at any depth, a tuple is a list, the order of keys does not count."""
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(True, 1), (False, 0), ([True], [1]), ({"a": False}, {"a": 0}), (3, "3"), (3, 3.5), (["a", "b"], ["b", "a"])],
)
def test_plain_values_that_differ(one: Any, other: Any) -> None:
    """True is not 1, "3" is not 3, and the order of a list counts."""
    assert plain(one) != plain(other)


@a_rule
@given(JSON)
def test_a_value_means_itself_after_a_journey_through_doubles(value: Any) -> None:
    """The engine turns integers into doubles; that is no change."""

    def doubled(part: Any) -> Any:
        if isinstance(part, int) and not isinstance(part, bool) and abs(part) < 2**53:
            return float(part)
        if isinstance(part, dict):
            return {key: doubled(item) for key, item in part.items()}
        return [doubled(item) for item in part] if isinstance(part, list) else part

    assert plain(doubled(value)) == plain(value)


def in_two_orders(settings: dict[str, Any]) -> st.SearchStrategy[tuple[list[Any], list[Any]]]:
    """Return the settings as {key, value} pairs, as they are and in any other order."""
    pairs = [{"key": key, "value": value} for key, value in settings.items()]
    return st.tuples(st.just(pairs), st.permutations(pairs))


PAIRS = [{"key": "a", "value": "1"}, {"key": "b", "value": {"c": [1, 2]}}]


@pytest.mark.parametrize(
    "other",
    [
        json.dumps(PAIRS, indent=4),
        json.dumps(PAIRS[::-1]),
        '[{"value": "1", "key": "a"}, {"value": {"c": [1.0, 2]}, "key": "b"}]',
    ],
    ids=["white space", "order of the pairs", "order of the keys"],
)
def test_json_text_is_compared_by_what_it_says(other: str) -> None:
    """White space, the order of keys and the order of {key, value} pairs do not count."""
    assert json_meaning(json.dumps(PAIRS)) == json_meaning(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('[{"key": "a", "value": "1"}]', '[{"key": "a", "value": "2"}]'),
        ('[{"key": "a", "value": "1"}]', '[{"key": "b", "value": "1"}]'),
        ('[{"key": "a", "value": "1"}]', '[{"key": "a", "value": 1}]'),
        ('[{"key": "a", "value": true}]', '[{"key": "a", "value": 1}]'),
        ('[{"key": "a", "value": "1", "more": 1}]', '[{"key": "a", "value": "1"}]'),
        ("[1, 2]", "[2, 1]"),
        ('{"a": [1, 2]}', '{"a": [2, 1]}'),
        ('{"a": null}', "{}"),
        ('"a"', '"b"'),
        ("no json", "no json either"),
        ("", '[{"key": "a", "value": "1"}]'),
    ],
)
def test_json_texts_that_differ(one: str, other: str) -> None:
    """Another value, another key, another type of a value or another order of a list is a change."""
    assert json_meaning(one) != json_meaning(other)


def test_a_json_object_is_not_a_list_of_pairs() -> None:
    """The two forms are two texts to the service: a program that goes over to the other one changes something."""
    assert json_meaning('{"a": "1"}') != json_meaning('[{"key": "a", "value": "1"}]')


@a_rule
@given(JSON)
def test_json_text_is_the_same_however_it_is_written(value: Any) -> None:
    """Indentation, escapes and the order of keys never make a change."""
    one = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)

    assert json_meaning(one) == json_meaning(json.dumps(value))


@a_rule
@given(st.dictionaries(st.text(max_size=3), st.text(max_size=3) | st.integers(), max_size=4).flatmap(in_two_orders))
def test_pairs_in_any_order_are_the_same(orders: tuple[list[Any], list[Any]]) -> None:
    """Huawei's Terraform provider sends runtime_config in random order."""
    one, other = orders

    assert json_meaning(json.dumps(one)) == json_meaning(json.dumps(other))


@a_rule
@given(st.text())
def test_any_text_has_a_meaning(anything: str) -> None:
    """Also text that is no JSON: it may come from a service or a state."""
    assert json_meaning(anything) == json_meaning(anything)


@pytest.mark.parametrize("value", [None, 5, 5.0, ["a"], {"a": 1}])
def test_json_that_is_no_text_is_taken_as_it_is(value: Any) -> None:
    """A value of the wrong type is compared, not parsed."""
    assert json_meaning(value) == plain(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"max_slot": 1, "parallel_number": 1.0}),
        ({"jobmanager_resource_spec": {"memory": "4G"}}, {"jobmanager_resource_spec": {"memory": "4096MB"}}),
        ({"taskmanager_resource_spec": {"memory": "8 GB"}}, {"taskmanager_resource_spec": {"memory": "8192m"}}),
        ({"jobmanager_resource_spec": {"cpu": 1}}, {}),
        ({"taskmanager_resource_spec": {"cpu": 2.0}}, {"taskmanager_resource_spec": {"cpu": 2, "memory": "4G"}}),
    ],
)
def test_resources_that_mean_the_same(one: Any, other: Any) -> None:
    """Units are converted and defaults filled in, part by part."""
    assert resources_meaning(one) == resources_meaning(other)


@pytest.mark.parametrize(
    "other",
    [
        {"max_slot": 2},
        {"parallel_number": 2},
        {"jobmanager_resource_spec": {"cpu": 2}},
        {"jobmanager_resource_spec": {"memory": "8G"}},
        {"taskmanager_resource_spec": {"cpu": 0.5}},
        {"taskmanager_resource_spec": {"memory": "4097MB"}},
        {"taskmanager_resource_spec": {"memory": "nonsense"}},
        {"jobmanager_resource_spec": "nonsense"},
        None,
        "nonsense",
    ],
)
def test_resources_that_differ_from_the_defaults(other: Any) -> None:
    """Each part counts."""
    assert resources_meaning(other) != resources_meaning({})


def test_tags_are_a_set() -> None:
    """Their order does not count."""
    one = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]

    assert tags_meaning(one) == tags_meaning(one[::-1])
    assert tags_meaning(()) == tags_meaning([])


def test_tags_differ_by_key_and_value() -> None:
    """Another value of a key is another tag."""
    assert tags_meaning([{"key": "a", "value": "1"}]) != tags_meaning([{"key": "a", "value": "2"}])
    assert tags_meaning([{"key": "a", "value": "1"}]) != tags_meaning([])


def test_a_tag_without_a_value_has_the_empty_one() -> None:
    """An absent value and its default are the same."""
    assert tags_meaning([{"key": "a"}]) == tags_meaning([{"key": "a", "value": ""}])


@pytest.mark.parametrize(
    ("word", "words"),
    [
        (text().word, "string"),
        (text(longest=512).word, "string, at most 512 characters"),
        (text(shortest=1).word, "string, at least 1 characters"),
        (text(shortest=1, longest=57).word, "string, 1 to 57 characters"),
        (integer().word, "integer"),
        (integer(at_least=0).word, "integer, at least 0"),
        (integer(at_most=9).word, "integer, at most 9"),
        (integer(at_least=2, at_most=400).word, "integer, 2 to 400"),
    ],
)
def test_a_kind_says_its_limits_in_the_documents(word: str, words: str) -> None:
    """The reference page and the editor's help show the limits that are checked."""
    assert word == words


def test_each_kind_with_a_meaning_of_its_own_has_it() -> None:
    """JSON text, resources and tags are not compared as they stand."""
    assert (JSON_TEXT.meaning, RESOURCES.meaning, TAGS.meaning) == (json_meaning, resources_meaning, tags_meaning)
    assert text().meaning is plain
