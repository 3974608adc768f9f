"""The program of a test's stack: the jobs of jobs.json, and what they came to as outputs."""

import json
from pathlib import Path

import pulumi

import pulumi_dli as dli

for name, inputs in json.loads(Path("jobs.json").read_text()).items():
    options = pulumi.ResourceOptions(**inputs.pop("opts", {}))
    job = dli.FlinkJarJob(name, inputs, options)
    pulumi.export(name, {"job_id": job.job_id, "status": job.status, "update_time": job.update_time})
