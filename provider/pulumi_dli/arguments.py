"""The typed arguments and outputs of a job. Made by `scripts/format` from the property table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi


class ResourceSpecArgs(TypedDict, total=False):
    """CPU cores and memory of a JobManager or a TaskManager."""

    cpu: pulumi.Input[float]
    """CPU cores, at least 0.5; default 1.0."""
    memory: pulumi.Input[str]
    """Memory in MB or GB, at least 2GB, such as `4GB`; default 4GB."""


class ResourceConfigArgs(TypedDict, total=False):
    """Resources of a job with resource_config_version v2."""

    max_slot: pulumi.Input[int]
    """Slots of each TaskManager, at least 1; default 1."""
    parallel_number: pulumi.Input[int]
    """Parallel instances of each operator, at least 1; default 1."""
    jobmanager_resource_spec: pulumi.Input[ResourceSpecArgs]
    """Resources of the JobManager."""
    taskmanager_resource_spec: pulumi.Input[ResourceSpecArgs]
    """Resources of each TaskManager."""


class TagArgs(TypedDict):
    """A tag of a job."""

    key: pulumi.Input[str]
    """Key of the tag, not empty."""
    value: pulumi.Input[str]
    """Value of the tag; may be empty."""


class FlinkJarJobArgs(TypedDict, total=False):
    """The inputs of a Flink JAR job: DLI's properties, then the provider's own control inputs.

    In parentheses: the type with its limits; the default that the service documents for an absent value; what a
    change costs while the job runs (LIVE: a PUT, no downtime; RESTART: stop with savepoint, PUT, run); the page
    of DLI's API reference that says so. A value outside its limits fails in the preview, before anything is sent.
    None is the same as leaving the argument out.
    """

    name: pulumi.Input[str] | None
    """Name of the job, unique in its project; mandatory unless an existing job is adopted. (string, 1 to 57 characters; change: RESTART; source: update, create)"""
    desc: pulumi.Input[str] | None
    """Description of the job. (string, at most 512 characters; change: RESTART; source: update)"""
    queue_name: pulumi.Input[str] | None
    """Queue that the job runs in; it must exist. (string, 1 to 128 characters; change: RESTART; source: update)"""
    cu_number: pulumi.Input[int] | None
    """CUs (compute units) of the job, the managers' included; not used with resource_config_version v2. (integer, 2 to 400; default 2; change: RESTART; source: update; limits: details)"""
    manager_cu_number: pulumi.Input[int] | None
    """CUs of the management node, that is the number of Flink JobManagers. (integer, at least 1; default 1; change: RESTART; source: update)"""
    parallel_number: pulumi.Input[int] | None
    """Number of operators' parallel instances. (integer, 1 to 2000; default 1; change: RESTART; source: update; limits: details)"""
    log_enabled: pulumi.Input[bool] | None
    """Whether the job's log is kept, in obs_bucket. (boolean; default false; change: RESTART; source: update)"""
    obs_bucket: pulumi.Input[str] | None
    """OBS path that users have authorised for logs; used with log_enabled. (string; change: LIVE; source: update; cost: Huawei's Terraform provider)"""
    smn_topic: pulumi.Input[str] | None
    """SMN topic that gets a message when the job fails. (string; change: LIVE; source: update; cost: Huawei's Terraform provider)"""
    main_class: pulumi.Input[str] | None
    """Java class with the entry point. (string; change: RESTART; source: update)"""
    entrypoint_args: pulumi.Input[str] | None
    """Arguments of the main class, separated by spaces. Kept secret: often holds passwords. (string; change: RESTART; source: update)"""
    restart_when_exception: pulumi.Input[bool] | None
    """Whether DLI restarts the job after an exception. (boolean; default false; change: LIVE; source: update; cost: Huawei's Terraform provider)"""
    entrypoint: pulumi.Input[str] | None
    """JAR with the main class: `obs://bucket/key.jar`, or the name of a package uploaded to DLI (not with Flink 1.15 or later). (string; change: RESTART; source: update, create)"""
    dependency_jars: pulumi.Input[Sequence[pulumi.Input[str]]] | None
    """Further JARs: `obs://bucket/key.jar` or `group/package.jar`. (list of strings; change: RESTART; source: update, create)"""
    dependency_files: pulumi.Input[Sequence[pulumi.Input[str]]] | None
    """Files for the job: `obs://bucket/key` or `group/package.csv`. (list of strings; change: RESTART; source: update, create)"""
    tm_cus: pulumi.Input[int] | None
    """CUs of each TaskManager. (integer, at least 1; default 1; change: RESTART; source: update)"""
    tm_slot_num: pulumi.Input[int] | None
    """Slots of each TaskManager; DLI computes (parallel_number*tm_cus)/(cu_number-manager_cu_number) where it is absent. (integer, at least 1; change: RESTART; source: update)"""
    resume_checkpoint: pulumi.Input[bool] | None
    """Whether a restart after an exception goes on from the last checkpoint. (boolean; default false; change: LIVE; source: update; default: Huawei; cost: Huawei's Terraform provider)"""
    resume_max_num: pulumi.Input[int] | None
    """Most restarts after exceptions, per hour; -1 is without limit. (integer: -1 or greater than 0; default -1; change: LIVE; source: update; cost: Huawei's Terraform provider)"""
    checkpoint_path: pulumi.Input[str] | None
    """OBS path of the checkpoints that the JAR itself writes, unique per job; used with resume_checkpoint. (string; change: LIVE; source: update; cost: Huawei's Terraform provider)"""
    runtime_config: pulumi.Input[str] | None
    """Flink settings as JSON text, `[{"key": ..., "value": ...}]`. Kept secret. Compared by meaning, not as text. (string: JSON text; change: RESTART; source: update; form: Huawei)"""
    job_type: pulumi.Input[str] | None
    """Type of the job. (string: flink_jar_job; default flink_jar_job; change: RESTART; source: update)"""
    checkpoint_enabled: pulumi.Input[bool] | None
    """Whether DLI takes checkpoints. (boolean; default false; change: RESTART; source: create, details)"""
    checkpoint_mode: pulumi.Input[int] | None
    """Mode of the checkpoints. (integer: 1 (exactly once) or 2 (at least once); default 1; change: RESTART; source: create, details)"""
    checkpoint_interval: pulumi.Input[int] | None
    """Seconds between checkpoints. (integer, at least 1; default 10; change: RESTART; source: create, details)"""
    execution_agency_urn: pulumi.Input[str] | None
    """Name of the agency that the job acts as; Flink 1.15 or later. (string; change: RESTART; source: create, details)"""
    resource_config_version: pulumi.Input[str] | None
    """v1: CU numbers count; v2: resource_config counts. (string: v1 or v2; default v1; change: RESTART; source: create, details)"""
    resource_config: pulumi.Input[ResourceConfigArgs] | None
    """Slots, parallelism, CPU cores (at least 0.5) and memory (at least 2 GB, in MB or GB) of the managers; used with resource_config_version v2. (object; change: RESTART; source: create, details)"""
    tags: pulumi.Input[Sequence[pulumi.Input[TagArgs]]] | None
    """Tags of the job, at most 20; set when the job is created. (list of {key, value}, at most 20; change: at create only; source: create)"""
    feature: pulumi.Input[str] | None
    """Kind of the Flink image: basic or custom. (string: basic or custom; change: RESTART; huawei only; source: Huawei)"""
    flink_version: pulumi.Input[str] | None
    """Flink's version, such as `1.15`. (string; change: RESTART; huawei only; source: Huawei)"""
    image: pulumi.Input[str] | None
    """Custom image, with feature custom. (string; change: RESTART; huawei only; source: Huawei)"""
    flink_log_config: pulumi.Input[str] | None
    """Log levels as JSON text. (string: JSON text; change: RESTART; huawei only; source: Huawei)"""
    job_id: pulumi.Input[str] | None
    """Adopt the existing job with this id, a decimal string, instead of creating one. (string, at least 1 characters)"""
    desired_state: pulumi.Input[str] | None
    """State that the job is brought to. (string: running or stopped; default running)"""
    upgrade_mode: pulumi.Input[str] | None
    """Whether a restart carries the state over in a savepoint or starts empty. (string: savepoint or stateless; default savepoint)"""
    restart_nonce: pulumi.Input[str | int] | None
    """Any change of it restarts the job. (string or integer)"""
    retry_nonce: pulumi.Input[str | int] | None
    """Any change of it lets a change be tried again that was rolled back before. (string or integer)"""
    on_failure: pulumi.Input[str] | None
    """What to do with a job that does not run with its new settings. (string: rollback or leave; default rollback)"""
    on_conflict: pulumi.Input[str] | None
    """What to do about a property that somebody else changed as well. (string: fail or overwrite; default fail)"""
    on_delete: pulumi.Input[str] | None
    """What destroy does with the job. (string: delete or stop or retain; default delete)"""
    stop_timeout: pulumi.Input[int] | None
    """Most seconds to wait for a stop with its savepoint. (integer, at least 1; default 3600)"""
    start_timeout: pulumi.Input[int] | None
    """Most seconds to wait until the job runs; a cold queue takes 600. (integer, at least 1; default 1200)"""
    settle_time: pulumi.Input[int] | None
    """Seconds in job_running before an update counts as successful. (integer, at least 0; default 30)"""
    adopt_changes: pulumi.Input[bool] | None
    """Whether adopting a job may change it. (boolean; default false)"""


class FlinkJarJobOutputs:
    """The outputs of a Flink JAR job: every input with the value that the service has, and what it says besides."""

    name: pulumi.Output[str | None]
    """Name of the job, unique in its project; mandatory unless an existing job is adopted."""
    desc: pulumi.Output[str | None]
    """Description of the job."""
    queue_name: pulumi.Output[str | None]
    """Queue that the job runs in; it must exist."""
    cu_number: pulumi.Output[int | None]
    """CUs (compute units) of the job, the managers' included; not used with resource_config_version v2."""
    manager_cu_number: pulumi.Output[int | None]
    """CUs of the management node, that is the number of Flink JobManagers."""
    parallel_number: pulumi.Output[int | None]
    """Number of operators' parallel instances."""
    log_enabled: pulumi.Output[bool | None]
    """Whether the job's log is kept, in obs_bucket."""
    obs_bucket: pulumi.Output[str | None]
    """OBS path that users have authorised for logs; used with log_enabled."""
    smn_topic: pulumi.Output[str | None]
    """SMN topic that gets a message when the job fails."""
    main_class: pulumi.Output[str | None]
    """Java class with the entry point."""
    entrypoint_args: pulumi.Output[str | None]
    """Arguments of the main class, separated by spaces. Kept secret: often holds passwords."""
    restart_when_exception: pulumi.Output[bool | None]
    """Whether DLI restarts the job after an exception."""
    entrypoint: pulumi.Output[str | None]
    """JAR with the main class: `obs://bucket/key.jar`, or the name of a package uploaded to DLI (not with Flink 1.15 or later)."""
    dependency_jars: pulumi.Output[list[str] | None]
    """Further JARs: `obs://bucket/key.jar` or `group/package.jar`."""
    dependency_files: pulumi.Output[list[str] | None]
    """Files for the job: `obs://bucket/key` or `group/package.csv`."""
    tm_cus: pulumi.Output[int | None]
    """CUs of each TaskManager."""
    tm_slot_num: pulumi.Output[int | None]
    """Slots of each TaskManager; DLI computes (parallel_number*tm_cus)/(cu_number-manager_cu_number) where it is absent."""
    resume_checkpoint: pulumi.Output[bool | None]
    """Whether a restart after an exception goes on from the last checkpoint."""
    resume_max_num: pulumi.Output[int | None]
    """Most restarts after exceptions, per hour; -1 is without limit."""
    checkpoint_path: pulumi.Output[str | None]
    """OBS path of the checkpoints that the JAR itself writes, unique per job; used with resume_checkpoint."""
    runtime_config: pulumi.Output[str | None]
    """Flink settings as JSON text, `[{"key": ..., "value": ...}]`. Kept secret. Compared by meaning, not as text."""
    job_type: pulumi.Output[str | None]
    """Type of the job."""
    checkpoint_enabled: pulumi.Output[bool | None]
    """Whether DLI takes checkpoints."""
    checkpoint_mode: pulumi.Output[int | None]
    """Mode of the checkpoints."""
    checkpoint_interval: pulumi.Output[int | None]
    """Seconds between checkpoints."""
    execution_agency_urn: pulumi.Output[str | None]
    """Name of the agency that the job acts as; Flink 1.15 or later."""
    resource_config_version: pulumi.Output[str | None]
    """v1: CU numbers count; v2: resource_config counts."""
    resource_config: pulumi.Output[Mapping[str, Any] | None]
    """Slots, parallelism, CPU cores (at least 0.5) and memory (at least 2 GB, in MB or GB) of the managers; used with resource_config_version v2."""
    tags: pulumi.Output[list[Mapping[str, str]] | None]
    """Tags of the job, at most 20; set when the job is created."""
    feature: pulumi.Output[str | None]
    """Kind of the Flink image: basic or custom."""
    flink_version: pulumi.Output[str | None]
    """Flink's version, such as `1.15`."""
    image: pulumi.Output[str | None]
    """Custom image, with feature custom."""
    flink_log_config: pulumi.Output[str | None]
    """Log levels as JSON text."""
    desired_state: pulumi.Output[str | None]
    """State that the job is brought to."""
    upgrade_mode: pulumi.Output[str | None]
    """Whether a restart carries the state over in a savepoint or starts empty."""
    restart_nonce: pulumi.Output[str | int | None]
    """Any change of it restarts the job."""
    retry_nonce: pulumi.Output[str | int | None]
    """Any change of it lets a change be tried again that was rolled back before."""
    on_failure: pulumi.Output[str | None]
    """What to do with a job that does not run with its new settings."""
    on_conflict: pulumi.Output[str | None]
    """What to do about a property that somebody else changed as well."""
    on_delete: pulumi.Output[str | None]
    """What destroy does with the job."""
    stop_timeout: pulumi.Output[int | None]
    """Most seconds to wait for a stop with its savepoint."""
    start_timeout: pulumi.Output[int | None]
    """Most seconds to wait until the job runs; a cold queue takes 600."""
    settle_time: pulumi.Output[int | None]
    """Seconds in job_running before an update counts as successful."""
    adopt_changes: pulumi.Output[bool | None]
    """Whether adopting a job may change it."""
    job_id: pulumi.Output[str]
    """Id of the job, a decimal string: it can exceed 2^53."""
    update_time: pulumi.Output[int]
    """When the job was last updated, in milliseconds since the epoch."""
    start_time: pulumi.Output[int]
    """When the job last began to run, in milliseconds; separates a restart that was made from one to make."""
    ever_ran: pulumi.Output[bool]
    """Whether the job has run; from then on it starts without its state only where that is asked for."""
    status: pulumi.Output[str]
    """Status of the job when it was last seen, such as `job_running`."""
    rejected: pulumi.Output[dict[str, str]]
    """The last change that was rolled back, by its fingerprint, with its date and the reason."""
    project_id: pulumi.Output[str]
    """Project of the job; a configuration for another one is refused."""
    region: pulumi.Output[str]
    """Region of the job; a configuration for another one is refused."""
    endpoint: pulumi.Output[str]
    """Address of DLI that the job was last managed through."""
    unfinished: pulumi.Output[str]
    """Which operation failed part of the way, and why, until one succeeds or a refresh reads the job."""
    managed: pulumi.Output[list[str]]
    """Names of the inputs that the program sets; separates a removed property from one that DLI chose."""
