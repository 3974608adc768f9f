"""Texts of others made fit to be shown: one line, no control characters, no secrets, of bounded length. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from pulumi_dli.redaction import SECRET_NAME
from pulumi_dli.schema.properties import SENSITIVE
from pulumi_dli.schema.unknown import UNKNOWN
from pulumi_dli.schema.value_types import wire

SECRET = "[secret]"  # noqa: S105 - what Pulumi shows in place of a secret
NOT_KNOWN = "known during the update"
LONGEST = 300
_LONGEST_TO_READ = 20_000

# Control and format characters (direction marks, zero-width ones), separators of lines, lone surrogates, unassigned.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
_ASSIGNED = re.compile(r"(?<![\w.-])([\w.-]+)(['\"]?\s*(?:=|:(?!//))\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&]+)")
_LOGIN = re.compile(r"(?<=://)[^\s/@]+(?=@)")
_SPACE = re.compile(r"(\s+)")


def clean(text: str, longest: int = LONGEST) -> str:
    """Return the text on one line, with characters that are not seen written out, cut with a count."""
    kept = text[:longest]
    cut = f"... ({len(text) - longest} more characters)" if len(text) > longest else ""
    return "".join(_visible(character) for character in kept) + cut


def _visible(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    return f"\\u{{{ord(character):x}}}" if unicodedata.category(character) in _UNSEEN else character


def shown(name: str, value: Any) -> str:
    """Return a property's value for readers; secrets and what is named like one are masked."""
    if value is UNKNOWN:
        return NOT_KNOWN
    if value is not None and (name in SENSITIVE or value == SECRET):
        return SECRET
    text = json.dumps(wire(masked(value)), ensure_ascii=False, sort_keys=True, default=lambda _: NOT_KNOWN)
    return clean(text)


def masked(value: Any) -> Any:
    """Return a value with everything that is named like a secret replaced, at any depth and inside JSON text."""
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, dict):
        named = value.get("key") if set(value) == {"key", "value"} else None
        if isinstance(named, str) and SECRET_NAME.search(named):
            return {"key": named, "value": SECRET}
        return {key: SECRET if SECRET_NAME.search(str(key)) else masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


def _masked_text(text: str) -> str:
    if len(text) > _LONGEST_TO_READ:
        return f"({len(text)} characters)"
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return json.dumps(masked(json.loads(text)), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return masked_line(text)


def masked_line(text: str) -> str:
    """Return a line with the values of flags and keys that are named like secrets replaced."""
    text = _LOGIN.sub(SECRET, text)
    text = _ASSIGNED.sub(
        lambda found: f"{found[1]}{found[2]}{SECRET}" if SECRET_NAME.search(found[1]) else found[0], text
    )
    return _without_flag_values(text)


def _without_flag_values(text: str) -> str:
    pieces = _SPACE.split(text)
    secret = False
    for place in range(0, len(pieces), 2):
        word = pieces[place]
        if secret:
            pieces[place] = SECRET
        secret = not secret and word.startswith("-") and "=" not in word and bool(SECRET_NAME.search(word))
    return "".join(pieces)
