"""Where the state of a job may be lost: the one place that knows it. Pure.

Sources: Open Telekom Cloud's guide on savepoints ("not supported": restoring after a changed parallelism or JAR);
Flink's documentation on upgrading applications for the version of Flink and the classes that hold the state; a real
Flink for both kinds of parallelism (docs/evidence/flink.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, IntEnum
from typing import Any

from pulumi_dli.planning.actions import Removal, removal_of
from pulumi_dli.planning.changed_keys import differing
from pulumi_dli.planning.diff import Change, Difference
from pulumi_dli.planning.steps import Step
from pulumi_dli.schema.controls import control
from pulumi_dli.schema.properties import BY_NAME
from pulumi_dli.schema.statuses import Phase, phase_of
from pulumi_dli.schema.unknown import UNKNOWN, has_unknown


class Level(IntEnum):
    """How bad it is, ordered: ``NOTE``, worth knowing; ``AT_RISK``, it may not restore; ``LOST``, it will be lost."""

    NOTE = 0
    AT_RISK = 1
    LOST = 2

    @property
    def word(self) -> str:
        """The word of the reviews' JSON form."""
        return self.name.lower().replace("_", "-")


class Risk(Enum):
    """One thing that may happen to the state of a job: its code, an anchor of the reference, and how bad it is.

    Codes are a persisted contract: they are only added. Their words are in `wording`.
    """

    STATELESS_STOP = ("stateless-stop", Level.LOST)
    STATELESS_START = ("stateless-start", Level.LOST)
    STOPPED_EMPTY = ("stopped-empty", Level.LOST)
    DELETED = ("deleted", Level.LOST)
    REPLACED = ("replaced", Level.LOST)
    PARALLELISM = ("parallelism", Level.AT_RISK)
    MAX_PARALLELISM = ("max-parallelism", Level.AT_RISK)
    JAR = ("jar", Level.AT_RISK)
    MAIN_CLASS = ("main-class", Level.AT_RISK)
    DEPENDENCY_JARS = ("dependency-jars", Level.AT_RISK)
    FLINK_IMAGE = ("flink-image", Level.AT_RISK)
    FLINK_VERSION = ("flink-version", Level.AT_RISK)
    CHECKPOINTS_OFF = ("checkpoints-off", Level.AT_RISK)
    RESUME_OFF = ("resume-off", Level.AT_RISK)
    CHECKPOINT_PATH = ("checkpoint-path", Level.AT_RISK)
    UNJUDGED = ("unjudged", Level.AT_RISK)
    ADOPT_CHANGES = ("adopt-changes", Level.AT_RISK)
    NO_MARKER = ("no-marker", Level.AT_RISK)
    ONLY_COPY = ("only-copy", Level.NOTE)
    NO_ROLL_BACK = ("no-roll-back", Level.NOTE)
    UNMANAGED = ("unmanaged", Level.NOTE)
    STOPPED_UNMANAGED = ("stopped-unmanaged", Level.NOTE)

    def __init__(self, code: str, level: Level) -> None:
        """Keep both apart."""
        self.code = code
        self.level = level

    @property
    def warns(self) -> bool:
        """Whether it is worth a warning."""
        return self.level > Level.NOTE


RISK_BY_CODE: Mapping[str, Risk] = {risk.code: risk for risk in Risk}

# A changed property after which the state of a savepoint may not fit any more.
RISKY: Mapping[str, Risk] = {
    "entrypoint": Risk.JAR,
    "main_class": Risk.MAIN_CLASS,
    "dependency_jars": Risk.DEPENDENCY_JARS,
    "feature": Risk.FLINK_IMAGE,
    "flink_version": Risk.FLINK_VERSION,
    "image": Risk.FLINK_IMAGE,
}
MAX_PARALLELISM_KEY = "pipeline.max-parallelism"
_PARALLEL = ("parallel_number", "resource_config_version", "resource_config")


def risks(
    olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference, planned: tuple[Step, ...]
) -> tuple[Risk, ...]:
    """Return what may happen to the state of a job, the worst first.

    `olds` are its stored outputs, `news` its wanted inputs, `found` their difference, `planned` the steps.
    """
    every = (
        *_losses(olds, planned),
        *_misfits(olds, news, found, planned),
        *_no_checkpoints(olds, news, found, planned),
    )
    return worst_first(every)


def worst_first(found: Iterable[Risk]) -> tuple[Risk, ...]:
    """Return risks once each, ordered by level; those of one level stay in their order."""
    return tuple(sorted(dict.fromkeys(found), key=lambda risk: -risk.level))


def _losses(olds: Mapping[str, Any], planned: tuple[Step, ...]) -> Iterator[Risk]:
    if Step.STOP_EMPTY in planned:
        yield Risk.STATELESS_STOP
    elif Step.RUN in planned and phase_of(olds.get("status")) not in {Phase.DRAFT, Phase.FINISHED}:
        yield Risk.STATELESS_START


def _misfits(
    olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference, planned: tuple[Step, ...]
) -> Iterator[Risk]:
    if Step.RESTORE not in planned:
        return
    before, after = _parallelism(olds, olds), _parallelism(news, olds)
    if set(_PARALLEL) & set(found.names) and (before != after or has_unknown([before, after])):
        yield Risk.PARALLELISM
    if _sets_max_parallelism(found):
        yield Risk.MAX_PARALLELISM
    for name in found.names:
        if name in RISKY:
            yield RISKY[name]


def _parallelism(bag: Mapping[str, Any], olds: Mapping[str, Any]) -> Any:
    """Return what says how parallel the job is: the number, or with version v2 that of resource_config."""
    managed = olds.get("managed") or ()

    def value(name: str) -> Any:
        # What the program neither sets nor set before stays as the service has it.
        given = bag.get(name, olds.get(name) if name not in managed else None)
        return UNKNOWN if has_unknown(given) else BY_NAME[name].meaning(given)

    version = value("resource_config_version")
    if version is UNKNOWN or version != "v2":
        return UNKNOWN if version is UNKNOWN else value("parallel_number")
    resources = value("resource_config")
    return resources.get("parallel_number") if isinstance(resources, dict) else resources


def _sets_max_parallelism(found: Difference) -> bool:
    """Tell whether runtime_config gets another one; where it is only dropped, Flink takes that of the state."""
    change = _change("runtime_config", found)
    return change is not None and all(
        MAX_PARALLELISM_KEY in differing(change.name, before, change.new) for before in (change.old, None)
    )


def _no_checkpoints(
    olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference, planned: tuple[Step, ...]
) -> Iterator[Risk]:
    if _turned_off("checkpoint_enabled", found):
        yield Risk.CHECKPOINTS_OFF
    if _turned_off("resume_checkpoint", found):
        yield Risk.RESUME_OFF
    elif "checkpoint_path" in found.names and _after("resume_checkpoint", olds, news) is not False:
        yield Risk.CHECKPOINT_PATH
    if Step.STOP not in planned or Step.RESTORE not in planned:
        return
    if not _has_checkpoints(olds):
        yield Risk.ONLY_COPY
    elif RISKY.keys() & set(found.names) and not _rolls_back_after_crash(olds, news):
        yield Risk.NO_ROLL_BACK


def _rolls_back_after_crash(olds: Mapping[str, Any], news: Mapping[str, Any]) -> bool:
    """Tell whether there is a state to go on from, which is the last checkpoint: a start uses the savepoint up.

    Also where no roll-back is wanted, so that there is nothing to miss.
    """
    return olds.get("resume_checkpoint") is True or control(news, "on_failure") != "rollback"


def _change(name: str, found: Difference) -> Change | None:
    return next((each for each in found.changes if each.name == name), None)


def _turned_off(name: str, found: Difference) -> bool:
    change = _change(name, found)
    return change is not None and change.old is True and change.new is not True


def _after(name: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
    """Return the value after the update; absent is the default where the program set it before."""
    managed = name in (olds.get("managed") or ())
    value = news.get(name, None if managed else olds.get(name))
    return BY_NAME[name].default if value is None else value


def _has_checkpoints(olds: Mapping[str, Any]) -> bool:
    return bool(olds.get("checkpoint_enabled") or olds.get("checkpoint_path"))


def removal_risks(olds: Mapping[str, Any]) -> tuple[Risk, ...]:
    """Return what the removal of a job, as `on_delete` has it, means for its state."""
    removal = removal_of(olds)
    if removal is Removal.STOPPED:
        return (Risk.STOPPED_EMPTY if control(olds, "upgrade_mode") == "stateless" else Risk.STOPPED_UNMANAGED,)
    return (Risk.DELETED if removal is Removal.DELETED else Risk.UNMANAGED,)
