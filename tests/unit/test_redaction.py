"""What the service repeats of a secret is masked: the whole value, and its parts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_dli.redaction import masked, sounds_secret
from pulumi_dli.schema.resource import secrets_of


@pytest.mark.parametrize(
    ("bag", "text"),
    [
        ({"entrypoint_args": "--user me --password=hunter22"}, "bad option hunter22"),
        ({"entrypoint_args": "AKIA1234:sk-secret"}, "key AKIA1234 with sk-secret"),
        ({"runtime_config": json.dumps([{"key": "fs.s3.key", "value": ["hunter22", None, 7]}])}, "wrong: hunter22"),
        ({"runtime_config": "no JSON hunter22"}, "wrong: hunter22"),
    ],
    ids=["option", "pair", "JSON", "text"],
)
def test_every_part_of_a_sensitive_value_is_masked(bag: dict[str, Any], text: str) -> None:
    """Options, key pairs, leaves of JSON text and plain words."""
    shown = masked(text, secrets_of(bag))

    assert "***" in shown
    assert not {"hunter22", "AKIA1234", "sk-secret"} & set(shown.split())


def test_a_short_part_stays_readable() -> None:
    """Masking every `7` and `of` would leave no message."""
    assert masked("7 of 8", secrets_of({"entrypoint_args": "-n 7 -q of"})) == "7 of 8"


def test_the_longest_secret_goes_first() -> None:
    """A secret that begins with another one leaves no rest."""
    assert masked("hunter22extra", frozenset({"hunter22", "hunter22extra"})) == "***"


def test_other_properties_are_no_secrets() -> None:
    """A message may name the queue."""
    assert secrets_of({"queue_name": "streaming", "entrypoint_args": None}) == frozenset()


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "kafka_pwd",
        "s3.secret-key",
        "ak",
        "db-passwd",
        "private_key",
        "X-Auth-Token",
        "access key",
        "api_key",
    ],
)
def test_a_name_like_that_of_a_secret_is_known_as_such(name: str) -> None:
    """By one pattern, for previews, reviews and adopted programs alike."""
    assert sounds_secret(name)


@pytest.mark.parametrize("name", ["parallel", "monkey", "author", "keyed", "bucket"])
def test_another_name_is_shown(name: str) -> None:
    """Masking everything would show nothing."""
    assert not sounds_secret(name)
