"""Values of properties as a reader of a review sees them: one safe line, secrets masked. Pure."""

from __future__ import annotations

import json
from typing import Any

from pulumi_dli.foreign_text import sanitized
from pulumi_dli.redaction import SECRET, masked_value
from pulumi_dli.schema.properties import SENSITIVE
from pulumi_dli.schema.unknown import UNKNOWN
from pulumi_dli.schema.value_types import wire

NOT_KNOWN = "known during the update"


def shown(name: str, value: Any) -> str:
    """Return a property's value for readers; secrets and what is named like one are masked."""
    if value is UNKNOWN:
        return NOT_KNOWN
    if value is not None and (name in SENSITIVE or value == SECRET):
        return SECRET
    text = json.dumps(wire(masked_value(value)), ensure_ascii=False, sort_keys=True, default=lambda _: NOT_KNOWN)
    return sanitized(text)
