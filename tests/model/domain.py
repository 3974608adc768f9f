"""What the model varies, as data: properties with their defaults and values, control inputs, and faults.

Written from DLI's documents, not from the product's table: two readings of one contract check each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

FIRST = {"queue_name": "streaming", "entrypoint": "obs://jars/first.jar", "settle_time": 0}

DEFAULTS: Mapping[str, Any] = {
    "smn_topic": "",
    "restart_when_exception": False,
    "resume_max_num": -1,
    "resume_checkpoint": False,
    "checkpoint_path": "",
    "obs_bucket": "",
    "desc": "",
    "cu_number": 2,
    "parallel_number": 1,
    "main_class": "",
    "entrypoint_args": "",
    "runtime_config": "",
    "dependency_jars": [],
    "checkpoint_enabled": False,
    "checkpoint_mode": 1,
    "queue_name": "streaming",
    "entrypoint": "obs://jars/first.jar",
}
"""The properties that vary, with what the service documents for an absent value (or the first value)."""

VALUES: Mapping[str, tuple[Any, ...]] = {
    "smn_topic": ("urn:one", "urn:two"),
    "restart_when_exception": (True, False),
    "resume_max_num": (-1, 5, 9),
    "resume_checkpoint": (True, False),
    "checkpoint_path": ("obs://points/one", "obs://points/two"),
    "obs_bucket": ("logs-one", "logs-two"),
    "desc": ("one", "two", ""),
    "cu_number": (2, 3, 4),
    "parallel_number": (1, 2, 4),
    "main_class": ("org.example.One", "org.example.Two"),
    "entrypoint_args": ("--rate 1", "--rate 2"),
    "runtime_config": (
        '[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]',
        '[{"key": "b", "value": "2"}, {"key": "a", "value": "1"}]',
        '[{"key": "a", "value": "3"}]',
    ),
    "dependency_jars": (["obs://jars/dep.jar"], ["obs://jars/dep.jar", "group/other.jar"], []),
    "checkpoint_enabled": (True, False),
    "checkpoint_mode": (1, 2),
    "queue_name": ("streaming", "dev"),
    "entrypoint": ("obs://jars/first.jar", "obs://jars/second.jar"),
}

LIVE = (
    "smn_topic",
    "restart_when_exception",
    "resume_max_num",
    "resume_checkpoint",
    "checkpoint_path",
    "obs_bucket",
)
"""What may change while a job runs."""

REMOVABLE = tuple(name for name in VALUES if name not in {"queue_name", "entrypoint"})

CONTROLS: Mapping[str, tuple[Any, ...]] = {
    "desired_state": ("running", "stopped", None),
    "restart_nonce": (1, 2, "three", None),
    "upgrade_mode": ("savepoint", "stateless", None),
    "on_failure": ("rollback", "leave", None),
    "on_conflict": ("fail", "overwrite", None),
    "settle_time": (0, 1),
}

WRITES = ("CreateFlinkJarJob", "UpdateFlinkJarJob", "RunFlinkJobs", "StopFlinkJobs", "DeleteFlinkJob")
BATCHES = ("RunFlinkJobs", "StopFlinkJobs")

RUNNING = "job_running"
FINISHED = "job_finish"
ARREARS = "job_arrearage_stopped"
STOPPED = "job_cancel_success"
CRASHED = "job_running_exception"
PASSING = ("job_submitting", "job_canceling", "job_savepointing", "job_downloading", "job_arrearage_recovering")
UP = ("job_running", "job_cancel_fail", "job_finish", "job_arrearage_stopped")
"""Where `desired_state` running may find its end: a batch job ends by itself, what is owed is not restarted, and
a job that could not be stopped still runs."""
DOWN = ("job_init", "job_cancel_success", "job_submit_fail", "job_running_exception", "job_finish", ARREARS)

WORDS = "the emulator said no-7731"
"""What refusals say; the user must read it."""

_ERROR = {"error_code": "DLI.0999", "error_msg": WORDS}


@dataclass(frozen=True)
class Fault:
    """A fault that a request can meet: the emulator's settings, for an operation."""

    settings: Callable[[str], Mapping[str, Any]]
    effect: bool = False
    """Whether the operation is carried out all the same."""
    words: bool = False
    """Whether it says something that the user must read."""
    batches_only: bool = False


def _always(**settings: Any) -> Callable[[str], Mapping[str, Any]]:
    return lambda _operation: settings


def _answer(status: int, *, effect: bool = False, **answer: Any) -> Callable[[str], Mapping[str, Any]]:
    return _always(answer={"status": status, **answer}, effect=effect)


def _no_success(told: Any) -> Callable[[str], Mapping[str, Any]]:
    """Return an object or an array whose `is_success` says no, with HTTP 200."""
    body = {"is_success": told, "message": WORDS}
    return lambda operation: {
        "answer": {"status": 200, "body": [body] if operation in BATCHES else body},
        "effect": False,
    }


_HTML: dict[str, Any] = {"text": "<html><head><title>Gateway</title></head></html>"}
_CUT_SHORT: dict[str, Any] = {"text": '{"is_success": tr', "headers": {"content-type": "application/json"}}

FAULTS: Mapping[str, Fault] = {
    "item refused": Fault(_always(item_refused={"message": WORDS}), words=True, batches_only=True),
    "is_success false": Fault(_no_success(False), words=True),
    "is_success 'false'": Fault(_no_success("false"), words=True),
    "400": Fault(_answer(400, body={"error_code": "DLI.0009", "error_msg": WORDS}), words=True),
    "429, at once": Fault(_answer(429, headers={"Retry-After": "0"}, body=_ERROR)),
    "429, in 1 s": Fault(_answer(429, headers={"Retry-After": "1"}, body=_ERROR)),
    "500": Fault(_answer(500, body=_ERROR), words=True),
    "500 after the effect": Fault(_answer(500, effect=True, body=_ERROR), effect=True),
    "503": Fault(_answer(503, body=_ERROR)),
    "503 after the effect": Fault(_answer(503, effect=True, body=_ERROR), effect=True),
    "cut": Fault(_always(cut=True)),
    "cut after the effect": Fault(_always(cut=True, effect=True), effect=True),
    "truncated": Fault(_answer(200, **_CUT_SHORT)),
    "truncated after the effect": Fault(_answer(200, effect=True, **_CUT_SHORT), effect=True),
    "HTML 200": Fault(_answer(200, **_HTML)),
    "HTML 404": Fault(_answer(404, **_HTML)),
    "HTML 502": Fault(_answer(502, **_HTML)),
    "HTML 502 after the effect": Fault(_answer(502, effect=True, **_HTML), effect=True),
    "empty 200": Fault(_answer(200)),
    "no answer in time": Fault(_always(delay=0.5), effect=True),
}
"""Named faults. "no answer in time" is longer than the read time-out of a host that meets it."""

IMPATIENT = {"READ_TIMEOUT": 0.3}


def same(name: str, one: Any, other: Any) -> bool:
    """Tell whether two values of a property mean the same."""
    return bool(_meaning(name, one) == _meaning(name, other))


def _meaning(name: str, value: Any) -> Any:
    value = DEFAULTS[name] if value is None else value
    if name == "runtime_config" and value:
        return sorted((pair["key"], pair["value"]) for pair in json.loads(value))
    return value
