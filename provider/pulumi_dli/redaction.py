"""What sounds like a secret, and how it is hidden in texts and values. Pure.

The one home of every pattern for names that stand before a secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SECRET = "[secret]"  # noqa: S105 - what Pulumi shows in place of a secret
MASK = "***"
_SHORTEST = 4
_LONGEST_TO_READ = 20_000
_SEPARATORS = re.compile(r"""[\s=:,;"']+""")
# Names like these stand before a secret; DLI's users write --password, s3.secret-key, kafka_pwd, ak, sk.
_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?|pwd|secret|token|credential|signature|bearer|private"
    r"|(api|access|encryption|sas)[-_. ]?key|authorization|(^|[-_.])(ak|sk|pw|auth|key)($|[-_.])",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"(?<![\w.-])([\w.-]+)(['\"]?\s*(?:=|:(?!//))\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&]+)")
_LOGIN = re.compile(r"(?<=://)[^\s/@]+(?=@)")
_SPACE = re.compile(r"(\s+)")


def sounds_secret(name: str) -> bool:
    """Tell whether what has this name, or stands behind this flag, is likely a secret."""
    return bool(_SECRET_NAME.search(name))


def secret_parts(texts: Iterable[Any]) -> frozenset[str]:
    """Return secret texts and their parts: `--password=X` holds X, `AK:SK` holds both. What is no text counts as none.

    Parts of fewer than 4 characters are left out: they would blank ordinary words.
    """
    whole = {part for text in texts if isinstance(text, str) for part in (text, *_json_texts(text))}
    parts = {part for text in whole for part in (text, *text.split(), *_SEPARATORS.split(text))}
    return frozenset(part for part in parts if len(part) >= _SHORTEST)


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return the text with each secret replaced by ``***``, the longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def masked_value(value: Any) -> Any:
    """Return a value with everything that is named like a secret replaced, at any depth and inside JSON text."""
    if isinstance(value, str):
        return _masked_text(value)
    if isinstance(value, dict):
        named = value.get("key") if set(value) == {"key", "value"} else None
        if isinstance(named, str) and sounds_secret(named):
            return {"key": named, "value": SECRET}
        return {key: SECRET if sounds_secret(str(key)) else masked_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked_value(item) for item in value]
    return value


def masked_line(text: str) -> str:
    """Return a line with the values of flags and keys that are named like secrets replaced."""
    text = _LOGIN.sub(SECRET, text)
    text = _ASSIGNED.sub(lambda found: f"{found[1]}{found[2]}{SECRET}" if sounds_secret(found[1]) else found[0], text)
    return _without_flag_values(text)


def _masked_text(text: str) -> str:
    if len(text) > _LONGEST_TO_READ:
        return f"({len(text)} characters)"
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return json.dumps(masked_value(json.loads(text)), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return masked_line(text)


def _without_flag_values(text: str) -> str:
    pieces = _SPACE.split(text)
    secret = False
    for place in range(0, len(pieces), 2):
        word = pieces[place]
        if secret:
            pieces[place] = SECRET
        secret = not secret and word.startswith("-") and "=" not in word and sounds_secret(word)
    return "".join(pieces)


def _json_texts(text: str) -> list[str]:
    try:
        return list(_leaves(json.loads(text)))
    except (ValueError, RecursionError):
        return []


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield str(value)
