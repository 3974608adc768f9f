"""What a seeded mistake is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """One small change of the product's source that must not go unnoticed."""

    name: str
    old: str
    """Stands once in the package: by it the file is found, so that moving code moves the mistake."""
    new: str
    first: str
    """The scenario that is tried first, to be quick; where it notices nothing, the whole model test is run."""
