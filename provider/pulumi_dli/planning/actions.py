"""What becomes of a job, as one word: in a preview, on the marker line, in a review."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from pulumi_dli.schema.controls import control


class Action(str, Enum):
    """What becomes of a job, the most serious first."""

    REPLACE = "replace"
    DELETE = "delete"
    STOP = "stop"
    RESTART = "restart"
    ADOPT = "adopt"
    RELEASE = "release"
    START = "start"
    UPDATE = "update"
    LIVE = "live"
    CREATE = "create"
    NONE = "none"


GRAVITY = {action: place for place, action in enumerate(Action)}


class Removal(Enum):
    """What the removal of a job from the program does with it."""

    KEPT_ADOPTED = "kept, since it was adopted"
    KEPT = "kept, as on_delete says"
    STOPPED = "stopped and forgotten"
    DELETED = "deleted"

    @property
    def action(self) -> Action:
        """The action that it is for the job."""
        return {Removal.DELETED: Action.DELETE, Removal.STOPPED: Action.STOP}.get(self, Action.RELEASE)


def removal_of(olds: Mapping[str, Any]) -> Removal:
    """Return what happens to a job that leaves the program; `olds` are its stored outputs."""
    if "job_id" in (olds.get("managed") or ()):
        return Removal.KEPT_ADOPTED
    by_control = {"retain": Removal.KEPT, "stop": Removal.STOPPED}
    return by_control.get(control(olds, "on_delete"), Removal.DELETED)
