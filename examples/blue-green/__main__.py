"""Blue/green: two jobs side by side, each with state and output of its own; the config says which one is live."""

import pulumi

import pulumi_dli as dli

config = pulumi.Config()
colours = config.require_object("colours")
live = config.require("live")

if colours.get(live, {}).get("state") != "running":
    raise pulumi.RunError(f"{live} is live, so its state must be running: switch live first, then stop it")

for colour, own in colours.items():
    dli.FlinkJarJob(
        f"sessions-{colour}",
        name=f"sessions-{colour}",
        queue_name="streaming",
        entrypoint=f"obs://artifacts/sessions-{own['version']}.jar",
        entrypoint_args=f"--consumer-group sessions-{colour} --output obs://results/sessions-{colour}",
        checkpoint_path=f"obs://artifacts/checkpoints/sessions-{colour}",
        resume_checkpoint=True,
        desired_state=own["state"],
        settle_time=config.get_int("settleTime"),
        opts=pulumi.ResourceOptions(protect=colour == live),
    )

pulumi.export("live_output", f"obs://results/sessions-{live}")
