"""The marker line: the verdict of `diff` on one job, for programs that read a preview. Pure.

    [dli/1 action=restart certain=yes phase=plan risks=max-parallelism,only-copy]

It is the last line of the information that the provider sends at the resource's URN. `dli/1` is the version of the
grammar, which only grows: a reader passes over keys that it does not know. A marker can be forged by whoever writes
the program, so a reader may only add to its own verdict; one that is missing, damaged or contradicted counts as risk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from pulumi_dli.planning.actions import Action
from pulumi_dli.planning.state_risk import RISK_BY_CODE, Risk

_PREFIX = "[dli/"
_LINE = re.compile(r"\[dli/(?P<version>[1-9][0-9]{0,2})(?P<pairs>(?: [a-z_]{1,20}=[a-z0-9,-]{0,400}){1,20})\]")
_CODE = re.compile(r" \[([a-z-]{1,40})\]$")
_VERSION = "1"
_FLAGS = {"yes": True, "no": False}


class DiffPhase(str, Enum):
    """When `diff` was asked: while Pulumi refreshed, or for the plan itself. `preview --refresh` asks both."""

    REFRESH = "refresh"
    PLAN = "plan"


@dataclass(frozen=True)
class Marker:
    """What the provider found about one job."""

    action: Action
    certain: bool
    phase: DiffPhase
    risks: tuple[Risk, ...] = ()

    def __str__(self) -> str:
        """Return the line."""
        certain = "yes" if self.certain else "no"
        risks = ",".join(risk.code for risk in self.risks)
        return f"[dli/{_VERSION} action={self.action.value} certain={certain} phase={self.phase.value} risks={risks}]"


class DamagedMarkerError(ValueError):
    """A line begins like a marker and does not follow the grammar."""


def looks_like_marker(line: str) -> bool:
    """Tell whether a line is a marker, or tries to be one."""
    return line.lstrip().startswith(_PREFIX)


def names_risk(line: str) -> bool:
    """Tell whether a warning ends with the code of a risk, which the marker holds as well."""
    found = _CODE.search(line)
    return found is not None and found[1] in RISK_BY_CODE


def read_marker(line: str) -> Marker:
    """Read a line to the letter. Raises DamagedMarkerError for what the grammar, or this version, does not know."""
    found = _LINE.fullmatch(line)
    if found is None or found["version"] != _VERSION:
        raise DamagedMarkerError
    pairs = [pair.split("=") for pair in found["pairs"].split()]
    values = {key: value for key, value in pairs}  # noqa: C416 - each pair is a list
    if len(values) != len(pairs):
        raise DamagedMarkerError
    try:
        return Marker(
            Action(values["action"]),
            _FLAGS[values["certain"]],
            DiffPhase(values["phase"]),
            tuple(RISK_BY_CODE[code] for code in values["risks"].split(",") if code),
        )
    except (KeyError, ValueError):
        raise DamagedMarkerError from None


def agreed(lines: Iterable[str], phase: DiffPhase) -> Marker | None:
    """Return the one marker of a phase, None where there is none. Raises DamagedMarkerError where they contradict."""
    found = {marker for marker in map(read_marker, lines) if marker.phase is phase}
    if len(found) > 1:
        raise DamagedMarkerError
    return next(iter(found), None)
