"""A JAR that is replaced under one path: its hash is the restart_nonce, so new content restarts the job."""

import hashlib
from pathlib import Path

import pulumi

import pulumi_dli as dli

config = pulumi.Config()
jar = Path(config.require("jar"))

job = dli.FlinkJarJob(
    "clickstream",
    name="clickstream",
    queue_name="streaming",
    entrypoint="obs://artifacts/clickstream-latest.jar",
    restart_nonce=hashlib.sha256(jar.read_bytes()).hexdigest(),
    settle_time=config.get_int("settleTime"),
)

pulumi.export("restart_nonce", job.restart_nonce)
