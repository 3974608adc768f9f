"""A job that existed before its stack: adopted as it is, then changed, then owned."""

import pulumi

import pulumi_dli as dli

config = pulumi.Config()

job = dli.FlinkJarJob(
    "orders",
    # Absent once the stack owns the job: `pulumi config rm jobId`.
    job_id=config.get("jobId"),
    # What is set here must be as it is in DLI, or the first `up` refuses; what is not set stays as it is.
    name="orders",
    queue_name="streaming",
    entrypoint="obs://artifacts/orders-2.0.jar",
    cu_number=config.require_int("cuNumber"),
    settle_time=config.get_int("settleTime"),
)

pulumi.export("job_id", job.job_id)
pulumi.export("status", job.status)
