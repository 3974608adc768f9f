"""The stack that is measured: as many jobs as `bench.json` says, of this provider or of the empty one."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pulumi

settings = json.loads(Path("bench.json").read_text(encoding="utf-8"))
if settings["provider"] == "empty":
    Job: Any = import_module("tools.bench.empty_dli").EmptyJob
else:
    Job = import_module("pulumi_dli").FlinkJarJob

config = pulumi.Config("dli")
shards = [
    import_module("pulumi_dli").Provider(
        f"shard-{number}",
        endpoint=config.get("endpoint"),
        region=config.get("region"),
        project_id=config.get("projectId"),
        auth_url=config.get("authUrl"),
        user_name=config.get("userName"),
        password=config.get("password"),
        domain_name=config.get("domainName"),
    )
    for number in range(settings["shards"])
]
for number in range(settings["jobs"]):
    Job(
        f"job-{number}",
        name=f"job-{number}",
        queue_name="streaming",
        entrypoint="obs://artifacts/job.jar",
        settle_time=0,
        **settings["properties"],
        opts=pulumi.ResourceOptions(provider=shards[number % len(shards)] if shards else None),
    )
