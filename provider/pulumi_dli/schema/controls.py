"""The control inputs: how to manage a job. They are the provider's own and never sent to DLI.

Each is one declaration, a field of `Controls`; the table, the arguments and the reference page derive from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pulumi_dli.schema.value_types import FLAG, TEXT_OR_INTEGER, ValueType, integer, one_of, text


def _input(value_type: ValueType, line: str, default: Any = None) -> Any:
    return field(default=default, metadata={"value_type": value_type, "line": line})


@dataclass(frozen=True)
class Controls:
    """The control inputs of a job, with their defaults where the program sets none. Times are in seconds."""

    job_id: str | None = _input(
        text(shortest=1), "Adopt the existing job with this id, a decimal string, instead of creating one."
    )
    desired_state: str = _input(one_of("running", "stopped"), "State that the job is brought to.", "running")
    upgrade_mode: str = _input(
        one_of("savepoint", "stateless"),
        "Whether a restart carries the state over in a savepoint or starts empty.",
        "savepoint",
    )
    restart_nonce: str | int | None = _input(TEXT_OR_INTEGER, "Any change of it restarts the job.")
    retry_nonce: str | int | None = _input(
        TEXT_OR_INTEGER, "Any change of it lets a change be tried again that was rolled back before."
    )
    on_failure: str = _input(
        one_of("rollback", "leave"), "What to do with a job that does not run with its new settings.", "rollback"
    )
    on_conflict: str = _input(
        one_of("fail", "overwrite"), "What to do about a property that somebody else changed as well.", "fail"
    )
    on_delete: str = _input(one_of("delete", "stop", "retain"), "What destroy does with the job.", "delete")
    stop_timeout: float = _input(integer(at_least=1), "Most seconds to wait for a stop with its savepoint.", 3600)
    start_timeout: float = _input(
        integer(at_least=1), "Most seconds to wait until the job runs; a cold queue takes 600.", 1200
    )
    settle_time: float = _input(
        integer(at_least=0), "Seconds in job_running before an update counts as successful.", 30
    )
    adopt_changes: bool = _input(FLAG, "Whether adopting a job may change it.", False)

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> Controls:
        """Read them from inputs or stored outputs that were checked."""
        return cls(**{each.name: inputs[each.name] for each in CONTROLS if inputs.get(each.name) is not None})

    @property
    def stateless(self) -> bool:
        """Whether a restart starts empty."""
        return self.upgrade_mode == "stateless"

    @property
    def rolls_back(self) -> bool:
        """Whether a job that does not run with its new settings gets its old ones back."""
        return self.on_failure == "rollback"


@dataclass(frozen=True)
class Control:
    """One control input, as the table has it."""

    name: str
    value_type: ValueType
    line: str
    default: Any = None


CONTROLS: tuple[Control, ...] = tuple(
    Control(each.name, each.metadata["value_type"], each.metadata["line"], each.default) for each in fields(Controls)
)
CONTROL_BY_NAME: Mapping[str, Control] = {each.name: each for each in CONTROLS}


def control(inputs: Mapping[str, Any], name: str) -> Any:
    """Return one control input, its default where the program does not set it; it may be unknown yet."""
    value = inputs.get(name)
    return CONTROL_BY_NAME[name].default if value is None else value
