"""A pipeline of two jobs as one component."""

from __future__ import annotations

import pulumi

import pulumi_dli as dli


class Pipeline(pulumi.ComponentResource):
    """Two jobs, `<name>-ingest` and `<name>-sessions`, the second started once the first one runs."""

    def __init__(
        self,
        name: str,
        *,
        queue: pulumi.Input[str],
        bucket: pulumi.Input[str],
        version: str,
        settle_time: int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the pipeline; `queue` and `bucket` may be another stack's outputs."""
        super().__init__("streaming:index:Pipeline", name, None, opts)

        def job(part: str, *before: pulumi.Resource) -> dli.FlinkJarJob:
            return dli.FlinkJarJob(
                f"{name}-{part}",
                name=f"{name}-{part}",
                queue_name=queue,
                entrypoint=pulumi.Output.concat("obs://", bucket, f"/{part}-{version}.jar"),
                settle_time=settle_time,
                opts=pulumi.ResourceOptions(parent=self, depends_on=before),
            )

        self.ingest = job("ingest")
        self.sessions = job("sessions", self.ingest)
        self.register_outputs({"ingest": self.ingest.job_id, "sessions": self.sessions.job_id})
