"""Flink JAR jobs on Data Lake Insight (DLI) as Pulumi resources.

`import pulumi_dli as dli`, then `dli.FlinkJarJob("clickstream", name="clickstream", ...)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_dli.version import __version__

__all__ = ["FlinkJarJob", "FlinkJarJobArgs", "Provider", "__version__"]

if TYPE_CHECKING:
    from pulumi_dli.arguments import FlinkJarJobArgs
    from pulumi_dli.job_resource import FlinkJarJob
    from pulumi_dli.provider import Provider


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: the emulator and the pure core need no Pulumi."""
    from importlib import import_module  # noqa: PLC0415

    homes = {"FlinkJarJob": "job_resource", "FlinkJarJobArgs": "arguments", "Provider": "provider"}
    if name not in homes:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{homes[name]}"), name)
