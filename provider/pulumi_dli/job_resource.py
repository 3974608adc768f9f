"""A Flink JAR job as a typed Pulumi resource: what a program declares."""

from __future__ import annotations

from copy import copy
from typing import Any, get_args, get_type_hints

import pulumi
from pulumi.dynamic import Resource
from typing_extensions import Unpack

from pulumi_dli.arguments import FlinkJarJobArgs, FlinkJarJobOutputs
from pulumi_dli.flink_jar_job import FlinkJarJobProvider
from pulumi_dli.schema.properties import SENSITIVE
from pulumi_dli.schema.resource import IMPORT, INPUT_NAMES, OUTPUTS, TYPE, URN


def _may_be_integer(hint: Any) -> bool:
    (kind,) = get_args(hint)
    return int in (kind, *get_args(kind))


class FlinkJarJob(Resource, FlinkJarJobOutputs, module="dli", name="FlinkJarJob"):
    """A Flink JAR job of Data Lake Insight (DLI) on Open Telekom Cloud or Huawei Cloud.

    Properties have DLI's own names and are given as keyword arguments, or together as
    `FlinkJarJobArgs`, which says of each its limits, its default, what a change costs and its source in
    DLI's documents. `entrypoint_args` and `runtime_config` are kept secret by themselves.

    Units: seconds in inputs, milliseconds since the epoch in the outputs `update_time` and `start_time`;
    CUs are DLI's compute units. Errors: what is wrong with the inputs fails in the preview, one line per
    property; what can go wrong later is the tree in `pulumi_dli.errors`, each error one line.
    """

    # Pulumi reads the types of outputs from the class itself alone, again for every job: here are the integers,
    # which would be floats otherwise; all others arrive as what they are.
    __annotations__ = {name: hint for name, hint in get_type_hints(FlinkJarJobOutputs).items() if _may_be_integer(hint)}

    def __init__(
        self,
        resource_name: str,
        args: FlinkJarJobArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **properties: Unpack[FlinkJarJobArgs],
    ) -> None:
        """Declare a job called `resource_name` in the stack; its DLI name is the property `name`."""
        given: dict[str, Any] = {**(args or {}), **properties}
        inputs = {name: _as_secret(name, value) for name, value in given.items() if value is not None}
        opts, imported = _without_import(_in_order(opts or pulumi.ResourceOptions()))
        declared: dict[str, Any] = {
            **dict.fromkeys((*INPUT_NAMES, *(each.name for each in OUTPUTS))),
            **inputs,
        }
        declared[URN] = _own_urn(resource_name, opts.parent)
        declared[IMPORT] = imported
        secret = pulumi.ResourceOptions(additional_secret_outputs=list(SENSITIVE))
        super().__init__(
            FlinkJarJobProvider(),
            resource_name,
            declared,
            pulumi.ResourceOptions.merge(opts, secret),
        )

    @staticmethod
    def get(resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> FlinkJarJob:
        """Look up an existing job by its id, without managing it: `destroy` leaves it alone.

        Fails where no Flink JAR job has this id.
        """
        return FlinkJarJob(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))


def _in_order(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """Let a replacement delete the old job first, unless the program says otherwise: two cannot share a name."""
    first = pulumi.ResourceOptions(delete_before_replace=True)
    return pulumi.ResourceOptions.merge(first, opts) if opts.delete_before_replace is None else opts


def _without_import(opts: pulumi.ResourceOptions) -> tuple[pulumi.ResourceOptions, str | None]:
    """Take `import_` out: Pulumi's host of dynamic providers fails on it before it loads any provider."""
    if not opts.import_:
        return opts, None
    kept = copy(opts)
    kept.import_ = None
    return kept, str(opts.import_)


def _own_urn(resource_name: str, parent: pulumi.Resource | None) -> pulumi.Input[str | None]:
    """Return a job's URN as a value alone: through it a job would depend on its parent, and so on its siblings."""
    if parent is None:  # as `create_urn` has it, which starts several tasks for each job
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{TYPE}::{resource_name}"
    urn = pulumi.create_urn(resource_name, TYPE, parent)
    return pulumi.Output(set(), urn.future(), urn.is_known())


def _as_secret(name: str, value: Any) -> Any:
    return pulumi.Output.secret(value) if name in SENSITIVE else value
