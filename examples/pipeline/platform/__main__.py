"""What several pipelines share. A real one would also create the queue and the bucket."""

import pulumi

config = pulumi.Config()

pulumi.export("queue", config.require("queue"))
pulumi.export("bucket", config.require("bucket"))
