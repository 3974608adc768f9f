"""Values that a preview does not know yet, kept apart from Pulumi so that the core stays pure."""

from __future__ import annotations

from typing import Any, Final


class Unknown:
    """A value that will be known only during the update; never equal to anything."""

    def __repr__(self) -> str:
        """Return the word that stands for the value in sentences."""
        return "unknown"


UNKNOWN: Final = Unknown()


def has_unknown(value: Any) -> bool:
    """Tell whether `value` is unknown or holds an unknown part, at any depth."""
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)
