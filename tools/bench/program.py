"""The stack that is measured: as many jobs as `bench.json` says, of this provider or of the empty one."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

settings = json.loads(Path("bench.json").read_text(encoding="utf-8"))
if settings["provider"] == "empty":
    Job: Any = import_module("bench.empty_dli").EmptyJob
else:
    Job = import_module("pulumi_dli").FlinkJarJob

for number in range(settings["jobs"]):
    Job(
        f"job-{number}",
        name=f"job-{number}",
        queue_name="streaming",
        entrypoint="obs://artifacts/job.jar",
        settle_time=0,
        **settings["properties"],
    )
