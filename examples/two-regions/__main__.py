"""The same job in two regions: an explicit provider for each, credentials from the environment."""

import pulumi

import pulumi_dli as dli

config = pulumi.Config()

for region, own in config.require_object("regions").items():
    provider = dli.Provider(region, region=region, project_id=own["projectId"], endpoint=own.get("endpoint"))
    job = dli.FlinkJarJob(
        f"clickstream-{region}",
        name="clickstream",
        queue_name="streaming",
        entrypoint=f"obs://artifacts-{region}/clickstream-1.4.jar",
        cu_number=own["cuNumber"],
        settle_time=config.get_int("settleTime"),
        opts=pulumi.ResourceOptions(provider=provider),
    )
    pulumi.export(region, {"job_id": job.job_id, "endpoint": job.endpoint})
