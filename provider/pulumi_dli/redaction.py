"""Removing the values of sensitive properties from texts of the service that repeat them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_dli.schema.properties import SENSITIVE

# Names like these stand before a secret; DLI's users write --password, s3.secret-key, ak, sk.
SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?|pwd|secret|token|credential|signature|bearer"
    r"|(api|access|private|encryption|sas)[-_.]?key|authorization|(^|[-_.])(ak|sk|pw|auth|key)($|[-_.])",
    re.IGNORECASE,
)
_SHORTEST = 4
_SEPARATORS = re.compile(r"""[\s=:,;"']+""")


def secret_parts(*bags: Mapping[str, Any]) -> frozenset[str]:
    """Return the sensitive values of property bags and their parts: `--password=X` holds X, `AK:SK` holds both."""
    texts = [bag[name] for bag in bags for name in SENSITIVE if isinstance(bag.get(name), str)]
    whole = {part for text in texts for part in (text, *_json_texts(text))}
    parts = {part for text in whole for part in (text, *text.split(), *_SEPARATORS.split(text))}
    return frozenset(part for part in parts if len(part) >= _SHORTEST)


def masked(text: str, secrets: frozenset[str]) -> str:
    """Return the text with each secret replaced by ``***``, the longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _json_texts(text: str) -> list[str]:
    try:
        return list(_leaves(json.loads(text)))
    except (ValueError, RecursionError):
        return []


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield str(value)
