"""A job's properties as Flink takes them. Pure.

What restarts after exceptions mean is inferred: `restart_when_exception` with `resume_checkpoint` is Flink's own
restart from the last checkpoint, `resume_max_num` times an hour; without `resume_checkpoint` the job starts empty,
which Flink does not do by itself, so that the emulator submits it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..jobs.job import Job
from ..jobs.representation import effective, resource_config

MODES = {1: "EXACTLY_ONCE", 2: "AT_LEAST_ONCE"}
UNLIMITED = 2_147_483_647


class SettingsError(ValueError):
    """Properties that make no sense to Flink; the message names the property, never its value."""


def request(job: Job, flink_id: str, restored: str | None, checkpoints: Callable[[str], str]) -> dict[str, Any]:
    """Return the body that runs a JAR. `restored` is the URI of the state to go on from.

    `checkpoints` turns `checkpoint_path` into a URI. Raises SettingsError for a wrong `runtime_config`.
    """
    return {
        "jobId": flink_id,
        **_named("entryClass", effective(job, "main_class")),
        "programArgsList": str(effective(job, "entrypoint_args")).split(),
        "parallelism": parallelism(job),
        "allowNonRestoredState": False,
        **_named("savepointPath", restored),
        "flinkConfiguration": configuration(job, checkpoints),
    }


def parallelism(job: Job) -> int:
    """Return how many subtasks an operator has."""
    if effective(job, "resource_config_version") == "v2":
        return int(resource_config(effective(job, "resource_config") or {})["parallel_number"])
    return int(effective(job, "parallel_number"))


def configuration(job: Job, checkpoints: Callable[[str], str]) -> dict[str, str]:
    """Return Flink's settings of a job; those of `runtime_config` come last and win."""
    name = {"pipeline.name": job.name} if job.name else {}
    return {
        **name,
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        **_checkpoints(job, checkpoints),
        **_restarts(job),
        **runtime_config(str(effective(job, "runtime_config"))),
    }


def runtime_config(text: str) -> dict[str, str]:
    """Return `runtime_config` as settings: JSON, either an object or a list of {key, value}."""
    if not text.strip():
        return {}
    wrong = SettingsError("runtime_config is neither a JSON object nor a JSON list of {key, value}")
    try:
        given = json.loads(text)
        pairs = given.items() if isinstance(given, dict) else [(each["key"], each["value"]) for each in given]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise wrong from None
    return {str(key): _text(value) for key, value in pairs}


def restarts_empty(job: Job, restarts: int) -> bool:
    """Tell whether a job that ended in an exception starts again without its state, after so many restarts an hour."""
    if not effective(job, "restart_when_exception") or effective(job, "resume_checkpoint"):
        return False
    most = effective(job, "resume_max_num")
    return bool(most < 0 or restarts < most)


def _checkpoints(job: Job, place: Callable[[str], str]) -> dict[str, str]:
    settings = {}
    if effective(job, "checkpoint_enabled"):
        settings["execution.checkpointing.interval"] = f"{effective(job, 'checkpoint_interval')} s"
        settings["execution.checkpointing.mode"] = MODES[effective(job, "checkpoint_mode")]
    if effective(job, "checkpoint_path"):
        settings["state.checkpoints.dir"] = place(effective(job, "checkpoint_path"))
    return settings


def _restarts(job: Job) -> dict[str, str]:
    if not effective(job, "restart_when_exception") or not effective(job, "resume_checkpoint"):
        return {"restart-strategy.type": "none"}
    most = effective(job, "resume_max_num")
    if most < 0:
        return {
            "restart-strategy.type": "fixed-delay",
            "restart-strategy.fixed-delay.attempts": str(UNLIMITED),
            "restart-strategy.fixed-delay.delay": "1 s",
        }
    return {
        "restart-strategy.type": "failure-rate",
        "restart-strategy.failure-rate.max-failures-per-interval": str(most),
        "restart-strategy.failure-rate.failure-rate-interval": "1 h",
        "restart-strategy.failure-rate.delay": "1 s",
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _named(name: str, value: Any) -> Mapping[str, Any]:
    return {name: value} if value else {}
