"""The program under test: one streaming job, as large as the stack's config says."""

import pulumi

import pulumi_dli as dli

config = pulumi.Config()
dli.FlinkJarJob(
    "clickstream",
    name="clickstream",
    queue_name="streaming",
    entrypoint="obs://artifacts/clickstream-1.4.jar",
    main_class="com.example.Clickstream",
    cu_number=config.get_int("cuNumber") or 2,
    settle_time=0,
)
