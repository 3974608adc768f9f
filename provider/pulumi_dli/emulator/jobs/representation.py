"""A job as the details and the list show it [otc]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import contract
from .job import Job

CHECKPOINT_MODES = {1: "exactly_once", 2: "at_least_once"}
MB_PER_GB = 1024
NOT_SHOWN: Mapping[str, Any] = {
    # Members of the answer that no property of a JAR job feeds, as in the documents' sample.
    "root_id": -1,
    "edge_group_ids": None,
    "graph_editor_enabled": False,
    "graph_editor_data": "",
    "executor_number": None,
    "executor_cu_number": None,
    "idle_state_retention": 3600,
    "config_url": None,
    "udf_jar_url": None,
    "dirty_data_strategy": None,
    "real_cu_number": 0,
}


def effective(job: Job, name: str) -> Any:
    """Return a property as it was sent, or else the service's default."""
    if name in job.properties:
        return job.properties[name]
    if name == "tm_slot_num":
        return default_slots(job)
    return contract.job_properties()[name].get("default")


def default_slots(job: Job) -> int:
    """Return (parallel_number*tm_cus)/(cu_number-manager_cu_number) [seed], at least 1."""
    parallel, per_manager = effective(job, "parallel_number"), effective(job, "tm_cus")
    workers = effective(job, "cu_number") - effective(job, "manager_cu_number")
    return max(1, parallel * per_manager // workers) if workers > 0 else 1


def detail(job: Job, *, unset_is_null: bool) -> dict[str, Any]:
    """Return `job_detail`."""
    shown = {name: _shown(job, name, unset_is_null) for name in contract.job_properties()}
    outside = {name for name, schema in contract.job_properties().items() if schema.get("x-shown-in") == "job_detail"}
    config = {
        name: value
        for name, value in shown.items()
        if name not in outside and (name in job.properties or name not in _LEFT_OUT)
    }
    return {
        "job_id": job.job_id,
        "user_id": job.user_id,
        "project_id": job.project_id,
        **{name: shown[name] for name in sorted(outside)},
        "run_mode": "exclusive_cluster",
        "sql_body": "",
        "execution_graph": None,
        "status": job.status,
        "status_desc": job.status_desc,
        "create_time": job.create_time,
        "update_time": job.update_time,
        "start_time": job.start_time,
        "has_savepoint": job.savepoint is not None,
        "savepoint_path": job.savepoint["path"] if job.savepoint else None,
        "job_config": {**NOT_SHOWN, **config},
    }


def summary(job: Job, user_name: str, now: int) -> dict[str, Any]:
    """Return a job of the list answer, without its details."""
    runs = job.status == "job_running" and job.start_time is not None
    return {
        "job_id": job.job_id,
        "name": job.name,
        "desc": effective(job, "desc"),
        "user_name": user_name,
        "job_type": effective(job, "job_type"),
        "queue_name": effective(job, "queue_name"),
        "status": job.status,
        "status_desc": job.status_desc,
        "create_time": job.create_time,
        "start_time": job.start_time,
        "duration": now - (job.start_time or now) if runs else 0,
        "root_id": -1,
        "graph_editor_enabled": False,
        "has_savepoint": job.savepoint is not None,
    }


# What the details leave out while it is unset: no document names a value to show [inferred].
_LEFT_OUT = frozenset({"resource_config", "feature"})


def _shown(job: Job, name: str, unset_is_null: bool) -> Any:
    value = effective(job, name)
    if unset_is_null and value == "":
        return None
    if name == "checkpoint_mode":
        return CHECKPOINT_MODES[value]
    if name == "resource_config" and value is not None:
        return resource_config(value)
    return value


def resource_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return `resource_config` with its defaults, sizes in one unit."""
    specs = {
        name: _resource_spec(config.get(name, {})) for name in ("jobmanager_resource_spec", "taskmanager_resource_spec")
    }
    return {
        "max_slot": config.get("max_slot", 1),
        "parallel_number": config.get("parallel_number", 1),
        **specs,
    }


def _resource_spec(spec: dict[str, Any]) -> dict[str, Any]:
    size = contract.memory_mb(spec.get("memory", "4G"))
    in_gb = size % MB_PER_GB == 0
    memory = f"{size / MB_PER_GB:.0f}G" if in_gb else f"{size:.0f}M"
    return {"cpu": float(spec.get("cpu", 1.0)), "memory": memory}
