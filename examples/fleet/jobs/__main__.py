"""The jobs of one stack: its config lists them, each with the inputs of a `FlinkJarJob`."""

import pulumi

import pulumi_dli as dli

jobs = {
    name: dli.FlinkJarJob(name, **{"name": name, **inputs})
    for name, inputs in pulumi.Config("fleet").require_object("jobs").items()
}

pulumi.export("status", {name: job.status for name, job in jobs.items()})
