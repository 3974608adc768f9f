"""A pipeline on the queue and the bucket that the platform's stack exports."""

import pulumi
from pipeline import Pipeline

config = pulumi.Config()
platform = pulumi.StackReference(config.require("platform"))

clicks = Pipeline(
    "clicks",
    queue=platform.require_output("queue"),
    bucket=platform.require_output("bucket"),
    version="1.4",
    settle_time=config.get_int("settleTime"),
)

pulumi.export("job_ids", [clicks.ingest.job_id, clicks.sessions.job_id])
