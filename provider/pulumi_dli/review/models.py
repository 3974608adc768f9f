"""The result of a review, as data: what the Markdown, the terminal and the JSON output say. Pure.

The JSON form is public and versioned; its schema is docs/reference/review.schema.json.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pulumi_dli.planning.actions import Action

VERSION = 1


class Condition(str, Enum):
    """What a gate can stop for."""

    RESTART = "restart"
    STOP = "stop"
    DELETE = "delete"
    REPLACE = "replace"
    DOWNTIME = "downtime"
    STATE_LOSS = "state-loss"
    STATE_RISK = "state-risk"
    RESET = "reset"
    UNKNOWN = "unknown"
    UNREVIEWED = "unreviewed"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RiskPart(_Part):
    """What may happen to the state of a job."""

    level: Literal["note", "at-risk", "lost"]
    sentence: str
    code: str = Field("", description="Anchor of the reference on risks; codes are only added.")


class PropertyPart(_Part):
    """One property that changes; values are texts as a reader sees them, secrets masked, null where there is none."""

    name: str
    old: str | None
    new: str | None
    cost: Literal["none", "live", "restart"]
    forces: bool = Field(description="Whether it alone would force the job's restart.")
    reset: bool = Field(description="Whether the program dropped it, and it is set to the service's default.")
    hidden: bool = Field(description="Whether old and new are secrets of which only is known that they differ.")


class JobPart(_Part):
    """What becomes of one job, and why."""

    name: str
    urn: str
    action: Action
    certain: bool = Field(description="False: known only during the update; action is the worst case.")
    sentence: str
    reasons: tuple[str, ...] = Field(description="What forces the action: names of properties and control inputs.")
    downtime: bool
    risks: tuple[RiskPart, ...]
    resets: tuple[str, ...]
    changes: tuple[PropertyPart, ...]
    messages: tuple[str, ...] = Field(description="What provider and engine said about the job.")
    conditions: tuple[Condition, ...]


class OtherPart(_Part):
    """A changed resource that is no job."""

    operation: str
    type: str
    name: str


class StackPart(_Part):
    """The review of one stack."""

    stack: str
    project: str
    summary: str
    jobs: tuple[JobPart, ...]
    others: tuple[OtherPart, ...]
    unchanged: int = Field(description="Resources without a change, jobs included.")
    notes: tuple[str, ...]


class CellPart(_Part):
    """One stack's side of a difference; null where the job or property does not change there."""

    stack: str
    text: str | None


class DifferencePart(_Part):
    """What a change of one job is in each stack. `property` is null for the action itself."""

    job: str
    property: str | None
    cells: tuple[CellPart, ...]
    same: bool


class FindingPart(_Part):
    """A condition that the gate watches and that holds. `allowed` names the reason of the allow rule."""

    stack: str
    job: str
    condition: Condition
    rule: str
    allowed: str | None = None
    until: str | None = None
    sentence: str | None = None


class GatePart(_Part):
    """The gate: what stops the merge, and what is allowed to pass."""

    rules: tuple[str, ...]
    stopped: bool
    findings: tuple[FindingPart, ...]
    notes: tuple[str, ...]


class Report(_Part):
    """A whole review."""

    version: Literal[1] = 1
    stacks: tuple[StackPart, ...]
    environments: tuple[DifferencePart, ...] = Field(description="The same jobs side by side, for several stacks.")
    gate: GatePart
