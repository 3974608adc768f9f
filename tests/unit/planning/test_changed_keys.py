"""The keys and flags in which two values differ; never a value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_dli.planning.changed_keys import differing
from pulumi_dli.schema.unknown import UNKNOWN


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("--a 1 --b 2", "--a 1 --b 3", ("--b",)),
        ("--a=1 --b=2", "--b=2 --a=1", ()),
        ("--a 1", "--a=1", ()),
        ("--a 1", "--a 1 --b", ("--b",)),
        ("--a 1 --a 2", "--a 2 --a 1", ("--a",)),
        ("--n -5", "--n -6", ("--n",)),
        ("-Dfoo.bar=1", "-Dfoo.bar=2", ("-Dfoo.bar",)),
        ("-phunter2", "-phunter3", ("-p",)),
        ("--password --hunter2", "--password --hunter3", ("--password",)),
        ("--password '--hunter2 --b'", "--password '--hunter2 --c'", ("--password",)),
        ("AK:SK", "AK:SK2", ("an argument without a flag",)),
        ("---hunter2", "---hunter3", ("an argument without a flag",)),
        ("--password 'hunter2", "--password 'hunter3", ()),
        (None, "--a 1", ("--a",)),
        ("", None, ()),
    ],
)
def test_the_flags_of_arguments_that_differ(old: Any, new: Any, parts: tuple[str, ...]) -> None:
    """A flag holds what follows it; what follows a flag named like a secret is always its value."""
    assert differing("entrypoint_args", old, new) == parts


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('[{"key": "a", "value": 1}]', '[{"key": "a", "value": 2}]', ("a",)),
        ('[{"key": "a", "value": 1}, {"key": "b", "value": 1}]', '[{"key": "b", "value": 1}]', ("a",)),
        ('{"a": {"b": 1, "c": 2}}', '{"a": {"b": 1, "c": 3}}', ("a.c",)),
        ('{"a": 3}', '{"a": 3.0}', ()),
        ('{"a b": 1}', '{"a b": 2}', ("a part without a plain name",)),
        ("", '{"a": 1}', ("a",)),
        ("no json", '{"a": 1}', ()),
        ("[1]", "[2]", ()),
        ('{"a": 1}', UNKNOWN, ()),
    ],
)
def test_the_keys_of_runtime_config_that_differ(old: Any, new: Any, parts: tuple[str, ...]) -> None:
    """In the two forms that DLI takes; dotted where they are nested."""
    assert differing("runtime_config", old, new) == parts


def test_the_keys_of_resource_config_that_differ() -> None:
    """An object instead of text."""
    old = {"max_slot": 1, "taskmanager_resource_spec": {"cpu": 1.0, "memory": "4G"}}
    new = {"max_slot": 1, "taskmanager_resource_spec": {"cpu": 2.0, "memory": "4G"}}
    assert differing("resource_config", old, new) == ("taskmanager_resource_spec.cpu",)


def test_other_properties_have_no_parts() -> None:
    """Their values are shown by the engine, or not at all."""
    assert differing("desc", "--a 1", "--a 2") == ()


@given(
    secret=st.text(alphabet="abcdefXYZ0123456789/+=-_.", min_size=8, max_size=30),
    flag=st.sampled_from(["password", "token", "x"]),
)
def test_no_value_of_a_flag_is_ever_shown(secret: str, flag: str) -> None:
    """Whatever it looks like: only where a flag not named like a secret comes before may it pass for a flag itself."""
    for text in (f"--{flag}={secret}", f"--{flag} {secret}"):
        told = " ".join(differing("entrypoint_args", "", text))
        assert secret not in told or (flag == "x" and secret.startswith("-"))
