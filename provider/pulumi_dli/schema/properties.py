"""The property table: everything that is known about each property of a Flink JAR job, once.

The models, `check`, `diff`, the PUT body, the read-back, the typed arguments and the reference page
derive from it. Adding a property to the product is adding one declaration here.

Sources: *update*: the page "Updating a Flink Jar Job" of Open Telekom Cloud's DLI API reference
(dli_02_0231); *create*, *details*: its pages on creating a job and on its details; *Huawei*: Huawei
Cloud's pages and SDK models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_dli.errors import CannotResetError
from pulumi_dli.schema.clouds import HUAWEI
from pulumi_dli.schema.property import Cost, Property
from pulumi_dli.schema.value_types import (
    FLAG,
    JSON_TEXT,
    RESOURCES,
    TAGS,
    TEXTS,
    ResourceConfig,
    integer,
    integer_among,
    one_of,
    text,
)


def _slots(wanted: Mapping[str, Any]) -> int:
    """Compute DLI's default of tm_slot_num, a formula over other properties (source: update)."""
    parallel, cus, managers, task_manager_cus = (
        BY_NAME[name].default if wanted.get(name) is None else int(wanted[name])
        for name in ("parallel_number", "cu_number", "manager_cu_number", "tm_cus")
    )
    if cus <= managers or (parallel * task_manager_cus) % (cus - managers):
        raise CannotResetError(
            "tm_slot_num",
            "cannot be removed: its default, (parallel_number*tm_cus)/(cu_number-manager_cu_number), is no whole "
            "number here: set tm_slot_num explicitly",
        )
    return int(parallel * task_manager_cus // (cus - managers))


def _checkpoint_mode(value: Any) -> Any:
    return {"exactly_once": 1, "at_least_once": 2}.get(value, value) if isinstance(value, str) else value


_LIVE_SOURCE = "cost: Huawei's Terraform provider"

PROPERTIES: tuple[Property, ...] = (
    Property(
        "name",
        text(shortest=1, longest=57),
        Cost.RESTART,
        "Name of the job, unique in its project; mandatory unless an existing job is adopted.",
        "update, create",
        no_reset="a job always has a name: set one",
        kept_in="job_detail",
    ),
    Property(
        "desc", text(longest=512), Cost.RESTART, "Description of the job.", "update", default="", kept_in="job_detail"
    ),
    Property(
        "queue_name",
        text(shortest=1, longest=128),
        Cost.RESTART,
        "Queue that the job runs in; it must exist.",
        "update",
        no_reset="DLI documents no default queue: name the queue to use",
        kept_in="job_detail",
    ),
    Property(
        "cu_number",
        integer(at_least=2, at_most=400),
        Cost.RESTART,
        "CUs (compute units) of the job, the managers' included; not used with resource_config_version v2.",
        "update; limits: details",
        default=2,
    ),
    Property(
        "manager_cu_number",
        integer(at_least=1),
        Cost.RESTART,
        "CUs of the management node, that is the number of Flink JobManagers.",
        "update",
        default=1,
    ),
    Property(
        "parallel_number",
        integer(at_least=1, at_most=2000),
        Cost.RESTART,
        "Number of operators' parallel instances.",
        "update; limits: details",
        default=1,
    ),
    Property(
        "log_enabled", FLAG, Cost.RESTART, "Whether the job's log is kept, in obs_bucket.", "update", default=False
    ),
    Property(
        "obs_bucket",
        text(),
        Cost.LIVE,
        "OBS path that users have authorised for logs; used with log_enabled.",
        f"update; {_LIVE_SOURCE}",
        default="",
    ),
    Property(
        "smn_topic",
        text(),
        Cost.LIVE,
        "SMN topic that gets a message when the job fails.",
        f"update; {_LIVE_SOURCE}",
        default="",
    ),
    Property(
        "main_class",
        text(),
        Cost.RESTART,
        "Java class with the entry point.",
        "update",
        default="",
        kept_in="job_detail",
    ),
    Property(
        "entrypoint_args",
        text(),
        Cost.RESTART,
        "Arguments of the main class, separated by spaces. Kept secret: often holds passwords.",
        "update",
        default="",
        kept_in="job_detail",
        sensitive=True,
    ),
    Property(
        "restart_when_exception",
        FLAG,
        Cost.LIVE,
        "Whether DLI restarts the job after an exception.",
        f"update; {_LIVE_SOURCE}",
        default=False,
    ),
    Property(
        "entrypoint",
        text(),
        Cost.RESTART,
        "JAR with the main class: `obs://bucket/key.jar`, or the name of a package uploaded to DLI "
        "(not with Flink 1.15 or later).",
        "update, create",
        no_reset="a job cannot do without its JAR: name one",
    ),
    Property(
        "dependency_jars",
        TEXTS,
        Cost.RESTART,
        "Further JARs: `obs://bucket/key.jar` or `group/package.jar`.",
        "update, create",
        default=(),
    ),
    Property(
        "dependency_files",
        TEXTS,
        Cost.RESTART,
        "Files for the job: `obs://bucket/key` or `group/package.csv`.",
        "update, create",
        default=(),
    ),
    Property("tm_cus", integer(at_least=1), Cost.RESTART, "CUs of each TaskManager.", "update", default=1),
    Property(
        "tm_slot_num",
        integer(at_least=1),
        Cost.RESTART,
        "Slots of each TaskManager; DLI computes "
        "(parallel_number*tm_cus)/(cu_number-manager_cu_number) where it is absent.",
        "update",
        reset_by=_slots,
    ),
    Property(
        "resume_checkpoint",
        FLAG,
        Cost.LIVE,
        "Whether a restart after an exception goes on from the last checkpoint.",
        f"update; default: Huawei; {_LIVE_SOURCE}",
        default=False,
    ),
    Property(
        "resume_max_num",
        integer_among(lambda n: n == -1 or n > 0, "-1 or greater than 0"),
        Cost.LIVE,
        "Most restarts after exceptions, per hour; -1 is without limit.",
        f"update; {_LIVE_SOURCE}",
        default=-1,
    ),
    Property(
        "checkpoint_path",
        text(),
        Cost.LIVE,
        "OBS path of the checkpoints that the JAR itself writes, unique per job; used with resume_checkpoint.",
        f"update; {_LIVE_SOURCE}",
        default="",
    ),
    Property(
        "runtime_config",
        JSON_TEXT,
        Cost.RESTART,
        'Flink settings as JSON text, `[{"key": ..., "value": ...}]`. Kept secret. Compared by meaning, not as text.',
        "update; form: Huawei",
        default="",
        sensitive=True,
    ),
    Property(
        "job_type",
        one_of("flink_jar_job"),
        Cost.RESTART,
        "Type of the job.",
        "update",
        default="flink_jar_job",
        kept_in="job_detail",
    ),
    Property(
        "checkpoint_enabled", FLAG, Cost.RESTART, "Whether DLI takes checkpoints.", "create, details", default=False
    ),
    Property(
        "checkpoint_mode",
        integer_among(lambda n: n in {1, 2}, "1 (exactly once) or 2 (at least once)"),
        Cost.RESTART,
        "Mode of the checkpoints.",
        "create, details",
        default=1,
        read=_checkpoint_mode,
    ),
    Property(
        "checkpoint_interval",
        integer(at_least=1),
        Cost.RESTART,
        "Seconds between checkpoints.",
        "create, details",
        default=10,
    ),
    Property(
        "execution_agency_urn",
        text(),
        Cost.RESTART,
        "Name of the agency that the job acts as; Flink 1.15 or later.",
        "create, details",
        default="",
    ),
    Property(
        "resource_config_version",
        one_of("v1", "v2"),
        Cost.RESTART,
        "v1: CU numbers count; v2: resource_config counts.",
        "create, details",
        default="v1",
    ),
    Property(
        "resource_config",
        RESOURCES,
        Cost.RESTART,
        "Slots, parallelism, CPU cores (at least 0.5) and memory (at least 2 GB, in MB or GB) of the "
        "managers; used with resource_config_version v2.",
        "create, details",
        default=ResourceConfig().model_dump(),
    ),
    Property(
        "tags",
        TAGS,
        Cost.NONE,
        "Tags of the job, at most 20; set when the job is created.",
        "create",
        default=(),
        create_only=True,
        no_reset="tags can only be set when the job is created",
    ),
    Property(
        "feature",
        one_of("basic", "custom"),
        Cost.RESTART,
        "Kind of the Flink image: basic or custom.",
        "Huawei",
        clouds=(HUAWEI,),
        no_reset="no default is documented: set it explicitly",
    ),
    Property(
        "flink_version",
        text(),
        Cost.RESTART,
        "Flink's version, such as `1.15`.",
        "Huawei",
        clouds=(HUAWEI,),
        no_reset="no default is documented: set it explicitly",
    ),
    Property(
        "image", text(), Cost.RESTART, "Custom image, with feature custom.", "Huawei", default="", clouds=(HUAWEI,)
    ),
    Property(
        "flink_log_config", JSON_TEXT, Cost.RESTART, "Log levels as JSON text.", "Huawei", default="", clouds=(HUAWEI,)
    ),
)

BY_NAME: Mapping[str, Property] = {each.name: each for each in PROPERTIES}
SENSITIVE: tuple[str, ...] = tuple(each.name for each in PROPERTIES if each.sensitive)
