"""One streaming job; each stack's config says how large it is and where it runs."""

import pulumi

import pulumi_dli as dli

config = pulumi.Config()
bucket = config.require("bucket")

job = dli.FlinkJarJob(
    "clickstream",
    name=f"clickstream-{pulumi.get_stack()}",
    desc="Sessions from the click stream",
    queue_name=config.require("queue"),
    entrypoint=f"obs://{bucket}/clickstream-{config.require('version')}.jar",
    main_class="com.example.Clickstream",
    entrypoint_args=config.get_secret("arguments"),
    cu_number=config.require_int("cuNumber"),
    parallel_number=config.require_int("parallelNumber"),
    restart_when_exception=config.require_bool("restartWhenException"),
    resume_checkpoint=True,
    checkpoint_path=f"obs://{bucket}/checkpoints/clickstream",
    smn_topic=config.get("smnTopic"),
    settle_time=config.get_int("settleTime"),
)

pulumi.export("job_id", job.job_id)
pulumi.export("status", job.status)
pulumi.export("update_time", job.update_time)
