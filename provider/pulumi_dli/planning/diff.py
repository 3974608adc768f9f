"""What differs between a job as it is known and as it is wanted, by meaning, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_dli.schema.controls import CONTROLS, control
from pulumi_dli.schema.properties import PROPERTIES
from pulumi_dli.schema.property import Cost, Property, highest_cost
from pulumi_dli.schema.statuses import satisfies
from pulumi_dli.schema.unknown import UNKNOWN, has_unknown
from pulumi_dli.schema.value_types import wire

# A change of these control inputs moves the job; of the others, only what is stored.
_MOVING = frozenset({"desired_state", "restart_nonce"})


@dataclass(frozen=True)
class Change:
    """One property that changes. `reset`: the program dropped it, `new` is the service's default."""

    name: str
    old: Any
    new: Any
    cost: Cost
    reset: bool = False


@dataclass(frozen=True)
class Difference:
    """All that changes: properties of the job, and control inputs of the provider."""

    changes: tuple[Change, ...]
    controls: tuple[str, ...]
    taken: tuple[str, ...] = ()
    """Properties that the program begins to set to what the service has already: managed, but not sent."""
    off_state: bool = False
    """Whether the job was last seen in a status that is not its desired state, as after an interrupted update."""

    def __bool__(self) -> bool:
        """Tell whether anything is to be done."""
        return bool(self.changes or self.controls or self.taken or self.off_state)

    @property
    def moves(self) -> bool:
        """Whether the job itself is to be touched, not only what is stored of it."""
        return bool(self.changes or self.off_state or _MOVING & set(self.controls))

    @property
    def cost(self) -> Cost:
        """The cost of the property changes together; control inputs cost nothing by themselves."""
        return highest_cost(change.cost for change in self.changes)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the properties that change, in the order of the table."""
        return tuple(change.name for change in self.changes)

    @property
    def restarts(self) -> bool:
        """Whether a restart was asked for by a new restart_nonce."""
        return "restart_nonce" in self.controls


Costs = Mapping[str, Cost]


def difference(olds: Mapping[str, Any], news: Mapping[str, Any], costs: Costs | None = None) -> Difference:
    """Compare stored outputs `olds` with wanted inputs `news`.

    `costs` overrides the cost of single properties. Pure: no configuration, no request.
    """
    return Difference(
        tuple(_changes(olds, news, costs or {})),
        tuple(_control_changes(olds, news)),
        tuple(_taken(olds, news)),
        "status" in olds and not satisfies(str(olds["status"]), control(news, "desired_state")),
    )


def put_body(changes: tuple[Change, ...]) -> dict[str, Any]:
    """Return the body of the PUT: each changed property, each removed one's reset value, nothing else."""
    return {change.name: wire(change.new) for change in changes}


def _changes(olds: Mapping[str, Any], news: Mapping[str, Any], costs: Costs) -> Iterator[Change]:
    managed = set(olds.get("managed") or ())
    for each in PROPERTIES:
        if each.create_only:
            continue
        change = _change(each, olds.get(each.name), news, each.name in managed, costs.get(each.name, each.cost))
        if change is not None:
            yield change


def _taken(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is newly managed as it is; a default that is written out is no difference."""
    if "managed" not in olds:
        return
    for each in PROPERTIES:
        new = news.get(each.name)
        fresh = new is not None and not has_unknown(new) and each.name not in olds["managed"]
        if fresh and each.equivalent(olds.get(each.name), new) and not each.equivalent(None, new):
            yield each.name


def _change(each: Property, old: Any, news: Mapping[str, Any], managed: bool, cost: Cost) -> Change | None:
    new = news.get(each.name)
    if has_unknown(new):
        return Change(each.name, old, UNKNOWN, cost)
    if new is not None:
        return None if each.equivalent(old, new) else Change(each.name, old, new, cost)
    if managed and old is not None:
        return _removed(each, old, news, cost)
    return None


def _removed(each: Property, old: Any, news: Mapping[str, Any], cost: Cost) -> Change | None:
    new = UNKNOWN if each.reset_by is not None and has_unknown(list(news.values())) else each.reset_value(news)
    if new is not UNKNOWN and each.equivalent(old, new):
        return None
    return Change(each.name, old, new, cost, reset=True)


def _control_changes(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[str]:
    managed = set(olds.get("managed") or ())
    for each in CONTROLS:
        new = news.get(each.name)
        if each.name == "job_id":
            # The output of this name is always there; whether the program sets it is ownership.
            if (
                has_unknown(new)
                or (new is not None) != (each.name in managed)
                or new not in (None, olds.get(each.name))
            ):
                yield each.name
        elif has_unknown(new) or each.value_type.meaning(control(olds, each.name)) != each.value_type.meaning(
            control(news, each.name)
        ):
            yield each.name
