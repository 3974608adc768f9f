"""What is declared of a property: its type, its default, what changing it costs, and where DLI shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from pulumi_dli.errors import CannotResetError
from pulumi_dli.schema.clouds import CLOUDS
from pulumi_dli.schema.value_types import ValueType


class Cost(IntEnum):
    """The cost of a change, ordered: the cost of several changes is the highest of them.

    ``NONE``: only the provider's own control inputs; no update is sent.
    ``LIVE``: a PUT alone, also while the job runs; no downtime.
    ``RESTART``: stop with a savepoint, PUT, run: minutes of downtime for a running job.

    A job that does not run needs a PUT alone, whatever the cost.
    """

    NONE = 0
    LIVE = 1
    RESTART = 2


def highest_cost(costs: Iterable[Cost]) -> Cost:
    """Return the highest of `costs`, ``Cost.NONE`` if there are none."""
    return max(costs, default=Cost.NONE)


@dataclass(frozen=True)
class Property:
    """One property of a job.

    ``default`` is what the service documents for an absent value; it is also what a removed property
    is reset to, unless ``reset_by`` computes it or ``no_reset`` says why that is impossible.
    ``source`` names the pages that say so, the one that describes it first.
    ``cost`` is what changing it costs while the job runs. ``kept_in`` is the object of the details
    answer that holds it; ``read`` brings that form back into the form of the update.
    """

    name: str
    value_type: ValueType
    cost: Cost
    line: str
    source: str
    default: Any = None
    reset_by: Callable[[Mapping[str, Any]], Any] | None = None
    no_reset: str | None = None
    kept_in: str = "job_config"
    read: Callable[[Any], Any] = lambda value: value
    clouds: tuple[str, ...] = CLOUDS
    sensitive: bool = False
    create_only: bool = False

    def meaning(self, value: Any) -> Any:
        """Return the form in which equal meanings are equal; absent means the default."""
        return self.value_type.meaning(self.default if value is None else value)

    def equivalent(self, one: Any, other: Any) -> bool:
        """Tell whether two values mean the same to the service."""
        return bool(self.meaning(one) == self.meaning(other))

    def reset_value(self, wanted: Mapping[str, Any]) -> Any:
        """Return what to send when the program dropped this property; `wanted` are the other ones.

        Raises CannotResetError where no value stands for "absent".
        """
        if self.no_reset is not None:
            raise CannotResetError(self.name, f"cannot be removed: {self.no_reset}")
        if self.reset_by is not None:
            return self.reset_by(wanted)
        return list(self.default) if isinstance(self.default, tuple) else self.default
