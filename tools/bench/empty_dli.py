"""An empty dynamic provider with the inputs and the outputs of a Flink JAR job: what the engine itself costs."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

from pulumi_dli.schema.properties import SENSITIVE
from pulumi_dli.schema.resource import INPUT_NAMES, OUTPUTS

# What DLI's details show beyond the program's inputs, and what the provider stores of a job.
STORED: dict[str, Any] = {
    "desc": "", "manager_cu_number": 1, "log_enabled": False, "obs_bucket": "", "smn_topic": "", "main_class": "",
    "restart_when_exception": False, "dependency_jars": [], "dependency_files": [], "tm_cus": 1, "tm_slot_num": 1,
    "resume_checkpoint": False, "resume_max_num": -1, "checkpoint_path": "", "job_type": "flink_jar_job",
    "checkpoint_enabled": False, "checkpoint_mode": 1, "checkpoint_interval": 10, "execution_agency_urn": "",
    "resource_config_version": "v1", "flink_log_config": "", "flink_version": "", "image": "", "entrypoint_args": "",
    "runtime_config": "", "job_id": "138", "update_time": 1516952770835, "start_time": 1516952770835,
    "status": "job_running", "project_id": "d11e0000000000000000000000000001", "region": "eu-de",
    "endpoint": "http://127.0.0.1:8480", "managed": ["name", "queue_name", "cu_number", "parallel_number", "smn_topic",
    "entrypoint", "settle_time"],
}  # fmt: skip


class EmptyProvider(ResourceProvider):
    """Answers at once, from what it is given."""

    serialize_as_secret_always = False

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Accept everything."""
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Let the engine compare."""
        same = all(_olds.get(name) == value for name, value in _news.items() if name != "__provider")
        return DiffResult(changes=False if same else None)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Store the inputs with all outputs."""
        return CreateResult(str(props["name"]), _stored(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return what is stored."""
        return ReadResult(id_, dict(props), {name: props[name] for name in INPUT_NAMES if name in props})

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Store the new inputs with all outputs."""
        return UpdateResult(_stored(_news))


def _stored(props: dict[str, Any]) -> dict[str, Any]:
    return STORED | {name: value for name, value in props.items() if name != "__provider"}


class EmptyJob(Resource, module="dli", name="EmptyJob"):
    """A resource of the empty provider, with the same secrets as a job."""

    def __init__(self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **properties: Any) -> None:
        """Declare it."""
        names = (*INPUT_NAMES, *(each.name for each in OUTPUTS))
        secret = pulumi.ResourceOptions(additional_secret_outputs=list(SENSITIVE))
        opts = pulumi.ResourceOptions.merge(opts, secret)
        super().__init__(EmptyProvider(), resource_name, {**dict.fromkeys(names), **properties}, opts)
