"""Which modules are pure: what they decide is decided by their arguments alone."""

from __future__ import annotations

from pathlib import Path

import pulumi_dli

PACKAGE = Path(pulumi_dli.__file__).parent
PURE_ROOMS = ("schema", "planning")
PURE_MODULES = ("errors", "foreign_text", "redaction")
# In rooms that also read and write.
PURE_ELSEWHERE = (
    "adopt.declarations",
    "adopt.naming",
    "adopt.python_literals",
    "adopt.render",
    "adopt.terraform",
    "review.analysis",
    "review.compare_reviewed",
    "review.compare_stacks",
    "review.gate",
    "review.judgement",
    "review.markdown",
    "review.models",
    "review.preview_step",
    "review.terminal",
    "review.values",
)


def core_files() -> list[Path]:
    """Return the modules of the pure core, which tests cover whole."""
    rooms = [path for room in PURE_ROOMS for path in sorted((PACKAGE / room).glob("*.py"))]
    return [*rooms, *map(file_of, PURE_MODULES)]


def pure_files() -> list[Path]:
    """Return all modules that neither read nor write."""
    return [*core_files(), *map(file_of, PURE_ELSEWHERE)]


def file_of(name: str) -> Path:
    """Return the file of a module, by its name below the package."""
    return PACKAGE / f"{name.replace('.', '/')}.py"


def dotted(path: Path) -> str:
    """Return a module's name below the package."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
