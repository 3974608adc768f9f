"""A job as the service describes it: the details answer, read by the property table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_dli.errors import LONGEST_REASON
from pulumi_dli.foreign_text import NOTHING, ForeignText, sanitized
from pulumi_dli.schema.properties import BY_NAME, PROPERTIES
from pulumi_dli.schema.property import Property
from pulumi_dli.schema.statuses import has_run

LONGEST_STATUS = 60
# What the answer holds beside the properties of a JAR job: facts of the job, and settings of jobs of other types
# (source: details, and the sample there).
_NO_PROPERTIES = frozenset({
    "job_id", "status", "status_desc", "create_time", "start_time", "update_time", "duration", "restart_times",
    "user_id", "user_name", "username", "project_id", "run_mode", "savepoint_path", "has_savepoint",
    "execution_graph", "real_cu_number", "job_config", "sql_body", "root_id", "graph_type", "graph_editor_enabled",
    "graph_editor_data", "edge_group_ids", "executor_number", "executor_cu_number", "idle_state_retention",
    "config_url", "udf_jar_url", "dirty_data_strategy", "operator_config", "static_estimator",
    "static_estimator_config",
})  # fmt: skip


@dataclass(frozen=True)
class ObservedJob:
    """What the details answer says of a job.

    ``properties`` holds only what the answer mentions; a property that it does not know is absent there.
    ``start_time`` (ms since the epoch) is when it last began to run, None if it never did.
    ``tells_start`` is whether the answer says when it began to run at all; some services leave that out.
    ``savepoint`` is False where the answer says that there is none, None where it does not say.
    ``restarts`` is how often the service restarted it.
    ``unknown`` is what else the answer says that is set, by name: settings that this version does not know.
    """

    job_id: str
    status: str
    update_time: int | None
    start_time: int | None
    savepoint: bool | None
    properties: Mapping[str, Any]
    status_desc: ForeignText = NOTHING
    tells_start: bool = True
    restarts: int = 0
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ever_ran(self) -> bool:
        """Whether the job has run at least once: by all that the answer says, never by one field alone."""
        by_status = not self.tells_start and has_run(self.status)
        return bool(self.start_time or self.restarts or self.savepoint or by_status)

    def value(self, name: str, otherwise: Any = None) -> Any:
        """Return the value of a property, `otherwise` where the answer does not mention it."""
        return self.properties.get(name, otherwise)


def read_job(job_id: str, answer: Mapping[str, Any]) -> ObservedJob:
    """Read a `job_detail` object (source: details)."""
    inner = answer.get("job_config")
    config: Mapping[str, Any] = inner if isinstance(inner, dict) else {}
    return ObservedJob(
        job_id=job_id,
        status=sanitized(str(answer.get("status") or ""), LONGEST_STATUS),
        status_desc=ForeignText(answer.get("status_desc") or "", longest=LONGEST_REASON),
        update_time=_milliseconds(answer.get("update_time")),
        start_time=_milliseconds(answer.get("start_time")) or None,
        savepoint=_savepoint(answer),
        tells_start="start_time" in answer,
        restarts=_milliseconds(answer.get("restart_times")) or 0,
        properties=dict(_properties(answer, config)),
        unknown={
            name: value
            for name, value in {**answer, **config}.items()
            if name not in BY_NAME and name not in _NO_PROPERTIES and value not in (None, "", [], {})
        },
    )


def _savepoint(answer: Mapping[str, Any]) -> bool | None:
    if "savepoint_path" in answer:
        return bool(answer["savepoint_path"])
    return bool(answer["has_savepoint"]) if "has_savepoint" in answer else None


def _milliseconds(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _properties(detail: Mapping[str, Any], config: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (each.name, place[each.name] if place[each.name] is None else each.read(place[each.name]))
        for each in PROPERTIES
        if (place := _place(each, detail, config)) is not None
    ]


def _place(each: Property, detail: Mapping[str, Any], config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the object that holds a property: the documented one, otherwise the other one."""
    documented, other = (config, detail) if each.kept_in == "job_config" else (detail, config)
    return next((place for place in (documented, other) if each.name in place), None)
