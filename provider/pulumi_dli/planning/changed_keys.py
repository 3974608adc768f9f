"""The keys and flags in which two values of a property differ, never what stands behind them. Pure."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_dli.redaction import sounds_secret
from pulumi_dli.schema.unknown import has_unknown
from pulumi_dli.schema.value_types import plain

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_NO_NAME = "a part without a plain name"
_NO_FLAG = "an argument without a flag"


def differing(name: str, old: Any, new: Any) -> tuple[str, ...]:
    """Return the keys of runtime_config and resource_config, or the flags of entrypoint_args, that differ.

    Sorted, and empty where the property has no parts, a value is unknown, or the parts cannot be separated.
    """
    if name not in _PARTS or has_unknown([old, new]):
        return ()
    before, after = _PARTS[name](old), _PARTS[name](new)
    if before is None or after is None:
        return ()
    return tuple(sorted({part for part in {*before, *after} if before.get(part) != after.get(part)}))


def _json_parts(text: Any) -> Mapping[str, Any] | None:
    if text in (None, ""):
        return {}
    try:
        return _object_parts(json.loads(text))
    except (TypeError, ValueError, RecursionError):
        return None


def _object_parts(value: Any) -> Mapping[str, Any] | None:
    """Return the leaves of an object, or of ``[{key, value}]``, by their dotted names."""
    if value is None:
        return {}
    if isinstance(value, list):
        pairs = [item for item in value if isinstance(item, dict) and set(item) == {"key", "value"}]
        if len(pairs) != len(value):
            return None
        value = {str(pair["key"]): pair["value"] for pair in pairs}
    return _gathered(_leaves("", value)) if isinstance(value, dict) else None


def _leaves(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(f"{place}.{key}" if place else str(key), item)
    else:
        yield (place if _PLAIN_NAME.fullmatch(place) else _NO_NAME), plain(value)


def _argument_parts(text: Any) -> Mapping[str, Any] | None:
    if text in (None, ""):
        return {}
    try:
        words = shlex.split(text)
    except (TypeError, ValueError, AttributeError):
        return None
    return _gathered(_flags(words))


def _flags(words: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield each flag with its value: ``--a=b``, ``--a b`` and ``--a``.

    What follows a flag that is named like a secret is its value, even where it looks like a flag.
    """
    waiting: str | None = None
    after_secret = False
    for word in words:
        if after_secret or not word.startswith("-") or _is_number(word):
            yield waiting or _NO_FLAG, word
            waiting, after_secret = None, False
            continue
        if waiting is not None:
            yield waiting, None
        flag, equals, value = word.partition("=")
        name = _flag_name(flag, bare=not equals)
        after_secret = not equals and sounds_secret(flag)
        waiting = None if equals else name
        if equals or name != flag:
            yield name, value or word
    if waiting is not None:
        yield waiting, None


def _flag_name(flag: str, *, bare: bool) -> str:
    """Return a flag as it may be shown: ``-pSECRET`` holds a value, so of such a one only ``-p``."""
    name = flag.lstrip("-")
    dashes = flag[: len(flag) - len(name)]
    if not _PLAIN_NAME.fullmatch(name) or len(dashes) > len("--"):
        return _NO_FLAG
    return f"-{name[0]}" if dashes == "-" and bare else flag


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _gathered(parts: Iterator[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name, value in parts:
        found.setdefault(name, []).append(value)
    return found


_PARTS = {"runtime_config": _json_parts, "resource_config": _object_parts, "entrypoint_args": _argument_parts}
