"""Several jobs by a loop: the stack's config lists them, each with what is its own."""

import pulumi

import pulumi_dli as dli

config = pulumi.Config()

jobs = {
    name: dli.FlinkJarJob(
        name,
        name=f"{name}-{pulumi.get_stack()}",
        queue_name="streaming",
        entrypoint=f"obs://artifacts/{name}-{own['version']}.jar",
        cu_number=own["cuNumber"],
        parallel_number=own["parallelNumber"],
        desired_state=own.get("desiredState"),
        settle_time=config.get_int("settleTime"),
    )
    for name, own in config.require_object("jobs").items()
}

pulumi.export("status", {name: job.status for name, job in jobs.items()})
